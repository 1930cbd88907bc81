"""Stratified tables: variance by enumeration, Breslow & Day by a solver, symmetries, odd tables."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import chi2_contingency

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.cmh import exposure_tables, mantel_haenszel, mantel_trend

Table = NDArray[np.int64]
seeds = st.integers(0, 2**32 - 1)


def tables(seed: int, n: int, n_stratum: int, low: int = 0) -> Table:
    return np.random.default_rng(seed).integers(low, 30, size=(n, n_stratum, 2, 2))


def test_exposure_counts_carriers_homozygotes_and_alleles() -> None:
    case, control = np.array([[[10, 9, 3]]]), np.array([[[95, 8, 0]]])
    found = {
        name: exposure_tables(case, control, name)[0, 0].tolist()
        for name in ("dominant", "recessive", "allelic")
    }  # type: ignore[arg-type]
    assert found == {
        "dominant": [[12, 10], [8, 95]],
        "recessive": [[3, 19], [0, 103]],
        "allelic": [[15, 29], [8, 198]],
    }


@pytest.mark.parametrize("case", [[2, 1, 1], [0, 2, 1]])
def test_z_is_centred_and_scaled_by_every_labelling(case: list[int]) -> None:
    control = np.array([4, 2, 1])
    value = np.repeat([0, 1, 2], case + control)
    drawn = [value[list(some)].sum() for some in combinations(range(len(value)), sum(case))]
    expected = (np.dot(case, [0, 1, 2]) - np.mean(drawn)) / np.std(drawn)
    found = mantel_trend(np.array([[case]]), control[None, None], (0, 1, 2))
    assert found.z[0] == pytest.approx(expected, rel=1e-12)


@given(seeds, st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_a_trend_over_two_categories_is_the_uncorrected_test(seed: int, n_stratum: int) -> None:
    table = tables(seed, 5, n_stratum)
    trend = mantel_trend(table[:, :, 0], table[:, :, 1], (1, 0))
    np.testing.assert_allclose(trend.z**2, mantel_haenszel(table).statistic, rtol=1e-9, atol=1e-12)


def test_one_stratum_is_the_table_itself() -> None:
    table = tables(1, 20, 1, low=1)
    found = mantel_haenszel(table)
    cells = table[:, 0].astype(float)
    a, b, c, d = cells.reshape(-1, 4).T
    np.testing.assert_allclose(found.odds_ratio, a * d / (b * c), rtol=1e-12)
    np.testing.assert_allclose(found.log_standard_error**2, 1 / a + 1 / b + 1 / c + 1 / d)
    assert np.isnan(found.homogeneity_p_value).all()
    for i, square in enumerate(cells):
        chi_square = chi2_contingency(square, correction=False)[0]
        n = square.sum()
        assert found.statistic[i] == pytest.approx(chi_square * (n - 1) / n, rel=1e-9)


def test_homogeneity_expects_the_tables_of_the_common_odds_ratio() -> None:
    table = tables(2, 10, 3, low=1)
    found = mantel_haenszel(table)
    for i, strata in enumerate(table.astype(float)):
        apart, variance = [], []
        for (a, b), (c, d) in strata:

            def excess(
                x: float,
                row: float = a + b,
                column: float = a + c,
                rest: float = d - a,
                odds: float = found.odds_ratio[i],
            ) -> float:
                return x * (rest + x) - odds * (row - x) * (column - x)

            low, high = max(0.0, a - d), min(a + b, a + c)
            x = float(brentq(excess, low, high, xtol=1e-13))
            apart.append(a - x)
            variance.append(1 / (1 / x + 1 / (a + b - x) + 1 / (a + c - x) + 1 / (d - a + x)))
        breslow_day = float(np.sum(np.square(apart) / variance))
        assert found.homogeneity_statistic[i] == pytest.approx(breslow_day, rel=1e-8)
        tarone = breslow_day - np.sum(apart) ** 2 / np.sum(variance)
        assert found.tarone_statistic[i] == pytest.approx(tarone, rel=1e-8)


@given(seeds, st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_symmetries(seed: int, n_stratum: int) -> None:
    table = tables(seed, 5, n_stratum)
    found = mantel_haenszel(table)
    for turned in (table[:, :, ::-1], table[:, :, :, ::-1]):
        other = mantel_haenszel(turned)
        with np.errstate(divide="ignore"):
            np.testing.assert_allclose(other.odds_ratio, 1 / found.odds_ratio, rtol=1e-9)
        np.testing.assert_allclose(other.ci_lower, 1 / found.ci_upper, rtol=1e-9)
        for name in ("p_value", "corrected_p_value", "homogeneity_p_value", "tarone_p_value"):
            np.testing.assert_allclose(getattr(other, name), getattr(found, name), rtol=1e-6)
    reordered = mantel_haenszel(table[:, ::-1])
    for name, values in vars(found).items():
        np.testing.assert_allclose(vars(reordered)[name], values, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(
    "nothing", [[[0, 0], [0, 0]], [[3, 4], [0, 0]], [[0, 4], [0, 9]], [[7, 0], [2, 0]]]
)
def test_a_stratum_that_says_nothing_changes_nothing(nothing: list[list[int]]) -> None:
    table = tables(3, 20, 2)
    more = np.concatenate([table, np.broadcast_to(nothing, (20, 1, 2, 2))], axis=1)
    found, expected = mantel_haenszel(more), mantel_haenszel(table)
    for name, values in vars(expected).items():
        np.testing.assert_allclose(vars(found)[name], values, rtol=1e-12)
    trend = mantel_trend(table[:, :, 0], table[:, :, 1], (1, 0))
    with_more = mantel_trend(more[:, :, 0], more[:, :, 1], (1, 0))
    np.testing.assert_allclose(with_more.z, trend.z, rtol=1e-12, atol=1e-15)


def test_identical_strata_agree_perfectly() -> None:
    found = mantel_haenszel(np.array([[[[3, 19], [5, 98]]] * 3]))
    assert found.homogeneity_statistic[0] == pytest.approx(0, abs=1e-12)
    assert found.odds_ratio[0] == pytest.approx(3 * 98 / (19 * 5))


def test_nothing_seen_and_empty_products() -> None:
    table = np.array([[[[3, 19], [0, 243]]], [[[0, 22], [3, 240]]], [[[0, 22], [0, 243]]]])
    found = mantel_haenszel(table)
    assert found.odds_ratio[:2].tolist() == [np.inf, 0]
    assert np.isnan(found.odds_ratio[2])
    assert np.isnan(found.ci_lower).all()
    assert found.p_value[2] == found.corrected_p_value[2] == 1
    assert found.n_stratum.tolist() == [1, 1, 0]


def test_the_continuity_correction_never_turns_the_sign() -> None:
    # R corrects only an excess of at least a half; here it is 3 - 22 * 32 / 265 = 0.34.
    table = np.array([[[[3, 19], [29, 214]]]])
    found = mantel_haenszel(table)
    assert found.corrected_statistic[0] == found.statistic[0] > 0


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (np.zeros((1, 2, 2), dtype=np.int64), r"tables have shape \(1, 2, 2\) and a smallest"),
        (np.full((1, 1, 2, 2), -1), r"count of -1: expected \(n_variant, n_stratum, 2, 2\) and"),
    ],
)
def test_what_is_no_table_is_refused(table: Table, message: str) -> None:
    with pytest.raises(InputDataError, match=message):
        mantel_haenszel(table)


def test_scores_that_do_not_fit_are_refused() -> None:
    counts = np.zeros((1, 1, 3), dtype=np.int64)
    with pytest.raises(InputDataError, match=r"and there are 2 scores: expected \(n_variant"):
        mantel_trend(counts, counts, (0, 1))
