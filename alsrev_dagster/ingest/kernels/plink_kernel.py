"""One pass over the lines of a .pvar or .bim: columns, rows of alleles, packed calls: compiled.

Knows only arrays; a line that is not plain carries a flag (``vcf_kernel.ODD_*``) and is
looked at with care elsewhere.
"""

import numpy as np

from alsrev_dagster.ingest.kernels.compiled import compiled
from alsrev_dagster.ingest.kernels.vcf_bytes import (
    LINE_END,
    RETURN,
    TAB,
    is_same,
    next_end,
    position,
)
from alsrev_dagster.ingest.kernels.vcf_kernel import rows_of_alleles
from alsrev_dagster.ingest.kernels.vcf_number import read_number
from alsrev_dagster.ingest.line_layout import ODD_POS, ODD_QUAL, ODD_SHAPE
from alsrev_dagster.ingest.plink_layout import ALT, CHROM, INFO, POS, QUAL, REF

_SPACE = 32
_MISSING = 3


@compiled
def _columns_by_tab(text, at, role_of, place):
    """Find where the columns of a line start and stop; their number, and the line's end."""
    n = 0
    while True:
        start, at = at, next_end(text, at)
        stop = at
        if text[at] == LINE_END and at > start and text[at - 1] == RETURN:
            stop -= 1
        if n < len(role_of) and role_of[n] >= 0:
            place[role_of[n], 0], place[role_of[n], 1] = start, stop
        n += 1
        if text[at] == LINE_END:
            return n, at
        at += 1


@compiled
def _columns_by_blank(text, at, role_of, place):
    """Find columns that any number of blanks and tabs separate."""
    n = 0
    while True:
        while text[at] == _SPACE or text[at] == TAB or text[at] == RETURN:
            at += 1
        if text[at] == LINE_END:
            return n, at
        start = at
        while text[at] != _SPACE and text[at] != TAB and text[at] != RETURN:
            if text[at] == LINE_END:
                break
            at += 1
        if n < len(role_of) and role_of[n] >= 0:
            place[role_of[n], 0], place[role_of[n], 1] = start, at
        n += 1


@compiled
def read_table(
    text, n_byte, role_of, by_tab, place, flag, n_alt, pos, qual, is_new_contig,
    row_line, row_alt, row_pos, row_place, reached,
):  # fmt: skip
    """Read whole lines; ``reached``: lines, rows, and where reading stopped for lack of room.

    ``role_of`` says for each column which ``place`` it fills (-1: none). The rest is as in
    ``vcf_kernel.read_lines``, but a line has start and stop of each column in ``place``.
    """
    at, line, row, last = 0, 0, 0, -1
    while at < n_byte and line < len(place):
        here = place[line]
        here[:] = 0
        start = at
        if by_tab:
            n_column, at = _columns_by_tab(text, at, role_of, here)
        else:
            n_column, at = _columns_by_blank(text, at, role_of, here)
        if n_column != len(role_of) or text[start] == 35:
            flag[line], n_alt[line], pos[line] = ODD_SHAPE, 0, -1
            qual[line], is_new_contig[line] = np.nan, False
            here[:, 0], here[:, 1] = start, at
            line, at = line + 1, at + 1
            continue
        if row + here[ALT, 1] - here[ALT, 0] + 1 > len(row_line):
            at = start
            break
        pos[line] = position(text, here[POS, 0], here[POS, 1])
        qual[line], is_exact = read_number(text, here[QUAL, 0], here[QUAL, 1])
        odd = ODD_POS if pos[line] < 0 else 0
        if here[QUAL, 1] > here[QUAL, 0] and not is_exact:
            odd |= ODD_QUAL
        first = row
        n_alt[line], odd_allele, row = rows_of_alleles(
            text, here[REF, 0], here[REF, 1], here[ALT, 0], here[ALT, 1], here[INFO, 0],
            here[INFO, 1], row, row_alt, row_place, row_pos, pos[line],
        )  # fmt: skip
        row_line[first:row] = line
        flag[line] = odd | odd_allele
        is_new_contig[line] = last < 0 or not is_same(
            text, here[CHROM, 0], here[CHROM, 1], place[last, CHROM, 0], place[last, CHROM, 1]
        )
        last = line
        line, at = line + 1, at + 1
    reached[0], reached[1], reached[2] = line, row, at


@compiled
def pack_int8(codes, row, packed):
    """Pack codes 0, 1, 2 (any other: missing), a variant a line of ``codes``, into these rows."""
    n_sample = codes.shape[1]
    n_whole = n_sample // 4
    for index in range(codes.shape[0]):
        here, out = codes[index], packed[row[index]]
        for byte in range(n_whole):
            four = 0
            for sample in range(4 * byte, 4 * byte + 4):
                code = here[sample]
                four = (four << 2) | (code if 0 <= code <= 2 else _MISSING)
            out[byte] = four
        if n_sample & 3:
            four = 0
            for sample in range(4 * n_whole, n_sample):
                code = here[sample]
                four |= (code if 0 <= code <= 2 else _MISSING) << (6 - 2 * (sample & 3))
            out[n_whole] = four
