"""Quality of each sample, from genotypes that arrive in blocks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError

N_X_VARIANT_MIN = 50
"""Called, polymorphic X variants below which an X heterozygosity means nothing."""

_TALLY = (
    "n_called",
    "n_missing",
    "n_het",
    "n_hom_alt",
    "n_singleton",
    "n_autosome_called",
    "n_autosome_het",
    "n_transition",
    "n_transversion",
    "n_x_called",
    "n_x_het",
)


@dataclass(frozen=True)
class SampleMetrics:
    """Quality of each sample; every array has shape (n_sample,)."""

    n_called: NDArray[np.int64]
    """Variants with a call."""
    n_missing: NDArray[np.int64]
    """Variants without one."""
    n_het: NDArray[np.int64]
    """Heterozygous calls, all chromosomes."""
    n_hom_alt: NDArray[np.int64]
    """Homozygous ALT calls, all chromosomes."""
    n_singleton: NDArray[np.int64]
    """Variants whose minor allele, ALT or REF, is carried once, by this sample."""
    het_rate: NDArray[np.float64]
    """Heterozygous of called autosomal variants, in [0, 1]; NaN where none is called."""
    inbreeding_f: NDArray[np.float64]
    """1 - observed / expected autosomal heterozygotes; at most 1; NaN where none expected."""
    ti_tv: NDArray[np.float64]
    """Transitions per transversion carried (het or hom-alt); NaN without transversions."""
    x_het_rate: NDArray[np.float64]
    """Heterozygous of called polymorphic X variants outside PAR; NaN below 50 of them."""


class SampleTally:
    """Running counts of each sample's calls.

    Parameters
    ----------
    n_sample
        Samples in every block, in the same order.

    Raises
    ------
    InputDataError
        If a block has another number of samples, or a mask another number of variants.

    Notes
    -----
    Expected heterozygotes of a variant are 2pq * 2n / (2n - 1), n being its called
    samples, as PLINK 1.9 ``--het`` [1]_. Frequencies are those of the samples at hand,
    so samples of a minority ancestry, or relatives, shift everybody's inbreeding_f.

    References
    ----------
    .. [1] Chang et al. (2015), GigaScience 4:7; Nei (1978), Genetics 89:583-590.

    Examples
    --------
    >>> tally, no = SampleTally(n_sample=2), np.array([False, False])
    >>> genotype = np.array([[0, 1], [2, 3]], dtype=np.uint8)
    >>> tally.add(
    ...     genotype, is_autosome=True, is_transition=~no, is_transversion=no, is_x_outside_par=no
    ... )
    >>> metrics = tally.metrics()
    >>> metrics.n_called.tolist(), metrics.n_singleton.tolist(), metrics.het_rate.tolist()
    ([2, 1], [0, 1], [0.0, 1.0])
    """

    def __init__(self, n_sample: int) -> None:
        self._n_sample = n_sample
        self._n = {name: np.zeros(n_sample, dtype=np.int64) for name in _TALLY}
        self._expected_het = np.zeros(n_sample, dtype=np.float64)

    def add(
        self,
        genotype_block: NDArray[np.uint8],
        *,
        is_autosome: bool,
        is_transition: NDArray[np.bool_],
        is_transversion: NDArray[np.bool_],
        is_x_outside_par: NDArray[np.bool_],
    ) -> None:
        """Count a block of codes 0-3, shape (n_variant, n_sample); masks (n_variant,)."""
        masks = (is_transition, is_transversion, is_x_outside_par)
        self._require_shapes(genotype_block, masks)
        is_het, is_hom_alt = genotype_block == 1, genotype_block == 2
        is_called, is_carried = genotype_block != 3, is_het | is_hom_alt
        n_called = is_called.sum(axis=1)
        allele_count = is_het.sum(axis=1) + 2 * is_hom_alt.sum(axis=1)
        other_count = 2 * n_called - allele_count
        is_singleton = (allele_count == 1) | (other_count == 1)
        is_x = is_x_outside_par & (allele_count > 0) & (other_count > 0)
        self._count("n_called", is_called)
        self._count("n_missing", ~is_called)
        self._count("n_het", is_het)
        self._count("n_hom_alt", is_hom_alt)
        self._count("n_singleton", is_het[is_singleton])
        self._count("n_transition", is_carried[is_transition])
        self._count("n_transversion", is_carried[is_transversion])
        self._count("n_x_called", is_called[is_x])
        self._count("n_x_het", is_het[is_x])
        if is_autosome:
            self._count("n_autosome_called", is_called)
            self._count("n_autosome_het", is_het)
            self._expected_het += _expected_het(allele_count, other_count) @ is_called

    def metrics(self) -> SampleMetrics:
        """Quality of each sample over all blocks added so far."""
        n = self._n
        x_het_rate = _ratio(n["n_x_het"], n["n_x_called"])
        x_het_rate[n["n_x_called"] < N_X_VARIANT_MIN] = np.nan
        return SampleMetrics(
            n_called=n["n_called"].copy(),
            n_missing=n["n_missing"].copy(),
            n_het=n["n_het"].copy(),
            n_hom_alt=n["n_hom_alt"].copy(),
            n_singleton=n["n_singleton"].copy(),
            het_rate=_ratio(n["n_autosome_het"], n["n_autosome_called"]),
            inbreeding_f=1 - _ratio(n["n_autosome_het"], self._expected_het),
            ti_tv=_ratio(n["n_transition"], n["n_transversion"]),
            x_het_rate=x_het_rate,
        )

    def _count(self, name: str, is_counted: NDArray[np.bool_]) -> None:
        self._n[name] += is_counted.sum(axis=0)

    def _require_shapes(
        self, genotype_block: NDArray[np.uint8], masks: tuple[NDArray[np.bool_], ...]
    ) -> None:
        n_variant = len(genotype_block)
        shapes = [mask.shape for mask in masks]
        if genotype_block.shape != (n_variant, self._n_sample) or set(shapes) != {(n_variant,)}:
            raise InputDataError(
                f"a genotype block has shape {genotype_block.shape} and its masks {shapes}: "
                f"expected (n_variant, {self._n_sample}) and (n_variant,); give every block the "
                "same samples in the same order, and one mask entry per variant"
            )


def infer_sex(
    x_het_rate: NDArray[np.float64], male_max: float, female_min: float
) -> NDArray[np.object_]:
    """Sex that the X heterozygosity of each sample points to.

    Parameters
    ----------
    x_het_rate
        In [0, 1] or NaN, shape (n_sample,): see :class:`SampleMetrics`.
    male_max, female_min
        Highest rate of a male and lowest of a female; between them is neither.

    Returns
    -------
    NDArray[np.object_]
        ``male``, ``female`` or None (in between, or NaN), shape (n_sample,).

    Raises
    ------
    InputDataError
        If male_max is not below female_min.

    Notes
    -----
    Sequencing errors in repeats, the PARs left in, or contamination lift a male's rate;
    X0 and XXY people are read by their X alone.

    Examples
    --------
    >>> infer_sex(np.array([0.01, 0.3, np.nan]), male_max=0.05, female_min=0.15).tolist()
    ['male', 'female', None]
    """
    if not male_max < female_min:
        raise InputDataError(
            f"male_max is {male_max} and female_min {female_min}: expected male_max below "
            "female_min; correct the two thresholds in the configuration"
        )
    sex = np.full(x_het_rate.shape, None, dtype=np.object_)
    sex[x_het_rate <= male_max] = "male"
    sex[x_het_rate >= female_min] = "female"
    return sex


def _expected_het(
    allele_count: NDArray[np.int64], other_count: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the unbiased expected share of heterozygotes; 0 where none is called.

    2pq * 2n / (2n - 1), with p = allele_count / 2n and q = other_count / 2n.
    """
    pairs = (allele_count + other_count) * (allele_count + other_count - 1)
    return _ratio(2 * allele_count * other_count, np.maximum(pairs, 1))


def _ratio(
    part: NDArray[np.int64] | NDArray[np.float64], whole: NDArray[np.int64] | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Quotient, NaN where the whole is 0."""
    quotient = np.full(whole.shape, np.nan)
    np.divide(part, whole, out=quotient, where=whole > 0)
    return quotient
