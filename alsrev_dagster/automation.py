"""The one job, and who starts it: command line, UI, weekly schedule, sensor on input files."""

import dagster as dg

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.graph.assets import CHROMOSOME_TAG, PLANNED_TAG
from alsrev_dagster.graph.node import NODES
from alsrev_dagster.graph.plan import Plan, plan
from alsrev_dagster.ingest.inspection import folder_mark
from alsrev_dagster.ingest.validate import validate
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.resources import StudyResource

_RANGE_TAGS = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="Every table and file, from the input files to the report. The command line, the "
    "schedule and the sensor ask for what is stale alone.",
    executor_def=dg.in_process_executor,
)


def asset_keys(stale: Plan) -> list[dg.AssetKey]:
    """Assets a plan names, in order."""
    return [dg.AssetKey(name.split(".")) for name in stale.reasons]


def run_tags(stale: Plan) -> dict[str, str]:
    """Tags that tell a run to keep what is not stale, and which chromosomes to make."""
    tags = {PLANNED_TAG: "yes"}
    if not any(NODES[name].is_partitioned for name in stale.reasons):
        return tags
    named = stale.chromosomes
    return {
        **tags,
        _RANGE_TAGS[0]: named[0],
        _RANGE_TAGS[1]: named[-1],
        CHROMOSOME_TAG: ",".join(named),
    }


def request(work: OpenStudy, occasion: str) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run of what is stale, or say why there is none.

    One run is asked for on one occasion: a failed one is not tried again and again.
    """
    try:
        found = validate(work.folder, work.inspector)
        if found.problems:
            return dg.SkipReason(
                f"{len(found.problems)} problem(s) in the study's files; 'alsrev validate' "
                "lists them; nothing is run until they are mended"
            )
        stale = plan(work)
    except AlsrevError as error:
        return dg.SkipReason(str(error))
    if stale.is_empty:
        return dg.SkipReason("nothing has changed since the last run")
    return dg.RunRequest(
        run_key=f"{stale.key[:16]} {occasion}",
        asset_selection=asset_keys(stale),
        tags=run_tags(stale),
    )


@dg.schedule(job=refresh, cron_schedule="0 3 * * 1", description="Mondays at 03:00: what is stale.")
def weekly(
    context: dg.ScheduleEvaluationContext, study: StudyResource
) -> dg.RunRequest | dg.SkipReason:
    """Ask for what is stale, once a week."""
    return request(study.open(), f"{context.scheduled_execution_time:%Y-%m-%d}")


@dg.sensor(
    job=refresh,
    minimum_interval_seconds=60,
    description="New or changed input files: what depends on them. A file that is still "
    "being written is waited for.",
)
def input_files(
    context: dg.SensorEvaluationContext, study: StudyResource
) -> dg.SensorResult | dg.SkipReason:
    """Ask for what is stale when the files have been still for one tick."""
    work = study.open()
    marks = folder_mark(work.folder)
    if context.cursor != marks:
        return dg.SensorResult(
            skip_reason=dg.SkipReason("input files changed; waiting until they stay the same"),
            cursor=marks,
        )
    asked = request(work, marks[:16])
    if isinstance(asked, dg.SkipReason):
        return asked
    return dg.SensorResult(run_requests=[asked], cursor=marks)
