"""Nodes: what is made, from what, by which code; and the key that says it is unchanged."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from alsrev_dagster.errors import AlsrevError, InputDataError
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.lake import hash_of
from alsrev_dagster.study import settings_of
from alsrev_dagster.versions import package_versions
from alsrev_dagster.vocabulary import CHROMOSOMES

Files = Callable[[OpenStudy, str], Mapping[str, str]]
"""Content hash by input file, for a partition (or ``""``)."""


@dataclass(frozen=True)
class Node:
    """One asset: a table of the lake, or a file made from tables."""

    name: str
    reads: tuple[str, ...]
    after: tuple[str, ...]
    """Tables that are waited for, with their checks, and not made from."""
    code_version: str
    settings: frozenset[str]
    is_partitioned: bool
    files: Files | None
    output: Callable[[OpenStudy, str], bool]
    """Whether what was made of a partition is still there."""
    blocking_checks: "dict[str, Callable[[OpenStudy], str]]"
    """Key of each blocking check by name: hash of its code and settings."""

    @property
    def partitions(self) -> tuple[str, ...]:
        """Chromosomes, or one nameless partition."""
        return CHROMOSOMES if self.is_partitioned else ("",)

    def upstream(self, partition: str) -> list[tuple[str, str]]:
        """Tables and partitions that a partition is made from."""
        found = []
        for name in self.reads:
            node = NODES[name]
            same = self.is_partitioned and node.is_partitioned
            found += [(name, p) for p in ((partition,) if same else node.partitions)]
        return found

    def inputs(self, work: OpenStudy, partition: str) -> dict[str, str]:
        """Content hash by input, table or file."""
        found = dict(self.files(work, partition)) if self.files else {}
        for name, part in self.upstream(partition):
            receipt = work.lake.receipt(name, part)
            if receipt is None:
                raise InputDataError(
                    f"{self.name}: found its input {name} {part} not made; expected it to be; "
                    f"materialise {name} first (alsrev run does all in order)"
                )
            found[f"{name} {part}"] = receipt.data_version
        return found

    def is_current(self, work: OpenStudy, partition: str, key: str) -> bool:
        """Whether what was made of a partition is there, and is what its inputs make."""
        receipt = work.lake.receipt(self.name, partition)
        return receipt is not None and receipt.input_key == key and self.output(work, partition)

    def input_key(self, work: OpenStudy, partition: str) -> str:
        """Hash of code, packages, settings and inputs: equal means nothing to recompute."""
        return hash_of(
            {
                "code": self.code_version,
                "packages": package_versions(),
                "settings": settings_of(work.study, self.settings),
                "inputs": self.inputs(work, partition),
            }
        )


NODES: dict[str, Node] = {}
"""Every node by name, filled as the modules of ``assets`` are imported."""


def in_order() -> list[Node]:
    """Nodes, each after what it is made from."""
    names = TopologicalSorter({name: node.reads for name, node in sorted(NODES.items())})
    return [NODES[name] for name in names.static_order()]


def made_from(names: Iterable[str]) -> set[str]:
    """Nodes of these names, and all that they are made from or wait for.

    Raises AlsrevError for a name that is no table's or file's.
    """
    found, waiting = set[str](), list(names)
    while waiting:
        name = waiting.pop()
        if name not in NODES:
            raise AlsrevError(
                f"{name!r}: found no table or file of this name; expected one of "
                f"{', '.join(sorted(NODES))}"
            )
        if name not in found:
            found.add(name)
            waiting += [*NODES[name].reads, *NODES[name].after]
    return found
