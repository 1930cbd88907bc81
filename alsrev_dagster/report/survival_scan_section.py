"""The scan of time to an event on the page: which rows are shown."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pandas as pd

from alsrev_dagster.report import numerals
from alsrev_dagster.vocabulary import table

Row = dict[str, object]


def _empty(name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(table(name).column_names))


@dataclass(frozen=True)
class SurvivalScanSection:
    """The best variants of each event, and the inflation of each scan; groups only."""

    best: pd.DataFrame = field(default_factory=lambda: _empty("result.survival_scan"))
    """Rows of result.survival_scan, each variant once an event."""
    inflation: pd.DataFrame = field(default_factory=lambda: _empty("result.survival_inflation"))

    def told(self) -> SimpleNamespace:
        """Rows and caveats for the template."""
        return SimpleNamespace(
            best=[_with_ratio(row) for row in _rows(self.best)],
            inflation=_rows(self.inflation),
            caveats=[
                f"{str(event).capitalize()}: {caveat}"
                for event, caveat in self.inflation[["event", "caveat"]]
                .drop_duplicates()
                .itertuples(index=False)
            ],
        )


def _with_ratio(row: Row) -> Row:
    """Add counts of carriers and the hazard ratio in words."""
    ends = (
        None if row[name] is None else float(str(row[name]))
        for name in ("hazard_ratio", "ci_lower", "ci_upper")
    )
    return {
        **row,
        "ratio": numerals.ratio_with_interval(*ends),
        "n_carrier": int(str(row["n_het"])) + int(str(row["n_hom_alt"])),
        "n_event_carrier": int(str(row["n_event_het"])) + int(str(row["n_event_hom_alt"])),
    }


def _rows(frame: pd.DataFrame) -> list[Row]:
    """Rows as dictionaries, NULL as None."""
    return [
        {str(k): None if numerals.is_null(v) else v for k, v in row.items()}
        for row in frame.to_dict("records")
    ]
