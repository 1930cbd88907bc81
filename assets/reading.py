"""Reading: genotypes as blocks over all callsets, and one scan, for the assets that need them."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.association import ONE_SIDE_MISSING
from alsrev_dagster.storage.genotypes import GenotypeBlock, SampleAxis, genotype_blocks
from alsrev_dagster.vocabulary import CHROMOSOMES

SEX_LINKED_CHROMOSOMES = ("chrX", "chrY", "chrM")
SITE = ["variant_id", "chrom", "pos"]
"""Columns that say where a variant is."""


def sample_axis(work: OpenStudy) -> SampleAxis:
    """Samples in the order in which blocks hold them; those under exclude weigh in nothing."""
    held = work.lake.frame("raw.callset_sample")
    return SampleAxis.of(held, left_out=work.study.excluded_samples)


def blocks(
    work: OpenStudy, chrom: str, filters_kept: Sequence[str] = ("PASS",)
) -> Iterator[GenotypeBlock]:
    """Read one chromosome; sites that a callset lacks are what the study says."""
    absent = {name: callset.absent_sites for name, callset in work.study.callsets.items()}
    return genotype_blocks(work.lake, chrom, sample_axis(work), absent, filters_kept=filters_kept)


def passing_blocks(
    work: OpenStudy, chromosomes: Sequence[str] = CHROMOSOMES, *, besides: str = ""
) -> Iterator[tuple[GenotypeBlock, NDArray[np.bool_]]]:
    """Read chromosomes, each block with the variants that pass variant quality.

    ``besides`` is a filter_reason whose variants are wanted as well.
    """
    qc = work.lake.frame("core.variant_qc", ["variant_id", "filter_reason"])
    is_wanted = qc["filter_reason"].isna() | (qc["filter_reason"] == besides)
    passing = set(qc.loc[is_wanted, "variant_id"])
    for chrom in chromosomes:
        for block in blocks(work, chrom):
            yield block, block.variant["variant_id"].isin(passing).to_numpy()


def compared(work: OpenStudy) -> pd.DataFrame:
    """Included samples of the strata that hold cases and controls: those that tests rest on."""
    member = work.lake.frame("core.analysis_set").query("is_included")
    n_side = member.groupby(["contrast", "stratum"])["is_case"].transform("nunique")
    return member[n_side == 2]


def scan(work: OpenStudy, contrast: str) -> pd.DataFrame:
    """One contrast under the first genetic model, with positions; variants with calls of both
    sides.
    """
    frame = work.lake.frame("result.association")
    model = work.study.association.genetic_models[0]
    frame = frame[(frame["contrast"] == contrast) & (frame["genetic_model"] == model)]
    frame = frame[frame["fit_status"] != ONE_SIDE_MISSING]
    site = work.lake.frame("core.variant_qc", SITE)
    return frame.merge(site, on="variant_id", validate="one_to_one").reset_index(drop=True)
