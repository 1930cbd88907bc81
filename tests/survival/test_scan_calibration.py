"""The Cox scan under shuffled genotypes: 265 people, few events, delayed entry."""

import numpy as np
import pytest

from alsrev_dagster.survival.cox_null import CoxNull, cox_null
from alsrev_dagster.survival.cox_scan import cox_scan
from alsrev_dagster.survival.scan_inflation import scan_inflation
from alsrev_dagster.survival.scan_rows import scan_columns
from alsrev_dagster.survival.score_scan import score_scan
from tests.survival.made_scan import codes, genotypes, people

pytestmark = pytest.mark.long

N, N_EVENT, N_DATA, N_VARIANT = 265, 22, 24, 400


def reversal_cohort(seed: int, n_event: int = N_EVENT, *, is_tied: bool = True) -> CoxNull:
    """Visits every three months, 22 events, two strata."""
    rng = np.random.default_rng(seed)
    entry = np.floor(rng.gamma(2, 8, N))
    event = np.zeros(N, dtype=bool)
    event[rng.choice(N, n_event, replace=False)] = True
    followed = rng.gamma(2, 6, N)
    leaving = entry + (3 * np.ceil(followed) if is_tied else followed)
    return cox_null(leaving, event, entry_months=entry, stratum=np.arange(N) % 2)


