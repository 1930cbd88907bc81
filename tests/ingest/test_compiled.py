"""Kernels are kept by the text of all of them: an edit of one never runs an old one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASK = (
    "import numpy as np; from alsrev_dagster.ingest import vcf_lines as v; "
    "from alsrev_dagster.ingest.call_filter import ALL_CALLS as a; "
    "t = b'chr1\\t5\\t.\\tA\\tC\\t.\\t.\\t.\\tGT\\t0/1\\t1/1\\n'; "
    "x = np.frombuffer(t + bytes(64), np.uint8); "
    "print(v.read_lines(x, len(t), n_sample=2, call_filter=a).packed.tolist())"
)


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
    assert _asked(checkout, cache) == f"[[{0b01100000}]]"
    assert [path.stat().st_mode & 0o777 for path in (cache / "alsrev").iterdir()] == [0o700]
    calls = checkout / "alsrev_dagster" / "ingest" / "vcf_calls.py"
    text = calls.read_text(encoding="utf-8")
    assert "_MISSING = 3" in text
    edited = text.replace("return int(first == allele)", "return 1 - int(first == allele)")
    assert edited != text
    calls.write_text(edited, encoding="utf-8")
    assert _asked(checkout, cache) != f"[[{0b01100000}]]"


def test_without_a_place_to_keep_them_kernels_still_run(tmp_path: Path) -> None:
    (tmp_path / "in_the_way").write_text("no folder")
    assert _asked(ROOT, tmp_path / "in_the_way") == f"[[{0b01100000}]]"
