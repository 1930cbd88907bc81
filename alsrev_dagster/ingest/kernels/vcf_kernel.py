"""One pass over the lines of a VCF: where columns are, rows of alleles, packed calls.

Compiled, and knows only arrays. What a line should have been is said elsewhere: a line
that is not plain carries a flag (``ODD_*``), and its text is then looked at with care.

The text ends with a line end and has ``text_chunk.PADDING`` bytes beyond it, so that
eight bytes can be read at once anywhere.
"""

import numpy as np

from alsrev_dagster.ingest.kernels.compiled import compiled
from alsrev_dagster.ingest.kernels.vcf_alt import is_spanning, is_symbolic, is_unspecified
from alsrev_dagster.ingest.kernels.vcf_bytes import (
    COLON,
    COMMA,
    DOT,
    LINE_END,
    RETURN,
    TAB,
    UPPER,
    has_end,
    has_len,
    is_bases,
    is_filter,
    is_same,
    next_line_end,
    position,
)
from alsrev_dagster.ingest.kernels.vcf_calls import (
    any_calls,
    field_calls,
    missing_calls,
    pack_alleles,
    pack_missing,
    plain_calls,
)
from alsrev_dagster.ingest.kernels.vcf_number import read_number
from alsrev_dagster.ingest.kernels.vcf_sound import are_sound, has_control
from alsrev_dagster.ingest.line_layout import (
    ALT,
    CALLS,
    CHROM,
    END,
    FILTER,
    FORMAT,
    ID,
    INFO,
    ODD_ALLELE,
    ODD_CALL,
    ODD_FIELD,
    ODD_FORMAT,
    ODD_POS,
    ODD_QUAL,
    ODD_SHAPE,
    POS,
    QUAL,
    REF,
)

_HASH = 35


@compiled
def _n_shared(text, ref, ref_stop, alt, alt_stop):
    """Bases that two alleles share at the left and right, one of each always staying."""
    left, right = 0, 0
    most = min(ref_stop - ref, alt_stop - alt) - 1
    while right < most and UPPER[text[ref_stop - 1 - right]] == UPPER[text[alt_stop - 1 - right]]:
        right += 1
    while left < most - right and UPPER[text[ref + left]] == UPPER[text[alt + left]]:
        left += 1
    return left, right


@compiled
def rows_of_alleles(
    text, ref, ref_stop, alt, alts_stop, info, info_stop,
    n_row, row_alt, row_place, row_pos, first_pos,
):  # fmt: skip
    """Write a row for each ALT that is a variant, alleles trimmed; number of ALTs, flag, rows."""
    ref_is_bases = is_bases(text, ref, ref_stop)
    flag = 0 if ref_is_bases else ODD_ALLELE
    if alts_stop - alt == 1 and text[alt] == DOT:
        if has_end(text, info, info_stop):
            flag = ODD_ALLELE
        return 0, flag, n_row
    number = 0
    while alt <= alts_stop:
        stop = alt
        while stop < alts_stop and text[stop] != COMMA:
            stop += 1
        number += 1
        alt_is_bases = is_bases(text, alt, stop)
        is_star = not alt_is_bases and is_spanning(text, alt, stop)
        is_known = alt_is_bases or is_star or is_symbolic(text, alt, stop)
        if not is_known or is_unspecified(text, alt, stop):
            flag |= ODD_ALLELE
        if not is_star:
            left, right = 0, 0
            if alt_is_bases and ref_is_bases:
                left, right = _n_shared(text, ref, ref_stop, alt, stop)
                is_short = ref_stop - ref == stop - alt == left + right + 1
                if is_short and UPPER[text[ref + left]] == UPPER[text[alt + left]]:
                    flag |= ODD_ALLELE
            row_alt[n_row] = number
            row_pos[n_row] = first_pos + left
            row_place[n_row, 0] = ref + left
            row_place[n_row, 1] = ref_stop - right
            row_place[n_row, 2] = alt + left
            row_place[n_row, 3] = stop - right
            n_row += 1
        alt = stop + 1
    return number, flag, n_row


@compiled
def _columns(text, at, place):
    """Find where the columns of a line start; whether there are calls, and the place reached."""
    place[CHROM] = at
    column = 1
    if text[at] != _HASH:
        while column <= CALLS and text[at] != LINE_END:
            if text[at] == TAB:
                place[column] = at + 1
                column += 1
            at += 1
    if column > CALLS:
        return True, at
    start, at = place[CHROM], next_line_end(text, at)
    place[column:] = at - int(at > start and text[at - 1] == RETURN)
    return False, at


@compiled
def _odd_field(text, place):
    """Flag of a line whose ID, FILTER, INFO or FORMAT is not sound, or whose text is not."""
    is_empty = (
        place[REF] - place[ID] == 1
        or place[FORMAT] - place[INFO] == 1
        or place[CALLS] - place[FORMAT] == 1
    )
    if is_empty or has_len(text, place[FORMAT], place[CALLS] - 1):
        return ODD_FIELD
    if has_control(text, place[CHROM], place[CALLS]):
        return ODD_FIELD
    return 0 if is_filter(text, place[FILTER], place[INFO] - 1) else ODD_FIELD


