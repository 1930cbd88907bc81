"""Rows that the compiled pass and the careful look must not see differently."""

import re
from pathlib import Path

import pytest

from alsrev_dagster.ingest import text_chunk
from alsrev_dagster.ingest.genotype_file import Reading
from alsrev_dagster.ingest.vcf_row import RowLook
from tests.ingest.made_vcf import bgzf, row, sound, told, vcf_text, write_vcf

ODD = {
    "field behind GT alone": ([row("0/1:35 0/0")], "line 4, column 10: found a call with 2 fields"),
    "the same, last": ([row("0/1 0/0:35")], "line 4, column 11: found a call with 2 fields"),
    "two returns": ([row("0/1 0/0\r\r")], r"column 11: found GT '0/0\\r'"),
    "return inside": ([row("0/1\r 0/0")], r"column 10: found GT '0/1\\r'"),
    "allele of 5,000 digits": ([row(f"0/{'9' * 5000} 0/0")], r"expected allele numbers up to 1"),
    "empty ID": ([row(id="")], r"line 4: found an empty ID; expected a value, or '\.' for none"),
    "empty FILTER": ([row(filter="")], r"line 4: found an empty FILTER"),
    "empty INFO": ([row(info="")], r"line 4: found an empty INFO"),
    "empty FORMAT": ([row(), row(pos=11, format="")], r"line 5: found an empty FORMAT"),
    "empty QUAL": ([row(qual="")], r"line 4: found QUAL ''; expected a number or '\.'"),
    "QUAL in other digits": ([row(qual="\u0661")], "found QUAL '\u0661'"),
    "FILTER half empty": ([row(filter="PASS;")], r"found FILTER 'PASS;'; expected PASS, '\.', or"),
    "FILTER with a dot": ([row(filter=".;q10")], r"found FILTER '\.;q10'"),
    "field beyond FORMAT": (
        [row("0/0:35 0/1:20:7", format="GT:GQ")],
        r"line 4, column 11: found a call with 3 fields; expected 2 at most, as many as FORMAT "
        r"has keys \(GT:GQ\)",
    ),
    "the same, others cut short": (
        [row("0/0 0/1:20:7", format="GT:GQ")],
        "line 4, column 11: found a call with 3 fields",
    ),
    "the same, without GT": (
        [row("35:1 20", format="DP")],
        "column 10: found a call with 2 fields",
    ),
    "field behind GT alone, two ALT": (
        [row("0/1:35 0/0", alt="G,T")],
        "line 4, column 10: found a call with 2 fields",
    ),
    "the same, last, no ALT": ([row("./. ./.:35", alt=".")], "column 11: found a call with 2"),
    "the same, a star": ([row("0/1 0/0:35", alt="G,*")], "column 11: found a call with 2 fields"),
    "NUL behind GT alone, two ALT": ([row("0/1:\0 0/0", alt="G,T")], r"\(byte 0x00\) in a call"),
    "NUL in a call": (
        [row("0/0:3\0 0/1:20", format="GT:GQ")],
        r"line 4, column 10: found a control character \(byte 0x00\) in a call; expected text that "
        "can be read; copy the file again",
    ),
    "return in a call": ([row("0/0:3\r 0/1:2", format="GT:GQ")], r"\(byte 0x0d\) in a call"),
    "NUL in INFO": (
        [row(info="DP=\0")],
        r"line 4: found a control character \(byte 0x00\) in INFO",
    ),
    "escape in ID": ([row(id="rs\x1b1")], r"\(byte 0x1b\) in ID"),
    "left out between": (
        [row(), row(chrom="GL000192.1"), row(pos=11)],
        r"line 6: found chr1 again, after other chromosomes; .*bcftools sort",
    ),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_rows_are_told(tmp_path: Path, kind: str) -> None:
    rows, pattern = ODD[kind]
    path = tmp_path / "t.vcf"
    path.write_bytes(vcf_text(rows).encode())
    assert re.search(pattern, told(path))


def test_filters_that_are_lists_of_names_are_kept(tmp_path: Path) -> None:
    filters = ["PASS", ".", "q10", "q10;s50", "STD_FILTER;PASS", "my filter", "0"]
    rows = [row(pos=number, filter=text) for number, text in enumerate(filters, start=1)]
    (block,) = Reading(write_vcf(tmp_path, rows)).blocks()
    assert block.rows.filter.to_pylist() == [None if t == "." else t for t in filters]


def test_what_the_compiled_pass_cannot_read_is_told_whatever_the_careful_look_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RowLook, "look", lambda *_: None)
    monkeypatch.setattr(RowLook, "look_at_fixed", lambda *_: None)
    for bad in (row("0/1 0/x"), row(pos="1e3"), "chr1\t5"):
        text = told(write_vcf(tmp_path, [row(pos=1), bad]))
        assert "line 5: found a row that is not one as the VCF specification has it" in text


NO_LOOK = {
    "spanning deletion": {"alt": "C,*"},
    "the same, symbolic": {"alt": "C,<*:DEL>"},
    "symbolic": {"alt": "<DEL>"},
    "exponent": {"qual": "5.1e-05"},
    "negative": {"qual": "-10"},
}


@pytest.mark.parametrize("kind", NO_LOOK)
def test_what_callers_write_every_day_is_not_looked_at(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RowLook, "look_at_fixed", None)
    assert sound(write_vcf(tmp_path, [row(**NO_LOOK[kind])])).n_record == 1


FIXED_ALONE = {
    "not seen": {"alt": "C,<*>"},
    "breakend": {"alt": "A[chr1:77["},
    "QUAL of many digits": {"qual": "5.123456789012345678"},
    "no GT": {"format": "DP"},
}


