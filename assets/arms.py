"""Arms: the samples of a study by cohort, callset, sex and ancestry, as counts stand for them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.gene_intervals import is_x_outside_par
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.counts import packed_counts
from alsrev_dagster.stats.variant_quality import Arms
from alsrev_dagster.storage.genotypes import GenotypeBlock
from alsrev_dagster.vocabulary import SEX_LINKED_CHROMOSOMES
from assets.reading import sample_axis


@dataclass(frozen=True)
class StudyArms:
    """Arms of a study with their samples, and of which callset and sex each is."""

    arms: Arms
    groups: list[NDArray[np.bool_]]
    """By callset the arms' samples among all that it holds, shape (n_arm, n_held)."""
    callset: NDArray[np.int64]
    is_female: NDArray[np.bool_]

    def counts(self, block: GenotypeBlock) -> NDArray[np.int64]:
        """Genotype counts by arm, shape (n_variant, n_arm, 4)."""
        parts = zip(block.parts, self.groups, strict=True)
        counts = [packed_counts(part, groups) for part, groups in parts]
        return counts[0] if len(counts) == 1 else np.asarray(np.sum(counts, axis=0))

    def is_tried(self, block: GenotypeBlock) -> NDArray[np.bool_] | None:
        """Whether the arm's callset holds the variant; None where every one does."""
        is_lacking: NDArray[np.bool_] = block.is_lacking[:, self.callset]
        return ~is_lacking if is_lacking.any() else None

    def is_diploid(self, block: GenotypeBlock, build: str) -> NDArray[np.bool_] | None:
        """Whether calls are of two alleles, shape (n_variant, n_arm); None where all are.

        On chrX outside the PARs only a declared female's are taken to be: males' are haploid.
        """
        if block.chrom not in SEX_LINKED_CHROMOSOMES:
            return None
        is_x = block.chrom == "chrX"
        in_par = is_x & ~is_x_outside_par(block.chrom, pd.Series(block.pos), build)
        return np.asarray(in_par[:, None] | (is_x & self.is_female)[None, :], dtype=np.bool_)


def study_arms(work: OpenStudy) -> StudyArms:
    """Who is in which arm: the used samples by cohort, callset, sex and declared ancestry."""
    axis = sample_axis(work)
    known = (
        work.lake.frame("core.sample_trait").set_index("sample_id").reindex(list(axis.sample_id))
    )
    frame = known[["cohort", "sex", "ancestry"]].reset_index(drop=True)
    frame["is_female"] = (frame.pop("sex") == "female").fillna(False).astype(bool)
    frame["callset"] = axis.callset_place
    frame["ancestry"] = frame["ancestry"].fillna("")
    number = frame.groupby(list(frame.columns), dropna=False).ngroup().to_numpy()
    arm = frame.assign(number=number).drop_duplicates("number").sort_values("number")
    groups = number == arm["number"].to_numpy()[:, None]
    names = arm["cohort"].astype(str).to_numpy(dtype=str)
    return StudyArms(
        Arms(
            size=groups.sum(axis=1),
            sides=_sides(work, names),
            cohort=_numbered(names),
            ancestry=_numbered(arm["ancestry"].to_numpy(dtype=str)),
        ),
        axis.by_callset(groups),
        arm["callset"].to_numpy(),
        arm["is_female"].to_numpy(),
    )


def _numbered(names: NDArray[np.str_]) -> NDArray[np.int64]:
    """The place of each name among the different ones."""
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def _sides(work: OpenStudy, cohort: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Arms of the cases and of the controls of each contrast, shape (n_contrast, 2, n_arm)."""
    sides = [
        [np.isin(cohort, item.cases), np.isin(cohort, item.controls)]
        for item in work.study.contrasts.values()
    ]
    return np.array(sides, dtype=np.bool_).reshape(len(sides), 2, len(cohort))
