"""The reference a study names: where it may lie, which build it is, and what depends on it."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from alsrev_dagster.ingest import inspection
from alsrev_dagster.ingest.inspection import Inspector
from alsrev_dagster.ingest.reference_sequence import open_reference
from alsrev_dagster.ingest.study_reference import check_reference, study_reference
from tests.builders import VCF, write_study
from tests.ingest.made_reference import reference, write_fasta, write_sparse_fasta
from tests.ingest.told_problems import told, validated

CHR4_BP = 190_214_555
BASES = {57_110_321: "G", 57_120_000: "C", 57_130_000: "A", 57_139_997: "CTTT", 90_000_000: "G"}
"""Bases of chr4 that the tiny study's records stand on."""


def _with_reference(folder: Path, bases: dict[int, str] = BASES) -> dict[str, Any]:
    write_sparse_fasta(folder / "ref.fa", "4", CHR4_BP, bases)
    return {"reference": "ref.fa"}


def test_a_study_may_name_a_reference(tmp_path: Path) -> None:
    assert told(tmp_path, **_with_reference(tmp_path)) == []
    link = {"reference": "linked.fa"}
    (tmp_path / "linked.fa").symlink_to(tmp_path / "ref.fa")
    assert told(tmp_path, **link) == []


def test_ref_of_a_callset_is_compared_with_it(tmp_path: Path) -> None:
    problems = told(tmp_path, **_with_reference(tmp_path, {**BASES, 57_120_000: "T"}))
    assert len(problems) == 1
    assert problems[0].startswith(
        "joint.chr4.vcf: found 1 of 5 variants (chr4-57120000-C-T) whose REF is not the base of "
        "ref.fa: 1 where ALT is (REF and ALT swapped); expected"
    )


def test_a_reference_outside_the_folder_is_told(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, reference="/data/GRCh38.fa")
    assert problem == (
        "study.yaml, key reference: found '/data/GRCh38.fa'; expected a path inside the study's "
        "folder, relative to it; move the file there, or link it (ln -s FILE STUDY_FOLDER/), so "
        "that changes are noticed"
    )


def test_a_reference_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (problem,) = told(tmp_path, reference="GRCh38.fa")
    assert problem.startswith("GRCh38.fa: found no such file; expected the reference genome as a")
    (tmp_path / "GRCh38.fa.gz").write_bytes(gzip.compress(b">chr4\nACGT\n"))
    (problem,) = told(tmp_path, reference="GRCh38.fa.gz")
    assert problem.endswith("unpack it (bgzip -d GRCh38.fa.gz)")


def test_a_reference_of_other_lengths_is_told(tmp_path: Path) -> None:
    write_fasta(tmp_path, {"chr4": "ACGT", "chrM": "A" * 16_569})
    (problem,) = told(tmp_path, reference="ref.fa")
    assert problem == (
        "ref.fa: found contig lengths of neither build: chr4 4; expected GRCh38, the study's "
        "genome_build; name the FASTA of that build under reference in study.yaml, or mend "
        "genome_build"
    )


def test_the_older_m_of_hg19_is_left_out_and_no_reason_to_refuse(tmp_path: Path) -> None:
    found = reference(tmp_path, {"chrM": "A" * 16_571, "chrUn_gl000211": "A"})
    assert list(check_reference(found, "GRCh37")) == []
    assert len(list(check_reference(found, "GRCh38"))) == 1
    folder = write_study(tmp_path, reference="ref.fa", genome_build="GRCh37")
    study = validated(tmp_path, reference="ref.fa", genome_build="GRCh37").study
    assert study is not None
    opened, problems = study_reference(folder, study)
    assert problems == ()
    assert opened is not None
    assert opened.contigs == {}


def test_what_is_remembered_of_a_file_is_of_its_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, seen, inspect = write_study(tmp_path), [], inspection.inspect

    def counted(path: Path, **settings: Any) -> object:
        seen.append(settings.get("reference"))
        return inspect(path, **settings)

    monkeypatch.setattr(inspection, "inspect", counted)
    vcf, fasta = folder.root / VCF, tmp_path / "ref.fa"
    write_sparse_fasta(fasta, "chr4", CHR4_BP, BASES)
    for path in (None, None, fasta, fasta):
        of = open_reference(path)[0] if path else None
        assert Inspector(tmp_path / "kept").look(vcf, reference=of).file is not None
    assert [of is not None for of in seen] == [False, True]
    write_sparse_fasta(fasta, "chr4", CHR4_BP, {**BASES, 90_000_000: "T"})
    changed = open_reference(fasta)[0]
    assert Inspector(tmp_path / "kept").look(vcf, reference=changed).file is None


def test_the_hash_of_a_reference_is_remembered_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, hashed, file_sha256 = write_fasta(tmp_path, {"1": "ACGT"}), [], inspection.file_sha256

    def counted(of: Path) -> str:
        hashed.append(of)
        return file_sha256(of)

    monkeypatch.setattr(inspection, "file_sha256", counted)
    first = Inspector(tmp_path / "kept").sha256(path)
    assert Inspector(tmp_path / "kept").sha256(path) == first
    assert len(hashed) == 1
    write_fasta(tmp_path, {"1": "ACGA"})
    assert Inspector(tmp_path / "kept").sha256(path) != first
