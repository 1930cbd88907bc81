"""Where text comes from: a plain, gzip, zstd or BGZF file, unpacked a few MB at a time.

BGZF (what bgzip writes) is gzip in blocks of at most 64 KB that unpack apart from one
another; any other gzip is one stream. Checksums and lengths are those of the format, and
a stream that breaks off raises EOFError. Two cuts leave nothing to be seen: text that is
not packed, cut behind a line end, and gzip that is not BGZF, cut between two of its members.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import SEEK_CUR, BufferedIOBase
from itertools import repeat
from typing import NamedTuple

import pyarrow as pa
from deflate import DeflateError, gzip_decompress
from isal import igzip

BLOCK_BYTE_MAX = 1 << 16
"""Most that a BGZF block unpacks to."""
_STREAM_BYTE = 1 << 16
_BLOCK_HEADER = 18
_BLOCK_BYTE_MIN = _BLOCK_HEADER + 8


class Span(NamedTuple):
    """Bytes that follow one another once unpacked, and where they can be read again."""

    n_byte: int
    place: int | None
    """Offset of the block (BGZF) or of the bytes themselves (plain); None inside gzip and zstd."""


@dataclass(frozen=True)
class Fill:
    """The next bytes of a file, on their way into a buffer."""

    unpack: Callable[[memoryview], list[Span]]
    """Without a span the file has ended."""
    is_apart: bool = False
    """It may run before or beside those ahead of it; any other runs behind them."""


def fills(stream: BufferedIOBase, n_byte: int) -> Iterator[Fill]:
    """Yield what unpacks a file from where the stream stands, without an end.

    Each fills some ``n_byte``, less than ``n_byte + BLOCK_BYTE_MAX``. Where packing is
    broken it raises READ_ERRORS.
    """
    begin = stream.tell()
    head = stream.read(_BLOCK_HEADER)
    stream.seek(begin)
    if head[:4] == b"\x28\xb5\x2f\xfd":
        read: Callable[[int], bytes] = partial(_read_zstd, pa.CompressedInputStream(stream, "zstd"))
    elif head[:2] != b"\x1f\x8b":
        yield from repeat(Fill(partial(_from_plain, stream, n_byte)))
    elif _is_block(head):
        yield from _bgzf(stream, n_byte)
        return
    else:
        read = _gzip_reader(stream)
    yield from repeat(Fill(partial(_from_packed, read, n_byte)))


def _is_block(head: bytes) -> bool:
    """Whether these bytes start a BGZF block (SAM specification, section 4.1)."""
    return len(head) == _BLOCK_HEADER and head[:4] == b"\x1f\x8b\x08\x04" and head[12:14] == b"BC"


def _from_plain(stream: BufferedIOBase, n_byte: int, into: memoryview) -> list[Span]:
    place = stream.tell()
    n_read = stream.readinto(into[:n_byte])
    return [Span(n_read, place)] if n_read else []


def _from_packed(read: Callable[[int], bytes], n_byte: int, into: memoryview) -> list[Span]:
    at = 0
    while at < n_byte and (data := read(min(_STREAM_BYTE, n_byte - at))):
        into[at : at + len(data)] = data
        at += len(data)
    return [Span(at, None)] if at else []


def _gzip_reader(stream: BufferedIOBase) -> Callable[[int], bytes]:
    """Return what reads bytes out of gzip that is not BGZF."""
    read: Callable[[int], bytes] = igzip.open(stream, "rb").read  # type: ignore[no-untyped-call]
    return read


def _read_zstd(unpacked: pa.CompressedInputStream, n_byte: int) -> bytes:
    try:
        return bytes(unpacked.read(n_byte))
    except OSError as error:  # what Arrow raises where zstd data are broken
        raise EOFError(str(error)) from error


_Block = tuple[int, bytes, int]
"""Offset in the file, bytes, and how many they are once unpacked."""


def _bgzf(stream: BufferedIOBase, n_byte: int) -> Iterator[Fill]:
    try:
        for group in _block_groups(stream, n_byte):
            yield Fill(partial(_unpack_group, group), is_apart=True)
    except EOFError as error:  # told when what comes before it has been read
        yield from repeat(Fill(partial(_raise, error)))
    rest = stream.read(2)
    stream.seek(-len(rest), SEEK_CUR)
    if rest:  # members that are not BGZF, behind those that are
        yield from repeat(Fill(partial(_from_packed, _gzip_reader(stream), n_byte)))
    yield from repeat(Fill(lambda _: []))


def _raise(error: EOFError, _: memoryview) -> list[Span]:
    raise error


def _block_groups(stream: BufferedIOBase, n_byte: int) -> Iterator[list[_Block]]:
    """Yield blocks in groups; leaves the stream where the blocks end."""
    group: list[_Block] = []
    n_unpacked = 0
    try:
        for block in _blocks(stream):
            group.append(block)
            n_unpacked += block[2]
            if n_unpacked >= n_byte:
                yield group
                group, n_unpacked = [], 0
    except EOFError:
        if group:
            yield group
        raise
    if group:
        yield group


def _blocks(stream: BufferedIOBase) -> Iterator[_Block]:
    place = stream.tell()
    while head := stream.read(_BLOCK_HEADER):
        if not _is_block(head):
            if len(head) == _BLOCK_HEADER and head[:2] == b"\x1f\x8b":
                stream.seek(place)
                return
            raise EOFError("a block breaks off, or bytes follow that are no block")
        size = int.from_bytes(head[16:18], "little") + 1
        block = head + stream.read(max(size - _BLOCK_HEADER, 0))
        if len(block) < size or size <= _BLOCK_BYTE_MIN:
            raise EOFError("a block breaks off")
        n_byte = int.from_bytes(block[-4:], "little")
        if n_byte > BLOCK_BYTE_MAX:
            raise EOFError("a block is damaged: it says that it holds more than a block can")
        yield place, block, n_byte
        place += size


def _unpack_group(group: list[_Block], into: memoryview) -> list[Span]:
    spans, at = [], 0
    try:
        for place, block, n_byte in group:
            data = gzip_decompress(block, n_byte or 1)  # 0 would ask it to look for the size
            if len(data) != n_byte:
                raise EOFError("a block is damaged: its length is another")
            into[at : at + n_byte] = data
            spans.append(Span(n_byte, place))
            at += n_byte
    except DeflateError as error:
        raise EOFError("a block is damaged: its checksum is another") from error
    return spans
