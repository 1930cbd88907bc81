"""Where the contigs of a FASTA lie: from its .fai, or from one pass over the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.ingest.genotype_contig import canonical_chromosome

_STEP = 1 << 24
"""Bytes that are looked at at once."""
_HEADER_BYTE_MAX = 1 << 16
_RETURN, _LINE_END, _HEADER = 13, 10, 62
_FAI = "an index that fits the FASTA"
_FAI_FIX = "make it again (samtools faidx) or delete it"
_LINES_FIX = "write the file again with lines of equal length (samtools faidx FILE CONTIG...)"

Text = NDArray[np.uint8]


class IndexFault(ValueError):
    """A FASTA, or its index, that cannot be used."""

    def __init__(self, found: str, expected: str, fix: str) -> None:
        self.found, self.expected, self.fix = found, expected, fix
        super().__init__(f"found {found}; expected {expected}; {fix}")


@dataclass(frozen=True)
class Contig:
    """A contig's bases in a file: lines of equal length, the last one shorter."""

    name: str
    length: int
    """Bases."""
    offset: int
    """Byte of the first base."""
    n_base: int
    """Bases of a line."""
    n_byte: int
    """Bytes of a line, with its end."""

    def places(self, base: NDArray[np.int64]) -> NDArray[np.int64]:
        """Byte of each base, counted from 0."""
        return self.offset + base // self.n_base * self.n_byte + base % self.n_base


def contigs_of(text: Text) -> list[Contig]:
    """Find the chromosomes of a FASTA in one pass; other contigs are passed over."""
    starts = list(_header_starts(text))
    found = []
    for at, stop in zip(starts, [*starts[1:], len(text)], strict=True):
        name, offset = _header(text, at)
        if canonical_chromosome(name) is not None:
            found.append(_measured(text, name, offset, stop))
    return found


def read_fai(path: Path, text: Text) -> list[Contig]:
    """Read the chromosomes of an index, and check that each fits the FASTA."""
    found = []
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            name, *numbers = line.split("\t")[:5]
            length, offset, n_base, n_byte = map(int, numbers)
            found.append(Contig(name, length, offset, n_base, n_byte))
    except ValueError:  # also of text that is not UTF-8
        raise IndexFault("an index that cannot be read", _FAI, _FAI_FIX) from None
    known = [contig for contig in found if canonical_chromosome(contig.name) is not None]
    wrong = [contig.name for contig in known if not _fits(contig, text)]
    if wrong:
        raise IndexFault(f"another place or length of {wrong[0]} than the FASTA's", _FAI, _FAI_FIX)
    return known


def _fits(contig: Contig, text: Text) -> bool:
    """Whether a contig starts, breaks its first line, and ends, where it is said to."""
    offset, n_base, n_byte = contig.offset, contig.n_base, contig.n_byte
    if contig.length < 1 or n_base < 1 or n_byte - n_base not in (1, 2):
        return False
    stop = int(contig.places(np.array([contig.length - 1]))[0]) + 1
    if not 0 < offset < stop <= len(text):
        return False
    before = bytes(text[max(offset - _HEADER_BYTE_MAX, 0) : offset])
    header = before.rstrip(b"\r\n").rpartition(b"\n")[2]
    breaks = contig.length <= n_base or text[offset + n_byte - 1] == _LINE_END
    ends = bytes(text[stop : stop + 64]).split(b">")[0].strip(b"\r\n") == b""
    ends = ends and text[stop - 1] > _RETURN
    named = before.endswith(b"\n") and header.split()[:1] == [b">" + contig.name.encode()]
    return bool(named and breaks and ends)


def _header_starts(text: Text) -> Iterator[int]:
    for start in range(0, len(text), _STEP):
        for at in (np.flatnonzero(text[start : start + _STEP] == _HEADER) + start).tolist():
            if at == 0 or text[at - 1] == _LINE_END:
                yield at


def _header(text: Text, at: int) -> tuple[str, int]:
    """Name of a contig, and the byte after its header line."""
    stop = _line_end(text, at, len(text))
    words = bytes(text[at + 1 : min(stop, at + _HEADER_BYTE_MAX)]).split()
    return words[0].decode(errors="replace") if words else "", min(stop + 1, len(text))


def _line_end(text: Text, start: int, stop: int) -> int:
    """Place of the next line end; ``stop`` where there is none."""
    n_byte = 1 << 10
    while start < stop:
        found = np.flatnonzero(text[start : min(start + n_byte, stop)] == _LINE_END)
        if found.size:
            return start + int(found[0])
        start, n_byte = start + n_byte, min(4 * n_byte, _STEP)
    return stop


def _measured(text: Text, name: str, offset: int, stop: int) -> Contig:
    """Measure the lines of a contig, which must be equal but for the last."""
    while stop > offset and text[stop - 1] in (_LINE_END, _RETURN):
        stop -= 1
    end = _line_end(text, offset, stop)
    n_base = n_byte = max(end - offset, 1)
    if end < stop:
        n_byte += 1
        n_base -= int(text[end - 1] == _RETURN)
    ends = text[offset + n_byte - 1 : stop : n_byte] == _LINE_END
    n_line_end = sum(
        int(np.count_nonzero(text[at : min(at + _STEP, stop)] == _LINE_END))
        for at in range(offset, stop, _STEP)
    )
    n_full, n_rest = divmod(stop - offset, n_byte)
    if end < stop and not (ends.all() and len(ends) == n_line_end and n_rest <= n_base):
        found = f"lines of {name} that are not of equal length"
        raise IndexFault(found, "lines of equal length, but for the last", _LINES_FIX)
    return Contig(name, n_full * n_base + n_rest, offset, n_base, max(n_byte, n_base + 1))
