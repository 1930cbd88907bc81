"""A text file, plain or packed, as chunks of whole lines, unpacked by several threads.

BGZF (what bgzip writes) is gzip in blocks of at most 64 KB that unpack apart from one
another; any other gzip is one stream. Checksums and lengths are those of the format, and
a stream that breaks off raises EOFError.
"""

import io
import struct
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np
import pyarrow as pa
from isal import igzip, isal_zlib
from numpy.typing import NDArray

PADDING = 32
"""Bytes kept free beyond the lines of a chunk."""

_GROUP_BYTE = 1 << 22
"""Unpacked bytes that are read, and then parsed, at once."""
_READ_BYTE = 1 << 20
_BLOCK_HEADER = 18
_BLOCK_BYTE_MAX = 1 << 16
_In = TypeVar("_In")
_Out = TypeVar("_Out")

Place = tuple[int, int]
"""Where to start reading: an offset into the file, and bytes to pass over once unpacked."""


@dataclass(frozen=True, eq=False)
class _Piece:
    """Bytes that follow one another once unpacked, and where they can be read again."""

    data: bytes | memoryview
    place: int | None
    """Offset of the block (BGZF) or of the bytes themselves (plain); None inside gzip and zstd."""
    skipped: int = 0
    """Unpacked bytes between that place and the data."""


@dataclass(frozen=True, eq=False)
class Chunk:
    """Whole lines; ``PADDING`` bytes follow them in ``text``."""

    text: NDArray[np.uint8]
    n_byte: int
    start: int
    """Where the lines start: bytes before it are passed over."""
    is_cut: bool
    """The last line had no line end; it was given one."""
    starts: tuple[int, ...]
    places: tuple[Place | None, ...]
    """Where in ``text`` each piece starts, and its place in the file."""

    def place(self, at: int) -> Place | None:
        """Where in the file reading must start to begin with this byte; None inside gzip."""
        piece = bisect_right(self.starts, at) - 1
        place = self.places[piece]
        return None if place is None else (place[0], place[1] + at - self.starts[piece])


