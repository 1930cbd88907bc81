"""Arrow arrays from NumPy's, and the other way: without pandas.

``pyarrow.array`` brings pandas whatever it is given, and that takes longer than packing a
small genotype file.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def numbers(values: NDArray[np.number], *, nan_is_null: bool = False) -> pa.Array:
    """Return numbers of the type that they have, over the same memory."""
    values = np.ascontiguousarray(values)
    is_there = None
    if nan_is_null:
        is_there = _bits_unless_all(~np.isnan(values))
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [is_there, pa.py_buffer(values)])


def booleans(values: NDArray[np.bool_]) -> pa.Array:
    """Return booleans, none of them null."""
    bits = pa.py_buffer(np.packbits(values, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, bits])


def blobs(rows: NDArray[np.uint8]) -> pa.Array:
    """Return each row of bytes as one BLOB."""
    n, width = rows.shape
    start = pa.py_buffer(np.arange(n + 1, dtype=np.int32) * np.int32(width))
    flat = pa.py_buffer(np.ascontiguousarray(rows))
    return pa.Array.from_buffers(pa.binary(), n, [None, start, flat])


def texts(values: Sequence[str | None]) -> pa.StringArray:
    """Return texts; None becomes null."""
    encoded = [(value or "").encode() for value in values]
    start = np.zeros(len(values) + 1, dtype=np.int32)
    np.cumsum([len(text) for text in encoded], out=start[1:])
    is_there = _bits_unless_all(np.array([value is not None for value in values], dtype=np.bool_))
    return pa.StringArray.from_buffers(
        len(values), pa.py_buffer(start), pa.py_buffer(b"".join(encoded)), is_there
    )


def repeated(text: str, n: int) -> pa.StringArray:
    """Return the same text ``n`` times."""
    encoded = text.encode()
    start = np.arange(n + 1, dtype=np.int32) * np.int32(len(encoded))
    return pa.StringArray.from_buffers(n, pa.py_buffer(start), pa.py_buffer(encoded * n))


def starts_and_bytes(array: pa.StringArray) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return where each text starts (and the last one stops) among the bytes; none is null."""
    _, start, data = array.buffers()
    starts = np.frombuffer(start, dtype=np.int32)[array.offset :][: len(array) + 1]
    return starts, np.frombuffer(data or b"", dtype=np.uint8)


def _bits_unless_all(is_there: NDArray[np.bool_]) -> pa.Buffer | None:
    if is_there.all():
        return None
    return pa.py_buffer(np.packbits(is_there, bitorder="little"))
