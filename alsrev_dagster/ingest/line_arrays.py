"""Lines that tell variants, as arrays: what the text of a VCF and PLINK's tables share."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class LineArrays:
    """One entry a line, and (``row_``) one an ALT allele that is a variant."""

    place: NDArray[np.int32]
    """Where the columns stand in the text, as the kernel of the format has it."""
    flag: NDArray[np.uint8]
    n_alt: NDArray[np.int32]
    pos: NDArray[np.int64]
    qual: NDArray[np.float64]
    is_new_contig: NDArray[np.bool_]
    row_line: NDArray[np.int32]
    row_alt: NDArray[np.int32]
    row_pos: NDArray[np.int64]
    row_place: NDArray[np.int32]


def room_for_lines(n: int, *place_shape: int) -> dict[str, NDArray[Any]]:
    """Return arrays for a kernel to fill, in the order in which kernels take them."""
    return {
        "place": np.empty((n, *place_shape), dtype=np.int32),
        "flag": np.empty(n, dtype=np.uint8),
        "n_alt": np.empty(n, dtype=np.int32),
        "pos": np.empty(n, dtype=np.int64),
        "qual": np.empty(n, dtype=np.float64),
        "is_new_contig": np.empty(n, dtype=np.bool_),
    }


def room_for_rows(n: int) -> dict[str, NDArray[Any]]:
    """Return arrays of rows, likewise."""
    return {
        "row_line": np.empty(n, dtype=np.int32),
        "row_alt": np.empty(n, dtype=np.int32),
        "row_pos": np.empty(n, dtype=np.int64),
        "row_place": np.empty((n, 4), dtype=np.int32),
    }
