"""Biallelic variants as arrays, on their way from a file to the lake."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alsrev_dagster.arrow_arrays import numbers, starts_and_bytes
from alsrev_dagster.call_sums import NO_SUMS
from alsrev_dagster.ingest import kernels
from alsrev_dagster.packing import n_byte, unpack


@dataclass(frozen=True, eq=False)
class Rows:
    """Variants of one chromosome: one ALT allele each, and the calls of every sample."""

    pos: NDArray[np.int64]
    """1-based position of the first base of REF."""
    ref: pa.StringArray
    alt: pa.StringArray
    rsid: pa.StringArray
    filter: pa.StringArray
    """FILTER as it stands; null for ``.``."""
    qual: NDArray[np.float64]
    """NaN where missing."""
    info_allele_freq: NDArray[np.float64]
    """INFO/AF of the ALT allele; NaN where there is none."""
    consequence: pa.StringArray
    consequence_by_gene: pa.StringArray
    """Gravest terms of CSQ or ANN, of all and by gene; null where there are none."""
    packed: NDArray[np.uint8]
    """Codes at two bits a sample (``packing.py``), one row a variant."""
    call_sum: NDArray[np.float64]
    """Sums over calls (``call_sums.ROW_SUMS``), one row a variant; no columns without them."""

    def __len__(self) -> int:
        return len(self.pos)

    def take(self, index: NDArray[np.intp]) -> "Rows":
        """Return the rows at these places."""
        if not len(index):
            return self.slice(0, 0)
        number = {name: getattr(self, name)[index] for name in _NUMBERS}
        at = numbers(index)
        text = {name: getattr(self, name).take(at) for name in _TEXT}
        return Rows(**number, **text)

    def slice(self, start: int, stop: int) -> "Rows":
        """Return the rows of a range, without copying."""
        numbers = {name: getattr(self, name)[start:stop] for name in _NUMBERS}
        n = max(stop - start, 0)
        text = {name: getattr(self, name).slice(start, n) for name in _TEXT}
        return Rows(**numbers, **text)


_N_DIGIT_MAX, _N_DASH = 19, 3
_NUMBERS = ("pos", "qual", "info_allele_freq", "packed", "call_sum")
_TEXT = ("ref", "alt", "rsid", "filter", "consequence", "consequence_by_gene")


def join(parts: list[Rows]) -> Rows:
    """Return the rows of the parts (one at least), one after the other."""
    if len(parts) == 1:
        return parts[0]
    numbers = {name: np.concatenate([getattr(p, name) for p in parts]) for name in _NUMBERS}
    text = {name: pa.concat_arrays([getattr(p, name) for p in parts]) for name in _TEXT}
    return Rows(**numbers, **text)


def no_text(n: int) -> pa.StringArray:
    """Return a column of text that is nowhere there."""
    return pa.nulls(n, pa.string())


def no_sums(n: int) -> NDArray[np.float64]:
    """Return the sums of rows whose calls are not summed."""
    return np.empty((n, NO_SUMS))


def no_rows(n_sample: int) -> Rows:
    """Return rows of no variant."""
    numbers = {name: np.empty(0, dtype=np.float64) for name in ("qual", "info_allele_freq")}
    return Rows(
        pos=np.empty(0, dtype=np.int64),
        packed=np.empty((0, n_byte(n_sample)), dtype=np.uint8),
        call_sum=no_sums(0),
        **numbers,
        **{name: no_text(0) for name in _TEXT},
    )


@dataclass(frozen=True, eq=False)
class Segment:
    """Records of one contig that follow one another in a file, split into rows."""

    contig: str
    rows: Rows
    last_pos: int
    """Position of the last record: no later record of the contig starts before it."""
    count: Counter[str] = field(default_factory=Counter)
    """``n_record``; ``n_no_alt`` of them and ``n_star`` ALT alleles (``*``, ``<*>``) have no row;
    of records that have one, calls that are half missing or haploid, and those made missing
    (``call_filter.REASONS``)."""
    sample_sum: NDArray[np.float64] | None = None
    """``call_sums.SAMPLE_SUMS`` of each sample over these records; None where not summed."""


@dataclass(frozen=True, eq=False)
class VariantBlock:
    """Variants of one chromosome, sorted by (pos, ref, alt) within and across blocks."""

    chrom: str
    rows: Rows
    n_sample: int
    count: Counter[str]
    """Of the records read for this block: over all blocks, every record of the chromosome."""
    sample_sum: NDArray[np.float64] | None = None
    """Of the same records, ``call_sums.SAMPLE_SUMS`` of each sample; None where not summed."""

    @property
    def genotype(self) -> NDArray[np.uint8]:
        """Codes 0-3, shape (n_variant, n_sample)."""
        return unpack(self.rows.packed, self.n_sample)


def variant_ids(block: VariantBlock) -> pa.StringArray:
    """Name each variant of a block: ``chrom-pos-ref-alt``."""
    rows, chrom = block.rows, np.frombuffer(block.chrom.encode(), dtype=np.uint8)
    (ref_start, ref), (alt_start, alt) = starts_and_bytes(rows.ref), starts_and_bytes(rows.alt)
    n, n_letter = len(rows), int(ref_start[-1] - ref_start[0] + alt_start[-1] - alt_start[0])
    offset = np.empty(n + 1, dtype=np.int32)
    data = np.empty(n_letter + n * (len(chrom) + _N_DIGIT_MAX + _N_DASH), dtype=np.uint8)
    kernels.name_variants(chrom, rows.pos, ref_start, ref, alt_start, alt, offset, data)
    written = pa.py_buffer(data[: offset[n]])
    return pa.StringArray.from_buffers(n, pa.py_buffer(offset), written)
