"""People who only decline: how often noise alone looks like a recovery."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from alsrev_dagster.clinical.noise import (
    NoiseModel,
    confirmed_days,
    declines,
    noise_model,
    scores,
    with_overrides,
    without_recovery,
)
from alsrev_dagster.clinical.sustained import rule_of
from alsrev_dagster.clinical.visit_series import VisitSeries, visit_series
from alsrev_dagster.months import DAYS_PER_MONTH
from alsrev_dagster.study import RecoveryDefinition

LARGE = RecoveryDefinition(name="large", min_gain_points=4, min_duration_days=365)
SINGLE_VISIT = RecoveryDefinition(
    name="single", min_gain_points=4, min_duration_days=0, n_confirming_visit=0
)
SIX_MONTHS = RecoveryDefinition(name="six", min_gain_points=4, min_duration_days=182)
"""At every visit of six monthly steps: 182 or 183 days."""
UNLIMITED = -np.inf


def cohort(day: NDArray[np.int64], total: NDArray[np.int64]) -> VisitSeries:
    """Series of (n_person, n_visit) days and scores."""
    n, n_visit = day.shape
    visit = pd.DataFrame(
        {
            "participant_id": np.repeat(np.char.add("p", np.arange(n).astype(str)), n_visit),
            "day": day.ravel(),
            "alsfrsr_total": total.ravel(),
            "has_gastrostomy": False,
        }
    )
    return visit_series(visit, LARGE)


def monthly(n: int, *, months: int = 24, baseline: int = 38) -> VisitSeries:
    day = np.rint(DAYS_PER_MONTH * np.arange(months + 1)).astype(np.int64)
    return cohort(np.tile(day, (n, 1)), np.full((n, months + 1), baseline))


# residual SD -> percent of 20,000 simulated people who only decline (slope N(-0.89, 0.5) and 0 where
# above, baseline 38, monthly whole scores for 24 months): with one visit 4 points over the lowest so
# far; with 4 points at every visit of the following 6 months. As computed apart for this study's
# notes, to the digits printed there.
PRINTED = {1.0: (7.6, 0.01), 1.5: (48.9, 0.22), 2.0: (84.2, 1.2), 2.5: (96.4, 2.9)}
N_PRINTED = 20_000


@pytest.mark.parametrize("residual_sd", sorted(PRINTED))
def test_share_of_false_recoveries_is_the_one_computed_apart(residual_sd: float) -> None:
    series, rng = monthly(N_PRINTED), np.random.default_rng(20240716)
    model = NoiseModel(residual_sd, slope_mean_per_month=-0.89, slope_sd_per_month=0.5)
    slope = declines(model, rng, np.full(N_PRINTED, UNLIMITED), 1)
    total = scores(series, slope, residual_sd, rng, score_max=48)
    for rule, printed in zip((SINGLE_VISIT, SIX_MONTHS), PRINTED[residual_sd], strict=True):
        share = float((confirmed_days(series, total, rule_of(rule)) >= 0).mean())
        of_both = np.sqrt(2 * printed / 100 * (1 - printed / 100) / N_PRINTED)
        digit = 0.0005 if printed >= 1 else 0.00005
        assert share == pytest.approx(printed / 100, abs=3 * of_both + digit)


def test_slopes_lie_between_the_steepest_that_follow_up_allows_and_none() -> None:
    model = NoiseModel(1.0, slope_mean_per_month=-0.6, slope_sd_per_month=0.5)
    steepest = np.array([-3.0, -0.5, 0.0])
    drawn = declines(model, np.random.default_rng(1), steepest, 4_000)
    assert (drawn >= steepest).all()
    assert (drawn <= 0).all()
    assert (drawn[:, 2] == 0).all()
    rises = 0.1151  # the share of N(-0.6, 0.5) above 0
    assert (drawn[:, 0] == 0).mean() == pytest.approx(rises, abs=0.02)


def test_without_spread_everybody_declines_alike() -> None:
    model = NoiseModel(1.0, slope_mean_per_month=-0.6, slope_sd_per_month=0.0)
    drawn = declines(model, np.random.default_rng(1), np.array([-3.0, -0.5]), 2)
    assert drawn.tolist() == [[-0.6, -0.5], [-0.6, -0.5]]


def test_nobody_recovers_without_scatter() -> None:
    model = NoiseModel(1e-9, slope_mean_per_month=-0.5, slope_sd_per_month=0.5)
    rng = np.random.default_rng(3)
    (total,) = without_recovery(monthly(50), model, rng, n_simulation=4, score_max=48)
    assert (np.diff(total.reshape(4, 50, 25), axis=2) <= 0).all()
    assert (confirmed_days(monthly(50), total, rule_of(SINGLE_VISIT)) == -1).all()


def test_scores_are_whole_numbers_of_the_scale_and_the_same_for_the_same_seed() -> None:
    model = NoiseModel(3.0, slope_mean_per_month=-1.5, slope_sd_per_month=0.5)
    first, again = (
        np.concatenate(
            list(
                without_recovery(
                    monthly(20, baseline=39),
                    model,
                    np.random.default_rng(5),
                    n_simulation=7,
                    score_max=40,
                )
            )
        )
        for _ in range(2)
    )
    assert first.shape == (7, 20 * 25)
    assert (first.min(), first.max()) == (0, 40)
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("residual_sd", [1.0, 2.0])
def test_scatter_and_decline_are_those_that_scores_were_made_with(residual_sd: float) -> None:
    """Uneven visits, whole scores, and one person in ten who recovers 15 points."""
    rng, n, n_visit = np.random.default_rng(11), 600, 10
    day = np.cumsum(rng.integers(60, 120, (n, n_visit)), axis=1)
    month = (day - day[:, :1]) / DAYS_PER_MONTH
    course = 38 + rng.normal(-0.7, 0.3, (n, 1)) * month
    recovers = np.arange(n) < n // 10
    course[recovers] += np.minimum(15, np.maximum(0, 1.5 * (month[recovers] - 8)))
    total = np.clip(np.rint(course + residual_sd * rng.standard_normal(day.shape)), 0, 48)
    found = noise_model(cohort(day, total.astype(np.int64)), score_max=48)
    assert found is not None
    assert found.residual_sd == pytest.approx(residual_sd, rel=0.05)
    assert found.slope_mean_per_month == pytest.approx(-0.66, abs=0.06)
    assert found.slope_sd_per_month == pytest.approx(0.3, abs=0.06)
    assert found.n_slope == n
    assert found.n_residual <= n * (n_visit - 2)


def test_steady_courses_have_no_scatter_but_roundings() -> None:
    day = np.tile(30 * np.arange(6), (4, 1))
    steady = cohort(day, 40 - day // 30)
    found = noise_model(steady, score_max=48)
    assert found is not None
    assert found.residual_sd == pytest.approx(0.01)
    assert found.slope_mean_per_month == pytest.approx(-DAYS_PER_MONTH / 30)


@pytest.mark.parametrize("days", [[0, 90], [0, 30, 60]], ids=["two visits", "two months"])
def test_too_few_visits_give_no_model(days: list[int]) -> None:
    series = cohort(np.array([days]), np.full((1, len(days)), 30))
    assert noise_model(series, score_max=48) is None


def test_scores_at_the_ends_of_the_scale_say_nothing_of_scatter() -> None:
    day = np.tile(60 * np.arange(4), (2, 1))
    assert (
        noise_model(cohort(day, np.array([[0, 0, 0, 0], [48, 48, 48, 48]])), score_max=48) is None
    )


def test_what_a_study_chose_stands_in_the_place_of_what_was_found() -> None:
    model = with_overrides(
        NoiseModel(1.0, -0.5, 0.3),
        residual_sd=2.0,
        slope_mean_per_month=None,
        slope_sd_per_month=None,
    )
    assert model == NoiseModel(2.0, -0.5, 0.3)
