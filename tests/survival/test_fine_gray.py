"""Fine-Gray: Cox without competing events, the likelihood written out, symmetries, statuses."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter
from pandas import DataFrame
from scipy.optimize import minimize

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.competing import cumulative_incidence
from alsrev_dagster.survival.fine_gray import FineGrayFit, fine_gray
from alsrev_dagster.survival.fine_gray_firth import fine_gray_firth
from alsrev_dagster.survival.gray import gray_test
from alsrev_dagster.survival.risk import FloatArray, IntArray
from alsrev_dagster.survival.subdistribution import subdistribution_weights, weight_table
from tests.survival.grouped import PEOPLE, Columns, People, columns, cut, random_people


def two_covariates(seed: int, n: int) -> FloatArray:
    rng = np.random.default_rng(seed + 1_000)
    return np.column_stack([rng.random(n) < 0.4, rng.normal(size=n)]).astype(float)


def fitted(data: Columns, covariate: FloatArray, **options: object) -> FineGrayFit:
    duration, code, _, entry, stratum = data
    return fine_gray(
        duration,
        code,
        covariate,
        entry_months=entry,
        stratum=stratum,
        **options,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("seed", range(3))
def test_without_competing_events_it_is_cox(seed: int) -> None:
    """Strata, late entry and ties (Efron), against lifelines."""
    duration, code, _, entry, stratum = random_people(seed)
    duration, entry = np.ceil(duration * 2) / 2 + 0.5, np.floor(entry * 2) / 2
    x, event = two_covariates(seed, len(duration)), (code == 1).astype(int)
    fit = fitted((duration, event, stratum, entry, stratum), x)
    frame = DataFrame(
        {"t": duration, "e": event, "w": entry, "s": stratum, "a": x[:, 0], "b": x[:, 1]}
    )
    theirs = CoxPHFitter().fit(
        frame, "t", "e", entry_col="w", strata=["s"],
        fit_options={"precision": 1e-14, "r_precision": 1e-15},
    )  # fmt: skip
    np.testing.assert_allclose(fit.coefficient, theirs.params_, atol=1e-7)
    error = fit.wald("model")
    np.testing.assert_allclose(error.standard_error, theirs.standard_errors_, rtol=1e-6)
    np.testing.assert_allclose(error.p_value, theirs.summary["p"], rtol=1e-5)
    assert fit.log_likelihood == pytest.approx(theirs.log_likelihood_, abs=1e-8)
    assert fit.log_likelihood_null == pytest.approx(theirs._ll_null_, abs=1e-8)


@pytest.mark.parametrize("seed", range(2))
def test_without_competing_events_the_sandwich_is_lifelines_with_clusters(seed: int) -> None:
    duration, code, _, _, _ = random_people(seed, late=False)
    x, family = two_covariates(seed, len(duration)), np.arange(len(duration)) // 2
    fit = fine_gray(duration, (code == 1).astype(int), x, cluster=family)
    frame = DataFrame({"t": duration, "e": code == 1, "a": x[:, 0], "b": x[:, 1], "f": family})
    theirs = CoxPHFitter().fit(
        frame, "t", "e", cluster_col="f",
        fit_options={"precision": 1e-14, "r_precision": 1e-15},
    )  # fmt: skip
    error = fit.wald("robust").standard_error
    np.testing.assert_allclose(error, theirs.standard_errors_, rtol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_estimate_is_the_maximum_of_the_weighted_likelihood_written_out(seed: int) -> None:
    duration, code, _, entry, stratum = random_people(seed, n=80)
    duration, entry = np.ceil(duration * 2) / 2 + 0.5, np.floor(entry * 2) / 2
    x = two_covariates(seed, 80)
    fit = fitted((duration, code, stratum, entry, stratum), x, ties="breslow")
    weights = subdistribution_weights(duration, code, entry)

    def height(beta: FloatArray) -> float:
        total = 0.0
        for row, t in enumerate(weights.time_months):
            for one in np.unique(stratum):
                event = (duration == t) & (code == 1) & (stratum == one)
                at_risk = weights.weight[row] * (stratum == one)
                total += (x[event] @ beta).sum()
                total -= (
                    event.sum() * np.log((at_risk * np.exp(x @ beta)).sum()) if event.any() else 0
                )
        return float(total)

    best = minimize(lambda b: -height(b), np.zeros(2), tol=1e-12)
    np.testing.assert_allclose(fit.coefficient, best.x, atol=1e-5)
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=1e-8)


@settings(deadline=None, max_examples=60)
@given(PEOPLE)
def test_weighted_product_limit_is_the_aalen_johansen_incidence(people: People) -> None:
    duration, code, _, entry, _ = columns(people)
    weights = subdistribution_weights(duration, code, entry)
    assume(weights.conditional_from_months == 0)
    assert (weights.weight >= 0).all()
    d = np.array([((duration == t) & (code == 1)).sum() for t in weights.time_months])
    free = np.cumprod(1 - d / weights.weight.sum(axis=1))
    curve = cumulative_incidence(duration, code, entry)
    np.testing.assert_allclose(1 - free, curve.cumulative_incidence, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(PEOPLE)
def test_after_a_gap_only_who_came_later_counts(people: People) -> None:
    """All early ones are gone by 15, when others enter: nobody early has a weight after it."""
    duration, code, _, entry, _ = columns([*people, (0, 2, 2, 0, 0)])
    late = np.array([20.0, 21, 22])
    found = subdistribution_weights(
        np.concatenate([duration, late]),
        np.concatenate([code, [1, 2, 1]]),
        np.concatenate([entry, [15.0, 15, 15]]),
    )
    assert found.conditional_from_months == duration.max()
    n_after = found.time_months > 15
    assert (found.weight[n_after][:, : len(duration)] == 0).all()
    np.testing.assert_array_equal(found.weight[n_after][:, -3:], [[1, 1, 1], [0, 1, 1]])


@pytest.mark.parametrize("seed", range(3))
def test_score_of_a_group_at_null_is_grays(seed: int) -> None:
    """The slope of the log likelihood at 0, with the weights of each group its own."""
    duration, code, group, entry, _ = random_people(seed, n=60)
    entry[:6] = 0.0
    test = gray_test(duration, code, group, entry_months=entry)
    assert test.conditional_from_months == 0
    weights = subdistribution_weights(duration, code, entry, weight_stratum=group)
    assert weights.conditional_from_months == 0
    mean = weights.weight @ group / weights.weight.sum(axis=1)
    slope = group[code == 1].sum() - mean.sum()
    assert slope == pytest.approx(test.observed[1] - test.expected[1], abs=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_order_of_participants_does_not_matter(seed: int) -> None:
    data, x = random_people(seed, n=60), two_covariates(seed, 60)
    order = np.random.default_rng(seed).permutation(60)
    one = fitted(data, x)
    other = fitted(tuple(values[order] for values in data), x[order])  # type: ignore[arg-type]
    np.testing.assert_allclose(one.coefficient, other.coefficient, atol=1e-10)
    np.testing.assert_allclose(one.covariance_robust, other.covariance_robust, rtol=1e-8)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 4), st.integers(0, 59), st.floats(0.05, 8))
def test_cutting_a_follow_up_changes_nothing(seed: int, who: int, at: float) -> None:
    data, x = random_people(seed, n=60), two_covariates(seed, 60)
    whole, halves = fitted(data, x), cut(data, who, at)
    person = np.arange(60) if len(halves[0]) == 60 else np.append(np.arange(60), who)
    other = fitted(halves, x[person], cluster=person)
    np.testing.assert_allclose(whole.coefficient, other.coefficient, atol=1e-9)
    np.testing.assert_allclose(whole.covariance_robust, other.covariance_robust, rtol=1e-7)


def test_a_stratum_without_events_changes_nothing() -> None:
    """It has weights of its own, as else it would tell of the censoring of the others."""
    duration, code, _, entry, _ = random_people(1, n=60)
    x, alike = two_covariates(1, 64), np.repeat([0, 1], [60, 4])
    one = fine_gray(duration, code, x[:60], entry_months=entry)
    other = fine_gray(
        np.append(duration, [3.0, 4, 5, 6]),
        np.append(code, [0, 2, 0, 2]),
        x,
        entry_months=np.append(entry, np.zeros(4)),
        stratum=alike,
        weight_stratum=alike,
    )
    np.testing.assert_allclose(one.coefficient, other.coefficient, atol=1e-9)
    np.testing.assert_allclose(one.covariance_robust, other.covariance_robust, rtol=1e-7)


def test_swapping_the_coding_negates_the_coefficient() -> None:
    data, x = random_people(2, n=60), two_covariates(2, 60)[:, :1]
    one, other = fitted(data, x), fitted(data, 1 - x)
    np.testing.assert_allclose(one.coefficient, -other.coefficient, atol=1e-10)
    assert one.wald().p_value == pytest.approx(other.wald().p_value)
    assert one.wald().ci_lower == pytest.approx(1 / other.wald().ci_upper)


def test_own_variance_is_the_bootstraps_without_late_entry() -> None:
    """400 resamples of 200: the standard error within a tenth of their spread."""
    duration, code, _, _, _ = random_people(8, n=200, late=False)
    x = two_covariates(8, 200)
    fit = fine_gray(duration, code, x)
    rng = np.random.default_rng(1)
    drawn = []
    for _ in range(400):
        who = rng.integers(0, 200, 200)
        drawn.append(fine_gray(duration[who], code[who], x[who], ties="breslow").coefficient)
    spread = np.std(drawn, axis=0)
    np.testing.assert_allclose(fit.wald("fine_gray").standard_error, spread, rtol=0.15)
    np.testing.assert_allclose(fit.wald("robust").standard_error, spread, rtol=0.15)


def test_late_entry_leaves_cmprsks_variance_unknown() -> None:
    data, x = random_people(2, n=60), two_covariates(2, 60)
    assert np.isnan(fitted(data, x).wald("fine_gray").standard_error).all()
    assert np.isfinite(fitted(data, x).wald("robust").standard_error).all()


def small(code: list[int], x: list[float]) -> tuple[FloatArray, IntArray, FloatArray]:
    return np.arange(1.0, len(code) + 1), np.array(code), np.array(x)[:, None]


@pytest.mark.parametrize(
    ("code", "x", "status"),
    [
        ([2, 0, 2, 0], [1, 0, 1, 0], "no_events"),
        ([1, 0, 1, 0], [1, 1, 1, 1], "monomorphic"),
        ([1, 1, 2, 0], [1, 1, 0, 0], "separated"),
        ([2, 1, 0, 1], [1, 0, 0, 0], "separated"),
        # the last is alone at risk when the covariate first differs
        ([0, 1, 1], [1, 0, 0], "monomorphic"),
        ([1, 1, 1, 0], [1, 0, 1, 0], "ok"),
    ],
)
def test_fit_status_names_what_is_wrong(code: list[int], x: list[float], status: str) -> None:
    fit = fine_gray(*small(code, x))
    assert fit.fit_status == status
    assert np.isnan(fit.coefficient).all() == (status != "ok")
    assert np.isnan(fit.wald("model").p_value).all() == (status != "ok")
    assert fit.n == len(code)
    assert fit.n_event == code.count(1)
    assert fit.n_competing == code.count(2)


def test_missing_covariate_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"1 of 3 participants have a covariate that is miss"):
        fine_gray(*small([1, 2, 0], [1, np.nan, 0]))


def test_covariate_of_another_shape_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"covariate has shape \(3,\) for 3.*matrix of one"):
        fine_gray(np.arange(1.0, 4), np.array([1, 2, 0]), np.zeros(3))


def test_weight_table_is_sorted_by_participant_and_time() -> None:
    duration, code, _, entry, _ = random_people(3, n=30)
    found = subdistribution_weights(duration, code, entry)
    table = weight_table(found, code)
    assert (np.diff(table.participant) >= 0).all()
    assert set(table.participant.tolist()) <= set(np.flatnonzero(code == 2).tolist())
    row = np.searchsorted(found.time_months, table.time_months)
    np.testing.assert_array_equal(found.weight[row, table.participant], table.weight)
    assert (table.weight > 0).all()


@settings(deadline=None, max_examples=80)
@given(PEOPLE, st.sampled_from(["efron", "breslow"]))
def test_any_people_have_a_fit_or_a_reason(people: People, ties: str) -> None:
    """A finite estimate just where the likelihood falls on both sides; no warning anywhere."""
    data = columns(people)
    x = (data[2] == data[2].min()).astype(float)[:, None]
    fit = fitted(data, x, ties=ties)
    firth = fine_gray_firth(data[0], data[1], x, entry_months=data[3], stratum=data[4], ties=ties)  # type: ignore[arg-type]
    assert np.isfinite(fit.coefficient).all() == (fit.fit_status == "ok")
    if fit.fit_status in ("ok", "separated"):
        assert firth.fit_status == "ok"
        assert firth.ci_lower[0] <= firth.hazard_ratio[0] <= firth.ci_upper[0]
        assert 0 <= firth.p_value[0] <= 1
    else:
        assert firth.fit_status == fit.fit_status
    assert fit.fit_status != "not_converged"
    assert (fit.fit_status == "separated") == _is_separated(data, x[:, 0])


def _is_separated(data: Columns, x: FloatArray) -> bool:
    """Whether events come only from one side wherever both are at risk."""
    duration, code, _, entry, stratum = data
    weights = subdistribution_weights(duration, code, entry)
    up = down = False
    for row, t in enumerate(weights.time_months):
        for one in np.unique(stratum):
            inside = stratum == one
            event = inside & (duration == t) & (code == 1)
            at_risk = inside & (weights.weight[row] > 0)
            up |= bool((event & (x == 1)).any() and (at_risk & (x == 0)).any())
            down |= bool((event & (x == 0)).any() and (at_risk & (x == 1)).any())
    return (up or down) and not (up and down)


@pytest.mark.parametrize("unit", [1e-4, 1e4])
def test_the_unit_of_a_covariate_does_not_matter(unit: float) -> None:
    data, x = random_people(4, n=60), two_covariates(4, 60)
    duration, code, _, entry, _ = data
    one, other = fitted(data, x), fitted(data, x * unit)
    np.testing.assert_allclose(one.coefficient, other.coefficient * unit, rtol=1e-7)
    assert one.wald().p_value == pytest.approx(other.wald().p_value, rel=1e-6)
    firth, scaled = (
        fine_gray_firth(duration, code, values, entry_months=entry) for values in (x, x * unit)
    )
    np.testing.assert_allclose(firth.coefficient, scaled.coefficient * unit, rtol=1e-6)
    np.testing.assert_allclose(firth.p_value, scaled.p_value, rtol=1e-5)
