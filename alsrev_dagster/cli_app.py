"""What every command of the command line shares: the application, its consoles, its manners."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from alsrev_dagster.errors import AlsrevError

app = typer.Typer(
    help="Which variants go with recovery from ALS: genotypes to DuckDB to recovery models.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
StudyArgument = Annotated[Path, typer.Argument(help="folder with study.yaml", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON, for a program")]

STDOUT = Console(highlight=False, soft_wrap=True)
WIDE = Console(highlight=False, markup=False, width=1_000_000)
"""For tables: as wide as they are, whatever the terminal, and never cut."""
STDERR = Console(highlight=False, soft_wrap=True, stderr=True)


def for_users(command: Callable[..., None]) -> Callable[..., None]:
    """A user's mistake ends with its text and exit code 1, never with a traceback."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except AlsrevError as error:
            STDERR.print(str(error), markup=False)
            raise typer.Exit(1) from None

    return wrapped
