"""Pieces of a text as Arrow strings, without a Python string for each."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alsrev_dagster.ingest.compiled import compiled
from alsrev_dagster.ingest.vcf_bytes import UPPER, is_bases


@compiled
def _gather(text, start, stop, dot_is_null, bases_in_capitals, offset, data, is_there):
    n_byte = 0
    for index in range(len(start)):
        first, last = start[index], stop[index]
        is_null = dot_is_null and last - first == 1 and text[first] == 46
        is_there[index] = not is_null
        offset[index] = n_byte
        if is_null:
            continue
        in_capitals = bases_in_capitals and is_bases(text, first, last)
        for at in range(first, last):
            data[n_byte] = UPPER[text[at]] if in_capitals else text[at]
            n_byte += 1
    offset[len(start)] = n_byte
    return n_byte


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
    n = len(start)
    offset = np.empty(n + 1, dtype=np.int32)
    data = np.empty(int((stop - start).sum()), dtype=np.uint8)
    is_there = np.empty(n, dtype=np.bool_)
    n_byte = _gather(text, start, stop, dot_is_null, bases_in_capitals, offset, data, is_there)
    valid = None
    if not is_there.all():
        valid = pa.py_buffer(np.packbits(is_there, bitorder="little"))
    return pa.StringArray.from_buffers(n, pa.py_buffer(offset), pa.py_buffer(data[:n_byte]), valid)
