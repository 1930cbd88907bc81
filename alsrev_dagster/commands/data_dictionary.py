"""The data dictionary: every table and column of the DuckDB file, as Markdown.

``python -m alsrev_dagster.commands.data_dictionary > docs/data-dictionary.md`` writes the
committed one anew.
"""

import sys
from collections.abc import Iterator

from alsrev_dagster.storage.queries import query, query_names
from alsrev_dagster.storage.warehouse import columns_in_warehouse
from alsrev_dagster.vocabulary import TABLES, Column, Table

_HEADING = """\
# Data dictionary

Every table and column of `results/alsrev.duckdb`. Made from `alsrev_dagster/vocabulary/` by
`python -m alsrev_dagster.commands.data_dictionary`; the same sentences are the comments inside
the file (`FROM duckdb_columns()`) and the column schemas in the Dagster UI.

**K** marks the key: no two rows share it. **?** marks a column that may be NULL; no other is.
A table of the schema `result` has one more column in the DuckDB file than in the lake:
`run_id`, the run that wrote it.
"""

_SCHEMA = {
    "raw": "Input rows, typed; nothing repaired, nothing dropped but what is counted.",
    "core": "What is derived row by row: quality, who is compared with whom, outcome.",
    "result": "What is concluded; every row names its method and the counts it rests on.",
    "meta": "What the rest was made from, by which run, and what the checks found.",
}


def data_dictionary() -> str:
    """Return the dictionary, the same text for the same vocabulary."""
    return "\n".join([_HEADING, *_contents(), *_tables(), *_macros()])


def _contents() -> Iterator[str]:
    yield "| table | one row per |\n|---|---|"
    for spec in TABLES.values():
        yield f"| [{spec.name}](#{spec.name.replace('.', '')}) | {spec.grain} |"
    yield ""


def _tables() -> Iterator[str]:
    for schema, meaning in _SCHEMA.items():
        yield f"## {schema}\n\n{meaning}\n"
        for spec in TABLES.values():
            if spec.name.startswith(f"{schema}."):
                yield from _table(spec)


def _table(spec: Table) -> Iterator[str]:
    yield f"### {spec.name}\n\nOne row per {spec.grain}.\n"
    yield "| column | | type | unit | meaning |\n|---|---|---|---|---|"
    for column in columns_in_warehouse(spec):
        yield f"| {' | '.join(_cells(spec, column))} |"
    yield ""


def _cells(spec: Table, column: Column) -> tuple[str, ...]:
    mark = "K" if column.name in spec.key else "?" if column.name in spec.nullable else ""
    texts = (f"`{column.name}`", mark, column.type, column.unit, column.meaning)
    return tuple(text.replace("|", "\\|") for text in texts)


def _macros() -> Iterator[str]:
    yield "## Macros\n\n| macro |\n|---|"
    for name in query_names("macro"):
        signature, _, meaning = query(name).splitlines()[0].lstrip("- ").partition(": ")
        yield f"| `{signature}`: {meaning} |"
    yield ""


def main() -> None:
    """Write the dictionary to standard output."""
    sys.stdout.write(data_dictionary())


if __name__ == "__main__":
    main()
