"""The log of events is Dagster's own file, whoever writes it and however many do."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml
from dagster import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage

from alsrev_dagster.study import StudyFolder
from alsrev_dagster.ui import event_log
from alsrev_dagster.ui.event_log import EventLog
from alsrev_dagster.ui.home import prepare_home

N_EVENT = 20


def entry(run_id: str, number: int) -> EventLogEntry:
    return EventLogEntry(
        error_info=None,
        level=20,
        user_message=f"event {number}",
        run_id=run_id,
        timestamp=float(number),
    )


def test_what_threads_write_to_more_files_than_have_an_engine_dagster_reads(
    tmp_path: Path,
) -> None:
    ours = EventLog(str(tmp_path))
    runs = [f"run{n}" for n in range(event_log._N_ENGINE + 3)]
    with ThreadPoolExecutor(4) as pool:
        events = [entry(run, number) for number in range(N_EVENT) for run in runs]
        list(pool.map(ours.store_event, events))
    assert len(ours._engines) == event_log._N_ENGINE
    for log in (SqliteEventLogStorage(str(tmp_path)), ours):
        for run in runs:
            told = sorted(found.user_message for found in log.get_logs_for_run(run))
            assert told == sorted(f"event {number}" for number in range(N_EVENT))
    assert ours.has_table("asset_keys")
    assert not ours.has_table("no_table")
    ours.wipe()
    ours.store_event(entry("again", 1))
    assert len(ours.get_logs_for_run("again")) == 1


def test_a_path_of_any_letters_stands_in_the_settings_as_it_is(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path / 'Étude \U0001f9ec "ALS"')
    folder.root.mkdir()
    settings = yaml.safe_load((prepare_home(folder) / "dagster.yaml").read_text(encoding="utf-8"))
    found = settings["event_log_storage"]["config"]["base_dir"]
    assert found == str(folder.dagster_home.resolve() / "history" / "runs")
