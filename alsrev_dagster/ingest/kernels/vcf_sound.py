"""What a line may not have wherever it stands: control characters, fields too many: compiled."""

import numpy as np

from alsrev_dagster.ingest.kernels.compiled import compiled, inlined
from alsrev_dagster.ingest.kernels.vcf_bytes import COLON, TAB
from alsrev_dagster.ingest.kernels.vcf_masks import WINDOW, n_bit, where_is, where_to

_FIRST, _LAST = 0, 31
"""The control characters."""
_ALL, _U0, _U1 = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(0), np.uint64(1)
_N_TAB = 3
"""Tabs that are looked for in each 64 bytes, there or not: more are rare."""


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
def are_sound(text, at, stop, n_key):
    """Whether calls have no control character, and none more fields than FORMAT has keys."""
    n_colon, most, control = 0, 0, np.uint64(0)
    while at < stop:
        within = _within(at, stop)
        tab, colon = where_is(text, at, TAB) & within, where_is(text, at, COLON) & within
        control |= where_to(text, at, _FIRST, _LAST) & within & ~tab
        for _ in range(_N_TAB):
            n_colon, colon, tab, most = _after_tab(n_colon, colon, tab, most)
        while tab:
            n_colon, colon, tab, most = _after_tab(n_colon, colon, tab, most)
        n_colon += n_bit(colon)
        at += WINDOW
    return not control and max(most, n_colon) < n_key


@inlined
def _after_tab(n_colon, colon, tab, most):
    """Colons of the call behind the first tab so far, those to come, tabs left, most of a call.

    Without a tab it is as if one stood before all of them. Nothing is branched on: where tabs
    are, nobody could guess.
    """
    without = np.int64(tab == _U0)
    before = (tab ^ (tab - _U1)) & np.uint64(without - 1)
    most = max(most, n_colon + n_bit(colon & before))
    return n_colon * without, colon & ~before, tab & (tab - _U1), most
