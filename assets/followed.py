"""Followed: whose time to recovery and death is looked at, by which definitions, and what is said
of it.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pandas as pd

from alsrev_dagster.clinical.observation import usable_visit
from alsrev_dagster.clinical.recovery import outcome as outcome_by
from alsrev_dagster.clinical.time_axis import measured_by_month
from alsrev_dagster.graph.assets import Picture
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import RECOVERY_PRESETS
from alsrev_dagster.survival.carrier_model import GeneticModel
from alsrev_dagster.survival.groups import survival_follow_up
from alsrev_dagster.survival.milestone_follow_up import milestone_follow_up
from alsrev_dagster.survival.model_rows import CLUSTER, ModelRule
from alsrev_dagster.survival.recovery_models import Definition
from alsrev_dagster.vocabulary import table
from assets.audit import joint_mark
from assets.reading import with_sampling_day

FOLLOWED_TABLES = ("core.carrier", "core.outcome", "core.analysis_set", "result.confounding_mark")
"""What carriers, their time and the mark of confounding are read from."""
PERSON_TABLES = ("raw.participant", "core.sample_trait")
"""What strata and covariates of a person are read from."""
_COLUMN = {"points_lost": "alsfrsr_total"}
"""Of core.alsfrsr, that a milestone is measured by, where it has another name."""
_CHOSEN = {
    True: "descriptive, not incidence: cases were chosen because they recovered",
    False: "descriptive, not incidence: of the participants who were enrolled",
}
"""By whether the cases were chosen for their recovery."""


_FEW_CLUSTERS = "too small with fewer than some 40"


def carriers_in_use(work: OpenStudy) -> pd.DataFrame:
    """Carrier rows of the samples that some contrast includes: one a participant and genome."""
    member = work.lake.frame("core.analysis_set")
    included = set(member.loc[member["is_included"], "sample_id"])
    frame = work.lake.frame("core.carrier")
    return frame[frame["sample_id"].isin(included)]


def participants(work: OpenStudy) -> pd.DataFrame:
    """Participants; whose sex only the table of samples gives have it from there."""
    frame = work.lake.frame("raw.participant")
    known = work.lake.frame("core.sample_trait").dropna(subset=["sex"])
    of_person = known.drop_duplicates("participant_id").set_index("participant_id")["sex"]
    return frame.assign(sex=frame["sex"].fillna(frame["participant_id"].map(of_person)))


def with_cluster(work: OpenStudy) -> pd.DataFrame:
    """Participants with their cluster, if the study asks for one: the site or batch of the first of
    their used samples that says one. Reads raw.sample, too.
    """
    person, asked = participants(work), work.study.survival.cluster
    if asked is None:
        return person
    sample = work.lake.frame("raw.sample", ["sample_id", "participant_id", asked])
    used = sample[~sample["sample_id"].isin(list(work.study.excluded_samples))].dropna()
    first = used.sort_values("sample_id").drop_duplicates("participant_id")
    found = person["participant_id"].map(first.set_index("participant_id")[asked])
    return person.assign(**{CLUSTER: found.astype("object")})


def codings(work: OpenStudy, is_declared: bool) -> tuple[GeneticModel, ...]:
    """Genetic models under which curves and models of a variant are made."""
    asked = work.study.survival
    return asked.genetic_models if is_declared else asked.found_genetic_models


def model_rule(work: OpenStudy, is_declared: bool) -> ModelRule:
    """What the study asks of models of time."""
    asked = work.study.survival
    return ModelRule(
        genetic_models=codings(work, is_declared),
        strata=asked.strata,
        covariates=asked.covariates,
        sampling_fraction=asked.sampling_fractions,
        weighted_caveat=_weighted_caveat(is_declared),
        cluster=asked.cluster or "",
        clustered_caveat=f"{_FEW_CLUSTERS}; {caveat_of(work, is_declared)}",
        events_per_term_min=work.study.checks.events_per_term_min,
    )


def own_definition(work: OpenStudy) -> Definition:
    """Outcomes by the study's definition of recovery."""
    return Definition(work.lake.frame("core.outcome"), True)


