"""States over time by genotype: two tables, of probabilities and of months spent in each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alsrev_dagster.survival.carrier_model import GeneticModel
from alsrev_dagster.survival.competing import incidence_interval
from alsrev_dagster.survival.genotype_groups import by_genetic_model, stratum_of, variant_of
from alsrev_dagster.survival.nonparametric import Z_95
from alsrev_dagster.survival.restricted_means import DIFFERENCE
from alsrev_dagster.survival.risk import FloatArray
from alsrev_dagster.survival.shuffled_scores import shuffled_within
from alsrev_dagster.survival.state_occupation import (
    CENSORED,
    Spells,
    StateOccupation,
    state_occupation,
)
from alsrev_dagster.survival.stratified_mean import StratifiedMean, stratified_mean

Row = dict[str, object]

OCCUPATION, MONTHS = "aalen_johansen", "pseudo_values"
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
_ROUNDING = 1e-12
"""A probability this small is 0."""
_NAN = float("nan")


@dataclass(frozen=True)
class StateRule:
    """What a study asks of states over time."""

    interval_months: float
    """Between the times at which probabilities are told, from entry on."""
    horizon_months: tuple[float, ...]
    """Since entry; the last one ends the probabilities."""
    strata: tuple[str, ...]
    n_permutation: int
    seed: int


def occupation_rows(
    people: pd.DataFrame, spell: pd.DataFrame, rule: StateRule
) -> Iterator[pd.DataFrame]:
    """Rows of result.state_occupation: variant x carrier group x month x state.

    Parameters
    ----------
    people
        Participants with a call of each variant, with their strata (``people_of``).
    spell
        core.state_spell of one kind of states.
    rule
        Times; a group is told of until the last of its people is under observation no more.
    """
    states = states_of(spell)
    month = np.arange(0.0, max(rule.horizon_months) + 1e-9, rule.interval_months)
    for group in by_genetic_model(people, _followed(spell), ("dominant",)):
        for name, part in group.groupby("carrier_group", sort=True):
            spells = _spells(part, spell, states)
            found = state_occupation(spells, len(states))
            seen = month[month <= float(spells.until_months.max())]
            frame = _told(found, spells, seen, states)
            said = {k: v for k, v in variant_of(group).items() if k != "genetic_model"}
            yield frame.assign(**said, carrier_group=name, n=spells.n_person)


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
    theta + n dtheta/dw_i of the estimate theta of everybody together [1]_, which stand for the
    months of each person as if nobody were censored: their means are compared within strata. It
    assumes that censoring goes neither with genotype nor with stratum; the permutation assumes only
    that carriers of a stratum are like the others. Other parameters as of :func:`occupation_rows`.

    References
    ----------
    .. [1] Andersen, Klein & Rosthoj (2003), Biometrika 90:15-27; by the infinitesimal jackknife as
       in R's survival::pseudo.
    """
    states = states_of(spell)
    for group in by_genetic_model(people, _followed(spell), genetic_models):
        by_group = list(group.groupby("score", sort=True))
        made = [
            (str(part["carrier_group"].iloc[0]), _group_rows(part, spell, rule, states))
            for _, part in by_group
        ]
        if len(by_group) == 2 and group["genetic_model"].iloc[0] != "additive":
            made.append((DIFFERENCE, _differences(group, spell, rule, states)))
        for name, rows in made:
            yield pd.DataFrame(list(rows)).assign(**variant_of(group), carrier_group=name)


def states_of(spell: pd.DataFrame) -> list[str]:
    """Every state that somebody is in or goes to, in a fixed order: those that end all last."""
    named = set(spell["state"]) | set(spell["next_state"].dropna())
    place = ("not_recovered", "recovered", "lost")
    last = ("tracheostomy", "dead")
    middle = sorted(named - set(place) - set(last))
    return [name for name in (*place, *middle, *last) if name in named]


def _followed(spell: pd.DataFrame) -> pd.DataFrame:
    """Who has a spell."""
    return spell[["participant_id"]].drop_duplicates()


def _spells(part: pd.DataFrame, spell: pd.DataFrame, states: list[str]) -> Spells:
    """Spells of some participants in months since each one's entry, numbered as they stand."""
    number = pd.Index(part["participant_id"]).get_indexer(pd.Index(spell["participant_id"]))
    mine, person = spell[number >= 0], number[number >= 0].astype(np.int64)
    begun, ended = (mine[n].to_numpy(dtype=np.float64) for n in ("from_months", "until_months"))
    entered = np.full(len(part), np.inf)
    np.minimum.at(entered, person, begun)
    place = {name: k for k, name in enumerate(states)}
    return Spells(
        person=person,
        entry_months=begun - entered[person],
        until_months=ended - entered[person],
        state=mine["state"].map(place).to_numpy(dtype=np.int64),
        next_state=mine["next_state"].map(place).fillna(CENSORED).to_numpy(dtype=np.int64),
    )


