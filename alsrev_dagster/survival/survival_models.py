"""Models of survival by genotype: Cox's, and accelerated failure times."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from alsrev_dagster.survival.aft import Distribution, aft_fit
from alsrev_dagster.survival.genotype_groups import by_genetic_model
from alsrev_dagster.survival.groups import survival_follow_up, the_only
from alsrev_dagster.survival.model_rows import (
    ModelRule,
    counted_row,
    cox_row,
    people_of,
    weighted_cox_row,
    with_caveat,
)
from alsrev_dagster.survival.tables import result_table
from alsrev_dagster.survival.watched import stratum_columns

_DIED = 1


def survival_model(
    carrier: pd.DataFrame,
    outcome: pd.DataFrame,
    participant: pd.DataFrame,
    *,
    rule: ModelRule,
    distributions: Sequence[Distribution],
    caveat: str,
) -> pd.DataFrame:
    """result.survival_model: Cox and, if wanted, accelerated failure time models of death.

    ``cox``: hazard ratio within strata. ``weibull``, ``log_normal``, ``log_logistic``: by what the
    time to death is multiplied; strata with a death enter as terms, the others are left out.
    """
    people = people_of(carrier, participant, rule)
    followed = survival_follow_up(outcome)
    rows = [
        with_caveat(row, caveat)
        for group in by_genetic_model(people, followed, rule.genetic_models)
        for row in _rows(group, rule, distributions)
    ]
    return result_table(
        "result.survival_model",
        rows,
        event="death",
        definition="",
        time_origin=the_only(outcome, "time_origin"),
    )


def _rows(
    group: pd.DataFrame, rule: ModelRule, distributions: Sequence[Distribution]
) -> Iterator[dict[str, object]]:
    yield cox_row(group, rule, _DIED, "cox")
    if rule.sampling_fraction:
        yield weighted_cox_row(group, rule, _DIED, "cox")
    for distribution in distributions:
        yield _aft(group, rule, distribution)


def _aft(group: pd.DataFrame, rule: ModelRule, distribution: Distribution) -> dict[str, object]:
    """Time ratio of a genotype."""
    event = group["event_code"] == _DIED
    known = group.assign(event=event)
    if rule.strata:
        has_event = event.groupby([group[s] for s in rule.strata], dropna=False).transform("any")
        known = known[has_event]
    if known.empty:
        counted = counted_row(group, _DIED, rule)
        return {**counted, **_of_nobody(distribution)}
    columns = stratum_columns(known, rule.strata)
    names = [f"stratum_{k}" for k in range(columns.shape[1])]
    frame = known.assign(**dict(zip(names, columns.T, strict=True)))
    counted = counted_row(known, _DIED, rule, n_term=1 + len(names))
    fit = aft_fit(frame, ["score", *names], distribution=distribution)
    is_known = fit.fit_status == "ok"
    numbers = (fit.time_ratio, fit.ci_lower, fit.ci_upper, fit.p_value)
    told = [float(array[0]) if is_known else np.nan for array in numbers]
    return {
        **counted,
        "ratio_of": "time",
        "method": f"aft_{distribution}_wald",
        **dict(zip(("ratio", "ci_lower", "ci_upper", "p_value"), told, strict=True)),
        "fit_status": fit.fit_status,
    }


def _of_nobody(distribution: Distribution) -> dict[str, object]:
    """What is said where nobody died: there is nothing to fit."""
    numbers = dict.fromkeys(("ratio", "ci_lower", "ci_upper", "p_value"), np.nan)
    method = f"aft_{distribution}_wald"
    return {"ratio_of": "time", "method": method, "fit_status": "no_events", **numbers}
