"""Two bits a sample: how genotypes lie in the lake and in DuckDB.

Sample ``i`` of a variant is in bits ``2i`` and ``2i + 1`` of its BLOB, most significant
first: 0 hom-ref, 1 het, 2 hom-alt, 3 missing. Bits past the last sample are 0.
"""

import numpy as np
from numpy.typing import NDArray

MISSING = 3
"""Code of a missing call."""

_SHIFT = np.array([6, 4, 2, 0], dtype=np.uint8)


def n_byte(n_sample: int) -> int:
    """Bytes that hold ``n_sample`` genotypes."""
    return (n_sample + 3) // 4


def pack(genotype: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pack codes 0-3, shape (n_variant, n_sample), to (n_variant, n_byte)."""
    n_variant, n_sample = genotype.shape
    padded = np.zeros((n_variant, 4 * n_byte(n_sample)), dtype=np.uint8)
    padded[:, :n_sample] = genotype
    quads = padded.reshape(n_variant, n_byte(n_sample), 4) << _SHIFT
    packed: NDArray[np.uint8] = np.bitwise_or.reduce(quads, axis=2)
    return packed


def unpack(packed: NDArray[np.uint8], n_sample: int) -> NDArray[np.uint8]:
    """Unpack (n_variant, n_byte) to codes 0-3, shape (n_variant, n_sample)."""
    codes = (packed[:, :, None] >> _SHIFT) & np.uint8(3)
    flat: NDArray[np.uint8] = codes.reshape(len(packed), 4 * packed.shape[1])[:, :n_sample]
    return flat
