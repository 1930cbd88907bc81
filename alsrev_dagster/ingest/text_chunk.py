"""Whole lines out of the bytes that one task unpacks, and what it leaves to the next."""

from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.ingest.text_source import BLOCK_BYTE_MAX, Fill, Span

PADDING = 64
"""Bytes kept free beyond the lines of a chunk."""

_LINE_BYTE_MAX = 1 << 30
"""Longest line: its places must fit 32 bits."""
_ROOM_BYTE = 1 << 20
"""Room in a buffer for the start of a line that the bytes before it have."""
_LOOK_BYTE = 1 << 14


class LongLineError(ValueError):
    """A line that no VCF has."""


Place = tuple[int, int]
"""Where to start reading: an offset into the file, and bytes to pass over once unpacked."""


class Stretch(NamedTuple):
    """What lies between two places of the bytes of one task."""

    spans: list[Span]
    start: int
    stop: int

    def place(self, at: int) -> Place | None:
        """Where in the file reading must start to begin with this byte; None inside gzip."""
        at += self.start
        for span in self.spans:
            if at < span.n_byte:
                return None if span.place is None else (span.place, at)
            at -= span.n_byte
        return None


@dataclass(frozen=True, eq=False)
class Chunk:
    """Whole lines."""

    text: NDArray[np.uint8]
    """The bytes of the lines, and ``PADDING`` bytes beyond them."""
    stretches: tuple[Stretch, ...]
    """Where the bytes come from."""
    is_cut: bool = False
    """The last line had no line end; it was given one."""

    @property
    def n_byte(self) -> int:
        """Bytes up to the end of the last line."""
        return self.text.size - PADDING

    def place(self, at: int) -> Place | None:
        """Where in the file reading must start to begin with this byte; None inside gzip."""
        for stretch in self.stretches:
            if at < stretch.stop - stretch.start:
                return stretch.place(at)
            at -= stretch.stop - stretch.start
        return None

    def kept(self) -> "Chunk":
        """Return the same lines with a text of their own, there for good."""
        return replace(self, text=self.text.copy())


@dataclass(frozen=True, eq=False)
class Carry:
    """What a task leaves to the next: the start of a line, or bytes still to be passed over."""

    data: tuple[bytes, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    n_skip: int = 0

    @property
    def n_byte(self) -> int:
        """Bytes of the line so far."""
        return sum(map(len, self.data))

    def and_then(self, data: memoryview, stretch: Stretch) -> "Carry":
        """Return it with what follows, which has no line end either."""
        more = bytes(data[stretch.start : stretch.stop])
        if self.n_byte + len(more) > _LINE_BYTE_MAX:
            raise LongLineError(f"a line of more than {_LINE_BYTE_MAX:,} bytes")
        return Carry((*self.data, more), (*self.stretches, stretch)) if more else self

    def last_line(self) -> Chunk | None:
        """Return what is left at the end of the file: a line without its end."""
        if not self.n_byte:
            return None
        text = b"".join([*self.data, b"\n", bytes(PADDING)])
        return Chunk(np.frombuffer(text, dtype=np.uint8), self.stretches, is_cut=True)


class Buffer:
    """Memory for one task: room for what is carried to it, its own bytes, and padding."""

    def __init__(self, n_byte: int) -> None:
        self.whole = np.empty(_ROOM_BYTE + n_byte + BLOCK_BYTE_MAX + PADDING, dtype=np.uint8)
        self.own = self.whole.data[_ROOM_BYTE:-PADDING]

    def text(self, carry: Carry, start: int, stop: int) -> NDArray[np.uint8]:
        """Return what is carried, and behind it bytes of its own."""
        before, behind = b"".join(carry.data), _ROOM_BYTE + stop + PADDING
        first = _ROOM_BYTE + start - len(before)
        if first < 0:
            own = self.whole[_ROOM_BYTE + start : behind]
            return np.concatenate([np.frombuffer(before, dtype=np.uint8), own])
        if before:
            self.whole[first : _ROOM_BYTE + start] = np.frombuffer(before, dtype=np.uint8)
        return self.whole[first:behind]


def whole_lines(
    fill: Fill, buffer: Buffer, before: Future[Carry]
) -> tuple[Chunk | None, Carry, bool]:
    """Return lines up to the last line end, what is left for the next, and whether that is all."""
    if not fill.is_apart:
        before.result()
    spans = fill.unpack(buffer.own)
    carry, n_byte = before.result(), sum(span.n_byte for span in spans)
    if not spans:
        return carry.last_line(), Carry(), True
    start = min(carry.n_skip, n_byte)
    stop = _last_line_end(buffer.own, start, n_byte)
    rest = Stretch(spans, stop, n_byte)
    if stop == start:
        left = carry.and_then(buffer.own, rest)
        return None, replace(left, n_skip=carry.n_skip - start), False
    here = (*carry.stretches, Stretch(spans, start, stop))
    left = Carry().and_then(buffer.own, rest)
    return Chunk(buffer.text(carry, start, stop), here), left, False


def _last_line_end(data: memoryview, start: int, stop: int) -> int:
    """Place just behind the last line end; ``start`` without one."""
    while stop > start:
        first = max(start, stop - _LOOK_BYTE)
        found = bytes(data[first:stop]).rfind(b"\n")
        if found >= 0:
            return first + found + 1
        stop = first
    return start
