"""Calls that fail on quality, depth or allele balance, made missing: compiled."""

from alsrev_dagster.ingest.kernels.compiled import compiled
from alsrev_dagster.ingest.kernels.vcf_bytes import next_end
from alsrev_dagster.ingest.kernels.vcf_call import read_call
from alsrev_dagster.ingest.kernels.vcf_fields import (
    AD,
    DP,
    GQ,
    UNREADABLE,
    field_places,
    find_fields,
    number_at,
    reads_of,
)
from alsrev_dagster.ingest.line_layout import CALLS, FORMAT


@compiled
def _fails(text, gq, dp, ad, first, second, minimum):
    """Index of the first minimum that a call fails, or -1; from the places of its fields."""
    if minimum[GQ] > 0 and 0 <= number_at(text, gq) < minimum[GQ]:
        return GQ
    if minimum[DP] > 0 and 0 <= number_at(text, dp) < minimum[DP]:
        return DP
    if ad >= 0 and minimum[AD] > 0 and first >= 0 and second >= 0 and first != second:
        one, other = reads_of(text, ad, first), reads_of(text, ad, second)
        # divided, not multiplied: 7 of 100 reads are then not below 0.07
        if one >= 0 and other >= 0 and one + other > 0:
            if min(one, other) / (one + other) < minimum[AD]:
                return AD
    return -1


@compiled
def mask_calls(text, place, flag, n_alt, row_line, packed, n_sample, minimum, n_failed):
    """Make the calls of each line missing that fail a minimum, in every row of the line.

    ``minimum`` has those of GQ, DP and allele balance (0: none). ``n_failed``, zeros of shape
    (n_line, 3), is raised by the calls that fail each, by the first one failed. Missing calls
    fail none.
    """
    row = 0
    for line in range(len(place)):
        first_row = row
        while row < len(row_line) and row_line[row] == line:
            row += 1
        gq, dp, ad = find_fields(text, place[line, FORMAT], place[line, CALLS] - 1)
        last = max(gq, dp, ad)
        if flag[line] & UNREADABLE or row == first_row or last < 0:
            continue
        at = place[line, CALLS]
        for sample in range(n_sample):
            first, second, at = read_call(text, at, n_alt[line])
            gq_at, dp_at, ad_at, at = field_places(text, at, gq, dp, ad, last)
            failed = -1
            if first >= 0 or second >= 0:
                failed = _fails(text, gq_at, dp_at, ad_at, first, second, minimum)
            if failed >= 0:
                n_failed[line, failed] += 1
                for masked in range(first_row, row):
                    packed[masked, sample >> 2] |= 3 << (6 - 2 * (sample & 3))
            at = next_end(text, at) + 1
