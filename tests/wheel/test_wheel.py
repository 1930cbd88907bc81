"""The wheel, built from the source distribution and used in an environment of its own.

Takes one to three minutes: the locked requirements come from uv's cache, or the registry.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest

from tests.builders import RECORDS, write_study
from tests.graph.at_work import ROOT

pytestmark = pytest.mark.wheel

BIN = Path(sys.executable).parent
IN_WHEEL = {
    "alsrev_dagster/ui/dagster.yaml",
    "alsrev_dagster/report/page.html.j2",
    "alsrev_dagster/report/page.css",
    "alsrev_dagster/sql/macro/dosage.sql",
    "alsrev_dagster/sql/core/analysis_set.sql",
    "alsrev_dagster/sql/cookbook/recovery_by_carrier.sql",
    "assets/association.py",
}


def bare_environment() -> dict[str, str]:
    """Environment without anything that could find the checkout."""
    left_out = ("PYTHON", "DAGSTER", "ALSREV", "PYTEST", "VIRTUAL_ENV", "COV")
    return {key: value for key, value in os.environ.items() if not key.startswith(left_out)}


def command(*words: object, cwd: Path) -> str:
    """Run a program; return what it printed, or fail with everything it said."""
    told = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, f"{words}\n{told.stdout}\n{told.stderr}"
    return told.stdout


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files git knows, and new ones it would not ignore, copied away from the checkout."""
    target = tmp_path_factory.mktemp("sources")
    listed = command(
        "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT
    ).split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target / name)
    return target


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, by way of the source distribution."""
    build, unpacked = tmp_path_factory.mktemp("build"), tmp_path_factory.mktemp("sdist")
    command(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", build, cwd=sources)
    (sdist,) = build.glob("*.tar.gz")
    shutil.unpack_archive(sdist, unpacked, filter="data")
    (root,) = unpacked.iterdir()
    command(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", build, cwd=root)
    (made,) = build.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean environment with the locked requirements and the wheel; its bin folder."""
    home = tmp_path_factory.mktemp("environment")
    uv, python = BIN / "uv", home / "venv" / "bin" / "python"
    if uv.is_file():
        command(uv, "venv", "--quiet", "--python", sys.executable, home / "venv", cwd=home)
        install = [uv, "pip", "install", "--quiet", "--python", python]
    else:
        command(sys.executable, "-m", "venv", home / "venv", cwd=home)
        install = [python, "-m", "pip", "install", "--quiet"]
    lock = ROOT / "requirements.lock"
    command(*install, "--require-hashes", "-r", lock, cwd=home)
    command(*install, "--no-deps", wheel, cwd=home)
    return python.parent


@pytest.fixture(scope="module")
def study(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny study, run by the installed command in a folder with nothing else."""
    folder = tmp_path_factory.mktemp("elsewhere") / "study"
    write_study(folder, simulated=True)
    said = command(installed / "alsrev", "run", "study", cwd=folder.parent)
    assert "SIMULATED DATA" in said
    return folder


def test_wheel_holds_the_files_that_are_not_python(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert names >= IN_WHEEL
    in_checkout = {
        f"alsrev_dagster/sql/{path.relative_to(ROOT / 'sql')}"
        for path in (ROOT / "sql").rglob("*.sql")
    }
    assert names >= in_checkout
    genes = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "alsrev_dagster" / "ingest" / "genes").iterdir()
        if path.is_file()
    }
    assert genes
    assert names >= genes


def test_wheel_holds_no_study_and_no_test(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"alsrev_dagster", "assets"}
    assert not [
        n for n in names if n.endswith((".vcf.gz", ".duckdb", ".parquet", ".pyc", "visits.csv"))
    ]


def test_installed_code_is_the_wheels(installed: Path, tmp_path: Path) -> None:
    said = command(
        installed / "python",
        "-c",
        "import alsrev_dagster; print(alsrev_dagster.__file__)",
        cwd=tmp_path,
    )
    assert Path(said.strip()).is_relative_to(installed.parent)


@pytest.mark.long
def test_run_makes_the_report_and_the_duckdb_file(study: Path) -> None:
    assert "<svg" in (study / "results" / "report.html").read_text(encoding="utf-8")
    with duckdb.connect(str(study / "results" / "alsrev.duckdb"), read_only=True) as db:
        row = db.execute("SELECT count(*) FROM core.variant_qc").fetchone()
    assert row == (len(RECORDS),)


@pytest.mark.long
def test_sql_answers_from_the_cookbook(installed: Path, study: Path) -> None:
    said = command(
        installed / "alsrev", "sql", "study", "recovery_by_carrier", "--json", cwd=study.parent
    )
    assert [row["ratio"] for row in json.loads(said) if row["locus"] == "IGFBP7"]


@pytest.mark.long
def test_run_again_has_nothing_to_do(installed: Path, study: Path) -> None:
    said = command(installed / "alsrev", "run", "study", cwd=study.parent)
    assert said.startswith("Nothing has changed since the last run")


def test_a_table_is_made_from_the_files_of_a_study(installed: Path, tmp_path: Path) -> None:
    folder = write_study(tmp_path / "study")
    said = command(installed / "alsrev", "run", "study", "--table", "core.outcome", cwd=tmp_path)
    assert said.startswith("Made ")
    assert list(folder.lake.glob("core/outcome*"))


def test_dagster_finds_the_definitions_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    code = "import dagster as dg; from alsrev_dagster.definitions import defs; dg.Definitions.validate_loadable(defs)"
    command(installed / "python", "-c", code, cwd=tmp_path)
