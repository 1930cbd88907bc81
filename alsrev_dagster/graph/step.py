"""A step of a run: what it holds, and what Dagster's log is told when it fails."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.files import replacing
from alsrev_dagster.graph.alive import hold
from alsrev_dagster.open_study import OpenStudy


@contextmanager
def step_of(run_id: str, work: OpenStudy) -> Iterator[None]:
    """Work on a run: hold its lock, and fail in words.

    A user's mistake fails the step with its text alone, and is not tried again.

    Of a mistake of ours Dagster's log is told the kind and the place: the message and the
    values in it may name a person. They go to a private file.
    """
    hold(work.folder.state, run_id)
    try:
        yield
    except Exception as error:
        raise dg.Failure(description=told(work, error), allow_retries=False) from None


def told(work: OpenStudy, error: Exception) -> str:
    """What Dagster's log is told of an error: a user's mistake, or where ours is."""
    if isinstance(error, AlsrevError):
        return str(error)
    kept = work.folder.state / "last_error.txt"
    with replacing(kept) as path:
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"{type(error).__name__} at {Path(frame.filename).name}, line {frame.lineno}: found a "
        "mistake of alsrev's, expected none; its whole text, which may name people, is in "
        f"{kept.parent.name}/{kept.name} of the study; report it without them"
    )
