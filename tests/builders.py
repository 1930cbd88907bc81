"""A tiny study, written file by file: eight people, one chromosome, nothing wrong with it.

``write_study(folder)`` writes it. Change it by what is wrong or different:

    write_study(folder, simulated=True)                           a key of study.yaml
    write_study(folder, replace={"visits.csv": [(OLD, NEW)]})     text in a file
    write_study(folder, files={"biomarkers.csv": None})           a file whole, None for none
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from alsrev_dagster.study import StudyFolder

PARTICIPANTS = tuple(f"person{letter}" for letter in "ABCDEFGH")
SAMPLES = tuple(f"vial{letter}" for letter in "ABCDEFGH")
"""A to D are cases (cohort StAR), E to H controls (cohort PGB)."""
VCF = "genotypes/joint.chr4.vcf"
RECORDS = (
    "chr4 57110321 rs1 G A 0/1 0/1 1/1 0/1 0/0 0/0 0/1 0/0",
    "chr4 57120000 . C T 0/0 0/1 0/0 0/0 0/1 0/0 0/0 0/1",
    "chr4 57130000 . A G 1/1 0/1 0/1 0/0 0/1 0/0 1/1 0/1",
    "chr4 57140000 . T TA 0/1 ./. 0/0 0/0 0/0 0/1 0/0 0/0",
    "chr4 90000000 . G C 0/0 0/0 0/1 0/1 0/0 0/1 0/0 1/1",
)
DAYS = (0, 90, 180, 360, 540, 720)
REVERSAL = (40, 36, 34, 39, 40, 40)
"""Totals by visit: five points over the lowest, for a year."""
TYPICAL = (42, 40, 38, 35, 32, 30)
ITEMS = ("q1", "q2", "q3", "q4", "q5a", "q5b", "q6", "q7", "q8", "q9", "r1", "r2", "r3")

_CALLS_FROM = 5
_META = """\
##fileformat=VCFv4.2
##reference=GRCh38
##contig=<ID=chr4,length=190214555>
##contig=<ID=chr13,length=114364328>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
"""


def write_study(
    folder: Path,
    *,
    replace: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    files: Mapping[str, str | None] | None = None,
    **settings: object,
) -> StudyFolder:
    """Write the tiny study, changed; a setting of ``...`` leaves its key out."""
    texts: dict[str, str | None] = {**study_files(**settings), **(files or {})}
    for name, changes in (replace or {}).items():
        text = texts[name]
        assert text is not None
        for old, new in changes:
            assert old in text, f"{old!r} is not in {name}"
            text = text.replace(old, new, 1)
        texts[name] = text
    for name, written in texts.items():
        if written is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(written.encode())
    return StudyFolder(folder)


def study_files(**settings: object) -> dict[str, str | None]:
    """Text of every file of the tiny study, by path."""
    return {
        "study.yaml": study_text(**settings),
        "samples.csv": samples_text(),
        "participants.csv": participants_text(),
        "visits.csv": visits_text(),
        "biomarkers.csv": biomarkers_text(),
        VCF: vcf_text(),
    }


def study_text(**settings: object) -> str:
    """Write study.yaml; keys given here replace the tiny study's."""
    value: dict[str, object] = {
        "study": "tiny",
        "genome_build": "GRCh38",
        "callsets": {"joint": {"files": "genotypes/joint.*.vcf"}},
        "samples": "samples.csv",
        "participants": "participants.csv",
        "visits": "visits.csv",
        "biomarkers": "biomarkers.csv",
        "contrasts": {"primary": {"cases": ["StAR"], "controls": ["PGB"]}},
        "loci": {"IGFBP7": {"gene": "IGFBP7", "lead": "chr4-57110321-G-A"}},
    }
    kept = {key: item for key, item in {**value, **settings}.items() if item is not ...}
    return yaml.safe_dump(kept, sort_keys=False)


def samples_text() -> str:
    """Write samples.csv: the header on line 1, sample A on line 2."""
    rows = [
        f"{sample},{person},joint,{'StAR' if i < 4 else 'PGB'},{_sex(i)},blood,batch_{i % 2},site_1"
        for i, (sample, person) in enumerate(zip(SAMPLES, PARTICIPANTS, strict=True))
    ]
    return _csv("sample_id,participant_id,callset,cohort,sex,tissue,batch,sequencing_site", rows)


def participants_text() -> str:
    """Write participants.csv: the header on line 1, participant A on line 2."""
    rows = [
        f"{person},{_sex(i)},{50 + i}.5,limb,ALS,,,EUR,{-400 - 10 * i},-100,0,"
        f"{'800' if i > 5 else ''},,{800 if i > 5 else 720}"
        for i, person in enumerate(PARTICIPANTS)
    ]
    return _csv(
        "participant_id,sex,age_at_onset_years,onset_site,diagnosis,el_escorial,known_mutation,"
        "ancestry,onset_day,diagnosis_day,enrolment_day,death_day,tracheostomy_day,last_contact_day",
        rows,
    )


def visits_text() -> str:
    """Write visits.csv: the header on line 1, participant A on lines 2 to 7."""
    rows = [
        f"{person},{day},{item_cells(total)},{total}"
        for i, person in enumerate(PARTICIPANTS)
        for day, total in zip(DAYS, REVERSAL if i < 4 else TYPICAL, strict=True)
    ]
    return _csv(f"participant_id,day,{','.join(ITEMS)},alsfrsr_total", rows)


def item_cells(total: int) -> str:
    """Return the 13 item cells of a total, q5b empty; points are lost from q1 on."""
    lost, cells = 48 - total, []
    for name in ITEMS:
        loss = 0 if name == "q5b" else min(lost, 4)
        lost -= loss
        cells.append("" if name == "q5b" else str(4 - loss))
    return ",".join(cells)


def biomarkers_text() -> str:
    """Write biomarkers.csv: the header on line 1, participant A on line 2."""
    rows = [f"{person},0,IGF-1,{120 + i}.5,ng/mL" for i, person in enumerate(PARTICIPANTS)]
    return _csv("participant_id,day,analyte,value,unit", rows)


def vcf_text(
    records: Sequence[str] = RECORDS, samples: Sequence[str] = SAMPLES, meta: str = _META
) -> str:
    """Write a VCF; a record is chrom, pos, id, ref, alt and a call for each sample."""
    fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
    lines = ["\t".join([*fixed, *samples])]
    for record in records:
        words = record.split()
        lines.append(
            "\t".join([*words[:_CALLS_FROM], ".", "PASS", ".", "GT", *words[_CALLS_FROM:]])
        )
    return meta + "\n".join(lines) + "\n"


def _sex(index: int) -> str:
    return "female" if index % 2 else "male"


def _csv(header: str, rows: Sequence[str]) -> str:
    return "\n".join([header, *rows]) + "\n"
