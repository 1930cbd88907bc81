"""``python -m alsrev_dagster``: the command line."""

from alsrev_dagster.cli import app

app(prog_name="alsrev")
