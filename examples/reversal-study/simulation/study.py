"""The whole draw: from the lead variant's dosages to the four tables."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.biomarkers import draw_biomarkers
from simulation.cohorts import COHORT_PLAN
from simulation.course import Course, Floats, FollowUp, draw_course, draw_follow_up
from simulation.people import draw_cohorts, draw_participant_ids, draw_traits, sample_table
from simulation.planted import DAYS_PER_MONTH
from simulation.visits import draw_visits

PARTICIPANT_COLUMNS = (
    "participant_id", "sex", "age_at_onset_years", "onset_site", "diagnosis", "el_escorial",
    "known_mutation", "ancestry", "onset_day", "diagnosis_day", "enrolment_day", "death_day",
    "tracheostomy_day", "last_contact_day",
)  # fmt: skip
_DIAGNOSED_AFTER = (0.3, 0.85)
"""Diagnosis, as a fraction of the way from onset to enrolment."""


@dataclass(frozen=True)
class SimulatedStudy:
    """The four tables, with the columns of the CSV files."""

    samples: pd.DataFrame
    participants: pd.DataFrame
    visits: pd.DataFrame
    biomarkers: pd.DataFrame


def cohort_rng(seed: int) -> np.random.Generator:
    """Return the generator that a seed's cohort is drawn with; another draws the genomes."""
    return np.random.default_rng([seed, 1])


def draw_cohort(carrier_dosage: pd.Series, rng: np.random.Generator) -> SimulatedStudy:
    """Draw a study around real genomes.

    Parameters
    ----------
    carrier_dosage
        Dosage (0, 1 or 2) of the lead variant, indexed by sample_id; 265 of them.
    rng
        Generator that every draw is made with.

    Returns
    -------
    SimulatedStudy
        Samples in the given order; the other tables in the order of their keys.
    """
    carrier = carrier_dosage.to_numpy() >= 1
    people = pd.DataFrame({"participant_id": draw_participant_ids(carrier.size, rng)})
    cohort = draw_cohorts(carrier, rng)
    people = people.assign(cohort=cohort).join(draw_traits(cohort, rng))
    course = draw_course(carrier, [COHORT_PLAN[name] for name in cohort], rng)
    follow_up = draw_follow_up(course, rng)
    participant_id = people["participant_id"].to_numpy(dtype=str)
    onset_site = people["onset_site"].to_numpy(dtype=str)
    visits = draw_visits(participant_id, onset_site, course, follow_up, rng)
    return SimulatedStudy(
        samples=sample_table(carrier_dosage.index.to_numpy(dtype=str), people, rng),
        participants=_participant_table(people, course, follow_up, rng),
        visits=visits,
        biomarkers=draw_biomarkers(participant_id, carrier, visits, rng),
    )


def _participant_table(
    people: pd.DataFrame, course: Course, follow_up: FollowUp, rng: np.random.Generator
) -> pd.DataFrame:
    """Traits and days of each participant."""
    onset = -np.rint(course.months_to_enrolment * DAYS_PER_MONTH)
    diagnosed = np.rint(onset * (1.0 - rng.uniform(*_DIAGNOSED_AFTER, size=onset.size)))
    table = people.assign(
        onset_day=_days(onset),
        diagnosis_day=_days(diagnosed),
        enrolment_day=0,
        death_day=_days(follow_up.death_day),
        tracheostomy_day=_days(follow_up.tracheostomy_day),
        last_contact_day=_days(follow_up.last_contact_day),
    )
    return table[list(PARTICIPANT_COLUMNS)].sort_values("participant_id", ignore_index=True)


def _days(day: Floats) -> pd.arrays.IntegerArray:
    """Whole days; NULL where the day never comes."""
    never = ~np.isfinite(day)
    return pd.arrays.IntegerArray(np.where(never, 0, day).astype(np.int64), never)
