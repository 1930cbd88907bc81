"""A run that is killed leaves the old results, and the next run ends as if nothing had been."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pandas as pd
import pyarrow.parquet as pq
import pytest

from alsrev_dagster.graph.plan import plan
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.warehouse import read_only
from alsrev_dagster.study import StudyFolder
from tests.builders import VCF
from tests.conftest import copy_of
from tests.graph.at_work import Made, environment, parquet_bytes, run_here, sha256_of
from tests.graph.test_staleness import edit

PATIENCE = 120
"""Seconds until a run must have come to the moment of its end."""

FELLED = """
import os, signal, sys
from alsrev_dagster.cli import app

sync = os.fsync

def fell(stream):
    path = os.readlink(f"/proc/self/fd/{stream if isinstance(stream, int) else stream.fileno()}")
    if sys.argv[1] in path:
        os.kill(os.getpid(), signal.SIGKILL)
    sync(stream)

os.fsync = fell
app(["run", sys.argv[2]])
"""
"""``alsrev run`` that is killed when a file is written but has not taken its name yet."""


def changed(folder: StudyFolder) -> StudyFolder:
    """Change the last visit of A."""
    edit(folder.root / "visits.csv", "personA,720,", "personA,719,")
    return folder


@pytest.fixture(scope="module")
def undisturbed(made_tiny: Made, tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The changed study after a run that nobody killed."""
    folder = changed(copy_of(made_tiny.folder, tmp_path_factory.mktemp("undisturbed") / "tiny"))
    run_here(folder)
    return folder


def killed_at_file(folder: StudyFolder, name: str) -> int:
    """Run until a file with that in its path is about to appear; return the exit code."""
    words = [sys.executable, "-c", FELLED, name, str(folder.root)]
    done = subprocess.run(
        words, env=environment(folder), capture_output=True, timeout=PATIENCE, check=False
    )
    return done.returncode


def content(folder: StudyFolder) -> dict[str, pd.DataFrame]:
    """Some tables of the DuckDB file, whole."""
    names = ("raw.visit", "core.outcome", "result.association", "meta.run")
    with read_only(folder.warehouse) as db:
        return {name: db.execute(f"SELECT * FROM {name} ORDER BY ALL").df() for name in names}


def assert_same(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> None:
    """Compare tables cell by cell."""
    for name, frame in one.items():
        pd.testing.assert_frame_equal(frame, other[name])


def assert_old_results_stand(folder: StudyFolder, old: StudyFolder) -> None:
    """The published files are the old ones, and no table of the lake is half-written."""
    assert sha256_of(folder.warehouse) == sha256_of(old.warehouse)
    assert_same(content(folder), content(old))
    for path in folder.lake.rglob("*.parquet"):
        pq.ParquetFile(path).read()


def assert_ends_as_if_undisturbed(folder: StudyFolder, undisturbed: StudyFolder) -> None:
    """The next run completes, tidies up, and has the same bytes as one that nobody killed."""
    run_here(folder)
    assert left_over(folder) == []
    assert parquet_bytes(folder) == parquet_bytes(undisturbed)
    assert sha256_of(folder.report) == sha256_of(undisturbed.report)
    one, other = content(folder), content(undisturbed)
    for name in ("raw.visit", "core.outcome"):
        pd.testing.assert_frame_equal(one[name], other[name])
    assert plan(OpenStudy(folder)).is_empty


def left_over(folder: StudyFolder) -> list[Path]:
    """Temporary files, and folders to spill to, that were left."""
    return [path for top in (folder.state, folder.results) for path in top.rglob("*.tmp*")]


def half_written(folder: StudyFolder) -> list[str]:
    """Names of the files among them."""
    return [path.name for path in left_over(folder) if path.is_file()]


def test_run_killed_while_it_publishes_harms_nothing(
    tiny: StudyFolder, made_tiny: Made, undisturbed: StudyFolder
) -> None:
    changed(tiny)
    assert killed_at_file(tiny, "alsrev.duckdb") == -signal.SIGKILL
    (left,) = half_written(tiny)
    assert left.startswith(".alsrev.duckdb.")
    assert_old_results_stand(tiny, made_tiny.folder)
    assert_ends_as_if_undisturbed(tiny, undisturbed)
    with dg.DagsterInstance.from_config(str(tiny.dagster_home)) as instance:
        statuses = [run.status.value for run in instance.get_runs()]
    assert statuses == ["SUCCESS", "FAILURE", "SUCCESS"]


@pytest.mark.parametrize(
    "file",
    [
        pytest.param("receipt/raw.visit/.check.", marks=pytest.mark.long),
        "receipt/result.recovery_model/.whole.",
    ],
    ids=["after a receipt", "before a receipt"],
)
def test_run_killed_after_some_tables_harms_nothing(
    tiny: StudyFolder, made_tiny: Made, undisturbed: StudyFolder, file: str
) -> None:
    changed(tiny)
    assert killed_at_file(tiny, file) == -signal.SIGKILL
    (left,) = half_written(tiny)
    assert left.startswith(file.rpartition("/")[2])
    assert_old_results_stand(tiny, made_tiny.folder)
    assert not plan(OpenStudy(tiny)).is_empty
    assert_ends_as_if_undisturbed(tiny, undisturbed)


@pytest.mark.long
def test_run_killed_among_the_genotypes_leaves_no_trace_once_the_file_is_as_before(
    tiny: StudyFolder, made_tiny: Made
) -> None:
    as_before = (tiny.root / VCF).read_bytes()
    edit(tiny.root / VCF, "0/1\t./.\t0/0", "0/1\t0/0\t0/0")
    assert killed_at_file(tiny, "sample_qc.parquet") == -signal.SIGKILL
    (left,) = half_written(tiny)
    assert left.startswith(".sample_qc.parquet.")
    assert_old_results_stand(tiny, made_tiny.folder)
    assert parquet_bytes(tiny) != parquet_bytes(made_tiny.folder)
    (tiny.root / VCF).write_bytes(as_before)
    assert_ends_as_if_undisturbed(tiny, made_tiny.folder)


def test_second_run_at_once_is_told_to_wait(tiny: StudyFolder) -> None:
    (tiny.results / "report.html").unlink()
    with (tiny.state / "run.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        words = [sys.executable, "-m", "alsrev_dagster", "run", str(tiny.root)]
        told = subprocess.run(
            words,
            env=environment(tiny),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert told.returncode == 1
    assert "found another 'alsrev run' at work on this study" in told.stderr
    assert "Traceback" not in told.stderr
    assert not tiny.report.is_file()


def test_two_runs_at_once_end_with_one_of_them_done(tiny: StudyFolder) -> None:
    edit(tiny.root / "visits.csv", "personA,720,", "personA,719,")
    words = [sys.executable, "-m", "alsrev_dagster", "run", str(tiny.root)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(words, env=environment(tiny), **pipes) for _ in range(2)]  # type: ignore[call-overload]
    said = [process.communicate(timeout=PATIENCE) for process in both]
    codes = [process.returncode for process in both]
    assert 0 in codes
    assert set(codes) <= {0, 1}
    assert all("Traceback" not in err for _, err in said)
    assert plan(OpenStudy(tiny)).is_empty


def test_temporary_file_of_a_living_process_is_left_alone(tiny: StudyFolder) -> None:
    mine = tiny.results / f".alsrev.duckdb.{os.getpid()}.tmp"
    dead = tiny.results / ".alsrev.duckdb.4194303.tmp"
    for path in (mine, dead):
        Path(path).touch()
    (tiny.results / "report.html").unlink()
    run_here(tiny)
    assert mine.is_file()
    assert not dead.is_file()
