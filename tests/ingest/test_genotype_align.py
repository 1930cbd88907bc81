"""Left-alignment by a reference, cases worked out by hand; REF that is not the reference's."""

from pathlib import Path

import pytest

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.ingest import genotype_align
from alsrev_dagster.ingest.genotype_blocks import read_blocks
from alsrev_dagster.ingest.genotype_file import Reading, inspect
from alsrev_dagster.ingest.genotype_rows import variant_ids
from alsrev_dagster.ingest.reference_sequence import Reference
from tests.ingest.made_reference import reference
from tests.ingest.made_vcf import row, sound, write_vcf

#            1234567890123456789012345
SEQUENCE = "AAAAGCACACACATTTTTTGACGTA"


@pytest.fixture
def of(tmp_path: Path) -> Reference:
    return reference(tmp_path, {"1": SEQUENCE, "chr2": "CGCGCGATAT"}, width=7)


def _read(folder: Path, rows: list[str], of: Reference | None, n_variant: int = 4096) -> list[str]:
    """Names of the variants of chr1, read when inspected and again later, which are the same."""
    path = write_vcf(folder, rows)
    reading = Reading(path, n_variant=n_variant, reference=of)
    names = [name for block in reading.blocks() for name in variant_ids(block).to_pylist()]
    assert reading.file is not None, reading.problems.all()
    again = read_blocks(reading.file, ["chr1"], n_variant=n_variant, reference=of)
    assert [name for block in again for name in variant_ids(block).to_pylist()] == names
    return names


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((7, "AC", "A"), "7-AC-A"),
        ((11, "ACA", "A"), "5-GCA-G"),
        ((12, "C", "CAC"), "5-G-GCA"),
        ((10, "CAC", "C"), "5-GCA-G"),
        ((19, "T", "TT"), "13-A-AT"),
        ((18, "TT", "T"), "13-AT-A"),
        ((17, "T", "TTGT"), "16-T-TTTG"),
        ((19, "TG", "T"), "19-TG-T"),
        ((5, "GCA", "GA"), "5-GC-G"),
        ((20, "GAC", "TT"), "20-GAC-TT"),
        ((9, "A", "C"), "9-A-C"),
        ((8, "CA", "TG"), "8-CA-TG"),
        ((11, "A", "<DEL>"), "11-A-<DEL>"),
        # at the start of the contig there is no base before: what moves stays behind the first
        ((4, "A", "AA"), "1-A-AA"),
        ((3, "AA", "A"), "1-AA-A"),
        ((1, "AA", "A"), "1-AA-A"),
        ((2, "AAA", "A"), "1-AAA-A"),
        ((1, "A", "CA"), "1-A-CA"),
        ((1, "AAAAG", "G"), "1-AAAAG-G"),
        # what is spelled with the base behind it
        ((14, "T", "GT"), "13-A-AG"),
        ((25, "A", "AA"), "24-T-TA"),
        ((6, "ca", "a"), "5-GC-G"),
    ],
)
def test_an_indel_stands_at_its_left_most_place(
    tmp_path: Path, of: Reference, given: tuple[int, str, str], expected: str
) -> None:
    pos, ref, alt = given
    assert _read(tmp_path, [row(pos=pos, ref=ref, alt=alt)], of) == [f"chr1-{expected}"]


@pytest.mark.parametrize("n_variant", [1, 2, 4096])
def test_rows_are_sorted_although_one_moves_left_of_others(
    tmp_path: Path, of: Reference, n_variant: int
) -> None:
    rows = [
        row(pos=6, ref="C", alt="T"),
        row(pos=10, ref="C", alt="G"),
        row("1/1 0/1", pos=11, ref="ACA", alt="A"),
        row(pos=14, ref="T", alt="G"),
    ]
    names = ["chr1-5-GCA-G", "chr1-6-C-T", "chr1-10-C-G", "chr1-14-T-G"]
    assert _read(tmp_path, rows, of, n_variant) == names
    blocks = Reading(write_vcf(tmp_path, rows), n_variant=1, reference=of).blocks()
    assert next(blocks).genotype.tolist() == [[2, 1]]


def test_rows_that_move_are_counted(tmp_path: Path, of: Reference) -> None:
    rows = [row(pos=11, ref="ACA", alt="A"), row(pos=12, ref="C", alt="CAC,T")]
    blocks = list(Reading(write_vcf(tmp_path, rows), reference=of).blocks())
    assert sum(block.count["n_left_aligned"] for block in blocks) == 2
    assert sum(block.count["n_record"] for block in blocks) == 2


def test_two_spellings_of_one_indel_are_a_duplicate(tmp_path: Path, of: Reference) -> None:
    path = write_vcf(tmp_path, [row(pos=7, ref="ACA", alt="A"), row(pos=11, ref="ACA", alt="A")])
    assert sound(path)
    (problem,) = inspect(path, reference=of)[1]
    assert "found 1 variants more than once (chr1-5-GCA-G)" in str(problem)


