"""The mixed model against its likelihood written out person by person, and its symmetries."""

from time import thread_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import binom, multivariate_normal
from scipy.stats import t as student_t

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.carrier_course import (
    carrier_course,
    likelihood_ratio_p,
    mean_course,
)
from alsrev_dagster.survival.course_design import (
    Visits,
    course_design,
    genotype_code,
    spline_knots,
    time_basis,
)
from alsrev_dagster.survival.mixed_model import MixedFit, mixed_model
from alsrev_dagster.survival.person_slope import person_slopes
from alsrev_dagster.survival.risk import FloatArray
from tests.survival.made_courses import Courses, Truth, courses

SMALL = courses(np.random.default_rng(11), 14, 3, Truth(), every_months=4.0)


def design(made: Courses) -> tuple[FloatArray, FloatArray]:
    months, person = made.visits.months, made.visits.person
    fixed = course_design(months, made.dosage[person], np.empty((len(months), 0)), np.empty(0))
    return fixed, fixed[:, :2]


def by_hand(
    parameter: FloatArray, made: Courses, *, restricted: bool
) -> tuple[float, FloatArray, FloatArray]:
    """Log likelihood, coefficients and their covariance, with each person's V written out."""
    fixed, random = design(made)
    triangle = np.array([[parameter[0], 0], [parameter[1], parameter[2]]])
    noise = np.exp(2 * parameter[3])
    blocks = []
    for one in np.unique(made.visits.person):
        z = random[made.visits.person == one]
        blocks.append(z @ triangle @ triangle.T @ z.T + noise * np.eye(len(z)))
    whole = np.zeros((len(fixed), len(fixed)))
    at = 0
    for block in blocks:
        whole[at : at + len(block), at : at + len(block)] = block
        at += len(block)
    inverse = np.linalg.inv(whole)
    covariance = np.linalg.inv(fixed.T @ inverse @ fixed)
    beta = covariance @ fixed.T @ inverse @ made.visits.score
    found = multivariate_normal(fixed @ beta, whole).logpdf(made.visits.score)
    if restricted:
        found += fixed.shape[1] / 2 * np.log(2 * np.pi) + np.linalg.slogdet(covariance)[1] / 2
    return float(found), beta, covariance


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_no_other_parameters_are_likelier(method: str) -> None:
    fixed, random = design(SMALL)
    fit = mixed_model(SMALL.visits.score, fixed, random, SMALL.visits.person, method=method)  # type: ignore[arg-type]
    factor = np.linalg.cholesky(fit.random_covariance)
    at = np.array([factor[0, 0], factor[1, 0], factor[1, 1], np.log(fit.residual_sd)])
    found, beta, covariance = by_hand(at, SMALL, restricted=method == "reml")
    assert fit.log_likelihood == pytest.approx(found, abs=1e-9)
    np.testing.assert_allclose(fit.coefficient, beta, rtol=1e-9)
    np.testing.assert_allclose(fit.covariance, covariance, rtol=1e-8)
    best = minimize(
        lambda p: -by_hand(p, SMALL, restricted=method == "reml")[0], at * 1.05, method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-10, "maxiter": 2000},
    )  # fmt: skip
    assert -best.fun == pytest.approx(found, abs=1e-7)
    np.testing.assert_allclose(best.x, at, atol=2e-4)


def test_degrees_of_freedom_are_those_of_differences_taken_by_hand() -> None:
    """Unbalanced: variances of coefficients and the whole likelihood, differenced in sigma and D."""
    fixed, random = design(SMALL)
    some = np.random.default_rng(2).random(len(fixed)) < 0.7
    some |= np.concatenate([[True], np.diff(SMALL.visits.person) > 0])
    made = Courses(SMALL.visits.of(some), SMALL.dosage, SMALL.died, SMALL.until_months)
    fit = mixed_model(made.visits.score, fixed[some], random[some], made.visits.person)
    factor = np.linalg.cholesky(fit.random_covariance)
    at = np.array([factor[0, 0], factor[1, 0], factor[1, 1], np.log(fit.residual_sd)])
    h = np.diag(1e-4 * np.maximum(np.abs(at), 0.1))

    def value(p: FloatArray) -> float:
        return -2 * by_hand(p, made, restricted=True)[0]

    hessian = np.array(
        [
            [
                (value(at + a + b) - value(at + a - b) - value(at - a + b) + value(at - a - b)) / (4 * a.sum() * b.sum())
                for b in h
            ]
            for a in h
        ]
    )  # fmt: skip
    spread = 2 * np.linalg.inv(hessian)
    for j in range(4):
        gradient = [
            (by_hand(at + a, made, restricted=True)[2][j, j] - by_hand(at - a, made, restricted=True)[2][j, j])
            / (2 * a.sum())
            for a in h
        ]  # fmt: skip
        df = 2 * fit.covariance[j, j] ** 2 / (gradient @ spread @ np.array(gradient))
        assert fit.degrees_of_freedom[j] == pytest.approx(df, rel=2e-3)


