"""Groups of samples as masks of bits, as the compiled counts of packed genotypes take them."""

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.packing import n_byte, pack
from alsrev_dagster.stats.kernel.bits import N_SAMPLE_A_WORD, fill_low


def n_word(n_sample: int) -> int:
    """Words of 64 bits that hold one bit a sample."""
    return -(-n_sample // N_SAMPLE_A_WORD)


def bit_masks(groups: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Groups of samples as bits in the order of the planes of packed genotypes.

    Parameters
    ----------
    groups
        Samples of each group, shape (n_group, n_sample), in the order of the genotypes.

    Returns
    -------
    NDArray[np.uint64]
        Shape (n_group, n_word); bits behind the last sample are 0.

    Examples
    --------
    >>> [int(word).bit_count() for word in bit_masks(np.ones((1, 70), dtype=np.bool_))[0]]
    [64, 6]
    """
    mask = np.zeros((len(groups), n_word(groups.shape[1])), dtype=np.uint64)
    fill_low(pack(groups.astype(np.uint8)), mask)
    return mask


def require_packed(packed: NDArray[np.uint8], n_sample: int) -> NDArray[np.uint8]:
    """Packed genotypes with their bytes side by side, if they can be those of so many samples.

    Raises
    ------
    InputDataError
        If a row has another number of bytes than the samples take.
    """
    if packed.ndim != 2 or packed.shape[1] != n_byte(n_sample) or packed.dtype != np.uint8:
        raise InputDataError(
            f"packed genotypes have shape {packed.shape} and type {packed.dtype}: expected "
            f"(n_variant, {n_byte(n_sample)}) bytes for {n_sample} samples; take both from one "
            "callset"
        )
    return np.ascontiguousarray(packed)
