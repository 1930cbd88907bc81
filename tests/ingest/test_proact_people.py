"""Every quirk of PRO-ACT's onset, diagnosis, death, age and last contact (SCIENCE 4.1)."""

from pathlib import Path

import pandas as pd
import pytest

from alsrev_dagster.clinical.alsfrsr import alsfrsr
from alsrev_dagster.clinical.observation import observation
from alsrev_dagster.ingest.clinical_links import follow_up_problems
from alsrev_dagster.ingest.clinical_rules import participant_problems
from tests.ingest.made_proact import Row, imported, notes_of, visit, write_proact


def of(tmp_path: Path, **forms: list[Row]) -> tuple[pd.DataFrame, list[tuple[str, int, str, str]]]:
    """Participants by id, and the notes as form, line, action and reason."""
    found = imported(write_proact(tmp_path, **forms))
    assert participant_problems(found.participant) == []
    assert follow_up_problems(found.visit, found.participant) == []
    notes = [(f.split("_")[1][:-4], n, a, r) for f, n, _, a, r in notes_of(found)]
    return found.participant.set_index("participant_id"), notes


def history(subject: object, **columns: object) -> Row:
    return {"subject_id": subject, **columns}


def test_several_rows_of_history_are_put_together(tmp_path: Path) -> None:
    """Onset, site and diagnosis on different rows."""
    people, notes = of(
        tmp_path,
        ALSHISTORY=[
            history(1, Onset_Delta=-700),
            history(1, Site_of_Onset="Onset: Bulbar"),
            history(1, Diagnosis_Delta=-300, Symptom="Weakness"),
        ],
    )
    row = people.loc["1"]
    assert (row["onset_day"], row["diagnosis_day"], row["onset_site"]) == (-700, -300, "bulbar")
    assert row["enrolment_day"] == 0
    assert notes == []


def test_rows_that_differ_leave_the_day_unknown(tmp_path: Path) -> None:
    rows = [history(1, Onset_Delta=-700), history(1, Onset_Delta=-650), history(2, Onset_Delta=-9)]
    people, notes = of(tmp_path, ALSHISTORY=rows)
    assert people["onset_day"].isna().tolist() == [True, False]
    reason = "rows of one participant with different days of onsets: none is used"
    assert notes == [("ALSHISTORY", line, "refused", reason) for line in (2, 3)]


@pytest.mark.parametrize(
    ("columns", "site"),
    [
        ({"Site_of_Onset": "Onset: Limb"}, "limb"),
        ({"Site_of_Onset": "Onset: Spine"}, "spinal"),
        ({"Site_of_Onset": "Onset: Limb and Bulbar"}, "limb and bulbar"),
        ({"Site_of_Onset": "Onset: Other"}, "other"),
        ({"Site_of_Onset___Bulbar": 1, "Site_of_Onset___Limb": 0}, "bulbar"),
        ({"Site_of_Onset___Limb": 1}, "limb"),
        ({"Site_of_Onset___Limb": 1, "Site_of_Onset___Bulbar": 1}, "limb and bulbar"),
        ({"Site_of_Onset___Limb_and_Bulbar": 1}, "limb and bulbar"),
        ({"Site_of_Onset___Spine": 1}, "spinal"),
        ({"Site_of_Onset": "Onset: Limb", "Site_of_Onset___Limb": 1}, "limb"),
    ],
)
def test_the_site_of_onset_is_in_words_or_in_columns(
    tmp_path: Path, columns: Row, site: str
) -> None:
    people, notes = of(tmp_path, ALSHISTORY=[history(1, **columns)])
    assert (people.loc["1", "onset_site"], notes) == (site, [])


