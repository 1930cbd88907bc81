"""The UI of the example study in a real browser: everything a user sees, reads and clicks."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, urlsplit

import pytest

import assets  # noqa: F401  fills NODES
from alsrev_dagster.graph.node import NODES
from tests.conftest import copy_of
from tests.graph.at_work import Made
from tests.ui.browser import Window, chromium, opened, served

BINARY = chromium()
pytestmark = [
    pytest.mark.ui,
    pytest.mark.skipif(
        BINARY is None,
        reason="no browser: found no chromium, chromium-browser or google-chrome on the PATH; "
        "install Chromium or name its binary in ALSREV_CHROMIUM",
    ),
]

LAUNCH = """mutation {launchRun(executionParams: {selector: {
  repositoryLocationName: "alsrev_dagster.definitions", repositoryName: "__repository__",
  jobName: "refresh", assetSelection: [{path: ["raw", "sample"]}]
}}) {__typename}}"""


@pytest.fixture(scope="module")
def window(example: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """Open a browser at the UI of a study that was run once."""
    assert BINARY is not None
    root = tmp_path_factory.mktemp("browser")
    folder = copy_of(example.folder, root / "study")
    with served(folder, root / "server.log") as base, opened(base, root / "p", BINARY) as window:
        yield window


_N_SHOWN = 8
"""Letters of a long name of an asset that its box begins with."""


def test_the_graph_has_every_asset_in_its_group_and_shows_what_the_report_reads(
    window: Window,
) -> None:
    nodes = window.ask("{assetNodes {groupName assetKey {path}}}")["assetNodes"]
    assert {".".join(node["assetKey"]["path"]) for node in nodes} == set(NODES)
    page = window.visit(
        "/assets/report?view=lineage&lineageScope=upstream&lineageDepth=1", "recovery_curve"
    )
    groups = {node["groupName"] for node in nodes}
    assert groups >= {"association", "outcome", "publish", "quality", "sources", "survival"}
    read = {name.rpartition(".")[2] for name in NODES["report"].reads}
    for name in sorted(read):  # the whole graph is too wide to be shown at once
        shown = re.compile(f"^{name[:_N_SHOWN]}")  # of a longer name the middle is left out
        page.get_by_text(shown).first.wait_for()
    window.keep_picture("graph")


def test_an_asset_is_made_by_clicking_and_shows_its_checks_and_picture(window: Window) -> None:
    page = window.visit("/assets/result/recovery_curve", "Latest materialization", "Row count")
    for text in ("survival", "clinical", "Parquet", "result.recovery_curve", "variant_id"):
        page.get_by_text(text, exact=True).first.wait_for()
    page.get_by_text("Cumulative incidence of recovery, death competing").first.wait_for()
    window.keep_picture("asset")
    button = page.get_by_role("button", name="Materialize").first
    run = window.run_started_by(button.click)
    assert run["assetSelection"] == [{"path": ["result", "recovery_curve"]}]

    window.visit(f"/runs/{run['runId']}", "Success", "2 checks")
    window.keep_picture("run")
    _checks_are_told(window)
    _picture_is_seen(window, run["runId"])


def _checks_are_told(window: Window) -> None:
    page = window.visit("/assets/result/recovery_curve?view=checks", "has_unique_key")
    page.get_by_text("incidence_never_falls", exact=True).first.click()
    page.get_by_text("Cumulative incidence stays in [0, 1] and never falls.").first.wait_for()
    found = re.compile(r"^0 of \d+ points fall, or lie outside \[0, 1\] \(expected 0\)$")
    page.get_by_text(found).first.wait_for()
    page.get_by_text("Passed", exact=True).first.wait_for()
    window.keep_picture("checks")
    asked = "view=checks&checkDetail=case_status_is_not_a_technical_factor"
    page = window.visit(f"/assets/result/confounding?{asked}", "has_unique_key")
    page.get_by_text(re.compile("^9 of 33 factors are aligned with case status")).first.wait_for()
    page.get_by_text("Failed", exact=True).first.wait_for()
    window.keep_picture("failed_check")


def _picture_is_seen(window: Window, run_id: str) -> None:
    page = window.visit("/assets/result/recovery_curve?view=events", run_id[:8])
    page.get_by_text("[Show Markdown]").first.click()
    picture = page.locator("img[src^='data:image/png']").first
    picture.wait_for()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 200
    assert str(picture.get_attribute("alt")).strip()
    window.keep_picture("picture")
    page.get_by_role("button", name="Close").click()


def test_one_chromosome_is_made_by_clicking(window: Window) -> None:
    page = window.visit("/assets/raw/genotype?view=partitions", "chr4", "chr22")
    page.get_by_text("chr4", exact=True).first.click()
    page.get_by_text("dagster/partition_row_count", exact=True).wait_for()
    page.get_by_role("button", name="Materialize").first.click()
    launch = page.get_by_role("button", name="Launch 1 run")
    launch.wait_for()
    window.keep_picture("one_chromosome")
    run = window.run_started_by(launch.click)
    assert {"key": "dagster/partition", "value": "chr4"} in run["tags"]

    page = window.visit("/assets/raw/genotype?view=partitions&partition=chr4", run["runId"][:8])
    page.get_by_text("dagster/partition_row_count", exact=True).wait_for()
    rows = [row.split() for row in page.locator("tr").all_inner_texts()]
    for name, n in (("row_count", "22508"), ("partition_row_count", "888")):
        assert [f"dagster/{name}", n] in rows
    assert ["n_record", "888"] in rows
    window.keep_picture("partitions")


def test_what_was_made_again_unchanged_makes_nothing_unsynced(window: Window) -> None:
    nodes = window.ask("{assetNodes {assetKey {path} staleCauses {reason category}}}")
    causes = {tuple(n["assetKey"]["path"]): n["staleCauses"] for n in nodes["assetNodes"]}
    assert {
        k for k, found in causes.items() if any(c["category"] == "DATA" for c in found)
    } == set()


def test_job_schedule_and_sensor_are_there_and_off(window: Window) -> None:
    page = window.visit("/automation", "weekly", "input_files")
    page.get_by_text(re.compile("03:00 AM .*only on Monday")).first.wait_for()
    switches = page.get_by_role("switch").or_(page.locator("label:has(input[type=checkbox])"))
    window.keep_picture("automation")
    assert switches.count() >= 2
    window.visit("/jobs", "refresh")
    state = window.ask(
        '{repositoryOrError(repositorySelector: {repositoryName: "__repository__", '
        'repositoryLocationName: "alsrev_dagster.definitions"}) {... on Repository '
        "{sensors {name sensorState {status}} schedules {name scheduleState {status}}}}}"
    )["repositoryOrError"]
    assert [(s["name"], s["sensorState"]["status"]) for s in state["sensors"]] == [
        ("input_files", "STOPPED")
    ]
    assert [(s["name"], s["scheduleState"]["status"]) for s in state["schedules"]] == [
        ("weekly", "STOPPED")
    ]


def test_a_page_of_another_site_starts_nothing(window: Window) -> None:
    """In the same browser, beside the open UI; test_guard_live has it succeed past the guard."""
    target = f"{window.base}/graphql?query={quote(LAUNCH)}"

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(f'<img src="{target}"><iframe src="{target}"></iframe>'.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    before = set(window.runs())
    with ThreadingHTTPServer(("127.0.0.1", 0), Trap) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        page = window.context.new_page()
        for host in ("127.0.0.1", "localhost"):
            # The browser keeps what it answers to a picture from us: Chromium's opaque blocking.
            with (
                page.expect_event("requestfailed", lambda r: r.resource_type == "image"),
                page.expect_response(lambda answer: "/graphql" in answer.url) as answer,
            ):
                page.goto(f"http://{host}:{site.server_port}/", wait_until="domcontentloaded")
            assert answer.value.status == 403, host
        page.close()
        site.shutdown()
    assert set(window.runs()) == before
    window.visit("/assets", "Asset name")


def test_it_stays_on_this_machine_and_asks_for_no_address(window: Window) -> None:
    n_before = len(window.requested)
    page = window.visit("/", "Automation")
    page.wait_for_timeout(4000)  # Dagster's "join the community" window comes after 3 s
    assert page.get_by_role("dialog").count() == 0
    assert page.get_by_text("community").count() == 0
    settings = page.locator("#initialization-data").inner_text()
    assert json.loads(settings)["telemetryEnabled"] is False
    assert window.ask("{shouldShowNux}") == {"shouldShowNux": False}
    asked = {urlsplit(url).path for url in window.requested[n_before:]}
    assert "/graphql" in asked
    assert any(path.endswith(".js") for path in asked)
    assert window.elsewhere() == []
    assert window.errors == []
