"""Cohorts that no contrast names: told, unless somebody has said that they are left out."""

from pathlib import Path

import pytest

from tests.ingest.told_problems import told

TYPO = {"samples.csv": [("vialA,personA,joint,StAR", "vialA,personA,joint,star")]}
PILOT = {
    "samples.csv": [(f"person{p},joint,PGB", f"person{p},joint,pilot") for p in "EF"],
}


def excluding(*samples: str) -> list[dict[str, object]]:
    return [{"samples": list(samples), "reason": "of another study"}]


def test_a_misspelled_cohort_is_told_with_its_line_and_what_was_meant(tmp_path: Path) -> None:
    assert told(tmp_path, replace=TYPO) == [
        "samples.csv, line 2, column cohort: found a cohort of 1 sample(s) that no contrast names; "
        "expected one of PGB, StAR; did you mean StAR? mend the spelling, add the cohort to a "
        "contrast or to unused_cohorts in study.yaml, or list the sample(s) under exclude"
    ]


def test_a_cohort_is_told_once_at_its_first_line(tmp_path: Path) -> None:
    said = told(tmp_path, replace=PILOT)
    assert len(said) == 1
    assert said[0].startswith("samples.csv, line 6, column cohort: found a cohort of 2 sample(s)")
    assert "; mend the spelling, add the cohort to a contrast" in said[0]


def test_names_in_the_column_of_cohorts_are_counted_and_not_repeated(tmp_path: Path) -> None:
    rows = [f"extra{i},personA,joint,vial{i},male,,," for i in range(25)]
    text = "sample_id,participant_id,callset,cohort,sex,tissue,batch,sequencing_site\n"
    said = told(tmp_path, files={"samples.csv": text + "\n".join(rows) + "\n"})
    cohorts = [line for line in said if "column cohort" in line or "that no contrast names" in line]
    assert len(cohorts) == 21
    assert "found and 5 more: cohorts that no contrast names" in cohorts[-1]


@pytest.mark.parametrize(
    "settings",
    [
        {"exclude": excluding("vialE", "vialF")},
        {"unused_cohorts": ["pilot"]},
        {"contrasts": {"primary": {"cases": ["StAR"], "controls": ["PGB", "pilot"]}}},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_a_cohort_that_somebody_decided_on_is_no_problem(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    assert told(tmp_path, replace=PILOT, **settings) == []


def test_excluding_some_samples_of_a_cohort_leaves_the_others_told(tmp_path: Path) -> None:
    said = told(tmp_path, replace=PILOT, exclude=excluding("vialE"))
    assert len(said) == 1
    assert said[0].startswith("samples.csv, line 7, column cohort: found a cohort of 1 sample(s)")


def test_an_unused_cohort_that_no_sample_has_is_told(tmp_path: Path) -> None:
    said = told(tmp_path, replace=PILOT, unused_cohorts=["pliot"])
    assert any(
        line.startswith(
            "study.yaml, key unused_cohorts[0]: found cohort pliot, which no sample has; expected a "
            "cohort of the table of samples; did you mean pilot?"
        )
        for line in said
    )
    assert len(said) == 2
