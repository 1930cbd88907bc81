"""What cannot be true of scores, days and people."""

import re
from pathlib import Path

import pytest

from tests.builders import participants_text, visits_text
from tests.ingest.told_problems import told

V, P, S, B = "visits.csv", "participants.csv", "samples.csv", "biomarkers.csv"
A_0 = "personA,0,0,0,4,4,4,,4,4,4,4,4,4,4,40"
A = "personA,male,50.5,limb,ALS,,,EUR,-400,-100,0,,,720"


def a(
    onset: object, diagnosis: object, enrolment: object, death: object, trach: object, last: object
) -> str:
    days = ",".join(map(str, (onset, diagnosis, enrolment, death, trach, last)))
    return f"personA,male,50.5,limb,ALS,,,EUR,{days}"


RULES = {
    "item above 4": (V, A_0, A_0.replace(",0,0,0,4", ",0,0,0,5"), r"visits.csv, line 2, column q3: found 5; expected 0 to 4"),
    "item below 0": (V, A_0, A_0.replace(",0,0,0,4", ",0,0,-1,4"), r"line 2, column q2: found -1; expected 0 to 4"),
    "both of item 5": (
        V, A_0, A_0.replace("4,4,4,,4", "4,4,4,4,4"),
        r"line 2, columns q5a and q5b: found a score in both; expected q5a without a gastrostomy, or q5b",
    ),
    "total above 48": (V, A_0, A_0.replace(",40", ",49"), r"line 2, column alsfrsr_total: found 49; expected 0 to 48"),
    "total not the sum": (
        V, A_0, A_0.replace(",40", ",41"),
        r"line 2, column alsfrsr_total: found 41, while the 12 items add up to 40; expected the sum",
    ),
    "total not the sum, with gastrostomy": (
        V, A_0, A_0.replace("4,4,4,,4", "4,4,,3,4"), r"line 2, .* found 40, while the 12 items add up to 39",
    ),
    "age": (P, "50.5", "150.5", r"participants.csv, line 2, column age_at_onset_years: found 150.5; expected 0 to 120"),
    "diagnosis before onset": (
        P, A, a(-50, -100, 0, "", "", 720),
        r"line 2, columns onset_day and diagnosis_day: found onset_day -50 after diagnosis_day -100 \(a negative",
    ),
    "enrolment before onset": (P, A, a(10, "", 0, "", "", 720), r"onset_day 10 after enrolment_day 0"),
    "death before onset": (P, A, a(-400, "", "", -500, "", ""), r"onset_day -400 after death_day -500"),
    "death before diagnosis": (P, A, a(-400, -100, "", -200, "", ""), r"diagnosis_day -100 after death_day -200"),
    "death before enrolment": (P, A, a(-400, -100, 0, -5, "", ""), r"enrolment_day 0 after death_day -5"),
    "alive after death": (P, A, a(-400, -100, 0, 730, "", 740), r"last_contact_day 740 after death_day 730"),
    "tracheostomy after death": (P, A, a(-400, -100, 0, 730, 731, 730), r"tracheostomy_day 731 after death_day 730"),
    "last contact before enrolment": (P, A, a(-400, -100, 0, "", "", -1), r"enrolment_day 0 after last_contact_day -1"),
    "last contact before onset": (P, A, a(730, "", "", "", "", 720), r"line 2, columns onset_day and last_contact_day: found onset_day 730 after last_contact_day 720"),
    "tracheostomy before onset": (P, A, a(-400, "", "", "", -410, 720), r"onset_day -400 after tracheostomy_day -410"),
    "diagnosis after last contact": (P, A, a(-400, 721, 0, "", "", 720), r"diagnosis_day 721 after last_contact_day 720"),
    "tracheostomy after last contact": (P, A, a(-400, -100, 0, "", 721, 720), r"tracheostomy_day 721 after last_contact_day 720"),
    "visit before onset": (
        P, A, a(5, "", "", "", "", 720),
        r"visits.csv, line 2, column day: found a visit on day 0, before onset_day 5 \(participants.csv, line 2\); expected no visit before onset_day",
    ),
    "visit after death": (
        P, A, a(-400, -100, 0, 700, "", 700),
        r"visits.csv, line 7, column day: found a visit on day 720, after death_day 700 \(participants.csv, line 2\)",
    ),
    "visit after last contact": (
        P, A, a(-400, -100, 0, "", "", 700), r"line 7, column day: found a visit on day 720, after last_contact_day 700",
    ),
    "negative value": (B, "120.5", "-120.5", r"biomarkers.csv, line 2, column value: found -120.5; expected 0 or more"),
    "visit of nobody": (
        V, "personA,0", "personZ,0",
        r"visits.csv, line 2, column participant_id: found a participant who is in no row of participants.csv",
    ),
    "sample of nobody": (
        S, "vialA,personA", "vialA,personZ", r"samples.csv, line 2, column participant_id: found a participant who",
    ),
    "biomarker of nobody": (
        B, "personA", "personZ", r"biomarkers.csv, line 2, column participant_id: found a participant who",
    ),
    "both sides": (
        S, "vialE,personE", "vialE,personA",
        r"samples.csv, lines 2 and 6: found one participant among cases and controls of contrast primary",
    ),
    "another sex": (
        P, "personA,male", "personA,female",
        r"samples.csv, line 2, column sex: found male, while participants.csv, line 2 has female",
    ),
}  # fmt: skip

