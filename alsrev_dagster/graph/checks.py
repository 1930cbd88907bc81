"""Declaring a check: named for what it claims, saying what was found and what was expected."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from alsrev_dagster.graph.node import NODES
from alsrev_dagster.graph.plan import table_version
from alsrev_dagster.graph.reading import reading
from alsrev_dagster.graph.step import step_of, told
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


@dataclass(frozen=True)
class Check:
    """A claim about one table."""

    table_name: str
    name: str
    description: str
    is_blocking: bool
    judge: Judge
    key: Callable[[OpenStudy], str]
    """Hash of its code and settings."""

    @property
    def spec(self) -> dg.AssetCheckSpec:
        """What Dagster is told of it."""
        return dg.AssetCheckSpec(
            name=self.name,
            asset=dg.AssetKey(self.table_name.split(".")),
            description=self.description,
            blocking=self.is_blocking,
        )


CHECKS: dict[str, list[Check]] = {}
"""Every declared check by table, filled as the modules of ``assets`` are imported."""


def table_check(name: str, *, blocking: bool = True) -> Callable[[Judge], Check]:
    """Declare a check of one table; its outcome is kept beside the table's receipt.

    It reads that table and those that the table is made from, no others: it is asked
    again when one of them, its code or its settings change.
    """

    def declare(function: Judge) -> Check:
        read = reading(function, *([table(name).shape] if name in TABLES else []))

        def key(work: OpenStudy) -> str:
            settings = settings_of(work.study, read.settings)
            return hash_of({"code": read.code_version, "settings": settings})

        doc = inspect.getdoc(function) or ""
        check = Check(name, function.__name__, doc, blocking, function, key)
        CHECKS.setdefault(name, []).append(check)
        if blocking:
            NODES[name].blocking_checks[check.name] = key
        return check

    return declare


def checks_of(name: str) -> dg.AssetChecksDefinition:
    """The checks of a table as Dagster takes them: one step, of which a part can be asked."""
    checks = CHECKS[name]

    @dg.multi_asset_check(
        name=f"checks_of_{name.replace('.', '_')}",
        specs=[check.spec for check in checks],
        can_subset=True,
    )
    def ask(
        context: dg.AssetCheckExecutionContext, study: StudyResource
    ) -> Iterator[dg.AssetCheckResult]:
        work, run_id, failures = study.open(), context.run.run_id, list[dg.Failure]()
        for check in sorted(checks, key=lambda check: not check.is_blocking):
            if check.spec.key not in context.selected_asset_check_keys:
                continue
            try:
                found = _found(check, work, run_id)
            except dg.Failure as failure:
                failures.append(failure)
            else:
                yield _result(check, found)
        if failures:
            raise failures[0]

    return ask


def _found(check: Check, work: OpenStudy, run_id: str) -> Finding:
    """Ask one check, and leave its slip."""
    name, node = check.table_name, NODES[check.table_name]
    # Nobody may make the table anew between the version that is judged and the slip.
    with (
        step_of(run_id, work),
        work.lake.lock(reads=[name, *node.reads], writes=f"{name}.{check.name}"),
    ):
        version = table_version(work, node)
        found = _judged(check, work)
    work.lake.leave_check(
        CheckSlip(
            table_name=name,
            check_name=check.name,
            check_key=check.key(work),
            data_version=version,
            run_id=run_id,
            passed=found.passed,
            is_blocking=check.is_blocking,
            description=found.description,
        )
    )
    return found


def _judged(check: Check, work: OpenStudy) -> Finding:
    """Ask one check; one that only warns stops nothing, not even by a mistake of ours in it."""
    try:
        return check.judge(work)
    except Exception as error:
        if check.is_blocking:
            raise
        return Finding(False, f"could not be asked: {told(work, error)}")


def _result(check: Check, found: Finding) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=check.spec.asset_key,
        check_name=check.name,
        passed=found.passed,
        severity=dg.AssetCheckSeverity.ERROR if check.is_blocking else dg.AssetCheckSeverity.WARN,
        description=found.description,
        metadata=dict[str, Any](found.metadata),
    )


def key_check(name: str) -> Check:
    """Check that a table has the vocabulary's columns and that its key is unique."""

    def has_unique_key(work: OpenStudy) -> Finding:
        n_row, n_key = key_count(work.lake, name)
        n_other = work.lake.n_file_of_other_schema(name)
        key = ", ".join(table(name).key)
        what = f"rows share their key ({key}) with another, or a file has other columns"
        return none_of(n_row - n_key + n_other, n_row, what, n_file_of_other_schema=n_other)

    key = ", ".join(table(name).key)
    has_unique_key.__doc__ = f"The columns are the vocabulary's, and no two rows share ({key})."
    return table_check(name)(has_unique_key)
