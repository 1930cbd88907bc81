"""Permuted: the scan of some comparisons under shuffled labels, in one pass over the genotypes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.association import exact_method
from alsrev_dagster.stats.counts import packed_counts
from alsrev_dagster.stats.genetic_model import GENOTYPIC, SCORE, telling_score
from alsrev_dagster.stats.permutation import SmallestP, permuted_labels
from alsrev_dagster.stats.tally import sides_by_stratum
from assets.reading import passing_blocks, sample_axis

METHOD = "permutation_within_strata"
GENOTYPES = ("raw.genotype", "raw.callset_sample", "core.variant_qc", "core.analysis_set")
"""What a scan under shuffled labels is made from."""
_N_SIDE_GENOTYPIC_MAX = 100
"""Samples of the smaller side above which pairs of counts, some 5,000, take too long to list."""


@dataclass
class PermutedScan:
    """One comparison under shuffled labels: a scan of each genetic model."""

    member: pd.DataFrame
    scans: dict[str, SmallestP]
    smallest: dict[str, float]
    """Of each genetic model the smallest P value under the true labels."""
    sides: NDArray[np.bool_]
    """Members of each side and stratum, shape (2, n_stratum, n_member)."""
    inflation_mac_min: int
    """Coded minor allele count from which a variant is in the inflation factor."""
    n_variant: int = 0

    def add(self, genotype: NDArray[np.uint8]) -> None:
        """Add a block of codes 0-3; variants without calls of both sides are not tested."""
        packed = pack(genotype)
        called = packed_counts(packed, self.sides.reshape(-1, self.sides.shape[2]))[:, :, :3]
        by_side = called.sum(axis=2).reshape(len(packed), *self.sides.shape[:2])
        is_tested = (by_side > 0).all(axis=1).any(axis=1)
        tested, count = packed[is_tested], called[is_tested].sum(axis=1)
        self.n_variant += len(tested)
        for model, scan in self.scans.items():
            coding = SCORE.get(model, SCORE["additive"])
            is_common = coded_minor_count(count, coding) >= self.inflation_mac_min
            least = float(scan.add(tested, is_common=is_common).min(initial=1.0))
            self.smallest[model] = min(self.smallest[model], least)

    def method_of(self, model: str) -> str:
        """Name of the exact test whose P values these are."""
        return exact_method(model, self.sides.shape[1])


def permuted_scans(work: OpenStudy, members: Mapping[str, pd.DataFrame]) -> dict[str, PermutedScan]:
    """Scan each comparison under its shuffled labels; nothing where none is asked for."""
    if work.study.permutation.n_permutation == 0 or not members:
        return {}
    names = pd.Index(sample_axis(work).sample_id)
    scans = {name: _empty_scan(work, name, member) for name, member in members.items()}
    place = {n: names.get_indexer(pd.Index(m["sample_id"])) for n, m in members.items()}
    for block, passes in passing_blocks(work):
        genotype = block.genotype[passes]
        for name, scan in scans.items():
            scan.add(genotype[:, place[name]])
    return scans


def shuffled(work: OpenStudy, name: str, member: pd.DataFrame) -> NDArray[np.bool_]:
    """Labels of the members of a comparison, shuffled within strata: by the seed and its name."""
    rule = work.study.permutation
    return permuted_labels(
        member["is_case"].to_numpy(dtype=np.bool_),
        member["stratum"].to_numpy(dtype=str),
        n_permutation=rule.n_permutation,
        generator=np.random.default_rng([rule.seed, *name.encode()]),
    )


def smallest_p(
    work: OpenStudy, name: str, member: pd.DataFrame, model: str, n_inflation: int
) -> SmallestP:
    """A scan of one comparison under one genetic model, before its first variant."""
    is_case, labels = member["is_case"].to_numpy(dtype=np.bool_), shuffled(work, name, member)
    if 2 * is_case.sum() > len(is_case):  # exact P values are alike of both; of fewer they are less
        is_case, labels = ~is_case, ~labels
    return SmallestP(
        is_case,
        member["stratum"].to_numpy(dtype=str),
        labels=labels,
        score=telling_score(model, int(is_case.sum())),
        n_inflation=n_inflation,
    )


def coded_minor_count(count: NDArray[np.int64], score: tuple[int, int, int]) -> NDArray[np.int64]:
    """Minor count of the coded genotype: of alleles, or of carriers or homozygotes, if fewer."""
    coded = count @ np.array(score, dtype=np.int64)
    fewer: NDArray[np.int64] = np.minimum(coded, max(score) * count.sum(axis=1) - coded)
    return fewer


def permuted_models(work: OpenStudy, member: pd.DataFrame) -> list[str]:
    """Genetic models that are scanned under shuffled labels: genotypic where a side is small."""
    n_case = int(member["is_case"].sum())
    is_too_many = min(n_case, len(member) - n_case) > _N_SIDE_GENOTYPIC_MAX
    models = work.study.association.genetic_models
    return [model for model in models if not (is_too_many and model == GENOTYPIC)]


def _empty_scan(work: OpenStudy, name: str, member: pd.DataFrame) -> PermutedScan:
    models, n_inflation = permuted_models(work, member), work.study.permutation.n_inflation
    is_member = np.ones(len(member), dtype=np.bool_)
    is_case = member["is_case"].to_numpy(dtype=np.bool_)
    return PermutedScan(
        member=member,
        scans={m: smallest_p(work, name, member, m, n_inflation) for m in models},
        smallest=dict.fromkeys(models, 1.0),
        sides=sides_by_stratum(is_member, is_case, member["stratum"].to_numpy(dtype=object)),
        inflation_mac_min=work.study.permutation.inflation_mac_min,
    )
