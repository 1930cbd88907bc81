"""Columns of the survival scan: which P is of record, and by which test."""

from math import comb

import numpy as np
import pytest

from alsrev_dagster.survival.cox_null import cox_null
from alsrev_dagster.survival.cox_scan import cox_scan
from alsrev_dagster.survival.scan_rows import scan_columns
from tests.survival.made_scan import codes, genotypes, people


def rare(seed: int, n: int) -> np.ndarray:
    """Variants of one to six carriers."""
    rng, code = np.random.default_rng(seed), np.zeros((300, n), dtype=np.uint8)
    for place, row in enumerate(code):
        row[rng.choice(n, 1 + place % 6, replace=False)] = 1
    return code


def test_largest_p_is_of_record_and_there_is_an_exact_one_where_few_carry() -> None:
    who, code = people(21, 120), rare(21, 120)
    scan = cox_scan(who.null, genotypes(code))
    column = scan_columns(scan, ("additive",))
    few = code.sum(axis=1) <= 4
    is_promising = (scan.score.screen_p[:, 0] < 0.05) | ~scan.score.has_root[:, 0]
    is_exact = few & is_promising & ~np.isnan(column["score_z"])
    np.testing.assert_array_equal(~np.isnan(column["permutation_p_value"]), is_exact)
    assert 5 < is_exact.sum() < few.sum()
    exact, record = column["permutation_p_value"][is_exact], column["p_value"][is_exact]
    of_screen = np.where(scan.score.has_root, scan.score.saddlepoint_p, np.nan)[is_exact, 0]
    largest = np.fmax(np.fmax(exact, column["firth_p_value"][is_exact]), of_screen)
    np.testing.assert_array_equal(record, largest)
    is_named = column["method"] == "cox_permutation_exact"
    np.testing.assert_array_equal(is_named[is_exact], exact == largest)
    assert 0 < is_named.sum() < is_exact.sum()
    assert not is_named[~is_exact].any()
    screened = few & ~is_promising
    assert (column["p_value"][screened] >= 0.05).all()


def test_column_says_which_firth_fit_its_numbers_are_of() -> None:
    who, code = people(22, 100, n_covariate=2), codes(22, 80, 100)
    scan = cox_scan(who.null, genotypes(code), refine_p_max=0.5, joint_p_max=0.1)
    column = scan_columns(scan, ("additive",))
    is_fitted = ~np.isnan(column["firth_p_value"])
    assert set(column["firth_method"][is_fitted]) == {"cox_firth_lrt", "cox_firth_lrt_offset"}
    assert set(column["firth_method"][~is_fitted]) == {None}
    assert np.isnan(column["permutation_p_value"]).all()
    of_firth = np.array([one.startswith("cox_firth") for one in column["method"]])
    np.testing.assert_array_equal(column["method"][of_firth], column["firth_method"][of_firth])
    assert {"cox_firth_lrt", "cox_firth_lrt_offset"} <= set(column["method"])
    larger = np.fmax(column["firth_p_value"], scan.score.screen_p[:, 0])
    has_root = scan.score.has_root[:, 0]
    np.testing.assert_array_equal(column["p_value"][has_root], larger[has_root])


def test_long_follow_up_without_the_event_is_not_a_small_p_of_record() -> None:
    """Four who outlast all others: a rare placement, but few events were expected of them."""
    months, carrier = np.arange(1.0, 101.0), np.arange(100) >= 96
    null = cox_null(months, ~carrier & (np.arange(100) % 3 == 0))
    scan = cox_scan(null, genotypes(carrier.astype(np.uint8)[None]), refine_p_max=1.0)
    column = scan_columns(scan, ("additive",))
    assert -null.martingale[carrier].sum() == pytest.approx(3.9, abs=0.05)
    assert column["permutation_p_value"][0] == pytest.approx(19 / comb(100, 4))
    assert column["p_value"][0] == column["firth_p_value"][0] == pytest.approx(0.0132, abs=5e-5)
