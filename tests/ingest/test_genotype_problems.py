"""What inspect says of files that are not sound, word for word where it matters."""

import gzip
import re
from pathlib import Path

import pytest
from cyvcf2 import VCF, Writer

from alsrev_dagster.ingest.genotype_file import inspect
from tests.ingest.made_vcf import BGZF_END, DATA, bgzf, row, sound, told, vcf_text, write_vcf

LENGTH = "##contig=<ID=chr1,length=1000>\n"
BAD_ROWS = {
    "ragged": (["chr1\t5"], r"t\.vcf, line 5: found 2 columns; expected 11 columns"),
    "joined": ([row("0/1 0/0 0/0")], r"line 5: found 12 columns; expected 11"),
    "empty line": ([row(), "", row(pos=11)], r"line 6: found an empty line"),
    "pos text": ([row(pos="1e3")], r"line 5: found POS '1e3'; expected a whole number"),
    "pos 0": ([row(pos=0)], r"line 5: found POS 0 on chr1; expected 1 to 1,000"),
    "pos high": ([row(pos=1001)], r"found POS 1001 on chr1; expected 1 to 1,000, the length"),
    "qual": ([row(qual="high")], r"found QUAL 'high'; expected a number or '\.'"),
    "ref": ([row(ref="R")], r"line 5: found REF 'R'; expected bases A, C, G, T or N"),
    "alt": ([row(alt="C;T")], r"found ALT 'C;T' with REF 'A'"),
    "alt is ref": ([row(alt="C,a")], r"found ALT 'a' with REF 'A'"),
    "unsorted": ([row(), row(pos=9)], r"line 6: found POS 9 after 10 on chr1; .*bcftools sort"),
    "split": (
        [row(), row(chrom="chr2"), row(pos=11)],
        r"line 7: found chr1 again, after other chromosomes; .*bcftools sort",
    ),
    "two names": ([row(), row(chrom="1", pos=11)], r"contig '1', which further up is 'chr1'"),
    "contig": ([row(chrom="scaffold_7")], r"line 5: found contig 'scaffold_7'; .*rename-chrs"),
    "plink XY": ([row(chrom="25")], r"found contig '25'; expected a human chromosome"),
    "gvcf": (
        [row(alt="<NON_REF>", info="END=20"), row(pos=30, alt="<NON_REF>", info="END=40")],
        r"line 5: found a gVCF record .*GenotypeGVCFs[\s\S]*and 1 more: gVCF records",
    ),
    "gvcf <*>": ([row(alt="<*>", info="DP=1;END=20")], r"found a gVCF record"),
    "gvcf <*> alone": ([row(alt="<*>", call="0/0 0/0")], r"line 5: found a gVCF record"),
    "gvcf LEN": (
        [row("0/1:. 0/0:9", alt="C,<*>", format="GT:LEN")],
        r"line 5: found a gVCF record \(ALT <NON_REF>, ALT <\*> alone, or a reference block with "
        r"END= or LEN\); expected a VCF of called variants",
    ),
    "gvcf LEN of a plain record": (
        [row("0/1:.:3 0/0:9:3", format="GT:LEN:DP")],
        r"line 5: found a gVCF record",
    ),
    "gvcf block": ([row(alt=".", info="END=20", call="0/0 0/0")], r"found a gVCF record"),
    "no GT": (
        [row("3 4", format="DP"), row("3 4", format="DP", pos=11)],
        r"t\.vcf: found no GT in the FORMAT of any record \(2 records without GT\)",
    ),
    "GT second": ([row("3:0/1 3:0/1", format="DP:GT")], r"found GT not first in FORMAT 'DP:GT'"),
    "GT text": ([row("0/1 0/x")], r"line 5, column 11: found GT '0/x'; expected one or two"),
    "GT empty": ([row("0/1 ")], r"line 5, column 11: found GT ''"),
    "GT number": ([row("0/2 0/0")], r"column 10: found GT '0/2'; expected allele numbers up to 1"),
    "GT triploid": ([row("0/0/1 0/0")], r"column 10: found GT '0/0/1'; expected one or two"),
    "no records": ([], r"found a header and no records; expected at least one record"),
    "second header": (
        [row(), *vcf_text([]).splitlines()],
        r"line 6: found a second header line; .*bcftools concat or merge",
    ),
}


@pytest.mark.parametrize("kind", BAD_ROWS)
def test_bad_rows_are_told_with_their_line(tmp_path: Path, kind: str) -> None:
    rows, pattern = BAD_ROWS[kind]
    assert re.search(pattern, told(write_vcf(tmp_path, rows, meta=LENGTH)))


@pytest.mark.parametrize("kind", sorted(set(BAD_ROWS) - {"no records"}))
def test_bad_rows_are_told_of_packed_files_too(tmp_path: Path, kind: str) -> None:
    rows, _ = BAD_ROWS[kind]
    plain = told(write_vcf(tmp_path, rows, meta=LENGTH, name="t.vcf"))
    packed = tmp_path / "t.vcf.gz"
    packed.write_bytes(bgzf((tmp_path / "t.vcf").read_bytes()))
    assert told(packed) == plain.replace("t.vcf", "t.vcf.gz")


