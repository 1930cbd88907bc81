"""Declaring an asset: the decorators that give each its key, versions, metadata and receipt."""

import importlib
import inspect
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import dagster as dg
import pandas as pd

from alsrev_dagster.graph.losses import has_reasons, left_out, told, total
from alsrev_dagster.graph.making import make
from alsrev_dagster.graph.node import NODES, Files, Node
from alsrev_dagster.graph.plan import table_version
from alsrev_dagster.graph.reading import reading
from alsrev_dagster.graph.step import step_of
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.resources import StudyResource
from alsrev_dagster.storage.queries import FIRST_MACROS, query, sql_root
from alsrev_dagster.vocabulary import CHROMOSOMES, TABLES, table

CHROMOSOME_TAG = "alsrev/chromosomes"
"""Run tag: of the chromosomes in the run's range, those to make; all when absent."""

PLANNED_TAG = "alsrev/planned"
"""Run tag: the run makes what may be stale, and keeps what turns out not to be."""

CHROMOSOME_PARTITIONS = dg.StaticPartitionsDefinition(list(CHROMOSOMES))

_ONE_RUN = dg.BackfillPolicy.single_run()
# A beta parameter of Dagster 1.13 that we mean to use: nothing a user should read about.
warnings.filterwarnings("ignore", message="Parameter `backfill_policy`", category=dg.BetaWarning)

Picture = Callable[[OpenStudy], Any]
"""Draws a figure of the tables; None when there is nothing to draw."""


Counts = Callable[[OpenStudy], Mapping[str, int]]
"""Counts what the rows of a table do not show, such as cells that were read as NULL."""


def table_asset(
    name: str,
    *,
    owner: str,
    reads: Sequence[str] = (),
    settings: Iterable[str] = (),
    kinds: Iterable[str] = ("python", "parquet"),
    files: Files | None = None,
    counts: Counts | None = None,
    picture: Picture | None = None,
) -> Callable[[Callable[[OpenStudy], pd.DataFrame]], dg.AssetsDefinition]:
    """Declare the asset that writes one table of the lake; the function returns its rows.

    What ``counts`` finds besides the rows stands in the receipt and in the metadata.
    """

    def declare(function: Callable[[OpenStudy], pd.DataFrame]) -> dg.AssetsDefinition:
        node = _register(name, function, reads=reads, settings=settings, files=files)

        decorate = _asset(**_describe(node, function, owner, kinds), metadata=_schema(name))

        def materialise(
            context: dg.AssetExecutionContext, study: StudyResource
        ) -> dg.MaterializeResult[Any]:
            work = study.open()

            def write(_: Sequence[str]) -> dict[str, Counter[str]]:
                frame = function(work)
                count = Counter(n_row=work.lake.write(name, frame))
                count.update(left_out(frame))
                count.update(counts(work) if counts else {})
                return {"": count}

            with step_of(context.run.run_id, work):
                make(work, node, context.run.run_id, [""], write, keep_current=_is_planned(context))
                return _result(context, work, node, picture)

        return decorate(materialise)

    return declare


def chromosome_asset(
    name: str,
    *,
    owner: str,
    reads: Sequence[str] = (),
    after: Sequence[str] = (),
    settings: Iterable[str] = (),
    kinds: Iterable[str] = ("python", "parquet"),
    files: Files | None = None,
    picture: Picture | None = None,
) -> Callable[[Callable[[OpenStudy, Sequence[str]], dict[str, Counter[str]]]], dg.AssetsDefinition]:
    """Declare an asset by chromosome; the function writes those asked for, and counts ``n_row``.

    It waits for the tables of ``after`` and their checks, and is not made from them.
    """

    def declare(
        function: Callable[[OpenStudy, Sequence[str]], dict[str, Counter[str]]],
    ) -> dg.AssetsDefinition:
        node = _register(
            name,
            function,
            reads=reads,
            after=after,
            settings=settings,
            files=files,
            is_partitioned=True,
        )

        decorate = _asset(
            **_describe(node, function, owner, kinds),
            metadata=_schema(name),
            partitions_def=CHROMOSOME_PARTITIONS,
            backfill_policy=_ONE_RUN,
        )

        def materialise(
            context: dg.AssetExecutionContext, study: StudyResource
        ) -> dg.MaterializeResult[Any]:
            work, chromosomes = study.open(), _chromosomes(context)

            def write(due: Sequence[str]) -> dict[str, Counter[str]]:
                return function(work, due)

            with step_of(context.run.run_id, work):
                planned = _is_planned(context)
                make(work, node, context.run.run_id, chromosomes, write, keep_current=planned)
                return _result(context, work, node, picture)

        return decorate(materialise)

    return declare


