"""What Dagster loads: every asset described, named one way everywhere, and checked."""

import inspect
import re
import tomllib
from pathlib import Path

import dagster as dg
import pytest
import yaml

import assets
from alsrev_dagster.definitions import defs
from alsrev_dagster.graph.node import NODES, in_order
from alsrev_dagster.storage.queries import query, query_names
from alsrev_dagster.vocabulary import TABLES, table
from tests.graph.at_work import ROOT

SNAPSHOT = Path(__file__).parent / "graph.txt"
"""To renew it: ``.venv/bin/python -m tests.graph.test_definitions``, and read the difference."""

FILES = {"warehouse", "report"}
"""Assets that are files for people, not tables of the lake."""

SPECS = {
    spec.key.to_user_string().replace("/", "."): spec for spec in defs.resolve_all_asset_specs()
}
TABLE_NAMES = sorted(set(SPECS) - FILES)
FUNCTIONS = {
    name: getattr(module, name)
    for _, module in inspect.getmembers(assets, inspect.ismodule)
    for name, value in vars(module).items()
    if isinstance(value, dg.AssetsDefinition)
}


def checks_of(name: str) -> list[dg.AssetCheckSpec]:
    """Checks of an asset, by name."""
    graph = defs.resolve_asset_graph()
    keys = [key for key in graph.asset_check_keys if key.asset_key == SPECS[name].key]
    return sorted((graph.get_check_spec(key) for key in keys), key=lambda spec: spec.name)


def snapshot() -> str:
    """Write the whole graph as text: an asset, what it is made from, who asks what of it."""
    lines = ["# asset [group]; < what it is made from; ! blocking check; ? check that only warns"]
    for name, spec in sorted(SPECS.items()):
        lines.append(f"{name} [{spec.group_name}]")
        made_from = sorted(dep.asset_key.to_user_string().replace("/", ".") for dep in spec.deps)
        lines += [f"  < {dep}" for dep in made_from]
        lines += [f"  {'!' if c.blocking else '?'} {c.name}" for c in checks_of(name)]
    return "\n".join(lines) + "\n"


def test_definitions_load() -> None:
    dg.Definitions.validate_loadable(defs)


def test_workspace_and_code_name_the_same_module() -> None:
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text(encoding="utf-8"))
    (entry,) = workspace["load_from"]
    assert entry["python_module"]["module_name"] == "alsrev_dagster.definitions"
    assert (ROOT / entry["python_module"]["working_directory"]).resolve() == ROOT
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    named = project["tool"].get("dagster", {}).get("module_name", "alsrev_dagster.definitions")
    assert named == "alsrev_dagster.definitions"


def test_graph_is_the_one_that_was_agreed() -> None:
    assert snapshot() == SNAPSHOT.read_text(encoding="utf-8"), (
        f"renew {SNAPSHOT.name}: see its test"
    )


@pytest.mark.parametrize("name", sorted(SPECS))
def test_asset_says_what_it_is_whose_and_by_which_code(name: str) -> None:
    spec = SPECS[name]
    assert spec.description
    assert len(spec.description) > 30
    assert spec.group_name in assets.__all__
    assert spec.kinds
    assert [owner.partition(":")[0] for owner in spec.owners] == ["team"]
    assert re.fullmatch("[0-9a-f]{12}", str(spec.code_version))


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_table_shows_the_columns_of_the_vocabulary(name: str) -> None:
    metadata = SPECS[name].metadata
    columns = metadata["dagster/column_schema"].columns
    expected = [(c.name, c.type, c.comment) for c in table(name).columns]
    assert [(c.name, c.type, c.description) for c in columns] == expected
    assert metadata["dagster/relation_identifier"] == name


def test_every_table_but_provenance_is_made_by_exactly_one_asset() -> None:
    made_elsewhere = {name for name in TABLES if name.startswith("meta.")}
    assert set(TABLE_NAMES) == set(TABLES) - made_elsewhere
    assert len(list(defs.resolve_all_asset_specs())) == len(SPECS)


@pytest.mark.parametrize("name", sorted(SPECS))
def test_asset_key_and_function_share_one_name(name: str) -> None:
    (key,) = FUNCTIONS[name.rpartition(".")[2]].keys
    assert key == SPECS[name].key
    assert name in NODES


def test_every_function_of_an_asset_is_an_asset() -> None:
    assert set(FUNCTIONS) == {name.rpartition(".")[2] for name in SPECS}


@pytest.mark.parametrize("folder", ["raw", "core", "result"])
def test_sql_file_is_named_like_the_table_it_makes(folder: str) -> None:
    for name in query_names(folder):
        asset = name.replace("/", ".")
        assert "sql" in SPECS[asset].kinds
        assert query(name).startswith(f"-- {asset}: ")


def test_assets_marked_sql_have_their_file() -> None:
    marked = {name.replace(".", "/") for name, spec in SPECS.items() if "sql" in spec.kinds}
    assert marked == {name for folder in ("raw", "core", "result") for name in query_names(folder)}


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_table_has_a_blocking_check_of_its_key(name: str) -> None:
    blocking = {check.name for check in checks_of(name) if check.blocking}
    assert "has_unique_key" in blocking


def test_every_check_says_what_it_claims() -> None:
    silent = [f"{name} {c.name}" for name in SPECS for c in checks_of(name) if not c.description]
    assert silent == []


def test_files_for_people_are_made_last() -> None:
    order = [node.name for node in in_order()]
    assert order[-2:] == ["warehouse", "report"]


def test_nothing_upstream_is_made_from_a_result() -> None:
    rank = {"raw": 0, "core": 1, "result": 2}
    # Carriers are read off for the leads, so one core table follows a result.
    allowed = {("core.carrier", "result.lead_variant")}
    wrong = {
        (name, read)
        for name in TABLE_NAMES
        for read in NODES[name].reads
        if rank[read.partition(".")[0]] > rank[name.partition(".")[0]]
    }
    assert wrong == allowed


def test_job_schedule_and_sensor_are_there_and_off() -> None:
    weekly, sensor = defs.resolve_schedule_def("weekly"), defs.resolve_sensor_def("input_files")
    assert weekly.job_name == sensor.job_name == "refresh"
    assert weekly.cron_schedule == "0 3 * * 1"
    assert weekly.default_status is dg.DefaultScheduleStatus.STOPPED
    assert sensor.default_status is dg.DefaultSensorStatus.STOPPED


if __name__ == "__main__":
    SNAPSHOT.write_text(snapshot(), encoding="utf-8")
