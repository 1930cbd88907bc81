"""What cannot be true between clinical tables: who belongs where, and days of one person."""

import pandas as pd

from alsrev_dagster.day_order import VISIT_NOT_AFTER, VISIT_NOT_BEFORE
from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.clinical_file import N_SHOWN
from alsrev_dagster.ingest.clinical_table import problems_of
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.study import Study


def unknown_participant_problems(
    frame: pd.DataFrame, participant: pd.DataFrame, participant_file: str
) -> list[Problem]:
    """Rows of participants that the participant table does not have."""
    given = frame["participant_id"].notna()
    unknown = frame[given & ~frame["participant_id"].isin(participant["participant_id"])]
    problems = problems_of(frame)
    for line in unknown["source_line"]:
        problems.add(
            f"line {line}, column participant_id",
            f"a participant who is in no row of {participant_file}",
            expected="every participant in the table of participants",
            fix=f"add the participant to {participant_file}, or mend the spelling",
            kind=f"rows of participants who are not in {participant_file}",
            n_shown=N_SHOWN,
        )
    return list(problems.all())


def follow_up_problems(visit: pd.DataFrame, participant: pd.DataFrame) -> list[Problem]:
    """Visits before onset, and after death or last contact; one problem a participant each.

    It stands at the participant's first visit, or at the last.
    """
    problems = problems_of(visit)
    given = visit[visit["day"].notna() & visit["participant_id"].notna()].sort_values("day")
    first = given.drop_duplicates("participant_id", keep="first")
    last = given.drop_duplicates("participant_id", keep="last")
    for name in VISIT_NOT_BEFORE:
        _check_visits(first, participant, name, "before", problems)
    for name in VISIT_NOT_AFTER:
        _check_visits(last, participant, name, "after", problems)
    return list(problems.all())


def _check_visits(
    visit: pd.DataFrame, participant: pd.DataFrame, name: str, word: str, problems: ProblemList
) -> None:
    """Compare one visit of each participant with a day of theirs."""
    known = participant[["participant_id", name, "source_line", "source_file"]]
    both = visit[["participant_id", "day", "source_line"]].merge(
        known.dropna(subset=["participant_id"]).drop_duplicates("participant_id"),
        on="participant_id",
        suffixes=("", "_of_person"),
    )
    wrong = both["day"] < both[name] if word == "before" else both["day"] > both[name]
    rows = both[wrong.fillna(False).astype(bool)]
    for row in rows.sort_values("source_line").to_dict("records"):
        place = f"{row['source_file']}, line {row['source_line_of_person']}"
        problems.add(
            f"line {row['source_line']}, column day",
            f"a visit on day {row['day']}, {word} {name} {row[name]} ({place})",
            expected=f"no visit {word} {name}",
            fix=f"mend the day of the visit, or {name}",
            kind=f"visits {word} {name}",
            n_shown=N_SHOWN,
        )


def two_side_problems(study: Study, sample: pd.DataFrame) -> list[Problem]:
    """Participants with samples among both the cases and the controls of a contrast."""
    problems = problems_of(sample)
    used = sample[~sample["sample_id"].isin(list(study.excluded_samples))]
    used = used.dropna(subset=["participant_id", "cohort"])
    for name, contrast in study.contrasts.items():
        cases = used[used["cohort"].isin(contrast.cases)]
        controls = used[used["cohort"].isin(contrast.controls)]
        both = cases.merge(controls, on="participant_id", suffixes=("", "_control"))
        for line, other in zip(both["source_line"], both["source_line_control"], strict=True):
            problems.add(
                f"lines {line} and {other}",
                f"one participant among cases and controls of contrast {name}",
                expected="each participant on one side",
                fix="list one of the samples under exclude in study.yaml, or mend participant_id",
                kind=f"participants on both sides of contrast {name}",
                n_shown=N_SHOWN,
            )
    return list(problems.all())


def sex_problems(sample: pd.DataFrame, participant: pd.DataFrame) -> list[Problem]:
    """Name samples whose sex is not their participant's."""
    problems = problems_of(sample)
    columns = ["participant_id", "sex", "source_line", "source_file"]
    both = (
        sample[columns]
        .dropna()
        .merge(
            participant[columns].dropna().drop_duplicates("participant_id"),
            on="participant_id",
            suffixes=("", "_of_person"),
        )
    )
    for row in both[both["sex"] != both["sex_of_person"]].to_dict("records"):
        place = f"{row['source_file_of_person']}, line {row['source_line_of_person']}"
        problems.add(
            f"line {row['source_line']}, column sex",
            f"{row['sex']}, while {place} has {row['sex_of_person']}",
            expected="the same sex in both tables",
            fix="mend one of them, or leave it empty; swapped samples look like this too",
            kind="samples of another sex than their participant",
            n_shown=N_SHOWN,
        )
    return list(problems.all())