@pytest.mark.parametrize(
    "columns",
    [
        {"Site_of_Onset": "Onset: Limb", "Site_of_Onset___Bulbar": 1},
        {"Site_of_Onset___Spine": 1, "Site_of_Onset___Bulbar": 1},
    ],
)
def test_sites_that_contradict_one_another_are_not_used(tmp_path: Path, columns: Row) -> None:
    people, notes = of(tmp_path, ALSHISTORY=[history(1, **columns)])
    assert people["onset_site"].isna().all()
    reason = "rows of one participant with different sites of onset: none is used"
    assert notes == [("ALSHISTORY", 2, "refused", reason)]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"Onset_Delta": 10, "Diagnosis_Delta": -5}, "an onset after day 0: not used"),
        ({"Onset_Delta": -10, "Diagnosis_Delta": 5}, "a diagnosis after day 0: not used"),
        ({"Onset_Delta": -10, "Diagnosis_Delta": -50}, "onset_day after diagnosis_day: not used"),
    ],
)
def test_days_that_cannot_be_are_not_used(tmp_path: Path, columns: Row, reason: str) -> None:
    people, notes = of(tmp_path, ALSHISTORY=[history(1, **columns)])
    assert ("ALSHISTORY", 2, "refused", reason) in notes
    row = people.loc["1"]
    kept = {
        n
        for n, d in (("Onset_Delta", row["onset_day"]), ("Diagnosis_Delta", row["diagnosis_day"]))
        if pd.notna(d)
    }
    assert kept == (
        {n for n, v in columns.items() if int(str(v)) < 0} if len(notes) == 1 else set()
    )


def test_an_onset_after_a_visit_is_not_used(tmp_path: Path) -> None:
    people, notes = of(
        tmp_path, ALSFRS=[visit(1, -30), visit(1, 0)], ALSHISTORY=[history(1, Onset_Delta=-20)]
    )
    assert people["onset_day"].isna().all()
    reason = "an onset after a visit that scores symptoms: not used"
    assert ("ALSHISTORY", 2, "refused", reason) in notes


def died(subject: object, answer: str, day: object = "") -> Row:
    return {"subject_id": subject, "Subject_Died": answer, "Death_Days": day}


def test_the_dead_without_a_day_are_not_taken_for_alive(tmp_path: Path) -> None:
    found = imported(
        write_proact(
            tmp_path,
            ALSFRS=[visit(1, 0), visit(1, 200), visit(2, 0)],
            DEATHDATA=[died(1, "Yes"), died(3, "Yes", 400)],
            ALSHISTORY=[history(1, Onset_Delta=-100), history(3, Onset_Delta=-100)],
        )
    )
    people = found.participant.set_index("participant_id")
    assert (people.loc["1", "has_died"], people.loc["1", "last_contact_day"]) == (True, 200)
    assert pd.isna(people.loc["1", "death_day"])
    assert (people.loc["3", "has_died"], people.loc["3", "death_day"]) == (True, 400)
    reason = "died on an unknown day: survival ends at the last contact, not taken for alive"
    assert notes_of(found) == [
        ("clinical/PROACT_DEATHDATA.csv", 2, "Subject_Died", "flagged", reason)
    ]
    scored = alsfrsr(found.visit, found.participant)
    seen = observation(scored, found.participant, "onset").loc["1"]
    assert seen["survival_months"] == pytest.approx(300 / 30.4375)
    assert not seen["event_death"]


def test_absence_from_the_deaths_is_no_evidence_of_being_alive(tmp_path: Path) -> None:
    people, _ = of(tmp_path, ALSFRS=[visit(1, 0), visit(2, 0)], DEATHDATA=[died(1, "No")])
    assert people.loc["1", "has_died"] == False  # noqa: E712
    assert pd.isna(people.loc["2", "has_died"])


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([died(1, "No", 300)], "a day of death of somebody who has not died: not used"),
        ([died(1, "Yes", -3)], "a death before day 0: its day is not used"),
        ([died(1, "Yes", 300), died(1, "Yes", 301)],
         "rows of one participant with different days of death: none is used"),
        ([died(1, "Maybe")], "neither yes nor no"),
    ],
)  # fmt: skip
def test_a_death_that_cannot_be_has_no_day(tmp_path: Path, rows: list[Row], reason: str) -> None:
    people, notes = of(tmp_path, DEATHDATA=rows)
    assert people["death_day"].isna().all()
    assert ("DEATHDATA", 2, "refused", reason) in notes


def test_a_day_of_death_without_an_answer_is_a_death(tmp_path: Path) -> None:
    people, notes = of(tmp_path, DEATHDATA=[died(1, "", 300)])
    assert (people.loc["1", "has_died"], people.loc["1", "death_day"]) == (True, 300)
    reason = "a day of death without an answer: taken for a death"
    assert notes == [("DEATHDATA", 2, "flagged", reason)]


def test_who_was_seen_before_the_trial_alone_has_no_enrolment(tmp_path: Path) -> None:
    people, notes = of(tmp_path, ALSFRS=[visit(1, -9)])
    assert people["enrolment_day"].isna().all()
    assert people["last_contact_day"].tolist() == [-9]
    reason = "enrolment_day after last_contact_day: not used"
    assert ("ALSFRS", 2, "refused", reason) in notes


