"""Values of INFO keys, found and read as numbers: compiled."""

import numpy as np

from alsrev_dagster.ingest.kernels.compiled import compiled
from alsrev_dagster.ingest.kernels.vcf_bytes import COMMA
from alsrev_dagster.ingest.kernels.vcf_number import read_number
from alsrev_dagster.ingest.line_layout import FORMAT, INFO, ODD_SHAPE

_SEMICOLON, _EQUALS = 59, 61


@compiled
def find_values(text, place, flag, key, start, stop):
    """Find where the value of a key starts and stops in each line's INFO; -1 where it is not."""
    n = len(key)
    for line in range(len(place)):
        start[line] = stop[line] = -1
        if flag[line] & ODD_SHAPE:
            continue
        at, last = place[line, INFO], place[line, FORMAT] - 1
        while at < last:
            end = at
            while end < last and text[end] != _SEMICOLON:
                end += 1
            if end - at > n and text[at + n] == _EQUALS:
                same = True
                for index in range(n):
                    same = same and text[at + index] == key[index]
                if same:
                    start[line], stop[line] = at + n + 1, end
                    break
            at = end + 1


@compiled
def read_numbers(text, start, stop, row_line, row_alt, out):
    """Read of each row the value of its ALT (Number=A); NaN where there is none."""
    for row in range(len(row_line)):
        out[row] = np.nan
        at, last = start[row_line[row]], stop[row_line[row]]
        if at < 0:
            continue
        for _ in range(row_alt[row] - 1):
            while at < last and text[at] != COMMA:
                at += 1
            at += 1
        end = at
        while end < last and text[end] != COMMA:
            end += 1
        if at < last:
            out[row], _ = read_number(text, at, end)
