"""Builds: lengths, files on the wrong one, and loci declared on the wrong one."""

import re
from pathlib import Path

import pytest

from alsrev_dagster.ingest.chromosome_lengths import LENGTHS
from alsrev_dagster.ingest.genome_build import (
    PSEUDOAUTOSOMAL_X,
    check_build,
    genes,
    locus_problems,
)
from alsrev_dagster.ingest.genotype_contig import CHROMOSOMES
from alsrev_dagster.study import Study
from tests.ingest.made_vcf import DATA, row, sound, write_vcf

REAL = {
    "hapmap2_ceu_igfbp7.vcf.gz": "GRCh37",
    "cy_test.vcf.gz": "GRCh37",
    "cy_haploidX_200.vcf.gz": "GRCh37",
    "imp_chrX_unphased_3000.vcf.gz": "GRCh37",
    "b2z_chr22.vcf.gz": "GRCh38",
    "kg_highcov_chr12_60.bcf": "GRCh38",
}


def _other(build: str) -> str:
    return {"GRCh37": "GRCh38", "GRCh38": "GRCh37"}[build]


@pytest.mark.parametrize(
    ("name", "build"), [("cy_test.vcf.gz", "GRCh37"), ("b2z_chr22.vcf.gz", "GRCh38")]
)
def test_all_25_lengths_are_those_of_real_headers(name: str, build: str) -> None:
    """GATK's b37 header and the 1000 Genomes high-coverage header; every chromosome is in them."""
    assert sound(DATA / name).contig_lengths == LENGTHS[build]
    assert tuple(LENGTHS[build]) == CHROMOSOMES


def test_pseudoautosomal_regions_lie_on_x() -> None:
    """PAR2 ends 10,000 bp (the telomere) before the end of X; the builds agree on sizes."""
    for build, (first, second) in PSEUDOAUTOSOMAL_X.items():
        assert LENGTHS[build]["chrX"] - second[1] == 10_000
        assert second[1] - second[0] + 1 in (329_517, 329_513)
        assert first[1] > first[0]
    assert PSEUDOAUTOSOMAL_X["GRCh37"][0] == (60_001, 2_699_520)


@pytest.mark.parametrize("name", REAL)
def test_real_files_fit_their_build_and_not_the_other(name: str) -> None:
    file, build = sound(DATA / name), REAL[name]
    assert check_build(file, build) == []
    text = "\n".join(map(str, check_build(file, _other(build))))
    assert f"which is {build}; expected {_other(build)}, the study's genome_build" in text
    assert "set genome_build in study.yaml to the file's build, or lift the file over" in text


def test_contig_lengths_of_the_other_build_are_told() -> None:
    text = str(check_build(sound(DATA / "cy_test.vcf.gz"), "GRCh38")[0])
    assert text.startswith(
        "cy_test.vcf.gz: found contig lengths in the header of GRCh37: "
        "chr1 249,250,621, chr2 243,199,373, chr3 198,022,430 and 21 more; expected GRCh38"
    )


def test_lengths_of_neither_build_are_told(tmp_path: Path) -> None:
    meta = "##contig=<ID=chr1,length=248387328>\n"
    (problem,) = check_build(sound(write_vcf(tmp_path, [row()], meta=meta)), "GRCh38")
    assert problem.found == "contig lengths in the header of neither build: chr1 248,387,328"


def test_older_mitochondrion_counts_only_with_records(tmp_path: Path) -> None:
    meta = "##contig=<ID=chr1,length=249250621>\n##contig=<ID=chrM,length=16571>\n"
    assert check_build(sound(write_vcf(tmp_path, [row()], meta=meta)), "GRCh37") == []
    path = write_vcf(tmp_path, [row(), row(chrom="chrM")], meta=meta)
    (problem,) = check_build(sound(path), "GRCh37")
    assert "of neither build: chrM 16,571" in problem.found


@pytest.mark.parametrize(
    ("reference", "build"),
    [
        *[("file:///refs/human_g1k_v37.fasta", "GRCh37"), ("hs37d5.fa", "GRCh37")],
        *[("ucsc.hg19.fasta", "GRCh37"), ("b37", "GRCh37"), ("hg38", "GRCh38")],
        *[("GRCh38_full_analysis_set_plus_decoy_hla.fa", "GRCh38"), ("hs38DH.fa", "GRCh38")],
        *[("chm13v2.0.fa", "another reference"), ("hg18", "another reference")],
    ],
)
def test_reference_that_names_a_build(tmp_path: Path, reference: str, build: str) -> None:
    file = sound(write_vcf(tmp_path, [row()], meta=f"##reference={reference}\n"))
    for declared in LENGTHS:
        found = [problem.found for problem in check_build(file, declared)]
        expected = f"the reference '{reference}' in the header, which is {build}"
        assert found == ([] if declared == build else [expected])


@pytest.mark.parametrize("reference", ["file:///refs/genome.fa", "liftover_hg19_to_hg38.fa"])
def test_reference_that_names_none_or_both_says_nothing(tmp_path: Path, reference: str) -> None:
    file = sound(write_vcf(tmp_path, [row()], meta=f"##reference={reference}\n"))
    assert check_build(file, "GRCh37") == check_build(file, "GRCh38") == []