BEYOND = {
    "chr1": (249_250_621, 249_250_622),
    "2": (243_199_373, 2_000_000_000),
    "chrX": (156_040_895, 156_040_896),
    "chrM": (16_571, 16_572),
}
"""Last position on the longer of GRCh37 and GRCh38 (chrM: of UCSC's hg19), and one behind it."""


@pytest.mark.parametrize("chrom", BEYOND)
@pytest.mark.parametrize("meta", ["", "##contig=<ID=chr7,length=9>\n"])
def test_positions_behind_every_build_are_told_without_lengths_in_the_header(
    tmp_path: Path, chrom: str, meta: str
) -> None:
    last, behind = BEYOND[chrom]
    sound(write_vcf(tmp_path, [row(chrom=chrom, pos=last)], meta=meta))
    text = told(write_vcf(tmp_path, [row(chrom=chrom, pos=behind)], meta=meta))
    name = chrom if chrom.startswith("chr") else f"chr{chrom}"
    expected = f"expected 1 to {last:,}, the length of {name} on the build where it is longest"
    assert f"found POS {behind} on {chrom}; {expected}; " in text


def test_positions_on_contigs_left_out_have_no_end(tmp_path: Path) -> None:
    sound(write_vcf(tmp_path, [row(), row(chrom="chrUn_KI270742v1", pos=300_000_000)]))


HEADERS = {
    "duplicate": ("s1 s2 s1 s2 s3", r"line 3, columns 10, 12: found the same sample name"),
    "empty": ("s1  s2", r"line 3, column 11: found an empty sample name"),
}


@pytest.mark.parametrize("kind", HEADERS)
def test_sample_names_are_checked_and_not_told(tmp_path: Path, kind: str) -> None:
    samples, pattern = HEADERS[kind]
    calls = " ".join(["0/1"] * len(samples.split(" ")))
    text = told(write_vcf(tmp_path, [row(calls)], samples=samples))
    assert re.search(pattern, text)
    assert not re.search(r"\bs[123]\b", text)


