"""Milestone or death, whichever comes first, from a handful of visits."""

import numpy as np
import pandas as pd

from alsrev_dagster.survival.milestone_follow_up import milestone_follow_up

# person: stages at months 0, 6, 12, 18; then death or the end, in months
STAGES = {
    "reaches": ([2, 3, 4, 4], 40.0, True),
    "once_only": ([2, 4, 3, 3], 30.0, True),
    "never": ([1, 1, 2, 2], 24.0, False),
    "there_at_first": ([4, 4, 4, 4], 20.0, True),
    "last_visit_alone": ([1, 1, 1, 4], 19.0, False),
}


def visits() -> pd.DataFrame:
    rows = [(name, 6.0 * i, s) for name, (of, *_) in STAGES.items() for i, s in enumerate(of)]
    return pd.DataFrame(rows, columns=["participant_id", "months_since_origin", "value"])


def lived() -> pd.DataFrame:
    rows = [(name, until, int(died)) for name, (_, until, died) in STAGES.items()]
    frame = pd.DataFrame(rows, columns=["participant_id", "duration_months", "event_code"])
    return frame.assign(entry_months=0.0)


def found(measure: str, at_least: float) -> dict[str, tuple[float, float, int]]:
    frame = milestone_follow_up(visits(), lived(), measure=measure, at_least=at_least)
    rows = zip(frame["entry_months"], frame["duration_months"], frame["event_code"], strict=True)
    return dict(zip(frame["participant_id"], rows, strict=True))


def test_a_stage_counts_when_a_later_visit_shows_it_too_and_death_counts_else() -> None:
    assert found("kings_stage", 4) == {
        "reaches": (0.0, 12.0, 1),
        "once_only": (0.0, 30.0, 1),  # not confirmed: death is the event
        "never": (0.0, 18.0, 0),
        "last_visit_alone": (0.0, 12.0, 0),  # nobody can say: watched until the visit before
    }


def test_points_lost_are_below_the_first_total() -> None:
    totals = visits().assign(value=lambda f: 48 - 4 * f["value"])
    frame = milestone_follow_up(totals, lived(), measure="points_lost", at_least=8)
    by = frame.set_index("participant_id")
    assert by.loc["reaches", ["duration_months", "event_code"]].tolist() == [12.0, 1]
    assert by.loc["never", "event_code"] == 0
    assert np.isfinite(by["duration_months"]).all()
