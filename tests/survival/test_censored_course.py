"""Scores at a floor and a ceiling: integrals on a grid, slopes, and what ignoring them does."""

import numpy as np
import pytest
from scipy.stats import norm

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.censored_course import (
    CensoredCourse,
    _Likelihood,
    at_the_ends,
    censored_course,
)
from alsrev_dagster.survival.course_design import Visits, course_design
from alsrev_dagster.survival.mixed_model import mixed_model
from alsrev_dagster.survival.risk import FloatArray
from tests.survival.made_courses import Courses, Truth, courses


def design(made: Courses) -> FloatArray:
    months, person = made.visits.months, made.visits.person
    return course_design(months, made.dosage[person], np.empty((len(months), 0)), np.empty(0))


def seen(visits: Visits, floor: float, ceiling: float) -> Visits:
    return Visits(np.clip(visits.score, floor, ceiling), visits.months, visits.person)


def test_without_a_score_at_an_end_it_is_the_mixed_model() -> None:
    made = courses(np.random.default_rng(1), 40, 10, Truth())
    found = censored_course(made.visits, design(made), floor=-500, ceiling=500)
    plain = mixed_model(
        made.visits.score, design(made), design(made)[:, :2], made.visits.person, method="ml"
    )
    np.testing.assert_allclose(found.coefficient, plain.coefficient, atol=1e-4)
    np.testing.assert_allclose(found.standard_error, plain.standard_error, rtol=1e-3)
    assert found.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-5)
    assert found.residual_sd == pytest.approx(plain.residual_sd, rel=1e-3)
    assert (found.n_floor, found.n_ceiling) == (0, 0)


def test_likelihood_is_that_of_integrals_on_a_grid_and_slopes_are_differences() -> None:
    made = courses(np.random.default_rng(2), 12, 3, Truth(slope=-1.5))
    visits = seen(made.visits, 20, 41)
    side = (visits.score >= 41).astype(np.int64) - (visits.score <= 20)
    assert (side < 0).sum() > 5
    assert (side > 0).sum() >= 5
    fixed = design(made)
    likelihood = _Likelihood(visits, fixed, side, 15)
    row = np.array([40.0, -1.4, 0.3, 0.5, 0.7, 4.0, 0.05, 0.5])
    value, slope = likelihood.by_person(row)
    reach = np.linspace(-7, 7, 281)
    u = np.stack(np.meshgrid(reach, reach, indexing="ij"), -1).reshape(-1, 2)
    b = u @ np.array([[4.0, 0.0], [0.05, 0.5]]).T
    weight = norm.pdf(u).prod(axis=1) * (reach[1] - reach[0]) ** 2
    for i in (0, 4):
        here = visits.person == i
        mean = fixed[here] @ row[:4] + b @ np.vstack([np.ones(here.sum()), visits.months[here]])
        sd, score = np.exp(row[4]), visits.score[here]
        each = np.where(
            side[here] == 0, norm.logpdf(score, mean, sd),
            np.where(side[here] < 0, norm.logcdf(20, mean, sd), norm.logsf(41, mean, sd)),
        )  # fmt: skip
        assert value[i] == pytest.approx(
            np.log((weight * np.exp(each.sum(axis=1))).sum()), abs=2e-4
        )
    for j in range(8):
        step = np.zeros(8)
        step[j] = 1e-5
        ahead, behind = (likelihood.by_person(row + h)[0].sum() for h in (step, -step))
        assert slope[:, j].sum() == pytest.approx((ahead - behind) / 2e-5, abs=5e-3, rel=1e-3)


@pytest.fixture(scope="module")
def both() -> list[tuple[CensoredCourse, FloatArray]]:
    found = []
    for seed in range(25):
        made = courses(
            np.random.default_rng(seed), 60, 15, Truth(level=43, slope=-2.2, slope_difference=0.8)
        )
        visits = seen(made.visits, 0, 48)
        fixed = design(made)
        plain = mixed_model(visits.score, fixed, fixed[:, :2], visits.person)
        found.append((censored_course(visits, fixed, n_node=5), plain.coefficient))
    return found


@pytest.mark.long
def test_latent_slopes_are_unbiased_where_scores_reach_the_floor(
    both: list[tuple[CensoredCourse, FloatArray]],
) -> None:
    assert {fit.fit_status for fit, _ in both} <= {"ok", "singular"}
    slopes = np.array([fit.coefficient for fit, _ in both])
    error = slopes.std(axis=0, ddof=1) / np.sqrt(len(both))
    assert (np.abs(slopes.mean(axis=0) - [43, -2.2, 0, 0.8]) < 3.5 * error).all()


def test_to_ignore_the_floor_hides_part_of_both_slopes(
    both: list[tuple[CensoredCourse, FloatArray]],
) -> None:
    apart = np.array([plain - fit.coefficient for fit, plain in both])
    error = apart.std(axis=0, ddof=1) / np.sqrt(len(both))
    assert apart[:, 1].mean() > 4 * error[1]  # declines less than it does
    assert apart[:, 3].mean() < -4 * error[3]  # and carriers are told apart less


def test_far_beyond_the_floor_nothing_overflows() -> None:
    made = courses(np.random.default_rng(3), 20, 5, Truth(slope=-6.0, residual_sd=0.5))
    found = censored_course(seen(made.visits, 0, 48), design(made))
    assert np.isfinite(found.coefficient).all()
    assert found.n_floor > 60


def test_scores_at_the_ends_are_counted() -> None:
    found = at_the_ends(np.array([0.0, 48, 48, 20]))
    assert (found.n_visit, found.n_floor, found.n_ceiling) == (4, 1, 2)
    assert (found.floor_rate, found.ceiling_rate) == (0.25, 0.5)
    assert np.isnan(at_the_ends(np.empty(0)).floor_rate)


def test_what_cannot_be_estimated_is_said() -> None:
    made = courses(np.random.default_rng(4), 20, 0, Truth())
    found = censored_course(seen(made.visits, 0, 48), design(made))
    assert found.fit_status == "not_estimable"
    assert np.isnan(found.p_value).all()


def test_scores_outside_the_scale_are_refused() -> None:
    made = courses(np.random.default_rng(5), 10, 3, Truth())
    visits = Visits(made.visits.score + 20, made.visits.months, made.visits.person)
    with pytest.raises(InputDataError, match="scores are missing or outside 0 to 48"):
        censored_course(visits, design(made))
    with pytest.raises(InputDataError, match="the floor is 48 and the ceiling 0"):
        censored_course(made.visits, design(made), floor=48, ceiling=0)
    with pytest.raises(InputDataError, match="expected one row a visit"):
        censored_course(seen(made.visits, 0, 48), design(made)[1:])