@pytest.mark.parametrize("kind", FIXED_ALONE)
def test_calls_are_looked_at_only_where_they_are_odd(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RowLook, "look", None)
    rows = [row(), row(pos=11, **FIXED_ALONE[kind])]
    (block,) = Reading(write_vcf(tmp_path, rows)).blocks()
    qual = float(FIXED_ALONE[kind].get("qual", "nan"))
    assert block.rows.qual[1] == pytest.approx(qual, rel=0, nan_ok=True)


@pytest.mark.parametrize(
    "alt", ["<DEL", "<>", "<A<B>>", "<A B>", "<NON_REF>", "A,<NON_REF>", "<DÉL>x", "C,", "<DEL>C"]
)
def test_alts_that_only_look_symbolic_are_told(tmp_path: Path, alt: str) -> None:
    assert re.search(r"line 4: found (ALT|a gVCF)", told(write_vcf(tmp_path, [row(alt=alt)])))


@pytest.mark.parametrize("half", ["0/1", "0/1 0/0 0/0"])
def test_alleles_that_are_not_utf8_are_told_wherever_they_stand(tmp_path: Path, half: str) -> None:
    """Two at one position would be compared as text."""
    samples = " ".join("abc"[: len(half.split())])
    rows = [*[row(half, pos=pos) for pos in range(1, 60)], row(half, pos=60, alt="?")]
    data = vcf_text([*rows, row(half, pos=60, alt="?C")], samples).encode()
    path = tmp_path / "t.vcf"
    path.write_bytes(data.replace(b"?", b"\xff"))
    reading = Reading(path, n_group_byte=200)
    for _ in reading.blocks():
        """Read to the end."""
    assert "line 63: found bytes that are not UTF-8" in "\n".join(map(str, reading.problems.all()))


def test_contig_length_of_5000_digits_is_no_length(tmp_path: Path) -> None:
    meta = f"##contig=<ID=chr1,length={'9' * 5000}>\n##contig=<ID=chr2,length=77>\n"
    assert sound(write_vcf(tmp_path, [row()], meta=meta)).contig_lengths == {"chr2": 77}


def test_line_without_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_chunk, "_LINE_BYTE_MAX", 1000)
    path = tmp_path / "t.vcf"
    data = vcf_text([row(), row(pos=11, info="N=" + "x" * 3000)]).encode()
    for packed in (data, bgzf(data)):
        path.write_bytes(packed)
        reading = Reading(path, n_group_byte=200)
        for _ in reading.blocks():
            """Read to the end."""
        (problem,) = reading.problems.all()
        assert re.fullmatch(r"t\.vcf, after line \d", problem.where)
        assert problem.found == "a line of more than 1,000 bytes"


CUT = {
    "fewer fields": (row("0/1:3", format="GT:DP"), 2),
    "haploid": (row("0/1"), 2),
    "one digit less": (row("0/12", alt=",".join("A" * n for n in range(2, 15))), 1),
}


@pytest.mark.parametrize("kind", CUT)
def test_only_sample_cut_in_its_last_call_is_told(tmp_path: Path, kind: str) -> None:
    last, n_cut = CUT[kind]
    path = tmp_path / "t.vcf"
    path.write_text(vcf_text([last], "a")[: -1 - n_cut])
    assert "a last line without a line end, whose last call may be cut" in told(path)
    path.write_text(vcf_text([last], "a")[:-1])
    sound(path)


def test_bcf_text_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.bcf"
    path.write_bytes(_bcf(b"\xff"))
    assert "record 1: found bytes that are not UTF-8 text; expected UTF-8" in told(path)
    path.write_bytes(_bcf(b"C"))
    assert sound(path).n_record == 1


def _bcf(alt: bytes) -> bytes:
    """One record at chr1:10 with one call of 0/1 (BCF2 specification, section 6.3)."""
    fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "a"]
    meta = '##fileformat=VCFv4.2\n##FILTER=<ID=PASS,Description="All">\n##contig=<ID=chr1>\n'
    gt = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    header = (meta + gt + "\t".join(fixed) + "\n").encode() + b"\0"
    place = [0, 9, 1, 0x7F800001]  # contig, position from 0, bases of REF, no QUAL
    counts = [2 << 16, 1 << 24 | 1]  # two alleles; one FORMAT field, one sample
    text = b"\x07\x17A\x17" + alt + b"\x11\x00"
    shared = b"".join(number.to_bytes(4, "little") for number in (*place, *counts)) + text
    calls = b"\x11\x01" + b"\x21\x02\x04"
    sizes = len(shared).to_bytes(4, "little") + len(calls).to_bytes(4, "little")
    return bgzf(b"BCF\2\2" + len(header).to_bytes(4, "little") + header + sizes + shared + calls)


@pytest.mark.parametrize("n_sample", [1, 2, 9, 40])
@pytest.mark.parametrize("length", [1, 5, 30])
def test_one_field_too_many_is_found_wherever_it_stands(
    tmp_path: Path, n_sample: int, length: int
) -> None:
    samples = " ".join(f"s{n}" for n in range(n_sample))
    whole = f"0/1:{'7' * length}:3"
    path = tmp_path / "t.vcf"
    for odd in range(-1, n_sample):
        calls = [whole + ":1" * (n == odd) for n in range(n_sample)]
        text = vcf_text([row(" ".join(calls), format="GT:GQ:DP")], samples=samples)
        path.write_bytes(text.encode())
        if odd < 0:
            assert sound(path).n_record == 1
        else:
            assert f"line 4, column {odd + 10}: found a call with 4 fields" in told(path)