def strangers(seed: int, mac: int) -> np.ndarray:
    """Codes of variants with so many minor alleles, strewn at random."""
    rng = np.random.default_rng(seed)
    code = np.zeros((N_VARIANT, N), dtype=np.uint8)
    for row in code:
        np.add.at(row, rng.choice(2 * N, mac, replace=False) // 2, 1)
    return code


def rates(mac: int, alpha: float) -> dict[str, tuple[float, float]]:
    """Share of P values at most alpha, and its Monte Carlo error, over drawn cohorts."""
    found: dict[str, list[float]] = {"normal": [], "saddlepoint": [], "record": []}
    for seed in range(N_DATA):
        null = reversal_cohort(seed)
        scan = cox_scan(null, genotypes(strangers(1000 * mac + seed, mac)), n_thread=1)
        record = scan_columns(scan, ("additive",))["p_value"]
        columns = (scan.score.normal_p[:, 0], scan.score.screen_p[:, 0], record)
        for name, p in zip(found, columns, strict=True):
            found[name].append(float((p <= alpha).mean()))
    return {k: (float(np.mean(v)), float(np.std(v) / N_DATA**0.5)) for k, v in found.items()}


@pytest.mark.parametrize(("mac", "alpha"), [(20, 0.05), (60, 0.05), (60, 0.01)])
def test_p_of_record_and_saddlepoint_keep_their_level(mac: int, alpha: float) -> None:
    found = rates(mac, alpha)
    for name in ("saddlepoint", "record"):
        rate, error = found[name]
        assert rate <= alpha + 3 * error, (name, rate, error)
        assert rate >= 0.6 * alpha, (name, rate)


@pytest.mark.parametrize("is_tied", [True, False])
@pytest.mark.parametrize("n_event", [22, 60])
@pytest.mark.parametrize("mac", [1, 2, 3, 4])
def test_p_of_record_keeps_its_level_where_few_carry(mac: int, n_event: int, is_tied: bool) -> None:
    """Exact on the average over placements; the saddlepoint alone errs up to some three times."""
    alphas = np.array([0.05, 0.01, 0.001])
    found, screened = np.zeros((N_DATA, 3)), np.zeros((N_DATA, 3))
    for seed in range(N_DATA):
        null = reversal_cohort(seed, n_event, is_tied=is_tied)
        code = strangers(5000 * mac + seed, mac)
        scan = cox_scan(null, genotypes(code), n_thread=1)
        record = scan_columns(scan, ("additive",))["p_value"]
        found[seed] = (record[:, None] <= alphas).mean(axis=0)
        screened[seed] = (scan.score.screen_p <= alphas).mean(axis=0)
    error = np.maximum(found.std(axis=0), (alphas / N_VARIANT) ** 0.5) / N_DATA**0.5
    rate = found.mean(axis=0)
    assert (rate <= alphas + 3 * error).all(), (rate, error)
    assert rate[0] > 0
    assert screened.mean(axis=0)[1] > rate[1]


def test_normal_tail_is_wrong_where_the_saddlepoint_is_not() -> None:
    """At 10 minor alleles and P 0.001 the normal tail errs some ten times as often as it says."""
    found = rates(10, 0.001)
    assert found["normal"][0] > 5 * 0.001
    assert found["record"][0] <= 0.001 + 3 * found["record"][1] + 5e-4


def test_p_of_record_is_the_larger_of_the_two_and_names_it() -> None:
    null = reversal_cohort(3)
    models = ("additive", "recessive")
    scan = cox_scan(null, genotypes(codes(3, 300, N)), models)
    column = scan_columns(scan, models)
    both = ~np.isnan(column["firth_p_value"]) & scan.score.has_root.ravel()
    firth, screen = column["firth_p_value"][both], scan.score.screen_p.ravel()[both]
    np.testing.assert_array_equal(column["p_value"][both], np.maximum(firth, screen))
    named = column["method"][both]
    assert set(named[firth > screen]) == {"cox_firth_lrt"}
    assert set(named[firth < screen]) == {"cox_saddlepoint"}
    one_model = column["n_event_het"][::2] + column["n_event_hom_alt"][::2]
    assert (one_model + column["n_event_hom_ref"][::2] == column["n_event"][::2]).all()
    untested = np.isnan(column["score_z"])
    assert untested.any()
    assert (column["p_value"][untested] == 1).all()
    assert set(column["fit_status"][untested]) <= {"monomorphic", "no_events"}
    assert set(column["fit_status"][~untested & np.isnan(column["hazard_ratio"])]) == {"screened"}


def test_fit_with_covariates_is_named_as_an_offset() -> None:
    who = people(2, 80, n_covariate=1)
    scan = cox_scan(who.null, genotypes(codes(2, 40, 80)), refine_p_max=1.0)
    methods = set(scan_columns(scan, ("additive",))["method"])
    assert methods <= {"cox_firth_lrt_offset", "cox_saddlepoint", "cox_score"}
    assert "cox_firth_lrt_offset" in methods


def test_inflation_is_the_median_of_squared_z_and_shuffles_stay_in_their_stratum() -> None:
    who = people(4, 120, n_stratum=2)
    code = codes(4, 200, 120, missing=0.0)
    code[:, who.stratum == 0] = 0  # nobody there carries anything
    genotype = genotypes(code)
    found = scan_inflation(
        who.null, genotype, ("additive",), n_permutation=40, generator=np.random.default_rng(1)
    )
    z = score_scan(who.null, genotype).z[:, 0]
    assert found.lambda_gc[0] == pytest.approx(np.nanmedian(z**2) / 0.4549364)
    assert found.n_variant.tolist() == [(~np.isnan(z)).sum()]
    lower, upper = np.quantile(found.permuted[:, 0], [0.0, 1.0])
    assert lower < 1 < upper
    again = scan_inflation(
        who.null, genotype, ("additive",), n_permutation=40, generator=np.random.default_rng(1)
    )
    np.testing.assert_array_equal(again.permuted, found.permuted)


def test_inflation_without_shuffles_has_no_envelope() -> None:
    who = people(5, 60)
    found = scan_inflation(
        who.null, genotypes(codes(5, 20, 60)), ("additive", "dominant"),
        n_permutation=0, generator=np.random.default_rng(1),
    )  # fmt: skip
    assert len(found.permuted) == 0
    assert found.lambda_gc.shape == (2,)


def test_nothing_that_varies_has_no_inflation() -> None:
    who = people(6, 30)
    found = scan_inflation(
        who.null, genotypes(np.zeros((3, 30), dtype=np.uint8)), ("additive",),
        n_permutation=2, generator=np.random.default_rng(1),
    )  # fmt: skip
    assert np.isnan(found.lambda_gc).all()
    assert found.n_variant.tolist() == [0]
