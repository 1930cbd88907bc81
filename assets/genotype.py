"""Genotypes: packed two bits a sample, one shard a chromosome and callset."""

from collections import Counter
from collections.abc import Mapping, Sequence

from alsrev_dagster.genotype_shard import write_shards
from alsrev_dagster.graph.assets import chromosome_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.ingest import tables
from alsrev_dagster.ingest.call_filter import call_filter_of
from alsrev_dagster.ingest.callset_files import relative
from alsrev_dagster.ingest.genotype_blocks import read_blocks
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.queries import read_query
from alsrev_dagster.vocabulary import CHROMOSOMES, SEX_LINKED_CHROMOSOMES
from assets.allele_agreement import in_words, spellings

_HOW_TO_AGREE = (
    "Nothing is changed: name a reference in study.yaml or see bcftools norm --check-ref w, and "
    "mend the callset with bcftools +fixref"
)


def _files_of_chromosome(work: OpenStudy, chromosome: str) -> Mapping[str, str]:
    reference = tables.reference(work.folder, work.study)
    of_all = {} if reference is None else {"reference": work.inspector.sha256(reference.path)}
    of_chromosome = {
        f"{callset} {relative(work.folder, path)}": found.sha256
        for callset, path, found in tables.inspections(work.folder, work.study, work.inspector)
        if found.file is None or chromosome in found.file.chromosomes
    }
    return {**of_chromosome, **(of_all if of_chromosome else {})}


@chromosome_asset(
    "raw.genotype",
    owner="data-management",
    after=["raw.callset"],
    kinds=("vcf", "parquet"),
    files=_files_of_chromosome,
    settings=("callsets",),
)
def genotype(work: OpenStudy, chromosomes: Sequence[str]) -> dict[str, Counter[str]]:
    """Genotypes of every sample, packed, a row an ALT allele; each file is read once.

    Records without an ALT allele (n_no_alt) and ``*`` or ``<*>`` alleles (n_star) have no row.
    They are counted, and so are, of records that have a row, calls with one allele missing
    (n_half_call), haploid ones (n_haploid_call) and those read as missing because the study
    asks more of them (n_low_*).
    With a reference genome indels are left-aligned (n_left_aligned moved), else only trimmed.
    """
    tables.sound(work.folder, work.inspector)
    reference = tables.reference(work.folder, work.study)
    counts, shards = {c: Counter[str]() for c in chromosomes}, {c: set[str]() for c in chromosomes}
    for callset, _, found in tables.inspections(work.folder, work.study, work.inspector):
        if found.file is None or not set(chromosomes) & set(found.file.chromosomes):
            continue
        calls = call_filter_of(work.study.callsets[callset])
        blocks = read_blocks(found.file, chromosomes, call_filter=calls, reference=reference)
        for chrom, count in write_shards(work.lake, callset, blocks).items():
            counts[chrom].update(count)
            shards[chrom].add(callset)
    for chrom, kept in shards.items():
        work.lake.keep_only("raw.genotype", chrom, kept)
    return counts


genotype_has_unique_key = key_check("raw.genotype")


@table_check("raw.genotype", blocking=False)
def no_autosome_is_haploid(work: OpenStudy) -> Finding:
    """Calls of one allele are on X, Y and M alone: elsewhere they are coded 0 or 2, never het."""
    receipts = [r for r in work.lake.receipts() if r.table_name == "raw.genotype"]
    count = {receipt.partition: receipt.counts.get("n_haploid_call", 0) for receipt in receipts}
    on_autosomes = {chrom: n for chrom, n in count.items() if chrom not in SEX_LINKED_CHROMOSOMES}
    n, n_all = sum(on_autosomes.values()), sum(count.values())
    return none_of(n, n_all, "haploid calls are on autosomes")


@table_check("raw.genotype")
def every_record_was_read(work: OpenStudy) -> Finding:
    """As many records were read as the files hold, and as many rows are stored as were made."""
    receipts = [r for r in work.lake.receipts() if r.table_name == "raw.genotype"]
    count = sum((Counter(r.counts) for r in receipts), Counter[str]())
    made = {receipt.partition for receipt in receipts}
    found = tables.inspections(work.folder, work.study, work.inspector)
    files = [item.file for _, _, item in found if item.file is not None]
    n_record = sum(n for file in files for chrom, n in file.n_record_of.items() if chrom in made)
    n_stored = work.lake.n_row("raw.genotype")
    n_lost = abs(n_record - count["n_record"]) + abs(count["n_row"] - n_stored)
    return none_of(n_lost, n_record, "records were lost", **{"n_row": n_stored, **count})


@table_check("raw.genotype", blocking=False)
def indels_are_left_aligned(work: OpenStudy) -> Finding:
    """Every indel stands at its left-most place; without a reference it is only trimmed."""
    counted = read_query(work.lake, "check/indel_count", ["raw.genotype"])
    n_indel = int(counted["n_indel"].iloc[0])
    receipts = [r for r in work.lake.receipts() if r.table_name == "raw.genotype"]
    n_moved = sum(receipt.counts.get("n_left_aligned", 0) for receipt in receipts)
    if work.study.reference is not None:
        what = "indels are not left-aligned"
        return none_of(0, n_indel, what, n_indel=n_indel, n_left_aligned=n_moved)
    what = "indels are trimmed only, not left-aligned: study.yaml names no reference"
    return none_of(n_indel, n_indel, what, n_indel=n_indel)


@table_check("raw.genotype", blocking=False)
def callsets_agree_on_alleles(work: OpenStudy) -> Finding:
    """No two callsets differ in REF at a position: swapped, or on the other strand, in one."""
    several = [chrom for chrom in CHROMOSOMES if len(work.lake.files("raw.genotype", chrom)) > 1]
    count = spellings(work, "check/allele_agreement", ["raw.genotype"], several)
    n_shared = count.pop("n_shared", 0)
    kinds = in_words(count)
    n_wrong, n_all = count.total(), count.total() + n_shared
    told = f": {', '.join(kinds)}. {_HOW_TO_AGREE}" if kinds else ""
    what = "pairs of variants of two callsets differ in REF (expected 0)"
    numbers = {"n_wrong": n_wrong, "n_all": n_all, "n_shared": n_shared, **count}
    return Finding(n_wrong == 0, f"{n_wrong} of {n_all} {what}{told}", numbers)
