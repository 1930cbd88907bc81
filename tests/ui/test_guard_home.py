"""The study's DAGSTER_HOME: private, with settings that Dagster itself reads as meant."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.study import StudyFolder
from alsrev_dagster.ui.daemon import _stop
from alsrev_dagster.ui.home import dagster_environment, prepare_home
from alsrev_dagster.ui.process import listening, private_process, stopped_like_ctrl_c
from alsrev_dagster.ui.serve import serve


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_home_is_made_private(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    home = prepare_home(folder)
    assert home == folder.dagster_home
    assert [_mode(folder.state), _mode(home)] == [0o700, 0o700]
    assert {path.name: _mode(path) for path in home.iterdir()} == {"dagster.yaml": 0o600}


def test_wider_permissions_and_other_settings_are_mended(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    settings = prepare_home(folder) / "dagster.yaml"
    ours = settings.read_text()
    settings.write_text("telemetry: {enabled: true}\n")
    for path, mode in ((settings, 0o644), (folder.dagster_home, 0o755), (folder.state, 0o777)):
        path.chmod(mode)
    prepare_home(folder)
    assert settings.read_text() == ours
    assert [_mode(p) for p in (folder.state, folder.dagster_home, settings)] == [
        0o700,
        0o700,
        0o600,
    ]
    before = settings.stat().st_ino
    prepare_home(folder)
    assert settings.stat().st_ino == before


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / ".alsrev").write_text("")
    with pytest.raises(
        AlsrevError, match=r"\.alsrev: found File exists; expected a folder of yours"
    ):
        prepare_home(StudyFolder(tmp_path))
    with pytest.raises(AlsrevError, match="found No such file or directory"):
        prepare_home(StudyFolder(tmp_path / "nowhere"))


def test_dagster_reads_every_setting_as_meant(tmp_path: Path) -> None:
    from dagster import DagsterInstance
    from dagster._core.definitions.run_request import InstigatorType
    from dagster._core.errors import DagsterInvalidConfigError

    home = prepare_home(StudyFolder(tmp_path))
    with DagsterInstance.from_config(str(home)) as instance:
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_settings["free_slots_after_run_end_seconds"] == 30
        assert not instance.run_retries_enabled
        queue = instance.get_concurrency_config().run_queue_config
        assert queue is not None
        assert queue.max_concurrent_runs == 1
        kept = instance.get_tick_retention_settings
        assert set(kept(InstigatorType.SCHEDULE).values()) == {30}
        by_status = {status.value: days for status, days in kept(InstigatorType.SENSOR).items()}
        assert by_status == {"STARTED": -1, "SKIPPED": 3, "FAILURE": 30, "SUCCESS": 30}

    settings = home / "dagster.yaml"
    settings.write_text(settings.read_text().replace("free_slots_after", "free_slots_before"))
    with pytest.raises(DagsterInvalidConfigError, match="free_slots_before_run_end_seconds"):
        DagsterInstance.from_config(str(home))


def test_the_environment_names_the_study_and_keeps_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["/somewhere", "", "."]))
    environment = dagster_environment(StudyFolder(tmp_path))
    assert environment["DAGSTER_HOME"] == str(tmp_path / ".alsrev" / "dagster")
    assert environment["ALSREV_STUDY"] == str(tmp_path)
    assert environment["DAGSTER_DISABLE_TELEMETRY"] == "1"
    assert environment["DAGSTER_DG_UPDATE_CHECK_ENABLED"] == "0"
    assert environment["PYTHONPATH"].split(os.pathsep)[:2] == ["/somewhere", str(Path.cwd())]


def test_the_process_is_private_only_meanwhile(tmp_path: Path) -> None:
    folder, before = StudyFolder(tmp_path), (dict(os.environ), Path.cwd())
    home = prepare_home(folder)
    with private_process(folder, home):
        (home / "made").write_text("")
        assert _mode(home / "made") == 0o600
        assert (os.environ["DAGSTER_HOME"], Path.cwd()) == (str(home), home)
    assert (dict(os.environ), Path.cwd()) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_polite_end_is_like_ctrl_c(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), stopped_like_ctrl_c():
        signal.raise_signal(number)
    assert signal.getsignal(number) == before


def test_a_taken_port_is_said_before_anything_slow(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        expected = (
            f"port {port} of 127.0.0.1: found that another program is using it; expected a free"
        )
        with pytest.raises(AlsrevError, match=expected):
            serve(StudyFolder(tmp_path), port=port)
    assert not (tmp_path / ".alsrev").exists()
    with pytest.raises(AlsrevError, match="choose another port"), listening(70_000):
        pass


def test_only_the_loopback_is_listened_on() -> None:
    with listening(0) as listener:
        address, port = listener.getsockname()
        assert (address, port > 0) == ("127.0.0.1", True)


@pytest.mark.parametrize("token", ["", "short", "with spaces in it all", "x" * 129, "é" * 20])
def test_an_unfit_token_is_said_without_repeating_it(tmp_path: Path, token: str) -> None:
    with pytest.raises(AlsrevError, match=f"token: found {len(token)} characters"):
        serve(StudyFolder(tmp_path), port=0, token=token)


def test_a_daemon_that_ignores_the_interrupt_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alsrev_dagster.ui.daemon._STOP_SECONDS", 0.5)
    deaf = "import signal; signal.signal(2, signal.SIG_IGN); print(flush=True); signal.pause()"
    command = [sys.executable, "-c", deaf]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        started = time.monotonic()
        _stop(child)
        assert child.returncode == -signal.SIGKILL
        assert time.monotonic() - started < 5
