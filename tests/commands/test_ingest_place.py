"""Shards of `alsrev ingest` take their places all at once, and leave other callsets alone."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from alsrev_dagster.commands.ingest import ingest
from alsrev_dagster.commands.ingest_place import check_finished, unfinished
from alsrev_dagster.errors import InputDataError
from alsrev_dagster.ingest.call_filter import CallFilter
from alsrev_dagster.storage.lake import Lake
from benchmarks.lake_to_duckdb import main as to_duckdb
from tests.commands.test_ingest import packed, shards
from tests.ingest.made_vcf import row, write_vcf

KILLED = """
import os, signal, sys
from pathlib import Path
from alsrev_dagster.commands.ingest import ingest
from alsrev_dagster.ingest.call_filter import CallFilter
real, left = os.rename, [int(sys.argv[3])]
def rename(*args, **named):
    real(*args, **named)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
os.rename = rename
ingest([Path(sys.argv[1])], Path(sys.argv[2]), call_filter=CallFilter(), callset=sys.argv[4])
"""


def files(folder: Path) -> tuple[Path, Path]:
    """Write two files of two chromosomes each, one of them in both."""
    one = write_vcf(folder, [row(), row(chrom="chr2")], name="one.vcf")
    two = write_vcf(folder, [row("1/1 0/1", chrom="chr2"), row(chrom="chr3")], name="two.vcf")
    return one, two


def killed(path: Path, out: Path, n_rename: int, callset: str = "callset") -> None:
    """Pack a file in a process that dies after so many renames of folders."""
    command = [sys.executable, "-c", KILLED, str(path), str(out), str(n_rename), callset]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL


@pytest.mark.parametrize("n_rename", [1, 2])
def test_an_ingest_killed_between_the_renames_is_made_anew(tmp_path: Path, n_rename: int) -> None:
    one, two = files(tmp_path)
    assert packed([two], tmp_path / "undisturbed")[0] == 0
    out = tmp_path / "out"
    assert packed([one], out)[0] == 0
    killed(two, out, n_rename)
    assert not (out / "ingest.callset.json").exists()
    held = {path.parent.name for path in (out / "raw").rglob("chr*/callset.parquet")}
    assert held == (set() if n_rename == 1 else {"chr2", "chr3"})
    said = "expected the shards of each callset and its record"
    with pytest.raises(InputDataError, match=said):
        to_duckdb(Lake(out), tmp_path / "out.duckdb")
    code, told = packed([two], out)
    assert code == 0
    assert "an earlier ingest of callset callset did not end; make it again" in " ".join(
        told.split()
    )
    assert shards(out) == shards(tmp_path / "undisturbed")
    check_finished(out)


def test_a_callset_is_replaced_without_touching_another(tmp_path: Path) -> None:
    one, two = files(tmp_path)
    out = tmp_path / "out"
    assert packed([one], out, "--callset", "a")[0] == 0
    of_a = shards(out)
    assert packed([one], out, "--callset", "b")[0] == 0
    assert packed([two], out, "--callset", "b")[0] == 0
    both = shards(out)
    assert {name: both[name] for name in of_a} == of_a
    assert set(both) - set(of_a) == {
        "ingest.b.json",
        "raw/callset_sample/b.parquet",
        "raw/genotype/chr2/b.parquet",
        "raw/genotype/chr3/b.parquet",
    }
    assert unfinished(out) == []
    assert to_duckdb(Lake(out), tmp_path / "out.duckdb") == 4


def test_a_killed_ingest_loses_no_other_callset(tmp_path: Path) -> None:
    one, two = files(tmp_path)
    out = tmp_path / "out"
    assert packed([one], out, "--callset", "a")[0] == 0
    of_a = shards(out)
    killed(two, out, 1, "b")
    with pytest.raises(InputDataError, match="found an unfinished ingest of callset a;"):
        check_finished(out)
    assert packed([two], out, "--callset", "b")[0] == 0
    assert {name: value for name, value in shards(out).items() if name in of_a} == of_a
    check_finished(out)


def test_a_folder_without_an_ingest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputDataError, match=f"{re.escape(str(tmp_path))}: found no ingest;"):
        check_finished(tmp_path)


def test_callsets_are_carried_where_links_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    one, two = files(tmp_path)
    monkeypatch.setattr(os, "link", refuse)
    for callset, path in (("a", one), ("b", two)):
        ingest([path], tmp_path / "out", call_filter=CallFilter(), callset=callset)
    held = {path.stem for path in (tmp_path / "out" / "raw" / "genotype").rglob("*.parquet")}
    assert held == {"a", "b"}
