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
        ("recovered", 350, 400, "lost"),
    ]


def test_the_last_state_holds_for_a_gap_and_then_the_living_are_unseen() -> None:
    alive = spells(RECOVERS, {"last_contact_day": 280})
    assert alive[-1] == ("recovered", 250, 280, None)
    assert spells(RECOVERS, {"last_contact_day": 900})[-2:] == [
        ("recovered", 250, 310, "unseen"), ("unseen", 310, 900, None)
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "state"), [(310, "recovered"), (311, "unseen"), (900, "unseen")])
def test_who_dies_is_followed_to_death_whenever_they_were_seen(day: int, state: str) -> None:
    found = spells(RECOVERS, {"death_day": day, "last_contact_day": day})
    assert found[-1][0] == state
    assert found[-1][2:] == (day, "dead")


def test_a_gap_between_visits_is_unseen_until_the_next() -> None:
    found = spells({**RECOVERS, 400: 36, 450: 30})
    assert found[1:] == [
        ("recovered", 250, 310, "unseen"),
        ("unseen", 310, 400, "recovered"),
        ("recovered", 400, 450, "lost"),
    ]


def test_a_move_that_the_last_visit_shows_is_a_move() -> None:
    assert spells(RECOVERS) == [("not_recovered", 100, 250, "recovered")]
    assert spells({**RECOVERS, 300: 30})[-1] == ("recovered", 250, 300, "lost")


def test_tracheostomy_ends_a_course_as_death_does() -> None:
    found = spells(RECOVERS, {"tracheostomy_day": 270, "death_day": 280, "last_contact_day": 280})
    assert found[-1] == ("recovered", 250, 270, "tracheostomy")


def test_a_state_seen_on_the_day_of_death_lasted_no_time() -> None:
    found = spells({**RECOVERS, 300: 30}, {"death_day": 300, "last_contact_day": 300})
    assert found[-1] == ("recovered", 250, 300, "dead")


def test_who_enters_after_the_confirmation_enters_recovered() -> None:
    later = {**RECOVERS, 300: 35, 350: 30}
    assert spells(later, sampling_day=320) == [("recovered", 320, 350, "lost")]
    assert spells(later, sampling_day=350) == []


def test_a_visit_of_another_series_leaves_the_state_as_it_was() -> None:
    before = spells({**RECOVERS, 300: 20, 310: 20}, gastrostomy_from=300)
    assert before == [("not_recovered", 100, 250, "recovered"), ("recovered", 250, 310, None)]


def test_a_plateau_is_lost_below_the_score_it_started_from() -> None:
    rule = RecoveryDefinition(
        name="plateau", kind="plateau", min_gain_points=0, min_duration_days=100, max_gap_days=60
    )
    assert spells({100: 30, 150: 31, 200: 30, 250: 29, 300: 29}, rule=rule) == [
        ("not_recovered", 100, 200, "recovered"),
        ("recovered", 200, 250, "lost"),
        ("lost", 250, 300, None),
    ]


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
    row = outcome(scores(totals), participants(p1=days), rule, "onset").iloc[0]
    confirmed, counts = row["confirmation_day"], pd.isna(row["exclusion_reason"])
    moved = [(ended if after == "recovered" else begun) for state, begun, ended, after in found
             if "recovered" in (state, after)]  # fmt: skip
    if counts and pd.notna(confirmed) and confirmed != days.get("death_day"):
        assert moved[0] == confirmed
    if pd.isna(confirmed):
        assert not moved
        assert {state for state, *_ in found} <= {"not_recovered", "unseen"}
