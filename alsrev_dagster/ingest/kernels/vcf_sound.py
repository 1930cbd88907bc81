"""What a line may not have wherever it stands: control characters, fields too many: compiled."""

import numpy as np

from alsrev_dagster.ingest.kernels.compiled import compiled, inlined
from alsrev_dagster.ingest.kernels.vcf_bytes import COLON, TAB
from alsrev_dagster.ingest.kernels.vcf_masks import WINDOW, n_bit, where_is, where_to

_FIRST, _LAST = 0, 31
"""The control characters."""
_ALL, _U1 = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(1)


@inlined
def _within(at, stop):
    """Mask of the bytes before a place, among the 64 from another."""
    return _ALL if stop - at >= WINDOW else (_U1 << np.uint64(stop - at)) - _U1


@compiled
def has_control(text, at, stop):
    """Whether a control character other than a tab stands between two places."""
    while at < stop:
        control = where_to(text, at, _FIRST, _LAST) & ~where_is(text, at, TAB)
        if control & _within(at, stop):
            return True
        at += WINDOW
    return False


@compiled
def are_sound(text, at, stop, n_call, n_key):
    """Whether calls have no control character, and none more fields than FORMAT has keys.

    Counted call by call only where some leave out their last fields: where all the fields
    together are as many as there should be, each call is taken to have its own.
    """
    first, n_colon, control = at, 0, np.uint64(0)
    while at < stop:
        within = _within(at, stop)
        n_colon += n_bit(where_is(text, at, COLON) & within)
        control |= where_to(text, at, _FIRST, _LAST) & ~where_is(text, at, TAB) & within
        at += WINDOW
    if control:
        return False
    return n_colon == n_call * (n_key - 1) or _have_no_more(text, first, stop, n_key)


@compiled
def _have_no_more(text, at, stop, n_key):
    """Whether no call has more fields than FORMAT has keys."""
    n_colon = 0
    while at < stop:
        within = _within(at, stop)
        tab, colon = where_is(text, at, TAB) & within, where_is(text, at, COLON) & within
        while tab:
            before = (tab & (~tab + _U1)) - _U1
            if n_colon + n_bit(colon & before) >= n_key:
                return False
            n_colon, colon, tab = 0, colon & ~before, tab & (tab - _U1)
        n_colon += n_bit(colon)
        at += WINDOW
    return n_colon < n_key