def test_positions_beyond_the_chromosome_are_told(tmp_path: Path) -> None:
    file = sound(write_vcf(tmp_path, [row(chrom="17", pos=83_085_299), row(chrom="2")]))
    (problem,) = check_build(file, "GRCh37")
    assert problem.found == (
        "positions beyond the end of GRCh37's chromosome (they fit GRCh38): chr17 83,085,299"
    )
    assert check_build(file, "GRCh38") == []
    meta = "##contig=<ID=17,length=90000000>\n"
    file = sound(write_vcf(tmp_path, [row(chrom="17", pos=90_000_000)], meta=meta))
    (_, problem) = check_build(file, "GRCh38")
    assert "beyond the end of GRCh38's chromosome, and of GRCh37's: chr17" in problem.found


@pytest.mark.parametrize(
    ("gene", "grch37", "grch38"),
    [
        ("IGFBP7", ("chr4", 57_896_939, 57_976_551), ("chr4", 57_030_773, 57_110_385)),
        ("GRIP1", ("chr12", 66_741_211, 67_462_942), ("chr12", 66_347_431, 67_069_162)),
        ("UNC13A", ("chr19", 17_712_137, 17_799_174), ("chr19", 17_601_328, 17_688_365)),
    ],
)
def test_gene_intervals(
    gene: str, grch37: tuple[str, int, int], grch38: tuple[str, int, int]
) -> None:
    """The coordinates on the Ensembl pages of these genes (GENCODE v32)."""
    for build, interval in (("GRCh37", grch37), ("GRCh38", grch38)):
        table = genes(build)
        assert list(table.columns) == ["chrom", "start", "end", "gene"]
        rows = table[table["gene"] == gene]
        assert rows[["chrom", "start", "end"]].to_numpy().tolist() == [list(interval)]


def test_gene_table_is_the_callers_own() -> None:
    genes("GRCh38").drop(columns="gene", inplace=True)
    assert "gene" in genes("GRCh38").columns
    assert set(genes("GRCh37")["chrom"]) <= set(CHROMOSOMES)


def _study(build: str, gene: str, lead: str) -> Study:
    return Study.model_validate(
        {
            "study": "s",
            "genome_build": build,
            "callsets": {"c": {"files": "c.vcf.gz"}},
            "samples": "samples.csv",
            "participants": "participants.csv",
            "visits": "visits.csv",
            "contrasts": {"x": {"cases": ["a"], "controls": ["b"]}},
            "loci": {"igfbp7": {"gene": gene, "lead": lead}},
        }
    )


@pytest.mark.parametrize(
    ("build", "gene", "lead"),
    [
        ("GRCh38", "IGFBP7", "chr4-57110321-G-A"),
        ("GRCh37", "IGFBP7", "chr4-57914877-A-T"),
        ("GRCh38", "IGFBP7", "chr4-56100000-A-T"),
        ("GRCh38", "UNC13A", "chr19-17641880-A-C"),
        ("GRCh37", "UNC13A", "chr19-17752689-A-C"),
        ("GRCh38", "CD99", "chrY-2700000-A-C"),
    ],
)
def test_loci_that_fit(build: str, gene: str, lead: str) -> None:
    assert locus_problems(_study(build, gene, lead)) == []


@pytest.mark.parametrize(
    ("build", "gene", "lead", "pattern"),
    [
        (
            "GRCh37",
            "IGFBP7",
            "chr4-57110321-G-A",
            r"^study\.yaml, loci\.igfbp7\.lead: found chr4-57110321-G-A, 786,618 bp from IGFBP7; "
            r"fits GRCh38; expected IGFBP7, at chr4:57,896,939-57,976,551 on GRCh37, within 1 Mb; "
            r"wrong genome_build\?",
        ),
        ("GRCh38", "IGFBP7", "chr4-57914877-A-T", r"804,492 bp from IGFBP7; fits GRCh37"),
        ("GRCh37", "UNC13A", "chr19-17641880-A-C", r"70,257 bp from UNC13A; fits GRCh38"),
        ("GRCh37", "PAPPA", "chr9-116300000-A-C", r"fits GRCh38"),
        ("GRCh38", "IGFBP7", "chr4-1000000-A-C", r"found chr4-1000000-A-C, 56,030,773 bp from"),
        (
            "GRCh38",
            "IGFBP7",
            "chr5-57110321-G-A",
            r"57110321-G-A on chr5; expected IGFBP7, at chr4",
        ),
        ("GRCh38", "IGFBP8", "chr4-57110321-G-A", r"igfbp7\.gene: found gene 'IGFBP8'; expected"),
    ],
)
def test_loci_that_do_not_fit(build: str, gene: str, lead: str, pattern: str) -> None:
    (problem,) = locus_problems(_study(build, gene, lead))
    assert re.search(pattern, str(problem))
    assert ("genome_build?" in problem.fix) == ("fits" in pattern)


def test_build_offset_at_igfbp7_is_seen_everywhere_in_the_gene() -> None:
    """GRCh38 = GRCh37 - 866,166 across IGFBP7: within 1 Mb, so the 1 Mb rule alone is blind."""
    for pos in range(57_896_939, 57_976_552, 5_000):
        (problem,) = locus_problems(_study("GRCh38", "IGFBP7", f"chr4-{pos}-A-C"))
        assert "fits GRCh37" in problem.found
        lifted = f"chr4-{pos - 866_166}-A-C"
        assert locus_problems(_study("GRCh38", "IGFBP7", lifted)) == []
