"""A call filter that cannot work on the files is a problem, in a study and in an ingest."""

from pathlib import Path

import pytest

from alsrev_dagster.ingest.call_filter import CallFilter
from alsrev_dagster.ingest.call_filter_rules import filter_problems
from alsrev_dagster.ingest.genotype_file import Reading
from alsrev_dagster.ingest.validate import validate
from tests.builders import VCF, vcf_text, write_study
from tests.commands.test_ingest import packed, shards
from tests.ingest.made_plink import write_bed, write_pgen
from tests.ingest.made_vcf import CONTIG, DATA, as_bcf, row, sound, write_vcf

META = "".join(
    f'##FORMAT=<ID={name},Number=1,Type=Integer,Description="x">\n' for name in ("GQ", "DP", "AD")
)
KEYS = ("half_calls", "genotype_quality_min", "depth_min", "allele_balance_min")
FIELD_OF = {"genotype_quality_min": "GQ", "depth_min": "DP", "allele_balance_min": "AD"}
WHERE = {key: key for key in KEYS}
PLINK = {
    "half_calls": ("reference", "half_calls: found reference with a PLINK file (t.{kind}); expected missing; PLINK keeps no half calls; leave the setting out, or give the VCF or BCF"),
    "genotype_quality_min": (20, "found 20 with a PLINK file (t.{kind}); expected 0; PLINK keeps no genotype qualities"),
    "depth_min": (10, "depth_min: found 10 with a PLINK file (t.{kind}); expected 0; PLINK keeps no depths"),
    "allele_balance_min": (0.2, "found 0.2 with a PLINK file (t.{kind}); expected 0; PLINK keeps no reads of alleles"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["bed", "pgen"])
@pytest.mark.parametrize("key", PLINK)
def test_plink_files_take_no_call_filter(tmp_path: Path, key: str, kind: str) -> None:
    file = sound({"bed": write_bed, "pgen": write_pgen}[kind](tmp_path))
    value, said = PLINK[key]
    (problem,) = filter_problems(CallFilter(**{key: value}), [file], WHERE)  # type: ignore[arg-type]
    assert said.format(kind=kind) in str(problem)
    assert list(filter_problems(CallFilter(), [file], WHERE)) == []


@pytest.mark.parametrize(("key", "field"), FIELD_OF.items())
def test_a_filter_on_a_field_that_no_header_line_declares_is_told(
    tmp_path: Path, key: str, field: str
) -> None:
    asked = CallFilter(**{key: 0.25})  # type: ignore[arg-type]
    held = row("0/1:1 0/0:2", format=f"GT:{field}")
    declared = sound(write_vcf(tmp_path, [held], meta=META, name="with.vcf"))
    without = sound(write_vcf(tmp_path, [row()], meta=META.replace(field, "XX"), name="no.vcf"))
    assert list(filter_problems(asked, [declared], WHERE)) == []
    (problem,) = filter_problems(asked, [declared, without, without], WHERE)
    assert str(problem) == (
        f"{key}: found 0.25, but no FORMAT {field} in the header (no.vcf and 1 more); expected "
        f"##FORMAT=<ID={field},...> in every file, or 0; leave the setting out, or give files with "
        f"{field}: without it every call is kept"
    )


@pytest.mark.parametrize("through", ["vcf", "bcf"])
@pytest.mark.parametrize(("key", "field"), FIELD_OF.items())
def test_a_filter_on_a_declared_field_that_no_record_has_is_told(
    tmp_path: Path, key: str, field: str, through: str
) -> None:
    others = [name for name in FIELD_OF.values() if name != field]
    rows = [row(), row("0/1:1:2 0/0:.:.", format=":".join(["GT", *others]), pos=11)]
    path = write_vcf(tmp_path, rows, meta=META + CONTIG)
    file = sound(as_bcf(path) if through == "bcf" else path)
    assert file.call_fields_seen == tuple(sorted(others))
    asked = CallFilter(**{key: 0.25})  # type: ignore[arg-type]
    (problem,) = filter_problems(asked, [file], WHERE)
    assert str(problem) == (
        f"{key}: found 0.25, but {field} is declared and no record has it ({file.name}); expected "
        f"{field} in the FORMAT of records of every file, or 0; leave the setting out, or give "
        f"files with {field}: without it every call is kept"
    )


def test_a_field_is_found_in_the_last_of_many_records(tmp_path: Path) -> None:
    rows = [row(pos=pos) for pos in range(1, 3_000)] + [
        row("0/1:1 0/0:2", format="GT:DP", pos=3_000)
    ]
    path = write_vcf(tmp_path, rows, meta=META)
    reading = Reading(path, n_group_byte=1_000)
    assert sum(len(block.rows) for block in reading.blocks()) == 3_000
    assert reading.file is not None
    assert reading.file.call_fields_seen == ("DP",)


def test_a_bcf_header_says_which_fields_there_are() -> None:
    file = sound(DATA / "kg_highcov_chr12_60.bcf")
    assert file.call_fields == file.call_fields_seen == ("AD", "DP", "GQ")


def test_validate_tells_a_filter_that_cannot_work(tmp_path: Path) -> None:
    settings = {"joint": {"files": VCF, "depth_min": 10}}
    (problem,) = validate(write_study(tmp_path / "without", callsets=settings)).problems
    assert str(problem).startswith(
        "study.yaml, callsets.joint.depth_min: found 10, but no FORMAT DP in the header ("
    )
    meta = "##fileformat=VCFv4.2\n" + META
    text = vcf_text(meta=meta)
    held = text.replace("\tGT\t", "\tGT:DP\t", 1)
    study = write_study(tmp_path / "with", callsets=settings, files={VCF: held})
    assert not [p for p in validate(study).problems if "depth_min" in p.where]
    study = write_study(tmp_path / "declared", callsets=settings, files={VCF: text})
    (problem,) = validate(study).problems
    assert "found 10, but DP is declared and no record has it (" in str(problem)


def test_an_ingest_refuses_a_filter_that_cannot_work(tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, told = packed([write_bed(tmp_path)], out, "--depth-min", "10", "--half-calls", "haploid")
    assert code == 1
    told = " ".join(told.split())
    assert "--depth-min: found 10 with a PLINK file (t.bed); expected 0" in told
    assert "--half-calls: found haploid with a PLINK file (t.bed); expected missing" in told
    code, told = packed([write_vcf(tmp_path, [row()])], out, "--genotype-quality-min", "20")
    assert code == 1
    assert "--genotype-quality-min: found 20, but no FORMAT GQ" in " ".join(told.split())
    assert shards(out) == {}


def test_the_allele_balance_is_below_a_half(tmp_path: Path) -> None:
    path = write_vcf(tmp_path, [row("0/1:2,3 0/0:4,0", format="GT:AD")], meta=META)
    code, told = packed([path], tmp_path / "out", "--allele-balance-min", "0.5")
    assert code == 2
    assert "found 0.5; expected less than 0.5" in " ".join(told.split())
    assert packed([path], tmp_path / "out", "--allele-balance-min", "0.49")[0] == 0
