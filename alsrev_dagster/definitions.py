"""Everything that Dagster loads: the one place that knows every part."""

import dagster as dg

import assets
from alsrev_dagster.automation import input_files, refresh, weekly
from alsrev_dagster.graph.checks import CHECKS, checks_of
from alsrev_dagster.resources import StudyResource

defs = dg.Definitions(
    assets=dg.load_assets_from_package_module(assets),
    asset_checks=[checks_of(name) for name in CHECKS],
    jobs=[refresh],
    schedules=[weekly],
    sensors=[input_files],
    resources={"study": StudyResource()},
    executor=dg.in_process_executor,
)
