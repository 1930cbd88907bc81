"""Whose courses are compared: people with a call and a score, their visits and their follow-up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.genotype_groups import stratum_of
from alsrev_dagster.survival.groups import (
    carrier_by_participant,
    refuse_two_cohorts,
    with_personal,
)
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class CoursePeople:
    """People with a call of one variant and a visit, numbered as their visits number them."""

    locus: str
    variant_id: str
    visits: Visits
    dosage: FloatArray
    """Count of ALT alleles, 0-2, shape (n_person,)."""
    stratum: IntArray
    """Number of each person's stratum; all 0 without strata."""
    entry_months: FloatArray
    """When each came under observation, since the origin; NaN where nobody knows."""
    until_months: FloatArray
    """Death or the last sign of life, since the origin."""
    died: BoolArray

    def of(self, is_chosen: BoolArray) -> "CoursePeople":
        """Some of the people with their visits, numbered anew."""
        number = np.cumsum(is_chosen) - 1
        kept = self.visits.of(is_chosen[self.visits.person])
        return CoursePeople(
            self.locus,
            self.variant_id,
            Visits(kept.score, kept.months, number[kept.person]),
            self.dosage[is_chosen],
            self.stratum[is_chosen],
            self.entry_months[is_chosen],
            self.until_months[is_chosen],
            self.died[is_chosen],
        )

    @property
    def is_in_stratum_with_death(self) -> BoolArray:
        """Who was under observation for some time, in a stratum in which somebody died."""
        observed = (self.until_months > self.entry_months) & (self.until_months > 0)
        deadly = np.unique(self.stratum[observed & self.died])
        chosen: BoolArray = observed & np.isin(self.stratum, deadly)
        return chosen


def course_people(
    carrier: pd.DataFrame,
    visit: pd.DataFrame,
    outcome: pd.DataFrame,
    participant: pd.DataFrame,
    strata: Sequence[str],
) -> Iterator[CoursePeople]:
    """People of each variant, in order of variant_id; variants that nobody with a visit has a
    call of are left out.

    Parameters
    ----------
    carrier, outcome, participant
        core.carrier, core.outcome and raw.participant.
    visit
        Complete totals with participant_id and months_since_origin (clinical.time_axis).
        Those before the origin or after death are left out.
    strata
        Columns of participants, or cohort.
    """
    if "cohort" in strata:
        refuse_two_cohorts(carrier)
    person = with_personal(carrier_by_participant(carrier), participant, strata)
    columns = ["participant_id", "entry_months", "survival_months", "event_death"]
    known = person.merge(outcome[columns], on="participant_id", how="inner")
    seen = visit.merge(outcome[columns], on="participant_id")
    is_alive = seen["months_since_origin"] <= seen["survival_months"].astype("float64")
    seen = seen[is_alive & (seen["months_since_origin"] >= 0)]
    known = known[known["participant_id"].isin(seen["participant_id"])]
    known = known.sort_values(["variant_id", "participant_id"], ignore_index=True)
    for _, rows in known.groupby("variant_id", sort=True):
        yield _people(rows, seen, strata)


def _people(rows: pd.DataFrame, seen: pd.DataFrame, strata: Sequence[str]) -> CoursePeople:
    number = pd.Index(rows["participant_id"]).get_indexer(pd.Index(seen["participant_id"]))
    score, months = (
        seen[name].to_numpy(dtype=np.float64)[number >= 0]
        for name in ("alsfrsr_total", "months_since_origin")
    )
    dosage, entry, until = (
        rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name in ("dosage", "entry_months", "survival_months")
    )
    return CoursePeople(
        locus=str(rows["locus"].iloc[0]),
        variant_id=str(rows["variant_id"].iloc[0]),
        visits=Visits(score, months, number[number >= 0].astype(np.int64)),
        dosage=dosage,
        stratum=stratum_of(rows, strata),
        entry_months=entry,
        until_months=until,
        died=rows["event_death"].to_numpy(dtype=np.bool_),
    )
