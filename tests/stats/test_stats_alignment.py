"""Overlap, size and P of a factor by side: enumeration, symmetries, false alarms, refusals."""

import tracemalloc
from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats import alignment as audit
from alsrev_dagster.stats.quantity_alignment import (
    quantity_alignment,
    quantity_alignment_within,
)

FEW = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=4)


def counts(*n: int | tuple[int, ...]) -> NDArray[np.int64]:
    return np.array(n, dtype=np.int64)


def found_of(
    case: NDArray[np.int64], control: NDArray[np.int64], n_draw: int = 9_999
) -> audit.Alignment:
    return audit.alignment(case, control, np.random.default_rng(7), n_draw=n_draw)


def by_enumeration(case: NDArray[np.int64], control: NDArray[np.int64]) -> float:
    total, n_case = case + control, case.sum()
    tables = [t for t in product(*(range(n + 1) for n in total)) if sum(t) == n_case]
    ways = {t: np.prod([comb(int(n), a) for n, a in zip(total, t, strict=True)]) for t in tables}
    seen = ways[tuple(case.tolist())]
    return float(sum(w for w in ways.values() if w <= seen) / comb(int(total.sum()), int(n_case)))


@settings(max_examples=60, deadline=None)
@given(FEW)
def test_every_table_is_counted_whatever_the_order_of_values_and_sides(
    cells: list[tuple[int, int]],
) -> None:
    case, control = counts(*(a for a, _ in cells)), counts(*(b for _, b in cells))
    if not (case.sum() and control.sum()):
        return
    found = found_of(case, control)
    assert found.p_value == pytest.approx(by_enumeration(case, control))
    assert found.n_draw is None
    turned = found_of(control[::-1], case[::-1])
    assert (turned.p_value, turned.overlap) == pytest.approx((found.p_value, found.overlap))
    v = audit.cramers_v(case, control), audit.cramers_v(control[::-1], case[::-1])
    assert v[0] == pytest.approx(v[1], nan_ok=True)


