"""Course of function on the page: carriers against others, by every model that was asked for."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import pandas as pd

from alsrev_dagster.report import numerals
from alsrev_dagster.report.state_rows import state_rows
from alsrev_dagster.vocabulary import table

Row = dict[str, object]

_ORDER = (
    "mixed_model_linear",
    "mixed_model_spline",
    "mixed_model_tobit",
    "pattern_mixture",
    "tipping_point",
    "joint_model",
    "two_stage_biased_toward_null",
)


_TERMS = ("slope_difference", "tipping_delta", "carrier_hazard", "association")


def _empty(name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(table(name).column_names))


@dataclass(frozen=True)
class CourseSection:
    """Models of courses, ranks by survival and function, and time in states; groups only."""

    models: pd.DataFrame = field(default_factory=lambda: _empty("result.trajectory_model"))
    cafs: pd.DataFrame = field(default_factory=lambda: _empty("result.cafs"))
    state_time: pd.DataFrame = field(default_factory=lambda: _empty("result.state_time"))
    declared: tuple[str, ...] = ()
    """Variants that the study named before the data."""
    time_origin: str = ""

    def told(self) -> SimpleNamespace:
        """Rows for the template: every model of declared loci, and of the others the linear one
        of carriers; the caveats once each.
        """
        is_declared = self.models["variant_id"].isin(self.declared)
        linear = self.models["method"] == "mixed_model_linear"
        others = self.models[~is_declared & linear & (self.models["genetic_model"] == "dominant")]
        return SimpleNamespace(
            declared=[_said(row) for row in _rows(_ordered(self.models[is_declared]))],
            others=[_said(row) for row in _rows(_ordered(others))],
            states=state_rows(self.state_time, self.declared),
            cafs=_rows(self.cafs[self.cafs["variant_id"].isin(self.declared)]),
            caveats=list(dict.fromkeys(map(str, self.models["caveat"].dropna()))),
            time_origin=self.time_origin,
            is_any=len(self.models) > 0,
        )


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """By variant and genetic model; then by method, as one would tell of them."""
    place, term = (
        frame[column].map({name: k for k, name in enumerate(names)})
        for column, names in (("method", _ORDER), ("term", _TERMS))
    )
    placed = frame.assign(place=place, place_of_term=term)
    keys = ["variant_id", "genetic_model", "place", "strata", "place_of_term"]
    return placed.sort_values(keys, ascending=[True, True, True, False, True], kind="stable")


def _said(row: Row) -> Row:
    """Add what the number means, in words with its interval."""
    return {**row, "said": _in_words(row)}


def _in_words(row: Row) -> str:
    """Say a term.

    Examples
    --------
    >>> _in_words({"term": "slope_difference", "estimate": 0.3, "ci_lower": 0.1, "ci_upper": 0.5})
    'declines more slowly by 0.30 points a month (0.10 to 0.50)'
    >>> _in_words({"term": "association", "estimate": -0.1, "ci_lower": None, "ci_upper": None})
    'hazard of death a point higher: ratio 0.90'
    """
    value, lower, upper = (row[name] for name in ("estimate", "ci_lower", "ci_upper"))
    if value is None:
        return numerals.NONE
    estimate = float(str(value))
    if row["term"] == "slope_difference":
        manner = "more slowly" if estimate >= 0 else "faster"
        sign = 1.0 if estimate >= 0 else -1.0
        ends = _ends(lower, upper, lambda end: sign * end)
        between = f" ({numerals.signed(ends[0])} to {numerals.signed(ends[1])})" if ends else ""
        return f"declines {manner} by {numerals.signed(abs(estimate))} points a month{between}"
    if row["term"] == "tipping_delta":
        whose = "carriers'" if estimate >= 0 else "the others'"
        points = numerals.signed(abs(estimate))
        return f"gone if {whose} unseen scores fell {points} points a month faster"
    ends = _ends(lower, upper, math.exp)
    between = f" ({numerals.interval(*ends)})" if ends else ""
    what = "a point higher" if row["term"] == "association" else "of carriers at the same score"
    return f"hazard of death {what}: ratio {numerals.ratio(math.exp(estimate))}{between}"


def _ends(
    lower: object, upper: object, turned: Callable[[float], float]
) -> tuple[float, float] | None:
    """Ends of an interval on another scale, the lower one first."""
    if lower is None or upper is None:
        return None
    low, high = sorted((turned(float(str(lower))), turned(float(str(upper)))))
    return low, high


def _rows(frame: pd.DataFrame) -> list[Row]:
    """Rows as dictionaries, NULL as None."""
    return [
        {str(k): None if numerals.is_null(v) else v for k, v in row.items()}
        for row in frame.to_dict("records")
    ]
