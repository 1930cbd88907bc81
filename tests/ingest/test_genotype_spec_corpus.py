"""The VCFs of samtools/hts-specs, in the specification and outside it: stop or accept, and why."""

import time
from fnmatch import fnmatch
from pathlib import Path

import pytest

from alsrev_dagster.ingest.genotype_file import inspect

CORPUS = Path(__file__).parents[1] / "data" / "malformed"
FILES = sorted(CORPUS.rglob("*.vcf"))
_DEADLINE_SECOND = 20.0
"""Far above what a file of a few KB takes."""

STOP: dict[str, tuple[str, str]] = {
    # file: (what is told, why it must stop)
    "failed/failed_body_alt_00[01235].vcf": ("ALT ", "which allele a call means is unknown"),
    "failed/failed_body_chrom_00?.vcf": ("contig ", "the place of the variant is unknown"),
    "failed/failed_body_contiguous_00?.vcf": ("again, after other", "a chromosome in two parts"),
    "failed/failed_body_duplicated_00?.vcf": ("more than once", "two answers for one variant"),
    "failed/failed_body_filter_00[012].vcf": ("FILTER ", "whether the record passes is unknown"),
    "failed/failed_body_format_000.vcf": ("an empty line", "a row is lost, or rows were joined"),
    "failed/failed_body_format_002.vcf": ("GT not first", "GT is out of its place"),
    "failed/failed_body_format_004.vcf": ("GT '0/|1'", "no genotype"),
    "failed/failed_body_pos_00[012].vcf": ("POS ", "no position"),
    "failed/failed_body_qual_000.vcf": ("QUAL 'quality'", "columns may have shifted"),
    "failed/failed_body_ref_00[012].vcf": ("REF ", "REF is not bases"),
    "failed/failed_body_sample_000.vcf": ("GT '1/C'", "no genotype"),
    "failed/failed_body_sample_001.vcf": ("GT '0/3'", "an allele that the record has not"),
    "failed/failed_body_sample_002.vcf": ("GT '0.000'", "no genotype"),
    "failed/failed_body_sample_003.vcf": ("a call with 4 fields", "columns may have shifted"),
    "failed/failed_body_sample_011.vcf": ("the same sample name", "whose calls, is unknown"),
    "failed/failed_body_unsorted_000.vcf": ("POS 500 after 1400", "positions are not sorted"),
    "failed/failed_fileformat_000.vcf": ("do not start with ##fileformat", "may be no VCF"),
    "failed/failed_fileformat_001.vcf": ("no samples", "no genotypes"),
    "failed/failed_header_000.vcf": ("first columns are not the fixed ones", "columns unknown"),
    "failed/failed_header_001.vcf": ("no samples", "no genotypes"),
    "failed/failed_meta_00[245].vcf": ("no #CHROM line", "text before #CHROM that is no header"),
    "failed/failed_meta_00[0136-9].vcf": ("no samples", "no genotypes"),
    "failed/failed_meta_[a-z]*.vcf": ("no samples", "no genotypes"),
    "passed/complexfile_passed_000.vcf": ("contig '<1>'", "not a human chromosome"),
    "passed/passed_body_alt.vcf": ("GT '0|1'", "calls an ALT where ALT is '.'"),
    "passed/passed_body_chrom.vcf": ("contig '1ABC'", "not a human chromosome"),
    "passed/passed_body_id.vcf": ("POS 0 on 1", "outside the chromosome (a telomere's breakend)"),
    "passed/passed_body_info.vcf": ("contig '0'", "not a human chromosome"),
    "passed/passed_body_pos.vcf": ("POS 0 on 1", "outside the chromosome (a telomere's breakend)"),
    "passed/passed_fileformat_header_000.vcf": ("no samples", "no genotypes"),
    "passed/passed_fileformat_header_001.vcf": ("a header and no records", "no genotypes"),
    "passed/passed_meta_*.vcf": ("no samples", "no genotypes"),
    "passed/passed_ploidy_000.vcf": ("GT '0|0|1'", "three alleles in a human call"),
    "passed/passed_ploidy_001.vcf": ("GT '0|1|1'", "three alleles in a human call"),
    "passed/passed_symbolic_duplicates.vcf": ("more than once", "two answers for one variant"),
}
ACCEPT: dict[str, str] = {
    # file: what of the defect matters to genotypes
    "failed/failed_body_filter_003.vcf": "a blank in a name: it is still not PASS",
    "failed/failed_body_filter_004.vcf": "a filter named 0: it is still not PASS",
    "failed/failed_body_format_00[13].vcf": "a name of another field than GT",
    "failed/failed_body_id_00?.vcf": "ID is a label, never a key",
    "failed/failed_body_info_0??.vcf": "INFO says nothing of a call",
    "failed/failed_body_qual_001.vcf": "QUAL is kept as it stands",
    "failed/failed_body_sample_00[4-9].vcf": "another field than GT has too many or odd values",
    "failed/failed_body_sample_010.vcf": "another field than GT has too many values",
    "failed/failed_body_samples_ploidy_00?.vcf": "PL has too few or too many values: GT is whole",
    "passed/passed_body_filter.vcf": "in the specification",
    "passed/passed_body_format.vcf": "in the specification",
    "passed/passed_body_qual.vcf": "in the specification",
    "passed/passed_body_ref.vcf": "in the specification",
    "passed/passed_body_samples.vcf": "in the specification; calls without GT are missing",
    "passed/passed_fileformat_header_002.vcf": "in the specification",
}


