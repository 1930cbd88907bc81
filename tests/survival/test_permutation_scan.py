"""The exact permutation of a Cox score against every placement written out."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival import permutation_scan as module
from alsrev_dagster.survival.cox_null import CoxNull, cox_null
from alsrev_dagster.survival.permutation_scan import permutation_scan
from alsrev_dagster.survival.risk import FloatArray
from alsrev_dagster.survival.scan_genotypes import CODING
from alsrev_dagster.survival.score_scan import score_scan
from tests.survival.made_scan import MISSING, coded, codes, genotypes, people

MODELS = tuple(CODING)


def exact(null: CoxNull, code: np.ndarray, models: tuple[str, ...] = MODELS) -> FloatArray:
    """P of every variant under every model."""
    return permutation_scan(
        null, genotypes(code), np.ones((len(code), len(models)), dtype=bool), models
    )


def savage(n: int) -> CoxNull:
    """People who have the event one after the other."""
    return cox_null(np.arange(1.0, n + 1), np.ones(n, dtype=bool))


def carriers(n: int, *carrier: int) -> np.ndarray:
    code = np.zeros((1, n), dtype=np.uint8)
    code[0, list(carrier)] = 1
    return code


def written_out(null: CoxNull, value: FloatArray) -> float:
    """Every placement of a variant's values among those with a call, stratum by stratum."""
    far, seen = np.zeros(1), 0.0
    for one in np.unique(null.stratum):
        inside = (null.stratum == one) & ~np.isnan(value)
        if not inside.any():
            continue
        residual, mine = null.martingale[inside], value[inside]
        values, n_of = np.unique(mine, return_counts=True)
        base = values[np.argmax(n_of)]
        moved = mine[mine != base] - base
        centred = residual - residual.mean()
        sums = [
            sum(w * centred[i] for w, i in zip(moved, placed, strict=True))
            for placed in permutations(range(len(mine)), len(moved))
        ]
        seen += centred @ mine
        far = (far[:, None] + np.array(sums)).ravel()
    return float((np.abs(far) >= abs(seen) - 1e-9).mean())


def test_shuffled_residuals_are_the_exact_log_rank_test_that_is_printed() -> None:
    """Callaert (2003), Am Stat 57:214, table 1, tied times; R's coin: average-scores, p = 0.0468."""
    months = np.array([1, 1, 5, 6, 6, 6, 6, 2, 2, 2, 3, 4, 4, 5, 5], dtype=float)
    residual = cox_null(months, np.ones(15, dtype=bool)).martingale
    score = np.array([residual[list(placed)].sum() for placed in combinations(range(15), 7)])
    p_value = float((np.abs(score) >= abs(residual[:7].sum()) - 1e-9).mean())
    assert round(p_value, 4) == 0.0468


def test_two_of_five_by_hand() -> None:
    """Residuals 0.8, 0.55, 0.2167, -0.2833, -1.2833: of ten pairs only the last one is as far."""
    np.testing.assert_allclose(savage(5).martingale, [0.8, 0.55, 13 / 60, -17 / 60, -77 / 60])
    assert exact(savage(5), carriers(5, 0, 1), ("additive",))[0, 0] == pytest.approx(2 / 10)
    assert exact(savage(5), carriers(5, 3, 4), ("additive",))[0, 0] == pytest.approx(1 / 10)
    assert exact(savage(5), carriers(5, 0), ("additive",))[0, 0] == pytest.approx(2 / 5)


@pytest.mark.parametrize("n_carrier", [1, 2, 3, 4])
@pytest.mark.parametrize("n_stratum", [1, 2, 3])
def test_count_is_the_one_of_every_placement(n_carrier: int, n_stratum: int) -> None:
    n, n_variant = 14, 6
    who = people(10 * n_carrier + n_stratum, n, n_stratum=n_stratum)
    null, rng = who.null, np.random.default_rng(n_carrier)
    code = np.zeros((n_variant, n), dtype=np.uint8)
    for place, row in enumerate(code):
        row[rng.choice(n, n_carrier, replace=False)] = rng.integers(1, 3, n_carrier)
        if place % 3 == 0:
            row[:] = 2 - row
        row[rng.random(n) < 0.1] = MISSING
    found, n_told = exact(null, code), 0
    for row, mine in zip(code, found, strict=True):
        for model, p_value in zip(MODELS, mine, strict=True):
            if not np.isnan(p_value):
                assert p_value == pytest.approx(written_out(null, coded(row, model)), abs=1e-12)
                n_told += 1
    assert n_told >= n_variant