def test_sites_only_file_has_no_samples(tmp_path: Path) -> None:
    path = tmp_path / "t.vcf"
    path.write_text("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
    assert "line 2: found no samples; expected a FORMAT column" in told(path)


def test_missing_or_malformed_column_line(tmp_path: Path) -> None:
    path = tmp_path / "t.vcf"
    path.write_text("##fileformat=VCFv4.2\n" + row() + "\n")
    assert "t.vcf: found no #CHROM line" in told(path)
    path.write_text(vcf_text([row()]).replace("#CHROM\tPOS", "#CHROM POS"))
    assert "line 3: found a #CHROM line whose first columns are not the fixed ones" in told(path)


@pytest.mark.parametrize("version", ["VCFv3.3", "VCFgarbage", "VCFv", "VCFv4", "VCFv4.2x", "VCF"])
def test_versions_that_are_not_read_are_told(tmp_path: Path, version: str) -> None:
    path = tmp_path / "t.vcf"
    path.write_text(vcf_text([row()]).replace("VCFv4.2", version))
    text = told(path)
    assert f"t.vcf, line 1: found fileformat {version!r}; expected VCFv4.0 to VCFv4.5; " in text
    assert "write the file again as VCF 4 (bcftools view; of VCF 3, vcf-convert" in text


@pytest.mark.parametrize("version", ["4.0", "4.5", "4.6", "5.0", "9.9", "4.10"])
def test_newer_versions_are_read_and_noted(tmp_path: Path, version: str) -> None:
    path = tmp_path / "t.vcf"
    path.write_text(vcf_text([row()]).replace("VCFv4.2", f"VCFv{version}"))
    note = f"written as VCF {version}, newer than this reader knows (4.5)"
    assert sound(path).notes == (() if version in ("4.0", "4.5") else (note,))


def test_every_problem_is_told_at_once_and_repeats_are_counted(tmp_path: Path) -> None:
    rows = [row("0/9 0/x", pos=pos) for pos in range(1, 10)] + [row(ref="?", pos=5)]
    text = told(write_vcf(tmp_path, rows))
    assert text.count("found GT") == 5
    assert "t.vcf: found and 13 more: genotypes that cannot be read" in text
    assert "found REF '?'" in text
    assert "found POS 5 after 9" in text


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "t.vcf"
    path.write_bytes(vcf_text([row(info="A=caf\u00e9")]).encode("latin-1"))
    assert re.search(r"line 4: found bytes that are not UTF-8 .*iconv", told(path))
    path.write_text(vcf_text([row(info="A=caf\u00e9")]), encoding="utf-8")
    sound(path)


def test_wrong_call_of_a_bcf_is_told_by_its_column_and_not_its_name(tmp_path: Path) -> None:
    rows = [row("0/0 0/1 ./. 0/1"), row("0/1 ./. 0 0/2", pos=17), row("0/1 0/3 1 0/2", pos=18)]
    text = told(_bcf(tmp_path, rows, "vialA vialB vialC vialD"))
    expected = "expected allele numbers up to 1, the ALT alleles of the record; write the file"
    assert f"t.bcf, record 2 (chr1:17), column 13: found GT 0/2; {expected}" in text
    assert f"t.bcf, record 3 (chr1:18), column 11: found GT 0/3; {expected}" in text
    assert "vial" not in text


@pytest.mark.parametrize("cut", [3, 30, 800, -200, -28, -27, -1])
def test_truncated_copy_is_told(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "t.vcf.gz"
    path.write_bytes(bgzf(vcf_text([row(pos=pos) for pos in range(1, 200)]).encode())[:cut])
    assert re.search(
        r"found (gzip data that breaks off|a BGZF file without its 28-byte end marker)", told(path)
    )


def test_damaged_byte_is_told(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(vcf_text([row(pos=pos) for pos in range(1, 200)]).encode()))
    data[len(data) // 2] ^= 1
    path = tmp_path / "t.vcf.gz"
    path.write_bytes(data)
    assert "found gzip data that breaks off or is damaged" in told(path)


@pytest.mark.parametrize("cut", [2, 3, 4])
def test_text_cut_inside_its_last_call_is_told(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "t.vcf"
    path.write_text(vcf_text([row("0/1 0/1")])[:-cut])
    assert "line 4" in told(path)


FIRST_BYTES = {
    b"": "found an empty file",
    b"PK\x03\x04....": "found a zip archive or spreadsheet",
    b"BAM\x01....": "found a BAM file",
    b"TBI\x01....": "found a tabix index",
    b"\xef\xbb\xbf##fileformat=VCFv4.2\n": "found a byte-order mark",
    b"#CHROM\tPOS\n": "found a VCF without its ##fileformat=VCF line",
    b"<!DOCTYPE html>": "found an HTML or XML page",
    b"sample_id,sex\nP001,F\n": "found text that is not VCF",
    b"\x00\x01\x02\x03": "found binary data",
    b"\x1f\x8b\x08\x00": "found gzip data that breaks off or is damaged at its start",
    gzip.compress(b"", mtime=0): "found an empty gzip file",
    BGZF_END: "found an empty gzip file",
    gzip.compress(
        gzip.compress(b"##fileformat=VCFv4.2", mtime=0), mtime=0
    ): "found a gzip file inside a gzip file",
}


@pytest.mark.parametrize("start", FIRST_BYTES, ids=FIRST_BYTES.values())
def test_other_files_are_named_without_their_contents(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "t.vcf.gz"
    path.write_bytes(start)
    text = told(path)
    assert re.search(FIRST_BYTES[start], text)
    assert "P001" not in text


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    assert "gone.vcf: found no such file" in told(tmp_path / "gone.vcf")
    assert "found a folder or device" in told(tmp_path)


def test_unreadable_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_vcf(tmp_path, [row()])
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "found a file you may not read; " in told(path)


def _bcf(folder: Path, rows: list[str], samples: str = "s1 s2") -> Path:
    fields = "".join(
        f'##FORMAT=<ID={n},Number=1,Type=Integer,Description="x">\n' for n in ("LEN", "DP")
    )
    meta = (
        fields
        + "##contig=<ID=chr1>\n##contig=<ID=scaffold_7>\n##INFO=<ID=END,Number=1,Type=Integer,"
    )
    source = VCF(str(write_vcf(folder, rows, samples, meta + 'Description="End">\n')))
    path = folder / "t.bcf"
    writer = Writer(str(path), source, mode="wb")
    for record in source:
        writer.write_record(record)
    writer.close()
    return path


BCF_KINDS = [
    "ref",
    "alt is ref",
    "unsorted",
    "contig",
    "gvcf",
    "gvcf block",
    "gvcf <*> alone",
    "gvcf LEN",
]


@pytest.mark.parametrize("kind", BCF_KINDS)
def test_bcf_gets_the_same_checks_by_record(tmp_path: Path, kind: str) -> None:
    rows, pattern = BAD_ROWS[kind]
    by_record = re.sub(r"line (\d)", lambda m: f"record {int(m[1]) - 4}", pattern)
    assert re.search(by_record.replace(r"t\.vcf", r"t\.bcf"), told(_bcf(tmp_path, rows)))


@pytest.mark.parametrize("cut", [20, 200, -28, -1])
def test_truncated_bcf_is_told(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "t.bcf"
    path.write_bytes((DATA / "kg_highcov_chr12_60.bcf").read_bytes()[:cut])
    assert "a truncated copy" in told(path) or "breaks off" in told(path)


def test_truncated_unpacked_bcf_is_told(tmp_path: Path) -> None:
    data = gzip.decompress((DATA / "kg_highcov_chr12_60.bcf").read_bytes())
    path = tmp_path / "t.bcf"
    path.write_bytes(data)
    assert sound(path).n_record == 100
    for cut in (100, 30_000, len(data) - 1):
        path.write_bytes(data[:cut])
        _, problems = inspect(path)
        assert problems
