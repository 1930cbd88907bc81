"""The largest score statistic of a genome under permuted residuals: max-T with covariates."""

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.permutation import TIE_TOLERANCE, permutation_p

Floats = NDArray[np.float64]

_N_ROW = 512
"""Variants multiplied at once: their product with 1,000 permutations stays in the cache."""
_SPREAD_MIN = 1e-8
"""Share of its spread that covariates and strata must leave a variant, or it is not tested."""


class LargestZ:
    """The largest absolute score statistic of the genome under each permutation, block by block.

    The statistic is the sum over samples of (outcome - expected) times the genotype score,
    freed of the covariates, over its own permutation standard deviation, within strata. It is for
    covariates that strata cannot hold; without any, :class:`permutation.SmallestP` is fairer.

    Notes
    -----
    What is permuted are the residuals of the outcome. With covariates they are exchangeable only
    nearly. A z is centred and scaled by its permutation mean and variance [1]_ but its tail is
    not made alike: at 22 cases that of a rare variant is much heavier, and rare variants set the
    threshold. Leave out variants of low minor allele count.

    References
    ----------
    .. [1] Westfall & Young (1993), Resampling-Based Multiple Testing, Wiley.

    Examples
    --------
    >>> is_case, one = np.arange(8) < 2, np.zeros(8)
    >>> orders = permuted_orders(one, n_permutation=199, generator=np.random.default_rng(1))
    >>> none = np.zeros((8, 0))
    >>> scan = LargestZ(is_case, np.full(8, 0.25), covariate=none, stratum=one, orders=orders)
    >>> z = scan.add(np.array([[1.0, 1, 0, 0, 0, 0, 0, 0]]))
    >>> z.round(4).tolist(), len(scan.largest)
    ([2.6458], 199)
    """

    def __init__(
        self,
        is_case: NDArray[np.bool_],
        expected: Floats,
        *,
        covariate: Floats,
        stratum: NDArray[np.generic],
        orders: NDArray[np.int64],
    ) -> None:
        n = len(is_case)
        shapes = [array.shape[:1] for array in (expected, covariate, stratum, orders.T)]
        if shapes != [(n,)] * 4 or covariate.ndim != 2:
            raise InputDataError(
                f"expected, covariate, stratum and orders are of {[s[0] for s in shapes]} samples, "
                f"is_case of {n}: expected the same for all; take all from one sample list"
            )
        if not ((expected > 0) & (expected < 1)).all():
            raise InputDataError(
                f"expected chances run from {expected.min()} to {expected.max()}: expected all "
                "strictly between 0 and 1; fit them without the genotype"
            )
        names, self._stratum = np.unique(stratum, return_inverse=True)
        self._member = (self._stratum[:, None] == np.arange(len(names))).astype(np.float64)
        residual = is_case - expected
        base = np.column_stack([self._member, covariate])
        weighted = base * (expected * (1 - expected))[:, None]
        self._base, self._project = base, np.linalg.pinv(weighted.T @ base) @ weighted.T
        around = residual - self._within(residual[None])[0]
        n_free = np.maximum(self._member.sum(axis=0) - 1, 1)
        self._variance = ((around**2) @ self._member) / n_free
        self._seen, self._permuted = residual, residual[orders].T.copy()
        self.largest = np.zeros(len(orders))
        """Largest absolute z so far under each permutation, shape (n_permutation,)."""

    def add(self, score: Floats) -> Floats:
        """Add a block, shape (n_variant, n_sample), NaN without a call; return each z.

        A missing call is given the mean of its stratum. z is 0 where covariates and strata leave
        nothing of the variant.
        """
        z = np.empty(len(score))
        for start in range(0, len(score), _N_ROW):
            scaled = self._scaled(score[start : start + _N_ROW])
            z[start : start + _N_ROW] = scaled @ self._seen
            product = scaled @ self._permuted
            np.maximum(self.largest, product.max(axis=0, initial=0.0), out=self.largest)
            np.maximum(self.largest, -product.min(axis=0, initial=0.0), out=self.largest)
        return z

    def adjusted_p(self, z: Floats) -> Floats:
        """P values over the genome, from the z that :meth:`add` gave, once every block is in."""
        extreme = np.abs(z) * (1 - TIE_TOLERANCE)
        n_larger = len(self.largest) - np.searchsorted(np.sort(self.largest), extreme, "left")
        return permutation_p(n_larger.astype(np.int64), len(self.largest))

    def _scaled(self, score: Floats) -> Floats:
        """Scores without covariates and strata, over their permutation standard deviation."""
        is_called = ~np.isnan(score)
        known = np.where(is_called, score, 0.0)
        mean = known @ self._member / np.maximum(is_called @ self._member, 1)
        filled = np.where(is_called, score, mean[:, self._stratum])
        free = filled - (filled @ self._project.T) @ self._base.T
        free -= self._within(free)
        spread = (free**2) @ self._member @ self._variance
        before = ((filled - filled.mean(axis=1)[:, None]) ** 2).sum(axis=1) * self._variance.max()
        is_left = spread > _SPREAD_MIN * before
        scale = np.divide(1.0, np.sqrt(spread), out=np.zeros(len(spread)), where=is_left)
        scaled: Floats = free * scale[:, None]
        return scaled

    def _within(self, rows: Floats) -> Floats:
        """Mean of each row in each sample's stratum."""
        mean: Floats = (rows @ self._member / self._member.sum(axis=0))[:, self._stratum]
        return mean


def permuted_orders(
    stratum: NDArray[np.generic], *, n_permutation: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Places of the samples, shuffled within each stratum.

    Parameters
    ----------
    stratum
        Of each sample, shape (n_sample,).
    n_permutation
        Shufflings.
    generator
        Its state says which they are.

    Returns
    -------
    NDArray[np.int64]
        Shape (n_permutation, n_sample).

    Examples
    --------
    >>> stratum, generator = np.array([0, 1, 0, 1]), np.random.default_rng(1)
    >>> order = permuted_orders(stratum, n_permutation=2, generator=generator)
    >>> (order % 2).tolist()
    [[0, 1, 0, 1], [0, 1, 0, 1]]
    """
    orders = np.tile(np.arange(len(stratum)), (n_permutation, 1))
    for name in np.unique(stratum):
        place = np.flatnonzero(stratum == name)
        orders[:, place] = generator.permuted(orders[:, place], axis=1)
    return orders
