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
    cox_rows,
    people_of,
    with_caveat,
)
from alsrev_dagster.survival.tables import result_table
from alsrev_dagster.survival.watched import of_strata_with_event, stratum_columns

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
    yield from cox_rows(group, rule, _DIED, "cox")
    for distribution in distributions:
        yield _aft(group, rule, distribution)


def _aft(group: pd.DataFrame, rule: ModelRule, distribution: Distribution) -> dict[str, object]:
    """Time ratio of a genotype, of strata in which somebody died."""
    died = (group["event_code"] == _DIED).to_numpy(dtype=np.bool_)
    known = of_strata_with_event(group.assign(event=died), died, rule.strata)
    method = {"ratio_of": "time", "method": f"aft_{distribution}_wald"}
    numbers = dict.fromkeys(("ratio", "ci_lower", "ci_upper", "p_value"), np.nan)
    if known.empty:
        return {**counted_row(group, _DIED, rule), **method, **numbers, "fit_status": "no_events"}
    columns = stratum_columns(known, rule.strata)
    names = [f"stratum_{k}" for k in range(columns.shape[1])]
    frame = known.assign(**dict(zip(names, columns.T, strict=True)))
    fit = aft_fit(frame, ["score", *names], distribution=distribution)
    if fit.fit_status == "ok":
        found = (fit.time_ratio, fit.ci_lower, fit.ci_upper, fit.p_value)
        numbers = {name: float(array[0]) for name, array in zip(numbers, found, strict=True)}
    counted = counted_row(known, _DIED, rule, n_term=1 + len(names))
    return {**counted, **method, **numbers, "fit_status": fit.fit_status}