def test_with_balanced_visits_degrees_of_freedom_are_people_less_two() -> None:
    for n_carrier in (3, 40):
        made = courses(np.random.default_rng(3), 80, n_carrier, Truth())
        found = carrier_course(made.visits, made.dosage, "dominant")
        assert found.degrees_of_freedom == pytest.approx(78, rel=1e-4)
        assert (found.n_person, found.n_carrier) == (80, n_carrier)


def test_with_balanced_visits_it_is_the_t_test_of_each_persons_slope() -> None:
    """Of 3 carriers and 30 others: least squares slopes, Student's t with equal variances."""
    made = courses(np.random.default_rng(4), 33, 3, Truth(slope_sd=0.8))
    slopes = person_slopes(made.visits).least_squares
    one, other = slopes[:3], slopes[3:]
    pooled = (one.var() * 3 + other.var() * 30) / 31
    error = np.sqrt(pooled * (1 / 3 + 1 / 30))
    found = carrier_course(made.visits, made.dosage, "dominant")
    assert found.slope_difference_per_month == pytest.approx(one.mean() - other.mean(), abs=1e-9)
    assert found.standard_error == pytest.approx(error, rel=1e-7)
    assert found.residual_sd == pytest.approx(person_slopes(made.visits).residual_sd, rel=1e-7)


MADE = courses(np.random.default_rng(5), 40, 8, Truth(), association=-0.05, base_hazard=0.2)


def course(visits: Visits, dosage: FloatArray = MADE.dosage) -> FloatArray:
    fixed = course_design(
        visits.months, dosage[visits.person], np.empty((len(visits.score), 0)), np.empty(0)
    )
    fit = mixed_model(visits.score, fixed, fixed[:, :2], visits.person)
    return np.append(fit.coefficient, fit.standard_error)


@settings(deadline=None, max_examples=15)
@given(st.floats(-20, 20))
def test_shift_of_scores_moves_the_intercept_only(shift: float) -> None:
    moved = course(Visits(MADE.visits.score + shift, MADE.visits.months, MADE.visits.person))
    expected = course(MADE.visits)
    expected[0] += shift
    np.testing.assert_allclose(moved, expected, atol=1e-7)


@settings(deadline=None, max_examples=15)
@given(st.randoms(use_true_random=False))
def test_order_of_people_and_visits_does_not_matter(shuffler: object) -> None:
    random = np.random.default_rng(shuffler.randrange(10**6))  # type: ignore[attr-defined]
    other = random.permutation(40)
    order = random.permutation(len(MADE.visits.score))
    visits = Visits(
        MADE.visits.score[order], MADE.visits.months[order], other[MADE.visits.person[order]]
    )
    dosage = np.empty(40)
    dosage[other] = MADE.dosage
    np.testing.assert_allclose(course(visits, dosage), course(MADE.visits), rtol=1e-6)


@settings(deadline=None, max_examples=10)
@given(st.floats(0.02, 50))
def test_unit_of_time_changes_slopes_only(unit: float) -> None:
    scaled = course(Visits(MADE.visits.score, MADE.visits.months * unit, MADE.visits.person))
    expected = course(MADE.visits) / np.tile([1, unit, 1, unit], 2)
    np.testing.assert_allclose(scaled, expected, rtol=1e-6)


def test_random_effects_are_the_conditional_means() -> None:
    fixed, random = design(SMALL)
    fit = mixed_model(SMALL.visits.score, fixed, random, SMALL.visits.person)
    here = SMALL.visits.person == 5
    z = random[here]
    spread = z @ fit.random_covariance @ z.T + fit.residual_sd**2 * np.eye(len(z))
    rest = SMALL.visits.score[here] - fixed[here] @ fit.coefficient
    expected = fit.random_covariance @ z.T @ np.linalg.solve(spread, rest)
    np.testing.assert_allclose(fit.random_effect[5], expected, rtol=1e-8)


