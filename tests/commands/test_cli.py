"""The command line: what each command prints, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from alsrev_dagster.cli import app
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.study import StudyFolder
from tests.builders import write_study
from tests.graph.at_work import NOTHING, environment, own_process_state
from tests.graph.test_staleness import edit

COMMANDS = (
    "init",
    "validate",
    "run",
    "status",
    "report",
    "calibrate",
    "power",
    "sql",
    "export",
    "ui",
)


def alsrev(*words: object) -> Result:
    """Run a command in this process."""
    with own_process_state():
        return CliRunner().invoke(app, [str(word) for word in words])


def test_help_lists_every_command() -> None:
    told = alsrev("--help")
    assert told.exit_code == 0
    for command in COMMANDS:
        assert f" {command} " in told.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_command_explains_itself(command: str) -> None:
    told = alsrev(command, "--help")
    assert told.exit_code == 0
    assert f"{command} [OPTIONS]" in told.stdout
    assert len(told.stdout.splitlines()) > 5


def test_without_a_command_help_is_shown() -> None:
    assert "Usage" in alsrev().output


def test_init_writes_a_study_that_lacks_only_its_data(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    told = alsrev("init", folder)
    assert told.exit_code == 0
    files = {"study.yaml", "samples.csv", "participants.csv", "visits.csv", "biomarkers.csv"}
    assert {path.name for path in folder.iterdir()} == files | {"genotypes"}
    assert len(told.stdout.splitlines()) == len(files)
    problems = json.loads(alsrev("validate", folder, "--json").stdout)["problems"]
    assert problems
    for problem in problems:
        said = f"{problem['where']} {problem['found']}"
        assert "no file" in said or "no row" in said or "no sample" in said, problem


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text("mine\n", encoding="utf-8")
    told = alsrev("init", tmp_path)
    assert told.exit_code == 1
    assert "found visits.csv already; expected a folder without" in told.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["visits.csv"]
    assert (tmp_path / "visits.csv").read_text(encoding="utf-8") == "mine\n"


def test_validate_of_a_sound_study_ends_well(tmp_path: Path) -> None:
    write_study(tmp_path)
    told = alsrev("validate", tmp_path)
    assert (told.exit_code, told.stdout) == (0, "no problem found\n")
    told = alsrev("validate", tmp_path / "study.yaml", "--json")
    assert told.exit_code == 0
    n_missing_code = dict.fromkeys(("sample", "participant", "visit", "biomarker"), 0)
    assert json.loads(told.stdout) == {"problems": [], "n_missing_code": n_missing_code}


@pytest.fixture
def broken(tmp_path: Path) -> StudyFolder:
    """A study with one thing wrong in each of three files."""
    return write_study(
        tmp_path / "broken",
        replace={
            "visits.csv": [("personA,0,", "personA,soon,")],
            "samples.csv": [("vialB,personB,", "vialB,nobody,")],
            "participants.csv": [("personC,male,", "personC,man,")],
        },
    )


def test_validate_lists_every_problem_at_once(broken: StudyFolder) -> None:
    told = alsrev("validate", broken.root)
    assert told.exit_code == 1
    for file in ("visits.csv", "samples.csv", "participants.csv"):
        assert f"  - {file}, line " in told.stderr
    assert "Traceback" not in told.output


def test_validate_as_json_has_the_parts_of_each_problem(broken: StudyFolder) -> None:
    told = alsrev("validate", broken.root, "--json")
    assert told.exit_code == 1
    problems = json.loads(told.stdout)["problems"]
    assert len(problems) >= 3
    for problem in problems:
        assert set(problem) == {"where", "found", "expected", "fix"}
        assert all(problem.values())


def test_run_of_a_broken_study_prints_every_problem_and_makes_nothing(broken: StudyFolder) -> None:
    told = alsrev("run", broken.root)
    assert told.exit_code == 1
    for file in ("visits.csv", "samples.csv", "participants.csv"):
        assert f"  - {file}, line " in told.stderr
    assert "Traceback" not in told.output
    assert not broken.results.exists()
    assert not broken.lake.exists()


@pytest.mark.parametrize("command", ["validate", "run", "status", "report", "sql", "ui"])
def test_folder_without_a_study_is_told_so_in_one_line_each(tmp_path: Path, command: str) -> None:
    words = [command, tmp_path, *(["SELECT 1"] if command == "sql" else [])]
    told = alsrev(*words)
    assert told.exit_code == 1
    assert "expected" in told.stderr
    assert "Traceback" not in told.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["report", "sql"])
def test_study_that_was_never_run_is_told_how_to_start(tmp_path: Path, command: str) -> None:
    write_study(tmp_path)
    told = alsrev(command, tmp_path, *(["SELECT 1"] if command == "sql" else []))
    assert told.exit_code == 1
    assert "start with 'alsrev run STUDY'" in told.stderr


def test_status_of_a_new_study_changes_nothing(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "new")
    told = alsrev("status", folder.root, "--json")
    assert told.exit_code == 0
    found = json.loads(told.stdout)
    assert found["stale"]["raw.visit"] == "not made yet"
    assert found["failed_checks"] == found["warned_checks"] == {}
    assert not folder.lake.exists()
    assert not folder.results.exists()


def test_status_after_a_run_says_what_is_stale_and_which_checks_warned(tiny: StudyFolder) -> None:
    (tiny.results / "report.html").unlink()
    told = alsrev("status", tiny.root)
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert lines[0] == "stale   report: not made yet"
    assert lines[-1] == "1 stale, 0 failed check(s), 12 warning(s)"
    assert any(
        line.startswith("warned  core.kinship no_two_samples_are_one_genome:") for line in lines
    )
    found = json.loads(alsrev("status", tiny.root, "--json").stdout)
    assert found["stale"] == {"report": "not made yet"}
    assert found["failed_checks"] == {}
    assert len(found["warned_checks"]) == 12


def test_run_again_says_that_nothing_changed_and_the_answer(tiny: StudyFolder) -> None:
    told = alsrev("run", tiny.root)
    assert told.exit_code == 0
    assert told.stdout.startswith(NOTHING)
    warned = [line for line in told.stdout.splitlines() if line.startswith("warning: check ")]
    assert len(warned) == 12
    assert warned[0].startswith("warning: check core.kinship no_two_samples_are_one_genome: ")
    assert "Study tiny\n" in told.stdout
    assert "SIMULATED" not in told.stdout
    answer = alsrev("report", tiny.root)
    assert answer.exit_code == 0
    assert answer.stdout in told.stdout


def test_a_named_table_is_made_alone(tiny: StudyFolder) -> None:
    edit(tiny.root / "visits.csv", "personA,720,", "personA,719,")
    told = alsrev("run", tiny.root, "--table", "core.alsfrsr")
    assert told.exit_code == 0
    assert told.stdout.startswith("Made 2 tables and files.")
    assert "Study tiny" not in told.stdout
    again = alsrev("run", tiny.root, "--table", "core.alsfrsr").stdout
    assert again.startswith("Nothing of what core.alsfrsr is made from has changed since")
    assert "stale   result.trajectory: " in alsrev("status", tiny.root).stdout


def test_a_table_that_is_none_is_told_with_those_there_are(tiny: StudyFolder) -> None:
    told = alsrev("run", tiny.root, "--table", "result.asociation")
    assert told.exit_code == 1
    assert (
        "'result.asociation': found no table or file of this name; expected one of" in told.stderr
    )
    assert "result.association" in told.stderr


def test_report_prints_what_the_published_file_holds(tiny: StudyFolder) -> None:
    """As after a run that stopped before it published: the lake is ahead of the file."""
    before = alsrev("report", tiny.root).stdout
    assert "Contrast primary, 4 variants tested\n" in before
    lake = Lake(tiny.lake)
    for name, column in (
        ("result.lead_variant", "n_variant_tested"),
        ("result.recovery_model", "n_carrier"),
        ("result.detectable_effect", "n_case"),
    ):
        frame = lake.frame(name)
        lake.write(name, frame.assign(**{column: frame[column] + 900}))
    edit(tiny.study_file, "study: tiny", "study: renamed")
    edit(tiny.study_file, "contrasts:\n", "contrasts:\n  new: {cases: [PGB], controls: [StAR]}\n")
    assert alsrev("report", tiny.root).stdout == before


def test_report_of_a_file_of_another_version_says_what_to_do(tiny: StudyFolder) -> None:
    with duckdb.connect(str(tiny.warehouse)) as db:
        db.execute("DROP TABLE result.detectable_effect")
    told = alsrev("report", tiny.root)
    assert told.exit_code == 1
    assert "alsrev.duckdb: found tables that cannot be read (Catalog Error" in told.stderr
    assert "run 'alsrev run STUDY'" in told.stderr
    assert "Traceback" not in told.output


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" * 900])
@pytest.mark.parametrize("command", ["sql", "report"])
def test_file_that_is_no_database_is_told_in_words(
    tiny: StudyFolder, command: str, content: bytes
) -> None:
    tiny.warehouse.write_bytes(content)
    told = alsrev(command, tiny.root, *(["SELECT 1"] if command == "sql" else []))
    assert told.exit_code == 1
    assert "alsrev.duckdb: found a file that DuckDB cannot open (" in told.stderr
    assert "or delete it and run 'alsrev run STUDY'" in told.stderr
    assert isinstance(told.exception, SystemExit)


@pytest.mark.parametrize("as_json", [True, False])
def test_status_of_a_study_without_one_of_its_files_says_which(
    tiny: StudyFolder, as_json: bool
) -> None:
    (tiny.root / "visits.csv").unlink()
    told = alsrev("status", tiny.root, *(["--json"] if as_json else []))
    assert told.exit_code == 1
    assert "  - visits.csv: found no such file; expected" in told.stderr
    assert isinstance(told.exception, SystemExit)


def test_command_is_a_program(tmp_path: Path) -> None:
    folder = write_study(tmp_path)
    told = subprocess.run(
        [sys.executable, "-m", "alsrev_dagster", "validate", str(folder.root)],
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "no problem found\n", "")
