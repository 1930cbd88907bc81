"""Models of time to recovery by genotype: each row is a term of one model of one variant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alsrev_dagster.survival.fine_gray import fine_gray
from alsrev_dagster.survival.fine_gray_firth import fine_gray_firth
from alsrev_dagster.survival.genotype_groups import by_genetic_model, stratum_of
from alsrev_dagster.survival.groups import RECOVERY, recovery_follow_up, the_only
from alsrev_dagster.survival.interval_regression import interval_regression
from alsrev_dagster.survival.mixture_cure import mixture_cure
from alsrev_dagster.survival.model_rows import (
    ModelRule,
    counted_row,
    cox_row,
    cox_rows,
    people_of,
    with_caveat,
)
from alsrev_dagster.survival.tables import result_table
from alsrev_dagster.survival.watched import (
    intervals_of,
    of_strata_with_event,
    stratum_columns,
    watched,
)

Row = dict[str, object]

EVER, TIME = "ever_recovers", "time_of_those_who_recover"
"""Terms of the mixture."""


@dataclass(frozen=True)
class Definition:
    """core.outcome by one definition of recovery, and whether it is the study's own."""

    outcome: pd.DataFrame
    is_study_definition: bool


def recovery_model(
    carrier: pd.DataFrame,
    definitions: Sequence[Definition],
    participant: pd.DataFrame,
    *,
    rule: ModelRule,
    caveat: str,
) -> pd.DataFrame:
    """result.recovery_model: every model by the study's definition, Cox's by each of the others.

    Parameters
    ----------
    carrier, participant
        core.carrier and raw.participant.
    definitions
        The outcomes of the same participants.
    rule
        Genetic models, strata, covariates and sampling fractions.
    caveat
        Said in every row.

    Notes
    -----
    ``cox_cause_specific``: hazard of recovery among those still free of it; deaths and
    tracheostomies censor. ``fine_gray``: subdistribution hazard, the dead stay at risk.
    ``weibull_interval``: time to recovery known to lie between two visits. ``mixture_cure``: the
    odds of ever recovering, and the time of those who do. The last two have no baseline of their
    own by stratum: strata with a recovery enter as terms, those without one are left out.
    """
    people = people_of(carrier, participant, rule)
    rows = [
        with_caveat({**row, "definition": the_only(one.outcome, "definition")}, caveat)
        for one in definitions
        for row in _rows(people, one, rule)
    ]
    origin = {the_only(one.outcome, "time_origin") for one in definitions}
    return result_table(
        "result.recovery_model",
        rows,
        event="recovery",
        time_origin=next(iter(origin), ""),
    )


def _rows(people: pd.DataFrame, definition: Definition, rule: ModelRule) -> Iterator[Row]:
    followed = recovery_follow_up(definition.outcome)
    for group in by_genetic_model(people, followed, rule.genetic_models):
        if not definition.is_study_definition:
            yield cox_row(group, rule, RECOVERY, "cox_cause_specific")
            continue
        yield from cox_rows(group, rule, RECOVERY, "cox_cause_specific")
        yield _fine_gray(group, rule)
        everyone = watched(group)
        recovered = np.isfinite(everyone["right_months"].to_numpy(dtype=np.float64))
        seen = of_strata_with_event(everyone, recovered, rule.strata)
        if len(seen):
            yield _interval(seen, rule)
            yield from _mixture(seen, rule)


def _fine_gray(group: pd.DataFrame, rule: ModelRule) -> Row:
    """Subdistribution hazard ratio; penalised below the events asked of a term, or separated."""
    times = (
        group["duration_months"].to_numpy(dtype=np.float64),
        group["event_code"].to_numpy(dtype=np.int64),
        group[["score"]].to_numpy(dtype=np.float64),
    )
    entry = group["entry_months"].to_numpy(dtype=np.float64)
    stratum = stratum_of(group, rule.strata)
    counted = {**counted_row(group, RECOVERY, rule), "ratio_of": "subdistribution_hazard"}
    fit = fine_gray(*times, entry_months=entry, stratum=stratum)
    is_few = fit.n_event < rule.events_per_term_min
    if fit.fit_status == "ok" and not is_few:
        found = fit.wald("robust")
        ratio = (found.hazard_ratio[0], found.ci_lower[0], found.ci_upper[0], found.p_value[0])
        return {**counted, **_told("fine_gray_robust_wald", ratio, "ok")}
    if fit.fit_status in ("ok", "separated", "not_converged"):
        firth = fine_gray_firth(*times, entry_months=entry, stratum=stratum)
        ratio = (firth.hazard_ratio[0], firth.ci_lower[0], firth.ci_upper[0], firth.p_value[0])
        status = "separated" if fit.fit_status == "separated" else firth.fit_status
        return {**counted, **_told("fine_gray_firth_lrt", ratio, status)}
    return {**counted, **_told("fine_gray_robust_wald", (np.nan,) * 4, fit.fit_status)}


def _interval(seen: pd.DataFrame, rule: ModelRule) -> Row:
    """Time ratio of a Weibull time known to lie between visits; penalised where separated."""
    score, columns = seen["score"].to_numpy(np.float64), stratum_columns(seen, rule.strata)
    n_term = 1 + columns.shape[1]
    is_few = np.isfinite(seen["right_months"]).sum() < rule.events_per_term_min * n_term
    found = intervals_of(seen)
    fit = interval_regression(found, score, columns, distribution="weibull", is_penalised=is_few)
    status = fit.fit_status
    if status == "separated" and not is_few:
        fit = interval_regression(found, score, columns, distribution="weibull", is_penalised=True)
    method = "weibull_interval_firth_lrt" if fit.is_penalised else "weibull_interval_lrt"
    ratio = (fit.time_ratio, fit.ci_lower, fit.ci_upper, fit.p_value)
    counted = counted_row(seen, RECOVERY, rule, n_term=n_term)
    return {**counted, "ratio_of": "time", **_told(method, ratio, status)}


def _mixture(seen: pd.DataFrame, rule: ModelRule) -> Iterator[Row]:
    """Odds ratio of ever recovering, and time ratio of those who do."""
    score, columns = seen["score"].to_numpy(np.float64), stratum_columns(seen, rule.strata)
    fit = mixture_cure(intervals_of(seen), score, columns)
    counted = counted_row(seen, RECOVERY, rule, n_term=None)
    method = "mixture_cure_firth_lrt"
    odds = (fit.odds_ratio, *fit.odds_ratio_interval, fit.odds_ratio_p_value)
    time = (fit.time_ratio, *fit.time_ratio_interval, fit.time_ratio_p_value)
    for term, ratio_of, ratio in ((EVER, "odds", odds), (TIME, "time", time)):
        told = _told(method, ratio, fit.fit_status)
        yield {**counted, **told, "term": term, "ratio_of": ratio_of}


def _told(method: str, ratio: Sequence[float], status: str) -> Row:
    names = ("ratio", "ci_lower", "ci_upper", "p_value")
    numbers = dict(zip(names, map(float, ratio), strict=True))
    return {"method": method, "fit_status": status, **numbers}
