"""Making a node's partitions: keys before, receipts after, and nothing twice.

A receipt is torn up before its table is made and left after it, so a table whose making
was killed counts as never made.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from alsrev_dagster.graph.node import Node
from alsrev_dagster.graph.plan import failed_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.receipt import Receipt
from alsrev_dagster.vocabulary import TABLES

Write = Callable[[Sequence[str]], Mapping[str, Counter[str]]]
"""Writes the partitions asked for; returns what it counted by partition, ``n_row`` at least."""


def make(
    work: OpenStudy,
    node: Node,
    run_id: str,
    partitions: Sequence[str],
    write: Write,
    *,
    keep_current: bool,
) -> None:
    """Make partitions; with ``keep_current`` not those that are what their inputs make.

    A planned run names all that may follow from a change. Where a table upstream came out
    with the content it had, what follows from it is kept, unless a blocking check of it failed.
    """
    with work.lake.lock(reads=(*node.after, *node.reads), writes=node.name):
        keys = {partition: node.input_key(work, partition) for partition in partitions}
        keep = keep_current and not failed_check(work, node)
        due = [p for p in partitions if not (keep and node.is_current(work, p, keys[p]))]
        for partition in due:
            work.lake.tear_receipt(node.name, partition)
        counts = write(due) if due else {}
        for partition in due:
            _leave_receipt(work, node, run_id, partition, keys[partition], counts[partition])


def _leave_receipt(
    work: OpenStudy, node: Node, run_id: str, partition: str, key: str, counts: Counter[str]
) -> None:
    is_table = node.name in TABLES
    receipt = Receipt(
        table_name=node.name,
        partition=partition,
        run_id=run_id,
        code_version=node.code_version,
        input_key=key,
        data_version=work.lake.data_version(node.name, partition) if is_table else key,
        n_row=counts["n_row"],
        counts=dict(counts),
    )
    work.lake.leave_receipt(receipt)
