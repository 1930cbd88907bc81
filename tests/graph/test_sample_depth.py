"""Depth and genotype quality of a study's variants and samples, from files to core.sample_qc."""

from pathlib import Path

from alsrev_dagster.open_study import OpenStudy
from tests.builders import RECORDS, SAMPLES, VCF, samples_text, vcf_text, write_study
from tests.graph.at_work import run_here

META = """\
##fileformat=VCFv4.2
##reference=GRCh38
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads">
"""
FIRST, SECOND = SAMPLES[::2], SAMPLES[1::2]
"""Samples of each callset: cases and controls in both, so that callset is not case status."""


def test_samples_have_the_mean_of_their_autosomes_where_their_callset_was_summed(
    tmp_path: Path,
) -> None:
    chr13 = "chr13 50000000 . A G 0/1 0/0 0/1 1/1 0/0 0/1 0/1 0/0"
    chr_x = "chrX 50000000 . A G 0/1 0/0 0/1 1/1 0/0 0/1 0/1 0/0"
    records = {name: [chr13, *RECORDS, chr_x] for name in ("one", "two")}
    study = write_study(
        tmp_path,
        callsets={
            "one": {"files": "genotypes/one.vcf"},
            "two": {"files": "genotypes/two.vcf", "call_depth": False},
        },
        exclude=[{"samples": [FIRST[1]], "reason": "withdrew"}],
        files={
            VCF: None,
            "samples.csv": listed(),
            "genotypes/one.vcf": with_fields(records["one"], 0),
            "genotypes/two.vcf": with_fields(records["two"], 1),
        },
    )  # fmt: skip
    lake = OpenStudy(run_here(study, "core.sample_qc").folder).lake
    qc = lake.frame("core.sample_qc").set_index("sample_id")
    assert FIRST[1] not in qc.index
    # six records; the depth of sample i is 10 + i and 40 more on chr13, 1000 on chrX
    columns = ["n_depth", "mean_depth", "n_genotype_quality", "mean_genotype_quality"]
    for i in (0, 2, 3):
        assert qc.loc[FIRST[i], columns].tolist() == [6, 10 + i + 40 / 6, 6, 50.0]
    assert qc.loc[list(SECOND), columns].isna().all(axis=None)
    raw = lake.frame("raw.genotype").set_index(["callset", "variant_id"])
    of_chr13 = raw.loc[("one", "chr13-50000000-A-G")]
    assert of_chr13[["n_depth", "mean_depth"]].tolist() == [4, 51.5]
    assert raw.loc["two", "n_depth"].isna().all()
    assert of_chr13[["n_het_read", "allele_balance"]].tolist() == [33, 1 / 11]
    assert raw.loc["two", "n_het_read"].isna().all()
    variant = lake.frame("core.variant_qc").set_index("variant_id")
    odd = variant.loc["chr13-50000000-A-G", ["n_het_read", "allele_balance", "filter_reason"]]
    assert odd.tolist() == [33, 1 / 11, "allele_balance outside 0.2 to 0.8"]
    assert variant.loc["chr4-57110321-G-A", "allele_balance"] == 0.5
    assert (variant["filter_reason"] == odd["filter_reason"]).sum() == 1


def listed() -> str:
    """Write samples.csv: samples by turns in one callset and the other."""
    header, *rows = samples_text().splitlines()
    by_turns = [row.replace("joint", ("one", "two")[i % 2]) for i, row in enumerate(rows)]
    return "\n".join([header, *by_turns]) + "\n"


def with_fields(records: list[str], first: int) -> str:
    """Write a VCF of every second sample, each call with a depth, a genotype quality and reads."""
    lines = []
    for record in records:
        chrom, *site = record.split()[:5]
        calls = record.split()[5 + first :: 2]
        more, reads = (
            {"chr13": 40, "chrX": 990}.get(chrom, 0),
            "10,1" if chrom == "chr13" else "6,6",
        )
        told = [
            f"{call.replace('./.', '0/1')}:{10 + i + more}:50:{reads}"
            for i, call in enumerate(calls)
        ]
        lines.append(" ".join([chrom, *site, *told]))
    samples = SAMPLES[first::2]
    return vcf_text(lines, samples, META).replace("\tGT\t", "\tGT:DP:GQ:AD\t")
