"""Tests of a set of variants: burden, SKAT, SKAT-O, ACAT-V and their omnibus."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.burden_exact import burden_exact_p, carrier_exact_p
from alsrev_dagster.stats.burden_firth import BurdenFit, burden_fit
from alsrev_dagster.stats.cauchy import cauchy_combination
from alsrev_dagster.stats.labelings import Labelings, LabelSource, labelings
from alsrev_dagster.stats.quadratic_form import TailProbability, mixture, upper_tail
from alsrev_dagster.stats.set_genotypes import SetGenotypes
from alsrev_dagster.stats.set_null import SetNull, projected_covariance
from alsrev_dagster.stats.set_statistics import SetStatistics, set_statistics
from alsrev_dagster.stats.small_sample import (
    RHO,
    adjusted_p,
    skat_o_adjusted_p,
    skat_o_statistics,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SetCounts:
    """What the tests of a set rest on."""

    n_variant: int
    n_carrier_case: int
    """Cases with a called minor allele of any variant of the set."""
    n_carrier_control: int
    n_case: int
    n_control: int
    mac: float
    """Minor alleles called in the set."""
    n_imputed: int
    """Missing calls filled with the variant's mean."""
    imputed_rate: float
    """Share of the set's calls, in [0, 1]."""


@dataclass(frozen=True)
class ResampledTests:
    """P values of record: each is valid at any count, under the labels' exchangeability."""

    burden_p: float
    """Of the squared weighted sum of scores."""
    skat_p: float
    skat_o_p: float
    """Of the smallest P value over ``RHO``."""
    skat_o_rho: float
    """Share of the burden where that was: 0 SKAT, 1 burden."""
    acat_v_p: float
    omnibus_p: float
    """Of burden, SKAT and ACAT-V combined."""
    smallest_p: float
    """Smallest omnibus P value these labelings can give: above the level nothing is learned."""
    n_labeling: int
    is_exact: bool
    """Whether all labelings were gone through; else some were drawn."""


@dataclass(frozen=True)
class ModelTests:
    """P values beside those of record: two exact ones of counts, and those that lean on a model."""

    carrier_exact_p: float
    """Carriers by group within strata, exact conditional (CMC)."""
    burden_exact_p: float
    """Minor alleles of cases in the set, unweighted, exact conditional; a missing call is none, a
    dosage is rounded."""
    carrier: BurdenFit
    """Firth's fit of carrying any variant of the set."""
    burden: BurdenFit
    """Firth's fit of the weighted sum of minor alleles, without its interval."""
    skat: TailProbability
    """SKAT without correction: anti-conservative or conservative with few cases."""
    skat_adjusted_p: float
    """SKAT by the chi-square with the resampled moments."""
    skat_o_adjusted_p: float
    cauchy_p: float
    """Burden, SKAT and ACAT-V of record, by Cauchy's distribution."""


@dataclass(frozen=True)
class SetTest:
    """One mask of one gene."""

    counts: SetCounts
    resampled: ResampledTests
    model: ModelTests


def set_test(
    genotypes: SetGenotypes,
    weight: Floats,
    null: SetNull,
    *,
    n_draw: int,
    rng: LabelSource,
) -> SetTest:
    """Every test of a set of variants.

    Parameters
    ----------
    genotypes
        Of the set's variants in the samples of ``null``, from ``set_genotypes``.
    weight
        Weight of each variant's score, shape (n_variant,), at least 0.
    null
        Labels, strata and covariates.
    n_draw
        Labelings to draw where they are too many to go through; the smallest P value is
        1 / (n_draw + 1).
    rng
        Source of the draws.

    Returns
    -------
    SetTest
        P values 1 where no variant varies.

    Raises
    ------
    InputDataError
        If shapes differ, a weight is negative, or there is no variant.

    Notes
    -----
    S is the score of each variant, its weighted minor alleles in cases less those expected;
    burden (sum S)^2 [1]_, SKAT sum S^2 [2]_, SKAT-O the smallest P value over
    (1 - rho) SKAT + rho burden [3]_, ACAT-V the Cauchy mean of the variants' mid-P values,
    those of at most ten minor alleles joined into a burden [4]_. The labels are moved, the
    genotypes stay: LD, rarity and missing calls are in the null distribution [5]_. An
    effect is two-sided in each.

    References
    ----------
    .. [1] Li & Leal (2008), Am J Hum Genet 83:311-321.
    .. [2] Wu et al. (2011), Am J Hum Genet 89:82-93.
    .. [3] Lee, Wu & Lin (2012), Biostatistics 13:762-775.
    .. [4] Liu et al. (2019), Am J Hum Genet 104:410-421.
    .. [5] Lee, Fuchsberger, Kim & Scott (2016), Biostatistics 17:1-15.

    Examples
    --------
    >>> from alsrev_dagster.stats.set_genotypes import set_genotypes
    >>> from alsrev_dagster.stats.set_null import set_null
    >>> dosage = np.zeros((265, 2))
    >>> dosage[0, 0] = dosage[1, 0] = dosage[2, 1] = 1
    >>> null, rng = set_null(np.arange(265) < 22), np.random.default_rng(1)
    >>> found = set_test(set_genotypes(dosage), np.ones(2), null, n_draw=99, rng=rng)
    >>> round(found.resampled.burden_p, 7), round(found.model.carrier_exact_p, 7)
    (0.0005022, 0.0005022)
    """
    labels = labels_of(genotypes, null, n_draw=n_draw, rng=rng)
    found = set_statistics(genotypes, weight, null, labels)
    return every_test(genotypes, weight, null, (found, labels))


