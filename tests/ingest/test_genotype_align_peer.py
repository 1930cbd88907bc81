"""Left-alignment against ``bcftools norm``, on made indels in made repeats."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alsrev_dagster.ingest.genotype_align import Aligner
from alsrev_dagster.ingest.genotype_file import Reading
from alsrev_dagster.ingest.genotype_header import Header
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.genotype_scan import SiteScan
from alsrev_dagster.ingest.genotype_text import TextReader
from alsrev_dagster.ingest.reference_sequence import Reference
from tests.ingest.made_reference import reference
from tests.ingest.made_vcf import row, write_vcf

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("bcftools") is None, reason="bcftools is not installed"),
]

Variant = tuple[str, int, str, str]
UNIT = st.tuples(st.text("ACGT", min_size=1, max_size=4), st.integers(1, 12)).map(
    lambda made: made[0] * made[1]
)
SEQUENCE = st.lists(UNIT, min_size=1, max_size=8).map("".join)
EDIT = st.tuples(
    st.integers(0, 300),
    st.integers(1, 9),
    st.one_of(st.text("ACGT", min_size=1, max_size=9), st.sampled_from(["copy", "cut", "<DEL>"])),
    st.integers(0, 5),
)
"""A place, bases of REF, what stands for them, and bases of padding on the right."""
CHROMOSOMES = st.lists(
    st.tuples(SEQUENCE, st.lists(EDIT, min_size=1, max_size=6)), min_size=1, max_size=22
)


def _alleles(sequence: str, edit: tuple[int, int, str, int]) -> tuple[int, str, str]:
    """Position, REF and ALT of an edit; a copy repeats REF, a cut leaves its first base."""
    place, n_ref, made, n_pad = edit
    place %= len(sequence)
    ref = sequence[place : place + n_ref]
    pad = sequence[place + len(ref) : place + len(ref) + n_pad]
    alt = {"copy": ref * 2, "cut": ref[:1]}.get(made, made)
    return (place + 1, ref, alt) if alt == "<DEL>" else (place + 1, ref + pad, alt + pad)


def _aligned(vcf: Path, of: Reference) -> list[Variant]:
    problems = ProblemList(vcf.name)
    reader, aligner = TextReader(vcf, SiteScan(Header(), problems)), Aligner(of, problems)
    found: list[Variant] = []
    for segment in aligner.segments(reader.segments()):
        rows = segment.rows
        keys = zip(rows.pos.tolist(), rows.ref.to_pylist(), rows.alt.to_pylist(), strict=True)
        found += [(segment.contig, *key) for key in keys]
    aligner.tell()
    assert not problems.all()
    return sorted(found)


def _normalised(vcf: Path, of: Reference) -> list[Variant]:
    command = ["bcftools", "norm", "-f", str(of.path), "-m-any", str(vcf)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [line.split("\t") for line in told.splitlines() if not line.startswith("#")]
    return sorted((line[0], int(line[1]), line[3], line[4]) for line in lines)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(CHROMOSOMES, st.integers(3, 70))
def test_variants_are_those_of_bcftools_norm(
    tmp_path: Path,
    chromosomes: list[tuple[str, list[tuple[int, int, str, int]]]],
    width: int,
) -> None:
    rows, sequences = [], {}
    for number, (sequence, edits) in enumerate(chromosomes, start=1):
        chrom = sequences.setdefault(f"chr{number}", sequence) and f"chr{number}"
        made = sorted({_alleles(sequence, edit) for edit in edits})
        rows += [row(chrom=chrom, pos=p, ref=ref, alt=alt) for p, ref, alt in made if alt != ref]
    meta = "".join(f"##contig=<ID={c},length={len(s)}>\n" for c, s in sequences.items())
    vcf = write_vcf(tmp_path, rows, meta=f'{meta}##ALT=<ID=DEL,Description="Deletion">\n')
    (tmp_path / "ref.fa.fai").unlink(missing_ok=True)  # of the example before
    of = reference(tmp_path, sequences, width=width)
    assert _aligned(vcf, of) == _normalised(vcf, of)


def test_alleles_of_one_record_are_split_and_then_aligned(tmp_path: Path) -> None:
    rows = [
        row(pos=6, ref="CAC", alt="C,CACAC,TAC"),
        row(pos=14, ref="TT", alt="T,TTT"),
    ]
    vcf = write_vcf(tmp_path, rows, meta="##contig=<ID=chr1,length=16>\n")
    of = reference(tmp_path, {"chr1": "GCACACACATTTTTTG"})
    assert _aligned(vcf, of) == _normalised(vcf, of)
    assert ("chr1", 1, "GCA", "G") in _aligned(vcf, of)


def test_a_bcf_is_aligned_as_its_vcf_is(tmp_path: Path) -> None:
    rows = [row(pos=6, ref="CAC", alt="C,CACAC"), row(pos=14, ref="TT", alt="T,TTT")]
    vcf = write_vcf(tmp_path, rows, meta="##contig=<ID=chr1,length=16>\n")
    bcf = tmp_path / "t.bcf"
    subprocess.run(["bcftools", "view", "-Ob", "-o", str(bcf), str(vcf)], check=True)
    of = reference(tmp_path, {"chr1": "GCACACACATTTTTTG"})
    of_both = [[b.rows for b in Reading(path, reference=of).blocks()] for path in (vcf, bcf)]
    (one,), (other,) = of_both
    assert one.pos.tolist() == other.pos.tolist() == [1, 1, 9, 9]
    assert one.ref.equals(other.ref)
    assert one.alt.equals(other.alt)
    assert one.packed.tolist() == other.packed.tolist()
