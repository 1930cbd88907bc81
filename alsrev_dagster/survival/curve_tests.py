"""Tests between the genotypes' curves: log-rank, Gray's, one for times between visits."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from alsrev_dagster.survival.genotype_groups import by_genetic_model, stratum_of, variant_of
from alsrev_dagster.survival.gray import gray_permutation, gray_test
from alsrev_dagster.survival.groups import (
    RECOVERY,
    recovery_follow_up,
    survival_follow_up,
    the_only,
)
from alsrev_dagster.survival.interval_test import interval_test
from alsrev_dagster.survival.log_rank import log_rank, log_rank_permutation
from alsrev_dagster.survival.model_rows import ModelRule, people_of
from alsrev_dagster.survival.recovery_models import Definition
from alsrev_dagster.survival.risk import FloatArray, IntArray
from alsrev_dagster.survival.tables import result_table
from alsrev_dagster.survival.watched import intervals_of, watched

Row = dict[str, object]


def curve_test(
    carrier: pd.DataFrame,
    definition: Definition,
    participant: pd.DataFrame,
    *,
    rule: ModelRule,
    n_permutation: int,
    seed: int,
    milestones: Mapping[str, pd.DataFrame],
    caveat: str,
) -> pd.DataFrame:
    """result.curve_test: whether the genotypes' curves differ, by chi-squared and by permutation.

    ``log_rank`` of recovery (cause-specific), of death and of ``milestones``, follow-up by name;
    ``gray`` of the cumulative incidence of
    recovery, ``interval_sun`` of recovery between visits (carriers against the rest, not of the
    additive model). Genotypes are shuffled within strata, ``seed`` with the
    variant's name.
    """
    people = people_of(carrier, participant, rule)
    drawn = _Draws(n_permutation, seed)
    follow = {
        "recovery": recovery_follow_up(definition.outcome),
        "death": survival_follow_up(definition.outcome),
        **milestones,
    }
    rows = [
        pd.DataFrame([{**variant_of(group), "event": event, **row}])
        for event, followed in follow.items()
        for group in by_genetic_model(people, followed, rule.genetic_models)
        for row in _rows(group, event, definition, rule=rule, drawn=drawn)
    ]
    return result_table(
        "result.curve_test",
        rows,
        definition=the_only(definition.outcome, "definition"),
        time_origin=the_only(definition.outcome, "time_origin"),
        seed=seed,
        caveat=caveat,
    )


class _Draws:
    """Generators of the permutations: one a variant, genetic model and test."""

    def __init__(self, n_permutation: int, seed: int) -> None:
        self.n_permutation = n_permutation
        self._seed = seed

    def of(self, group: pd.DataFrame, test: str) -> np.random.Generator:
        """Seeded by what is tested, so that another variant changes nothing."""
        named = "/".join((*variant_of(group).values(), test))
        return np.random.default_rng([self._seed, *named.encode()])


def _rows(
    group: pd.DataFrame, event: str, definition: Definition, *, rule: ModelRule, drawn: _Draws
) -> Iterator[Row]:
    """Tests of one event of one variant; none where all have the same genotype."""
    if group["score"].nunique() < 2:
        return
    yield _log_rank(group, event, rule, drawn)
    if event == "recovery":
        yield _gray(group, rule, drawn)
        if group["genetic_model"].iloc[0] != "additive":
            seen = watched(group)
            if seen["score"].nunique() == 2 and np.isfinite(seen["right_months"]).any():
                yield _interval(seen, rule, drawn)


def _times(group: pd.DataFrame) -> tuple[FloatArray, IntArray, FloatArray]:
    names = ("duration_months", "event_code", "entry_months")
    until, code, entry = (group[name].to_numpy() for name in names)
    return until.astype(np.float64), code.astype(np.int64), entry.astype(np.float64)


def _log_rank(group: pd.DataFrame, event: str, rule: ModelRule, drawn: _Draws) -> Row:
    until, code, entry = _times(group)
    score, stratum = group["score"].to_numpy(), stratum_of(group, rule.strata)
    found = log_rank(until, code == 1, score, entry_months=entry, stratum=stratum)
    permuted = np.nan
    if found.degrees_of_freedom and drawn.n_permutation:
        permuted = log_rank_permutation(
            until,
            code == 1,
            score,
            generator=drawn.of(group, f"log_rank/{event}"),
            n_permutation=drawn.n_permutation,
            entry_months=entry,
            stratum=stratum,
        ).p_value
    return {
        **_counted(group, "log_rank", rule.strata),
        "n_permutation": drawn.n_permutation if found.degrees_of_freedom else 0,
        "statistic": found.statistic,
        "degrees_of_freedom": found.degrees_of_freedom,
        "p_value": found.p_value,
        "permutation_p_value": permuted,
    }


def _gray(group: pd.DataFrame, rule: ModelRule, drawn: _Draws) -> Row:
    """Gray's test; shuffled where all are under observation from one time on (gray_permutation)."""
    until, code, entry = _times(group)
    score, stratum = group["score"].to_numpy(), stratum_of(group, rule.strata)
    found = gray_test(until, code, score, cause=RECOVERY, entry_months=entry, stratum=stratum)
    permuted, n_permutation = np.nan, 0
    if found.degrees_of_freedom and np.ptp(entry) == 0 and drawn.n_permutation:
        n_permutation = drawn.n_permutation
        permuted = gray_permutation(
            until,
            code,
            score,
            generator=drawn.of(group, "gray"),
            n_permutation=n_permutation,
            cause=RECOVERY,
            stratum=stratum,
        ).p_value
    return {
        **_counted(group, "gray", rule.strata),
        "n_permutation": n_permutation,
        "statistic": found.statistic,
        "degrees_of_freedom": found.degrees_of_freedom,
        "p_value": found.p_value,
        "permutation_p_value": permuted,
    }


def _interval(seen: pd.DataFrame, rule: ModelRule, drawn: _Draws) -> Row:
    """Test of carriers against the rest within strata: scores of all, shuffled in each."""
    found = interval_test(
        intervals_of(seen),
        seen["score"].to_numpy() > 0,
        n_draw=max(drawn.n_permutation, 1),
        rng=drawn.of(seen, "interval_sun"),
        stratum=stratum_of(seen, rule.strata),
    )
    return {
        **_counted(seen, "interval_sun", rule.strata),
        "n_permutation": drawn.n_permutation,
        "statistic": found.z**2,
        "degrees_of_freedom": 1 if np.isfinite(found.z) else 0,
        "p_value": found.normal_p_value,
        "permutation_p_value": found.p_value if drawn.n_permutation else np.nan,
    }


def _counted(group: pd.DataFrame, test: str, strata: Sequence[str]) -> Row:
    return {
        "test": test,
        "strata": ", ".join(strata),
        "n": len(group),
        "n_carrier": int((group["score"] > 0).sum()),
        "n_event": int((group["event_code"] == 1).sum()),
    }