def labels_of(
    genotypes: SetGenotypes, null: SetNull, *, n_draw: int, rng: LabelSource
) -> Labelings:
    """Labelings of the samples whose dosage is not 0 for some variant.

    Examples
    --------
    >>> from alsrev_dagster.stats.set_genotypes import set_genotypes
    >>> from alsrev_dagster.stats.set_null import set_null
    >>> genotypes = set_genotypes(np.array([[1.0], [0.0], [0.0]]))
    >>> null, rng = set_null(np.array([True, False, False])), np.random.default_rng(1)
    >>> labels_of(genotypes, null, n_draw=9, rng=rng).sample.tolist()
    [0]
    """
    if len(genotypes.dosage) != len(null.is_case):
        raise InputDataError(
            f"the genotypes have {len(genotypes.dosage)} samples and the null model "
            f"{len(null.is_case)}: expected the same samples in the same order"
        )
    is_relevant: NDArray[np.bool_] = genotypes.dosage.sum(axis=1) > 0
    return labelings(null, is_relevant, n_draw=n_draw, rng=rng)


def every_test(
    genotypes: SetGenotypes,
    weight: Floats,
    null: SetNull,
    found: tuple[SetStatistics, Labelings],
) -> SetTest:
    """Every test of a set whose statistics are known, with the labelings they were made on."""
    resampled = resampled_tests(*found)
    return SetTest(
        counts=_counts(genotypes, null),
        resampled=resampled,
        model=_model_tests(genotypes, weight, null, (*found, resampled)),
    )


def resampled_tests(found: SetStatistics, labels: Labelings) -> ResampledTests:
    """P values of record of a set whose statistics are known."""
    over_rho = labels.tail(skat_o_statistics(found.score))
    columns = (found.burden, found.skat, -over_rho.min(axis=1), found.acat_v, found.omnibus)
    tail = labels.tail(np.column_stack(columns))
    burden, skat, skat_o, acat_v, omnibus = (float(p) for p in tail[0])
    return ResampledTests(
        burden_p=burden,
        skat_p=skat,
        skat_o_p=skat_o,
        skat_o_rho=RHO[int(over_rho[0].argmin())],
        acat_v_p=acat_v,
        omnibus_p=omnibus,
        smallest_p=float(tail[:, -1].min()),
        n_labeling=len(labels.probability),
        is_exact=labels.is_complete,
    )


def _model_tests(
    genotypes: SetGenotypes,
    weight: Floats,
    null: SetNull,
    found: tuple[SetStatistics, Labelings, ResampledTests],
) -> ModelTests:
    statistic, labels, resampled = found
    column, carrier = genotypes.dosage * weight, genotypes.carrier
    eigenvalue: Floats = np.linalg.eigvalsh(projected_covariance(null, column)).astype(np.float64)
    three = np.array([resampled.burden_p, resampled.skat_p, resampled.acat_v_p])
    return ModelTests(
        carrier_exact_p=carrier_exact_p(null, carrier),
        burden_exact_p=burden_exact_p(null, genotypes.n_allele),
        carrier=burden_fit(null, carrier.astype(np.float64)),
        burden=burden_fit(null, column.sum(axis=1), with_interval=False),
        skat=upper_tail(float(statistic.skat[0]), mixture(eigenvalue)),
        skat_adjusted_p=adjusted_p(statistic.skat, labels.probability),
        skat_o_adjusted_p=skat_o_adjusted_p(statistic.score, labels.probability),
        cauchy_p=cauchy_combination(three),
    )


def _counts(genotypes: SetGenotypes, null: SetNull) -> SetCounts:
    carrier = genotypes.carrier
    n_case = int(null.is_case.sum())
    return SetCounts(
        n_variant=genotypes.dosage.shape[1],
        n_carrier_case=int((carrier & null.is_case).sum()),
        n_carrier_control=int((carrier & ~null.is_case).sum()),
        n_case=n_case,
        n_control=len(null.is_case) - n_case,
        mac=float(genotypes.mac.sum()),
        n_imputed=genotypes.n_imputed,
        imputed_rate=genotypes.imputed_rate,
    )
