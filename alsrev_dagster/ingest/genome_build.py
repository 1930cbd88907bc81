"""Genome builds: whether a file, or a declared locus, fits the build the study declares."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.chromosome_lengths import LENGTHS, UCSC_HG19_M
from alsrev_dagster.ingest.genotype_file import GenotypeFile
from alsrev_dagster.vocabulary import CHROMOSOMES

if TYPE_CHECKING:  # annotations alone: packing genotypes starts without pandas and pydantic
    import pandas as pd

    from alsrev_dagster.study import Locus, Study

PSEUDOAUTOSOMAL_X: dict[str, tuple[tuple[int, int], ...]] = {
    "GRCh37": ((60_001, 2_699_520), (154_931_044, 155_260_560)),
    "GRCh38": ((10_001, 2_781_479), (155_701_383, 156_030_895)),
}
"""PAR1 and PAR2 on chrX, 1-based and inclusive, by build (Genome Reference Consortium)."""
PSEUDOAUTOSOMAL_Y: dict[str, tuple[tuple[int, int], ...]] = {
    "GRCh37": ((10_001, 2_649_520), (59_034_050, 59_363_566)),
    "GRCh38": ((10_001, 2_781_479), (56_887_903, 57_217_415)),
}
"""The same on chrY."""

_BUILD_WORDS = {
    "GRCh37": re.compile(r"grch37|hg19|hs37|b37|g1k[._]v?37|build[ ._]?37", re.IGNORECASE),
    "GRCh38": re.compile(r"grch38|hg38|hs38|b38|build[ ._]?38|GCA_000001405\.15", re.IGNORECASE),
    "another reference": re.compile(
        r"hg1[678]|ncbi3[56]|\bb36|grch36|chm13|t2t|\bhs1\b", re.IGNORECASE
    ),
}
_N_SHOWN = 3
_NEAR_BP = 1_000_000
"""A lead variant is at most this far from the gene it is declared for."""
_FAR_BP, _WITHIN_BP = 50_000, 10_000
"""Further than the first on the declared build, within the second on the other: wrong build.

The two builds are often less than 1 Mb apart: 866,166 bp at IGFBP7."""

_BUILD_FIX = "set genome_build in study.yaml to the file's build, or lift the file over"


def check_build(file: GenotypeFile, build: str) -> list[Problem]:
    """Compare contig lengths, the reference named and the positions with a build."""
    lengths = {
        chrom: length
        for chrom, length in file.contig_lengths.items()
        if not (length == UCSC_HG19_M and chrom == "chrM" and chrom not in file.chromosomes)
    }
    known = LENGTHS[build]
    wrong = {chrom: length for chrom, length in lengths.items() if length != known[chrom]}
    beyond = {chrom: pos for chrom, pos in file.last_pos.items() if pos > known[chrom]}
    found = [
        fits_elsewhere("contig lengths in the header", wrong, build),
        _named_elsewhere(file.reference, build),
        fits_elsewhere("positions beyond the end", beyond, build, is_length=False),
    ]
    expected = f"{build}, the study's genome_build"
    return [Problem(file.name, text, expected, _BUILD_FIX) for text in found if text]


def fits_elsewhere(
    what: str, by_chrom: dict[str, int], build: str, *, is_length: bool = True
) -> str:
    """Say which chromosomes do not fit, and whether they fit the other build; empty for none."""
    if not by_chrom:
        return ""
    other = _other(build)
    shown = [f"{chrom} {by_chrom[chrom]:,}" for chrom in CHROMOSOMES if chrom in by_chrom]
    n_more = len(shown) - _N_SHOWN
    listed = ", ".join(shown[:_N_SHOWN]) + (f" and {n_more} more" if n_more > 0 else "")
    fits = all(
        value == LENGTHS[other][chrom] if is_length else value <= LENGTHS[other][chrom]
        for chrom, value in by_chrom.items()
    )
    of = f"of {other}" if is_length else f"of {build}'s chromosome (they fit {other})"
    neither = "of neither build" if is_length else f"of {build}'s chromosome, and of {other}'s"
    return f"{what} {of if fits else neither}: {listed}"


def _named_elsewhere(reference: str | None, build: str) -> str:
    """Say which other reference the header names; empty when none, or several, or this one."""
    named = [name for name, words in _BUILD_WORDS.items() if words.search(reference or "")]
    if len(named) != 1 or named == [build]:
        return ""
    return f"the reference {str(reference)[-80:]!r} in the header, which is {named[0]}"


def _other(build: str) -> str:
    return "GRCh38" if build == "GRCh37" else "GRCh37"


@cache
def _genes(build: str) -> "pd.DataFrame":
    import pandas as pd

    table = pd.read_csv(Path(__file__).with_name("genes") / f"{build}.csv", dtype={"chrom": str})
    return table.assign(chrom="chr" + table["chrom"])


def genes(build: str) -> "pd.DataFrame":
    """Return protein-coding genes (GENCODE v32): chrom, start, end (1-based, inclusive), gene.

    A few symbols have two rows: genes of the pseudo-autosomal regions (X and Y), and
    symbols that GENCODE gives to two genes.
    """
    return _genes(build).copy()


def locus_problems(study: "Study") -> list[Problem]:
    """Compare each declared locus with where its gene lies on the study's build."""
    found = (
        _locus_problem(f"study.yaml, loci.{name}", locus, study.genome_build)
        for name, locus in study.loci.items()
    )
    return [problem for problem in found if problem is not None]


def _locus_problem(where: str, locus: "Locus", build: str) -> Problem | None:
    intervals = _intervals(locus.gene, build)
    if intervals.empty:
        return Problem(
            f"{where}.gene",
            f"gene {locus.gene!r}",
            "the symbol of a protein-coding gene in GENCODE v32",
            "look the symbol up at genenames.org: it may have been renamed",
        )
    chrom, pos = locus.lead.split("-")[0], int(locus.lead.split("-")[1])
    here = intervals["chrom"].iloc[0], intervals["start"].iloc[0], intervals["end"].iloc[0]
    expected = f"{locus.gene}, at {here[0]}:{here[1]:,}-{here[2]:,} on {build}, within 1 Mb"
    distance = _distance(intervals, chrom, pos)
    if distance is None:
        fix = "mend the gene or the lead variant"
        return Problem(f"{where}.lead", f"{locus.lead} on {chrom}", expected, fix)
    other = _other(build)
    elsewhere = _distance(_intervals(locus.gene, other), chrom, pos)
    fits = elsewhere is not None and elsewhere <= min(distance, _WITHIN_BP)
    if distance <= (_FAR_BP if fits else _NEAR_BP):
        return None
    return Problem(
        f"{where}.lead",
        f"{locus.lead}, {distance:,} bp from {locus.gene}" + (f"; fits {other}" if fits else ""),
        expected,
        "wrong genome_build? give the lead variant's position on the study's build"
        if fits
        else "mend the gene or the lead variant",
    )


def _intervals(gene: str, build: str) -> "pd.DataFrame":
    table = _genes(build)
    return table[table["gene"] == gene]


def _distance(intervals: "pd.DataFrame", chrom: str, pos: int) -> int | None:
    """Distance in bp from the nearest interval, 0 inside; None on another chromosome."""
    own = intervals[intervals["chrom"] == chrom]
    if own.empty:
        return None
    outside = np.maximum(own["start"] - pos, pos - own["end"])
    return max(int(outside.min()), 0)
