"""``alsrev run``: the stale part of the graph, through Dagster, in this process."""

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from rich.console import Console

from alsrev_dagster.commands.standing import standing
from alsrev_dagster.errors import AlsrevError, StudyError
from alsrev_dagster.files import sweep
from alsrev_dagster.ingest.validate import validate
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.queries import one_database
from alsrev_dagster.study import StudyFolder
from alsrev_dagster.ui.home import dagster_environment, prepare_home

if TYPE_CHECKING:
    import dagster as dg

    from alsrev_dagster.graph.plan import Plan


def run(folder: StudyFolder, console: Console, wanted: Collection[str] = ()) -> bool:
    """Validate, plan, run what is stale; False when nothing was. Raises when something fails.

    Of ``wanted`` tables and files, where some are named, and of what they are made from alone.
    """
    os.umask(0o077)
    work = OpenStudy(folder)
    with console.status("looking at the study's files"):
        found = validate(folder, work.inspector)
    if found.problems:
        raise StudyError(found.problems)
    with console.status("loading the graph"):
        prepare_home(folder)
        os.environ.update(dagster_environment(folder))
        import assets  # noqa: F401  fills the graph
        from alsrev_dagster.graph.node import made_from
        from alsrev_dagster.graph.plan import plan

        made_from(wanted)  # a name that is none is told before anything is looked for

    with _only_run(folder):
        with console.status("looking for what is stale"):
            stale = plan(work, wanted)
        if stale.is_empty:
            named = f"of what {', '.join(wanted)} is made from " if wanted else ""
            console.print(f"Nothing {named}has changed since the last run: nothing is recomputed.")
        else:
            sweep(folder.state)
            sweep(folder.results)
            _execute(work, stale, console)
        for check, told in standing(work.lake).warned.items():
            console.print(f"warning: check {check}: {told}", markup=False)
    return not stale.is_empty


@contextmanager
def _only_run(folder: StudyFolder) -> Iterator[None]:
    """Hold the study for one ``alsrev run``; the kernel lets go when the process ends."""
    with (folder.state / "run.lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlsrevError(
                f"{folder.root.name}: found another 'alsrev run' at work on this study; expected "
                "one at a time; wait for it to end"
            ) from None
        yield


def _execute(work: OpenStudy, stale: "Plan", console: Console) -> None:
    import dagster as dg

    from alsrev_dagster.automation import asset_keys, run_tags
    from alsrev_dagster.definitions import defs
    from alsrev_dagster.graph.alive import bury_the_dead, holding

    run_id = str(uuid4())
    # Held before the run is known to anybody who could bury it, and until it has ended.
    with (
        holding(work.folder.state, run_id),
        dg.DagsterInstance.get() as instance,
        one_database(work.lake),
    ):
        bury_the_dead(work.folder.state, instance)
        with console.status(f"making {len(stale.reasons)} tables and files"):
            result = defs.resolve_job_def("refresh").execute_in_process(
                instance=instance,
                run_id=run_id,
                asset_selection=asset_keys(stale),
                tags=run_tags(stale),
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                raise_on_error=False,
            )
        _raise_if_failed(result)
    console.print(_made(work, stale, result.run_id))


def _made(work: OpenStudy, stale: "Plan", run_id: str) -> str:
    """Say how much of the plan was made, and how much turned out to be as it should be."""
    made = {r.table_name for r in work.lake.receipts() if r.run_id == run_id}
    n_kept = len(set(stale.reasons) - made)
    kept = f"; kept {n_kept}, whose inputs came out as they were" if n_kept else ""
    return f"Made {len(made)} tables and files{kept}."


def _raise_if_failed(result: "dg.ExecuteInProcessResult") -> None:
    """Say what stopped the run, and apart from it what its checks warned of."""
    if result.success:
        return
    steps = [_reason(event) for event in result.all_events if event.is_step_failure]
    stopped = [*_not_passed(result, "ERROR"), *filter(None, steps)]
    told = ["The run stopped; what was made before stands, the last good results too:"]
    told += [f"  - {line}" for line in stopped]
    if warned := _not_passed(result, "WARN"):
        told += ["warnings, which stop nothing:", *(f"  - {line}" for line in warned)]
    raise AlsrevError("\n".join(told))


def _not_passed(result: "dg.ExecuteInProcessResult", severity: str) -> list[str]:
    return [
        f"{'.'.join(check.asset_key.path)} {check.check_name}: {check.description}"
        for check in result.get_asset_check_evaluations()
        if not check.passed and check.severity.value == severity
    ]


def _reason(event: "dg.DagsterEvent") -> str:
    """Why a step failed: our own text, or the error's own for what is our fault."""
    data = event.step_failure_data
    told = data.user_failure_data.description if data.user_failure_data else None
    if told:
        return f"{event.step_key}: {told}"
    error = data.error.cause or data.error if data.error else None
    if error is None or "DagsterAssetCheckFailedError" in str(error.cls_name):
        return ""
    return f"{event.step_key}: {error.cls_name}: {error.message.strip()}"
