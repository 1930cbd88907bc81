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


Edit = tuple[str, str, str]
"""A file, a text of it, and the text in its place."""

PRESET = ("alsrev_dagster/study_recovery.py", "min_duration_days=365", "min_duration_days=364")
COLUMNS = (
    "alsrev_dagster/vocabulary/tables.py",
    "n mean_total ci_lower?",
    "n mean_total? ci_lower?",
)
GENES = ("alsrev_dagster/ingest/genes/GRCh38.csv", "57110385,IGFBP7", "57110386,IGFBP7")
COMMENT = (
    "alsrev_dagster/vocabulary/columns.py",
    "at least one ALT allele;",
    "one ALT allele or more;",
)
MACRO = ("sql/macro/genotype_of.sql", "--", "-- Edited.\n--")
SETTINGS, CODE = "its input files, settings or packages changed", "its code changed"


def stale_after(tiny: StudyFolder, checkout: Path, *edits: Edit) -> dict[str, str]:
    """Reasons that an edited copy of alsrev gives for the tiny study."""
    for room in ("alsrev_dagster", "assets", "sql"):
        left = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / room, checkout / room, ignore=left)
    for file, old, new in edits:
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
    ("edits", "expected"),
    [
        (
            (PRESET, COLUMNS),
            {
                "core.outcome": SETTINGS,
                "core.state_spell": SETTINGS,
                "result.recovery_rate": SETTINGS,
                "result.recovery_grid": SETTINGS,
                "result.recovery_effect": SETTINGS,
                "result.trajectory": CODE,
            },
        ),
        pytest.param((COMMENT,), {"warehouse": CODE}, marks=pytest.mark.long),
        ((MACRO,), {"warehouse": CODE}),
    ],
    ids=["preset and columns", "comment", "macro"],
)
def test_edit_makes_stale_what_it_touches_alone(
    tiny: StudyFolder, tmp_path: Path, edits: tuple[Edit, ...], expected: dict[str, str]
) -> None:
    found = stale_after(tiny, tmp_path / "checkout", *edits)
    touched = {name: why for name, why in found.items() if not why.endswith(" is made again")}
    assert touched == expected
    assert found.keys() >= {"warehouse", "report"}


def test_a_changed_gene_makes_stale_what_asks_for_genes(tiny: StudyFolder, tmp_path: Path) -> None:
    found = stale_after(tiny, tmp_path / "checkout", GENES)
    assert found.keys() >= {"result.lead_variant", "warehouse", "report"}


def test_copy_without_an_edit_makes_nothing_stale(tiny: StudyFolder, tmp_path: Path) -> None:
    assert stale_after(tiny, tmp_path / "checkout") == {}
