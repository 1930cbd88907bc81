"""Restricted means: areas by eye, identities between them, and their coverage elsewhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.competing import cumulative_incidence
from alsrev_dagster.survival.nonparametric import event_free_curve
from alsrev_dagster.survival.rmst import (
    mean_difference,
    restricted_mean_survival,
    restricted_mean_time_lost,
)
from tests.survival.grouped import PEOPLE, People, columns, cut, random_people


@settings(deadline=None, max_examples=60)
@given(PEOPLE, st.integers(1, 12))
def test_mean_is_the_area_under_the_curve(people: People, horizon: int) -> None:
    duration, code, _, entry, _ = columns(people)
    found = restricted_mean_survival(duration, code > 0, horizon, entry_months=entry)
    if found.fit_status != "ok":
        assert np.isnan([found.mean_months, found.standard_error, found.ci_lower]).all()
        return
    curve = event_free_curve(duration, code > 0, entry)
    area = sum(curve.at(month) for month in range(horizon))  # all times are whole
    assert found.mean_months == pytest.approx(area)
    assert 0 <= found.mean_months <= horizon
    lost = [
        restricted_mean_time_lost(duration, code, horizon, cause=cause, entry_months=entry)
        for cause in (1, 2)
    ]
    assert sum(one.mean_months for one in lost) == pytest.approx(horizon - found.mean_months)
    incidence = cumulative_incidence(duration, code, entry)
    assert lost[0].mean_months == pytest.approx(
        sum(incidence.at(month) for month in range(horizon))
    )


@settings(deadline=None, max_examples=60)
@given(PEOPLE, st.integers(1, 12))
def test_with_one_cause_the_variances_agree(people: People, horizon: int) -> None:
    duration, code, _, entry, _ = columns(people)
    event = (code > 0).astype(int)
    kept = restricted_mean_survival(duration, event > 0, horizon, entry_months=entry)
    lost = restricted_mean_time_lost(duration, event, horizon, entry_months=entry)
    assert kept.fit_status == lost.fit_status
    assert kept.standard_error == pytest.approx(lost.standard_error, nan_ok=True, abs=1e-9)


def test_without_censoring_the_variances_are_those_of_a_mean() -> None:
    """Everyone followed to some event: min(T, tau), and the time after a cause, are seen."""
    rng = np.random.default_rng(3)
    duration, code = rng.integers(1, 20, 40).astype(float), rng.integers(1, 3, 40)
    kept = restricted_mean_survival(duration, code > 0, 12)
    seen = np.minimum(duration, 12)
    assert kept.mean_months == pytest.approx(seen.mean())
    assert kept.standard_error == pytest.approx(seen.std() / np.sqrt(40))
    lost = restricted_mean_time_lost(duration, code, 12)
    gone = np.where(code == 1, 12 - seen, 0)
    assert lost.mean_months == pytest.approx(gone.mean())
    assert lost.standard_error == pytest.approx(gone.std() / np.sqrt(40))


def test_variance_under_censoring_and_late_entry_is_the_bootstraps() -> None:
    duration, code, _, entry, _ = random_people(3, n=300)
    entry[:60] = 0.0
    options = {"entry_months": entry}
    found = restricted_mean_time_lost(duration, code, 4, **options)
    rng = np.random.default_rng(1)
    drawn = []
    for _ in range(500):
        who = rng.integers(0, 300, 300)
        one = restricted_mean_time_lost(duration[who], code[who], 4, entry_months=entry[who])
        drawn.append(one.mean_months)
    assert found.standard_error == pytest.approx(np.nanstd(drawn), rel=0.12)


@settings(deadline=None, max_examples=30)
@given(PEOPLE, st.integers(0, 3), st.integers(1, 12))
def test_cutting_a_follow_up_changes_nothing(people: People, who: int, at: int) -> None:
    data = columns(people)
    halves = cut(data, who, float(at))
    one = restricted_mean_time_lost(data[0], data[1], 6, entry_months=data[3])
    other = restricted_mean_time_lost(halves[0], halves[1], 6, entry_months=halves[3])
    assert one.mean_months == pytest.approx(other.mean_months, nan_ok=True, abs=1e-12)
    assert one.standard_error == pytest.approx(other.standard_error, nan_ok=True, abs=1e-12)


def test_difference_of_a_group_with_itself_is_none() -> None:
    duration, code, _, _, _ = random_people(2, late=False)
    mean = restricted_mean_survival(duration, code > 0, 3)
    found = mean_difference(mean, mean)
    assert (found.difference_months, found.p_value) == (0, 1)
    assert found.standard_error == pytest.approx(mean.standard_error * np.sqrt(2))


def test_status_tells_why_there_is_no_mean() -> None:
    some = np.array([2.0, 3, 4])
    censored = restricted_mean_survival(some, np.array([1, 1, 0], bool), 5)
    assert censored.fit_status == "beyond_follow_up"
    assert np.isnan(censored.mean_months)
    assert restricted_mean_survival(some, np.ones(3, bool), 5).fit_status == "ok"
    late = np.array([0.0, 2.5, 2.5])
    assert (
        restricted_mean_survival(some, np.ones(3, bool), 4, entry_months=late).fit_status
        == "conditional"
    )
    assert restricted_mean_survival(some[:0], np.ones(0, bool), 4).fit_status == "no_one"
    difference = mean_difference(censored, restricted_mean_survival(some, np.ones(3, bool), 5))
    assert np.isnan([difference.difference_months, difference.p_value]).all()


def test_counts_stop_at_the_horizon() -> None:
    found = restricted_mean_time_lost(np.array([1.0, 2, 3, 4, 5]), np.array([1, 2, 1, 1, 0]), 3)
    assert (found.n, found.n_event) == (5, 2)


def test_horizon_of_nothing_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"horizon_months is 0: expected a time after"):
        restricted_mean_survival(np.array([1.0]), np.ones(1, bool), 0)


def test_different_horizons_are_refused() -> None:
    one = restricted_mean_survival(np.array([1.0, 9]), np.ones(2, bool), 4)
    other = restricted_mean_survival(np.array([1.0, 9]), np.ones(2, bool), 6)
    with pytest.raises(InputDataError, match="means are up to 4 and 6 months"):
        mean_difference(one, other)
