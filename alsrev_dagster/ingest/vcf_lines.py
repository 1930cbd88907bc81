"""Lines of a VCF as arrays, and as rows: what the compiled pass found, given names."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.call_sums import NO_SUMS, ROW_SUMS, SAMPLE_SUMS
from alsrev_dagster.ingest import kernels
from alsrev_dagster.ingest import line_layout as layout
from alsrev_dagster.ingest.annotation import NO_KEYS, AnnotationKeys
from alsrev_dagster.ingest.call_filter import CALL_FIELDS, REASONS, CallFilter
from alsrev_dagster.ingest.genotype_rows import Rows
from alsrev_dagster.ingest.info_columns import InfoText
from alsrev_dagster.ingest.line_arrays import LineArrays, room_for_lines, room_for_rows
from alsrev_dagster.ingest.vcf_text import strings
from alsrev_dagster.packing import n_byte as n_packed_byte

_HALF_CALLS = {
    "missing": layout.HALF_MISSING,
    "reference": layout.HALF_REFERENCE,
    "haploid": layout.HALF_HAPLOID,
}

_N_FIXED_BYTE = 17
"""Fewest bytes of a line before its calls."""


@dataclass(frozen=True, eq=False)
class Lines(LineArrays):
    """Whole lines of a VCF, with the calls of their rows."""

    packed: NDArray[np.uint8]
    n_odd_call: NDArray[np.int32]
    """Calls with one allele missing, and haploid ones."""
    n_failed: NDArray[np.int32]
    """Calls made missing, a column a reason: see ``call_filter.REASONS``."""
    row_sum: NDArray[np.float64]
    """Sums over the calls of each row: ``call_sums.ROW_SUMS``, or no columns."""
    sample_sum: NDArray[np.float64]
    """``call_sums.SAMPLE_SUMS`` of each sample, for each run of lines of one contig, or no run."""


def read_lines(
    text: NDArray[np.uint8],
    n_byte: int,
    *,
    n_sample: int,
    call_filter: CallFilter,
    call_fields: Collection[str] = (),
) -> Lines:
    """Read the first ``n_byte`` bytes of a text, which are whole lines.

    ``call_fields`` are those of ``CALL_FIELDS`` that may be summed.
    """
    n_line = n_byte // (2 * n_sample + _N_FIXED_BYTE) + 2
    n_row = n_line + n_line // 4
    half_call = _HALF_CALLS[call_filter.half_calls]
    alleles, reached = np.empty((n_sample, 2), dtype=np.int32), np.empty(3, dtype=np.int64)
    while True:
        line, row = _room(n_line), _room_for_rows(n_row, n_sample)
        kernels.read_lines(
            text, n_byte, n_sample, half_call, *line.values(), *row.values(), alleles, reached
        )
        n_line_read, n_row_read, at = reached.tolist()
        if at == n_byte:
            break
        n_line, n_row = 2 * n_line, 2 * n_row
    of_line: dict[str, Any] = {name: array[:n_line_read] for name, array in line.items()}
    of_row: dict[str, Any] = {name: array[:n_row_read] for name, array in row.items()}
    n_failed = np.zeros((n_line_read, len(REASONS)), dtype=np.int32)
    is_summed = call_filter.call_depth and len(call_fields) > 0
    n_run = int(of_line["is_new_contig"].sum()) if is_summed else 0
    lines = Lines(
        **of_line,
        **of_row,
        n_failed=n_failed,
        row_sum=np.zeros((n_row_read, len(ROW_SUMS) if is_summed else NO_SUMS)),
        sample_sum=np.zeros((n_run, n_sample, len(SAMPLE_SUMS))),
    )
    if call_filter.asks_for_fields:
        _mask_calls(text, lines, n_sample, call_filter)
    if is_summed:
        _tally_calls(text, lines, n_sample, call_fields)
    return lines


def _mask_calls(
    text: NDArray[np.uint8], lines: Lines, n_sample: int, call_filter: CallFilter
) -> None:
    """Make calls missing that the filter does not let pass."""
    minimum = (
        call_filter.genotype_quality_min,
        call_filter.depth_min,
        call_filter.allele_balance_min,
    )
    kernels.mask_calls(
        text,
        lines.place,
        lines.flag,
        lines.n_alt,
        lines.row_line,
        lines.packed,
        n_sample,
        np.array(minimum, dtype=np.float64),
        lines.n_failed,
    )


def _tally_calls(
    text: NDArray[np.uint8], lines: Lines, n_sample: int, call_fields: Collection[str]
) -> None:
    """Sum what FORMAT says of the calls that are not missing, nor made so."""
    kernels.tally_calls(
        text,
        lines.place,
        lines.flag,
        lines.n_alt,
        lines.is_new_contig,
        lines.row_line,
        lines.row_alt,
        lines.packed,
        n_sample,
        np.array([name in call_fields for name in CALL_FIELDS]),
        lines.row_sum,
        lines.sample_sum,
    )


def fields_seen(text: NDArray[np.uint8], lines: Lines) -> set[str]:
    """Which of ``CALL_FIELDS`` the FORMAT of any line has."""
    is_seen = np.zeros(len(CALL_FIELDS), dtype=np.bool_)
    kernels.see_fields(text, lines.place, lines.flag, is_seen)
    return {name for name, seen in zip(CALL_FIELDS, is_seen.tolist(), strict=True) if seen}


def _room(n: int) -> dict[str, NDArray[Any]]:
    n_odd_call = np.empty((n, 2), dtype=np.int32)
    return room_for_lines(n, layout.N_COLUMN) | {"n_odd_call": n_odd_call}


def _room_for_rows(n: int, n_sample: int) -> dict[str, NDArray[Any]]:
    return room_for_rows(n) | {"packed": np.empty((n, n_packed_byte(n_sample)), dtype=np.uint8)}


def rows_of(text: NDArray[np.uint8], lines: Lines, keys: AnnotationKeys = NO_KEYS) -> Rows:
    """Return the rows of the lines, in the order of their records."""
    place, allele = lines.place[lines.row_line], lines.row_place

    def column(number: int) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]:
        return text, place[:, number], place[:, number + 1] - 1

    info = InfoText(text, lines.place, lines.flag, lines.row_line, lines.row_alt)
    consequence, by_gene = info.consequences(keys)
    return Rows(
        pos=lines.row_pos,
        ref=strings(text, allele[:, 0], allele[:, 1], bases_in_capitals=True),
        alt=strings(text, allele[:, 2], allele[:, 3], bases_in_capitals=True),
        rsid=strings(*column(layout.ID), dot_is_null=True),
        filter=strings(*column(layout.FILTER), dot_is_null=True),
        qual=lines.qual[lines.row_line],
        info_allele_freq=info.allele_freq(keys),
        consequence=consequence,
        consequence_by_gene=by_gene,
        packed=lines.packed,
        call_sum=lines.row_sum,
    )
