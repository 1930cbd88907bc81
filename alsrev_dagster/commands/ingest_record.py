"""The record of an ingest, and what it says in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from alsrev_dagster.ingest.call_filter import CallFilter
from alsrev_dagster.ingest.genotype_file import GenotypeFile
from alsrev_dagster.vocabulary import SEX_LINKED_CHROMOSOMES


def record_of(
    callset: str,
    call_filter: CallFilter,
    found: Sequence[GenotypeFile],
    sha256: Sequence[str],
    counts: dict[str, Counter[str]],
) -> dict[str, Any]:
    """Return what was read: files with their hashes, and counts by chromosome."""
    files = [
        {"file": file.path.name, "format": file.format, "sha256": digest, "n_record": file.n_record,
         "n_left_out": file.n_left_out, "n_without_gt": file.n_without_gt,
         "notes": list(file.notes)}
        for file, digest in zip(found, sha256, strict=True)
    ]  # fmt: skip
    return {
        "callset": callset,
        "n_sample": len(found[0].sample_ids),
        "calls": asdict(call_filter),
        "files": files,
        "chromosomes": {chrom: dict(sorted(count.items())) for chrom, count in counts.items()},
    }


def in_words(record: dict[str, Any], out: Path) -> str:
    """Say what was packed, what was not, and where it is."""
    total = sum((Counter(count) for count in record["chromosomes"].values()), Counter[str]())
    n_left_out = sum(file["n_left_out"] for file in record["files"])
    n_without_gt = sum(file["n_without_gt"] for file in record["files"])
    lines = [
        f"{total['n_row']:,} variants of {record['n_sample']:,} samples, from "
        f"{total['n_record']:,} records on {len(record['chromosomes'])} chromosome(s), in {out}"
    ]
    n_haploid = sum(
        count.get("n_haploid_call", 0)
        for chrom, count in record["chromosomes"].items()
        if chrom not in SEX_LINKED_CHROMOSOMES
    )
    told = {
        "records on other contigs left out": n_left_out,
        "records without an ALT allele, not kept": total["n_no_alt"],
        "* and <*> alleles, not kept": total["n_star"],
        "records without GT, every call missing": n_without_gt,
        f"calls with one allele missing, read as {record['calls']['half_calls']}": total[
            "n_half_call"
        ],
        "haploid calls outside X, Y and M, read as 0 or 2 copies, never 1": n_haploid,
        "indels moved to their left-most place": total["n_left_aligned"],
        "calls read as missing for their genotype quality": total["n_low_genotype_quality"],
        "calls read as missing for their depth": total["n_low_depth"],
        "calls read as missing for their allele balance": total["n_low_allele_balance"],
    }
    lines += [f"  {n:,} {what}" for what, n in told.items() if n]
    if record["reference"] is None:
        lines.append("  indels are trimmed only, not left-aligned: no --reference was given")
    if record["genome_build"] is None:
        lines.append("  build not checked: no --genome-build was given")
    lines += [f"  note: {of['file']}: {note}" for of in record["files"] for note in of["notes"]]
    return "\n".join(lines)
