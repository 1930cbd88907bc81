"""Kinship of each pair of samples, from genotypes that arrive in blocks."""

import math

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError

_BLOCK_MAX = 2**24
"""Variants that a float32 product still counts exactly."""

DEGREES = (
    (0.354, "duplicate"),
    (0.177, "first_degree"),
    (0.0884, "second_degree"),
    (0.0442, "third_degree"),
)
"""Kinship above which a pair is so related (Manichaikul et al. 2010, table 1)."""


class KingTally:
    """Running counts from which KING-robust kinship is computed.

    Parameters
    ----------
    n_sample
        Samples in every block, in the same order.

    Raises
    ------
    InputDataError
        If a block has another number of samples, or more than 16,777,216 variants.

    Notes
    -----
    Kinship is (n_het_het - 2 n_ibs0) / (2 m) + 1/2 - (n_het_i + n_het_j) / (4 m), where
    m is the smaller of n_het_i and n_het_j, and every count is over the variants called
    in both samples [1]_. Autosomal variants only. No allele frequency enters, so
    unrelated people of different ancestry get kinship below 0; a pair of admixed
    people with different ancestry proportions is biased downwards.

    References
    ----------
    .. [1] Manichaikul et al. (2010), Bioinformatics 26:2867-2873, equation 11.

    Examples
    --------
    >>> i, j = [0, 1, 2, 1, 1, 0, 2, 1, 0, 1], [0, 1, 1, 1, 2, 0, 2, 0, 1, 1]
    >>> tally = KingTally(n_sample=2)
    >>> tally.add(np.array([i, j], dtype=np.uint8).T)
    >>> round(float(tally.kinship()[0, 1]), 6)
    0.3
    """

    def __init__(self, n_sample: int) -> None:
        self._n_sample = n_sample
        self._n_called, self._n_het, self._n_het_het, self._n_ibs0 = np.zeros(
            (4, n_sample, n_sample), dtype=np.int64
        )

    def add(self, genotype_block: NDArray[np.uint8]) -> None:
        """Count a block of codes 0-3, shape (n_variant, n_sample)."""
        n_variant = len(genotype_block)
        if genotype_block.shape != (n_variant, self._n_sample) or n_variant > _BLOCK_MAX:
            raise InputDataError(
                f"a genotype block has shape {genotype_block.shape}: expected (n_variant, "
                f"{self._n_sample}) with at most {_BLOCK_MAX} variants; give every block the "
                "same samples in the same order, and split a larger one"
            )
        hom_ref, het, hom_alt, called = (
            is_code.astype(np.float32)
            for is_code in (
                genotype_block == 0,
                genotype_block == 1,
                genotype_block == 2,
                genotype_block < 3,
            )
        )
        opposite = hom_ref.T @ hom_alt
        self._n_called += (called.T @ called).astype(np.int64)
        self._n_het += (het.T @ called).astype(np.int64)
        self._n_het_het += (het.T @ het).astype(np.int64)
        self._n_ibs0 += (opposite + opposite.T).astype(np.int64)

    def kinship(self) -> NDArray[np.float64]:
        """KING-robust kinship of each pair, shape (n_sample, n_sample).

        At most 0.5, which is the diagonal; NaN where one of a pair has no heterozygous
        call among the variants called in both.
        """
        n_het_i, n_het_j = self._n_het, self._n_het.T
        smaller = np.minimum(n_het_i, n_het_j).astype(np.float64)
        smaller[smaller == 0] = np.nan
        shared = (self._n_het_het - 2 * self._n_ibs0) / (2 * smaller)
        kinship: NDArray[np.float64] = shared + 0.5 - (n_het_i + n_het_j) / (4 * smaller)
        return kinship

    def n_variant(self) -> NDArray[np.int64]:
        """Variants called in both samples of each pair, shape (n_sample, n_sample)."""
        return self._n_called.copy()


def relationship(kinship: float) -> str | None:
    """Name of the degree of relatedness that a kinship stands for.

    Parameters
    ----------
    kinship
        KING-robust kinship of a pair; NaN where it could not be computed.

    Returns
    -------
    str or None
        ``duplicate`` (or identical twin) above 0.354, ``first_degree`` above 0.177,
        ``second_degree`` above 0.0884, ``third_degree`` above 0.0442, otherwise None.

    Notes
    -----
    The cut-offs are powers of 2 halfway, on a log scale, between the expected values
    [1]_. With few variants the noise moves pairs across them, the third degree first.

    References
    ----------
    .. [1] Manichaikul et al. (2010), Bioinformatics 26:2867-2873, table 1.

    Examples
    --------
    >>> relationship(0.25), relationship(0.0)
    ('first_degree', None)
    """
    if math.isnan(kinship):
        return None
    return next((name for limit, name in DEGREES if kinship > limit), None)