@pytest.mark.parametrize(
    ("case", "control"),
    [((4, 1, 0), (1, 3, 4)), ((5, 2, 1, 0), (3, 4, 2, 3)), ((2, 2, 2), (2, 2, 2))],
)
def test_random_tables_come_near_every_table_and_say_that_they_are_random(
    case: tuple[int, ...], control: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = by_enumeration(counts(*case), counts(*control))
    monkeypatch.setattr(audit, "_N_TABLE_MAX", 1)
    found = found_of(counts(*case), counts(*control))
    assert (found.method, found.n_draw) == ("freeman_halton_monte_carlo", 9_999)
    error = 4 * np.sqrt(exact * (1 - exact) / 9_999) + 1e-4
    assert found.p_value == pytest.approx(exact, abs=error)


def test_too_many_tables_are_drawn_and_the_seed_tells_which() -> None:
    case, control = counts(100, 0, 0, 0, 0, 0), counts(0, 50, 53, 40, 50, 50)
    found = found_of(case, control, n_draw=999)
    assert (found.p_value, found.n_draw) == (1 / 1000, 999)
    some = counts(20, 20, 25, 15, 10, 10), counts(40, 35, 30, 50, 45, 50)
    p_value = [
        audit.alignment(*some, np.random.default_rng(seed), n_draw=999).p_value
        for seed in (1, 1, 2)
    ]
    assert p_value[0] == p_value[1] != p_value[2]


def test_a_value_of_ones_own_says_nothing() -> None:
    own = np.eye(8, dtype=np.int64)
    found = found_of(own[:4].sum(axis=0), own[4:].sum(axis=0))
    assert (found.p_value, found.overlap) == (1, 0)
    assert not audit.is_aligned(found, overlap_max=0.5, p_max=1e-3, n_per_value=1)


def test_one_control_of_forty_hides_nothing() -> None:
    case, control = counts(20, 0), counts(1, 39)
    assert audit.overlap(case, control) == pytest.approx(0.025)
    assert found_of(case, control).p_value < 1e-12
    assert found_of(counts(20, 0, 0), counts(1, 20, 19)).p_value < 1e-12


def test_sides_alike_overlap_whole_and_values_of_nobody_do_not_count() -> None:
    assert audit.overlap(counts(2, 3), counts(20, 30)) == pytest.approx(1)
    assert found_of(counts(2, 3, 0), counts(20, 30, 0)).p_value == pytest.approx(1)
    assert found_of(counts(5), counts(7)).p_value == 1
    assert audit.cramers_v(counts(2, 3, 0), counts(20, 30, 0)) == pytest.approx(0)
    assert np.isnan(audit.cramers_v(counts(5), counts(7)))


def test_a_measured_factor_overlaps_as_the_best_threshold_parts_it() -> None:
    case, control = np.array([1.0, 2, 3, 4]), np.array([4.0, 5, 6, 7])
    found = quantity_alignment(case, control)
    # below 3.5 are 3 of 4 cases and no control: shares 3/4 and 0, 1/4 and 1
    assert found.overlap == pytest.approx(audit.overlap(counts(3, 1), counts(0, 4)))
    shifted = quantity_alignment(10 * control - 3, 10 * case - 3)
    assert (shifted.overlap, shifted.p_value) == pytest.approx((found.overlap, found.p_value))
    same = quantity_alignment(np.ones(5), np.ones(9))
    assert (same.overlap, same.p_value) == (1, 1)


def test_many_measured_samples_are_said_to_be_judged_asymptotically() -> None:
    random = np.random.default_rng(3)
    found = quantity_alignment(random.normal(size=900), random.normal(size=1200))
    assert found.method == "kolmogorov_smirnov_asymptotic"


@pytest.mark.parametrize(("n_value", "n"), [(2, 2_000), (3, 2_000), (5, 300), (20, 1_000)])
def test_alarms_under_random_assignment_are_no_more_than_their_level(n_value: int, n: int) -> None:
    """Cases drawn at random from one cohort: no more alarms than p_max says, 0.05 or 0.001."""
    random, n_case, n_control = np.random.default_rng(2026), 22, 103
    value = random.integers(0, n_value, n_case + n_control)
    alarms = {0.05: 0, 1e-3: 0}
    for _ in range(n):
        shuffled = random.permutation(value)
        case = np.bincount(shuffled[:n_case], minlength=n_value)
        control = np.bincount(shuffled[n_case:], minlength=n_value)
        found = audit.alignment(case, control, random, n_draw=199)
        per_value = min(n_case / (case > 0).sum(), n_control / (control > 0).sum())
        for p_max in alarms:
            alarms[p_max] += audit.is_aligned(
                found, overlap_max=0.999, p_max=p_max, n_per_value=per_value
            )
    for p_max, n_alarm in alarms.items():
        assert n_alarm <= n * p_max + 4 * np.sqrt(n * p_max)
    assert alarms[0.05] > 0


def test_a_side_without_samples_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"1?3 cases and 0 controls: expected one or more of"):
        audit.overlap(counts(1, 2), counts(0, 0))
    with pytest.raises(InputDataError, match="0 cases and 2 controls: expected one or more of"):
        quantity_alignment(np.array([]), np.ones(2))


def test_a_part_of_the_cases_that_was_handled_apart_is_enough() -> None:
    case, control = counts(10, 12), counts(0, 103)
    found, apart = found_of(case, control), audit.share_apart(case, control)
    assert found.overlap > 0.5
    rule = {"overlap_max": 0.5, "p_max": 1e-3, "n_per_value": 11.0}
    assert not audit.is_aligned(found, **rule)
    assert audit.is_aligned(found, **rule, apart=apart, apart_max=0.2)
    assert not audit.is_aligned(found, **rule, apart=apart, apart_max=0.5)


def test_many_values_of_one_sample_beside_a_large_one_are_counted_in_little_memory() -> None:
    case = counts(*[1] * 9, *[0] * 8, 241)
    control = counts(*[0] * 9, *[1] * 8, 264)
    tracemalloc.start()
    found = found_of(case, control)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.method == "freeman_halton_exact"
    assert peak < 100e6


# Two laboratories, each with its own tissue; within a laboratory the tissue tells nothing.
BY_LABORATORY = counts((18, 0), (0, 2)), counts((20, 0), (0, 60))


