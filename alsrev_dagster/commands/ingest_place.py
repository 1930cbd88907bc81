"""Where shards of `alsrev ingest` take their places: all of a callset, or none."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.files import make_private_folder, replacing
from alsrev_dagster.storage.lake import Lake

_TABLES = "raw"
_BEFORE = ".raw.before"
"""What the tables are called while new ones take their place; found there, nobody did."""


def record_path(out: Path, callset: str) -> Path:
    """Where it stands what a callset was made from; it is there when the callset is whole."""
    return out / f"ingest.{callset}.json"


def put_in_place(beside: Path, out: Path, callset: str, record: dict[str, Any]) -> None:
    """Put the new shards of a callset in place of its old ones; other callsets stay.

    The new folder of tables is made whole beside the old one, then two renames change them:
    there is no moment with shards of both. The record goes first and comes last.
    """
    with _held(out):
        recover(out)
        _carry(out / _TABLES, beside / _TABLES, callset)
        record_path(out, callset).unlink(missing_ok=True)
        _swap(beside / _TABLES, out)
        with replacing(record_path(out, callset)) as temporary:
            temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def recover_and_list(out: Path) -> list[str]:
    """Undo an exchange that a killed ingest began; callsets whose ingest did not end."""
    with _held(out):
        recover(out)
        return unfinished(out)


def recover(out: Path) -> None:
    """Bring back the tables that a killed ingest had put aside, or remove them where replaced."""
    before, place = out / _BEFORE, out / _TABLES
    if place.is_dir():
        shutil.rmtree(before, ignore_errors=True)
    elif before.is_dir():
        before.rename(place)


def unfinished(out: Path) -> list[str]:
    """Callsets that have shards or a record, but not both."""
    held = {path.stem for path in Lake(out).files("raw.callset_sample")}
    told = {path.name.split(".")[1] for path in out.glob("ingest.*.json")}
    return sorted(held ^ told)


def check_finished(out: Path) -> None:
    """Refuse a folder in which an ingest did not end, or none was made."""
    names = unfinished(out)
    if not names and any(out.glob("ingest.*.json")):
        return
    found = f"an unfinished ingest of callset {', '.join(names)}" if names else "no ingest"
    raise InputDataError(
        f"{out}: found {found}; expected the shards of each callset and its record "
        "(ingest.CALLSET.json); run alsrev ingest again"
    )


def _carry(old: Path, new: Path, callset: str) -> None:
    """Give the new folder the files of other callsets, without copying where links can be made."""
    for path in sorted(old.rglob("*.parquet")):
        if path.stem == callset:
            continue
        place = new / path.relative_to(old)
        make_private_folder(place.parent)
        try:
            os.link(path, place)
        except OSError:  # a file system without hard links
            shutil.copy2(path, place)


def _swap(new: Path, out: Path) -> None:
    place = out / _TABLES
    try:
        if place.is_dir():
            place.rename(out / _BEFORE)
        new.rename(place)
    finally:
        recover(out)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Keep other ingests from the folder; the kernel frees it when its holder dies."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
