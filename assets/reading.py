"""Reading: the study's genotypes as blocks over all callsets, for the assets that scan them."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.genotypes import GenotypeBlock, SampleAxis, genotype_blocks
from alsrev_dagster.vocabulary import CHROMOSOMES


def sample_axis(work: OpenStudy) -> SampleAxis:
    """Samples in the order in which blocks hold them."""
    return SampleAxis.of(work.lake.frame("raw.callset_sample"))


def blocks(work: OpenStudy, chrom: str) -> Iterator[GenotypeBlock]:
    """Read one chromosome; sites that a callset lacks are what the study says."""
    absent = {name: callset.absent_sites for name, callset in work.study.callsets.items()}
    return genotype_blocks(work.lake, chrom, sample_axis(work), absent)


def passing_blocks(
    work: OpenStudy, chromosomes: Sequence[str] = CHROMOSOMES
) -> Iterator[tuple[GenotypeBlock, NDArray[np.bool_]]]:
    """Read chromosomes, each block with the variants that pass variant quality."""
    qc = work.lake.frame("core.variant_qc", ["variant_id", "filter_reason"])
    passing = set(qc.loc[qc["filter_reason"].isna(), "variant_id"])
    for chrom in chromosomes:
        for block in blocks(work, chrom):
            yield block, block.variant["variant_id"].isin(passing).to_numpy()
