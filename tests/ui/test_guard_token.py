"""The guard's token: where it is taken from, and where not."""

import pytest

from tests.ui.test_guard import (
    COOKIE,
    EVIL,
    HOST,
    JSON,
    OURS,
    TOKEN,
    Pair,
    ask,
    assert_refused,
    upgrade,
)

# --- Token ---


def test_without_the_token_nothing_is_shown() -> None:
    refused = "token: found none, or another one"
    for path in ("/", "/server_info", "/_next/x.js"):
        answer = ask("GET", path, HOST, token=TOKEN)
        assert_refused(answer, refused, "printed when the server started", status=401)
        assert answer.all("www-authenticate") == ["Bearer"]
    assert_refused(ask("POST", "/graphql", HOST, JSON, token=TOKEN), refused, status=401)
    assert_refused(upgrade(HOST, OURS, token=TOKEN), refused, status=4403)


def test_the_token_in_the_address_becomes_a_cookie_and_leaves_the_address() -> None:
    answer = ask("GET", "/assets/a b", HOST, query=f"view=x&token={TOKEN}&q=%26", token=TOKEN)
    assert (answer.status, answer.reached) == (303, False)
    assert answer.all("location") == ["/assets/a%20b?view=x&q=%26"]
    assert answer.all("set-cookie") == [
        f"alsrev_token_3000={TOKEN}; Path=/; HttpOnly; SameSite=Strict"
    ]
    assert ask("GET", "/", HOST, COOKIE, query=f"token={TOKEN}", token=TOKEN).status == 303


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example/x", "/\r\nX: y"])
def test_the_redirect_stays_on_this_server(path: str) -> None:
    (location,) = ask("GET", path, HOST, query=f"token={TOKEN}", token=TOKEN).all("location")
    assert location in {"/evil.example/x", "/%0D%0AX%3A%20y"}


@pytest.mark.parametrize(
    "header", [COOKIE, ("Authorization", f"Bearer {TOKEN}"), ("Cookie", f"a=b; {COOKIE[1]} ;c=d")]
)
def test_cookie_or_bearer_lets_through(header: Pair) -> None:
    assert ask("GET", "/", HOST, header, token=TOKEN).reached
    assert ask("POST", "/graphql", HOST, JSON, header, token=TOKEN).reached
    assert upgrade(HOST, OURS, header, token=TOKEN).reached


@pytest.mark.parametrize(
    "header",
    [
        ("Cookie", f"alsrev_token_3001={TOKEN}"),
        ("Cookie", "alsrev_token_3000="),
        ("Cookie", f"alsrev_token_3000={TOKEN}x"),
        ("Cookie", f"x_alsrev_token_3000={TOKEN}"),
        ("Authorization", f"Basic {TOKEN}"),
        ("Authorization", "Bearer \xe9"),
        ("Authorization", f"Bearer {TOKEN[:-1]}"),
    ],
)
def test_anything_else_does_not(header: Pair) -> None:
    assert_refused(ask("GET", "/", HOST, header, token=TOKEN), status=401)


def test_a_wrong_token_or_one_on_a_post_is_not_taken_from_the_address() -> None:
    assert_refused(ask("GET", "/", HOST, query="token=wrong", token=TOKEN), status=401)
    given = f"token={TOKEN}"
    assert_refused(ask("POST", "/graphql", HOST, JSON, query=given, token=TOKEN), status=401)
    assert_refused(ask("HEAD", "/", HOST, query=given, token=TOKEN), status=401)


def test_the_token_does_not_open_what_is_refused_to_all() -> None:
    assert_refused(ask("POST", "/graphql", HOST, JSON, EVIL, COOKIE, token=TOKEN), "Origin")
    assert_refused(ask("GET", "/graphql", HOST, COOKIE, token=TOKEN), "expected POST")
