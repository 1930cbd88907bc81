"""Biallelic rows against the reference: REF checked, indels moved left; one compiled pass.

The shift is that of Tan, Abecasis & Kang 2015 (Bioinformatics 31:2202): a pure insertion or
deletion moves left while the base before it is the last one of what is inserted or deleted.
"""

import numpy as np

from alsrev_dagster.ingest.align_state import (
    BASE,
    FITS,
    FLIPPED,
    FLIPPED_AND_SWAPPED,
    NONE,
    SWAPPED,
    TOO_FAR,
    UNCLEAR,
)
from alsrev_dagster.ingest.kernels.compiled import compiled
from alsrev_dagster.ingest.kernels.vcf_bytes import is_bases

OTHER_STRAND = np.arange(256, dtype=np.uint8)
"""The base across; every other letter is its own."""
for _base, _across in zip(b"ACGT", b"TGCA", strict=True):
    OTHER_STRAND[_base] = _across


@compiled
def _base_at(fasta, lines, place):
    """Base of a contig at a place counted from 0; ``lines``: offset, bases, bytes, length."""
    offset, n_base, n_byte = lines[0], lines[1], lines[2]
    return BASE[fasta[offset + place // n_base * n_byte + place % n_base]]


@compiled
def _is_reference(allele, start, stop, fasta, lines, place):
    """Whether an allele is the contig's bases from a place on."""
    if place < 0 or place + stop - start > lines[3]:
        return False
    for index in range(stop - start):
        if allele[start + index] != _base_at(fasta, lines, place + index):
            return False
    return True


@compiled
def _is_other_strand(allele, start, stop, fasta, lines, place):
    """Whether an allele is the contig's bases from a place on, read on the other strand."""
    if place < 0 or place + stop - start > lines[3]:
        return False
    for index in range(stop - start):
        if OTHER_STRAND[allele[stop - 1 - index]] != _base_at(fasta, lines, place + index):
            return False
    return True


@compiled
def _misfit(ref, r0, r1, alt, a0, a1, fasta, lines, place):
    """What a row is whose REF is not the reference."""
    has_bases = is_bases(alt, a0, a1)
    is_swapped = has_bases and _is_reference(alt, a0, a1, fasta, lines, place)
    is_flipped = _is_other_strand(ref, r0, r1, fasta, lines, place)
    if is_swapped and is_flipped:
        return UNCLEAR
    if is_swapped:
        return SWAPPED
    if is_flipped:
        return FLIPPED
    if has_bases and _is_other_strand(alt, a0, a1, fasta, lines, place):
        return FLIPPED_AND_SWAPPED
    return NONE


@compiled
def _left_place(ref, r0, r1, alt, a0, a1, fasta, lines, place, shift_max):
    """Left-most place of a trimmed indel, and how far it moved; -1 for what cannot move.

    Places are counted from 0. What is inserted or deleted stands behind one base, so it
    never reaches the start of the contig.
    """
    n_ref, n_alt = r1 - r0, a1 - a0
    n_short = min(n_ref, n_alt)
    n_right = 0
    while n_right < n_short and ref[r1 - 1 - n_right] == alt[a1 - 1 - n_right]:
        n_right += 1
    n_left = 0
    while n_left + n_right < n_short and ref[r0 + n_left] == alt[a0 + n_left]:
        n_left += 1
    at = place + n_left
    if n_left + n_right < n_short or at < 1:
        return -1, 0
    longer, first = (ref, r0 + n_left) if n_ref > n_alt else (alt, a0 + n_left)
    n_piece, n_moved = abs(n_ref - n_alt), 0
    while at - n_moved > 1 and n_moved <= shift_max + 1:
        if n_moved < n_piece:
            last = longer[first + n_piece - 1 - n_moved]
        else:
            last = _base_at(fasta, lines, at - 1 - n_moved + n_piece)
        if _base_at(fasta, lines, at - 1 - n_moved) != last:
            break
        n_moved += 1
    return at - n_moved - 1, n_moved


@compiled
def align(pos, ref_start, ref, alt_start, alt, fasta, lines, shift_max, state, new_pos, n_moved):
    """Fill ``state``, the place where each row belongs, and how far it moves to it.

    Rows are trimmed and in capitals; REF and ALT are Arrow strings (starts, bytes). Positions
    count from 1.
    """
    for row in range(len(pos)):
        place = pos[row] - 1
        r0, r1, a0, a1 = ref_start[row], ref_start[row + 1], alt_start[row], alt_start[row + 1]
        state[row], new_pos[row], n_moved[row] = FITS, pos[row], 0
        if not _is_reference(ref, r0, r1, fasta, lines, place):
            state[row] = _misfit(ref, r0, r1, alt, a0, a1, fasta, lines, place)
        elif r1 - r0 != a1 - a0 and is_bases(alt, a0, a1):
            left, moved = _left_place(ref, r0, r1, alt, a0, a1, fasta, lines, place, shift_max)
            if left < 0 or left == place:
                continue
            if place - left > shift_max:
                state[row] = TOO_FAR
            else:
                new_pos[row], n_moved[row] = left + 1, moved
