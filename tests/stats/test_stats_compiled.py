"""Kernels of the statistics are kept by the text of all of them: no old one runs after an edit."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.kept_code import asked

ROOT = Path(__file__).parents[2]
ASK = (
    "import numpy as np; from alsrev_dagster.stats.planes import bit_masks; "
    "print(bin(bit_masks(np.ones((1, 5), dtype=bool))[0, 0]).count('1'))"
)
"""Five samples as bits, by a kernel that calls one above it."""


def test_an_edited_kernel_runs_and_not_the_one_that_was_kept(tmp_path: Path) -> None:
    checkout, cache = tmp_path / "checkout", tmp_path / "cache"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "alsrev_dagster", checkout / "alsrev_dagster", ignore=ignored)
    assert asked(ASK, checkout, cache) == ["5"]
    assert [path.stat().st_mode & 0o777 for path in (cache / "alsrev").iterdir()] == [0o700]
    edited = checkout / "alsrev_dagster" / "stats" / "kernel" / "bits.py"
    text = edited.read_text(encoding="utf-8")
    called = "low = (first & _LOW) | ((second & _LOW) << _ONE)"
    assert called in text
    edited.write_text(text.replace(called, "low = np.uint64(0)"), encoding="utf-8")
    assert asked(ASK, checkout, cache) == ["0"]


def test_without_a_place_to_keep_them_kernels_still_run(tmp_path: Path) -> None:
    (tmp_path / "in_the_way").write_text("no folder")
    assert asked(ASK, ROOT, tmp_path / "in_the_way") == ["5"]


def test_setting_up_compiles_and_says_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "alsrev_dagster.stats.compile_kernels"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    assert (done.stdout, done.stderr) == ("", "")
