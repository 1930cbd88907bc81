"""core.state_spell, on people small enough to follow by eye."""

from collections.abc import Mapping
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.clinical.recovery import outcome
from alsrev_dagster.clinical.standing import recovery_standing
from alsrev_dagster.clinical.state_spell import state_spell
from alsrev_dagster.study import RECOVERY_PRESETS, RecoveryDefinition
from tests.clinical.made_visits import participants, scores

RULE = RecoveryDefinition(name="rule", min_gain_points=4, min_duration_days=100, max_gap_days=60)
RECOVERS = {100: 30, 150: 35, 200: 36, 250: 35}
CARRIED = 60


def spells(
    totals: Mapping[int, int],
    days: Mapping[str, object] | None = None,
    *,
    rule: RecoveryDefinition = RULE,
    gastrostomy_from: int | None = None,
    sampling_day: int | None = None,
) -> list[tuple[str, int, int, str | None]]:
    """State, from day, until day and next state of the one participant there is."""
    visit, person = scores(totals, gastrostomy_from=gastrostomy_from), participants(p1=days or {})
    person = person.assign(sampling_day=pd.array([sampling_day], dtype="Int64"))
    made = state_spell(
        recovery_standing(visit, person, rule), visit, person,
        score="alsfrsr_total", time_origin="onset", carried_days=CARRIED,
    )  # fmt: skip
    assert made["spell_index"].tolist() == list(range(1, len(made) + 1))
    day = [(made[n] * 30.4375).round().astype(int) for n in ("from_months", "until_months")]
    after = [None if pd.isna(state) else state for state in made["next_state"]]
    return list(zip(made["state"], *day, after, strict=True))


def test_a_recovery_begins_when_it_is_confirmed_and_ends_when_the_gain_is_gone() -> None:
    found = spells({**RECOVERS, 300: 33, 350: 34, 400: 30})
    assert found == [
        ("not_recovered", 100, 250, "recovered"),
        ("recovered", 250, 300, "lost"),
        ("lost", 300, 350, "recovered"),
        ("recovered", 350, 400, None),
    ]


def test_the_last_state_holds_while_somebody_is_known_to_live_and_no_longer_than_declared() -> None:
    alive = spells(RECOVERS, {"last_contact_day": 280})
    assert alive[-1] == ("recovered", 250, 280, None)
    assert spells(RECOVERS, {"last_contact_day": 900})[-1] == ("recovered", 250, 310, None)


@pytest.mark.parametrize(("day", "until", "after"), [(310, 310, "dead"), (311, 310, None)])
def test_who_dies_later_than_a_state_is_carried_is_censored_as_the_living_are(
    day: int, until: int, after: str | None
) -> None:
    found = spells(RECOVERS, {"death_day": day, "last_contact_day": day})
    assert found[-1] == ("recovered", 250, until, after)


def test_tracheostomy_ends_a_course_as_death_does() -> None:
    found = spells(RECOVERS, {"tracheostomy_day": 270, "death_day": 280, "last_contact_day": 280})
    assert found[-1] == ("recovered", 250, 270, "tracheostomy")


def test_a_state_seen_on_the_day_of_death_lasted_no_time() -> None:
    found = spells({**RECOVERS, 300: 30}, {"death_day": 300, "last_contact_day": 300})
    assert found[-1] == ("recovered", 250, 300, "dead")


def test_who_enters_after_the_confirmation_enters_recovered() -> None:
    later = {**RECOVERS, 300: 35, 350: 30}
    assert spells(later, sampling_day=320) == [("recovered", 320, 350, None)]
    assert spells(later, sampling_day=350) == []


def test_a_visit_of_another_series_leaves_the_state_as_it_was() -> None:
    before = spells({**RECOVERS, 300: 20, 340: 20}, gastrostomy_from=300)
    assert before == [("not_recovered", 100, 250, "recovered"), ("recovered", 250, 310, None)]


def test_a_plateau_is_lost_below_the_score_it_started_from() -> None:
    rule = RecoveryDefinition(
        name="plateau", kind="plateau", min_gain_points=0, min_duration_days=100, max_gap_days=60
    )
    found = spells({100: 30, 150: 31, 200: 30, 250: 30, 300: 29}, rule=rule)
    assert [state for state, *_ in found] == ["not_recovered", "recovered"]
    assert found[-1][3] is None
    assert spells({100: 30, 150: 31, 200: 30, 250: 29, 300: 29, 350: 29}, rule=rule)[1:] == [
        ("recovered", 200, 250, "lost"), ("lost", 250, 350, None)
    ]  # fmt: skip


def test_whom_the_definition_has_not_at_risk_is_left_out() -> None:
    assert spells(RECOVERS, rule=RULE.model_copy(update={"baseline_max_points": 29})) == []


COURSES = st.lists(st.tuples(st.integers(1, 300), st.integers(0, 48)), min_size=1, max_size=12).map(
    lambda steps: pd.DataFrame(steps, columns=["wait", "total"])
)


@settings(max_examples=60, deadline=None)
@given(
    COURSES, st.sampled_from(sorted(RECOVERY_PRESETS)), st.one_of(st.none(), st.integers(0, 400))
)
def test_spells_follow_one_another_and_begin_to_be_recovered_at_the_confirmation(
    course: pd.DataFrame, preset: str, dies_after: int | None
) -> None:
    day = course["wait"].cumsum()
    last = int(day.iloc[-1])
    days = {"last_contact_day": last}
    if dies_after is not None:
        days = {"death_day": last + dies_after, "last_contact_day": last + dies_after}
    totals = dict(zip(day.tolist(), course["total"].tolist(), strict=True))
    rule = RECOVERY_PRESETS[preset]
    found = spells(totals, days, rule=rule)
    for (state, begun, ended, after), (following, begins, *_) in pairwise(found):
        assert begun < ended == begins
        assert after == following != state
    confirmed = outcome(scores(totals), participants(p1=days), rule, "onset")["confirmation_day"][0]
    first = next((begun for state, begun, *_ in found if state == "recovered"), None)
    if first is not None:
        assert first == confirmed
    elif pd.notna(confirmed):
        assert confirmed == last, "confirmed on the last day: no time in the state was seen"
    assert all(state == "not_recovered" for state, begun, *_ in found if pd.isna(confirmed))
