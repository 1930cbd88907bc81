"""Cox model of carrier status: what it says, and when it says that it can't."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter
from scipy.optimize import minimize_scalar
from scipy.stats import chi2, rankdata

from alsrev_dagster.survival.cox_data import cox_data
from alsrev_dagster.survival.cox_lifelines import lifelines_coefficient
from alsrev_dagster.survival.proportional_hazards import proportional_hazards_p, schoenfeld
from tests.survival.carrier_cox import carrier_cox

PERSON = st.tuples(
    st.integers(0, 6), st.integers(1, 6), st.booleans(), st.booleans(), st.integers(0, 1)
)
PEOPLE = st.lists(PERSON, min_size=2, max_size=25)


def frame_of(people: list[tuple[int, int, bool, bool, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(people, columns=["entry_months", "length", "event", "carrier", "site"])
    return frame.assign(duration_months=frame["entry_months"] + frame["length"])


def random_frame(seed: int, n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 12, n)
    return pd.DataFrame(
        {
            "entry_months": entry.astype(float),
            "duration_months": entry + rng.integers(1, 30, n).astype(float),
            "event": rng.random(n) < 0.6,
            "carrier": rng.random(n) < 0.3,
            "site": rng.choice(["a", "b", "c"], n),
        }
    )


def log_likelihood(frame: pd.DataFrame, coefficient: float, slope: float = 0.0) -> float:
    """Efron's partial log likelihood within site, written out; slope is per rank of event time."""
    events = np.sort(frame.loc[frame["event"], "duration_months"].to_numpy())
    rank = dict(zip(events, rankdata(events), strict=True))
    total = 0.0
    for _, site in frame.groupby("site"):
        for t in site.loc[site["event"], "duration_months"].unique():
            effect = coefficient + slope * rank[t]
            at_risk = site[(site["entry_months"] < t) & (t <= site["duration_months"])]
            tied = at_risk[at_risk["event"] & (at_risk["duration_months"] == t)]
            everyone = np.exp(effect * at_risk["carrier"]).sum()
            gone = np.exp(effect * tied["carrier"]).sum()
            total += effect * tied["carrier"].sum()
            total -= sum(np.log(everyone - k / len(tied) * gone) for k in range(len(tied)))
    return total


@pytest.mark.parametrize("seed", range(4))
def test_estimate_is_the_maximum_of_the_likelihood_written_out(seed: int) -> None:
    frame = random_frame(seed)
    fit = carrier_cox(frame, ("site",))
    best = minimize_scalar(lambda b: -log_likelihood(frame, b), bracket=(-1, 1), tol=1e-10)
    assert fit.fit_status == "ok"
    assert fit.coefficient == pytest.approx(best.x, abs=1e-6)
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=1e-8)
    step = 1e-3
    around = [log_likelihood(frame, fit.coefficient + k * step) for k in (-1, 0, 1)]
    information = -(around[0] - 2 * around[1] + around[2]) / step**2
    assert fit.standard_error == pytest.approx(information**-0.5, rel=1e-4)
    assert fit.hazard_ratio == pytest.approx(np.exp(fit.coefficient))
    assert fit.ci_lower == pytest.approx(np.exp(fit.coefficient - 1.959964 * fit.standard_error))
    assert fit.p_value == pytest.approx(chi2.sf((fit.coefficient / fit.standard_error) ** 2, 1))


@pytest.mark.parametrize("seed", range(4))
def test_proportional_hazards_p_is_the_score_test_written_out(seed: int) -> None:
    """Score and information of a slope on the rank of event time, by finite differences."""
    frame = random_frame(seed, n=60)
    fit = carrier_cox(frame, ("site",))
    step = 1e-3
    grid = {
        (i, j): log_likelihood(frame, fit.coefficient + i * step, j * step / 10)
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
    }
    score = (grid[0, 1] - grid[0, -1]) / (2 * step / 10)
    i_bb = -(grid[1, 0] - 2 * grid[0, 0] + grid[-1, 0]) / step**2
    i_ss = -(grid[0, 1] - 2 * grid[0, 0] + grid[0, -1]) / (step / 10) ** 2
    i_bs = -(grid[1, 1] - grid[1, -1] - grid[-1, 1] + grid[-1, -1]) / (4 * step**2 / 10)
    expected = chi2.sf(score**2 / (i_ss - i_bs**2 / i_bb), 1)
    assert fit.proportional_hazards_p == pytest.approx(expected, abs=1e-3)


