"""An edit of alsrev makes stale what it touches: each asked of an edited copy of the checkout."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from alsrev_dagster.study import StudyFolder
from tests.graph.at_work import ROOT, environment
from tests.graph.test_staleness import edit

PATIENCE = 240
"""Seconds for ``alsrev status`` on a loaded machine."""


def stale_after(tiny: StudyFolder, checkout: Path, file: str, old: str, new: str) -> dict[str, str]:
    """Reasons that an edited copy of alsrev gives for the tiny study."""
    for room in ("alsrev_dagster", "assets", "sql"):
        left = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / room, checkout / room, ignore=left)
    edit(checkout / file, old, new)
    told = subprocess.run(
        [sys.executable, "-m", "alsrev_dagster", "status", str(tiny.root), "--json"],
        env={**environment(tiny), "PYTHONPATH": str(checkout)},
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    reasons: dict[str, str] = json.loads(told.stdout)["stale"]
    return reasons


@pytest.mark.parametrize(
    ("file", "old", "new", "first", "reason"),
    [
        (
            "alsrev_dagster/study_outcome.py",
            "min_duration_days=365",
            "min_duration_days=364",
            {"core.outcome"},
            "its input files, settings or packages changed",
        ),
        (
            "alsrev_dagster/ingest/genes/GRCh38.csv",
            "57110385,IGFBP7",
            "57110386,IGFBP7",
            {"result.lead_variant"},
            "",
        ),
        (
            "alsrev_dagster/vocabulary/tables.py",
            "n mean_total ci_lower?",
            "n mean_total? ci_lower?",
            {"result.trajectory"},
            "its code changed",
        ),
        (
            "alsrev_dagster/vocabulary/columns.py",
            "at least one ALT allele;",
            "one ALT allele or more;",
            {"warehouse"},
            "its code changed",
        ),
        (
            "sql/macro/genotype_of.sql",
            "--",
            "-- Edited.\n--",
            {"warehouse"},
            "its code changed",
        ),
    ],
    ids=["preset", "genes", "columns", "comment", "macro"],
)
def test_edit_makes_stale_what_it_touches(
    tiny: StudyFolder, tmp_path: Path, file: str, old: str, new: str, first: set[str], reason: str
) -> None:
    found = stale_after(tiny, tmp_path / "checkout", file, old, new)
    touched = {name for name, why in found.items() if not why.endswith(" is made again")}
    assert first <= found.keys()
    assert found.keys() >= {"warehouse", "report"}
    if reason:
        assert touched == first
        assert {found[name] for name in first} == {reason}


def test_copy_without_an_edit_makes_nothing_stale(tiny: StudyFolder, tmp_path: Path) -> None:
    page = "alsrev_dagster/ingest/genes/LICENSE.md"
    assert stale_after(tiny, tmp_path / "checkout", page, "", "") == {}
