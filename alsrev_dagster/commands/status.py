"""``alsrev status``: what is stale, failed and warned of, without changing anything."""

from typing import Any

from alsrev_dagster.commands.standing import standing
from alsrev_dagster.errors import StudyError
from alsrev_dagster.ingest.validate import validate
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import StudyFolder


def status(folder: StudyFolder) -> dict[str, Any]:
    """Reason by stale table, finding by check that failed or warned; raises with every problem."""
    work = OpenStudy(folder)
    problems = validate(folder, work.inspector).problems
    if problems:
        raise StudyError(problems)
    import assets  # noqa: F401  fills the graph
    from alsrev_dagster.graph.plan import plan

    found = standing(work.lake)
    return {
        "stale": plan(work).reasons,
        "failed_checks": dict(found.failed),
        "warned_checks": dict(found.warned),
    }