def test_schoenfeld_residuals_are_those_of_lifelines_without_delayed_entry() -> None:
    frame = random_frame(7).assign(entry_months=0.0)
    data = frame[["duration_months", "event", "carrier"]].astype({"carrier": float})
    theirs = CoxPHFitter().fit(data, "duration_months", "event")
    residual = theirs.compute_residuals(data, "schoenfeld")["carrier"]
    by_time = residual.groupby(frame["duration_months"].reindex(residual.index)).sum()
    ours, _ = schoenfeld(cox_data(frame, ["carrier"]), theirs.params_.to_numpy())
    np.testing.assert_allclose(ours[:, 0], by_time.to_numpy(), atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(PEOPLE)
def test_status_tells_whether_the_likelihood_has_a_maximum(
    people: list[tuple[int, int, bool, bool, int]],
) -> None:
    frame = frame_of(people)
    fit = carrier_cox(frame, ("site",))
    if fit.fit_status != "ok":
        assert np.isnan(fit.hazard_ratio)
        assert np.isnan(fit.p_value)
    if fit.n_event:
        far = [log_likelihood(frame, b) for b in (-25.0, -24.0, 24.0, 25.0)]
        has_maximum = far[0] < far[1] - 1e-6 and far[3] < far[2] - 1e-6
        assert (fit.fit_status == "ok") == has_maximum
    else:
        assert fit.fit_status == "no_events"


def people(*rows: tuple[float, float, bool, bool]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["entry_months", "duration_months", "event", "carrier"])


@pytest.mark.parametrize(
    ("frame", "status"),
    [
        (people((0, 1, False, True), (0, 2, False, False)), "no_events"),
        (people((0, 1, True, False), (0, 2, True, False)), "monomorphic"),
        (people((0, 1, True, True), (0, 2, False, False)), "separated"),
        (people((0, 1, True, False), (0, 2, False, True)), "separated"),
        # both groups have events, but no carrier is ever at risk with a non-carrier
        (people((0, 1, True, False), (1, 2, True, True)), "separated"),
    ],
)
def test_fit_status_names_what_is_wrong(frame: pd.DataFrame, status: str) -> None:
    fit = carrier_cox(frame)
    assert fit.fit_status == status
    assert np.isnan([fit.hazard_ratio, fit.ci_lower, fit.ci_upper, fit.p_value]).all()


def test_where_lifelines_doubts_the_maximum_is_found_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = random_frame(1)
    expected = carrier_cox(frame)
    monkeypatch.setattr("alsrev_dagster.survival.cox_lifelines.FIT_OPTIONS", {"max_steps": 1})
    fit = carrier_cox(frame)
    assert fit.fit_status == "ok"
    assert fit.coefficient == pytest.approx(expected.coefficient, abs=1e-7)


def few_early_carriers() -> pd.DataFrame:
    """Two of 220 are carriers, and both have the event early: lifelines' steps overflow."""
    rng = np.random.default_rng(12)
    frame = pd.DataFrame(
        {"entry_months": 12.0, "duration_months": 12 + rng.exponential(20, 220), "site": "a"}
    ).sort_values("duration_months", ignore_index=True)
    return frame.assign(carrier=frame.index.isin([4, 9]), event=rng.random(220) < 0.5).assign(
        event=lambda f: f["event"] | f["carrier"]
    )


def test_a_handful_of_carriers_is_fitted_where_lifelines_gives_up() -> None:
    frame = few_early_carriers()
    fit = carrier_cox(frame)
    assert lifelines_coefficient(cox_data(frame, ["carrier"])) is None
    assert (fit.fit_status, fit.n_event_carrier) == ("ok", 2)
    below, top, above = (log_likelihood(frame, fit.coefficient + step) for step in (-1e-3, 0, 1e-3))
    assert top > max(below, above)
    assert below - above == pytest.approx(0, abs=1e-7)


def test_one_carrier_in_ten_thousand_is_fitted_without_a_warning() -> None:
    """Lifelines warns of low variance before such a fit; the estimate exists all the same."""
    n = 20_000
    duration = np.arange(n) % 50 + 1.0
    frame = pd.DataFrame(
        {"entry_months": 0.0, "duration_months": duration, "event": True, "carrier": False}
    )
    frame.loc[25, "carrier"] = True
    fit = carrier_cox(frame)
    assert (fit.fit_status, fit.n_carrier, fit.n_event_carrier) == ("ok", 1, 1)


def test_counts_are_of_participants() -> None:
    frame = random_frame(3)
    fit = carrier_cox(frame, ("site",))
    assert fit.n == 120
    assert fit.n_carrier == frame["carrier"].sum()
    assert fit.n_event == frame["event"].sum()
    assert fit.n_event_carrier == (frame["event"] & frame["carrier"]).sum()


def test_missing_stratum_is_a_stratum() -> None:
    frame = random_frame(3)
    unknown = frame.assign(site=frame["site"].where(frame["site"] != "c", None))
    assert carrier_cox(unknown, ("site",)).coefficient == pytest.approx(
        carrier_cox(frame, ("site",)).coefficient, abs=1e-12
    )


def test_order_of_participants_does_not_matter() -> None:
    frame = random_frame(5)
    fit = carrier_cox(frame, ("site",))
    mixed = carrier_cox(frame.sample(frac=1, random_state=1), ("site",))
    assert fit.coefficient == pytest.approx(mixed.coefficient, abs=1e-12)
    assert fit.proportional_hazards_p == pytest.approx(mixed.proportional_hazards_p, abs=1e-9)


def test_proportional_hazards_p_is_missing_when_events_are_at_one_time() -> None:
    frame = people((0, 1, True, True), (0, 1, True, False), (0, 2, False, True))
    found = proportional_hazards_p(cox_data(frame, ["carrier"]), np.zeros(1))
    assert np.isnan(found).all()
