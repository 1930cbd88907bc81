"""What was read off the code is kept for the next process, and only for the same code."""

import json
import os
import subprocess
import sys
from pathlib import Path

from alsrev_dagster.graph.code_version import (
    code_version,
    hands_on_the_study,
    settings_sections,
)
from alsrev_dagster.graph.reading import Reading, reading
from alsrev_dagster.packing import pack
from tests.graph.at_work import ROOT

LOOK = """
import alsrev_dagster.graph.code_version as versions
from alsrev_dagster.graph import reading as kept
before = versions.code_version
kept.code_version = lambda *args: print("read") or before(*args)
from alsrev_dagster.packing import pack
print(kept.reading(pack, "a text").code_version)
"""


def looked_at(cache: Path) -> list[str]:
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    found = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return found.stdout.split()


def test_a_reading_is_what_the_code_says() -> None:
    expected = Reading(
        code_version(pack, "one", "two"),
        settings_sections(pack),
        hands_on_the_study(pack),
    )
    assert reading(pack, "one", "two") == expected
    assert reading(pack, "onetwo") != expected


def test_a_function_elsewhere_is_read_anew() -> None:
    def asset(work: object) -> int:
        return 1

    first = reading(asset)

    def asset(work: object) -> int:
        return 2

    assert reading(asset) != first


def test_the_next_process_reads_nothing_again(tmp_path: Path) -> None:
    first = looked_at(tmp_path)
    assert first[-2:] == ["read", code_version(pack, "a text")]
    assert looked_at(tmp_path) == [first[-1]]
    (kept,) = tmp_path.glob("alsrev/readings-*/readings.json")
    assert kept.stat().st_mode & 0o777 == 0o600
    (key,) = [key for key in json.loads(kept.read_text()) if "pack" in key]
    assert key.startswith("alsrev_dagster.packing.pack ")


def test_what_was_kept_badly_is_read_again(tmp_path: Path) -> None:
    first = looked_at(tmp_path)
    (kept,) = tmp_path.glob("alsrev/readings-*/readings.json")
    kept.write_text("{half", encoding="utf-8")
    assert looked_at(tmp_path)[-2:] == first[-2:]
