"""The real server: what another site's page can do to it with the guard, and without."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.graph.at_work import line_of

pytestmark = pytest.mark.ui

START_SECONDS = 240
"""Time for a server to print its address."""
TOKEN = "the-token-of-the-viewer"  # noqa: S105
EVIL = {"Origin": "http://evil.example", "Accept": "image/*"}
PAST_THE_GUARD = {"X-Test-Past-The-Guard": "1"}

DEFINITIONS = """
import dagster as dg

@dg.asset
def one() -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"n": 1})

defs = dg.Definitions(assets=[one])
"""

SERVER = """
import json, sys
from alsrev_dagster.study import StudyFolder
from alsrev_dagster.ui import serve as room

class Leaky(room.Guard):
    '''The guard, but for requests that ask to go past it: Dagster's server as it comes.'''
    async def __call__(self, scope, receive, send):
        past = (b"x-test-past-the-guard", b"1") in scope["headers"]
        await (self._app if past else super().__call__)(scope, receive, send)

room.Guard = Leaky
say = lambda url: print(url, flush=True)
study, options = StudyFolder(sys.argv[1]), json.loads(sys.argv[2])
room.serve(study, port=0, module="tiny", announce=say, **options)
"""

LAUNCH = """mutation {
  launchRun(executionParams: {selector: {
    repositoryLocationName: "tiny", repositoryName: "__repository__", jobName: "__ASSET_JOB",
    assetSelection: [{path: ["one"]}]
  }}) { __typename ... on PythonError { message } }
}"""


class Server:
    """One server of a study of its own, in a process of its own."""

    def __init__(self, root: Path, **options: object) -> None:
        self.root = root / "study"
        self.root.mkdir()
        (root / "tiny.py").write_text(DEFINITIONS)
        self._log = (root / "stderr").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(self.root), json.dumps(options)],
            env={**os.environ, "PYTHONPATH": f"{Path.cwd()}{os.pathsep}{root}"},
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            umask=0o022,
        )
        self.printed = ""

    def wait(self) -> "Server":
        self.printed = line_of(self.process, START_SECONDS)
        self._log.seek(0)
        assert self.printed.startswith("http://127.0.0.1:"), self._log.read()
        self.base = self.printed.partition("?")[0].rstrip("/")
        return self

    def post(self, query: str, **headers: str) -> requests.Response:
        url = f"{self.base}/graphql"
        given = {"Origin": self.base, **headers}
        return requests.post(url, json={"query": query}, headers=given, timeout=30)

    def runs(self, **headers: str) -> list[str]:
        answer = self.post("{runsOrError {... on Runs {results {status}}}}", **headers)
        return [run["status"] for run in answer.json()["data"]["runsOrError"]["results"]]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(40)

    def close(self) -> None:
        self.stop()
        self._log.close()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def leftovers(self) -> list[str]:
        """Command lines of processes that still have this study in their environment."""
        mark = f"ALSREV_STUDY={self.root}".encode()
        return [
            path.joinpath("cmdline").read_text()
            for path in Path("/proc").glob("[0-9]*")
            if mark in _read(path / "environ").split(b"\0")
        ]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _until(condition: Any, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not (met := bool(condition())) and time.monotonic() < end:
        time.sleep(0.5)
    return met


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """Start a server with its daemon and a viewer's, side by side."""
    full = Server(tmp_path_factory.mktemp("full"))
    viewer = Server(tmp_path_factory.mktemp("viewer"), read_only=True, token=TOKEN)
    try:
        yield full.wait(), viewer.wait()
    finally:
        full.close()
        viewer.close()


def test_the_ui_and_its_queries_work(servers: tuple[Server, Server]) -> None:
    full, _ = servers
    page = requests.get(f"{full.base}/", timeout=30)
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]
    assert "<title>Dagster" in page.text or "/_next/" in page.text
    assert page.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "script-src 'nonce-" in page.headers["content-security-policy"]
    answer = full.post("{assetNodes {assetKey {path}}}")
    assert answer.json()["data"]["assetNodes"] == [{"assetKey": {"path": ["one"]}}]


def test_another_site_starts_a_run_only_past_the_guard(servers: tuple[Server, Server]) -> None:
    full, _ = servers
    url, mutation = f"{full.base}/graphql", {"query": LAUNCH}
    refused = requests.get(url, params=mutation, headers=EVIL, timeout=30)
    assert refused.status_code == 403
    assert "Origin header: found 'http://evil.example'" in refused.text
    # An <img> of another site has no Origin; a server that looked at that alone would obey.
    image = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert requests.get(url, params=mutation, headers=image, timeout=30).status_code == 403
    assert requests.get(url, params=mutation, timeout=30).status_code == 403
    assert requests.post(url, params=mutation, timeout=30).status_code == 403
    assert full.runs() == []

    accepted = requests.get(url, params=mutation, headers=EVIL | PAST_THE_GUARD, timeout=30)
    assert accepted.json()["data"]["launchRun"]["__typename"] == "LaunchRunSuccess"
    assert len(full.runs()) == 1


def test_rebinding_is_refused(servers: tuple[Server, Server]) -> None:
    full, _ = servers
    refused = full.post("{__typename}", Host="evil.example")
    assert (refused.status_code, "Host header: found 'evil.example'" in refused.text) == (403, True)


def test_a_viewer_needs_the_token_and_starts_nothing(servers: tuple[Server, Server]) -> None:
    _, viewer = servers
    assert viewer.post("{__typename}").status_code == 401
    browser = requests.Session()
    page = browser.get(viewer.printed, timeout=30)
    assert (page.status_code, page.url) == (200, f"{viewer.base}/")
    assert browser.get(f"{viewer.base}/server_info", timeout=30).status_code == 200
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    launch = viewer.post(LAUNCH, **bearer).json()["data"]["launchRun"]
    assert launch["__typename"] == "UnauthorizedError"
    assert viewer.runs(**bearer) == []


def test_the_daemon_runs_what_is_queued_and_all_ends_with_the_server(
    servers: tuple[Server, Server],
) -> None:
    full, viewer = servers
    assert full.runs() or full.post(LAUNCH).ok
    assert _until(lambda: full.runs() == ["SUCCESS"], 60), full.runs()
    assert full.stop(signal.SIGTERM) == 0
    assert viewer.stop(signal.SIGINT) == 0
    assert _until(lambda: not full.leftovers() + viewer.leftovers(), 20), full.leftovers()
    assert full.process.stdout is not None
    assert full.process.stdout.read() == ""  # the address was all that was printed
    state = full.root / ".alsrev"
    others = [p for p in [state, *state.rglob("*")] if p.stat().st_mode & 0o077]
    assert others == []
