"""``alsrev status``: what is stale and which checks failed, without changing anything."""

from typing import Any

from alsrev_dagster.errors import StudyError
from alsrev_dagster.ingest.validate import validate
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import StudyFolder


def status(folder: StudyFolder) -> dict[str, Any]:
    """Reason by stale table, and finding by failed check; raises with every problem of a study."""
    work = OpenStudy(folder)
    problems = validate(folder, work.inspector).problems
    if problems:
        raise StudyError(problems)
    import assets  # noqa: F401  fills the graph
    from alsrev_dagster.graph.plan import plan

    failed = {
        f"{slip.table_name} {slip.check_name}": slip.description
        for slip in work.lake.checks()
        if not slip.passed
    }
    return {"stale": plan(work).reasons, "failed_checks": failed}
