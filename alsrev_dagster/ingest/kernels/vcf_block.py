"""Calls with fields behind them: the tabs of 64 bytes at once, and four calls at once: compiled."""

import numpy as np

from alsrev_dagster.ingest.kernels.compiled import inlined
from alsrev_dagster.ingest.kernels.vcf_bytes import COLON, LINE_END, PIPE, SLASH, TAB, eight_bytes
from alsrev_dagster.ingest.kernels.vcf_masks import first_bit, where_is

_U0, _U1, _U2, _U3, _U8, _U16, _U24 = (np.uint64(n) for n in (0, 1, 2, 3, 8, 16, 24))
_BYTE = np.uint64(0xFF)
_ALLELES = np.uint64(0x00FF00FF)
_BUT_LOWEST = np.uint64(0x00FE00FE)
_REFS = np.uint64(0x00300030)
_DOTS = np.uint64(0x002E002E)
_ODD = np.uint64(4)


@inlined
def tabs_of_line(text, at):
    """Tabs of the 64 bytes from a place, before the first line end; whether there is one."""
    tab, line_end = where_is(text, at, TAB), where_is(text, at, LINE_END)
    return tab & (line_end ^ (line_end - _U1)), line_end != _U0


@inlined
def _pair_code(text, at):
    """Code of a call that is two alleles, both REF or ALT or both missing; 4 where it is not."""
    word = eight_bytes(text, at)
    separator, after = (word >> _U8) & _BYTE, (word >> _U24) & _BYTE
    is_missing = (word & _ALLELES) == _DOTS
    is_pair = (
        (((word & _BUT_LOWEST) == _REFS) | is_missing)
        & ((separator == SLASH) | (separator == PIPE))
        & ((after == COLON) | (after == TAB))
    )
    code = _U3 if is_missing else (word & _U1) + ((word >> _U16) & _U1)
    return code if is_pair else _ODD


@inlined
def four_codes(text, start, block, tab):
    """Codes of the next calls, as many as have a tab in the block, but four at most.

    Gives the codes, the last one lowest, whether one is odd, the next place and the tabs left.
    """
    codes, odd = _U0, _U0
    for _ in range(4):
        code = _pair_code(text, start)
        codes = (codes << _U2) | code if tab else codes
        odd |= code if tab else odd
        start = block + first_bit(tab) + 1 if tab else start
        tab &= tab - _U1 if tab else tab
    return codes, odd & _ODD, start, tab
