"""The guard: ASGI middleware between the browser and the Dagster web server.

Dagster's own server has no log-in, looks at neither Host nor Origin, and runs GraphQL
mutations sent by GET, so that any page open in the same browser could start runs.
"""

import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode

from alsrev_dagster.ui.rules import Asked, refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]

_HEADERS: tuple[Header, ...] = (
    (b"x-frame-options", b"DENY"),
    # A header of its own: browsers obey every policy that they are given.
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
_REPLACED = frozenset({b"x-frame-options", b"referrer-policy"})
_PLAIN: tuple[Header, ...] = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)
_CLOSE_CODE = 4403


class Guard:
    """An ASGI app that lets through what this machine's own browser asks for.

    With a ``token``, everything else is needed too: it is taken from the cookie, from
    ``Authorization: Bearer``, or once from ``?token=`` on a page, which sets the cookie.
    Browsers keep one set of cookies for all ports of 127.0.0.1: the token keeps out
    other people, not other servers that the same browser visits on this machine.
    """

    def __init__(self, app: "ASGIApp", *, port: int, token: str | None) -> None:
        self._app = app
        self._port = port
        self._token = token
        self._cookie = f"alsrev_token_{port}"

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Refuse, ask for the token, or pass on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        send = _with_headers(send) if scope["type"] == "http" else send
        asked = Asked.of(scope)
        if reason := refusal(asked, port=self._port):
            await _refuse(scope, receive, send, status=403, reason=reason)
        elif self._token is None:
            await self._app(scope, receive, send)
        elif _is_page(asked) and _matches(_tokens_in_query(scope), self._token):
            await self._welcome(scope, send, self._token)
        elif _matches(self._tokens_in_headers(asked), self._token):
            await self._app(scope, receive, send)
        else:
            await _refuse(scope, receive, send, status=401, reason=_UNKNOWN_VISITOR)

    def _tokens_in_headers(self, asked: Asked) -> list[str]:
        cookies = [pair.strip() for line in asked.all("cookie") for pair in line.split(";")]
        bearers = [value.partition(" ") for value in asked.all("authorization")]
        return [
            *(pair.partition("=")[2] for pair in cookies if pair.startswith(f"{self._cookie}=")),
            *(value.strip() for scheme, _, value in bearers if scheme.lower() == "bearer"),
        ]

    async def _welcome(self, scope: "Scope", send: "Send", token: str) -> None:
        """Set the cookie and send the browser to the same page without the token."""
        rest = urlencode([(name, value) for name, value in _query(scope) if name != "token"])
        # One leading slash only: //evil.example would be another host.
        path = "/" + quote(scope["path"].lstrip("/\\"))
        cookie = f"{self._cookie}={token}; Path=/; HttpOnly; SameSite=Strict"
        headers = [
            (b"location", (f"{path}?{rest}" if rest else path).encode("ascii")),
            (b"set-cookie", cookie.encode("ascii")),
        ]
        await _answer(send, status=303, headers=headers, text="")


_UNKNOWN_VISITOR = (
    "token: found none, or another one; expected the token of this server; open the whole "
    "address that was printed when the server started, or send Authorization: Bearer <token>"
)


def _query(scope: "Scope") -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _tokens_in_query(scope: "Scope") -> list[str]:
    return [value for name, value in _query(scope) if name == "token"]


def _is_page(asked: Asked) -> bool:
    return asked.method == "GET" and not asked.is_websocket


def _matches(given: list[str], token: str) -> bool:
    """Whether one of these is the token, in a time that doesn't tell how much of it is."""
    return any(hmac.compare_digest(value.encode(), token.encode()) for value in given)


def _with_headers(send: "Send") -> "Send":
    """Send, with the headers that keep the UI out of other sites' frames."""

    async def send_with_headers(message: "Message") -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in _REPLACED]
            message = {**message, "headers": [*kept, *_HEADERS]}
        await send(message)

    return send_with_headers


async def _refuse(
    scope: "Scope", receive: "Receive", send: "Send", *, status: int, reason: str
) -> None:
    if scope["type"] == "websocket":
        await receive()  # the upgrade; closing it unaccepted answers 403
        await send({"type": "websocket.close", "code": _CLOSE_CODE, "reason": reason[:120]})
        return
    bearer = [(b"www-authenticate", b"Bearer")] if status == 401 else []
    await _answer(send, status=status, headers=[*_PLAIN, *bearer], text=f"Refused. {reason}.\n")


async def _answer(send: "Send", *, status: int, headers: list[Header], text: str) -> None:
    body = text.encode()
    length = (b"content-length", str(len(body)).encode("ascii"))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
