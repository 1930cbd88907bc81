"""Chunks of whole lines: every byte once, whatever the packing and the size of groups."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alsrev_dagster.ingest import text_stream
from alsrev_dagster.ingest.text_chunk import Buffer, Chunk, Place
from alsrev_dagster.ingest.text_stream import lines, read_chunks
from tests.ingest.made_vcf import BGZF_END, bgzf

PACKINGS = ("plain", "gzip", "gzip of members", "zstd", "bgzf", "bgzf, then gzip", "empty blocks")
Parts = list[tuple[bytes, bool, list[Place | None]]]


def pack(text: bytes, packing: str, n_block_byte: int = 50) -> bytes:
    """Pack a text; blocks are small, and end inside lines."""
    half, block = len(text) // 2, n_block_byte
    if packing == "gzip of members":
        return gzip.compress(text[:half]) + gzip.compress(text[half:])
    if packing == "zstd":
        return pa.Codec("zstd").compress(text, asbytes=True) if text else b""
    if packing == "bgzf, then gzip":
        return bgzf(text[:half], block) + gzip.compress(text[half:])
    if packing == "empty blocks":
        parts = [bgzf(text[at : at + block], block) for at in range(0, len(text), block)]
        return BGZF_END + b"".join(parts) + 3 * BGZF_END
    packed = {"plain": text, "gzip": gzip.compress(text), "bgzf": bgzf(text, block)}
    return packed[packing]


def _look(chunk: Chunk) -> tuple[bytes, bool, list[Place | None]]:
    text = bytes(chunk.text[: chunk.n_byte])
    starts = [at for at in range(len(text)) if at == 0 or text[at - 1 : at] == b"\n"]
    return text, chunk.is_cut, [chunk.place(at) for at in starts]


def read(path: Path, n_group_byte: int, start: Place = (0, 0), n_thread: int = 2) -> Parts:
    """Read all chunks: text, whether it is cut, and where its lines can be read again."""
    with ThreadPoolExecutor(n_thread) as pool:
        return list(
            read_chunks(path, pool, _look, start=start, n_ahead=3, n_group_byte=n_group_byte)
        )


_line = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"", b"\r", b"x" * 300, b"\xff\x00", b"chr1\t5\r"]),
).map(lambda line: line.replace(b"\n", b""))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    made=st.lists(_line, min_size=1, max_size=30),
    packing=st.sampled_from(PACKINGS),
    n_block_byte=st.sampled_from([1, 7, 50, 60_000]),
    n_group_byte=st.sampled_from([1, 13, 100, 1 << 22]),
)
def test_chunks_are_whole_lines_that_can_be_read_again(
    tmp_path: Path, made: list[bytes], packing: str, n_block_byte: int, n_group_byte: int
) -> None:
    text, path = b"a\n" + b"\n".join(made), tmp_path / "t"
    path.write_bytes(pack(text, packing, n_block_byte))
    parts = read(path, n_group_byte)
    is_cut = not text.endswith(b"\n")
    assert b"".join(part for part, _, _ in parts) == text + b"\n" * is_cut
    assert all(part.endswith(b"\n") for part, _, _ in parts)
    assert [cut for _, cut, _ in parts] == [False] * (len(parts) - is_cut) + [True] * is_cut
    places = [place for _, _, of_part in parts for place in of_part]
    starts = [0, *(at + 1 for at in range(len(text) - 1) if text[at : at + 1] == b"\n")]
    assert len(places) == len(starts)
    for at, place in [*zip(starts, places, strict=True)][:: max(len(starts) // 5, 1)]:
        again = read(path, n_group_byte, place or (0, at), n_thread=1)
        assert b"".join(part for part, _, _ in again) == text[at:] + b"\n" * is_cut
        assert place is not None or packing not in ("plain", "bgzf", "empty blocks")
    assert b"".join(lines(path, n_group_byte=n_group_byte)) == text + b"\n" * is_cut


@pytest.mark.parametrize("packing", PACKINGS)
def test_places_are_offsets_of_blocks(tmp_path: Path, packing: str) -> None:
    text, path = b"".join(b"line %d\n" % number for number in range(40)), tmp_path / "t"
    path.write_bytes(pack(text, packing))
    (_, _, places), *_ = read(path, 1 << 22)
    if packing == "plain":
        assert places[2] == (0, 14)
    if packing == "bgzf":
        first = int.from_bytes(path.read_bytes()[16:18], "little") + 1
        assert places[:3] == [(0, 0), (0, 7), (0, 14)]
        assert places[8] == (first, 6)  # byte 56, of which 50 are in the first block


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_file_of_nothing_has_no_chunk(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "t"
    path.write_bytes(pack(b"", packing))
    assert read(path, 100) == []
    assert list(lines(path)) == []


def test_a_line_longer_than_a_buffers_room_is_whole(tmp_path: Path) -> None:
    text, path = b"x" * 3_000_000 + b"\ny\n" + b"z" * 2_000_000 + b"\n", tmp_path / "t"
    path.write_bytes(bgzf(text, 60_000))
    assert [part for part, _, _ in read(path, 100_000)] == [
        b"x" * 3_000_000 + b"\ny\n",
        b"z" * 2_000_000 + b"\n",
    ]


def test_buffers_are_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Buffer] = []

    def buffer(n_byte: int) -> Buffer:
        made.append(Buffer(n_byte))
        return made[-1]

    monkeypatch.setattr(text_stream, "Buffer", buffer)
    path = tmp_path / "t"
    path.write_bytes(bgzf(b"a line\n" * 5000, 100))
    assert len(read(path, 100)) > 300
    assert len(made) == 4  # three ahead, one that is looked at


@pytest.mark.parametrize("how", ["checksum", "length", "data", "too long", "cut", "no block"])
def test_what_comes_before_a_broken_block_is_read(tmp_path: Path, how: str) -> None:
    text, path = b"".join(b"%09d\n" % number for number in range(100)), tmp_path / "t"
    data = bytearray(bgzf(text, 50))
    at, n_before = 0, 15
    for _ in range(n_before):
        at += int.from_bytes(data[at + 16 : at + 18], "little") + 1
    behind = at + int.from_bytes(data[at + 16 : at + 18], "little") + 1
    if how == "checksum":
        data[behind - 8] ^= 1
    elif how == "length":
        data[behind - 4] ^= 1
    elif how == "data":
        data[at + 18 : behind - 8] = b"\xff" * (behind - 26 - at)
    elif how == "too long":
        data[behind - 1] = 0xFF
    elif how == "cut":
        del data[behind - 3 :]
    else:
        data[at] = 0
    path.write_bytes(data)
    found: list[bytes] = []
    with pytest.raises(EOFError, match="a block"):
        found.extend(lines(path, n_group_byte=1))
    assert b"".join(found) == text[: 50 * n_before]
