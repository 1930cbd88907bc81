"""Samples shuffled within strata."""

import numpy as np
from numpy.typing import NDArray


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