def test_people_who_do_not_vary_in_slope_are_singular_and_still_estimated() -> None:
    months = np.tile(np.arange(0.0, 24, 3), 30)
    person = np.repeat(np.arange(30), 8)
    random = np.random.default_rng(6)
    score = (
        40
        - 0.8 * months
        + np.repeat(random.normal(0, 3, 30), 8)
        + np.tile(random.permutation(8), 30)
    )
    fixed = np.column_stack([np.ones(240), months])
    fit = mixed_model(score, fixed, fixed, person)
    assert fit.fit_status == "singular"
    assert fit.random_sd[1] < 0.01
    assert np.isfinite(fit.degrees_of_freedom).all()
    alone = mixed_model(score, fixed, fixed[:, :1], person)
    np.testing.assert_allclose(fit.coefficient, alone.coefficient, rtol=1e-6)


@pytest.mark.parametrize(
    ("n_carrier", "status"), [(0, "not_estimable"), (14, "not_estimable"), (1, "ok")]
)
def test_what_cannot_be_estimated_is_said(n_carrier: int, status: str) -> None:
    dosage = (np.arange(14) < n_carrier).astype(float)
    found = carrier_course(SMALL.visits, dosage, "dominant")
    assert found.fit_status == status
    assert np.isnan(found.p_value) == (status != "ok")
    assert np.isnan(found.likelihood_ratio_p) == (status != "ok")
    assert found.n_carrier_repeated == n_carrier


def test_too_few_visits_and_a_perfect_line_are_said() -> None:
    one = np.ones((4, 1))
    line = np.column_stack([one, np.arange(4.0)])
    found = mixed_model(np.arange(4.0), line, line, np.array([0, 0, 1, 1]))
    assert found.fit_status == "too_few_visits"
    line = np.column_stack([np.ones(12), np.tile(np.arange(3.0), 4)])
    exact = mixed_model(line @ [40.0, -1], line, line, np.repeat(np.arange(4), 3))
    assert exact.fit_status == "not_converged"
    assert np.isnan(exact.correlation)


def test_genetic_models_code_dosage() -> None:
    dosage = np.array([0.0, 1, 2])
    assert genotype_code(dosage, "additive").tolist() == [0, 1, 2]
    assert genotype_code(dosage, "dominant").tolist() == [0, 1, 1]
    assert genotype_code(dosage, "recessive").tolist() == [0, 0, 1]
    doubled = SMALL.dosage * 2
    additive = carrier_course(SMALL.visits, doubled, "additive")
    dominant = carrier_course(SMALL.visits, doubled, "dominant")
    assert dominant.slope_difference_per_month == pytest.approx(
        2 * additive.slope_difference_per_month
    )
    assert dominant.p_value == pytest.approx(additive.p_value)


def test_spline_is_cubic_between_knots_and_straight_outside() -> None:
    knots = np.array([2.0, 6, 12, 20])
    months = np.linspace(-5, 40, 451)
    basis = time_basis(months, knots)
    assert basis.shape == (451, 3)
    third = np.diff(basis[:, 1:], 3, axis=0)
    second = np.diff(basis[:, 1:], 2, axis=0)
    assert np.abs(second[months[2:] < 2]).max() < 1e-12
    assert np.abs(second[months[:-2] > 20]).max() < 1e-9
    inside = (months[:-3] > 6) & (months[3:] < 12)
    np.testing.assert_allclose(
        third[inside], third[inside][0][None].repeat(inside.sum(), 0), atol=1e-9
    )
    # Harrell's Hmisc::rcspline.eval(c(1,4,8,15,25), knots = c(2,6,12,20), norm = 2), by equation 2.24
    at_8 = (6**3 - 0) / 18**2
    assert time_basis(np.array([8.0]), knots)[0, 1] == pytest.approx(at_8)


def test_spline_follows_a_decline_that_slows() -> None:
    made = courses(np.random.default_rng(8), 60, 10, Truth())
    bent = Visits(
        made.visits.score + 8 * np.exp(-made.visits.months / 6),
        made.visits.months,
        made.visits.person,
    )
    straight = carrier_course(bent, made.dosage, "dominant")
    curved = carrier_course(bent, made.dosage, "dominant", n_knot=4)
    assert len(curved.knots) == 4
    assert curved.residual_sd < straight.residual_sd
    mean = mean_course(curved, np.array([0.0, 6, 24]), 0.0)
    others = made.dosage[bent.person] == 0
    seen = [bent.score[others & (bent.months == at)].mean() for at in mean.months]
    np.testing.assert_allclose(mean.mean, seen, atol=0.6)
    assert (mean.ci_lower < mean.mean).all()
    carrier = mean_course(curved, np.array([0.0, 10]), 1.0)
    other = mean_course(curved, np.array([0.0, 10]), 0.0)
    gap = carrier.mean - other.mean
    assert gap[0] == pytest.approx(curved.level_difference)
    assert gap[1] - gap[0] == pytest.approx(10 * curved.slope_difference_per_month)


