"""Text as Arrow lays out strings, one after another: compiled."""

from alsrev_dagster.ingest.kernels.compiled import compiled
from alsrev_dagster.ingest.kernels.vcf_bytes import DOT, UPPER, is_bases

_DASH, _ZERO = 45, 48


@compiled
def gather(text, start, stop, dot_is_null, bases_in_capitals, offset, data, is_there):
    """Write the text from each start to its stop; ``offset`` says where each one lies in ``data``.

    With ``dot_is_null``, ``.`` is not there; with ``bases_in_capitals``, what is all bases is
    written in capitals.
    """
    n_byte = 0
    for index in range(len(start)):
        first, last = start[index], stop[index]
        is_null = dot_is_null and last - first == 1 and text[first] == DOT
        is_there[index] = not is_null
        offset[index] = n_byte
        if is_null:
            continue
        in_capitals = bases_in_capitals and is_bases(text, first, last)
        for at in range(first, last):
            data[n_byte] = UPPER[text[at]] if in_capitals else text[at]
            n_byte += 1
    offset[len(start)] = n_byte


@compiled
def _append(text, start, stop, data, at):
    for index in range(start, stop):
        data[at] = text[index]
        at += 1
    return at


@compiled
def _append_number(number, data, at):
    """Write a number of at least 0 in digits; the place behind it."""
    n_digit, rest = 1, number // 10
    while rest > 0:
        n_digit += 1
        rest //= 10
    for index in range(at + n_digit - 1, at - 1, -1):
        data[index] = _ZERO + number % 10
        number //= 10
    return at + n_digit


@compiled
def name_variants(chrom, pos, ref_start, ref, alt_start, alt, offset, data):
    """Write ``chrom-pos-ref-alt`` of each row; REF and ALT are Arrow strings (starts, bytes)."""
    at = 0
    for row in range(len(pos)):
        offset[row] = at
        at = _append(chrom, 0, len(chrom), data, at)
        data[at] = _DASH
        at = _append_number(pos[row], data, at + 1)
        data[at] = _DASH
        at = _append(ref, ref_start[row], ref_start[row + 1], data, at + 1)
        data[at] = _DASH
        at = _append(alt, alt_start[row], alt_start[row + 1], data, at + 1)
    offset[len(pos)] = at
