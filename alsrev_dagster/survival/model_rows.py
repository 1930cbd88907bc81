"""A row of a table of models: one term of one model of one variant, and what it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alsrev_dagster.survival.carrier_model import CarrierModel, GeneticModel, carrier_model
from alsrev_dagster.survival.cox_model import EVENTS_PER_TERM_MIN
from alsrev_dagster.survival.genotype_groups import variant_of
from alsrev_dagster.survival.groups import (
    carrier_by_participant,
    refuse_two_cohorts,
    with_personal,
)

CLUSTER = "cluster"
"""Column of what people of one site or batch share, in a frame of participants."""
_NUMBER = {"sex": "sex_is_female"}
"""Column of numbers that a covariate of words is entered as."""
_CLUSTER_MIN = 2
GENOTYPE = "genotype"
"""Term of the genotype's score."""


@dataclass(frozen=True)
class ModelRule:
    """What a study asks of its models."""

    genetic_models: tuple[GeneticModel, ...]
    strata: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    """Columns of numbers of raw.participant that Cox models adjust for."""
    sampling_fraction: dict[str, float] = field(default_factory=dict)
    """By cohort, of the people it was drawn from; empty where it is not known."""
    weighted_caveat: str = ""
    """Said in rows that are weighted, in the place of what the others say."""
    cluster: str = ""
    """What people of one cluster share, such as sequencing_site; empty where nothing is asked."""
    clustered_caveat: str = ""
    """Said in rows whose variance is over clusters, after how many there are."""
    events_per_term_min: float = EVENTS_PER_TERM_MIN


def people_of(carrier: pd.DataFrame, participant: pd.DataFrame, rule: ModelRule) -> pd.DataFrame:
    """Who has a call of each variant, with strata, covariates and weight."""
    if "cohort" in rule.strata:
        refuse_two_cohorts(carrier)
    beside = [CLUSTER] if CLUSTER in participant else []
    asked = dict.fromkeys((*rule.strata, *rule.covariates, *beside))
    person = with_personal(carrier_by_participant(carrier), participant, list(asked))
    if "sex" in rule.covariates:
        sex = person["sex"].map({"female": 1.0, "male": 0.0}).astype("float64")
        person = person.assign(sex_is_female=sex)
    weight = person["cohort"].map(rule.sampling_fraction).astype("float64")
    return person.assign(weight=1 / weight)


def cox_rows(
    group: pd.DataFrame, rule: ModelRule, code: int, method: str
) -> Iterator[dict[str, object]]:
    """Cox models of one event of one variant and genetic model; ``method`` says of which hazard.

    The model of record; besides, where the study asks, with a variance over clusters, and weighted.
    """
    yield cox_row(group, rule, code, method)
    if rule.cluster:
        yield _clustered_cox_row(group, rule, code, method)
    if rule.sampling_fraction:
        yield _weighted_cox_row(group, rule, code, method)


def cox_row(
    group: pd.DataFrame, rule: ModelRule, code: int, method: str, cluster: str | None = None
) -> dict[str, object]:
    """Cox model of the study's strata and covariates; robust over a ``cluster`` column, if any."""
    numbers = {name: _NUMBER.get(name, name) for name in rule.covariates}
    known = group.dropna(subset=list(numbers.values()))
    frame = known.assign(event=known["event_code"] == code)
    used = [name for name, column in numbers.items() if _varies(frame, column)]
    fit = carrier_model(
        frame,
        group["genetic_model"].iloc[0],
        covariates=[numbers[name] for name in used],
        strata=rule.strata,
        cluster=cluster,
        events_per_term_min=rule.events_per_term_min,
    )
    said = {"strata": ", ".join(rule.strata), "covariates": ", ".join(used) or None}
    return {**_of_cox(known, fit, method), **variant_of(group), **said}