def test_an_onset_that_is_not_used_gives_no_age(tmp_path: Path) -> None:
    people, _ = of(
        tmp_path,
        DEMOGRAPHICS=[person(1, Age=60), person(2, Age=60)],
        ALSHISTORY=[history(1, Onset_Delta=-10, Diagnosis_Delta=-50), history(2, Onset_Delta=-60)],
    )
    assert people["age_at_onset_years"].isna().tolist() == [True, False]


def test_a_visit_after_death_is_refused(tmp_path: Path) -> None:
    found = imported(
        write_proact(tmp_path, ALSFRS=[visit(1, 0), visit(1, 99)], DEATHDATA=[died(1, "Yes", 90)])
    )
    assert found.visit["day"].tolist() == [0]
    assert found.participant["last_contact_day"].tolist() == [90]
    assert notes_of(found)[0][1:] == (3, None, "refused", "a visit after the day of death")


def test_last_contact_is_the_latest_day_of_any_file(tmp_path: Path) -> None:
    people, _ = of(
        tmp_path,
        ALSFRS=[visit(1, 0), visit(1, 90), visit(2, 0), visit(3, 0)],
        CONMEDS=[{"subject_id": 1, "Medication_Coded": "RILUZOLE", "Start_Delta": -50, "Stop_Delta": 120}],
        ADVERSEEVENTS=[{"subject_id": 1, "Start_Date_Delta": 100, "End_Date_Delta": 131},
                       {"subject_id": 2, "Start_Date_Delta": 10, "End_Date_Delta": 70}],
        LABS=[{"subject_id": 3, "Laboratory_Delta": 45}],
        DEATHDATA=[died(2, "Yes", 60)],
    )  # fmt: skip
    assert people["last_contact_day"].tolist() == [131, 60, 45]


def person(subject: object, **columns: object) -> Row:
    return {"subject_id": subject, "Demographics_Delta": 0, **columns}


def test_the_age_at_onset_is_made_of_the_age_or_of_the_day_of_birth(tmp_path: Path) -> None:
    onset = [history(n, Onset_Delta=-731) for n in (1, 2, 3)]
    rows = [
        person(1, Age=60, Sex="Male"),
        person(2, Date_of_Birth=-21915, Sex="Female"),
        person(3, Sex="F"),
    ]
    people, notes = of(tmp_path, DEMOGRAPHICS=rows, ALSHISTORY=onset)
    assert people["age_at_onset_years"].iloc[0] == pytest.approx(60 - 731 / 365.25)
    assert people["age_at_onset_years"].iloc[1] == pytest.approx((21915 - 731) / 365.25)
    assert people["age_at_onset_years"].isna().tolist() == [False, False, True]
    assert people["sex"].tolist() == ["male", "female", "female"]
    assert notes == []


@pytest.mark.parametrize(
    ("columns", "note"),
    [
        ({"Age": 60, "Date_of_Birth": -18262},
         ("flagged", "an age that the day of birth contradicts: the day of birth is used")),
        ({"Age": 190}, ("refused", "an age outside 0-120 years")),
        ({"Date_of_Birth": 400}, ("refused", "a birth after day 0, or more than 120 years before")),
        ({"Sex": "unclear"}, ("refused", "a sex that is neither male nor female")),
    ],
)  # fmt: skip
def test_demographics_that_cannot_be_are_noted(
    tmp_path: Path, columns: Row, note: tuple[str, str]
) -> None:
    _, notes = of(tmp_path, DEMOGRAPHICS=[person(1, **columns)])
    assert notes == [("DEMOGRAPHICS", 2, *note)]


def test_a_participant_is_whoever_a_file_names(tmp_path: Path) -> None:
    people, _ = of(
        tmp_path, ALSFRS=[visit(1, 0)], DEATHDATA=[died(4, "Yes", 5)], DEMOGRAPHICS=[person(9)]
    )
    assert people.index.tolist() == ["1", "4", "9"]
    assert people.loc["9", "source_file"] == "clinical/PROACT_DEMOGRAPHICS.csv"


def test_the_el_escorial_category_is_as_given(tmp_path: Path) -> None:
    rows = [{"subject_id": 1, "el_escorial": "Definite", "delta_days": 0}]
    assert of(tmp_path, ELESCORIAL=rows)[0]["el_escorial"].tolist() == ["Definite"]
