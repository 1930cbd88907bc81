"""Genotypes of a set of variants: minor alleles counted, missing calls filled with the mean."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SetGenotypes:
    """Minor allele dosages of a set's variants in the analysed samples."""

    dosage: Floats
    """Shape (n_sample, n_variant), in [0, 2]; missing calls are the variant's mean."""
    is_called: NDArray[np.bool_]
    """Shape (n_sample, n_variant)."""
    is_flipped: NDArray[np.bool_]
    """Whether the minor allele is REF, shape (n_variant,)."""
    maf: Floats
    """Minor allele frequency among called samples, shape (n_variant,)."""
    mac: Floats
    """Minor alleles among called samples, shape (n_variant,)."""

    @property
    def imputed_rate(self) -> float:
        """Share of the calls that are imputed, in [0, 1]; 0 for no variants."""
        return float(1 - self.is_called.mean()) if self.is_called.size else 0.0

    @property
    def n_imputed(self) -> int:
        """Calls that are imputed."""
        return int((~self.is_called).sum())

    @property
    def carrier(self) -> NDArray[np.bool_]:
        """Whether a sample has a called minor allele of any variant, shape (n_sample,)."""
        n_carried = ((self.dosage > 0) & self.is_called).sum(axis=1)
        is_carrier: NDArray[np.bool_] = n_carried > 0
        return is_carrier

    @property
    def n_allele(self) -> NDArray[np.int64]:
        """Called minor alleles of each sample in the set, shape (n_sample,)."""
        called = np.rint(np.where(self.is_called, self.dosage, 0)).astype(np.int64)
        n_allele: NDArray[np.int64] = called.sum(axis=1)
        return n_allele

    def take(self, is_kept: NDArray[np.bool_]) -> "SetGenotypes":
        """Return some of the variants."""
        return SetGenotypes(
            self.dosage[:, is_kept],
            self.is_called[:, is_kept],
            self.is_flipped[is_kept],
            self.maf[is_kept],
            self.mac[is_kept],
        )


def set_genotypes(dosage: Floats) -> SetGenotypes:
    """Dosages of ALT as minor allele dosages without missing ones.

    Parameters
    ----------
    dosage
        Copies of ALT in the analysed samples only, shape (n_sample, n_variant), in [0, 2];
        NaN is a missing call.

    Returns
    -------
    SetGenotypes
        A variant without a call has dosage 0, MAF 0 and MAC 0.

    Raises
    ------
    InputDataError
        If the shape is not two-dimensional or a dosage is outside [0, 2].

    Notes
    -----
    A set needs every sample at every variant, so complete cases, the rule of single variants,
    would leave few or none. Missing calls are filled with the mean of the analysed samples,
    which does not know the labels: permutation stays exact. It does not mend missingness that
    differs between cases and controls; with ``imputed_rate`` above a few percent look at that
    first. Outside the pseudo-autosomal regions of chrX code a male's one ALT as 2 or as 1
    throughout, and put sex among the strata. At a frequency of one half ALT counts as minor.

    Examples
    --------
    >>> found = set_genotypes(np.array([[2.0, 0.0], [2.0, 1.0], [1.0, np.nan]]))
    >>> found.is_flipped.tolist(), found.dosage.tolist()
    ([True, False], [[0.0, 0.0], [0.0, 1.0], [1.0, 0.5]])
    >>> found.n_imputed, round(found.imputed_rate, 4)
    (1, 0.1667)
    """
    if dosage.ndim != 2:
        raise InputDataError(
            f"dosage has shape {dosage.shape}: expected (n_sample, n_variant); give a set of one "
            "variant as one column"
        )
    is_called = ~np.isnan(dosage)
    seen = dosage[is_called]
    if seen.size and not 0 <= seen.min() <= seen.max() <= 2:
        raise InputDataError(
            f"dosages run from {seen.min()} to {seen.max()}: expected copies of ALT in [0, 2], "
            "and NaN for a missing call; -9 and 3 are no dosages"
        )
    n_called = is_called.sum(axis=0)
    total = np.where(is_called, dosage, 0).sum(axis=0)
    mean = np.divide(total, n_called, out=np.zeros(len(total)), where=n_called > 0)
    is_flipped = mean > 1
    filled = np.where(is_called, dosage, mean)
    minor = np.where(is_flipped, 2 - filled, filled)
    mac = np.where(is_flipped, 2 * n_called - total, total)
    return SetGenotypes(minor, is_called, is_flipped, np.where(is_flipped, 2 - mean, mean) / 2, mac)
