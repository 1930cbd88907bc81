"""Who is used over several contrasts together: one sample of each person, genome and family.

The layout is the anchor study's: one group of cases, two groups of controls, three contrasts.
"""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from alsrev_dagster.open_study import OpenStudy
from assets import comparison, relatedness, survival
from tests.builders import write_study

CONTRASTS = {
    "primary": {"cases": ["StAR"], "controls": ["PGB"]},
    "replication": {"cases": ["StAR"], "controls": ["TargetALS"]},
    "combined": {"cases": ["StAR"], "controls": ["PGB", "TargetALS"]},
}
# sample, participant, cohort, call rate
SAMPLES = [
    ("s1", "S1", "StAR", 0.96),
    ("s2", "S2", "StAR", 0.99),
    ("p1", "P1", "PGB", 0.99),  # p1 and t1 are one genome under two participant_ids
    ("t1", "T1", "TargetALS", 0.98),
    ("p2", "P2", "PGB", 0.97),  # p2 and t2 are two samples of one participant
    ("t2", "P2", "TargetALS", 0.98),
    ("p3", "P3", "PGB", 0.99),  # p3 is the genome of a case, better called
    ("t4", "T4", "TargetALS", 0.99),
]
DUPLICATES = [("p1", "t1"), ("p3", "s1")]
VARIANT = "chr4-57110321-G-A"


def rows_of(asset: Any, work: OpenStudy) -> pd.DataFrame:
    """Ask an asset's own function, without Dagster around it."""
    step = asset.node_def.compute_fn.decorated_fn
    place = step.__code__.co_freevars.index("function")
    frame: pd.DataFrame = step.__closure__[place].cell_contents(work)
    return frame


def put(work: OpenStudy, name: str, rows: pd.DataFrame) -> None:
    """Write a table; columns that are not given are NULL, or 0."""
    empty = work.lake.empty_frame(name)
    filled = {c: rows[c] if c in rows else _nothing(empty[c].dtype) for c in empty.columns}
    work.lake.write(name, pd.DataFrame(filled, index=rows.index))


def _nothing(dtype: object) -> object:
    return 0 if pd.api.types.is_numeric_dtype(dtype) else None  # type: ignore[arg-type]


@pytest.fixture
def work(tmp_path: Path) -> OpenStudy:
    """A study whose lake has its samples and who of them are one genome."""
    work = OpenStudy(write_study(tmp_path, contrasts=CONTRASTS))
    sample = pd.DataFrame(SAMPLES, columns=["sample_id", "participant_id", "cohort", "call_rate"])
    person = sample[["participant_id"]].drop_duplicates(ignore_index=True)
    put(work, "core.sample_trait", sample)
    put(work, "raw.participant", person.assign(source_file="participants.csv"))
    put(work, "core.sample_qc", sample)
    pairs = pd.DataFrame(DUPLICATES, columns=["sample_id_1", "sample_id_2"])
    put(work, "core.kinship", pairs.assign(kinship=0.49, relationship="duplicate"))
    work.lake.write("core.unrelated_sample", rows_of(relatedness.unrelated_sample, work))
    work.lake.write("core.analysis_set", rows_of(comparison.analysis_set, work))
    return work


def reasons(work: OpenStudy, contrast: str) -> dict[str, str | None]:
    frame = work.lake.frame("core.analysis_set").query("contrast == @contrast")
    reason = frame["exclusion_reason"].where(frame["exclusion_reason"].notna(), None)
    return dict(zip(frame["sample_id"], reason, strict=True))


def test_one_of_two_samples_is_used_in_every_contrast(work: OpenStudy) -> None:
    duplicate, another = (
        "duplicate of a sample that is used",
        "another sample of the participant is used",
    )
    cases = {"s1": None, "s2": None}
    assert reasons(work, "primary") == {**cases, "p1": None, "p2": another, "p3": duplicate}
    assert reasons(work, "replication") == {**cases, "t1": duplicate, "t2": None, "t4": None}
    assert reasons(work, "combined") == {
        **reasons(work, "primary"),
        **reasons(work, "replication"),
    }


def test_the_check_finds_a_genome_or_person_that_is_used_twice(work: OpenStudy) -> None:
    assert comparison.nobody_is_used_twice.judge(work).passed
    frame = work.lake.frame("core.analysis_set")
    for sample_id in ("t1", "p2"):
        again = frame.assign(is_included=frame["is_included"] | (frame["sample_id"] == sample_id))
        work.lake.write("core.analysis_set", again)
        found = comparison.nobody_is_used_twice.judge(work)
        assert not found.passed
        assert "1 of 6 samples in use are of a participant, genome or family" in found.description


def test_curves_count_each_person_once(work: OpenStudy) -> None:
    sample = work.lake.frame("core.sample_trait")
    put(work, "core.carrier", sample.assign(locus="A", variant_id=VARIANT, dosage=0, carrier=False))
    person = work.lake.frame("raw.participant")[["participant_id"]]
    outcome = person.assign(
        definition="d", definition_hash="h", scale="alsfrsr", time_origin="onset", entry_months=0.0,
        duration_months=12.0, event_recovery=False, exit_reason="death",
        survival_months=12.0, event_death=True,
    )  # fmt: skip
    put(work, "core.outcome", outcome)
    curve = rows_of(survival.survival_curve, work)
    assert curve["n_at_risk"].max() == 5
    assert curve["n_event"].max() == 5
