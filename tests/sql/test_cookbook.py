"""``alsrev sql``: the cookbook answers its questions, and nothing but reading is allowed."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from alsrev_dagster.cli import app
from alsrev_dagster.commands.sql import cookbook, count_of, rows_of, table_of
from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.storage.queries import query
from alsrev_dagster.study import StudyFolder
from tests.graph.at_work import Made, sha256_of

NAMES = sorted(cookbook())
MAY_BE_EMPTY = {
    "related_samples",
    "checks_that_failed",
    "left_out_for_a_relative",
    "leads_in_the_statistics_of_others",
    "what_the_importer_did",
}
"""Good news has no rows, and the example names no files of others."""


def test_cookbook_has_its_questions() -> None:
    assert len(NAMES) >= 15


@pytest.mark.parametrize("name", NAMES)
def test_first_line_is_a_question_and_the_rest_says_what_a_row_is(name: str) -> None:
    header = query(f"cookbook/{name}").splitlines()[:5]
    assert header[0].startswith("-- ")
    assert header[0].endswith("?")
    assert [line.split(":")[0] for line in header[2:]] == ["-- Grain", "-- Reads", "-- Parameters"]


@pytest.mark.parametrize("name", NAMES)
def test_cookbook_query_answers(example: Made, name: str) -> None:
    rows = rows_of(example.folder, name)
    assert len(rows.columns) > 1
    assert len(rows) > 0 or name in MAY_BE_EMPTY
    assert not rows.duplicated().any()


def test_carriers_by_cohort_are_the_planted_ones(example: Made) -> None:
    rows = rows_of(example.folder, "carriers_of_a_variant_by_cohort")
    mine = rows[rows["variant_id"] == "chr4-57110321-G-A"].set_index("cohort")
    assert mine["n"].to_dict() == {"PGB": 103, "StAR": 22, "TargetALS": 140}
    assert int(mine["n_carrier"].sum()) == 96
    assert int(mine.loc["StAR", "n_carrier"]) == 17


def test_failed_checks_are_those_the_run_warned_of(example: Made) -> None:
    rows = rows_of(example.folder, "checks_that_failed")
    warned = {line.split()[3].rstrip(":") for line in example.printed.splitlines()[1:]}
    assert set(rows["check_name"]) == warned
    assert not rows["is_blocking"].any()


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE raw.mine (x INTEGER)",
        "DELETE FROM raw.visit",
        "UPDATE raw.sample SET cohort = 'other'",
        "DROP TABLE result.association",
        "INSERT INTO meta.input VALUES ('a', 'b', 1)",
    ],
)
def test_writing_is_refused(example: Made, text: str) -> None:
    before = sha256_of(example.folder.warehouse)
    with pytest.raises(AlsrevError, match=r"the query was refused: .*read-only"):
        rows_of(example.folder, text)
    assert sha256_of(example.folder.warehouse) == before


@pytest.mark.parametrize(
    "text",
    [
        "COPY raw.visit TO '{folder}/stolen.csv'",
        "ATTACH '{folder}/other.duckdb' AS other",
        "SELECT * FROM read_csv('{folder}/samples.csv')",
        "SELECT * FROM '{folder}/samples.csv'",
        "SELECT * FROM read_text('/etc/hostname')",
        "INSTALL httpfs",
        "LOAD '{folder}/evil.duckdb_extension'",
        "EXPORT DATABASE '{folder}/out'",
    ],
)
def test_files_and_network_are_out_of_reach(example: Made, tmp_path: Path, text: str) -> None:
    (tmp_path / "samples.csv").write_text("sample_id\nsecret\n", encoding="utf-8")
    with pytest.raises(AlsrevError, match="the query was refused: ") as refused:
        rows_of(example.folder, text.format(folder=tmp_path))
    assert "secret" not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["samples.csv"]


@pytest.mark.parametrize(
    "text", ["SET enable_external_access = true", "SET lock_configuration = false"]
)
def test_the_locks_stay_locked(example: Made, text: str) -> None:
    with pytest.raises(AlsrevError, match=r"the query was refused: .*locked"):
        rows_of(example.folder, text)


@pytest.mark.parametrize("text", ["CREATE TABLE mine (x INTEGER)", "SELECT nonsense FROM nowhere"])
def test_command_refuses_in_plain_words(example: Made, text: str) -> None:
    told = CliRunner().invoke(app, ["sql", str(example.folder.root), text])
    assert told.exit_code == 1
    assert "the query was refused" in told.stderr
    assert "Traceback" not in told.output + told.stderr


def test_command_lists_the_cookbook_without_a_query(example: Made) -> None:
    told = CliRunner().invoke(app, ["sql", str(example.folder.root)])
    assert told.exit_code == 0
    for name, question in cookbook().items():
        assert name in told.stdout
        assert question in told.stdout


def test_command_prints_json_for_a_program(example: Made) -> None:
    words = ["sql", str(example.folder.root), "SELECT count(*) AS n FROM raw.sample", "--json"]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0
    assert "".join(told.stdout.split()) == '[{"n":265}]'


def test_long_answers_are_cut_for_the_terminal_and_say_so(example: Made) -> None:
    rows = rows_of(example.folder, "SELECT variant_id FROM core.variant_qc")
    assert table_of(rows).row_count == 200
    assert count_of(rows) == "200 of 22508 rows; --csv and --json give all"


def test_study_without_a_run_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AlsrevError, match=r"found no such file in results/; .*'alsrev run STUDY'"):
        rows_of(StudyFolder(tmp_path), "SELECT 1")


@pytest.mark.parametrize(
    "text", ["select '[/a] x' as \"[red]\"", "select [1, 2] as x, {'a': 1} as y"]
)
def test_any_value_can_be_shown(made_tiny: Made, text: str) -> None:
    for options in ([], ["--json"]):
        answer = CliRunner().invoke(app, ["sql", str(made_tiny.folder.root), text, *options])
        assert answer.exit_code == 0, answer.output
    shown = CliRunner().invoke(app, ["sql", str(made_tiny.folder.root), "select '[/a] x' as y"])
    assert "[/a] x" in shown.output


def test_json_has_every_digit_and_null_for_nothing(made_tiny: Made) -> None:
    asked = ["sql", str(made_tiny.folder.root), "select 4.2e-12 as p, 'nan'::double as q", "--json"]
    assert json.loads(CliRunner().invoke(app, asked).output) == [{"p": 4.2e-12, "q": None}]


WIDE = "SELECT " + ", ".join(f"'chr4-57910940-G-A, number {i}' AS column_{i}" for i in range(30))


@pytest.mark.parametrize("columns", ["20", "80", None])
def test_a_table_is_as_wide_as_it_is_on_any_terminal(
    made_tiny: Made, columns: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    told = CliRunner().invoke(app, ["sql", str(made_tiny.folder.root), WIDE])
    lines = told.stdout.splitlines()
    assert len(lines) == 6  # a frame of three lines, a header, a row, the count
    for i in range(30):
        assert f"│ chr4-57910940-G-A, number {i} " in lines[3]
        assert f" column_{i} " in lines[1]
    assert lines[-1] == "1 row(s)"


def test_csv_has_every_row_and_digit(made_tiny: Made) -> None:
    text = "SELECT i AS n, 1 / (i + 3) AS x, 'a, \"b\"' AS t, NULL AS z FROM range(300) r(i) ORDER BY i"
    told = CliRunner().invoke(app, ["sql", str(made_tiny.folder.root), text, "--csv"])
    header, *rows = list(csv.reader(io.StringIO(told.stdout)))
    assert header == ["n", "x", "t", "z"]
    assert rows == [[str(i), str(1 / (i + 3)), 'a, "b"', ""] for i in range(300)]


def test_csv_writes_lists_and_structs_as_json_and_whole_numbers_as_whole(made_tiny: Made) -> None:
    text = "SELECT [1, 2] AS a, {'b': NULL} AS c, unnest([1, NULL]) AS d"
    told = CliRunner().invoke(app, ["sql", str(made_tiny.folder.root), text, "--csv"])
    assert told.stdout == 'a,c,d\n"[1, 2]","{""b"": null}",1\n"[1, 2]","{""b"": null}",\n'


def test_two_forms_of_an_answer_are_refused(made_tiny: Made) -> None:
    words = ["sql", str(made_tiny.folder.root), "SELECT 1", "--csv", "--json"]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 1
    assert "--json and --csv: found both; expected one form of the answer; drop one" in told.stderr


@pytest.mark.parametrize(
    ("text", "n"), [("SELECT 1; SELECT 2", 2), ("SELECT 1; DROP TABLE x;", 2), ("-- none", 0)]
)
def test_what_is_not_one_statement_is_refused(made_tiny: Made, text: str, n: int) -> None:
    with pytest.raises(AlsrevError, match=rf"the query: found {n} statements; expected one, .*ask"):
        rows_of(made_tiny.folder, text)


@pytest.mark.parametrize("text", ["SELECT 1;", "SELECT 1; -- one", "FROM raw.sample"])
def test_one_statement_may_end_as_it_likes(made_tiny: Made, text: str) -> None:
    assert len(rows_of(made_tiny.folder, text)) > 0
