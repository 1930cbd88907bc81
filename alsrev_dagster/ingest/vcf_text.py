"""Pieces of a text as Arrow strings, without a Python string for each."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alsrev_dagster.ingest import kernels


def whole_line(text: NDArray[np.uint8], at: int) -> bytes:
    """Return the line that starts at a place, with its line end."""
    n_byte = 1 << 12
    while True:
        part = bytes(text[at : at + n_byte])
        stop = part.find(b"\n")
        if stop >= 0 or at + n_byte >= len(text):
            return part[: stop + 1] if stop >= 0 else part
        n_byte *= 4


def strings(
    text: NDArray[np.uint8],
    start: NDArray[np.int32],
    stop: NDArray[np.int32],
    *,
    dot_is_null: bool = False,
    bases_in_capitals: bool = False,
) -> pa.StringArray:
    """Return the text from each start to its stop; the text is UTF-8.

    ``dot_is_null`` makes ``.`` null; ``bases_in_capitals`` writes what is all bases
    in capitals.
    """
    n, start, stop = len(start), np.ascontiguousarray(start), np.ascontiguousarray(stop)
    offset = np.empty(n + 1, dtype=np.int32)
    data = np.empty(int((stop - start).sum()), dtype=np.uint8)
    is_there = np.empty(n, dtype=np.bool_)
    kernels.gather(text, start, stop, dot_is_null, bases_in_capitals, offset, data, is_there)
    valid = None
    if not is_there.all():
        valid = pa.py_buffer(np.packbits(is_there, bitorder="little"))
    return pa.StringArray.from_buffers(
        n, pa.py_buffer(offset), pa.py_buffer(data[: offset[n]]), valid
    )
