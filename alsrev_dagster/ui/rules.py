"""What the web server refuses to be asked, as functions of one request.

A rule returns the reason for refusing, or nothing. Browsers send ``Origin`` with every
POST and WebSocket and ``Sec-Fetch-Site`` with everything; other programs (curl, a
script) send neither, and are let through when they name the right host: what they can
do, the user who started them can do anyway.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from starlette.types import Scope

_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_DECODED_MAX = 5
"""Times that percent codes are undone; a server does it once, and each costs time."""

_SHOWN_MAX = 80
"""Characters of a stranger's header that are repeated in a message."""


@dataclass(frozen=True)
class Asked:
    """One request or WebSocket upgrade, as far as the rules look at it."""

    is_websocket: bool
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, scope: "Scope") -> "Asked":
        """Read the request of an ASGI ``http`` or ``websocket`` scope."""
        headers = (
            (name.decode("latin-1").lower(), value.decode("latin-1"))
            for name, value in scope["headers"]
        )
        return cls(
            is_websocket=scope["type"] == "websocket",
            method=scope.get("method", "GET").upper(),
            path=normal_path(scope["path"]),
            headers=tuple(headers),
        )

    def all(self, name: str) -> list[str]:
        """Every value of one header."""
        return [value.strip() for header, value in self.headers if header == name]

    @property
    def is_api(self) -> bool:
        """Whether it goes to what reads or writes, rather than to a page or a file."""
        return self.path.split("/")[1].startswith(("graphql", "report_asset"))

    @property
    def is_page_load(self) -> bool:
        """Whether a browser shows the answer as a page of its own, out of scripts' reach."""
        return (
            self.method == "GET"
            and not self.is_websocket
            and not self.is_api
            and self.all("sec-fetch-mode") == ["navigate"]
            and self.all("sec-fetch-dest") in ([], ["document"])
        )


def normal_path(path: str) -> str:
    """Read a path as the most lenient server would: ``//GraphQL%2f`` is ``/graphql``."""
    for _ in range(_DECODED_MAX):
        path = unquote(path)
    kept: list[str] = []
    for part in re.split(r"[/\\]+", path.lower()):
        if part == "..":
            kept = kept[:-1]
        elif part.strip() not in ("", "."):
            kept.append(part.strip())
    return "/" + "/".join(kept)


def refusal(asked: Asked, *, port: int) -> str | None:
    """Why this is refused, or None."""
    return (
        _wrong_host(asked, port)
        or _wrong_origin(asked, port)
        or _from_another_site(asked)
        or _graphql_not_posted(asked)
        or _not_json(asked)
    )


def _wrong_host(asked: Asked, port: int) -> str | None:
    found, expected = asked.all("host"), [f"{host}:{port}" for host in _HOSTS]
    if len(found) == 1 and found[0].lower() in expected:
        return None
    return (
        f"Host header: found {_shown(found)}; expected one of {', '.join(expected)} (another "
        f"name may be a page elsewhere posing as this machine); open http://127.0.0.1:{port}/"
    )


def _wrong_origin(asked: Asked, port: int) -> str | None:
    found, expected = asked.all("origin"), [f"http://{host}:{port}" for host in _HOSTS]
    if not found and not asked.is_websocket:
        return None
    if len(found) == 1 and found[0].lower() in expected:
        return None
    return (
        f"Origin header: found {_shown(found)}; expected one of {', '.join(expected)}: a page "
        f"of another site may not use this server; use the UI at http://127.0.0.1:{port}/"
    )


def _from_another_site(asked: Asked) -> str | None:
    if asked.is_websocket:  # has an Origin, already; browsers differ in what they say here
        return None
    found = asked.all("sec-fetch-site")
    is_elsewhere = any(site.lower() in {"cross-site", "same-site"} for site in found)
    if not is_elsewhere or asked.is_page_load:
        return None
    return (
        f"Sec-Fetch-Site header: found {_shown(found)}; expected same-origin or none for "
        "anything but following a link to a page; open the address in the browser yourself"
    )


def _graphql_not_posted(asked: Asked) -> str | None:
    if asked.is_websocket or asked.method == "POST" or not asked.is_api:
        return None
    return (
        f"{_shown([asked.path])}: found {_shown([asked.method])}; expected POST, because a GET "
        "can be made by any page (the GraphiQL console is closed for the same reason); "
        "send the query as POST with Content-Type: application/json"
    )


def _not_json(asked: Asked) -> str | None:
    if asked.is_websocket or asked.method in _SAFE_METHODS:
        return None
    found = asked.all("content-type")
    if [value.split(";")[0].strip().lower() for value in found] == ["application/json"]:
        return None
    return (
        f"Content-Type header: found {_shown(found)}; expected application/json, which a page "
        "of another site cannot send unasked; send the body as JSON with that header"
    )


def _shown(values: list[str]) -> str:
    """Return what a stranger sent, short and in plain ASCII."""
    text = ", ".join(values)
    return ascii(text[:_SHOWN_MAX]) if values else "none"
