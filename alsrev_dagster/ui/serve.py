"""The Dagster UI of one study on this machine's loopback, behind the guard."""

import re
import secrets
from collections.abc import Callable
from contextlib import ExitStack, nullcontext, suppress
from typing import TYPE_CHECKING

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.study import StudyFolder
from alsrev_dagster.ui.app import dagster_app
from alsrev_dagster.ui.daemon import running_daemon
from alsrev_dagster.ui.guard import Guard
from alsrev_dagster.ui.home import prepare_home
from alsrev_dagster.ui.process import ADDRESS, listening, private_process, stopped_like_ctrl_c

if TYPE_CHECKING:
    import socket

    from starlette.types import ASGIApp

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_GOODBYE_SECONDS = 5
"""Time that open connections get to end by themselves."""


def serve(
    folder: StudyFolder,
    *,
    port: int = 3000,
    read_only: bool = False,
    token: bool | str | None = None,
    with_daemon: bool = True,
    module: str = "alsrev_dagster.definitions",
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve the UI of a study until Ctrl-C, SIGTERM or the end of the terminal.

    Call it from the main thread; meanwhile it owns the process's environment, working
    folder and umask. Runs that are going when it stops are left to finish.

    Parameters
    ----------
    folder
        The study; its ``.alsrev`` folder is made and closed to other people.
    port
        Port of 127.0.0.1; 0 takes a free one.
    read_only
        Nothing can be started or changed from the UI, and there is no daemon.
    token
        True for a new secret, or one of your own (16 to 128 letters, digits, ``_``, ``-``),
        that every request must then carry; False or None for no secret.
    with_daemon
        Also run Dagster's daemon; without it, runs stay in the queue.
    module
        Python module with the Dagster definitions.
    announce
        Called once with the address to open, which holds the token if there is one.

    Raises
    ------
    AlsrevError
        If the port can't be had, the token is unfit, or the folder can't be made private.
    """
    secret = _secret(token)
    with ExitStack() as stack:
        listener = stack.enter_context(listening(port))
        bound = int(listener.getsockname()[1])
        home = prepare_home(folder)
        stack.enter_context(private_process(folder, home))
        stack.enter_context(suppress(KeyboardInterrupt))
        stack.enter_context(stopped_like_ctrl_c())
        app = stack.enter_context(dagster_app(module, home, read_only=read_only))
        needs_daemon = with_daemon and not read_only
        stack.enter_context(running_daemon(module, home) if needs_daemon else nullcontext())
        if announce is not None:
            query = f"?token={secret}" if secret else ""
            announce(f"http://{ADDRESS}:{bound}/{query}")
        _run(Guard(app, port=bound, token=secret), listener)


def _secret(token: bool | str | None) -> str | None:
    if isinstance(token, str) and not _TOKEN.fullmatch(token):
        raise AlsrevError(
            f"token: found {len(token)} characters that cannot be used as one; expected 16 to 128 "
            "letters, digits, _ or -; leave it out to have one made"
        )
    if isinstance(token, str):
        return token
    return secrets.token_urlsafe(32) if token else None


def _run(app: "ASGIApp", listener: "socket.socket") -> None:
    import uvicorn

    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=_GOODBYE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])
