"""What cannot be true in one clinical table: scores, totals, ages, the order of a life's days."""

import pandas as pd

from alsrev_dagster.day_order import ORDER_OF_DAYS
from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.clinical_cell import shown_number
from alsrev_dagster.ingest.clinical_file import N_SHOWN
from alsrev_dagster.ingest.clinical_table import problems_of
from alsrev_dagster.ingest.genotype_problem import ProblemList

_SINGLE = ("q1", "q2", "q3", "q4", "q6", "q7", "q8", "q9", "r1", "r2", "r3")
_ITEM_MAX, _TOTAL_MAX, _ALSFRS_MAX, _AGE_MAX_YEARS = 4, 48, 40, 120
_FIRST_VISIT_MAX = 7_305
"""Days: 20 years; a program that counts dates from 1970 reaches it in 1990."""
_MEND = "mend the cell at its source, or leave it empty when it is not known"


def visit_problems(visit: pd.DataFrame) -> list[Problem]:
    """Items and totals that ALSFRS-R cannot have."""
    problems = problems_of(visit)
    for name in (*_SINGLE, "q5a", "q5b"):
        _check_range(visit, name, (0, _ITEM_MAX), problems)
    _check_range(visit, "q10", (0, _ITEM_MAX), problems)
    _check_range(visit, "alsfrsr_total", (0, _TOTAL_MAX), problems)
    _check_range(visit, "alsfrs_total", (0, _ALSFRS_MAX), problems)
    for row in visit[visit["q5a"].notna() & visit["q5b"].notna()].itertuples():
        problems.add(
            f"line {row.source_line}, columns q5a and q5b",
            "a score in both",
            expected="q5a without a gastrostomy, or q5b with one",
            fix="leave the one that does not apply empty",
            kind="visits with both q5a and q5b",
            n_shown=N_SHOWN,
        )
    _check_totals(visit, problems)
    _check_day_0(visit["day"], problems)
    return list(problems.all())


def _check_totals(visit: pd.DataFrame, problems: ProblemList) -> None:
    """Compare a total with the sum of the 12 items, where all are given."""
    item_5 = visit["q5a"].fillna(visit["q5b"])
    total = visit[list(_SINGLE)].sum(axis=1, skipna=False) + item_5
    is_single = visit["q5a"].isna() | visit["q5b"].isna()
    differs = (total != visit["alsfrsr_total"]).fillna(False).astype(bool) & is_single
    for line, given, summed in zip(
        visit.loc[differs, "source_line"],
        visit.loc[differs, "alsfrsr_total"],
        total[differs],
        strict=True,
    ):
        problems.add(
            f"line {line}, column alsfrsr_total",
            f"{shown_number(given)}, while the 12 items add up to {_sum_shown(summed)}",
            expected="the sum of the items",
            fix="mend the total or the item, or leave the total empty: alsrev adds the items up",
            kind="totals that are not the sum of the items",
            n_shown=N_SHOWN,
        )


def _sum_shown(total: int) -> str:
    """A sum that no items have would give away what stands among them."""
    return str(total) if 0 <= total <= _TOTAL_MAX else "a number that is no total"


def _check_day_0(day: pd.Series, problems: ProblemList) -> None:
    """Days that all lie far from day 0 are dates, counted from a day that everybody shares."""
    if day.notna().any() and (day > _FIRST_VISIT_MAX).all():
        problems.add(
            "column day",
            f"no visit within {_FIRST_VISIT_MAX:,} days of day 0, as when calendar dates are"
            " counted from 1960 or 1970",
            expected="days relative to the participant's own day 0",
            fix="count the days from an event of the participant's own, such as enrolment",
            kind="dates counted from a common day",
        )


def participant_problems(participant: pd.DataFrame) -> list[Problem]:
    """Ages and orders of days that no life has."""
    problems = problems_of(participant)
    _check_range(participant, "age_at_onset_years", (0, _AGE_MAX_YEARS), problems)
    for earlier, later in ORDER_OF_DAYS:
        wrong = (participant[earlier] > participant[later]).fillna(False).astype(bool)
        rows = participant.loc[wrong, ["source_line", earlier, later]]
        for line, first, second in rows.itertuples(index=False):
            problems.add(
                f"line {line}, columns {earlier} and {later}",
                f"{earlier} {first} after {later} {second} (a negative duration)",
                expected=f"{earlier} no later than {later}",
                fix="mend the days; they count from the participant's own day 0",
                kind=f"{earlier} after {later}",
                n_shown=N_SHOWN,
            )
    denied = (~participant["has_died"]).fillna(False).astype(bool) & participant[
        "death_day"
    ].notna()
    for line in participant.loc[denied, "source_line"]:
        problems.add(
            f"line {line}, columns has_died and death_day",
            "a day of death of somebody who has not died",
            expected="no day, or yes",
            fix=_MEND,
            kind="days of death of people who have not died",
            n_shown=N_SHOWN,
        )
    return list(problems.all())


def biomarker_problems(biomarker: pd.DataFrame) -> list[Problem]:
    """Values that no measurement has."""
    problems = problems_of(biomarker)
    _check_range(biomarker, "value", (0, None), problems)
    return list(problems.all())


def _check_range(
    frame: pd.DataFrame, name: str, limits: tuple[int, int | None], problems: ProblemList
) -> None:
    low, high = limits
    outside = frame[name] < low
    if high is not None:
        outside |= frame[name] > high
    expected = f"{low} or more" if high is None else f"{low} to {high}"
    rows = frame.loc[outside.fillna(False).astype(bool), ["source_line", name]]
    for line, value in zip(rows["source_line"], rows[name], strict=True):
        problems.add(
            f"line {line}, column {name}",
            shown_number(value),
            expected=expected,
            fix=_MEND,
            kind=f"values of {name} outside {expected}",
            n_shown=N_SHOWN,
        )