def test_what_only_the_strata_differ_in_is_not_aligned_within_them() -> None:
    case, control = BY_LABORATORY
    pooled = found_of(case.sum(axis=0), control.sum(axis=0))
    within = found_of(case, control)
    assert pooled.p_value < 1e-6
    assert (within.p_value, within.overlap, within.n_draw) == (1, 1, 9_999)
    assert within.method == "freeman_halton_within_strata_monte_carlo"
    assert np.isnan(audit.cramers_v(case, control))
    assert audit.share_apart(case, control) == 0


def test_what_differs_within_strata_is_aligned_though_the_sums_agree() -> None:
    case, control = counts((10, 0), (0, 10)), counts((0, 20), (20, 0))
    assert found_of(case.sum(axis=0), control.sum(axis=0)).p_value == pytest.approx(1)
    within = found_of(case, control)
    assert (within.overlap, within.p_value) == (0, 1e-4)
    assert audit.cramers_v(case, control) == pytest.approx(1)
    assert audit.share_apart(case, control) == 1


def test_a_stratum_without_both_sides_changes_nothing() -> None:
    case, control = counts((4, 1, 0), (0, 0, 0)), counts((1, 3, 4), (9, 9, 9))
    alone = found_of(case[0], control[0])
    assert found_of(case, control) == alone
    assert alone.method == "freeman_halton_exact"
    measures = (audit.cramers_v, audit.share_apart, audit.overlap)
    for measure in measures:
        assert measure(case, control) == measure(case[0], control[0])


def test_random_tables_of_two_strata_come_near_every_pair_of_tables() -> None:
    case, control = counts((3, 1), (1, 3)), counts((1, 4), (2, 5))
    ways = [
        {a: comb(int(n[0]), a) * comb(int(n[1]), int(k) - a) for a in range(int(k) + 1)}
        for n, k in zip(case + control, case.sum(axis=1), strict=True)
    ]
    pairs = [x * y for x in ways[0].values() for y in ways[1].values()]
    seen = ways[0][3] * ways[1][1]
    exact = sum(w for w in pairs if w <= seen) / sum(pairs)
    found = found_of(case, control)
    assert found.p_value == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 9_999))


def quantity_within(
    value: NDArray[np.float64], is_case: NDArray[np.bool_], stratum: NDArray[np.object_]
) -> audit.Alignment:
    generator = np.random.default_rng(7)
    return quantity_alignment_within(value, is_case, stratum, generator, n_draw=999)


def test_a_measured_factor_that_the_strata_differ_in_is_not_aligned_within_them() -> None:
    random = np.random.default_rng(5)
    stratum = np.array(["a"] * 60 + ["b"] * 60, dtype=object)
    is_case = np.arange(120) % 60 < np.where(stratum == "a", 40, 5)
    value = random.normal(size=120) + 9 * (stratum == "a")
    pooled = quantity_alignment(value[is_case], value[~is_case])
    within = quantity_within(value, is_case, stratum)
    assert pooled.p_value < 1e-6 < 0.01 < within.p_value
    shifted = quantity_within(value + 5.0 * is_case, is_case, stratum)
    assert (shifted.p_value, shifted.n_draw) == (1e-3, 999)
    assert shifted.overlap < 0.1
    assert shifted.method == "kolmogorov_smirnov_within_strata_monte_carlo"


def test_a_measured_factor_of_one_stratum_is_compared_as_without_strata() -> None:
    value, is_case = np.array([1.0, 2, 3, 4, 5, 6]), np.array([1, 0, 1, 0, 0, 0], dtype=bool)
    stratum = np.array(["a"] * 4 + ["b"] * 2, dtype=object)
    alone = quantity_alignment(value[[0, 2]], value[[1, 3]])
    assert quantity_within(value, is_case, stratum) == alone
    with pytest.raises(InputDataError, match="0 cases and 0 controls"):
        quantity_within(value, np.ones(6, dtype=bool), stratum)


def test_alarms_within_strata_are_no_more_than_their_level() -> None:
    random, stratum = np.random.default_rng(11), np.repeat(["a", "b"], [25, 100]).astype(object)
    n_alarm = 0
    for _ in range(300):
        is_case = np.concatenate([random.permutation(25) < 12, random.permutation(100) < 10])
        value = random.normal(size=125) + (stratum == "a")
        n_alarm += (
            quantity_alignment_within(value, is_case, stratum, random, n_draw=99).p_value <= 0.05
        )
    assert 0 < n_alarm <= 15 + 4 * np.sqrt(15)
