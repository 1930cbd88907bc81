"""Which variants of a gene belong to a set, and how much each weighs."""

import re
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

from alsrev_dagster.errors import InputDataError

Floats = NDArray[np.float64]

_TERM_END = re.compile("[&,|]")
"""What stands between the terms of one variant: & in VEP and SnpEff."""


def in_mask(
    consequence: NDArray[np.str_],
    maf: Floats,
    *,
    consequences: Collection[str],
    maf_max: float,
) -> NDArray[np.bool_]:
    """Whether each variant belongs to the mask of some consequences and a MAF ceiling.

    Parameters
    ----------
    consequence
        Consequence terms of each variant as VEP or SnpEff writes them, several joined by
        ``&``; empty for none. Shape (n_variant,).
    maf
        Minor allele frequency in the analysed samples, shape (n_variant,).
    consequences
        Terms, of which one is enough; none of them asks for every variant.
    maf_max
        Largest MAF, itself included, in (0, 0.5].

    Returns
    -------
    NDArray[np.bool_]
        Shape (n_variant,). Variants that do not vary are in no mask.

    Raises
    ------
    InputDataError
        If shapes differ or the ceiling is outside (0, 0.5].

    Notes
    -----
    The MAF is that of the analysed samples, cases among them: at 22 cases a variant that only
    cases carry is rare all the same, and the labels, which permutation moves, do not change
    the mask. In 265 samples one copy is a MAF of 0.0019: a ceiling below it leaves nothing.

    Examples
    --------
    >>> terms = np.array(["stop_gained&splice_region_variant", "synonymous_variant", ""])
    >>> maf = np.array([0.002, 0.002, 0.002])
    >>> in_mask(terms, maf, consequences={"stop_gained"}, maf_max=0.01).tolist()
    [True, False, False]
    """
    _require_frequencies(maf)
    if consequence.shape != maf.shape or not 0 < maf_max <= 0.5:
        raise InputDataError(
            f"consequence has shape {consequence.shape}, maf {maf.shape}, and maf_max is "
            f"{maf_max}: expected two equal shapes (n_variant,) and a ceiling in (0, 0.5]; take "
            "both from the same variants, and give the ceiling as a fraction"
        )
    wanted = set(consequences)
    has_term = [not wanted or bool(wanted & set(_TERM_END.split(str(t)))) for t in consequence]
    return np.array(has_term, dtype=np.bool_) & (maf > 0) & (maf <= maf_max)


def beta_weight(maf: Floats, a: float = 1.0, b: float = 25.0) -> Floats:
    """Beta density at each MAF: weight of SKAT, the rarer the heavier.

    Parameters
    ----------
    maf
        Minor allele frequency in the analysed samples, shape (n_variant,), in [0, 0.5].
    a, b
        Shape of the density, above 0.

    Returns
    -------
    Floats
        Shape (n_variant,), at least 0: maf^(a-1) (1-maf)^(b-1) / B(a, b), where SKAT's
        weight of a variant's squared score is the square of this.

    Raises
    ------
    InputDataError
        If a MAF is outside [0, 0.5] or a shape is not above 0.

    Notes
    -----
    With (1, 25) a MAF of 0.002 weighs 23.8 and one of 0.1 weighs 2.0 [1]_.

    References
    ----------
    .. [1] Wu et al. (2011), Am J Hum Genet 89:82-93.

    Examples
    --------
    >>> beta_weight(np.array([0.0, 0.1])).round(4).tolist()
    [25.0, 1.9942]
    """
    _require_frequencies(maf)
    if min(a, b) <= 0:
        raise InputDataError(
            f"the beta density's shape is ({a}, {b}): expected two numbers above 0; (1, 25) is "
            "SKAT's, (1, 1) weighs all alike"
        )
    with np.errstate(divide="ignore"):
        density: Floats = np.exp(-betaln(a, b)) * maf ** (a - 1) * (1 - maf) ** (b - 1)
    return density


def madsen_browning_weight(maf: Floats) -> Floats:
    """Inverse standard deviation of each variant's allele: 1 / sqrt(maf (1 - maf)).

    Parameters
    ----------
    maf
        Minor allele frequency in the analysed samples, shape (n_variant,), in (0, 0.5].

    Returns
    -------
    Floats
        Shape (n_variant,), at least 2.

    Raises
    ------
    InputDataError
        If a MAF is outside [0, 0.5], or 0.

    Notes
    -----
    Madsen and Browning [1]_ take the frequency of the controls and so weigh anew in each
    permutation. Here it is that of all analysed samples: the weights do not know the labels,
    and the test stays exact without weighing anew.

    References
    ----------
    .. [1] Madsen & Browning (2009), PLoS Genet 5:e1000384.

    Examples
    --------
    >>> madsen_browning_weight(np.array([0.5, 0.1])).round(4).tolist()
    [2.0, 3.3333]
    """
    _require_frequencies(maf)
    if maf.size and maf.min() == 0:
        raise InputDataError(
            f"{int((maf == 0).sum())} of {maf.size} variants have a MAF of 0: expected variants "
            "that vary; take those of a mask (in_mask)"
        )
    weight: Floats = (maf * (1 - maf)) ** -0.5
    return weight


def equal_weight(maf: Floats) -> Floats:
    """Weight 1 for each variant.

    Examples
    --------
    >>> equal_weight(np.array([0.01, 0.2])).tolist()
    [1.0, 1.0]
    """
    _require_frequencies(maf)
    return np.ones_like(maf, dtype=np.float64)


def _require_frequencies(maf: Floats) -> None:
    if (
        maf.ndim != 1
        or np.isnan(maf).any()
        or (maf.size and not 0 <= maf.min() <= maf.max() <= 0.5)
    ):
        low, high = (maf.min(), maf.max()) if maf.size else (None, None)
        raise InputDataError(
            f"minor allele frequencies have shape {maf.shape} and run from {low} to {high}: "
            "expected (n_variant,) and all in [0, 0.5]; give minor frequencies, not those of ALT"
        )
