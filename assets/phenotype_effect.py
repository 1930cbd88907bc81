"""Phenotype effect: how the effect of carrying a variant moves with the definition of recovery."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.clinical import recovery_rate as counts
from alsrev_dagster.clinical.recovery import definition_hash
from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.association import evidence, exact_method, record_method
from alsrev_dagster.survival.genotype_groups import stratum_of
from alsrev_dagster.survival.groups import (
    carrier_by_participant,
    refuse_two_cohorts,
    with_personal,
)
from assets.audit import joint_mark
from assets.followed import (
    PERSON_TABLES,
    carriers_in_use,
    caveat_of,
    declared_variants,
    participants,
)
from assets.phenotype import cell_of, grid_asked, grid_picture, ordered, visits_and_people

_OWNER = "clinical"
_EFFECT = ("odds_ratio", "ci_lower", "ci_upper", "p_value", "exact_p_value", "fit_status")
_MODEL = "dominant"
_OF_THE_FOLLOWED = (
    "of those followed for longer than the gain must last: who died before is left out"
)


@table_asset(
    "result.recovery_effect",
    owner=_OWNER,
    reads=[
        "core.alsfrsr",
        *PERSON_TABLES,
        "core.carrier",
        "core.analysis_set",
        "result.confounding_mark",
    ],
    picture=lambda work: grid_picture(work, "recovery_effect"),
)
def recovery_effect(work: OpenStudy) -> pd.DataFrame:
    """Odds ratio of having recovered, carriers of each declared or lead variant against the rest of
    their stratum, over the same grid of definitions.
    """
    person = _with_stratum(work)
    cells = list(counts.counted(*visits_and_people(work), grid_asked(work), None))
    if person.empty:
        return work.lake.empty_frame("result.recovery_effect")
    asked = [
        {**cell_of(work, d), "definition_hash": definition_hash(d)}
        for d in (one.asked.definition for one in cells)
    ]
    variant = person[["locus", "variant_id"]].drop_duplicates("variant_id")
    variant = variant.assign(caveat=[_caveat(work, v) for v in variant["variant_id"]])
    counted = _by_carrier(person, cells)
    frame = pd.DataFrame(asked).merge(variant, how="cross").assign(**_evidence(counted))
    frame = frame.assign(strata=", ".join(work.study.survival.strata), **joint_mark(work))
    return ordered(frame, "result.recovery_effect")


def _with_stratum(work: OpenStudy) -> pd.DataFrame:
    """Carriers and others of each variant, with the number of their stratum."""
    carrier, strata = carriers_in_use(work), work.study.survival.strata
    if "cohort" in strata:
        refuse_two_cohorts(carrier)
    person = with_personal(carrier_by_participant(carrier), participants(work), strata)
    return person.assign(stratum=stratum_of(person, strata))


def _caveat(work: OpenStudy, variant_id: str) -> str:
    return f"{caveat_of(work, variant_id in declared_variants(work))}; {_OF_THE_FOLLOWED}"


def _by_carrier(
    person: pd.DataFrame, cells: Sequence[counts.Counted]
) -> dict[str, NDArray[np.int64]]:
    """How many were followed and how many recovered, carriers and all, shape (cell x variant,
    n_stratum).
    """
    row, stratum = pd.factorize(person["variant_id"])[0], person["stratum"].to_numpy(dtype=np.int64)
    place = pd.Index(cells[0].participant_id).get_indexer(pd.Index(person["participant_id"]))
    size = len(cells[0].participant_id)
    called = np.zeros((int(row.max()) + 1, int(stratum.max()) + 1, size), dtype=np.int64)
    carries, at = called.copy(), tuple(one[place >= 0] for one in (row, stratum, place))
    called[at] = 1
    carries[at] = person["carrier"].to_numpy(dtype=np.int64)[place >= 0]
    followed = np.array([one.is_at_risk for one in cells], dtype=np.int64)
    event = followed * np.array([one.is_recovered for one in cells], dtype=np.int64)

    def summed(who: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[np.int64]:
        n: NDArray[np.int64] = who @ of.reshape(of.shape[0] * of.shape[1], size).T
        return n.reshape(-1, called.shape[1])

    return {
        "n": summed(followed, called),
        "n_carrier": summed(followed, carries),
        "n_event": summed(event, called),
        "n_event_carrier": summed(event, carries),
    }


def _evidence(counted: dict[str, NDArray[np.int64]]) -> dict[str, Any]:
    """Counts over the strata; Firth's odds ratio with its interval, and the exact P, of carriers
    among the recovered of their stratum.
    """
    n, n_carrier, n_event, n_both = counted.values()
    event = np.stack([n_event - n_both, n_both, np.zeros_like(n)], axis=2)
    whole = np.stack([n - n_carrier, n_carrier, np.zeros_like(n)], axis=2)
    found = evidence(event, whole - event, _MODEL)
    return {
        **{name: by_stratum.sum(axis=1) for name, by_stratum in counted.items()},
        "n_stratum": ((n_event > 0) & (n_event < n)).sum(axis=1),
        **{name: getattr(found, name) for name in _EFFECT},
        "method": record_method(_MODEL),
        "exact_method": exact_method(_MODEL, n.shape[1]),
    }


recovery_effect_has_unique_key = key_check("result.recovery_effect")


@table_check("result.recovery_effect")
def carrier_counts_add_up(work: OpenStudy) -> Finding:
    """Carriers and recoveries are parts of the participants; a ratio is inside its interval."""
    frame = work.lake.frame("result.recovery_effect")
    free = frame["n_carrier"] - frame["n_event_carrier"]
    sound = (frame["n_event_carrier"] >= 0) & (free >= 0)
    sound &= (frame["n_event_carrier"] <= frame["n_event"]) & (
        frame["n_event"] - frame["n_event_carrier"] <= frame["n"] - frame["n_carrier"]
    )
    inside = frame["odds_ratio"].between(frame["ci_lower"], frame["ci_upper"])
    sound &= inside | frame["ci_lower"].isna() | frame["ci_upper"].isna()
    told = "rows have counts that do not add up, or a ratio outside its interval"
    return none_of(int((~sound).sum()), len(frame), told)
