"""The guard before GraphQL, before what writes, and at WebSocket upgrades."""

import pytest

from alsrev_dagster.ui.rules import normal_path
from tests.ui.test_guard import (
    CROSS_SITE,
    EVIL,
    HOST,
    JSON,
    OURS,
    Pair,
    ask,
    assert_refused,
    upgrade,
)

# --- GraphQL and what writes ---

TRICKS = ["/graphql", "/graphql/", "//graphql", "/GraphQL", "/graphql%2f", "/%67raphql"]
TRICKS += ["/%2567raphql", "/a/../graphql", "/./graphql", "\\graphql", "/graphql /", "/graphql//x"]


@pytest.mark.parametrize("path", TRICKS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "get"])
def test_graphql_is_only_posted_however_it_is_spelled(method: str, path: str) -> None:
    assert_refused(
        ask(method, path, HOST, JSON, query="query={__typename}"),
        f"found '{method.upper()}'; expected POST",
        "GraphiQL",
        "as POST with Content-Type: application/json",
    )


def test_the_graphiql_page_is_closed_too() -> None:
    assert_refused(ask("GET", "/graphql", HOST, ("Accept", "text/html")), "GraphiQL console")


@pytest.mark.parametrize("path", ["/graphql", "/report_asset_materialization/a", "/GRAPHQL/", "/x"])
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/graphql",
        "text/plain; application/json",
        "application/jsonx",
        "",
    ],
)
def test_only_json_is_posted(path: str, content_type: str) -> None:
    assert_refused(
        ask("POST", path, HOST, OURS, ("Content-Type", content_type)),
        f"Content-Type header: found {content_type!r}",
        "expected application/json",
        "send the body as JSON",
    )


def test_a_post_without_or_with_two_content_types_is_refused() -> None:
    assert_refused(ask("POST", "/graphql", HOST, OURS), "Content-Type header: found none")
    assert_refused(ask("POST", "/graphql", HOST, OURS, JSON, JSON), "Content-Type header")


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_is_let_through(content_type: str) -> None:
    headers = (HOST, OURS, ("Content-Type", content_type))
    assert ask("POST", "/graphql", *headers).text == "reached"
    assert ask("POST", "/report_asset_materialization/a/b", *headers).reached


def test_paths_are_read_leniently_and_pages_stay_pages() -> None:
    assert {normal_path(path).split("/")[1] for path in TRICKS} == {"graphql"}
    assert normal_path("/assets/a%20b//c/") == "/assets/a b/c"
    assert normal_path("/../..") == "/"
    assert ask("GET", "/assets/graphql", HOST).reached


# --- WebSocket ---


def test_our_own_page_gets_a_websocket_whatever_its_fetch_metadata() -> None:
    assert upgrade(HOST, OURS).messages == ["websocket.accept"]
    assert upgrade(HOST, OURS, CROSS_SITE).reached


@pytest.mark.parametrize("origin", [(EVIL,), (("Origin", "null"),), (OURS, EVIL), ()])
def test_another_sites_websocket_is_closed_unaccepted(origin: tuple[Pair, ...]) -> None:
    answer = upgrade(HOST, *origin)
    assert_refused(answer, "Origin header: found", status=4403)
    assert answer.messages == ["websocket.close"]
    assert len(answer.text.encode()) <= 123  # the longest reason that a close frame holds


def test_a_websocket_for_another_host_is_closed() -> None:
    assert_refused(upgrade(("Host", "evil.example"), OURS), "Host header", status=4403)
