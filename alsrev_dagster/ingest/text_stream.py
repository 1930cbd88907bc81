"""A text file, plain or packed, as chunks of whole lines, unpacked by several threads.

BGZF (what bgzip writes) is gzip in blocks of at most 64 KB that unpack apart from one
another; any other gzip is one stream. Checksums and lengths are those of the format, and
a stream that breaks off raises EOFError. Two cuts leave nothing to be seen: text that is
not packed, cut behind a line end, and gzip that is not BGZF, cut between two of its members.
"""

import io
import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np
import pyarrow as pa
from isal import igzip, isal_zlib
from numpy.typing import NDArray

PADDING = 64
"""Bytes kept free beyond the lines of a chunk."""

GROUP_BYTE = 1 << 22
"""Unpacked bytes that are read, and then parsed, at once."""
_LINE_BYTE_MAX = 1 << 30
"""Longest line: its places must fit 32 bits."""
_READ_BYTE = 1 << 20
_BLOCK_HEADER = 18
_BLOCK_BYTE_MAX = 1 << 16
_In = TypeVar("_In")
_Out = TypeVar("_Out")


class LongLineError(ValueError):
    """A line that no VCF has."""


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
    """Whole lines, in pieces until somebody asks for their text."""

    pieces: list[_Piece]
    start: int
    """Where the lines start: bytes before it are passed over."""
    is_cut: bool = False
    """The last line had no line end; it was given one."""

    @cached_property
    def n_byte(self) -> int:
        """Bytes up to the end of the last line."""
        return sum(len(piece.data) for piece in self.pieces)

    @cached_property
    def text(self) -> NDArray[np.uint8]:
        """The bytes of the lines, and ``PADDING`` bytes beyond them."""
        parts = [piece.data for piece in self.pieces]
        return np.frombuffer(b"".join([*parts, bytes(PADDING)]), dtype=np.uint8)

    def place(self, at: int) -> Place | None:
        """Where in the file reading must start to begin with this byte; None inside gzip."""
        for piece in self.pieces:
            if at < len(piece.data):
                return None if piece.place is None else (piece.place, piece.skipped + at)
            at -= len(piece.data)
        return None


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


def chunks(
    path: Path,
    pool: Executor,
    *,
    start: Place = (0, 0),
    n_ahead: int,
    n_group_byte: int = GROUP_BYTE,
) -> Iterator[Chunk]:
    """Read a file from a place on, some ``n_group_byte`` bytes at once.

    Raises READ_ERRORS where its packing is broken, LongLineError where a line has no end.
    """
    with path.open("rb") as stream:
        stream.seek(start[0])
        yield from _whole_lines(_unpacked(stream, pool, n_ahead, n_group_byte), skip=start[1])


def _unpacked(
    stream: BinaryIO, pool: Executor, n_ahead: int, n_group_byte: int
) -> Iterator[list[_Piece]]:
    begin = stream.tell()
    head = stream.read(_BLOCK_HEADER)
    stream.seek(begin)
    if head[:4] == b"\x28\xb5\x2f\xfd":
        return _zstd(stream, n_group_byte)
    if head[:2] != b"\x1f\x8b":
        return _plain(stream, n_group_byte)
    if not _is_block(head):
        return _gzip(stream, n_group_byte)
    return _bgzf(stream, pool, n_ahead, n_group_byte)


def _is_block(head: bytes) -> bool:
    """Whether these bytes start a BGZF block (SAM specification, section 4.1)."""
    return len(head) == _BLOCK_HEADER and head[:4] == b"\x1f\x8b\x08\x04" and head[12:14] == b"BC"


def _plain(stream: BinaryIO, n_group_byte: int) -> Iterator[list[_Piece]]:
    while True:
        place = stream.tell()
        data = stream.read(n_group_byte)
        if not data:
            return
        yield [_Piece(data, place)]


def _gzip(stream: BinaryIO, n_group_byte: int) -> Iterator[list[_Piece]]:
    with igzip.open(stream, "rb") as unpacked:  # type: ignore[no-untyped-call]
        while data := unpacked.read(n_group_byte):
            yield [_Piece(data, None)]


def _zstd(stream: BinaryIO, n_group_byte: int) -> Iterator[list[_Piece]]:
    with pa.CompressedInputStream(stream, "zstd") as unpacked:
        while data := _read_zstd(unpacked, n_group_byte):
            yield [_Piece(data, None)]


def _read_zstd(unpacked: pa.CompressedInputStream, n_byte: int) -> bytes:
    try:
        return bytes(unpacked.read(n_byte))
    except OSError as error:  # what Arrow raises where zstd data are broken
        raise EOFError(str(error)) from error


def _bgzf(
    stream: BinaryIO, pool: Executor, n_ahead: int, n_group_byte: int
) -> Iterator[list[_Piece]]:
    groups = _block_groups(stream, n_group_byte)
    yield from ahead(pool, _unpack_group, groups, n_ahead=n_ahead)
    rest = stream.read(2)
    stream.seek(-len(rest), io.SEEK_CUR)
    if rest:  # members that are not BGZF, behind those that are
        yield from _gzip(stream, n_group_byte)


_Group = list[tuple[int, bytes]]
"""Blocks, each with its offset in the file."""


def _block_groups(stream: BinaryIO, n_group_byte: int) -> Iterator[_Group]:
    """Yield blocks in groups; leaves the stream where the blocks end."""
    place, data, n_unpacked = stream.tell(), b"", 0
    group: _Group = []
    at = 0
    while True:
        head = data[at : at + _BLOCK_HEADER]
        size = int.from_bytes(head[16:18], "little") + 1 if len(head) == _BLOCK_HEADER else 0
        if not size or at + size > len(data):
            more = stream.read(min(n_group_byte, _READ_BYTE))
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
        if n_unpacked >= n_group_byte:
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
    n_held = 0
    for group in groups:
        new = [piece for piece in group if piece.data]
        cut = _last_line_end(new)
        if cut is None:
            held += new
            n_held += sum(len(piece.data) for piece in new)
            if n_held > _LINE_BYTE_MAX:
                raise LongLineError(f"a line of more than {_LINE_BYTE_MAX:,} bytes")
            continue
        last, at = cut
        yield Chunk([*held, *new[:last], _head(new[last], at)], skip)
        held = [piece for piece in (_tail(new[last], at), *new[last + 1 :]) if piece.data]
        n_held, skip = sum(len(piece.data) for piece in held), 0
    if held:
        yield Chunk([*held, _Piece(b"\n", None)], skip, is_cut=True)


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
