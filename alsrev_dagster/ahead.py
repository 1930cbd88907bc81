"""Work that a pool does ahead of whoever takes its results, in order."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor, Future, wait
from typing import TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def ahead(
    pool: Executor, function: Callable[[_In], _Out], items: Iterable[_In], *, n_ahead: int
) -> Generator[_Out, None, None]:
    """Yield a function's results in order, while the pool works on the next few items.

    When it ends, however it ends, nothing of it runs on.
    """
    waiting: deque[Future[_Out]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > n_ahead:
                yield _first(waiting)
        while waiting:
            yield _first(waiting)
    finally:
        for future in reversed(waiting):  # the last first: one may wait for those before it
            future.cancel()
        wait(waiting)


def _first(waiting: deque[Future[_Out]]) -> _Out:
    """Wait for the first result and take it off; it stays there where the wait is broken off."""
    found = waiting[0].result()
    waiting.popleft()
    return found
