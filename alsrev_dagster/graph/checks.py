"""Declaring a check: named for what it claims, saying what was found and what was expected."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from alsrev_dagster.graph.code_version import code_version, settings_sections
from alsrev_dagster.graph.node import NODES
from alsrev_dagster.graph.plan import table_version
from alsrev_dagster.graph.step import step_of
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.resources import StudyResource
from alsrev_dagster.storage.lake import hash_of
from alsrev_dagster.storage.queries import key_count
from alsrev_dagster.storage.receipt import CheckSlip
from alsrev_dagster.study import settings_of
from alsrev_dagster.vocabulary import TABLES, table


@dataclass(frozen=True)
class Finding:
    """What a check found."""

    passed: bool
    description: str
    metadata: Mapping[str, int | float | str] = field(default_factory=dict)


def none_of(n_wrong: int, n_all: int, what: str, **numbers: float) -> Finding:
    """Finding of a check that expects no row to be wrong."""
    return Finding(
        n_wrong == 0,
        f"{n_wrong} of {n_all} {what} (expected 0)",
        {"n_wrong": n_wrong, "n_all": n_all, **numbers},
    )


Judge = Callable[[OpenStudy], Finding]

_JUDGES: dict[dg.AssetCheckKey, Judge] = {}
"""The function behind each declared check."""


def judge(check: dg.AssetChecksDefinition, work: OpenStudy) -> Finding:
    """Ask a declared check's own function, without Dagster around it."""
    return _JUDGES[check.check_key](work)


def table_check(name: str, *, blocking: bool = True) -> Callable[[Judge], dg.AssetChecksDefinition]:
    """Declare a check of one table; its outcome is kept beside the table's receipt.

    It reads that table and those that the table is made from, no others: it is asked
    again when one of them, its code or its settings change.
    """

    def declare(function: Judge) -> dg.AssetChecksDefinition:
        check_name = function.__name__
        shape = [table(name).shape] if name in TABLES else []
        code, sections = code_version(function, *shape), settings_sections(function)

        def key(work: OpenStudy) -> str:
            return hash_of({"code": code, "settings": settings_of(work.study, sections)})

        if blocking:
            NODES[name].blocking_checks[check_name] = key
        severity = dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN

        @dg.asset_check(
            asset=dg.AssetKey(name.split(".")),
            name=check_name,
            description=inspect.getdoc(function) or "",
            blocking=blocking,
        )
        def check(
            context: dg.AssetCheckExecutionContext, study: StudyResource
        ) -> dg.AssetCheckResult:
            work, node = study.open(), NODES[name]
            # Nobody may make the table anew between the version that is judged and the slip.
            with (
                step_of(context.run.run_id, work),
                work.lake.lock(reads=[name, *node.reads], writes=f"{name}.{check_name}"),
            ):
                version = table_version(work, node)
                found = function(work)
            work.lake.leave_check(
                CheckSlip(
                    table_name=name,
                    check_name=check_name,
                    check_key=key(work),
                    data_version=version,
                    run_id=context.run.run_id,
                    passed=found.passed,
                    is_blocking=blocking,
                    description=found.description,
                )
            )
            return dg.AssetCheckResult(
                passed=found.passed,
                severity=severity,
                description=found.description,
                metadata=dict[str, Any](found.metadata),
            )

        _JUDGES[check.check_key] = function
        return check

    return declare


def key_check(name: str) -> dg.AssetChecksDefinition:
    """Check that a table has the vocabulary's columns and that its key is unique."""

    def has_unique_key(work: OpenStudy) -> Finding:
        n_row, n_key = key_count(work.lake, name)
        n_other = work.lake.n_file_of_other_schema(name)
        key = ", ".join(table(name).key)
        told = f"rows share their key ({key}) with another, or a file has other columns"
        return none_of(n_row - n_key + n_other, n_row, told, n_file_of_other_schema=n_other)

    key = ", ".join(table(name).key)
    has_unique_key.__doc__ = f"The columns are the vocabulary's, and no two rows share ({key})."
    return table_check(name)(has_unique_key)