@compiled
def _n_letter(text, start, stop, letter):
    n = 0
    for at in range(start, stop):
        n += int(text[at] == letter)
    return n


@compiled
def _calls_of_line(text, place, n_sample, n_alt, row_alt, packed, alleles, half_call, n_odd):
    """Pack the calls of a line into its rows; the place of its end or -1, and a flag."""
    at, shape = place[CALLS], place[FORMAT]
    after = text[shape + 2]
    if text[shape] != 71 or text[shape + 1] != 84 or (after != TAB and after != COLON):  # not GT
        for row in range(len(packed)):
            pack_missing(n_sample, packed[row])
        return missing_calls(text, at, n_sample), ODD_FORMAT
    if n_alt == 1 and len(packed) == 1:
        if after == TAB:
            return plain_calls(text, at, n_sample, packed[0], half_call, n_odd), 0
        return field_calls(text, at, n_sample, packed[0], half_call, n_odd), 0
    end = any_calls(text, at, n_sample, n_alt, alleles, n_odd)
    for row in range(len(packed)):
        pack_alleles(alleles, n_sample, row_alt[row], half_call, packed[row])
    return end, 0


@compiled
def read_lines(
    text, n_byte, n_sample, half_call, place, flag, n_alt, pos, qual, is_new_contig, n_odd_call,
    row_line, row_alt, row_pos, row_place, packed, alleles, reached,
):  # fmt: skip
    """Read whole lines; ``reached``: lines, rows, and where reading stopped for lack of room.

    Parameters
    ----------
    text
        Bytes; the first ``n_byte`` are whole lines.
    place, flag, n_alt, pos, qual, is_new_contig, n_odd_call
        Filled, one entry a line. ``place`` has ``N_COLUMN`` offsets into ``text``; ``flag``
        the sum of ``ODD_*``; ``pos`` is -1 and ``qual`` NaN where they are odd;
        ``is_new_contig`` says whether CHROM is not that of the line before, ``n_odd_call``
        how many calls have one allele missing, and how many are haploid.
    row_line, row_alt, row_pos, row_place, packed
        Filled, one entry an ALT allele that is a variant: its line, its number among the
        ALTs, its position, start and stop of its trimmed REF and ALT, its packed codes.
    alleles
        Room for two alleles a sample.
    """
    at, line, row, last = 0, 0, 0, -1
    while at < n_byte and line < len(place):
        here = place[line]
        has_calls, at = _columns(text, at, here)
        n_odd_call[line] = 0
        if not has_calls:
            flag[line], n_alt[line], pos[line] = ODD_SHAPE, 0, -1
            qual[line], is_new_contig[line] = np.nan, False
            line, at = line + 1, at + 1
            continue
        if row + _n_letter(text, here[ALT], here[QUAL], COMMA) + 1 > len(packed):
            at = here[CHROM]
            break
        pos[line] = position(text, here[POS], here[ID] - 1)
        qual[line], is_exact = read_number(text, here[QUAL], here[FILTER] - 1)
        odd = (ODD_POS if pos[line] < 0 else 0) | (0 if is_exact else ODD_QUAL)
        odd |= _odd_field(text, here)
        first = row
        n_alt[line], odd_allele, row = rows_of_alleles(
            text, here[REF], here[ALT] - 1, here[ALT], here[QUAL] - 1, here[INFO], here[FORMAT] - 1,
            row, row_alt, row_place, row_pos, pos[line],
        )  # fmt: skip
        row_line[first:row] = line
        end, odd_format = _calls_of_line(
            text, here, n_sample, n_alt[line], row_alt[first:row], packed[first:row],
            alleles, half_call, n_odd_call[line],
        )  # fmt: skip
        odd |= odd_allele | odd_format
        if end < 0:
            odd |= ODD_CALL
            end = next_line_end(text, here[CALLS])
        elif text[end] == RETURN:
            end += 1
        if text[end] != LINE_END:
            odd |= ODD_SHAPE
            end = next_line_end(text, end)
        here[END] = end - int(text[end - 1] == RETURN)
        n_key = _n_letter(text, here[FORMAT], here[CALLS], COLON) + 1
        if n_key > 1 or odd & ODD_FORMAT or n_alt[line] != 1:  # else each byte was looked at
            if not are_sound(text, here[CALLS], here[END], n_key):
                odd |= ODD_CALL
        flag[line] = odd
        is_new_contig[line] = last < 0 or not is_same(
            text, here[CHROM], here[POS] - 1, place[last, CHROM], place[last, POS] - 1
        )
        last = line
        line, at = line + 1, end + 1
    reached[0], reached[1], reached[2] = line, row, at
