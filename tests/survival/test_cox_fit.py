"""Cox models of several covariates: their maximum, their variance, and what changes nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.cox_data import CoxData, cox_data
from alsrev_dagster.survival.cox_fit import cox_fit
from alsrev_dagster.survival.cox_lifelines import FIT_OPTIONS
from alsrev_dagster.survival.cox_likelihood import Ties, at, likelihood, peak, residuals
from alsrev_dagster.survival.cox_model import CoxModel
from alsrev_dagster.survival.separation import separation_direction
from tests.survival.cox_by_hand import cohort, partial_likelihood

NAMES = ["carrier", "age"]


def weighted(seed: int, n: int = 60) -> pd.DataFrame:
    frame = cohort(seed, n)
    return frame.assign(weight=np.random.default_rng(seed).uniform(0.5, 3, n))


def compiled_fit(frame: pd.DataFrame, **given_: str) -> CoxModel:
    """Fit in which each row is a cluster, so that lifelines is not asked."""
    frame = frame.assign(row=np.arange(len(frame)))
    return cox_fit(cox_data(frame, NAMES, strata=["site"], cluster="row", **given_))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_likelihood_and_information_are_those_written_out(seed: int, ties: Ties) -> None:
    frame, beta = weighted(seed), np.array([0.4, -0.03])
    of = likelihood(cox_data(frame, NAMES, strata=["site"], weight="weight"), ties)
    found = at(of, beta)
    total, information = partial_likelihood(frame, NAMES, beta, is_efron=ties == "efron")
    assert found.log_likelihood == pytest.approx(total, abs=1e-9)
    ours = found.information * np.outer(of.scale, of.scale)
    np.testing.assert_allclose(ours, information, rtol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_compiled_maximum_is_that_of_lifelines(seed: int) -> None:
    frame = cohort(seed, 150)
    ours = compiled_fit(frame)
    columns = ["entry_months", "duration_months", "event", "site", *NAMES]
    theirs = CoxPHFitter().fit(
        frame[columns].astype({"carrier": float}),
        "duration_months",
        "event",
        entry_col="entry_months",
        strata=["site"],
        fit_options=FIT_OPTIONS,
    )
    np.testing.assert_allclose(ours.coefficient, theirs.params_, atol=2e-7)
    np.testing.assert_allclose(ours.log_likelihood, theirs.log_likelihood_, atol=1e-8)
    plain = cox_fit(cox_data(frame, NAMES, strata=["site"]))
    assert plain.method == "cox_wald"
    np.testing.assert_allclose(plain.standard_error, theirs.standard_errors_, rtol=1e-6)
    np.testing.assert_allclose(plain.p_value, theirs.summary["p"], rtol=1e-5)


def test_whole_weights_are_as_so_many_people_without_ties() -> None:
    frame = weighted(1).assign(weight=lambda f: f["weight"].round().clip(1))
    frame["duration_months"] += np.arange(len(frame)) / 1000
    times = frame["weight"].astype(int)
    many = frame.loc[frame.index.repeat(times)].assign(weight=1.0)
    many["row"] = many.index
    one = compiled_fit(frame, weight="weight")
    breslow = cox_fit(cox_data(many, NAMES, strata=["site"], cluster="row"), ties="breslow")
    np.testing.assert_allclose(one.coefficient, breslow.coefficient, atol=1e-8)
    np.testing.assert_allclose(one.covariance, breslow.covariance, rtol=1e-6)


def test_robust_variance_is_near_that_of_leaving_one_out() -> None:
    frame = weighted(2, 200)
    whole = compiled_fit(frame, weight="weight")
    left = [
        compiled_fit(frame.drop(index=i), weight="weight").coefficient - whole.coefficient
        for i in frame.index
    ]
    jackknife = np.sqrt((np.array(left) ** 2).sum(axis=0))
    np.testing.assert_allclose(whole.standard_error, jackknife, rtol=0.12)


def test_weights_by_outcome_undo_sampling_by_outcome() -> None:
    """Those with the event are all taken, of the others a tenth: unweighted is off, weighted not."""
    rng, found = np.random.default_rng(5), []
    for _ in range(8):
        n = 1500
        carrier = rng.random(n) < 0.3
        until = rng.exponential(1 / (0.02 * np.where(carrier, 3.0, 1.0)))
        frame = pd.DataFrame(
            {
                "entry_months": 0.0,
                "duration_months": np.minimum(until, 12.0),
                "event": until < 12,
                "carrier": carrier,
            }
        )
        is_taken = frame["event"] | (rng.random(n) < 0.1)
        taken = frame[is_taken].assign(weight=lambda f: np.where(f["event"], 1.0, 10.0))
        plain = cox_fit(cox_data(taken, ["carrier"])).coefficient[0]
        corrected = cox_fit(cox_data(taken, ["carrier"], weight="weight")).coefficient[0]
        found.append((plain, corrected))
    plain, corrected = np.mean(found, axis=0) - np.log(3)
    error = np.std(found, axis=0, ddof=1)[1] / np.sqrt(len(found))
    assert abs(corrected) < 3.3 * error
    assert plain < -0.1


PERSON = st.tuples(
    st.integers(0, 4), st.integers(1, 5), st.booleans(), st.integers(0, 2), st.integers(-3, 3)
)


def people(rows: list[tuple[int, int, bool, int, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["entry_months", "length", "event", "dosage", "age"])
    return frame.assign(
        duration_months=frame["entry_months"] + frame["length"],
        site="a",
        row=np.arange(len(frame)),
    )


def fit_of(frame: pd.DataFrame, strata: list[str] | None = None) -> CoxModel:
    data = cox_data(frame, ["dosage", "age"], strata=strata or [], cluster="row")
    return cox_fit(data)


def same(one: CoxModel, other: CoxModel, *, sign: float = 1.0, unit: float = 1.0) -> None:
    assert one.fit_status == other.fit_status
    if one.fit_status == "ok":
        expected = one.coefficient * [sign, 1 / unit]
        np.testing.assert_allclose(other.coefficient * [1, unit], expected * [1, unit], atol=1e-6)
        expected = one.standard_error / [1, unit]
        np.testing.assert_allclose(other.standard_error, expected, rtol=1e-5)


@settings(deadline=None, max_examples=30)
@given(st.lists(PERSON, min_size=8, max_size=25), st.randoms())
def test_what_changes_nothing(rows: list[tuple[int, int, bool, int, int]], random: object) -> None:
    """Swapped alleles, mixed rows, an empty stratum, a scaled covariate, split follow-up."""
    frame = people(rows)
    model = fit_of(frame)
    assume(model.fit_status != "ok" or np.abs(model.coefficient).max() < 8)
    same(model, fit_of(frame.assign(dosage=2 - frame["dosage"])), sign=-1.0)
    same(model, fit_of(frame.sample(frac=1, random_state=1)))
    same(model, fit_of(frame.assign(age=1000 * frame["age"] + 7)), unit=1000.0)
    alone = people([(0, 3, False, 1, 0)]).assign(site="b", row=-1)
    same(model, fit_of(pd.concat([frame, alone]), ["site"]))
    middle = frame["entry_months"] + frame["length"] / 2
    early = frame.assign(duration_months=middle, event=False)
    same(model, fit_of(pd.concat([early, frame.assign(entry_months=middle)])))


def bad(**columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"entry_months": [0.0, 0.0], "duration_months": [1.0, 2.0], "event": True, "x": [0.0, 1.0]}
    )
    return frame.assign(w=1.0, who=[1, 2]).assign(**columns)


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (bad(x=[0.0, np.nan]), r"covariate 'x' is missing or infinite in 1 of 2 rows: expected a"),
        (bad(w=[1.0, 0.0]), r"weight 'w' is not above 0 in 1 of 2 rows: expected 1 / the fraction"),
        (bad(who=[1, 1]), r"1 row\(s\) start before the same participant's last row ends"),
        (bad(entry_months=[1.0, 0.0]), r"1 of 2 participants leave no later than they enter"),
    ],
)
def test_what_cannot_be_fitted_is_refused(frame: pd.DataFrame, text: str) -> None:
    with pytest.raises(InputDataError, match=text):
        cox_data(frame, ["x"], weight="w", participant="who")


def test_covariate_that_is_not_in_the_model_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"covariate 'y' is not in the model: expected one of"):
        cox_data(bad(), ["x"]).index("y")


def status_of(*rows: tuple[float, bool, float, float]) -> CoxModel:
    frame = pd.DataFrame(rows, columns=["duration_months", "event", "x", "y"])
    return cox_fit(cox_data(frame.assign(entry_months=0.0), ["x", "y"]))


def test_status_with_two_covariates() -> None:
    none = [(1.0, False, 0.0, 1.0), (2.0, False, 1.0, 0.0)]
    assert status_of(*none).fit_status == "no_events"
    same_x = [(1.0, True, 1.0, 1.0), (2.0, True, 1.0, 0.0)]
    assert status_of(*same_x).fit_status == "monomorphic"
    copies = [(1.0, True, 1.0, 2.0), (2.0, True, 0.0, 0.0), (3.0, True, 1.0, 2.0), (4, False, 0, 0)]
    assert status_of(*copies).fit_status == "collinear"


def only_together() -> CoxData:
    """Whoever has the event has the largest x + y at risk; of x or y alone that is not so."""
    rows = [(1, 3, 1), (2, 0, 3), (3, 2, 0), (4, 1, 0), (5, -2, 2), (6, 0, -1)]
    frame = pd.DataFrame(rows, columns=["duration_months", "x", "y"])
    return cox_data(frame.assign(entry_months=0.0, event=True), ["x", "y"])


def test_covariates_that_separate_only_together_are_found() -> None:
    data = only_together()
    assert cox_fit(data).fit_status == "separated"
    assert [separation_direction(data, name) for name in ("x", "y")] == [1, 1]
    assert separation_direction(data.without("y"), "x") == 0


@settings(deadline=None, max_examples=40)
@given(st.lists(PERSON, min_size=4, max_size=14))
def test_separation_is_what_the_likelihood_far_out_says(
    rows: list[tuple[int, int, bool, int, int]],
) -> None:
    frame = people(rows).assign(weight=1.0)
    assume(frame["event"].any() and np.ptp(frame["dosage"]) > 0)
    direction = separation_direction(cox_data(frame, ["dosage"]), "dosage")
    far = [partial_likelihood(frame, ["dosage"], np.array([b]))[0] for b in (-30, -29, 29, 30)]
    rises, falls = far[3] > far[2] - 1e-9, far[0] > far[1] - 1e-9
    assert direction == int(rises) - int(falls)


def test_residuals_add_to_nothing_in_each_stratum() -> None:
    data = cox_data(weighted(3), NAMES, strata=["site"], weight="weight")
    of = likelihood(data)
    found = peak(of)
    martingale, score = residuals(of, found.coefficient / of.scale, data.event)
    for site in (0, 1):
        inside = data.stratum == site
        assert (martingale * data.weight)[inside].sum() == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(data.weight @ score, 0, atol=1e-6)
