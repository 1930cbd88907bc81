"""A text file, plain or packed, as chunks of whole lines: unpacked and parsed by one thread each.

A task unpacks the next few MB (``text_source``) into a buffer that is used again and again, and
works on its lines while the processor's cache has them. What stands behind the last line end
goes on to the next task before the work begins: tasks wait for one another no longer than that.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Generic, TypeVar

from alsrev_dagster.ahead import ahead
from alsrev_dagster.ingest.text_chunk import Buffer, Carry, Chunk, Place, whole_lines
from alsrev_dagster.ingest.text_source import Fill, fills

GROUP_BYTE = 1 << 23
"""Unpacked bytes that are read, and then parsed, at once."""
_LINES_BYTE = 1 << 16
_READ_BYTE = 1 << 18
_Out = TypeVar("_Out")


@dataclass(frozen=True, eq=False)
class _Task(Generic[_Out]):
    """What one thread does with one buffer."""

    fill: Fill
    buffer: Buffer
    before: Future[Carry]
    work: Callable[[Chunk], _Out]
    after: Future[Carry] = field(default_factory=Future)


@dataclass(frozen=True, eq=False)
class _Done(Generic[_Out]):
    buffer: Buffer
    outs: list[_Out]
    """What was made of the chunk, if there was one."""
    is_end: bool


def read_chunks(
    path: Path,
    pool: Executor,
    work: Callable[[Chunk], _Out],
    *,
    start: Place = (0, 0),
    n_ahead: int,
    n_group_byte: int = GROUP_BYTE,
) -> Iterator[_Out]:
    """Yield what ``work`` makes of each chunk, in order, from a place of the file on.

    The text of a chunk is there until the next is asked for. Raises READ_ERRORS where the
    file's packing is broken, LongLineError where a line has no end.
    """
    free: list[Buffer] = []
    with BufferedReader(path.open("rb", buffering=0), _READ_BYTE) as stream:
        stream.seek(start[0])
        tasks = _tasks(fills(stream, n_group_byte), work, start[1], free, n_group_byte)
        with closing(ahead(pool, _run, tasks, n_ahead=n_ahead)) as results:
            for done in results:
                yield from done.outs
                free.append(done.buffer)
                if done.is_end:
                    return


def lines(path: Path, *, n_group_byte: int = GROUP_BYTE) -> Iterator[bytes]:
    """Yield lines from the top, each with its line end, for as long as they are asked for."""
    n_byte = min(n_group_byte, _LINES_BYTE)
    with ThreadPoolExecutor(1) as pool:
        for text in read_chunks(path, pool, _bytes, n_ahead=0, n_group_byte=n_byte):
            yield from BytesIO(text)


def _bytes(chunk: Chunk) -> bytes:
    return bytes(chunk.text[: chunk.n_byte])


def _tasks(
    fills: Iterator[Fill],
    work: Callable[[Chunk], _Out],
    n_skip: int,
    free: list[Buffer],
    n_group_byte: int,
) -> Iterator[_Task[_Out]]:
    before: Future[Carry] = Future()
    before.set_result(Carry(n_skip=n_skip))
    for fill in fills:
        task = _Task(fill, free.pop() if free else Buffer(n_group_byte), before, work)
        before = task.after
        yield task


def _run(task: _Task[_Out]) -> _Done[_Out]:
    try:
        chunk, carry, is_end = whole_lines(task.fill, task.buffer, task.before)
    except BaseException as error:
        task.after.set_exception(error)
        raise
    task.after.set_result(carry)
    return _Done(task.buffer, [] if chunk is None else [task.work(chunk)], is_end)
