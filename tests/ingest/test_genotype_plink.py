"""PLINK filesets: every genotype, one chromosome alone, what is noted, and the three files."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pgenlib
import pytest
from bed_reader import open_bed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.ingest import genotype_plink
from alsrev_dagster.ingest.callset_files import callset_files
from alsrev_dagster.ingest.genotype_alleles import trimmed
from alsrev_dagster.ingest.genotype_blocks import read_blocks
from alsrev_dagster.ingest.genotype_file import GenotypeFile
from alsrev_dagster.ingest.genotype_rows import variant_ids
from alsrev_dagster.ingest.inspection import Inspector
from alsrev_dagster.ingest.study_file import read_study
from tests.builders import write_study
from tests.ingest.made_plink import CALLS, IIDS, PVAR, write_bed, write_pgen
from tests.ingest.made_vcf import DATA, row, sound, write_vcf

Codes = dict[str, list[int]]
SETS = ["hail_sample2_300.pgen", "b2z_chr22.pgen", "cy_haploidX_200.pgen", "cy_test.bed"]


def _codes(file: GenotypeFile, chromosomes: list[str] | None = None) -> Codes:
    wanted = file.chromosomes if chromosomes is None else chromosomes
    return {
        name: codes
        for block in read_blocks(file, wanted, n_variant=50)
        for name, codes in zip(variant_ids(block).to_pylist(), block.genotype.tolist(), strict=True)
    }


def _copy(folder: Path, name: str) -> Path:
    for path in DATA.glob(f"{Path(name).stem}.*"):
        shutil.copyfile(path, folder / path.name)
    return folder / name


@pytest.mark.parametrize("name", SETS)
def test_every_genotype_is_that_of_the_vcf_it_was_made_from(name: str) -> None:
    ours = _codes(sound(DATA / name))
    assert len(ours) > 99
    assert ours == _codes(sound(DATA / f"{Path(name).stem}.vcf.gz"))


@pytest.mark.parametrize("name", ["hail_sample2_300.pgen", "cy_test.bed"])
def test_one_corrupted_cell_is_seen(tmp_path: Path, name: str) -> None:
    """Of a .pgen in its last record, whose bytes are the last ones of the file."""
    path = _copy(tmp_path, name)
    data = bytearray(path.read_bytes())
    place = 3 + 7 if name.endswith(".bed") else len(data) - 2
    data[place] ^= 0b11
    path.write_bytes(data)
    good, bad = _codes(sound(DATA / name)), _codes(sound(path))
    assert list(good) == list(bad)
    assert sum(a != b for n in good for a, b in zip(good[n], bad[n], strict=True)) == 1


def test_every_genotype_of_the_bed_is_that_of_bed_reader() -> None:
    with open_bed(DATA / "cy_test.bed") as bed:
        copies = bed.read(dtype="int8")  # of A1, -127 for missing
        sites = zip(bed.bp_position, bed.allele_2, bed.allele_1, strict=True)
    names = ["-".join(["chr1", *map(str, trimmed(int(pos), r, a))]) for pos, r, a in sites]
    theirs = dict(zip(names, np.where(copies < 0, 3, copies).T.tolist(), strict=True))
    assert _codes(sound(DATA / "cy_test.bed")) == theirs


def test_fields_are_those_of_the_vcf() -> None:
    def fields(name: str) -> list[tuple[object, ...]]:
        file = sound(DATA / name)
        return [
            row
            for block in read_blocks(file, file.chromosomes)
            for row in zip(
                block.rows.pos.tolist(),
                block.rows.rsid.to_pylist(),
                block.rows.filter.to_pylist(),
                [float(f"{qual:.6g}") for qual in block.rows.qual],  # PLINK 2 keeps six digits
                strict=True,
            )
        ]

    assert fields("b2z_chr22.pgen") == fields("b2z_chr22.vcf.gz")


def test_fileset_says_what_it_is(tmp_path: Path) -> None:
    meta = "##contig=<ID=1,length=1000>\n##reference=GRCh38.fa\n"
    file = sound(write_pgen(tmp_path, meta=meta))
    assert (file.format, file.sample_ids, file.notes) == ("pgen", tuple(IIDS), ())
    assert (file.contig_lengths, file.reference) == ({"chr1": 1000}, "GRCh38.fa")
    assert file.n_record_of == {"chr1": 2, "chrX": 1}
    bed = sound(write_bed(tmp_path))
    assert (bed.format, bed.sample_ids, bed.n_record_of) == (
        "bed",
        file.sample_ids,
        file.n_record_of,
    )
    assert _codes(bed) == _codes(file)
    assert _codes(bed)["chrX-5-TA-T"] == CALLS[2]


def test_a1_of_a_bed_is_alt_and_ref_is_said_to_be_provisional(tmp_path: Path) -> None:
    (note,) = sound(write_bed(tmp_path)).notes
    assert "A1 (the .bim's fifth column) is read as ALT and A2 as REF, as PLINK 2 does" in note
    assert "so REF is provisional" in note


def test_dosages_are_said_not_to_be_read(tmp_path: Path) -> None:
    path = write_pgen(tmp_path)
    with pgenlib.PgenWriter(
        str(path).encode(), 5, variant_ct=3, nonref_flags=True, dosage_present=True
    ) as writer:
        writer.append_dosages(np.array([0, 0.3, 1, 2, -9]))
        for line in CALLS[1:]:
            writer.append_biallelic(np.array(line, dtype=np.int8))
    file = sound(path)
    assert "1 of 3 variants have dosages, which are not read: hard calls alone are" in file.notes
    assert "the .pgen says of every REF that it is provisional" in file.notes[0]
    assert _codes(file)["chr1-10-A-C"] == [0, 3, 1, 2, 3]


@pytest.mark.parametrize("name", ["plain", "zstd", "bed"])
@pytest.mark.parametrize("chrom", ["chr1", "chr2", "chrX"])
def test_one_chromosome_is_read_again_alone(tmp_path: Path, name: str, chrom: str) -> None:
    sites = [(c, pos) for c in ("1", "2", "X") for pos in range(1, 60)]
    calls = [[i % 4, i // 4 % 4, i // 16 % 4, 0, 1] for i in range(len(sites))]
    if name == "bed":
        path = write_bed(tmp_path, calls, [f"{c} . 0 {pos} C A" for c, pos in sites])
    else:
        path = write_pgen(tmp_path, calls, [f"{c} {pos} . A C" for c, pos in sites])
    if name == "zstd":
        _pack(tmp_path / "t.pvar")
    file = sound(path)
    assert set(file.start_of) == (set() if name == "zstd" else set(file.chromosomes))
    everything = _codes(file)
    assert list(everything.values()) == calls
    alone = _codes(file, [chrom])
    assert alone == {n: codes for n, codes in everything.items() if n.startswith(f"{chrom}-")}


def _pack(path: Path) -> None:
    import pyarrow as pa

    with pa.CompressedOutputStream(f"{path}.zst", "zstd") as stream:
        stream.write(path.read_bytes())
    path.unlink()


def test_reading_a_chromosome_alone_takes_only_its_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = sound(write_bed(tmp_path))
    seen: list[int] = []
    packed = genotype_plink.BedCalls.packed

    def counted(self: genotype_plink.BedCalls, variant: object, alt: object) -> object:
        seen.extend(variant.tolist())  # type: ignore[attr-defined]
        return packed(self, variant, alt)  # type: ignore[arg-type]

    monkeypatch.setattr(genotype_plink.BedCalls, "packed", counted)
    assert list(_codes(file, ["chrX"])) == ["chrX-5-TA-T"]
    assert seen == [2]


def test_parts_of_any_size_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _codes(sound(DATA / "hail_sample2_300.pgen"))
    monkeypatch.setattr(genotype_plink, "_BATCH_MIN", 1)
    monkeypatch.setattr(genotype_plink, "_BATCH_BYTE", 700)
    assert _codes(sound(DATA / "hail_sample2_300.pgen")) == whole


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(1, 9), st.data())
def test_any_calls_are_those_that_were_written(
    tmp_path: Path, n_sample: int, data: st.DataObject
) -> None:
    call = st.lists(st.integers(0, 3), min_size=n_sample, max_size=n_sample)
    calls = data.draw(st.lists(call, min_size=1, max_size=12))
    names = [f"vial{i}" for i in range(n_sample)]
    bed = write_bed(
        tmp_path,
        calls,
        [f"4 . 0 {pos} C A" for pos in range(1, len(calls) + 1)],
        [f"f {name} 0 0 0 -9" for name in names],
    )
    pgen = write_pgen(
        tmp_path,
        calls,
        [f"4 {pos} . A C" for pos in range(1, len(calls) + 1)],
        ["#IID", *names],
    )
    assert list(_codes(sound(bed)).values()) == calls
    assert list(_codes(sound(pgen)).values()) == calls


def test_multiallelic_variants_without_calls_of_a_second_alt(tmp_path: Path) -> None:
    """The .pgen then has no allele numbers, and pgenlib cannot be asked for the second ALT."""
    codes = _codes(sound(write_pgen(tmp_path, pvar=["1 10 . A C,G,<*>", *PVAR[1:]])))
    assert codes["chr1-10-A-C"] == CALLS[0]
    assert codes["chr1-10-A-G"] == [0, 0, 0, 3, 0]
    assert "chr1-10-A-<*>" not in codes


def test_records_without_a_row_are_counted(tmp_path: Path) -> None:
    file = sound(write_pgen(tmp_path, pvar=["1 10 . A .", "1 20 . T *", *PVAR[2:]]))
    blocks = list(read_blocks(file, file.chromosomes))
    total = sum((block.count for block in blocks), start=blocks[0].count.__class__())
    assert (total["n_record"], total["n_no_alt"], total["n_star"]) == (3, 1, 1)


@pytest.mark.parametrize(
    ("code", "chrom"),
    [
        ("23", "chrX"),
        ("X", "chrX"),
        ("24", "chrY"),
        ("26", "chrM"),
        ("MT", "chrM"),
        ("chr9", "chr9"),
    ],
)
def test_chromosome_codes_of_plink(tmp_path: Path, code: str, chrom: str) -> None:
    path = write_bed(tmp_path, CALLS[:1], [f"{code} . 0 10 C A"])
    assert sound(path).chromosomes == (chrom,)


@pytest.mark.parametrize(
    "psam",
    [
        ["## made by hand", "#FID IID SEX", *(f"f {iid} 1" for iid in IIDS)],
        ["#IID", *IIDS],
        [f"f {iid} 0 0 1 -9" for iid in IIDS],
    ],
)
def test_iids_are_the_samples_and_fids_are_not_read(tmp_path: Path, psam: list[str]) -> None:
    assert sound(write_pgen(tmp_path, psam=psam)).sample_ids == tuple(IIDS)


@pytest.mark.parametrize("name", ["t.fam", "t.bim", "t.bed"])
def test_mark_and_hash_are_of_all_three_files(tmp_path: Path, name: str) -> None:
    path = write_bed(tmp_path)
    file, inspector = sound(path), Inspector(tmp_path / "kept")
    before = inspector.look(path).sha256
    changed = tmp_path / name
    text = changed.read_bytes()
    text = text.replace(b"vialE", b"vialF").replace(b"rs1", b"rs3")
    changed.write_bytes(text if name != "t.bed" else text[:-1] + bytes([text[-1] ^ 1]))
    os.utime(changed, (1_000, 1_000))
    after = inspector.look(path)
    assert after.file is not None
    assert after.sha256 != before
    assert after == Inspector(tmp_path / "kept").look(path)
    with pytest.raises(InputDataError, match="found a file that changed since it was inspected"):
        list(read_blocks(file, ["chr1"]))


def test_pattern_takes_no_table_for_a_genotype_file(tmp_path: Path) -> None:
    folder = write_study(tmp_path)
    study = read_study(folder)
    (name,) = study.callsets
    genotypes = folder.root / "plink"
    genotypes.mkdir()
    write_bed(genotypes)
    write_pgen(genotypes)
    (genotypes / "u.pvar.zst").write_bytes(b"")
    callset = study.callsets[name].model_copy(update={"files": "plink/*"})
    changed = study.model_copy(update={"callsets": {name: callset}})
    found = callset_files(folder, changed)[name]
    assert [path.name for path in found] == ["t.bed", "t.pgen"]


ROWS = [
    row("0/1 1/1 ./. 0/0", pos=pos, chrom=chrom, alt=alt, ref=ref)
    for chrom in ("1", "2")
    for pos, ref, alt in ((10, "A", "C"), (20, "CAG", "CTG,C"), (30, "G", "T"))
]


@pytest.mark.peer
@pytest.mark.parametrize("option", [["--make-pgen"], ["--make-pgen", "vzs"], ["--make-bed"]])
def test_genotypes_are_those_that_plink2_exports(tmp_path: Path, option: list[str]) -> None:
    if shutil.which("plink2") is None:
        pytest.skip("plink2 is not on this machine")
    rows = ROWS if "--make-bed" not in option else [r for r in ROWS if "," not in r]
    vcf = write_vcf(tmp_path, rows, samples="vialA vialB vialC vialD", name="source.vcf")
    _plink2(tmp_path, "--vcf", vcf.name, *option, "--out", "t")
    suffix = "bed" if "--make-bed" in option else "pgen"
    load = ["--bfile", "t"] if suffix == "bed" else ["--pfile", "t", *option[1:]]
    _plink2(tmp_path, *load, "--export", "vcf", "--out", "again")
    ours = _codes(sound(tmp_path / f"t.{suffix}"))
    assert ours == _codes(sound(vcf)) == _codes(sound(tmp_path / "again.vcf"))


def _plink2(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["plink2", "--threads", "1", *arguments], cwd=folder, check=True, capture_output=True
    )


def test_many_odd_lines_take_no_longer_each(tmp_path: Path) -> None:
    """Symbolic alleles are looked at one by one; the rest of the table is not walked for each."""
    n = 40_000
    pvar = [f"1 {pos} . A <DEL>" for pos in range(1, n + 1)]
    path = write_pgen(tmp_path, [[0, 1, 2, 3, 1]] * n, pvar)
    started = time.process_time()
    assert sound(path).n_record == n
    assert time.process_time() - started < 10
