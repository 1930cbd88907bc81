"""What inspect says of PLINK filesets that are not sound."""

import gzip
import re
from pathlib import Path

import pytest

from tests.ingest.made_plink import BIM, CALLS, IIDS, PVAR, write_bed, write_pgen
from tests.ingest.made_vcf import told

FAM = [f"fam1 {iid} 0 0 0 -9" for iid in IIDS]

BIMS = {
    "ragged": (["1 rs1 0 10 C A", "1 rs2 0 20 G", BIM[2]], r"t\.bim, line 2: found 5 columns; expected 6"),
    "empty line": ([BIM[0], "", BIM[2]], r"t\.bim, line 2: found an empty line; expected 6 columns"),
    "A1 0": (["1 rs1 0 10 0 A", *BIM[1:]], r"t\.bim, line 1: found A1 0, an allele that is not known"),
    "A2 0": (["1 rs1 0 10 C 0", *BIM[1:]], r"line 1: found A2 0, .*; give the variant its alleles"),
    "I/D": (["1 rs1 0 10 I D", *BIM[1:]], r"line 1: found REF 'D'; .*plink2 --exclude"),
    "comma": (["1 rs1 0 10 C,G A", *BIM[1:]], r"line 1: found ALT 'C,G' with REF 'A'"),
    "same": (["1 rs1 0 10 A A", *BIM[1:]], r"line 1: found ALT 'A' with REF 'A'"),
    "position 0": (["1 rs1 0 0 C A", *BIM[1:]], r"t\.bim, line 1: found POS 0 on 1; expected 1 to"),
    "position": (["1 rs1 0 -5 C A", *BIM[1:]], r"line 1: found POS '-5'; expected a whole number"),
    "unsorted": (["1 rs1 0 30 C A", *BIM[1:]], r"t\.bim, line 2: found POS 20 after 30 .*--sort-vars"),
    "split": ([BIM[0], BIM[2], BIM[1]], r"t\.bim, line 3: found 1 again, after .*plink2 .*--sort-vars"),
    "XY": ([*BIM[:2], "XY . 0 5 C A"], r"line 3: found contig 'XY'; .*plink2 --merge-x"),
    "25": ([*BIM[:2], "25 . 0 5 C A"], r"line 3: found contig '25'; .*plink2 --merge-x"),
    "unplaced": (["0 . 0 5 C A", *BIM[1:]], r"line 1: found contig '0'; expected a human chromosome"),
    "twice": ([BIM[0], "1 rs9 0 10 C A", BIM[2]], r"t\.bed: found 1 variants more than once \(chr1-10-A-C\).*--rm-dup"),
    "too few": (BIM[:2], r"t\.bed: found calls of 3 variants; expected 2, the variants of t\.bim"),
    "too many": ([*BIM, "X . 0 9 A C"], r"t\.bed: found calls of 3 variants; expected 4, the variants of"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BIMS)
def test_bad_lines_of_a_bim_are_told(tmp_path: Path, kind: str) -> None:
    bim, pattern = BIMS[kind]
    assert re.search(pattern, told(write_bed(tmp_path, bim=bim)))


FAMS = {
    "ragged": ([*FAM[:4], "fam1 vialE 0 0 0"], r"t\.fam, line 5: found 5 columns; expected 6"),
    "empty line": ([*FAM[:2], "", *FAM[2:]], r"t\.fam, line 3: found an empty line; expected 6"),
    "none": ([], r"t\.fam: found no samples; expected a line a sample"),
    "duplicate": ([*FAM[:4], FAM[1].replace("fam1", "fam2")], r"t\.fam, lines 2, 5: found the same IID in all of them; .*--update-ids"),
    "too few": (FAM[:4], r"t\.bed: found calls of 6 variants; expected 3"),
    "too many": ([*FAM, *(f"f vial{i} 0 0 0 -9" for i in range(9))], r"t\.bed: found 9 bytes; expected 3, and 4 for each variant: t\.fam has 14 samples"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAMS)
def test_bad_lines_of_a_fam_are_told_and_name_nobody(tmp_path: Path, kind: str) -> None:
    fam, pattern = FAMS[kind]
    text = told(write_bed(tmp_path, fam=fam))
    assert re.search(pattern, text)
    assert "vial" not in text


PVARS = {
    "ragged": ([PVAR[0], "1 20 rs2 T", PVAR[2]], r"t\.pvar, line 3: found 4 columns; expected 5"),
    "empty line": ([PVAR[0], "", PVAR[2]], r"t\.pvar, line 3: found an empty line"),
    "header": ([*PVAR[:2], "#X 5 . T A"], r"t\.pvar, line 4: found a header line among the rows"),
    "position": (["1 ten rs1 A C", *PVAR[1:]], r"t\.pvar, line 2: found POS 'ten'; expected a whole"),
    "position 0": (["1 0 rs1 A C", *PVAR[1:]], r"t\.pvar, line 2: found POS 0 on 1; expected 1 to"),
    "unsorted": ([PVAR[1], PVAR[0], PVAR[2]], r"t\.pvar, line 3: found POS 10 after 20 on 1; .*--sort-vars"),
    "alt": (["1 10 rs1 A C;T", *PVAR[1:]], r"line 2: found ALT 'C;T' with REF 'A'"),
    "PAR1": ([*PVAR[:2], "PAR1 5 . TA T"], r"t\.pvar, line 4: found contig 'PAR1'; .*--merge-par"),
    "two names": ([PVAR[0], "chr1 20 rs2 T G", PVAR[2]], r"line 3: found contig 'chr1', which further up is '1'; .*plink2"),
    "too few": (PVAR[:2], r"t\.pgen: found calls of 3 variants; expected 2, the variants of t\.pvar"),
    "too many": ([*PVAR, "X 9 . A C"], r"t\.pgen: found calls of 3 variants; expected 4"),
}  # fmt: skip


@pytest.mark.parametrize("kind", PVARS)
def test_bad_lines_of_a_pvar_are_told(tmp_path: Path, kind: str) -> None:
    pvar, pattern = PVARS[kind]
    assert re.search(pattern, told(write_pgen(tmp_path, pvar=pvar)))


def test_qual_that_is_no_number_is_told(tmp_path: Path) -> None:
    columns = "#CHROM POS ID REF ALT QUAL"
    rows = [f"{line} {qual}" for line, qual in zip(PVAR, ("1e2", ".", "high"), strict=True)]
    text = told(write_pgen(tmp_path, pvar=rows, columns=columns))
    assert "t.pvar, line 4: found QUAL 'high'; expected a number or '.'" in text


def test_gvcf_records_of_a_pvar_are_refused(tmp_path: Path) -> None:
    columns = "#CHROM POS ID REF ALT INFO"
    rows = ["1 10 . A . END=15", *(f"{line} ." for line in PVAR[1:])]
    assert "t.pvar, line 2: found a gVCF record" in told(
        write_pgen(tmp_path, pvar=rows, columns=columns)
    )


def test_records_of_any_other_allele_alone_are_refused(tmp_path: Path) -> None:
    text = told(write_pgen(tmp_path, pvar=["1 10 . A <*>", *PVAR[1:]]))
    assert "t.pvar, line 2: found a gVCF record" in text


def test_many_of_a_kind_are_counted_under_their_own_file(tmp_path: Path) -> None:
    bim = [f"1 rs{pos} 0 {pos} 0 A" for pos in range(1, 9)]
    text = told(write_bed(tmp_path, CALLS[:2] * 4, bim))
    assert "t.bim: found and 3 more: variants without one of their alleles" in text


HEADERS = {
    "no header": ("1 5 . A C", r"t\.pvar: found no #CHROM line; expected a header line"),
    "column": ("#CHROM POS REF ALT", r"t\.pvar, line 1: found a #CHROM line without one of the"),
}


@pytest.mark.parametrize("kind", HEADERS)
def test_header_of_a_pvar_is_checked(tmp_path: Path, kind: str) -> None:
    columns, pattern = HEADERS[kind]
    assert re.search(pattern, told(write_pgen(tmp_path, columns=columns)))


PSAMS = {
    "duplicate": (["#FID IID", "a vialA", "b vialB", "c vialA", "d vialC", "e vialD"], r"t\.psam, lines 2, 4: found the same IID in all of them"),
    "ragged": (["#IID SEX", *(f"{iid} 1" for iid in IIDS[:4]), "vialE"], r"t\.psam, line 6: found 1 columns; expected 2"),
    "no IID": (["#FID SEX", *(f"{iid} 1" for iid in IIDS)], r"t\.psam, line 1: found a header without IID"),
    "too few": (["#IID", *IIDS[:4]], r"t\.pgen: found 5 samples; expected 4, the samples of t\.psam"),
}  # fmt: skip


@pytest.mark.parametrize("kind", PSAMS)
def test_bad_lines_of_a_psam_are_told_and_name_nobody(tmp_path: Path, kind: str) -> None:
    psam, pattern = PSAMS[kind]
    text = told(write_pgen(tmp_path, psam=psam))
    assert re.search(pattern, text)
    assert "vial" not in text


@pytest.mark.parametrize("name", ["t.bim", "t.fam"])
def test_missing_table_of_a_bed_is_told(tmp_path: Path, name: str) -> None:
    path = write_bed(tmp_path)
    (tmp_path / name).unlink()
    assert f"t.bed: found no {name} beside it; expected the three files" in told(path)


@pytest.mark.parametrize(
    ("name", "found"), [("t.pvar", "no t.pvar or t.pvar.zst"), ("t.psam", "no t.psam")]
)
def test_missing_table_of_a_pgen_is_told(tmp_path: Path, name: str, found: str) -> None:
    path = write_pgen(tmp_path)
    (tmp_path / name).unlink()
    assert f"t.pgen: found {found} beside it; expected the three files" in told(path)


def test_two_tables_of_variants_are_told(tmp_path: Path) -> None:
    path = write_pgen(tmp_path)
    (tmp_path / "t.pvar.zst").write_bytes(b"")
    assert "t.pgen: found both t.pvar and t.pvar.zst beside it; expected one of them" in told(path)


def test_table_of_variants_that_is_not_whole_zstd_is_told(tmp_path: Path) -> None:
    path = write_pgen(tmp_path)
    (tmp_path / "t.pvar").unlink()
    (tmp_path / "t.pvar.zst").write_bytes(b"\x28\xb5\x2f\xfd" + b"broken" * 9)
    assert "t.pvar.zst: found zstd data that breaks off or is damaged" in told(path)


def test_bytes_that_are_not_utf8_are_told(tmp_path: Path) -> None:
    path = write_bed(tmp_path)
    (tmp_path / "t.bim").write_bytes((tmp_path / "t.bim").read_bytes().replace(b"rs2", b"r\xe92"))
    assert "t.bim, line 2: found bytes that are not UTF-8 text (at byte 4 of the line)" in told(
        path
    )
    (tmp_path / "t.fam").write_bytes(b"\xff\n")
    assert "t.fam: found bytes that are not UTF-8 text; expected UTF-8" in told(path)


def test_truncated_bed_is_told(tmp_path: Path) -> None:
    path = write_bed(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    assert "t.bed: found 8 bytes; expected 3, and 2 for each variant: t.fam has 5" in told(path)
    path.write_bytes(path.read_bytes()[:-1])
    assert "t.bed: found calls of 2 variants; expected 3, the variants of t.bim" in told(path)


def test_truncated_pgen_is_told(tmp_path: Path) -> None:
    data = write_pgen(tmp_path).read_bytes()
    path = tmp_path / "t.pgen"
    path.write_bytes(data[:-1])
    text = told(path)
    assert f"t.pgen: found {len(data) - 1} bytes; expected {len(data)}, as its header says" in text
    path.write_bytes(data + b"\0")
    assert f"t.pgen: found {len(data) + 1} bytes; expected {len(data)}" in told(path)
    path.write_bytes(data[:16])
    assert "t.pgen: found a header that breaks off; expected a whole PLINK fileset" in told(path)


def test_damaged_record_of_a_pgen_is_told(tmp_path: Path) -> None:
    calls = [[0] * 200, [0, 1] * 100, [0] * 199 + [2]]
    iids = ["#IID", *(f"vial{i}" for i in range(200))]
    path = write_pgen(tmp_path, calls, psam=iids)
    data = bytearray(path.read_bytes())
    data[-3:] = b"\xff\xff\xff"
    path.write_bytes(data)
    text = told(path)
    assert "t.pgen: found a record that pgenlib cannot read, among variants 3 to 3;" in text


WRONG = {
    b"\x6c\x1b\x00\xdc": ("t.bed", r"found a PLINK 1 \.bed file that is sample-major .*plink1\.9 --bfile NAME --make-bed"),
    b"\xdc\x0f\x01\x00": ("t.bed", r"t\.bed: found first bytes dc 0f 01; .*PLINK's start with 6c 1b"),
    b"\x6c\x1b\x10\x00": ("t.bed", r"found a PLINK \.pgen file under another name; expected a name that ends with \.pgen"),
    b"\x6c\x1b\x01\x00": ("t.vcf", r"found a PLINK \.bed file under another name"),
    b"\x6c\x1b\x20\x00": ("t.pgen", r"found a \.pgen whose index is a file of its own; .*--make-pgen"),
    b"\x6c\x1b\x77" + b"\x01\0\0\0" * 3: ("t.pgen", r"t\.pgen: found a storage mode that is not read \(bytes 0x77, 0x01\)"),
    b"##contig=<ID=1>\n": ("t.pvar", r"found a table beside a PLINK file; .*name the \.pgen or \.bed"),
    gzip.compress(b"\x6c\x1b\x01\xdc"): ("t.bed", r"found a packed PLINK file; .*unpack it"),
}  # fmt: skip


@pytest.mark.parametrize("start", WRONG, ids=lambda start: start[:4].hex())
def test_wrong_first_bytes_or_names_are_told(tmp_path: Path, start: bytes) -> None:
    write_bed(tmp_path)
    write_pgen(tmp_path)
    name, pattern = WRONG[start]
    (tmp_path / name).write_bytes(start)
    assert re.search(pattern, told(tmp_path / name))