@pytest.mark.parametrize("n_carrier", [1, 2, 3, 4])
def test_level_holds_at_every_alpha_over_every_placement(n_carrier: int) -> None:
    """No Monte Carlo: each way to place the carriers is one draw of the null."""
    who = people(3, 12, n_stratum=1)
    placed = list(combinations(range(12), n_carrier))
    code = np.vstack([carriers(12, *one) for one in placed])
    p_value = np.sort(exact(who.null, code, ("additive",))[:, 0])
    at_most = np.searchsorted(p_value, p_value + 1e-12, side="right") / len(placed)
    assert (at_most <= p_value + 1e-12).all()
    assert at_most == pytest.approx(p_value)


def test_sum_that_is_centred_is_the_score_of_the_score_test() -> None:
    """Further out by the score test means a smaller P: the same order, either sign."""
    null = savage(9)
    code = np.vstack([carriers(9, *placed) for placed in combinations(range(9), 2)])
    score = code @ null.martingale
    p_value, z = exact(null, code, ("additive",))[:, 0], score_scan(null, genotypes(code)).z[:, 0]
    np.testing.assert_array_equal(np.sign(z), np.sign(score))
    order = np.argsort(-np.abs(score))
    assert (np.diff(p_value[order]) >= 0).all()


def test_what_is_not_asked_for_and_what_too_many_carry_is_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    null = savage(12)
    code = np.vstack([carriers(12, 0, 1, 2), carriers(12), carriers(12, 0, 1, 2, 3, 4)])
    wanted = np.array([[True, False], [True, True], [True, True]])
    found = permutation_scan(null, genotypes(code), wanted, ("additive", "dominant"))
    assert np.isnan(found).tolist() == [[False, True], [True, True], [True, True]]
    monkeypatch.setattr(module, "_N_PAIR_MAX", 100)
    many = exact(null, np.vstack([carriers(12, 0, 1, 2), carriers(12, 0, 1)]), ("additive",))
    assert np.isnan(many[:, 0]).tolist() == [True, False]


def test_covariates_are_refused() -> None:
    who = people(1, 20, n_covariate=1)
    with pytest.raises(InputDataError, match="null model with 1 covariate"):
        exact(who.null, codes(1, 2, 20))


def test_numbers_do_not_depend_on_the_number_of_threads() -> None:
    who, rng = people(5, 40), np.random.default_rng(5)
    code = np.vstack([carriers(40, *rng.choice(40, 1 + i % 4, replace=False)) for i in range(200)])
    wanted = np.ones((200, 3), dtype=bool)
    one, two = (
        permutation_scan(who.null, genotypes(code), wanted, MODELS, n_thread=n) for n in (1, 2)
    )
    np.testing.assert_array_equal(one, two)
    assert not np.isnan(one[:, 0]).any()


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_swapped_alleles_and_the_order_of_people_are_nothing(seed: int) -> None:
    who, rng = people(seed, 30, n_stratum=2), np.random.default_rng(seed)
    code = np.vstack([carriers(30, *rng.choice(30, 1 + i, replace=False)) for i in range(4)])
    code[3, rng.integers(0, 30)] = MISSING
    order = rng.permutation(30)
    found = exact(who.null, code, ("additive",))
    swapped = np.array([2, 1, 0, 3], dtype=np.uint8)[code]
    np.testing.assert_array_equal(exact(who.null, swapped, ("additive",)), found)
    moved = exact(who.of(order).null, code[:, order], ("additive",))
    np.testing.assert_allclose(moved, found, rtol=1e-12)
