"""Kernels are kept by the text of all of them: an edit of one never runs an old one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASK = (
    "import numpy as np; from alsrev_dagster.ingest.vcf_text import strings; "
    "t = np.frombuffer(b'acgn' + bytes(64), np.uint8); "
    "at = np.array([0], np.int32); "
    "print(strings(t, at, at + np.int32(4), bases_in_capitals=True)[0])"
)
"""A piece of text, by a kernel that calls one of another module."""


def _asked(checkout: Path, cache: Path) -> str:
    command = [sys.executable, "-c", ASK]
    environment = {**os.environ, "PYTHONPATH": str(checkout), "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=checkout, env=environment
    )
    return done.stdout.strip()


def test_an_edited_kernel_runs_and_not_the_one_that_was_kept(tmp_path: Path) -> None:
    checkout, cache = tmp_path / "checkout", tmp_path / "cache"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "alsrev_dagster", checkout / "alsrev_dagster", ignore=ignored)
    assert _asked(checkout, cache) == "ACGN"
    assert [path.stat().st_mode & 0o777 for path in (cache / "alsrev").iterdir()] == [0o700]
    called = checkout / "alsrev_dagster" / "ingest" / "vcf_bytes.py"
    text = called.read_text(encoding="utf-8")
    assert 'b"ACGTN"' in text
    called.write_text(text.replace('b"ACGTN"', 'b"ACGT"'), encoding="utf-8")
    assert _asked(checkout, cache) == "acgn"


def test_without_a_place_to_keep_them_kernels_still_run(tmp_path: Path) -> None:
    (tmp_path / "in_the_way").write_text("no folder")
    assert _asked(ROOT, tmp_path / "in_the_way") == "ACGN"


def test_setting_up_compiles_and_says_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "alsrev_dagster.ingest.compile_kernels"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    assert (done.stdout, done.stderr) == ("", "")
