"""What does not fit between study.yaml, genotype files and the table of samples."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.genotype_file import GenotypeFile, inspect
from alsrev_dagster.ingest.study_file import read_study
from alsrev_dagster.ingest.validate import callset_files, validate
from alsrev_dagster.study import StudyFolder
from tests.builders import (
    RECORDS,
    SAMPLES,
    VCF,
    participants_text,
    samples_text,
    vcf_text,
    visits_text,
    write_study,
)
from tests.ingest.told_problems import told, validated

CHR13 = [record.replace("chr4", "chr13") for record in RECORDS]
SIMULATED = "# simulated: nobody here exists\n"


def callset(*files: str, name: str = "joint") -> dict[str, object]:
    return {"callsets": {name: {"files": list(files)}}}


def contrast(cases: str = "StAR", controls: str = "PGB", **more: object) -> dict[str, object]:
    return {"contrasts": {"primary": {"cases": [cases], "controls": [controls], **more}}}


def excluding(*samples: str) -> dict[str, object]:
    return {"exclude": [{"samples": list(samples), "reason": "withdrew"}]}


MISTAKES: dict[str, tuple[dict[str, object], str]] = {
    "unknown cohort": (
        contrast(cases="Star"),
        r"study.yaml, key contrasts.primary.cases\[0\]: found cohort Star, which no sample has; .*did you mean StAR\?",
    ),
    "empty side": (
        excluding(*SAMPLES[:4]), r"study.yaml, key contrasts.primary.cases: found no sample left after exclude",
    ),
    "no ancestry": (
        {**contrast(strata=["ancestry"]), "replace": {"participants.csv": [("EUR", "")]}},
        r"samples.csv, line 2: found a sample of contrast primary without ancestry, its own or its participant's",
    ),
    "unknown exclusion": (
        excluding("vialA", "vialZ"),
        r"study.yaml, key exclude\[0\].samples\[1\]: found a sample that is in no row of the table of samples and in",
    ),
    "excluded twice": (
        excluding("vialA", "vialA"), r"key exclude\[0\].samples\[1\]: found the same sample as exclude\[0\].samples\[0\]",
    ),
    "undeclared callset": (
        {"replace": {"samples.csv": [("joint", "jiont")]}},
        r"samples.csv, line 2, column callset: found a callset that study.yaml does not declare; expected one of joint",
    ),
    "no file": (
        callset("genotypes/*.bcf"), r"key callsets.joint.files\[0\]: found 'genotypes/\*.bcf', which matches no file",
    ),
    "folder": (callset("genotypes"), r"key callsets.joint.files\[0\]: found 'genotypes', which is a folder"),
    "absolute": (callset("/data/x.vcf"), r"found '/data/x.vcf'; expected a path inside the study's folder"),
    "upwards": (callset("../x.vcf"), r"found '../x.vcf'; expected a path inside the study's folder"),
    "table outside": ({"visits": "/data/visits.csv"}, r"key visits: found '/data/visits.csv'; expected a path inside"),
    "matched twice": (
        callset("genotypes/*.vcf", VCF),
        r"keys callsets.joint.files\[0\] and callsets.joint.files\[1\]: found joint.chr4.vcf in each of them",
    ),
    "chromosome twice": (
        {"files": {"genotypes/joint.again.vcf": vcf_text()}},
        r"joint.chr4.vcf: found records of chr4, as in joint.again.vcf; expected each chromosome in one file",
    ),
    "other order": (
        {"files": {"genotypes/joint.chr13.vcf": vcf_text(CHR13, SAMPLES[::-1])}},
        r"joint.chr13.vcf: found the samples in another order; expected the samples of joint.chr4.vcf, in the same",
    ),
    "fewer samples": (
        {"files": {"genotypes/joint.chr13.vcf": vcf_text([r.rpartition(" ")[0] for r in CHR13], SAMPLES[:-1])}},
        r"joint.chr13.vcf: found 7 samples, where joint.chr4.vcf has 8",
    ),
    "other samples": (
        {"files": {"genotypes/joint.chr13.vcf": vcf_text(CHR13, [*SAMPLES[:-1], "vialZ"])}},
        r"joint.chr13.vcf: found 1 other samples",
    ),
    "genotypes without a row": (
        {"files": {"samples.csv": samples_text().rstrip().rpartition("\n")[0]}},
        r"joint.chr4.vcf, column 17: found a sample in no row of samples.csv; expected a row for every sample",
    ),
    "row without genotypes": (
        {"files": {"samples.csv": samples_text() + "vialZ,personA,joint,StAR,,,,\n"}},
        r"samples.csv, line 10, column sample_id: found a sample that no file of callset joint has",
    ),
    "two callsets": (
        {
            "callsets": {"joint": {"files": VCF}, "later": {"files": "later.vcf"}},
            "files": {"later.vcf": vcf_text(CHR13)},
        },
        r"later.vcf, column 10: found the same sample name as in joint.chr4.vcf, column 10; expected each sample in one callset; rename one \(bcftools reheader --samples\), or list the name under exclude, which leaves both out",
    ),
    "simulated table": (
        {"files": {"visits.csv": SIMULATED + visits_text()}},
        r"visits.csv, comment or header lines: found a file that says it is simulated; .*'simulated: true'",
    ),
    "simulated genotypes": (
        {"replace": {VCF: [("##reference", "##source=simulated by hand\n##reference")]}},
        r"joint.chr4.vcf, comment or header lines: found a file that says it is simulated",
    ),
    "chromosome twice, one name twice": (
        {
            **callset("genotypes/*/joint.vcf"),
            "files": {VCF: None, "genotypes/a/joint.vcf": vcf_text(), "genotypes/b/joint.vcf": vcf_text()},
        },
        r"genotypes/b/joint.vcf: found records of chr4, as in genotypes/a/joint.vcf; expected each chromosome in one",
    ),
    "broken genotypes, one name twice": (
        {
            **callset("genotypes/*/joint.vcf"),
            "files": {
                VCF: None,
                "genotypes/a/joint.vcf": vcf_text(CHR13),
                "genotypes/b/joint.vcf": vcf_text().replace("0/1\t0/1\t1/1", "0/1\t0/1"),
            },
        },
        r"genotypes/b/joint.vcf, line 7: found 16 columns",
    ),
    "table in a folder": (
        {"visits": "told/table.csv", "files": {"told/table.csv": visits_text().replace("personA,0,", "personA,x,")}},
        r"told/table.csv, line 2, column day: found",
    ),
    "wrong build": (
        {"genome_build": "GRCh37"}, r"joint.chr4.vcf: found contig lengths in the header of GRCh38",
    ),
    "one lead twice": (
        {"loci": {name: {"gene": "IGFBP7", "lead": "chr4-57110321-G-A"} for name in ("IGFBP7", "AGAIN")}},
        r"study.yaml, loci.AGAIN.lead: found chr4-57110321-G-A, which loci.IGFBP7 declares; expected each variant in",
    ),
    "wrong locus": (
        {"loci": {"IGFBP7": {"gene": "IGFBP7", "lead": "chr5-57110321-G-A"}}},
        r"study.yaml, loci.IGFBP7.lead: found chr5-57110321-G-A on chr5",
    ),
    "broken genotypes": (
        {"replace": {VCF: [("0/1\t0/1\t1/1", "0/1\t0/1")]}}, r"joint.chr4.vcf, line 7: found 16 columns",
    ),
}  # fmt: skip

ALLOWED: dict[str, dict[str, object]] = {
    "as it is": {},
    "simulated, and said so": {
        "simulated": True, "files": {"visits.csv": SIMULATED + visits_text()},
    },
    "not simulated": {"files": {"visits.csv": "# measured, not simulated\n" + visits_text()}},
    "a second chromosome": {"files": {"genotypes/joint.chr13.vcf": vcf_text(CHR13)}},
    "an index beside the file": {**callset("genotypes/*"), "files": {VCF + ".tbi": "", VCF + ".csi": ""}},
    "strata": contrast(strata=["ancestry", "sex"]),
    "genotypes of an excluded sample": {
        **excluding("vialH"), "files": {"samples.csv": samples_text().rstrip().rpartition("\n")[0]},
    },
    "a row of an excluded sample": {
        **excluding("vialZ"), "files": {"samples.csv": samples_text() + "vialZ,personA,joint,StAR,,,,\n"},
    },
    "sex of the sample only": {
        **contrast(strata=["sex"]), "replace": {"participants.csv": [("personA,male", "personA,")]},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told(tmp_path: Path, name: str) -> None:
    changes, expected = MISTAKES[name]
    said = "\n".join(told(tmp_path, **changes))
    assert re.search(expected, said), said


@pytest.mark.parametrize("name", ALLOWED)
def test_a_sound_study_has_no_problem(tmp_path: Path, name: str) -> None:
    assert told(tmp_path, **ALLOWED[name]) == []


def test_mistakes_of_every_kind_are_told_at_once(tmp_path: Path) -> None:
    said = told(
        tmp_path,
        **contrast(controls="PBG"),
        **excluding("vialZ"),
        files={"genotypes/joint.again.vcf": vcf_text()},
        replace={
            "visits.csv": [("personA,90,0", "personA,90,7"), ("personB,0", "personZ,0")],
            "participants.csv": [("50.5", "fifty"), ("personC,male", "personC,female")],
            "samples.csv": [("vialD,", "vialY,")],
            "biomarkers.csv": [("120.5", "NA")],
        },
    )
    places = {line.partition(": found")[0] for line in said}
    assert places == {
        "study.yaml, key contrasts.primary.controls[0]",
        "study.yaml, key exclude[0].samples[0]",
        "joint.chr4.vcf",
        "joint.again.vcf, column 13",
        "visits.csv, line 3, column q1",
        "visits.csv, line 3, column alsfrsr_total",
        "visits.csv, line 8, column participant_id",
        "participants.csv, line 2, column age_at_onset_years",
        "samples.csv, line 4, column sex",
        "samples.csv, line 5, column sample_id",
        "biomarkers.csv, line 2, column value",
        "samples.csv, line 6, column cohort",
    }


def test_ragged_rows_do_not_make_strangers_of_the_people_in_them(tmp_path: Path) -> None:
    text = participants_text().replace("personA,", "personA,,")
    said = told(tmp_path, files={"participants.csv": text})
    assert len(said) == 1
    assert "participants.csv, line 2: found 15 cells" in said[0]


def test_a_study_file_that_cannot_be_used_ends_the_search(tmp_path: Path) -> None:
    found = validated(tmp_path, genome_build="hg18")
    assert found.study is None
    assert len(found.problems) == 1
    assert not found.frames
    assert validate(StudyFolder(tmp_path / "nowhere")).problems


def test_files_are_in_natural_order(tmp_path: Path) -> None:
    names = [f"genotypes/joint.chr{n}.vcf" for n in (1, 2, 3, 10, 11, 20)]
    folder = write_study(tmp_path, files={VCF: None, **dict.fromkeys(reversed(names), "")})
    held = callset_files(folder, read_study(folder))["joint"]
    assert [str(path.relative_to(folder.root)) for path in held] == names


def test_the_callers_inspector_is_asked_once_a_file(tmp_path: Path) -> None:
    asked: list[str] = []

    def remembering(path: Path, **settings: Any) -> tuple[GenotypeFile | None, tuple[Problem, ...]]:
        asked.append(path.name)
        return inspect(path, **settings)

    found = validate(write_study(tmp_path), remembering)
    assert asked == ["joint.chr4.vcf"]
    assert [file.sample_ids for file in found.genotype_files["joint"]] == [SAMPLES]


def test_a_packed_simulated_file_is_told(tmp_path: Path) -> None:
    text = vcf_text(
        meta='##fileformat=VCFv4.2\n##simulated=true\n##FORMAT=<ID=GT,Number=1,Type=String,Description="">\n'
    )
    folder = write_study(tmp_path, files={VCF: None}, **callset("joint.vcf.gz"))  # type: ignore[arg-type]
    (folder.root / "joint.vcf.gz").write_bytes(gzip.compress(text.encode()))
    assert "joint.vcf.gz, comment or header lines" in "\n".join(map(str, validate(folder).problems))
