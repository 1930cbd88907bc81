"""The joint model against its integrals done on a grid, its slopes, and a known truth."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, multivariate_normal, norm
from scipy.stats import t as student_t

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.carrier_course import carrier_course
from alsrev_dagster.survival.compile_courses import main, statuses
from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.joint_data import (
    Association,
    Baseline,
    JointData,
    carrier_design,
    joint_data,
)
from alsrev_dagster.survival.joint_likelihood import JointLikelihood
from alsrev_dagster.survival.joint_model import JointFit, joint_model
from alsrev_dagster.survival.mixed_model import mixed_model
from alsrev_dagster.survival.risk import FloatArray
from alsrev_dagster.survival.two_stage import two_stage
from tests.survival.made_courses import Courses, Truth, courses, number

TRUTH = Truth(slope_difference=0.5, slope_sd=0.7)
KINDS: list[tuple[Association, Baseline]] = [
    ("value", "weibull"),
    ("value", "piecewise"),
    ("slope", "weibull"),
    ("value_and_slope", "piecewise"),
    ("random_effects", "weibull"),
]


def made(seed: int, n: int = 60, every: float = 4.0) -> Courses:
    random = np.random.default_rng(seed)
    return courses(random, n, n // 4, TRUTH, association=-0.12, base_hazard=4.0, every_months=every)


def data(one: Courses, entry: FloatArray | None = None, **kind: object) -> JointData:
    return joint_data(
        one.visits, carrier_design(one.dosage), one.dosage[:, None], one.until_months, one.died,
        entry_months=entry, **kind,  # type: ignore[arg-type]
    )  # fmt: skip


def delayed(one: Courses, random: np.random.Generator) -> tuple[Courses, FloatArray]:
    """Who is alive, and seen, after an entry at random; scores from then on."""
    entry = random.uniform(0, 12, len(one.dosage))
    keep = one.visits.months >= entry[one.visits.person]
    seen = np.bincount(one.visits.person[keep], minlength=len(entry)) > 0
    seen &= one.until_months > entry
    visits = one.visits.of(keep & seen[one.visits.person])
    renumbered = Visits(visits.score, visits.months, number(visits.person))
    kept = Courses(renumbered, one.dosage[seen], one.died[seen], one.until_months[seen])
    return kept, entry[seen]


def parameters(likelihood: JointLikelihood) -> FloatArray:
    """Some place that is neither the start nor the maximum."""
    n_fixed, n_risk, n_link, n_baseline = likelihood.sizes
    row = np.zeros(n_fixed + 4 + n_risk + n_link + n_baseline)
    row[:4] = [39.0, -0.8, 0.5, 0.3]
    row[4:8] = [0.8, 3.5, 0.1, 0.5]
    row[8 : 8 + n_risk] = 0.2
    row[8 + n_risk : 8 + n_risk + n_link] = [-0.1, -0.4][:n_link]
    row[-n_baseline:] = [-0.5, 0.3] if n_baseline == 2 else np.linspace(-1, 0, n_baseline)
    return row


def on_a_grid(likelihood: JointLikelihood, row: FloatArray, i: int, entry: float) -> float:
    """Log likelihood of one person: both integrals over b summed on a fine grid."""
    one, parts = likelihood.data, likelihood.parts(row)
    spread = parts.factor @ parts.factor.T
    reach = np.linspace(-6, 6, 91)
    u = np.stack(np.meshgrid(reach, reach, indexing="ij"), -1).reshape(-1, 2)
    b, weight = u @ parts.factor.T, norm.pdf(u).prod(axis=1) * (reach[1] - reach[0]) ** 2
    here = one.visits.person == i
    mean = one.fixed[here] @ parts.fixed + b @ one.random[here].T
    scores = norm.logpdf(one.visits.score[here], mean, np.exp(parts.log_sd)).sum(axis=1)

    def log_hazard(t: float) -> FloatArray:
        design = one.design(np.array([t]), np.array([i]))[0]
        value = design @ parts.fixed + b[:, 0] + b[:, 1] * t
        slope = parts.fixed[1] + parts.fixed[3] * one.risk[i, 0] + b[:, 1]
        links = {"value": [value], "slope": [slope], "value_and_slope": [value, slope]}
        link = links.get(one.association, [b[:, 0], b[:, 1]])
        if one.baseline == "weibull":
            base = parts.baseline.sum() + (np.exp(parts.baseline[1]) - 1) * np.log(t)
        else:
            base = parts.baseline[np.searchsorted(one.knots, t)]
        return base + one.risk[i] @ parts.risk + np.array(parts.association) @ np.array(link)

    def summed(until: float) -> FloatArray:
        n = 400
        middle = (np.arange(n) + 0.5) / n * until
        return np.sum([np.exp(log_hazard(t)) for t in middle], axis=0) * until / n

    until = float(one.followed.duration_months[i])
    event = log_hazard(until) if one.event[i] else 0.0
    top = np.log((weight * np.exp(scores + event - summed(until))).sum())
    if entry <= 0:
        return float(top)
    del spread
    return float(top - np.log((weight * np.exp(-summed(entry))).sum()))


@pytest.mark.parametrize(("association", "baseline"), KINDS[:1] + KINDS[3:])
def test_likelihood_is_that_of_integrals_on_a_grid(
    association: Association, baseline: Baseline
) -> None:
    one, entry = delayed(made(1, 20), np.random.default_rng(2))
    entry[0] = 0.0
    likelihood = JointLikelihood(data(one, entry, association=association, baseline=baseline), 9)
    row = parameters(likelihood)
    found = likelihood.by_person(row)[0]
    for i in (0, 1):
        assert found[i] == pytest.approx(on_a_grid(likelihood, row, i, entry[i]), abs=3e-3)


@pytest.mark.parametrize(("association", "baseline"), KINDS)
def test_slopes_are_those_of_differences(association: Association, baseline: Baseline) -> None:
    one, entry = delayed(made(3, 30), np.random.default_rng(4))
    likelihood = JointLikelihood(data(one, entry, association=association, baseline=baseline), 13)
    row = parameters(likelihood)
    slope = likelihood.by_person(row)[1].sum(axis=0)
    for j in range(len(row)):
        step = np.zeros(len(row))
        step[j] = 1e-5
        ahead, behind = (likelihood.by_person(row + h)[0].sum() for h in (step, -step))
        assert slope[j] == pytest.approx((ahead - behind) / 2e-5, abs=0.02, rel=2e-3)


def test_without_association_the_parts_are_a_mixed_model_and_a_weibull() -> None:
    """With the association at 0 the likelihood is a product: mixed model's, and Weibull's own."""
    one = made(5)
    likelihood = JointLikelihood(data(one), 7)
    row = parameters(likelihood)
    row[9] = 0.0
    parts = likelihood.parts(row)
    shape, t = np.exp(parts.baseline[1]), one.until_months
    log_rate = parts.baseline[0] + parts.risk[0] * one.dosage
    event = (
        one.died * (log_rate + np.log(shape) + (shape - 1) * np.log(t))
        - np.exp(log_rate) * t**shape
    )
    for i in (0, 20):
        here = one.visits.person == i
        z = likelihood.data.random[here]
        whole = z @ parts.factor @ parts.factor.T @ z.T + np.exp(2 * parts.log_sd) * np.eye(len(z))
        scores = multivariate_normal(likelihood.data.fixed[here] @ parts.fixed, whole)
        expected = scores.logpdf(one.visits.score[here]) + event[i]
        assert likelihood.by_person(row)[0][i] == pytest.approx(expected, abs=1e-3)


N_SEED = 200


@pytest.fixture(scope="module")
def studies() -> list[Courses]:
    return [made(seed, 60, 6.0) for seed in range(N_SEED)]


@pytest.fixture(scope="module")
def fits(studies: list[Courses]) -> list[JointFit]:
    return [joint_model(data(one), n_node=5) for one in studies]


@pytest.mark.long
def test_joint_model_is_unbiased_and_covers(fits: list[JointFit]) -> None:
    assert {fit.fit_status for fit in fits} <= {"ok", "singular"}
    _judge([(f.fixed.value[3], f.fixed.ci_lower[3], f.fixed.ci_upper[3]) for f in fits], 0.5)
    _judge([(f.fixed.value[1], f.fixed.ci_lower[1], f.fixed.ci_upper[1]) for f in fits], -0.9)
    links = [f.association for f in fits]
    n_cover = sum(link.ci_lower[0] <= -0.12 <= link.ci_upper[0] for link in links)
    assert binom.ppf(0.0005, N_SEED, 0.95) <= n_cover
    no_effect = [(f.risk.value[0], f.risk.ci_lower[0], f.risk.ci_upper[0]) for f in fits]
    _judge(no_effect, 0.0)


@pytest.mark.long
def test_mixed_model_of_all_visits_covers_the_carriers_slope(studies: list[Courses]) -> None:
    _judge([_mixed(one.visits, one.dosage) for one in studies], 0.5)


def test_only_survivors_flatter_the_slope_and_hide_the_carriers(studies: list[Courses]) -> None:
    """The naive analysis: of who is alive at the end, others than carriers seem not to decline."""
    found, others = [], []
    for one in studies:
        alive = ~one.died[one.visits.person]
        visits = one.visits.of(alive)
        dosage = one.dosage[np.unique(visits.person)]
        if 2 <= dosage.sum() <= len(dosage) - 2:
            visits = Visits(visits.score, visits.months, number(visits.person))
            fixed = carrier_design(dosage)(visits.months, visits.person)
            slopes = mixed_model(visits.score, fixed, fixed[:, :2], visits.person).coefficient
            found.append(slopes[3])
            others.append(slopes[1])
    assert len(found) > 150
    error = np.nanstd(found) / np.sqrt(len(found))
    assert np.nanmean(found) + 5 * error < 0.5
    assert np.nanmean(others) > -0.5  # the truth is -0.9


@pytest.mark.long
def test_two_stages_are_biased_toward_the_null(
    studies: list[Courses], fits: list[JointFit]
) -> None:
    both = [
        (two_stage(data(one)).association.value[0], fit.association.value[0])
        for one, fit in zip(studies[:40], fits[:40], strict=True)
    ]
    apart = np.array([two - joint for two, joint in both])
    assert apart.mean() > 4 * apart.std(ddof=1) / np.sqrt(len(apart))


def _mixed(visits: Visits, dosage: FloatArray) -> tuple[float, float, float]:
    """Slope difference with its interval, as carrier_course has it."""
    fixed = carrier_design(dosage)(visits.months, visits.person)
    fit = mixed_model(visits.score, fixed, fixed[:, :2], visits.person)
    half = student_t.ppf(0.975, fit.degrees_of_freedom[3]) * fit.standard_error[3]
    slope = float(fit.coefficient[3])
    return slope, slope - half, slope + half


def _judge(found: list[tuple[float, float, float]], truth: float) -> None:
    """Unbiased and covering within what chance allows."""
    value, lower, upper = np.array(found).T
    error = value.std(ddof=1) / np.sqrt(len(value))
    assert abs(value.mean() - truth) < 3.3 * error
    n_cover = int(((lower <= truth) & (truth <= upper)).sum())
    assert n_cover >= binom.ppf(0.0005, len(value), 0.95)


@pytest.mark.long
def test_to_ignore_a_delayed_entry_is_biased_and_to_heed_it_is_not() -> None:
    right, wrong = [], []
    for seed in range(14):
        one, entry = delayed(made(1000 + seed, 100, 4.0), np.random.default_rng(seed))
        right.append(joint_model(data(one, entry), n_node=5).fixed.value[1])
        wrong.append(joint_model(data(one), n_node=5).fixed.value[1])
    error = np.std(right, ddof=1) / np.sqrt(14)
    assert abs(np.mean(right) + 0.9) < 3.3 * error
    flattered = np.array(wrong) - np.array(right)
    assert flattered.mean() > 3.3 * flattered.std(ddof=1) / np.sqrt(14)


@settings(deadline=None, max_examples=4)
@given(st.floats(-15, 15))
def test_shift_of_scores_moves_the_level_and_the_baseline_only(shift: float) -> None:
    one = made(7, 40)
    before = joint_model(data(one))
    moved = replace(one, visits=replace(one.visits, score=one.visits.score + shift))
    after = joint_model(data(moved))
    expected = before.fixed.value.copy()
    expected[0] += shift
    np.testing.assert_allclose(after.fixed.value, expected, atol=2e-3)
    np.testing.assert_allclose(after.association.value, before.association.value, atol=1e-4)
    rate = before.baseline.value[0] - shift * before.association.value[0]
    assert after.baseline.value[0] == pytest.approx(rate, abs=5e-3)


def test_some_may_enter_at_0_and_others_later() -> None:
    """Also what is compiled ahead: no warning, and who was late is counted."""
    main()
    one, entry = delayed(made(14, 80, 3.0), np.random.default_rng(15))
    entry[::2] = 0.0
    found = joint_model(data(one, entry))
    assert found.fit_status == "ok"
    assert found.n_delayed == (entry > 0).sum()
    at_0 = joint_model(data(one, np.zeros(len(entry))))
    assert at_0.log_likelihood == pytest.approx(joint_model(data(one)).log_likelihood, abs=1e-6)


def test_what_is_compiled_ahead_is_fitted_to_the_end() -> None:
    """A fit that stops early (separated, no maximum) leaves its loops to the first study."""
    assert set(statuses()) <= {"ok", "singular"}


def test_order_of_people_does_not_matter() -> None:
    one = made(8, 40)
    other = np.random.default_rng(9).permutation(40)
    dosage, died, until = np.empty(40), np.empty(40, dtype=bool), np.empty(40)
    dosage[other], died[other], until[other] = one.dosage, one.died, one.until_months
    visits = replace(one.visits, person=other[one.visits.person])
    found = joint_model(data(Courses(visits, dosage, died, until)))
    np.testing.assert_allclose(found.fixed.value, joint_model(data(one)).fixed.value, atol=1e-4)


def test_pieces_without_a_death_are_joined() -> None:
    one = made(16, 40)
    by_default = data(one, baseline="piecewise")
    asked = data(one, baseline="piecewise", knots=np.array([1e-9, 6.0, 6.0001, 30.0]))
    for found in (by_default, asked):
        piece = np.searchsorted(found.knots, one.until_months[one.died])
        assert (np.bincount(piece, minlength=len(found.knots) + 1) > 0).all()
    assert asked.knots.tolist() == [6.0]
    fit = joint_model(by_default)
    assert fit.fit_status == "ok"
    assert len(fit.baseline.value) == len(by_default.knots) + 1


def test_without_deaths_there_is_no_joint_model() -> None:
    one = made(10, 20)
    found = joint_model(data(replace(one, died=np.zeros(20, dtype=bool))))
    assert found.fit_status == "no_events"
    assert np.isnan(found.association.value).all()
    assert len(found.fixed.value) == 4
    assert two_stage(data(replace(one, died=np.zeros(20, dtype=bool)))).fit_status == "no_events"


@pytest.mark.parametrize("who_dies", ["others", "carriers"])
def test_when_only_one_group_dies_it_is_said(who_dies: str) -> None:
    one = made(17, 30)
    is_carrier = one.dosage > 0
    died = one.died & (is_carrier if who_dies == "carriers" else ~is_carrier)
    apart = data(replace(one, died=died))
    assert joint_model(apart).fit_status == two_stage(apart).fit_status == "separated"
    alone = joint_data(
        one.visits, carrier_design(one.dosage), np.empty((30, 0)), one.until_months, died
    )
    found = joint_model(alone)
    assert found.fit_status in ("ok", "singular")
    assert len(found.risk.value) == 0


def test_without_carriers_it_is_not_estimable() -> None:
    nobody = data(replace(made(18, 20), dosage=np.zeros(20)))
    assert joint_model(nobody).fit_status == two_stage(nobody).fit_status == "not_estimable"


def test_two_stages_without_carriers_at_death_are_not_estimable() -> None:
    one = made(11, 20)
    flat = joint_data(
        one.visits, carrier_design(one.dosage), np.zeros((20, 1)), one.until_months, one.died
    )
    assert two_stage(flat).fit_status == "not_estimable"
    assert joint_model(flat).fit_status == "not_estimable"


def test_interval_of_the_mixed_model_is_students() -> None:
    fit = carrier_course(made(12).visits, made(12).dosage, "dominant")
    found = fit.slope_difference_per_month, fit.ci_lower, fit.ci_upper
    assert _mixed(made(12).visits, made(12).dosage) == pytest.approx(found)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"until_months": np.full(20, 1.0)}, "visits are after their person's exit"),
        ({"died": np.zeros(19, dtype=bool)}, "20 rows of hazard covariates and 19 events"),
    ],
)
def test_what_cannot_be_joined_is_refused(change: dict[str, FloatArray], words: str) -> None:
    one = made(13, 20)
    with pytest.raises(InputDataError, match=words):
        data(replace(one, **change))  # type: ignore[arg-type]
