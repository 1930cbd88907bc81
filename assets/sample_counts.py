"""Counts of each sample's calls, over the variants that pass quality."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.gene_intervals import is_x_outside_par, is_y_outside_par
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.sample_tally import SampleMetrics, SampleTally, VariantKind
from alsrev_dagster.stats.variant_verdict import SEX_LINKED
from alsrev_dagster.storage.genotypes import GenotypeBlock, SampleAxis
from alsrev_dagster.vocabulary import CHROMOSOMES
from assets.reading import AUTOSOMES, judged_blocks

_COUNTS = ["n_hom_ref", "n_het", "n_hom_alt", "n_missing"]


@dataclass(frozen=True)
class TalliedSamples:
    """Metrics of the samples of an axis, and their call rate, shape (n_sample,)."""

    metrics: SampleMetrics
    call_rate: NDArray[np.float64]
    """Over the variants that a sample's callset holds, chrY apart; 0 without any."""


def tallied_samples(work: OpenStudy, axis: SampleAxis, low_call_rate: str) -> TalliedSamples:
    """Count over the variants that pass, and those of chrX, chrY and chrM that would if tested.

    On chrY a call rate is that of the males: variants left out for it (``low_call_rate``)
    tell the sex all the same. They count in nothing else.
    """
    tally, tally_y = (
        [SampleTally(n_held) for n_held in axis.n_by_callset.values()] for _ in range(2)
    )
    n_lacking = np.zeros(len(axis.sample_id), dtype=np.int64)
    for chrom in CHROMOSOMES:
        is_y = chrom == "chrY"
        kept = [SEX_LINKED, low_call_rate] if is_y else [SEX_LINKED]
        for block, qc in judged_blocks(work, chrom, ["filter_reason", *_COUNTS]):
            passes = (qc["filter_reason"].isna() | qc["filter_reason"].isin(kept)).to_numpy(bool)
            counts = qc[_COUNTS].to_numpy(dtype=np.int64)[passes]
            kind = _kind(block, passes, work.study.genome_build)
            for part, counted in zip(block.parts, tally_y if is_y else tally, strict=True):
                counted.add(part[passes], counts=counts, kind=kind)
            n_lacking += 0 if is_y else block.n_variant_lacking(passes)
    metrics = _joined(tally, tally_y, axis)
    n_variant = metrics.n_called + metrics.n_missing - n_lacking
    return TalliedSamples(metrics, metrics.n_called / np.maximum(n_variant, 1))


def _joined(
    tally: list[SampleTally], tally_y: list[SampleTally], axis: SampleAxis
) -> SampleMetrics:
    """Metrics of the used samples of all callsets; of chrY its call rate alone."""
    found = SampleMetrics.side_by_side([counted.metrics() for counted in tally])
    of_y = SampleMetrics.side_by_side([counted.metrics() for counted in tally_y])
    return SampleMetrics(**{**vars(found), "y_call_rate": of_y.y_call_rate}).take(axis.used)


def _kind(block: GenotypeBlock, passes: NDArray[np.bool_], build: str) -> VariantKind:
    pos = pd.Series(block.pos[passes])
    is_transition, is_transversion = block.changes()
    return VariantKind(
        is_autosome=block.chrom in AUTOSOMES,
        is_transition=is_transition[passes],
        is_transversion=is_transversion[passes],
        is_x_outside_par=is_x_outside_par(block.chrom, pos, build),
        is_y_outside_par=is_y_outside_par(block.chrom, pos, build),
    )