def other_definitions(work: OpenStudy) -> list[Definition]:
    """Outcomes by the published definitions of a gain that the study compares with its own."""
    own, origin = work.study.recovery.definition, work.study.survival.time_origin
    visits = work.lake.frame("core.alsfrsr"), with_sampling_day(work)
    named = [RECOVERY_PRESETS[name] for name in work.study.survival.other_definitions]
    return [
        Definition(outcome_by(*visits, one, origin), False) for one in named if one.name != own.name
    ]


def milestones(work: OpenStudy) -> dict[str, pd.DataFrame]:
    """Time to each milestone of the study, or to death, by its name."""
    origin = work.study.survival.time_origin
    scores, person = work.lake.frame("core.alsfrsr"), work.lake.frame("raw.participant")
    usable = usable_visit(scores, person)
    lived = survival_follow_up(work.lake.frame("core.outcome"))
    return {
        name: milestone_follow_up(
            measured_by_month(usable, person, origin, _COLUMN.get(one.measure, one.measure)),
            lived,
            measure=one.measure,
            at_least=one.at_least,
        )
        for name, one in work.study.survival.milestones.items()
    }


def how_chosen(work: OpenStudy) -> str:
    """How the participants were chosen: the first caveat of whatever is said of their time."""
    return _CHOSEN[work.study.survival.cases_chosen_for_recovery]


def _weighted_caveat(is_declared: bool) -> str:
    """What a weighted number rests on, in the place of who was chosen."""
    weighted = "weighted by the declared sampling fractions, which are taken as true"
    return _with_circularity(weighted, is_declared)


def caveat_of(work: OpenStudy, is_declared: bool) -> str:
    """What keeps a number of a declared, or a found, variant from meaning more than it does."""
    return _with_circularity(how_chosen(work), is_declared)


def _with_circularity(said: str, is_declared: bool) -> str:
    """What is said of the participants, and whether they found the variant themselves."""
    if is_declared:
        return f"{said}; circular if the locus was declared after a look at these participants"
    return f"circular: the variant was found in these participants; {said}"


def declared_variants(work: OpenStudy) -> list[str]:
    """Variants that the study named before the data."""
    return [locus.lead for locus in work.study.loci.values()]


def by_origin(work: OpenStudy, name: str, make: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Make a table of declared and of found variants apart: each has its own caveat.

    ``make`` takes the carriers, ``is_declared`` and ``caveat``.
    """
    carrier = carriers_in_use(work)
    sides = carrier.groupby(carrier["variant_id"].isin(declared_variants(work)))
    parts = [
        make(rows, is_declared=bool(side), caveat=caveat_of(work, bool(side)))
        for side, rows in sides
    ]
    if not parts:
        return work.lake.empty_frame(name)
    made = pd.concat([part for part in parts if len(part)] or parts[:1])
    ordered = made.sort_values(list(table(name).key), ignore_index=True)
    return ordered.assign(**joint_mark(work))


def first_variant(work: OpenStudy, name: str) -> pd.DataFrame:
    """Rows of the first declared locus, or else of the first variant; carriers against others."""
    frame = work.lake.frame(name)
    if "genetic_model" in frame:
        frame = frame[frame["genetic_model"] == "dominant"]
    found = set(frame["variant_id"])
    shown = [v for v in (*declared_variants(work), *frame["variant_id"].unique()) if v in found]
    return frame[frame["variant_id"] == shown[0]] if shown else frame


def picture(module: str, name: str) -> Picture:
    """Draw the first variant of a table by the function of a figure."""

    def drawn(work: OpenStudy) -> Any:
        frame = first_variant(work, name)
        if frame.empty:
            return None
        draw = getattr(import_module(f"alsrev_dagster.figures.{module}"), module)
        return draw(frame, simulated=work.study.simulated)

    return drawn
