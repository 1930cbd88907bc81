"""Kernels are kept by the text of all of them, and run without the compiler that made them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import llvmlite.binding as llvm
import numba
import numpy as np
import pytest

from alsrev_dagster.ingest import kernels
from alsrev_dagster.ingest.kernels.build import object_file
from alsrev_dagster.kernel_folder import kernel_folder
from tests.kept_code import asked

ROOT = Path(__file__).parents[2]
ASK = (
    "import numpy as np; from alsrev_dagster.ingest.vcf_text import strings; "
    "t = np.frombuffer(b'acgn' + bytes(64), np.uint8); "
    "at = np.array([0], np.int32); "
    "print(strings(t, at, at + np.int32(4), bases_in_capitals=True)[0]); "
    "import sys; print('compiler' if 'numba' in sys.modules else 'kept')"
)
"""A piece of text, by a kernel that calls one of another module."""


def test_an_edited_kernel_runs_and_not_the_one_that_was_kept(tmp_path: Path) -> None:
    checkout, cache = tmp_path / "checkout", tmp_path / "cache"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "alsrev_dagster", checkout / "alsrev_dagster", ignore=ignored)
    assert asked(ASK, checkout, cache) == ["ACGN", "compiler"]
    assert asked(ASK, checkout, cache) == ["ACGN", "kept"]
    (folder,) = (cache / "alsrev").iterdir()
    (kept,) = folder.iterdir()
    assert [path.stat().st_mode & 0o777 for path in (folder, kept)] == [0o700, 0o600]
    kept.write_bytes(kept.read_bytes()[:-1])
    assert asked(ASK, checkout, cache) == ["ACGN", "compiler"]
    assert asked(ASK, checkout, cache) == ["ACGN", "kept"]
    called = checkout / "alsrev_dagster" / "ingest" / "kernels" / "vcf_bytes.py"
    text = called.read_text(encoding="utf-8")
    assert 'b"ACGTN"' in text
    called.write_text(text.replace('b"ACGTN"', 'b"ACGT"'), encoding="utf-8")
    assert asked(ASK, checkout, cache) == ["acgn", "compiler"]


def test_without_a_place_to_keep_them_kernels_still_run(tmp_path: Path) -> None:
    (tmp_path / "in_the_way").write_text("no folder")
    assert asked(ASK, ROOT, tmp_path / "in_the_way") == ["ACGN", "compiler"]


def test_code_is_not_run_from_a_folder_that_others_can_write_to(tmp_path: Path) -> None:
    sources = [Path(__file__)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path))
        folder = kernel_folder("kernels", sources, ["1"])
        assert folder is not None
        assert kernel_folder("kernels", sources, ["2"]) != folder
        folder.chmod(0o770)
        assert kernel_folder("kernels", sources, ["1"]) is None


def test_setting_up_compiles_and_says_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "alsrev_dagster.ingest.kernels.compile_kernels"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_an_array_that_does_not_lie_row_by_row_is_refused() -> None:
    place = np.zeros((4, 2), dtype=np.int32)
    with pytest.raises(TypeError, match="an array that does not lie row by row"):
        kernels.gather(np.zeros(70, np.uint8), place[:, 0], place[:, 1], 0, 0, *(place,) * 3)


def test_code_that_needs_python_is_not_kept() -> None:
    @numba.njit
    def allocates(n):  # type: ignore[no-untyped-def]
        return np.empty(n, dtype=np.uint8)

    allocates.compile((numba.int64,))
    (code,) = allocates.inspect_llvm().values()
    (made,) = allocates.overloads.values()
    with pytest.raises(AssertionError, match=r"found calls of .*NRT.*; expected none of Python's"):
        object_file(code, made.fndesc.llvm_func_name)


def test_code_calls_nothing_but_itself() -> None:
    @numba.njit(error_model="numpy", _nrt=False)
    def doubles(values):  # type: ignore[no-untyped-def]
        for index in range(len(values)):
            values[index] *= 2

    signature = (numba.int64[::1],)
    doubles.compile(signature)
    entry = doubles.overloads[signature].fndesc.llvm_func_name
    data = object_file(doubles.inspect_llvm(signature), entry)
    assert llvm.ObjectFileRef.from_data(data) is not None
    assert b"Py" not in data
