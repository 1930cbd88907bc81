"""Real genotypes: 265 Europeans of 1000 Genomes phase 3, unchanged, one file per chromosome."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from cyvcf2 import VCF, Writer

CONTIG_LENGTH: Final = {
    "chr1": 248956422, "chr2": 242193529, "chr3": 198295559, "chr4": 190214555,
    "chr5": 181538259, "chr6": 170805979, "chr7": 159345973, "chr8": 145138636,
    "chr9": 138394717, "chr10": 133797422, "chr11": 135086622, "chr12": 133275309,
    "chr13": 114364328, "chr14": 107043718, "chr15": 101991189, "chr16": 90338345,
    "chr17": 83257441, "chr18": 80373285, "chr19": 58617616, "chr20": 64444167,
    "chr21": 46709983, "chr22": 50818468,
}  # fmt: skip
"""Autosomes of GRCh38, in bp."""

SOURCE: Final = (
    "1000 Genomes Project phase 3, exonic SNVs on GRCh38, by way of the peddy 0.4.8 source "
    "distribution (GRCH38.sites): real genotypes, unchanged; subset to 265 EUR genomes and to "
    "the sites polymorphic among them"
)

_FIRST_SAMPLE_COLUMN: Final = 9


def choose_europeans(populations: Path, n: int, rng: np.random.Generator) -> list[str]:
    """Return ``n`` sample ids of the superpopulation EUR, at random, in the file's order."""
    table = pd.read_csv(populations, sep="\t")
    european = table.loc[table["superpopulation"] == "EUR", "sample"].to_numpy(dtype=str)
    chosen = np.sort(rng.choice(len(european), size=n, replace=False))
    return [str(sample) for sample in european[chosen]]


def write_chromosomes(genotypes: Path, samples: Sequence[str], folder: Path) -> int:
    """Write ``joint.chr1.vcf.gz`` ... ``joint.chr22.vcf.gz``; return the number of sites."""
    folder.mkdir(parents=True, exist_ok=True)
    reader = VCF(str(genotypes), samples=list(samples))
    text: dict[str, list[str]] = {chrom: [] for chrom in CONTIG_LENGTH}
    for chrom, line in _polymorphic_lines(reader):
        text[chrom].append(line)
    for chrom, records in text.items():
        write_vcf(folder / f"joint.{chrom}.vcf.gz", reader.samples, records)
    return sum(len(records) for records in text.values())


def write_vcf(path: Path, samples: Sequence[str], records: Sequence[str]) -> None:
    """Write text records under our header, block-gzipped so that an index can be made."""
    writer = Writer.from_string(str(path), vcf_header(samples), mode="wz")
    for record in records:
        writer.write_record(writer.variant_from_string(record))
    writer.close()


def vcf_header(samples: Sequence[str]) -> str:
    """Return the header, with the lengths that tell GRCh38 from GRCh37."""
    fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
    return "\n".join(
        [
            "##fileformat=VCFv4.2",
            '##FILTER=<ID=PASS,Description="All filters passed">',
            f"##source={SOURCE}",
            "##reference=GRCh38",
            *(f"##contig=<ID={name},length={bp}>" for name, bp in CONTIG_LENGTH.items()),
            '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
            "\t".join([*fixed, *samples]),
            "",
        ]
    )


def read_dosage(path: Path, variant_id: str) -> pd.Series:
    """Return the dosage of one variant by sample_id, in the order of the file."""
    reader = VCF(str(path), gts012=True)
    for record in reader:
        if f"{record.CHROM}-{record.POS}-{record.REF}-{record.ALT[0]}" == variant_id:
            return pd.Series(
                record.gt_types.astype(int),
                index=pd.Index(reader.samples, name="sample_id"),
                name="dosage",
            )
    raise KeyError(
        f"variant {variant_id} is not in {path.name}: expected the file that simulate.py "
        "wrote for its chromosome"
    )


def _polymorphic_lines(reader: VCF) -> Iterator[tuple[str, str]]:
    """Chromosome and text of each record with both alleles among the reader's samples."""
    for record in reader:
        line = str(record).rstrip("\n")
        alleles = {a for call in line.split("\t")[_FIRST_SAMPLE_COLUMN:] for a in call.split("/")}
        if {"0", "1"} <= alleles:
            yield record.CHROM, line