def _name(path: Path) -> str:
    return str(path.relative_to(CORPUS))


def _rows(path: Path) -> list[str]:
    return [k for k in (*STOP, *ACCEPT) if fnmatch(f"{path.parent.name}/{path.name}", k)]


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """Compile what reads, once: no file's deadline pays for it."""
    inspect(CORPUS / "hts-specs-4.2" / "passed" / "passed_body_alt.vcf")


def test_the_table_has_one_row_for_each_file_and_no_other() -> None:
    rows = [_rows(path) for path in FILES]
    assert len(FILES) == 433
    assert [path.name for path, row in zip(FILES, rows, strict=True) if len(row) != 1] == []
    assert {row[0] for row in rows} == {*STOP, *ACCEPT}


@pytest.mark.parametrize("path", FILES, ids=map(_name, FILES))
def test_each_file_stops_or_is_accepted_as_the_table_says(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    started = time.monotonic()
    file, problems = inspect(path)
    assert time.monotonic() - started < _DEADLINE_SECOND
    (row,) = _rows(path)
    assert (file is None) == bool(problems) == (row in STOP), problems
    if row in STOP:
        assert any(STOP[row][0] in problem.found for problem in problems), problems
    assert capfd.readouterr() == ("", "")


def _with_a_sample(text: str) -> str:
    lines = text.split("\n")
    is_body = False
    for index, line in enumerate(lines):
        if line.startswith("#CHROM"):
            is_body = True
            lines[index] += "\tFORMAT\ts1"
        elif is_body and line:
            lines[index] += "\tGT\t0/1"
    return "\n".join(lines)


def test_a_malformed_header_entry_stops_no_file_that_has_genotypes(tmp_path: Path) -> None:
    """Sites-only files stop for having no samples: given one, the defect itself is met."""
    path, stopped = tmp_path / "t.vcf", set()
    for source in CORPUS.rglob("failed_meta_*.vcf"):
        path.write_text(_with_a_sample(source.read_text(encoding="utf-8")), encoding="utf-8")
        file, problems = inspect(path)
        assert (file is None) == bool(problems)
        if problems:
            assert "no #CHROM line" in problems[0].found
            stopped.add(source.name)
    assert stopped == {f"failed_meta_00{number}.vcf" for number in (2, 4, 5)}
