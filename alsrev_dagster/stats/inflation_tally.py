"""Genomic control of many labellings at once, block by block: P values are counted, not held."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.inflation import MEDIAN_CHI2

_N_BIN = 20_000
"""Bins of P values: an inflation factor near 1 is then known to 3 in 10,000."""


class InflationTally:
    """Inflation factor of each labelling of a scan whose P values are too many to hold.

    Notes
    -----
    P values are counted in 20,000 equal bins, 1 in a bin of its own, as those of rare variants
    are. The factor is that of the middle of the median's bin, as :func:`inflation.lambda_gc` of all
    P values but for the width of a bin.

    References
    ----------
    .. [1] Devlin & Roeder (1999), Biometrics 55:997-1004.

    Examples
    --------
    >>> tally = InflationTally(2)
    >>> tally.add(np.array([[0.1, 1.0], [0.5, 1.0], [0.9, 0.2]]))
    >>> tally.lambda_gc().round(3).tolist(), tally.n_variant
    ([1.0, 0.0], 3)
    """

    def __init__(self, n_labelling: int) -> None:
        self.n_labelling = n_labelling
        self.n_variant = 0
        self._count = np.zeros((n_labelling, _N_BIN + 1), dtype=np.int64)

    def add(self, p_value: NDArray[np.float64]) -> None:
        """Add a block.

        Parameters
        ----------
        p_value
            Of each variant under each labelling, shape (n_variant, n_labelling), in (0, 1].

        Raises
        ------
        InputDataError
            If the shape is another or a P value is outside (0, 1].
        """
        if p_value.ndim != 2 or p_value.shape[1] != self.n_labelling:
            raise InputDataError(
                f"P values have shape {p_value.shape}: expected (n_variant, {self.n_labelling}), a "
                "column a labelling"
            )
        if p_value.size and not 0 < p_value.min() <= p_value.max() <= 1:
            raise InputDataError(
                f"P values run from {p_value.min()} to {p_value.max()}: expected all in (0, 1]; "
                "leave out variants without one"
            )
        for count, one in zip(self._count, p_value.T, strict=True):
            count += np.bincount((one * _N_BIN).astype(np.int64), minlength=_N_BIN + 1)
        self.n_variant += len(p_value)

    def lambda_gc(self) -> NDArray[np.float64]:
        """Inflation factor of each labelling, shape (n_labelling,); NaN without a variant."""
        if self.n_variant == 0:
            return np.full(self.n_labelling, np.nan)
        reached = np.cumsum(self._count, axis=1)
        median = (reached >= (self.n_variant + 1) // 2).argmax(axis=1)
        middle = np.minimum((median + 0.5) / _N_BIN, 1.0)
        return np.asarray(chi2.isf(middle, 1) / MEDIAN_CHI2, dtype=np.float64)
