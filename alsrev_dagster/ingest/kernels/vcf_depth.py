"""Depth, genotype quality and reads of alleles, summed by row and by sample: compiled."""

from alsrev_dagster.ingest.kernels.compiled import compiled
from alsrev_dagster.ingest.kernels.vcf_bytes import next_end
from alsrev_dagster.ingest.kernels.vcf_call import read_call
from alsrev_dagster.ingest.kernels.vcf_fields import (
    AD,
    DP,
    GQ,
    N_FIELD,
    UNREADABLE,
    field_end,
    field_places,
    find_fields,
    number_at,
    reads_of,
)
from alsrev_dagster.ingest.line_layout import CALLS, FORMAT, ODD_SHAPE

_HET, _MISSING = 1, 3
"""Codes of packed calls."""
_N_DP, _SUM_DP, _N_GQ, _SUM_GQ, _ALT_READ, _HET_READ = range(6)
"""Columns of sums: see ``call_sums``."""
_NUMBER_MAX = 2**31 - 1
"""A greater number is none: htslib, and so a BCF, keeps 32 bits."""


@compiled
def see_fields(text, place, flag, is_seen):
    """Mark which of GQ, DP and AD a line has in its FORMAT; the others are left as they are."""
    for line in range(len(place)):
        if is_seen[GQ] and is_seen[DP] and is_seen[AD]:
            return
        if not flag[line] & ODD_SHAPE:
            found = find_fields(text, place[line, FORMAT], place[line, CALLS] - 1)
            for field in range(N_FIELD):
                is_seen[field] = is_seen[field] or found[field] >= 0


@compiled
def _tally_reads(text, call, ad, n_alt, row_alt, row_sum):
    """Add the reads of a call of REF and one ALT to the row of that ALT."""
    first, second, _ = read_call(text, call, n_alt)
    alt = max(first, second)
    if min(first, second) != 0 or alt <= 0:
        return
    ref_read, alt_read = reads_of(text, ad, 0), reads_of(text, ad, alt)
    if min(ref_read, alt_read) < 0 or max(ref_read, alt_read) > _NUMBER_MAX:
        return
    for row in range(len(row_alt)):
        if row_alt[row] == alt:
            row_sum[row, _ALT_READ] += alt_read
            row_sum[row, _HET_READ] += ref_read + alt_read


@compiled
def _tally_line(text, at, field, n_alt, row_alt, packed, n_sample, row_sum, sample_sum):
    """Add the calls of a line, from the place of the first, to its rows and to its samples."""
    gq, dp, ad = field
    last = max(gq, dp, ad)
    n_dp, sum_dp, n_gq, sum_gq = 0, 0.0, 0, 0.0
    for sample in range(n_sample):
        code = (packed[0, sample >> 2] >> (6 - 2 * (sample & 3))) & 3
        if code == _MISSING:  # and then in each of the rows
            at = next_end(text, at) + 1
            continue
        call = at
        at = field_end(text, at)
        gq_at, dp_at, ad_at, at = field_places(text, at, gq, dp, ad, last)
        depth, quality = number_at(text, dp_at), number_at(text, gq_at)
        if 0 <= depth <= _NUMBER_MAX:
            n_dp, sum_dp = n_dp + 1, sum_dp + depth
            sample_sum[sample, _N_DP] += 1
            sample_sum[sample, _SUM_DP] += depth
        if 0 <= quality <= _NUMBER_MAX:
            n_gq, sum_gq = n_gq + 1, sum_gq + quality
            sample_sum[sample, _N_GQ] += 1
            sample_sum[sample, _SUM_GQ] += quality
        if ad_at >= 0 and (code == _HET or n_alt > 1):
            _tally_reads(text, call, ad_at, n_alt, row_alt, row_sum)
        at = next_end(text, at) + 1
    for row in range(len(row_alt)):
        row_sum[row, _N_DP], row_sum[row, _SUM_DP] = n_dp, sum_dp
        row_sum[row, _N_GQ], row_sum[row, _SUM_GQ] = n_gq, sum_gq


@compiled
def tally_calls(
    text, place, flag, n_alt, is_new_contig, row_line, row_alt, packed, n_sample, is_asked,
    row_sum, sample_sum,
):  # fmt: skip
    """Sum DP and GQ over the calls that are not missing, and AD over the heterozygous ones.

    ``is_asked`` says of GQ, DP and AD whether they are read. ``row_sum``, zeros of shape (n_row,
    6), and ``sample_sum``, zeros of shape (n_run, n_sample, 4) with one entry a run of lines of
    one contig, have the columns of ``call_sums``. What a call does not give never counts.
    """
    row, run = 0, -1
    for line in range(len(place)):
        run += int(is_new_contig[line])
        first = row
        while row < len(row_line) and row_line[row] == line:
            row += 1
        if flag[line] & UNREADABLE or row == first:
            continue
        gq, dp, ad = find_fields(text, place[line, FORMAT], place[line, CALLS] - 1)
        field = (
            gq if is_asked[GQ] else -1,
            dp if is_asked[DP] else -1,
            ad if is_asked[AD] else -1,
        )
        if max(field[GQ], field[DP], field[AD]) > 0:
            _tally_line(
                text, place[line, CALLS], field, n_alt[line], row_alt[first:row],
                packed[first:row], n_sample, row_sum[first:row], sample_sum[run],
            )  # fmt: skip
