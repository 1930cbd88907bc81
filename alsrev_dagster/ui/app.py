"""Dagster's own web app of one module of definitions."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_POLL_MILLISECONDS = 2000
"""How often the open page asks for news; dagster-webserver's default."""


@contextmanager
def dagster_app(module: str, home: Path, *, read_only: bool) -> "Iterator[ASGIApp]":
    """Build Dagster's web app for the code in ``module``, as ``dagster-webserver`` builds it."""
    from dagster import DagsterInstance
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import ModuleTarget
    from dagster_webserver.app import create_app_from_workspace_process_context
    from dagster_webserver.cli import (
        DEFAULT_DB_STATEMENT_TIMEOUT,
        DEFAULT_POOL_MAX_OVERFLOW,
        DEFAULT_POOL_RECYCLE,
    )
    from dagster_webserver.version import __version__

    target = ModuleTarget(
        module_name=module, attribute=None, working_directory=str(home), location_name=None
    )
    with DagsterInstance.from_config(str(home)) as instance:
        instance.optimize_for_webserver(
            DEFAULT_DB_STATEMENT_TIMEOUT, DEFAULT_POOL_RECYCLE, DEFAULT_POOL_MAX_OVERFLOW
        )
        with WorkspaceProcessContext(
            instance,
            workspace_load_target=target,
            version=__version__,
            read_only=read_only,
            code_server_log_level="warning",
        ) as workspace:
            yield create_app_from_workspace_process_context(
                workspace, live_data_poll_rate=_POLL_MILLISECONDS
            )
