"""The guard in front of a tiny ASGI app: what gets through, what doesn't, and the words."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from alsrev_dagster.ui.guard import Guard

PORT = 3000
HOST = ("Host", "127.0.0.1:3000")
OURS = ("Origin", "http://127.0.0.1:3000")
EVIL = ("Origin", "http://evil.example")
JSON = ("Content-Type", "application/json")
TOKEN = "a-token-of-the-tests"  # noqa: S105
COOKIE = ("Cookie", f"alsrev_token_3000={TOKEN}")
CROSS_SITE = ("Sec-Fetch-Site", "cross-site")
NAVIGATE = ("Sec-Fetch-Mode", "navigate")

Pair = tuple[str, str]


@dataclass
class Answer:
    """What came back, and whether the app behind the guard was asked at all."""

    status: int = 0
    text: str = ""
    headers: list[Pair] = field(default_factory=list)
    reached: bool = False
    messages: list[str] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [value for header, value in self.headers if header == name]


def ask(
    method: str = "GET",
    path: str = "/",
    *headers: Pair,
    query: str = "",
    token: str | None = None,
    answered: tuple[Pair, ...] = (),
) -> Answer:
    """Send one request, with exactly these headers, through a guard to an app that says 200."""
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode()}
    return _drive(scope, headers, token=token, answered=answered)


def upgrade(*headers: Pair, path: str = "/graphql", token: str | None = None) -> Answer:
    """Ask for a WebSocket, with exactly these headers, of an app that accepts any."""
    scope = {"type": "websocket", "path": path, "query_string": b""}
    return _drive(scope, headers, token=token)


def _drive(
    scope: dict[str, Any],
    headers: tuple[Pair, ...],
    *,
    token: str | None,
    answered: tuple[Pair, ...] = (),
) -> Answer:
    answer = Answer()

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        answer.reached = True
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        start = {"type": "http.response.start", "status": 200, "headers": _raw(answered)}
        await send(start)
        await send({"type": "http.response.body", "body": b"reached"})

    async def receive() -> Any:
        return {"type": "websocket.connect" if scope["type"] == "websocket" else "http.request"}

    async def send(message: Any) -> None:
        answer.messages.append(message["type"])
        answer.status = message.get("status", message.get("code", answer.status))
        answer.text += message.get("body", b"").decode() + message.get("reason", "")
        answer.headers += [(n.decode(), v.decode()) for n, v in message.get("headers", ())]

    scope = {**scope, "headers": _raw(headers)}
    asyncio.run(Guard(app, port=PORT, token=token)(scope, receive, send))
    return answer


def _raw(headers: tuple[Pair, ...]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]


def assert_refused(answer: Answer, *words: str, status: int = 403) -> None:
    assert not answer.reached
    assert answer.status == status, answer.text
    for word in words:
        assert word in answer.text


# --- Host ---


@pytest.mark.parametrize(
    "host", ["127.0.0.1:3000", "localhost:3000", "LocalHost:3000", "[::1]:3000"]
)
def test_this_machines_names_are_let_through(host: str) -> None:
    assert ask("GET", "/", ("Host", host)).reached


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:3000",
        "127.0.0.1",
        "127.0.0.1:3001",
        "127.0.0.1:3000.evil.example",
        "localhost.:3000",
        "",
        "0.0.0.0:3000",
        "127.0.0.1:3000, evil.example",
    ],
)
def test_another_name_is_refused_as_rebinding_would_use_one(host: str) -> None:
    assert_refused(
        ask("GET", "/", ("Host", host)),
        "Host header: found",
        repr(host),
        "expected one of 127.0.0.1:3000, localhost:3000, [::1]:3000",
        "open http://127.0.0.1:3000/",
    )


def test_no_host_and_two_hosts_are_refused() -> None:
    assert_refused(ask("GET", "/"), "Host header: found none")
    assert_refused(ask("GET", "/", HOST, HOST), "'127.0.0.1:3000, 127.0.0.1:3000'")
    assert_refused(ask("GET", "/", HOST, ("Host", "evil.example")), "Host header")


def test_a_strangers_header_is_shown_short_and_in_ascii() -> None:
    answer = ask("GET", "/", ("Host", "\x1b[31m\xe9" + "x" * 5000))
    assert_refused(answer, r"\x1b[31m\xe9xxx")
    assert len(answer.text) < 500


# --- Origin ---


@pytest.mark.parametrize("name", ["127.0.0.1:3000", "localhost:3000", "[::1]:3000"])
def test_our_own_pages_may_post(name: str) -> None:
    assert ask("POST", "/graphql", HOST, JSON, ("Origin", f"http://{name}")).reached


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "",
        "https://127.0.0.1:3000",
        "http://127.0.0.1:3001",
        "http://127.0.0.1",
        "http://127.0.0.1:3000.evil.example",
        "file://",
    ],
)
def test_another_sites_page_is_refused_by_every_method(method: str, origin: str) -> None:
    assert_refused(
        ask(method, "/anything", HOST, JSON, ("Origin", origin)),
        f"Origin header: found {origin!r}",
        "expected one of http://127.0.0.1:3000",
        "use the UI at http://127.0.0.1:3000/",
    )


def test_two_origins_are_refused() -> None:
    assert_refused(ask("POST", "/graphql", HOST, JSON, OURS, EVIL), "Origin header")


def test_a_program_without_origin_may_post_to_the_right_host() -> None:
    assert ask("POST", "/graphql", HOST, JSON).reached
    assert_refused(ask("POST", "/graphql", ("Host", "evil.example"), JSON), "Host header")


# --- Sec-Fetch-Site ---


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site"])
def test_another_sites_image_or_script_tag_is_refused(site: str) -> None:
    headers = (HOST, ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "no-cors"))
    assert_refused(
        ask("GET", "/logs/run/1.out", *headers),
        f"Sec-Fetch-Site header: found {site!r}",
        "expected same-origin or none",
        "open the address in the browser yourself",
    )


def test_another_site_may_link_to_a_page() -> None:
    headers = (HOST, CROSS_SITE, NAVIGATE)
    assert ask("GET", "/assets/x", *headers).reached
    assert ask("GET", "/assets/x", *headers, ("Sec-Fetch-Dest", "document")).reached


def test_another_site_may_neither_frame_a_page_nor_link_to_the_api() -> None:
    headers = (HOST, CROSS_SITE, NAVIGATE)
    assert_refused(ask("GET", "/", *headers, ("Sec-Fetch-Dest", "iframe")), "Sec-Fetch-Site")
    assert_refused(ask("GET", "/graphql", *headers), "Sec-Fetch-Site")
    assert_refused(ask("GET", "/report_asset_check/a", *headers), "Sec-Fetch-Site")
    assert_refused(ask("POST", "/", *headers, JSON), "Sec-Fetch-Site")


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_the_ui_itself_and_typed_addresses_are_let_through(site: str) -> None:
    assert ask("GET", "/server_info", HOST, ("Sec-Fetch-Site", site)).reached


# --- Headers of answers ---


def test_answers_cannot_be_framed_and_keep_their_own_headers() -> None:
    own = (("content-security-policy", "base-uri 'none';"), ("cache-control", "max-age=9"))
    answer = ask("GET", "/", HOST, answered=(*own, ("Referrer-Policy", "unsafe-url")))
    assert answer.all("content-security-policy") == ["base-uri 'none';", "frame-ancestors 'none'"]
    assert answer.all("x-frame-options") == ["DENY"]
    assert [v for n, v in answer.headers if n.lower() == "referrer-policy"] == ["no-referrer"]
    assert answer.all("cache-control") == ["max-age=9"]


def test_refusals_are_plain_text_with_the_same_headers() -> None:
    answer = ask("GET", "/", HOST, EVIL)
    assert answer.all("content-type") == ["text/plain; charset=utf-8"]
    assert answer.all("content-security-policy") == ["frame-ancestors 'none'"]
    assert answer.all("x-frame-options") == ["DENY"]
    assert answer.all("content-length") == [str(len(answer.text))]


def test_lifespan_goes_to_the_app() -> None:
    assert _drive({"type": "lifespan"}, (), token=TOKEN).reached
