"""From visits to states to estimates: what a visit every so often shows, against the truth."""

import numpy as np
import pandas as pd

from alsrev_dagster.clinical.state_spell import state_spell
from alsrev_dagster.survival.state_frames import StateRule
from alsrev_dagster.survival.state_rows import occupation_rows
from alsrev_dagster.survival.time_varying import standing_state_cox

DAYS = 30.4375
MEAN_DEATH_DAYS = 900
RULE = StateRule(12.0, (24.0, 36.0), (), 0, 1)


def seen(
    seed: int, n: int, *, gap: tuple[int, int], late: int = 0, rate: float = 0.0
) -> pd.DataFrame:
    """Spells of people with one death rate, visited every ``gap`` days: those with an even number,
    who are recovered from the start, and the others, who recover at ``rate`` a month.

    Last contact is ``late`` days after the last visit of those who live to the end.
    """
    rng = np.random.default_rng(seed)
    visits, people = [], []
    for i in range(n):
        death, ends = rng.exponential(MEAN_DEATH_DAYS), 90 * int(rng.integers(8, 17))
        recovers = 0.0 if i % 2 == 0 else rng.exponential(DAYS / rate) if rate else np.inf
        days = np.arange(0, min(death, ends) + 1, gap[i % 2]).astype(int)
        visits += [(f"p{i}", d, "recovered" if d >= recovers else "not_recovered") for d in days]
        died = int(death) + 1
        dead = died if died <= ends + late else pd.NA
        people.append((f"p{i}", dead, min(died, ends + late)))
    visit = pd.DataFrame(visits, columns=["participant_id", "day", "state"])
    person = pd.DataFrame(people, columns=["participant_id", "death_day", "last_contact_day"])
    person = person.assign(onset_day=0, enrolment_day=0, tracheostomy_day=pd.NA)
    days_of = ["death_day", "last_contact_day", "onset_day", "enrolment_day", "tracheostomy_day"]
    return state_spell(
        visit,
        visit.assign(alsfrsr_total=30),
        person.astype(dict.fromkeys(days_of, "Int64")),
        score="alsfrsr_total",
        time_origin="onset",
        carried_days=200,
    )


def chance(spell: pd.DataFrame, state: str, month: float) -> float:
    names = spell["participant_id"].unique()
    person = pd.DataFrame(
        {"locus": "L", "variant_id": "v", "participant_id": names, "dosage": 0, "carrier": False}
    )
    found = pd.concat(list(occupation_rows(person, spell, RULE)))
    there = (found["month"] == month) & (found["state"] == state)
    return float(found.loc[there, "probability"].iloc[0])


def test_who_is_seen_less_often_is_not_immortal_between_visits() -> None:
    """Recovered people visited yearly, others quarterly: one hazard of death, a ratio of 1."""
    coefficient = [
        standing_state_cox(seen(seed, 400, gap=(365, 90))).model.coefficient[0]
        for seed in range(30)
    ]
    error = np.std(coefficient, ddof=1) / np.sqrt(len(coefficient))
    assert abs(np.mean(coefficient)) < 3.3 * error
    assert error < 0.05


def test_nobodys_death_is_lost_in_a_gap() -> None:
    truth = 1 - np.exp(-36 * DAYS / MEAN_DEATH_DAYS)
    for gap in (90, 180, 365):
        found = [
            chance(seen(seed, 300, gap=(gap, gap), late=120), "dead", 36.0) for seed in range(8)
        ]
        error = np.std(found, ddof=1) / np.sqrt(len(found))
        assert abs(np.mean(found) - truth) < 4 * error


def test_a_recovery_that_the_last_visit_shows_counts() -> None:
    """The last contact is the last visit: its news is not lost with the person."""
    found, later = (
        [chance(seen(seed, 400, gap=(90, 90), late=late, rate=0.05), "recovered", 24.0)
         for seed in range(12)]
        for late in (0, 1)
    )  # fmt: skip
    apart = np.array(found) - np.array(later)
    assert abs(apart.mean()) < 0.01
