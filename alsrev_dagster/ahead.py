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
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in reversed(waiting):  # the last first: one may wait for those before it
            future.cancel()
        wait(waiting)