def test_an_indel_that_moves_too_far_is_refused(
    tmp_path: Path, of: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_vcf(tmp_path, [row(pos=11, ref="ACA", alt="A"), row(pos=14, ref="T", alt="G")])
    monkeypatch.setattr(genotype_align, "SHIFT_MAX_BP", 5)
    (problem,) = inspect(path, reference=of)[1]
    assert str(problem) == (
        "t.vcf: found 1 indels (chr1-11-ACA-A) that left-aligning moves by more than 5 bp; "
        "expected indels near their left-most place; normalise the file first (bcftools norm "
        "--fasta-ref ref.fa)"
    )
    monkeypatch.setattr(genotype_align, "SHIFT_MAX_BP", 6)
    assert _read(tmp_path, [row(pos=11, ref="ACA", alt="A")], of) == ["chr1-5-GCA-G"]


MISFITS = [
    row(pos=5, ref="C", alt="T"),  # the reference has G: other strand
    row(pos=6, ref="A", alt="C"),  # C: swapped
    row(pos=9, ref="T", alt="C"),  # A: other strand
    row(pos=10, ref="A", alt="G"),  # C: ALT of the other strand
    row(pos=12, ref="G", alt="C"),  # C: cannot be told
    row(pos=15, ref="C", alt="<DEL>"),  # T: none
    row(pos=16, ref="T", alt="A"),  # T: fits, whatever its strand
    row(pos=17, ref="AT", alt="C"),  # TT: none
    row(pos=26, ref="A", alt="T"),  # beyond the end
]


def test_ref_that_is_not_the_references_is_told_by_kind(tmp_path: Path, of: Reference) -> None:
    file, problems = inspect(write_vcf(tmp_path, MISFITS), reference=of)
    assert file is None
    (problem,) = problems
    assert str(problem) == (
        "t.vcf: found 8 of 9 variants (chr1-5-C-T, chr1-6-A-C, chr1-9-T-C, chr1-10-A-G, "
        "chr1-12-G-C and 3 more) whose REF is not the base of ref.fa: 1 where ALT is (REF and ALT "
        "swapped), 2 where REF of the other strand is, 1 where ALT of the other strand is, 1 where "
        "both are, as at A/T and C/G (swapped or other strand: nobody can tell), 3 where none is; "
        "expected the reference's bases as REF; nothing is swapped or flipped for you, and A/T and "
        "C/G variants are never guessed: check the build and the reference, see bcftools norm "
        "--check-ref w, mend the file with bcftools +fixref"
    )


def test_ref_that_is_not_the_references_stops_a_second_reading(
    tmp_path: Path, of: Reference
) -> None:
    file = sound(write_vcf(tmp_path, MISFITS))
    with pytest.raises(InputDataError, match=r"8 of 9 variants .* whose REF is not the base"):
        list(read_blocks(file, ["chr1"], reference=of))


def test_a_swapped_indel_is_told(tmp_path: Path, of: Reference) -> None:
    path = write_vcf(tmp_path, [row(pos=5, ref="G", alt="GCA")])
    assert sound(path)
    wrong = write_vcf(tmp_path, [row(pos=5, ref="GT", alt="GC")])
    (problem,) = inspect(wrong, reference=of)[1]
    assert "(chr1-6-T-C) whose REF is not the base of ref.fa: 1 where ALT is" in str(problem)


def test_a_long_allele_is_told_in_short(tmp_path: Path, of: Reference) -> None:
    path = write_vcf(tmp_path, [row(pos=1, ref="C" * 25, alt="C")])
    (problem,) = inspect(path, reference=of)[1]
    assert f"(chr1-1-{'C' * 20}...-C) whose REF" in str(problem)


def test_ambiguous_letters_of_the_reference_are_n(tmp_path: Path) -> None:
    of = reference(tmp_path, {"chr1": "acgRynACGT"})
    assert _read(tmp_path, [row(pos=4, ref="N", alt="A"), row(pos=2, ref="C", alt="T")][::-1], of)
    (problem,) = inspect(write_vcf(tmp_path, [row(pos=4, ref="A")]), reference=of)[1]
    assert "whose REF is not the base of ref.fa: 1 where none is" in str(problem)


def test_chromosome_that_the_reference_lacks_is_told(tmp_path: Path, of: Reference) -> None:
    path = write_vcf(tmp_path, [row(pos=1), row(chrom="chr3"), row(chrom="GL000207.1")])
    (problem,) = inspect(path, reference=of)[1]
    assert str(problem) == (
        "t.vcf: found records on chr3; expected chromosomes that ref.fa has; name the whole "
        "genome's FASTA as reference"
    )


def test_reference_that_changes_while_it_is_read_is_told(tmp_path: Path, of: Reference) -> None:
    reading = Reading(write_vcf(tmp_path, [row(pos=1), row(pos=2)]), reference=of)
    of.path.touch()
    list(reading.blocks())
    (problem,) = reading.problems.all()
    assert "found that ref.fa, its reference, changed while it was read" in str(problem)


def test_without_a_reference_nothing_moves(tmp_path: Path) -> None:
    assert _read(tmp_path, [row(pos=11, ref="ACA", alt="A")], None) == ["chr1-11-ACA-A"]
