"""Where text comes from: a plain, gzip, zstd or BGZF file, unpacked a few MB at a time.

BGZF (what bgzip writes) is gzip in blocks of at most 64 KB that unpack apart from one
another; any other gzip is one stream. Checksums and lengths are those of the format, and
a stream that breaks off raises EOFError. Two cuts leave nothing to be seen: text that is
not packed, cut behind a line end, and gzip that is not BGZF, cut between two of its members.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import BinaryIO, NamedTuple

import pyarrow as pa
from deflate import DeflateError, gzip_decompress
from isal import igzip

BLOCK_BYTE_MAX = 1 << 16
"""Most that a BGZF block unpacks to."""
_READ_BYTE = 1 << 20
_STREAM_BYTE = 1 << 16
_BLOCK_HEADER = 18
_BLOCK_BYTE_MIN = _BLOCK_HEADER + 8
_USUAL_HEADER = bytes.fromhex("1f8b08040000000000ff060042430200")
"""What bgzip starts a block with, up to the block's size."""


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


def fills(stream: BinaryIO, n_byte: int) -> Iterator[Fill]:
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
        read = igzip.open(stream, "rb").read  # type: ignore[no-untyped-call]
    yield from repeat(Fill(partial(_from_packed, read, n_byte)))


def _is_block(head: bytes) -> bool:
    """Whether these bytes start a BGZF block (SAM specification, section 4.1)."""
    return len(head) == _BLOCK_HEADER and head[:4] == b"\x1f\x8b\x08\x04" and head[12:14] == b"BC"


def _from_plain(stream: BinaryIO, n_byte: int, into: memoryview) -> list[Span]:
    return _copy(stream.read, n_byte, into, stream.tell())


def _from_packed(read: Callable[[int], bytes], n_byte: int, into: memoryview) -> list[Span]:
    return _copy(read, n_byte, into, None)


def _copy(
    read: Callable[[int], bytes], n_byte: int, into: memoryview, place: int | None
) -> list[Span]:
    at = 0
    while at < n_byte and (data := read(min(_STREAM_BYTE, n_byte - at))):
        into[at : at + len(data)] = data
        at += len(data)
    return [Span(at, place)] if at else []


def _read_zstd(unpacked: pa.CompressedInputStream, n_byte: int) -> bytes:
    try:
        return bytes(unpacked.read(n_byte))
    except OSError as error:  # what Arrow raises where zstd data are broken
        raise EOFError(str(error)) from error


_Group = list[tuple[int, memoryview, int]]
"""Blocks: offset in the file, bytes, and how many they hold once unpacked."""


def _bgzf(stream: BinaryIO, n_byte: int) -> Iterator[Fill]:
    try:
        for group in _block_groups(stream, n_byte):
            yield Fill(partial(_unpack_group, group), is_apart=True)
    except EOFError as error:  # told when what comes before it has been read
        yield from repeat(Fill(partial(_raise, error)))
    rest = stream.read(2)
    stream.seek(-len(rest), io.SEEK_CUR)
    if rest:  # members that are not BGZF, behind those that are
        read = igzip.open(stream, "rb").read  # type: ignore[no-untyped-call]
        yield from repeat(Fill(partial(_from_packed, read, n_byte)))
    yield from repeat(Fill(lambda _: []))


def _raise(error: EOFError, _: memoryview) -> list[Span]:
    raise error


def _block_groups(stream: BinaryIO, n_byte: int) -> Iterator[_Group]:
    """Yield blocks in groups; leaves the stream where the blocks end."""
    group: _Group = []
    n_unpacked = 0
    try:
        for block in _blocks(stream, min(n_byte, _READ_BYTE)):
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


def _blocks(stream: BinaryIO, n_read: int) -> Iterator[tuple[int, memoryview, int]]:
    place, data, at = stream.tell(), b"", 0
    while True:
        behind = at + 1 + int.from_bytes(data[at + 16 : at + _BLOCK_HEADER], "little")
        if len(data) < at + _BLOCK_HEADER or len(data) < behind:
            if more := stream.read(n_read):
                place, data, at = place + at, data[at:] + more, 0
                continue
            if at == len(data):
                return
        if not data.startswith(_USUAL_HEADER, at):
            head = data[at : at + _BLOCK_HEADER]
            if len(head) == _BLOCK_HEADER and head[:2] == b"\x1f\x8b" and not _is_block(head):
                stream.seek(place + at)
                return
            if not _is_block(head):
                raise EOFError("a block breaks off, or bytes follow that are no block")
        n_byte = int.from_bytes(data[behind - 4 : behind], "little")
        if behind > len(data) or behind <= at + _BLOCK_BYTE_MIN:
            raise EOFError("a block breaks off")
        if n_byte > BLOCK_BYTE_MAX:
            raise EOFError("a block is damaged: it says that it holds more than a block can")
        yield place + at, memoryview(data)[at:behind], n_byte
        at = behind


def _unpack_group(group: _Group, into: memoryview) -> list[Span]:
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
