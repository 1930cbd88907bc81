"""Turnbull's curve and rank tests: six made-up intervals (T21), and 94 women (R's interval).

Printed numbers of the 94 women and of the seven subjects: Fay & Shaw (2010), J Stat Softw 36(2),
as in the vignette of the R package interval 1.1-1.0: icfit(), ictest().
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.survival.interval_test import Scores, interval_scores, interval_test
from alsrev_dagster.survival.intervals import Intervals, intervals
from alsrev_dagster.survival.risk import BoolArray
from alsrev_dagster.survival.turnbull import turnbull_curve
from alsrev_dagster.survival.turnbull_support import Convention

DATA = Path(__file__).parents[1] / "data" / "published" / "breast_retraction_94.csv"
# (left, right]: probability, to the four decimals printed by summary(icfit())
RADIATION = {
    (4, 5): 0.0463,
    (6, 7): 0.0334,
    (7, 8): 0.0887,
    (11, 12): 0.0708,
    (24, 25): 0.0926,
    (33, 34): 0.0818,
    (38, 40): 0.1209,
    (46, 48): 0.4656,
}
CHEMOTHERAPY = {
    (4, 5): 0.0433,
    (5, 8): 0.0433,
    (11, 12): 0.0692,
    (16, 17): 0.1454,
    (18, 19): 0.1411,
    (19, 20): 0.1157,
    (24, 25): 0.0999,
    (30, 31): 0.0709,
    (35, 36): 0.1608,
    (44, 48): 0.0552,
    (48, 60): 0.0552,
}
SEVEN = intervals(np.array([2.0, 5, 1, 1, 9, 8, 10]), np.array([3.0, 6, 7, 7, 12, 10, 13]))
SEVEN_GROUP = np.array([0, 0, 1, 1, 0, 1, 0]) == 1


@pytest.fixture(scope="module")
def women() -> pd.DataFrame:
    return pd.read_csv(DATA, comment="#").fillna({"right": np.inf})


def seen(women: pd.DataFrame) -> Intervals:
    return intervals(women["left"].to_numpy(float), women["right"].to_numpy(float))


def chemotherapy(women: pd.DataFrame) -> BoolArray:
    return women["chemotherapy"].to_numpy() == 1


@pytest.mark.parametrize(
    ("convention", "ends", "mass"),
    [
        ("closed", [(0, 1), (2, 3), (4, 4), (5, 6)], [0.25, 0.25, 0.125, 0.375]),
        ("half_open", [(0, 1), (2, 3), (5, 6)], [0.234889, 0.338945, 0.426167]),
    ],
)
def test_six_intervals_under_both_conventions(
    convention: Convention, ends: list[tuple[int, int]], mass: list[float]
) -> None:
    six = intervals(np.array([0.0, 4, 2, 0, 2, 5]), np.array([1.0, 6, 6, 3, 4, 7]))
    curve = turnbull_curve(six, convention=convention)
    assert list(zip(curve.left, curve.right, strict=True)) == ends
    np.testing.assert_allclose(curve.mass, mass, atol=5e-7, rtol=0)
    assert curve.fit_status == "ok"
    assert curve.gap < 1e-10


def test_curve_of_each_treatment_is_the_printed_one(women: pd.DataFrame) -> None:
    for treatment, printed in ((0, RADIATION), (1, CHEMOTHERAPY)):
        curve = turnbull_curve(seen(women[women["chemotherapy"] == treatment]))
        found = dict(zip(zip(curve.left, curve.right, strict=True), curve.mass, strict=True))
        held = {ends: mass for ends, mass in found.items() if mass > 5e-5}
        assert held.keys() == printed.keys()
        np.testing.assert_allclose(list(held.values()), list(printed.values()), atol=5e-5, rtol=0)


def test_seven_subjects_have_the_exact_masses() -> None:
    curve = turnbull_curve(SEVEN)
    np.testing.assert_allclose(curve.mass, [2 / 7, 2 / 7, 3 / 14, 3 / 14], atol=1e-12, rtol=0)


def test_seven_subjects_have_the_printed_scores_of_sun() -> None:
    printed = [5 / 7, 11 / 35, 18 / 35, 18 / 35, -24 / 35, -13 / 70, -83 / 70]
    np.testing.assert_allclose(interval_scores(SEVEN, "sun"), printed, atol=1e-11, rtol=0)


def test_seven_subjects_tie_in_the_permutation() -> None:
    """Printed: of 35 choices the observed and the seventh tie, so that one side has 8 of 35."""
    found = interval_test(SEVEN, SEVEN_GROUP, n_draw=1, rng=np.random.default_rng(1))
    score = interval_scores(SEVEN, "sun")
    sums = [score[list(c)].sum() for c in _choices(7, 3)]
    assert sum(s >= found.statistic - 1e-9 for s in sums) == 8
    assert found.p_value == sum(abs(s) >= found.statistic - 1e-9 for s in sums) / 35


def _choices(n: int, k: int) -> list[tuple[int, ...]]:
    if k == 0:
        return [()]
    return [(*rest, last) for last in range(n) for rest in _choices(last, k - 1)]


@pytest.mark.parametrize(
    ("scores", "statistic", "z", "p_value"),
    [
        ("sun", 9.141846, 2.6684, 0.007622),
        ("finkelstein", 9.944182, 2.6839, 0.007277),
        ("wilcoxon", 5.656724, 2.1672, 0.03022),
    ],
)
def test_scores_of_the_women_are_the_printed_ones(
    women: pd.DataFrame, scores: Scores, statistic: float, z: float, p_value: float
) -> None:
    found = interval_test(
        seen(women), chemotherapy(women), n_draw=99, rng=np.random.default_rng(1), scores=scores
    )
    assert found.statistic == pytest.approx(statistic, abs=5e-7)
    assert found.z == pytest.approx(z, abs=5e-5)
    assert found.normal_p_value == pytest.approx(
        p_value, abs=5e-6 if scores == "wilcoxon" else 5e-7
    )
    assert not found.is_exact
    assert found.p_value < 0.1