def _told(
    found: StateOccupation, spells: Spells, month: FloatArray, states: list[str]
) -> pd.DataFrame:
    """Probability of each state at each month, with its interval."""
    chance, error = (array.ravel() for array in found.at(month))
    chance = np.where(np.abs(chance) < _ROUNDING, 0.0, chance)
    lower, upper = incidence_interval(chance, error**2)
    is_there = (spells.entry_months <= month[:, None]) & (spells.until_months > month[:, None])
    return pd.DataFrame(
        {
            "month": np.repeat(month, len(states)),
            "state": np.tile(states, len(month)),
            "n_at_risk": np.repeat(is_there.sum(axis=1), len(states)),
            "probability": chance,
            "ci_lower": lower,
            "ci_upper": upper,
        }
    )


def _group_rows(
    part: pd.DataFrame, spell: pd.DataFrame, rule: StateRule, states: list[str]
) -> Iterator[Row]:
    """Months of one group in each state, up to each horizon."""
    spells = _spells(part, spell, states)
    found = state_occupation(spells, len(states), horizon_months=rule.horizon_months)
    error = found.months_standard_error
    for h, k, row in _rows(spells, rule, states):
        if row["fit_status"] == "ok":
            mean, reach = found.months[h, k], Z_95 * error[h, k]
            row |= {
                "mean_months": mean,
                "standard_error": error[h, k],
                "ci_lower": max(mean - reach, 0.0),
                "ci_upper": min(mean + reach, rule.horizon_months[h]),
            }
        yield {**row, "n_permutation": 0, "strata": "", "method": OCCUPATION}


def _differences(
    group: pd.DataFrame, spell: pd.DataFrame, rule: StateRule, states: list[str]
) -> Iterator[Row]:
    """Months of carriers less those of the others of their stratum, in each state."""
    spells, carrier = _spells(group, spell, states), group["score"].to_numpy() > 0
    found = state_occupation(spells, len(states), horizon_months=rule.horizon_months)
    stratum = stratum_of(group, rule.strata)
    for h, k, row in _rows(spells, rule, states):
        told = {"n_permutation": 0, "strata": ", ".join(rule.strata), "method": MONTHS}
        if row["fit_status"] == "ok":
            pseudo = found.months[h, k] + len(group) * found.months_influence[h, :, k]
            apart = stratified_mean(pseudo, carrier, stratum)
            named = "/".join(
                (*variant_of(group).values(), states[k], f"{rule.horizon_months[h]:g}")
            )
            drawn = shuffled_within(
                pseudo,
                carrier,
                stratum,
                n_draw=rule.n_permutation,
                rng=np.random.default_rng([rule.seed, *named.encode()]),
            )
            row |= {
                "mean_months": apart.difference,
                "standard_error": apart.standard_error,
                "ci_lower": apart.ci_lower,
                "ci_upper": apart.ci_upper,
                "p_value": apart.p_value,
                "permutation_p_value": drawn.p_value,
                "fit_status": _status(apart),
            }
            told["n_permutation"] = rule.n_permutation if apart.n_stratum else 0
        yield {**row, **told}


def _rows(spells: Spells, rule: StateRule, states: list[str]) -> Iterator[tuple[int, int, Row]]:
    """Place of each horizon and state, and its row without numbers."""
    for h, horizon in enumerate(rule.horizon_months):
        is_seen = _is_seen(spells, horizon)
        for k, state in enumerate(states):
            n_in_state = _n_in_state(spells, k, horizon)
            yield (
                h,
                k,
                {
                    "horizon_months": horizon,
                    "state": state,
                    "n": spells.n_person,
                    "n_in_state": n_in_state,
                    **dict.fromkeys(_NUMBERS, _NAN),
                    "fit_status": _SHORT if not is_seen else "ok" if n_in_state else NOBODY,
                },
            )


def _status(apart: StratifiedMean) -> str:
    """ok, or why there is no difference or no interval of it."""
    if not apart.n_stratum:
        return "no_common_stratum"
    return "ok" if np.isfinite(apart.standard_error) else "one_alone"


def _is_seen(spells: Spells, horizon: float) -> bool:
    """Whether somebody was under observation until the horizon, or nobody was left to be."""
    last = spells.until_months.max()
    is_over = (spells.next_state[spells.until_months == last] != CENSORED).all()
    return bool(last >= horizon or is_over)


def _n_in_state(spells: Spells, state: int, horizon: float) -> int:
    """People ever seen in a state, by the horizon."""
    is_in = (spells.state == state) & (spells.entry_months <= horizon)
    is_gone_to = (spells.next_state == state) & (spells.until_months <= horizon)
    return len(np.unique(spells.person[is_in | is_gone_to]))
