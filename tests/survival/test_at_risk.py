"""Numbers at risk: who is counted, and where the others are."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.survival.at_risk import at_risk_table
from tests.survival.grouped import PEOPLE, People, columns


@settings(deadline=None)
@given(PEOPLE, st.lists(st.integers(0, 15), min_size=1, max_size=6))
def test_everyone_who_entered_is_somewhere(people: People, times: list[int]) -> None:
    duration, code, _, entry, _ = columns(people)
    at = np.array(times, dtype=float)
    found = at_risk_table(duration, code > 0, at, entry_months=entry)
    for place, t in enumerate(times):
        assert found.n_at_risk[place] == ((entry < t) & (t <= duration)).sum()
        assert found.n_entered[place] == (entry < t).sum()
        assert found.n_event[place] == ((duration <= t) & (code > 0)).sum()
        assert found.n_censored[place] == ((duration <= t) & (code == 0)).sum()
    gone = found.n_event_before + found.n_censored_before
    assert (found.n_entered == found.n_at_risk + gone).all()
    assert (found.n_event_before <= found.n_event).all()


def test_all_are_at_risk_from_the_origin_on_when_none_enters_late() -> None:
    found = at_risk_table(np.array([2.0, 3]), np.array([True, False]), np.array([0.0, 2, 2.5, 4]))
    assert found.n_at_risk.tolist() == [2, 2, 1, 0]
    assert found.n_entered.tolist() == [2, 2, 2, 2]
    assert found.n_event.tolist() == [0, 1, 1, 1]
    assert found.n_censored.tolist() == [0, 0, 0, 1]