def _clustered_cox_row(
    group: pd.DataFrame, rule: ModelRule, code: int, method: str
) -> dict[str, object]:
    """Cox model whose variance lets people of one cluster be alike; else as the one of record.

    Who is of no known cluster is one of their own. Of fewer than two there is no variance.
    """
    own = group["participant_id"].astype(str)
    alone = group[CLUSTER].isna()
    each = ("of " + group[CLUSTER].astype(str)).mask(alone, "alone " + own)
    row = cox_row(group.assign(**{CLUSTER: each}), rule, code, f"{method}_clustered", CLUSTER)
    if each.nunique() < _CLUSTER_MIN:
        row |= dict.fromkeys(("ci_lower", "ci_upper", "p_value"), np.nan)
        row["fit_status"] = "one_cluster"
    n_cluster, n_alone = group.loc[~alone, CLUSTER].nunique(), int(alone.sum())
    beside = f" and {n_alone} people of none" if n_alone else ""
    told = f"variance over {n_cluster} of {rule.cluster}{beside}: {rule.clustered_caveat}"
    return {**row, "caveat": told}


def _weighted_cox_row(
    group: pd.DataFrame, rule: ModelRule, code: int, method: str
) -> dict[str, object]:
    """Cox model with each cohort weighted by 1 / its sampling fraction, robust variance.

    Cohort is no stratum of it: within a cohort the weights are alike, and would cancel.
    """
    strata = [name for name in rule.strata if name != "cohort"]
    frame = group.assign(event=group["event_code"] == code)
    fit = carrier_model(frame, group["genetic_model"].iloc[0], strata=strata, weight="weight")
    said = {"strata": ", ".join(strata), "covariates": None, "caveat": rule.weighted_caveat}
    return {**_of_cox(group, fit, f"{method}_weighted"), **variant_of(group), **said}


def _varies(frame: pd.DataFrame, column: str) -> bool:
    """Whether a covariate differs between people: of others no coefficient exists."""
    return len(frame) > 0 and bool(np.ptp(frame[column].to_numpy(dtype=np.float64)) > 0)


def _of_cox(group: pd.DataFrame, fit: CarrierModel, method: str) -> dict[str, object]:
    """What a fit says of the participants it is of."""
    counted = {
        "n": fit.n,
        "n_carrier": int((group["score"] > 0).sum()),
        "n_event": fit.n_event,
        "n_event_carrier": _n_event_carrier(fit),
    }
    return {
        **counted,
        "method": method + fit.method.removeprefix("cox"),
        "term": GENOTYPE,
        "ratio_of": "hazard",
        "ratio": fit.hazard_ratio,
        "ci_lower": fit.ci_lower,
        "ci_upper": fit.ci_upper,
        "p_value": fit.p_value,
        "proportional_hazards_p": fit.proportional_hazards_p,
        "events_per_term": fit.events_per_term,
        "fit_status": fit.fit_status,
        "separation": fit.separation if fit.fit_status == "separated" else None,
    }


def _n_event_carrier(fit: CarrierModel) -> int:
    """Events in those whose genotype counts for something."""
    first = 2 if fit.genetic_model == "recessive" else 1
    return sum(fit.n_event_by_genotype[first:])


def counted_row(
    group: pd.DataFrame, code: int, rule: ModelRule, *, n_term: int | None = 1
) -> dict[str, object]:
    """Identity and counts of a group, for models that are no Cox model, without covariates.

    ``n_term`` is how many coefficients the events are shared by; None where they cannot be counted.
    """
    event, carries = group["event_code"].to_numpy() == code, group["score"].to_numpy() > 0
    return {
        **variant_of(group),
        "strata": ", ".join(rule.strata),
        "covariates": None,
        "n": len(group),
        "n_carrier": int(carries.sum()),
        "n_event": int(event.sum()),
        "n_event_carrier": int((event & carries).sum()),
        "term": GENOTYPE,
        "proportional_hazards_p": np.nan,
        "events_per_term": float(event.sum()) / n_term if n_term else np.nan,
        "separation": None,
    }


def with_caveat(row: dict[str, object], caveat: str) -> pd.DataFrame:
    """One row of a table; a row that says a caveat of its own keeps it."""
    return pd.DataFrame([{"caveat": caveat, **row}])
