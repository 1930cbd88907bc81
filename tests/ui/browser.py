"""A real browser before a real ``alsrev ui``: what a user sees and clicks, and what is asked."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from playwright.sync_api import BrowserContext, Page, sync_playwright

from alsrev_dagster.study import StudyFolder
from tests.graph.at_work import environment, line_of

PATIENCE = 120_000
"""Milliseconds for anything to appear: a loaded machine needs 10 for what takes 1."""
START_SECONDS = 240
"""Time for the server to print its address."""
RUN_SECONDS = 240
"""Time for a run to be taken from the queue, started and finished."""

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = [
    "--no-sandbox",  # root in a container has none
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_LOOPBACK = ("127.0.0.1", "localhost")
_RUNS = """{runsOrError(limit: 50) {... on Runs {results {
    runId status tags {key value} assetSelection {path}
}}}}"""


def chromium() -> str | None:
    """Path of a Chromium: of ``ALSREV_CHROMIUM``, or found on the PATH by its usual names."""
    named = [os.environ["ALSREV_CHROMIUM"]] if os.environ.get("ALSREV_CHROMIUM") else []
    found = (shutil.which(name) for name in (*named, *_NAMES))
    return next((path for path in found if path), None)


@contextmanager
def served(folder: StudyFolder, log: Path) -> Iterator[str]:
    """Run ``alsrev ui`` of a study on a free port; yield its address without the last slash."""
    command = [sys.executable, "-c", "from alsrev_dagster.cli import app; app()", "ui"]
    with log.open("w+") as told:
        server = subprocess.Popen(
            [*command, str(folder.root), "--port", "0"],
            env=environment(folder),
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
        )
        try:
            address = line_of(server, START_SECONDS)
            told_else = f"printed {address!r}, ended {server.poll()}: {log.read_text()}"
            assert address.startswith("http://127.0.0.1:"), told_else
            yield address.rstrip("/")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
            if server.stdout is not None:
                server.stdout.close()


class Window:
    """One page of a browser, with what it asked for and what went wrong in it."""

    def __init__(self, context: BrowserContext, base: str, pictures: Path) -> None:
        self.base = base
        self.requested: list[str] = []
        self.errors: list[str] = []
        self.context = context
        self._pictures = pictures
        context.on("request", lambda request: self.requested.append(request.url))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        self.page: Page = context.pages[0] if context.pages else context.new_page()
        self.page.on("websocket", lambda socket: self.requested.append(socket.url))
        self.page.set_default_timeout(PATIENCE)

    def visit(self, path: str, *texts: str) -> Page:
        """Open a page of the UI and wait until each of these texts can be seen."""
        self.page.goto(f"{self.base}{path}", wait_until="domcontentloaded")
        for text in texts:
            self.page.get_by_text(text, exact=True).first.wait_for()
        return self.page

    def keep_picture(self, name: str) -> None:
        """Keep a screenshot beside the test's other files, for whoever wants to look."""
        self.page.screenshot(path=self._pictures / f"{name}.png")

    def ask(self, query: str) -> Any:
        """Answer of the server to a GraphQL query, sent as the UI sends it."""
        headers = {"Origin": self.base}
        url = f"{self.base}/graphql"
        answer = requests.post(url, json={"query": query}, headers=headers, timeout=60)
        return answer.json()["data"]

    def runs(self) -> dict[str, dict[str, Any]]:
        """Dagster's runs by id, the newest first."""
        return {run["runId"]: run for run in self.ask(_RUNS)["runsOrError"]["results"]}

    def run_started_by(self, click: Callable[[], None]) -> dict[str, Any]:
        """Click; wait for the run that this starts to end; it must be a success."""
        before, end = set(self.runs()), time.monotonic() + RUN_SECONDS
        click()
        while time.monotonic() < end:
            new = [run for name, run in self.runs().items() if name not in before]
            if new and new[0]["status"] in {"SUCCESS", "FAILURE", "CANCELED"}:
                assert [run["status"] for run in new] == ["SUCCESS"], self._why(new[0]["runId"])
                return new[0]
            self.page.wait_for_timeout(1000)
        raise AssertionError(f"no run ended in {RUN_SECONDS} s: {new}")

    def _why(self, run_id: str) -> Any:
        return self.ask(
            f'{{logsForRun(runId: "{run_id}") {{... on EventConnection {{events {{'
            "... on MessageEvent {message} ... on ErrorEvent {error {message causes {message}}}}}}}"
        )

    def elsewhere(self) -> list[str]:
        """Addresses asked for that are not on this machine's loopback."""
        parts = [(urlsplit(url), url) for url in self.requested]
        local = {"data", "blob", "about"}
        return [u for p, u in parts if p.scheme not in local and p.hostname not in _LOOPBACK]


@contextmanager
def opened(base: str, profile: Path, binary: str) -> Iterator[Window]:
    """Open a browser with a profile of its own."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=binary,
            headless=True,
            args=_FLAGS,
            viewport={"width": 1600, "height": 1000},
        )
        try:
            yield Window(context, base, profile.parent)
        finally:
            context.close()