def file_asset(
    name: str,
    *,
    owner: str,
    reads: Sequence[str],
    kinds: Iterable[str],
    output: Callable[[OpenStudy, str], bool],
    files: Files | None = None,
    words: Sequence[str] = (),
) -> Callable[[Callable[[OpenStudy, str], dict[str, Any]]], dg.AssetsDefinition]:
    """Declare an asset that makes a file from tables; the function writes it, given the run.

    ``words`` are texts that the file holds and no code of the function shows.
    """

    def declare(function: Callable[[OpenStudy, str], dict[str, Any]]) -> dg.AssetsDefinition:
        node = _register(name, function, reads=reads, files=files, output=output, words=words)

        decorate = _asset(**_describe(node, function, owner, kinds))

        def materialise(
            context: dg.AssetExecutionContext, study: StudyResource
        ) -> dg.MaterializeResult[Any]:
            work, metadata = study.open(), dict[str, Any]()

            def write(_: Sequence[str]) -> dict[str, Counter[str]]:
                metadata.update(function(work, context.run.run_id))
                return {"": Counter(n_row=1)}

            with step_of(context.run.run_id, work):
                make(work, node, context.run.run_id, [""], write, keep_current=_is_planned(context))
                version = dg.DataVersion(table_version(work, node)[:16])
                return dg.MaterializeResult(metadata=metadata, data_version=version)

        return decorate(materialise)

    return declare


def _asset(**keywords: Any) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """``dg.asset`` with its return type: keywords unpacked from a dict lose it."""
    decorate: Callable[[Callable[..., Any]], dg.AssetsDefinition] = dg.asset(**keywords)
    return decorate


def _register(
    name: str,
    function: Callable[..., object],
    *,
    reads: Sequence[str],
    after: Sequence[str] = (),
    settings: Iterable[str] = (),
    files: Files | None = None,
    is_partitioned: bool = False,
    output: Callable[[OpenStudy, str], bool] | None = None,
    words: Sequence[str] = (),
) -> Node:
    sql = name.replace(".", "/")
    own = [query(sql)] if (sql_root() / f"{sql}.sql").is_file() else []
    shape = [table(name).shape] if name in TABLES else []
    read = reading(function, *words, *shape, *own, *(query(m) for m in FIRST_MACROS if own))
    if read.hands_on_the_study and not settings:
        raise TypeError(
            f"asset {name}: found work.study passed on whole; expected work.study.<section>, so "
            "that a changed setting is noticed; or name the sections in settings="
        )
    node = Node(
        name=name,
        reads=tuple(reads),
        after=tuple(after),
        code_version=read.code_version,
        settings=frozenset(settings) | read.settings,
        is_partitioned=is_partitioned,
        files=files,
        output=output or _table_is_there(name),
        blocking_checks={},
    )
    NODES[name] = node
    return node


def _table_is_there(name: str) -> Callable[[OpenStudy, str], bool]:
    """A table has its file; a chromosome without rows has none."""

    def is_there(work: OpenStudy, partition: str) -> bool:
        receipt = work.lake.receipt(name, partition)
        without = partition != "" and receipt is not None and receipt.n_row == 0
        return without or bool(work.lake.files(name, partition))

    return is_there


def _describe(
    node: Node, function: Callable[..., object], owner: str, kinds: Iterable[str]
) -> dict[str, Any]:
    doc = inspect.getdoc(function) or ""
    grain = f"\n\nOne row per {table(node.name).grain}." if node.name in TABLES else ""
    return {
        "key": node.name.split("."),
        "deps": [dg.AssetKey(read.split(".")) for read in (*node.after, *node.reads)],
        "group_name": function.__module__.rpartition(".")[2],
        "owners": [f"team:{owner}"],
        "kinds": set(kinds),
        "code_version": node.code_version,
        "description": doc + grain,
    }


def _schema(name: str) -> dict[str, Any]:
    columns = [dg.TableColumn(c.name, c.type, description=c.comment) for c in table(name).columns]
    return {
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "dagster/relation_identifier": name,
    }


def _is_planned(context: dg.AssetExecutionContext) -> bool:
    """Whether the run makes what a plan found stale; one asked for by hand makes all it names."""
    return PLANNED_TAG in context.run.tags


def _chromosomes(context: dg.AssetExecutionContext) -> list[str]:
    """Chromosomes of the run's range; only the stale ones where the run names them."""
    named = context.run.tags.get(CHROMOSOME_TAG)
    keys = list(context.partition_keys)
    return [key for key in keys if key in named.split(",")] if named else keys


def _result(
    context: dg.AssetExecutionContext, work: OpenStudy, node: Node, picture: Picture | None
) -> dg.MaterializeResult[Any]:
    """Rows, losses by reason and version of the whole table, its picture, and of each chromosome
    its own counts.

    Dagster records every chromosome of the run's range, made now or found as it should be. All
    bear the table's version: one made again with the same content makes nothing unsynced.
    """
    stored = [r for p in node.partitions if (r := work.lake.receipt(node.name, p)) is not None]
    for receipt in stored:
        if node.is_partitioned and receipt.partition in context.partition_keys:
            counts = {name: n for name, n in receipt.counts.items() if name != "n_row"}
            counts["dagster/partition_row_count"] = receipt.n_row
            context.add_asset_metadata(counts, partition_key=receipt.partition)
    metadata: dict[str, Any] = {"dagster/row_count": sum(r.n_row for r in stored)}
    if not node.is_partitioned:
        metadata |= told(stored)
    if has_reasons(node.name):
        metadata["left_out"] = dg.MetadataValue.json(total(stored))
    figure = picture(work) if picture else None
    if figure is not None:
        # The figures' room is asked for when there is a figure: it brings matplotlib.
        markdown = importlib.import_module("alsrev_dagster.figures.render").markdown
        metadata["picture"] = dg.MetadataValue.md(markdown(figure, "picture of this table"))
    version = dg.DataVersion(table_version(work, node)[:16])
    return dg.MaterializeResult(metadata=metadata, data_version=version)
