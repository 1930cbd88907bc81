"""Type-I error under shuffled labels: the P values are the tests' own, the errors are of labellings."""

import numpy as np
import pytest
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.calibration import (
    MAC_STRATA,
    TESTS,
    THRESHOLDS,
    NullTables,
    TypeOneError,
    TypeOneTally,
    mac_stratum,
)
from alsrev_dagster.stats.exact import exact_conditional_p
from alsrev_dagster.stats.firth import firth_logistic, firth_test
from alsrev_dagster.stats.permutation import permuted_labels
from alsrev_dagster.stats.table_score import table_score
from tests.stats.test_stats_permutation import counted, genotypes

FIRTH, EXACT, MID_P, SCORE, SADDLEPOINT = range(len(TESTS))
N_CASE = 22


def null(n_control: int, seed: int, n: int = 1500, m: int = 60) -> TypeOneError:
    """Rare and common variants of no effect, 22 cases, under shuffled labels."""
    rng, n_sample = np.random.default_rng(seed), N_CASE + n_control
    freq = rng.beta(0.3, 3.0, size=(n, 1))
    packed = pack(rng.binomial(2, freq, size=(n, n_sample)).astype(np.uint8))
    one, is_case = np.zeros(n_sample), np.arange(n_sample) < N_CASE
    tables = NullTables(permuted_labels(is_case, one, n_permutation=m, generator=rng), one)
    tally = TypeOneTally(m)
    tally.add(tables.mac(packed), tables.p_values(packed, (0, 1, 2)))
    return tally.type_one_error()


@pytest.mark.parametrize("score", [(0, 1, 2), (0, 1, 1), (0, 0, 1)])
def test_p_values_are_those_of_the_tests_of_each_labelling(score: tuple[int, int, int]) -> None:
    genotype = genotypes(1, 90, n_sample=60, missing=0.05)
    stratum, is_case = np.arange(60) % 2, np.arange(60) < 14
    labels = permuted_labels(is_case, stratum, n_permutation=3, generator=np.random.default_rng(2))
    found = NullTables(labels, stratum).p_values(pack(genotype), score)
    for place, label in enumerate(labels):
        tables = counted(genotype, label, stratum), counted(genotype, ~label, stratum)
        screened = table_score(*tables, score)
        expected = {
            FIRTH: firth_logistic(*tables, score).p_value,
            EXACT: exact_conditional_p(*tables, score),
            SCORE: screened.p_value,
            SADDLEPOINT: screened.saddlepoint_p_value,
        }
        for test, p_value in expected.items():
            np.testing.assert_allclose(found[:, place, test], p_value, rtol=1e-6, atol=1e-12)


def test_blocks_and_models_share_the_tables_that_are_solved() -> None:
    genotype, stratum = genotypes(3, 200, n_sample=40), np.zeros(40)
    labels = permuted_labels(
        np.arange(40) < 9, stratum, n_permutation=5, generator=np.random.default_rng(4)
    )
    whole, parts = NullTables(labels, stratum), NullTables(labels, stratum)
    expected = whole.p_values(pack(genotype), (0, 1, 1))
    found = [parts.p_values(pack(block), (0, 1, 1)) for block in np.array_split(genotype, 9)]
    np.testing.assert_allclose(np.concatenate(found), expected, rtol=1e-12)
    assert parts.n_distinct == whole.n_distinct
    n_solved = whole.n_distinct
    whole.p_values(pack(genotype), (0, 1, 1))
    assert whole.n_distinct == n_solved


def test_minor_allele_counts_leave_missing_calls_out() -> None:
    genotype = np.array([[0, 1, 2, 3], [2, 2, 2, 1], [0, 0, 0, 0], [3, 3, 3, 3]], dtype=np.uint8)
    tables = NullTables(np.array([[True, False, False, False]] * 2), np.array([0, 0, 1, 1]))
    assert tables.mac(pack(genotype)).tolist() == [3, 1, 0, 0]
    assert mac_stratum(np.array([3, 1, 0])).tolist() == [1, 0, -1]


def test_rates_and_errors_are_those_of_the_labellings() -> None:
    rng = np.random.default_rng(5)
    mac, p_value = rng.integers(0, 40, size=300), rng.uniform(size=(300, 20, len(TESTS))) ** 3
    p_value[:7, :, SADDLEPOINT] = np.nan
    tally = TypeOneTally(20)
    for block in np.array_split(np.arange(300), 4):
        tally.add(mac[block], p_value[block])
    found = tally.type_one_error()
    ranges = [(1, 1), (2, 4), (5, 9), (10, 19), (20, 99), (1, 99)]
    assert len(ranges) == len(MAC_STRATA)
    for place, (low, high) in enumerate(ranges):
        mine = (mac >= low) & (mac <= high)
        assert found.n_variant[place] == mine.sum()
        for t, threshold in enumerate(THRESHOLDS):
            share = np.nan_to_num(p_value[mine], nan=1.0) <= threshold
            by_labelling = share.mean(axis=0)
            np.testing.assert_allclose(found.rate[place, :, t], by_labelling.mean(axis=0))
            least = np.sqrt(threshold * (1 - threshold) / (20 * mine.sum()))
            error = np.maximum(by_labelling.std(axis=0, ddof=1) / np.sqrt(20), least)
            np.testing.assert_allclose(found.monte_carlo_error[place, :, t], error)


def test_a_test_that_rejects_too_often_is_told_and_one_without_variants_is_not() -> None:
    rng = np.random.default_rng(6)
    p_value = rng.uniform(size=(400, 50, len(TESTS)))
    p_value[:, :, SCORE] /= 1.5
    tally = TypeOneTally(50)
    tally.add(np.full(400, 30), p_value)
    wrong = tally.type_one_error().is_anti_conservative
    assert wrong[4, SCORE, 0]
    assert wrong[5, SCORE, 0]
    assert not wrong[:4].any()


@pytest.mark.parametrize("n_control", [103, 140, 243])
def test_tests_of_record_keep_their_level_but_for_firth_at_one_carrier(n_control: int) -> None:
    found = null(n_control, seed=n_control)
    limit = found.rate - 2 * found.monte_carlo_error
    assert (limit[:, EXACT] <= np.array(THRESHOLDS)).all()
    # Given one carrier, P is below 0.05 when it is a case: 22 in 162, 22 in 265 labellings.
    assert (limit[1:, FIRTH] <= np.array(THRESHOLDS)).all()
    assert (limit[:, FIRTH, 1:] <= np.array(THRESHOLDS[1:])).all()
    one = counts(N_CASE, 1), counts(n_control, 0)
    is_below = firth_test(*one, (0, 1, 2)).p_value[0] <= 0.05
    assert is_below == (n_control != 103)
    expected = N_CASE / (N_CASE + n_control) if is_below else 0.0
    assert found.rate[0, FIRTH, 0] == pytest.approx(expected, abs=0.03)
    assert found.is_anti_conservative[0, FIRTH, 0] == is_below
    assert found.is_anti_conservative[:, SCORE].any()


def counts(n: int, n_het: int) -> NDArray[np.int64]:
    return np.array([[[n - n_het, n_het, 0]]])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InputDataError, match="1 labellings are wanted: expected at least 2"):
        TypeOneTally(1)
    with pytest.raises(InputDataError, match=r"shape \(3, 2, 4\): expected \(3, 2, 5\), variants"):
        TypeOneTally(2).add(np.ones(3, dtype=np.int64), np.ones((3, 2, 4)))