ALLOWED = {
    "unknown days": (P, A, a("", "", "", "", "", "")),
    "two samples of one participant on one side": (S, "vialB,personB", "vialB,personA"),
    "an item that is not known": (V, A_0, A_0.replace(",0,0,0,4", ",0,0,,4")),
    "a total without the items": (V, A_0, "personA,0,,,,,,,,,,,,,,40"),
    "gastrostomy": (V, A_0, A_0.replace("4,4,4,,4", "4,4,,4,4")),
    "all on one day": (P, A, a(0, 0, 0, 720, 720, 720)),
    "a sample without sex": (S, "joint,StAR,male", "joint,StAR,"),
}


@pytest.mark.parametrize("name", RULES)
def test_what_cannot_be_is_told(tmp_path: Path, name: str) -> None:
    file, old, new, expected = RULES[name]
    assert old != new
    said = "\n".join(told(tmp_path, replace={file: [(old, new)]}))
    assert re.search(expected, said), said


@pytest.mark.parametrize("name", ALLOWED)
def test_what_can_be_is_not_told(tmp_path: Path, name: str) -> None:
    file, old, new = ALLOWED[name]
    changes = {file: [(old, new)]}
    if name == "two samples of one participant on one side":
        changes[S] += [("personA,joint,StAR,female", "personA,joint,StAR,male")]
    assert told(tmp_path, replace=changes) == []


def test_an_excluded_sample_may_be_on_the_other_side(tmp_path: Path) -> None:
    changes = {S: [("vialE,personE", "vialE,personA")]}
    exclude = [{"samples": ["vialE"], "reason": "sequenced again"}]
    assert told(tmp_path, replace=changes, exclude=exclude) == []


def test_the_older_scale_and_deaths_are_held_to_their_rules(tmp_path: Path) -> None:
    header, first, *rest = visits_text().splitlines()
    rows = [f"{header},q10,alsfrs_total", f"{first},5,41", *(f"{row},," for row in rest)]
    people = participants_text().splitlines()
    people = [f"{people[0]},has_died", *(f"{row}," for row in people[1:-1]), f"{people[-1]},no"]
    files = {"visits.csv": "\n".join(rows), "participants.csv": "\n".join(people)}
    assert told(tmp_path, files=files) == [
        "participants.csv, line 9, columns has_died and death_day: found a day of death of somebody "
        "who has not died; expected no day, or yes; mend the cell at its source, or leave it empty "
        "when it is not known",
        "visits.csv, line 2, column q10: found 5; expected 0 to 4; mend the cell at its source, or "
        "leave it empty when it is not known",
        "visits.csv, line 2, column alsfrs_total: found 41; expected 0 to 40; mend the cell at its "
        "source, or leave it empty when it is not known",
    ]