def test_covariates_shift_the_level() -> None:
    made = courses(np.random.default_rng(9), 60, 10, Truth(level_sd=1.0))
    age = np.random.default_rng(10).normal(0, 1, (60, 1))
    visits = Visits(
        made.visits.score + 3 * age[made.visits.person, 0], made.visits.months, made.visits.person
    )
    found = carrier_course(visits, made.dosage, "dominant", covariate=age)
    assert found.coefficient[2] == pytest.approx(3, abs=0.6)
    at_two = mean_course(found, np.array([0.0]), 0.0, np.array([2.0])).mean
    assert at_two[0] == pytest.approx(found.coefficient[0] + 2 * found.coefficient[2])


def test_likelihoods_of_reml_are_not_compared() -> None:
    fixed, random = design(SMALL)

    def fit(n: int, method: str) -> MixedFit:
        return mixed_model(
            SMALL.visits.score, fixed[:, :n], random, SMALL.visits.person, method=method
        )  # type: ignore[arg-type]

    with pytest.raises(InputDataError, match="by reml and ml were to be compared: expected ml for"):
        likelihood_ratio_p(fit(4, "reml"), fit(3, "ml"))


def test_slopes_of_people_seen_once_are_missing_and_shrunken_ones_are_not() -> None:
    person = np.append(MADE.visits.person, 40)
    visits = Visits(np.append(MADE.visits.score, 30.0), np.append(MADE.visits.months, 6.0), person)
    found = person_slopes(visits)
    assert np.isnan(found.least_squares[40])
    assert np.isfinite(found.shrunken).all()
    assert found.n_visit[40] == 1
    assert np.nanstd(found.shrunken) < np.nanstd(found.least_squares)
    several = found.n_visit > 1
    assert found.n_residual == found.n_visit[several].sum() - 2 * several.sum()
    assert 1.6 < found.residual_sd < 2.4
    fitted = [
        np.polyfit(visits.months[person == i], visits.score[person == i], 1)[0]
        for i in np.flatnonzero(several)
    ]
    np.testing.assert_allclose(found.least_squares[several], fitted, rtol=1e-8)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: genotype_code(np.array([0.0, np.nan]), "additive"), "1 of 2 people have a dosage that is missing or outside 0-2"),
        (lambda: spline_knots(np.arange(5.0), 7), "a spline of 7 knots was asked for: expected 0"),
        (lambda: time_basis(np.arange(5.0), np.array([1.0, 1, 2])), "expected none, or at least 3 that increase"),
        (lambda: mixed_model(np.array([1.0, np.nan] * 4), np.ones((8, 1)), np.ones((8, 1)), np.arange(8) // 2), "4 numbers of scores or designs are missing"),
        (lambda: mixed_model(np.arange(8.0), np.ones((8, 1)), np.ones((8, 1)), np.arange(8) // 2 * 2), "expected every number from 0 to have a visit"),
        (lambda: mixed_model(np.arange(8.0), np.ones((8, 1)), np.ones((7, 1)), np.arange(8) // 2), "expected one row a visit in each"),
        (lambda: carrier_course(SMALL.visits, np.zeros(15), "dominant"), "15 genotypes and 15 rows of covariates for 14 people"),
        (lambda: person_slopes(Visits(np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))), "there is no visit with a score"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(call: object, words: str) -> None:
    with pytest.raises(InputDataError, match=words):
        call()  # type: ignore[operator]


@pytest.mark.long
def test_three_carriers_of_nothing_are_significant_as_often_as_they_should() -> None:
    """Unbalanced by deaths that the scores foretell; 3 carriers of 50, P by Student's t."""
    p_value, n = [], 250
    for seed in range(n):
        made = courses(
            np.random.default_rng(seed), 50, 3, Truth(slope_difference=0.0), every_months=4.0,
            association=-0.1, base_hazard=1.0,
        )  # fmt: skip
        fixed, random = design(made)
        fit = mixed_model(made.visits.score, fixed, random, made.visits.person)
        t = abs(fit.coefficient[3]) / fit.standard_error[3]
        p_value.append(2 * student_t.sf(t, fit.degrees_of_freedom[3]))
    for level in (0.05, 0.2):
        least, most = binom.interval(0.999, n, level)
        assert least <= (np.array(p_value) <= level).sum() <= most


def test_265_people_of_9_visits_take_less_than_a_tenth_of_a_second() -> None:
    made = courses(np.random.default_rng(12), 265, 20, Truth())
    fixed, random = design(made)
    taken = []
    for _ in range(3):
        start = thread_time()
        mixed_model(made.visits.score, fixed, random, made.visits.person)
        taken.append(thread_time() - start)
    assert min(taken) < 0.1
