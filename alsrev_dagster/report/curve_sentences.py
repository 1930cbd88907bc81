"""What the tests between the curves of a variant say, and how many months they are apart."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from alsrev_dagster.report import numerals

Row = Mapping[Any, Any]

_TEST = {
    ("recovery", "gray"): "Share recovered, Gray's test",
    ("recovery", "log_rank"): "Rate of recovery, log-rank test",
    ("recovery", "interval_sun"): "Recovery between visits, score test",
    ("death", "log_rank"): "Survival, log-rank test",
}
_MONTHS = {"recovery": "recovered", "death": "alive"}


def curve_sentences(variant: str, tests: pd.DataFrame, means: pd.DataFrame) -> list[str]:
    """One sentence a test, and one a mean, of carriers of a variant against the rest."""
    return [*_of_tests(_carriers(tests, variant)), *_of_means(_carriers(means, variant))]


def _carriers(frame: pd.DataFrame, variant: str) -> pd.DataFrame:
    if frame.empty:
        return frame
    return frame[(frame["variant_id"] == variant) & (frame["genetic_model"] == "dominant")]


def _of_tests(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.to_dict("records"):
        name = _TEST.get((str(row["event"]), str(row["test"])))
        if name is None or numerals.is_null(row["p_value"]):
            continue
        shuffled = numerals.is_null(row["permutation_p_value"])
        permuted = (
            ""
            if shuffled
            else f", {numerals.p_value(row['permutation_p_value'])} by "
            f"{numerals.count(row['n_permutation'])} shuffles of genotypes"
        )
        yield (
            f"{name}: P {numerals.p_value(row['p_value'])}{permuted} "
            f"(n = {numerals.count(row['n'])}, {numerals.count(row['n_carrier'])} carriers, "
            f"{numerals.count(row['n_event'])} events)."
        )


def _of_means(rows: pd.DataFrame) -> Iterator[str]:
    if rows.empty:
        return
    last = rows[rows["horizon_months"] == rows["horizon_months"].max()]
    for event, months in last.groupby("event", sort=False):
        by_group = {row["carrier_group"]: row for row in months.to_dict("records")}
        apart = by_group.get("difference")
        if apart is None or numerals.is_null(apart["mean_months"]):
            continue
        carrier, other = by_group["carrier"], by_group["non_carrier"]
        yield (
            f"Months {_MONTHS[str(event)]} by {apart['horizon_months']:g} months, mean: carriers "
            f"{carrier['mean_months']:.1f} (n = {numerals.count(carrier['n'])}), others "
            f"{other['mean_months']:.1f} (n = {numerals.count(other['n'])}), difference "
            f"{numerals.signed(apart['mean_months'])} ({numerals.signed(apart['ci_lower'])} to "
            f"{numerals.signed(apart['ci_upper'])}), P {numerals.p_value(apart['p_value'])}, "
            "no strata."
        )
