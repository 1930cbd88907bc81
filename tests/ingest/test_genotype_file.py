"""What inspect says of files that are sound."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from cyvcf2 import VCF, Writer

from tests.ingest.made_vcf import DATA, bgzf, row, sound, vcf_text, write_vcf

FILES = {
    "hapmap2_ceu_igfbp7.vcf.gz": ("vcf.gz", 60, {"chr4": 168}),
    "cy_test.vcf.gz": ("vcf.gz", 189, {"chr1": 115}),
    "b2z_chr22.vcf.gz": ("vcf.gz", 100, {"chr22": 100}),
    "hail_sample2_300.vcf.gz": ("vcf.gz", 100, {"chr22": 300}),
    "cy_haploidX_200.vcf.gz": ("vcf.gz", 3, {"chrX": 200}),
    "imp_chrX_unphased_3000.vcf.gz": ("vcf.gz", 26, {"chrX": 2967}),
    "kg_highcov_chr12_60.bcf": ("bcf", 60, {"chr12": 100}),
}
ROWS = [row(chrom="1", pos=5), row(chrom="1", pos=5, alt="G"), row(chrom="X", pos=7)]


@pytest.mark.parametrize("name", FILES)
def test_real_files_are_sound_and_counted(name: str) -> None:
    file = sound(DATA / name)
    assert (file.format, len(file.sample_ids), file.n_record_of) == FILES[name]
    assert file.n_record == sum(file.n_record_of.values())
    assert file.n_left_out == file.n_without_gt == 0
    assert file.sample_ids == tuple(VCF(str(DATA / name)).samples)


def test_header_gives_lengths_reference_and_samples(tmp_path: Path) -> None:
    meta = (
        "##reference=file:///refs/GRCh38.fa\n##contig=<ID=1,length=1000,assembly=b38>\n"
        "##contig=<ID=MT,assembly=b38,length=16569>\n##contig=<ID=GL000207.1,length=4262>\n"
        "##contig=<ID=X,length=2147483647>\n"
    )
    file = sound(write_vcf(tmp_path, ROWS, meta=meta))
    assert file.contig_lengths == {"chr1": 1000, "chrM": 16569}
    assert file.reference == "file:///refs/GRCh38.fa"
    assert file.sample_ids == ("s1", "s2")
    assert file.chromosomes == ("chr1", "chrX")
    assert file.spelling == {"chr1": "1", "chrX": "X"}
    assert file.last_pos == {"chr1": 5, "chrX": 7}


def test_assembly_stands_in_for_a_missing_reference(tmp_path: Path) -> None:
    assert sound(write_vcf(tmp_path, ROWS)).reference is None
    meta = "##contig=<ID=1,length=1000,assembly=b37>\n"
    assert sound(write_vcf(tmp_path, ROWS, meta=meta)).reference == "b37"


@pytest.mark.parametrize("packed", ["gzip", "members", "bgzf", "crlf", "no last line end"])
def test_packing_and_line_ends_change_nothing(tmp_path: Path, packed: str) -> None:
    text = vcf_text(ROWS).encode()
    data = {
        "gzip": gzip.compress(text),
        "members": gzip.compress(text[:60]) + gzip.compress(text[60:]),
        "bgzf": bgzf(text),
        "crlf": text.replace(b"\n", b"\r\n"),
        "no last line end": text.rstrip(b"\n"),
    }[packed]
    path = tmp_path / "any.name"
    path.write_bytes(data)
    file = sound(path)
    assert file.n_record_of == {"chr1": 2, "chrX": 1}
    assert file.format == ("vcf.gz" if data.startswith(b"\x1f\x8b") else "vcf")


@pytest.mark.parametrize("mode", ["wb", "wbu"])
def test_bcf_is_told_by_its_content(tmp_path: Path, mode: str) -> None:
    source = VCF(str(write_vcf(tmp_path, ROWS, meta="##contig=<ID=1>\n##contig=<ID=X>\n")))
    path = tmp_path / "named.vcf"
    writer = Writer(str(path), source, mode=mode)
    for record in source:
        writer.write_record(record)
    writer.close()
    file = sound(path)
    assert (file.format, file.n_record_of) == ("bcf", {"chr1": 2, "chrX": 1})


@pytest.mark.parametrize(
    ("contig", "chrom"),
    [
        *[("4", "chr4"), ("chr4", "chr4"), ("Chr4", "chr4"), ("x", "chrX"), ("23", "chrX")],
        *[("MT", "chrM"), ("chrMT", "chrM"), ("M", "chrM"), ("26", "chrM"), ("24", "chrY")],
    ],
)
def test_chromosomes_have_one_name(tmp_path: Path, contig: str, chrom: str) -> None:
    file = sound(write_vcf(tmp_path, [row(chrom=contig)]))
    assert file.chromosomes == (chrom,)
    assert file.spelling == {chrom: contig}


@pytest.mark.parametrize(
    "contig",
    [
        *["chr1_KI270706v1_random", "chrUn_KI270302v1", "chr6_GL000250v2_alt", "chr6_cox_hap2"],
        *["GL000207.1", "KI270728.1", "NC_007605", "hs37d5", "chrEBV", "HLA-A*01:01:01:01"],
        *["chrUn_JTFH01000001v1_decoy", "chr1_KN196472v1_fix"],
    ],
)
def test_known_other_contigs_are_left_out_and_counted(tmp_path: Path, contig: str) -> None:
    file = sound(write_vcf(tmp_path, [row(), row(chrom=contig), row(chrom=contig, pos=3)]))
    assert (file.n_record, file.n_left_out, file.chromosomes) == (3, 2, ("chr1",))


def test_records_without_gt_are_counted(tmp_path: Path) -> None:
    meta = '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
    path = write_vcf(tmp_path, [row(), row("3 4", format="DP", pos=11)], meta=meta)
    assert sound(path).n_without_gt == 1


def test_nothing_is_printed(tmp_path: Path) -> None:
    """Neither htslib's warnings (no ##contig, undefined FILTER) nor anything else."""
    path = write_vcf(tmp_path, [row(filter="q10"), row(pos=11, ref="AT", alt="A")])
    code = (
        "import sys; from pathlib import Path\n"
        "from alsrev_dagster.ingest.genotype_file import inspect\n"
        "from alsrev_dagster.ingest.genotype_blocks import read_blocks\n"
        "file, _ = inspect(Path(sys.argv[1]))\n"
        "assert sum(len(b.rows) for b in read_blocks(file, file.chromosomes)) == 2\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
