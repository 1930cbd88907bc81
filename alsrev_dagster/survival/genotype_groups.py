"""Participants by genotype: the groups and the score of each genetic model."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from alsrev_dagster.survival.carrier_model import GeneticModel, genotype_score
from alsrev_dagster.survival.groups import by_variant
from alsrev_dagster.survival.risk import IntArray

GROUPS: dict[GeneticModel, tuple[str, ...]] = {
    "additive": ("hom_ref", "het", "hom_alt"),
    "dominant": ("non_carrier", "carrier"),
    "recessive": ("not_homozygous", "homozygous"),
}
"""Name of each genotype score, in its order."""


def by_genetic_model(
    carrier: pd.DataFrame, followed: pd.DataFrame, genetic_models: Sequence[GeneticModel]
) -> Iterator[pd.DataFrame]:
    """Follow-up of those with a call, one frame per variant and genetic model.

    ``score`` is what the genotype counts for, ``carrier_group`` its name and ``genetic_model``
    the model; variants in order of variant_id, models as given.
    """
    for of_variant in by_variant(carrier, followed):
        dosage = of_variant["dosage"].to_numpy(dtype=np.float64)
        for genetic_model in genetic_models:
            score = genotype_score(dosage, genetic_model)
            name = np.array(GROUPS[genetic_model])[score.astype(np.int64)]
            yield of_variant.assign(genetic_model=genetic_model, score=score, carrier_group=name)


def variant_of(group: pd.DataFrame) -> dict[str, str]:
    """Locus, variant_id and genetic_model that all rows of a group share."""
    first = group.iloc[0]
    return {name: str(first[name]) for name in ("locus", "variant_id", "genetic_model")}


def stratum_of(group: pd.DataFrame, strata: Sequence[str]) -> IntArray:
    """Number of each participant's stratum; a missing value is one too."""
    if not strata:
        return np.zeros(len(group), dtype=np.int64)
    number = group.groupby(list(strata), dropna=False, sort=True).ngroup()
    return np.asarray(number).astype(np.int64)
