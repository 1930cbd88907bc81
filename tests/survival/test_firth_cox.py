"""Firth's Cox model against its likelihood written out and searched without slopes."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.cox_data import cox_data
from alsrev_dagster.survival.cox_fit import cox_fit
from alsrev_dagster.survival.cox_likelihood import likelihood, peak
from alsrev_dagster.survival.cox_model import chosen_method
from alsrev_dagster.survival.firth_cox import firth_cox
from tests.survival.cox_by_hand import cohort, highest, penalised, profile_end

NAMES = ["carrier", "age"]
DROP = float(chi2.isf(0.05, 1))


def separating(frame: pd.DataFrame, *, up: bool) -> pd.DataFrame:
    """Only carriers have the event, or none of them has."""
    return frame.assign(event=frame["event"] & (frame["carrier"] == up))


@pytest.mark.parametrize(
    "frame",
    [
        cohort(0),
        cohort(1),
        separating(cohort(2), up=True),
        separating(cohort(3), up=False),
        cohort(4, 25).assign(carrier=lambda f: f.index < 2),
    ],
    ids=["plain", "plain too", "only carriers", "no carrier", "one or two carriers"],
)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_estimate_and_p_value_are_the_search_without_slopes(frame: pd.DataFrame, ties: str) -> None:
    fit = firth_cox(cox_data(frame, NAMES, strata=["site"]), ties=ties)  # type: ignore[arg-type]
    is_efron = ties == "efron"
    best, top = highest(frame, NAMES, fixed={}, is_efron=is_efron)
    assert fit.log_likelihood == pytest.approx(top, abs=1e-7)
    np.testing.assert_allclose(fit.coefficient, best, atol=2e-4)
    assert penalised(frame, NAMES, fit.coefficient, is_efron=is_efron) >= top - 1e-9
    for index in range(2):
        _, null = highest(frame, NAMES, fixed={index: 0.0}, is_efron=is_efron)
        assert fit.p_value[index] == pytest.approx(chi2.sf(2 * (top - null), 1), abs=1e-6)


@pytest.mark.parametrize("up", [True, None])
def test_interval_ends_where_the_profile_has_fallen(up: bool | None) -> None:
    frame = cohort(7, 20) if up is None else separating(cohort(7, 20), up=up)
    fit = firth_cox(cox_data(frame, NAMES, strata=["site"]), terms=("carrier",))
    for side, end in ((-1, fit.ci_lower[0]), (1, fit.ci_upper[0])):
        assert np.log(end) == pytest.approx(profile_end(frame, NAMES, 0, side, DROP), abs=2e-5)
    assert np.isnan([fit.ci_lower[1], fit.ci_upper[1], fit.p_value[1]]).all()


def test_interval_ends_on_the_higher_of_two_peaks() -> None:
    """With a handful of people the profile can have two; many starts find the higher one."""
    is_free = np.array([False, True])
    for seed in range(120):
        n = int(np.random.default_rng(seed).integers(6, 30))
        data = cox_data(cohort(seed, n), ["carrier", "age"], strata=["site"])
        fit = firth_cox(data, terms=("carrier",))
        if fit.fit_status not in ("ok", "separated"):
            continue
        of = likelihood(data, is_firth=True)
        for end in (fit.ci_lower[0], fit.ci_upper[0]):
            at_end = np.log(end) * of.scale[0]
            starts = [np.array([at_end, other]) for other in (-8.0, -4.0, -1.0, 0.0, 1.0, 4.0, 8.0)]
            peaks = [peak(of, is_free, start) for start in starts]
            highest = max(one.log_likelihood for one in peaks if one.is_found)
            assert 2 * (peak(of).log_likelihood - highest) == pytest.approx(DROP, abs=1e-5)


@pytest.mark.parametrize(("up", "sign"), [(True, 1), (False, -1)])
def test_separated_carriers_have_a_finite_estimate(up: bool, sign: int) -> None:
    data = cox_data(separating(cohort(9), up=up), ["carrier"], strata=["site"])
    assert cox_fit(data).fit_status == "separated"
    fit = firth_cox(data)
    assert fit.fit_status == "separated"
    assert np.sign(fit.coefficient[0]) == sign
    assert 0 < fit.ci_lower[0] < fit.hazard_ratio[0] < fit.ci_upper[0] < np.inf


def test_with_many_events_the_penalty_is_nothing() -> None:
    data = cox_data(cohort(11, 1500), NAMES, strata=["site"])
    plain, firth = cox_fit(data), firth_cox(data)
    np.testing.assert_allclose(
        firth.coefficient, plain.coefficient, atol=0.05 * plain.standard_error.max()
    )
    np.testing.assert_allclose(firth.ci_upper, plain.ci_upper, rtol=0.02)


def test_closed_form_of_one_event_among_n() -> None:
    """One event, of a carrier, m others at risk of whom none carries it: b = log(3 m).

    With p the carrier's share, the score 1 - p + (1 - 2 p) / 2 is 0 at p = 3 / 4.
    """
    for m in (1, 2, 5, 50):
        frame = pd.DataFrame({"duration_months": np.arange(1.0, m + 2), "event": False})
        frame = frame.assign(entry_months=0.0, carrier=frame.index == 0)
        frame.loc[0, "event"] = True
        fit = firth_cox(cox_data(frame, ["carrier"]))
        assert fit.coefficient[0] == pytest.approx(np.log(3 * m), abs=1e-8)


PERSON = st.tuples(
    st.integers(0, 4), st.integers(1, 5), st.booleans(), st.integers(0, 2), st.booleans()
)


def people(rows: list[tuple[int, int, bool, int, bool]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["entry_months", "length", "event", "dosage", "late"])
    return frame.assign(
        duration_months=frame["entry_months"] + frame["length"], site="a", row=np.arange(len(rows))
    )


@settings(deadline=None, max_examples=25)
@given(st.lists(PERSON, min_size=3, max_size=20))
def test_what_changes_nothing(rows: list[tuple[int, int, bool, int, bool]]) -> None:
    frame = people(rows)
    assume(frame["event"].any() and np.ptp(frame["dosage"]) > 0)
    fit = firth_cox(cox_data(frame, ["dosage"]))
    if fit.fit_status in ("ok", "separated"):
        assert np.isfinite([fit.coefficient, fit.standard_error, fit.p_value]).all()
    end = np.array([fit.coefficient[0], np.log(fit.ci_lower[0]), np.log(fit.ci_upper[0])])
    swapped = firth_cox(cox_data(frame.assign(dosage=2 - frame["dosage"]), ["dosage"]))
    found = [swapped.coefficient[0], np.log(swapped.ci_upper[0]), np.log(swapped.ci_lower[0])]
    np.testing.assert_allclose(found, -end, atol=1e-6)
    alone = people([(0, 3, True, 1, False)]).assign(site="b", row=-1)
    middle = frame["entry_months"] + frame["length"] / 2
    early = frame.assign(duration_months=middle, event=False)
    for other, unit in [
        (frame.sample(frac=1, random_state=1), 1),
        (frame.assign(dosage=frame["dosage"] * 1000.0), 1000),
        (pd.concat([frame, alone]), 1),
        (pd.concat([early, frame.assign(entry_months=middle)]), 1),
    ]:
        again = firth_cox(cox_data(other, ["dosage"], strata=["site"], participant="row"))
        ends = [np.log(again.ci_lower[0]), np.log(again.ci_upper[0])]
        assert again.fit_status == fit.fit_status
        np.testing.assert_allclose(np.array([again.coefficient[0], *ends]) * unit, end, atol=1e-6)
        np.testing.assert_allclose(again.p_value, fit.p_value, atol=1e-8)


def test_weighted_rows_are_refused() -> None:
    with pytest.raises(InputDataError, match=r"penalised Cox model was asked of weighted or clus"):
        firth_cox(cox_data(cohort(0), NAMES, weight="weight"))


def test_rule_is_events_per_term() -> None:
    assert chosen_method(9, 1) == "cox_firth_lrt"
    assert chosen_method(10, 1) == "cox_wald"
    assert chosen_method(22, 3) == "cox_firth_lrt"
    assert chosen_method(22, 3, events_per_term_min=5) == "cox_wald"


def test_a_fit_takes_milliseconds() -> None:
    """265 people, 22 events, two covariates: estimate, interval and P value of the carrier."""
    frame = cohort(3, 265)
    frame["event"] &= np.random.default_rng(3).random(265) < 0.17
    data = cox_data(frame, NAMES, strata=["site"])
    firth_cox(data, terms=("carrier",))
    took = []
    for _ in range(5):
        start = time.perf_counter()
        firth_cox(data, terms=("carrier",))
        took.append(time.perf_counter() - start)
    assert min(took) < 0.05  # 2 to 5 ms on an idle core