def ahead(
    pool: Executor, function: Callable[[_In], _Out], items: Iterable[_In], *, n_ahead: int
) -> Iterator[_Out]:
    """Yield a function's results in order, while the pool works on the next few items."""
    waiting: deque[Future[_Out]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > n_ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def chunks(path: Path, pool: Executor, *, start: Place = (0, 0), n_ahead: int) -> Iterator[Chunk]:
    """Read a file from a place on; raises READ_ERRORS where its packing is broken."""
    with path.open("rb") as stream:
        stream.seek(start[0])
        yield from _whole_lines(_unpacked(stream, pool, n_ahead), skip=start[1])


def _unpacked(stream: BinaryIO, pool: Executor, n_ahead: int) -> Iterator[list[_Piece]]:
    begin = stream.tell()
    head = stream.read(_BLOCK_HEADER)
    stream.seek(begin)
    if head[:4] == b"\x28\xb5\x2f\xfd":
        return _zstd(stream)
    if head[:2] != b"\x1f\x8b":
        return _plain(stream)
    if not _is_block(head):
        return _gzip(stream)
    return _bgzf(stream, pool, n_ahead)


def _is_block(head: bytes) -> bool:
    """Whether these bytes start a BGZF block (SAM specification, section 4.1)."""
    return len(head) == _BLOCK_HEADER and head[:4] == b"\x1f\x8b\x08\x04" and head[12:14] == b"BC"


def _plain(stream: BinaryIO) -> Iterator[list[_Piece]]:
    while True:
        place = stream.tell()
        data = stream.read(_GROUP_BYTE)
        if not data:
            return
        yield [_Piece(data, place)]


def _gzip(stream: BinaryIO) -> Iterator[list[_Piece]]:
    with igzip.open(stream, "rb") as unpacked:  # type: ignore[no-untyped-call]
        while data := unpacked.read(_GROUP_BYTE):
            yield [_Piece(data, None)]


def _zstd(stream: BinaryIO) -> Iterator[list[_Piece]]:
    with pa.CompressedInputStream(stream, "zstd") as unpacked:
        while data := _read_zstd(unpacked):
            yield [_Piece(data, None)]


def _read_zstd(unpacked: pa.CompressedInputStream) -> bytes:
    try:
        return bytes(unpacked.read(_GROUP_BYTE))
    except OSError as error:  # what Arrow raises where zstd data are broken
        raise EOFError(str(error)) from error


def _bgzf(stream: BinaryIO, pool: Executor, n_ahead: int) -> Iterator[list[_Piece]]:
    yield from ahead(pool, _unpack_group, _block_groups(stream), n_ahead=n_ahead)
    rest = stream.read(2)
    stream.seek(-len(rest), io.SEEK_CUR)
    if rest:  # members that are not BGZF, behind those that are
        yield from _gzip(stream)


_Group = list[tuple[int, bytes]]
"""Blocks, each with its offset in the file."""


def _block_groups(stream: BinaryIO) -> Iterator[_Group]:
    """Yield blocks in groups; leaves the stream where the blocks end."""
    place, data, n_unpacked = stream.tell(), b"", 0
    group: _Group = []
    at = 0
    while True:
        head = data[at : at + _BLOCK_HEADER]
        size = int.from_bytes(head[16:18], "little") + 1 if len(head) == _BLOCK_HEADER else 0
        if not size or at + size > len(data):
            more = stream.read(_READ_BYTE)
            if more:
                place, data, at = place + at, data[at:] + more, 0
                continue
            if not head:
                break
        if not _is_block(head):
            if len(head) == _BLOCK_HEADER and head[:2] == b"\x1f\x8b":
                stream.seek(place + at)
                break
            raise EOFError("a block breaks off, or bytes follow that are no block")
        if at + size > len(data) or size <= _BLOCK_HEADER + 8:
            raise EOFError("a block breaks off")
        block = data[at : at + size]
        group.append((place + at, block))
        n_unpacked += int.from_bytes(block[-4:], "little")
        at += size
        if n_unpacked >= _GROUP_BYTE:
            yield group
            group, n_unpacked = [], 0
    if group:
        yield group


def _unpack_group(group: _Group) -> list[_Piece]:
    return [_Piece(_unpack(block), place) for place, block in group]


def _unpack(block: bytes) -> bytes:
    body = memoryview(block)[12 + int.from_bytes(block[10:12], "little") : -8]
    data = isal_zlib.decompress(body, -15, _BLOCK_BYTE_MAX)
    crc, n_byte = struct.unpack("<II", block[-8:])
    if len(data) != n_byte or isal_zlib.crc32(data) != crc:
        raise EOFError("a block is damaged: its checksum is another")
    return data


def _whole_lines(groups: Iterable[list[_Piece]], skip: int) -> Iterator[Chunk]:
    """Join pieces, cut them behind their last line end, and carry the rest on."""
    held: list[_Piece] = []
    for group in groups:
        pieces = [piece for piece in (*held, *group) if piece.data]
        cut = _last_line_end(pieces)
        if cut is None:
            held = pieces
            continue
        last, at = cut
        chunk, skip = _chunk([*pieces[:last], _head(pieces[last], at)], skip), 0
        held = [_tail(pieces[last], at), *pieces[last + 1 :]]
        yield chunk
    held = [piece for piece in held if piece.data]
    if held:
        yield _chunk([*held, _Piece(b"\n", None)], skip, is_cut=True)


def _last_line_end(pieces: list[_Piece]) -> tuple[int, int] | None:
    """Piece and offset just behind the last line end; None without one."""
    for index in range(len(pieces) - 1, -1, -1):
        at = bytes(pieces[index].data).rfind(b"\n")
        if at >= 0:
            return index, at + 1
    return None


def _head(piece: _Piece, at: int) -> _Piece:
    return _Piece(memoryview(piece.data)[:at], piece.place, piece.skipped)


def _tail(piece: _Piece, at: int) -> _Piece:
    return _Piece(memoryview(piece.data)[at:], piece.place, piece.skipped + at)


def _chunk(pieces: list[_Piece], skip: int, *, is_cut: bool = False) -> Chunk:
    sizes = [len(piece.data) for piece in pieces]
    starts = np.cumsum([0, *sizes])
    text = np.zeros(int(starts[-1]) + PADDING, dtype=np.uint8)
    for start, size, piece in zip(starts.tolist(), sizes, pieces, strict=False):
        text[start : start + size] = np.frombuffer(piece.data, dtype=np.uint8)
    places = [None if p.place is None else (p.place, p.skipped) for p in pieces]
    return Chunk(text, int(starts[-1]), skip, is_cut, tuple(starts[:-1].tolist()), tuple(places))
