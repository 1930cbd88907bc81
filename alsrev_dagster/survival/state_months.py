"""Mean months in each state by genotype, and their difference within strata: one table."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from alsrev_dagster.survival.carrier_model import GeneticModel
from alsrev_dagster.survival.genotype_groups import by_genetic_model, stratum_of, variant_of
from alsrev_dagster.survival.nonparametric import Z_95
from alsrev_dagster.survival.restricted_means import DIFFERENCE
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray
from alsrev_dagster.survival.shuffled_scores import shuffled_within
from alsrev_dagster.survival.state_frames import (
    ROUNDING,
    StateRule,
    followed,
    is_seen,
    n_in_state,
    spells_of,
    states_of,
)
from alsrev_dagster.survival.state_occupation import Spells, state_occupation
from alsrev_dagster.survival.state_rows import OCCUPATION
from alsrev_dagster.survival.stratified_mean import StratifiedMean, stratified_mean

Row = dict[str, object]

MONTHS = "pseudo_values"
NOBODY = "nobody_in_state"
"""fit_status of a state that none of these people was in."""
_SHORT = "beyond_follow_up"
_NUMBERS = (
    "mean_months",
    "standard_error",
    "ci_lower",
    "ci_upper",
    "p_value",
    "permutation_p_value",
)
_NAN = float("nan")


def months_rows(
    people: pd.DataFrame,
    spell: pd.DataFrame,
    rule: StateRule,
    genetic_models: Sequence[GeneticModel],
) -> Iterator[pd.DataFrame]:
    """Rows of result.state_time: mean months in each state, by group, and their difference.

    Notes
    -----
    A group's mean is the area under its own probabilities. The difference is of pseudo-values,
    theta + n dtheta/dw_i of the estimate theta of a stratum [1]_, which stand for the months of
    each person as if nobody were censored: their means are compared within strata. It assumes that
    censoring goes with genotype in no stratum; the permutation assumes that carriers of a stratum
    are like the others. Other parameters as of :func:`occupation_rows`.

    References
    ----------
    .. [1] Andersen, Klein & Rosthoj (2003), Biometrika 90:15-27; by the infinitesimal jackknife as
       in R's survival::pseudo.
    """
    states = states_of(spell)
    for group in by_genetic_model(people, followed(spell), genetic_models):
        by_group = list(group.groupby("score", sort=True))
        made = [
            (str(part["carrier_group"].iloc[0]), _group_rows(part, spell, rule, states))
            for _, part in by_group
        ]
        if len(by_group) == 2 and group["genetic_model"].iloc[0] != "additive":
            made.append((DIFFERENCE, _differences(group, spell, rule, states)))
        for name, rows in made:
            yield pd.DataFrame(list(rows)).assign(**variant_of(group), carrier_group=name)


def _group_rows(
    part: pd.DataFrame, spell: pd.DataFrame, rule: StateRule, states: list[str]
) -> Iterator[Row]:
    """Months of one group in each state, up to each horizon."""
    spells = spells_of(part, spell, states)
    found = state_occupation(spells, len(states), horizon_months=rule.horizon_months)
    error = found.months_standard_error
    is_short = [not is_seen(spells, states, horizon) for horizon in rule.horizon_months]
    for h, k, row in _rows(spells, rule, states, is_short):
        if row["fit_status"] != _SHORT:
            row["mean_months"] = mean = float(found.months[h, k])
            if error[h, k] > ROUNDING * rule.horizon_months[h] and spells.n_person > 1:
                reach = Z_95 * error[h, k]
                row |= {
                    "standard_error": error[h, k],
                    "ci_lower": max(mean - reach, 0.0),
                    "ci_upper": min(mean + reach, rule.horizon_months[h]),
                }
        yield {**row, "n_permutation": 0, "strata": "", "method": OCCUPATION}


def _differences(
    group: pd.DataFrame, spell: pd.DataFrame, rule: StateRule, states: list[str]
) -> Iterator[Row]:
    """Months of carriers less those of the others of their stratum, in each state."""
    carrier, stratum = group["score"].to_numpy() > 0, stratum_of(group, rule.strata)
    pseudo = _pseudo_values(group, stratum, spell, rule, states)
    sides = [spells_of(side, spell, states) for side in _compared(group, carrier, stratum)]
    is_short = [
        any(not is_seen(side, states, horizon) for side in sides) for horizon in rule.horizon_months
    ]
    told = {"strata": ", ".join(rule.strata), "method": MONTHS}
    for h, k, row in _rows(spells_of(group, spell, states), rule, states, is_short):
        if row["fit_status"] == "ok":
            named = "/".join((*variant_of(group).values(), f"{rule.horizon_months[h]:g}"))
            rng = np.random.default_rng([rule.seed, *named.encode()])
            row |= _difference(pseudo[h, :, k], carrier, stratum, rng, rule.n_permutation)
        elif row["fit_status"] == NOBODY:
            row["mean_months"] = 0.0
        yield {"n_permutation": 0, **row, **told}


def _compared(group: pd.DataFrame, carrier: BoolArray, stratum: IntArray) -> Iterator[pd.DataFrame]:
    """Carriers, and the others, of each stratum that has both."""
    for one in np.unique(stratum):
        inside = stratum == one
        if 0 < carrier[inside].sum() < inside.sum():
            yield group[inside & carrier]
            yield group[inside & ~carrier]


def _pseudo_values(
    group: pd.DataFrame,
    stratum: IntArray,
    spell: pd.DataFrame,
    rule: StateRule,
    states: list[str],
) -> FloatArray:
    """Months of each person as of the estimate of their stratum: horizon, person, state."""
    pseudo = np.empty((len(rule.horizon_months), len(group), len(states)))
    for one in np.unique(stratum):
        inside = stratum == one
        spells = spells_of(group[inside], spell, states)
        found = state_occupation(spells, len(states), horizon_months=rule.horizon_months)
        pseudo[:, inside] = found.months[:, None] + inside.sum() * found.months_influence
    return pseudo


def _difference(
    pseudo: FloatArray,
    carrier: BoolArray,
    stratum: IntArray,
    rng: np.random.Generator,
    n_permutation: int,
) -> Row:
    """Numbers of one state; every state of a variant is shuffled alike."""
    apart = stratified_mean(pseudo, carrier, stratum)
    drawn = shuffled_within(pseudo, carrier, stratum, n_draw=n_permutation, rng=rng)
    return {
        "mean_months": apart.difference,
        "standard_error": apart.standard_error,
        "ci_lower": apart.ci_lower,
        "ci_upper": apart.ci_upper,
        "p_value": apart.p_value,
        "permutation_p_value": drawn.p_value,
        "n_permutation": n_permutation if np.isfinite(drawn.p_value) else 0,
        "fit_status": _status(apart),
    }


def _rows(
    spells: Spells, rule: StateRule, states: list[str], is_short: Sequence[bool]
) -> Iterator[tuple[int, int, Row]]:
    """Place of each horizon and state, and its row without numbers."""
    for h, horizon in enumerate(rule.horizon_months):
        for k, state in enumerate(states):
            n_seen = n_in_state(spells, k, horizon)
            yield (
                h,
                k,
                {
                    "horizon_months": horizon,
                    "state": state,
                    "n": spells.n_person,
                    "n_in_state": n_seen,
                    **dict.fromkeys(_NUMBERS, _NAN),
                    "fit_status": _SHORT if is_short[h] else "ok" if n_seen else NOBODY,
                },
            )


def _status(apart: StratifiedMean) -> str:
    """ok, or why there is no difference or no interval of it."""
    if not apart.n_stratum:
        return "no_common_stratum"
    return "ok" if np.isfinite(apart.standard_error) else "no_interval"
