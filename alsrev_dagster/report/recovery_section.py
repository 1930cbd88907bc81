"""Recovery on the page: how many, by which definition, and how many by noise alone."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pandas as pd

from alsrev_dagster.report import numerals
from alsrev_dagster.study_choices import EVERY_COHORT
from alsrev_dagster.vocabulary import table

Row = dict[str, object]


def _empty(name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(table(name).column_names))


@dataclass(frozen=True)
class RecoverySection:
    """Counts of recoveries by definition; groups only."""

    rate: pd.DataFrame = field(default_factory=lambda: _empty("result.recovery_rate"))
    definition: str = ""
    """The study's own definition, in words."""

    def told(self) -> SimpleNamespace:
        """Rows for the template: the study's own definition by every horizon, then by the last one
        each cohort, and each other definition; the table has all.
        """
        is_all, is_own = (
            self.rate["cohort"] == EVERY_COHORT,
            self.rate["is_study_definition"].astype(bool),
        )
        ordered = self.rate.assign(is_part=~is_all)[is_all | is_own].sort_values(
            ["is_study_definition", "definition", "is_part", "cohort", "horizon_months"],
            ascending=[False, True, True, True, True],
            kind="stable",
        )
        is_last = ~ordered.duplicated(["definition", "cohort"], keep="last")
        is_every_horizon = ordered["is_study_definition"].astype(bool) & ~ordered["is_part"]
        ordered = ordered[is_last | is_every_horizon]
        rows = [
            {str(k): None if numerals.is_null(v) else v for k, v in row.items()}
            for row in ordered.to_dict("records")
        ]
        return SimpleNamespace(rows=rows, definition=self.definition, first=rows[:1])


def in_words(definition: dict[str, object]) -> str:
    """Say what a definition asks for.

    Examples
    --------
    >>> asked = {"kind": "gain", "min_gain_points": 4, "over": "nadir", "min_duration_days": 365}
    >>> in_words({**asked, "n_confirming_visit": 1, "max_gap_days": 200, "scale": "alsfrsr"})
    '4 points or more of ALSFRS-R over the lowest total so far, at every visit for 365 days and at \
1 later visit or more, no two visits more than 200 days apart'
    """
    scale = {"alsfrsr": "ALSFRS-R", "alsfrs": "ALSFRS"}[str(definition["scale"])]
    n = definition["n_confirming_visit"]
    visits = f"at {n} later visit{'' if n == 1 else 's'} or more"
    lasting = f"for {definition['min_duration_days']} days and {visits}"
    gap = f"no two visits more than {definition['max_gap_days']} days apart"
    if definition["kind"] == "plateau":
        return f"no visit below the one it starts at, of {scale}, {lasting}, {gap}"
    over = {
        "nadir": "the lowest total so far",
        "index": "the total of the first visit",
        "rolling": f"the lowest total of the {definition.get('window_days')} days before",
    }[str(definition["over"])]
    points = f"{definition['min_gain_points']} points or more of {scale}"
    return f"{points} over {over}, at every visit {lasting}, {gap}"
