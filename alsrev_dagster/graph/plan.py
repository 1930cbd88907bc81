"""What is stale, and why: the same answer for the command line, schedule and sensor."""

from collections.abc import Collection
from dataclasses import dataclass

from alsrev_dagster.graph.node import Node, in_order, made_from
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.lake import hash_of
from alsrev_dagster.vocabulary import CHROMOSOMES


@dataclass(frozen=True)
class Plan:
    """What has to be made again, in order, with the reason."""

    reasons: dict[str, str]
    chromosomes: tuple[str, ...]
    """Stale chromosomes of the partitioned tables."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing has changed."""
        return not self.reasons

    @property
    def key(self) -> str:
        """Hash of the plan, so that a sensor asks for it once."""
        return hash_of({**self.reasons, "chromosomes": list(self.chromosomes)})


def plan(work: OpenStudy, wanted: Collection[str] = ()) -> Plan:
    """Find what no longer matches its inputs, and all that follows from it.

    Of ``wanted`` tables and files and of what they are made from alone, where there are some.
    """
    stale: dict[tuple[str, str], str] = {}
    for node in in_order():
        why = {p: r for p in node.partitions if (r := _why(work, node, p, stale))}
        if not why and (failed := failed_check(work, node)):
            why = dict.fromkeys(node.partitions, failed)
        stale.update({(node.name, partition): reason for partition, reason in why.items()})
    if wanted:
        needed = made_from(wanted)
        stale = {key: reason for key, reason in stale.items() if key[0] in needed}
    reasons = {name: reason for (name, _), reason in reversed(stale.items())}
    asked = {partition for _, partition in stale}
    order = {node.name: None for node in in_order() if node.name in reasons}
    return Plan({n: reasons[n] for n in order}, tuple(c for c in CHROMOSOMES if c in asked))


def _why(work: OpenStudy, node: Node, partition: str, stale: dict[tuple[str, str], str]) -> str:
    """Why a partition is stale; empty when it is not."""
    for name, part in node.upstream(partition):
        if (name, part) in stale:
            return f"{name} is made again"
    receipt = work.lake.receipt(node.name, partition)
    if receipt is None or not node.output(work, partition):
        return "not made yet"
    if receipt.code_version != node.code_version:
        return "its code changed"
    key = node.input_key(work, partition)
    if receipt.input_key != key:
        return "its input files, settings or packages changed"
    return ""


def failed_check(work: OpenStudy, node: Node) -> str:
    """A blocking check that did not pass on what is there now."""
    if not node.blocking_checks:
        return ""
    version = table_version(work, node)
    slips = {slip.check_name: slip for slip in work.lake.checks(node.name)}
    for name, key in node.blocking_checks.items():
        slip = slips.get(name)
        current = slip is not None and (slip.data_version, slip.check_key) == (version, key(work))
        if slip is None or not current or not slip.passed:
            return f"its check {name} has not passed"
    return ""


def table_version(work: OpenStudy, node: Node) -> str:
    """Content hash of all partitions together, from their receipts."""
    receipts = [work.lake.receipt(node.name, p) for p in node.partitions]
    return hash_of({r.partition: r.data_version for r in receipts if r is not None})
