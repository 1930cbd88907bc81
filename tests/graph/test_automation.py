"""The weekly schedule and the sensor, asked without a daemon."""

import datetime as dt

import dagster as dg
import pytest

from alsrev_dagster.automation import asset_keys, input_files, run_tags, weekly
from alsrev_dagster.definitions import defs
from alsrev_dagster.graph.plan import plan
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.resources import StudyResource
from alsrev_dagster.study import StudyFolder
from tests.builders import VCF
from tests.graph.test_staleness import FROM_VISITS, edit

MONDAY = dt.datetime(2026, 11, 23, 3, tzinfo=dt.UTC)


def on_schedule(folder: StudyFolder, day: dt.datetime = MONDAY) -> dg.RunRequest | dg.SkipReason:
    """Ask the schedule."""
    context = dg.build_schedule_context(scheduled_execution_time=day)
    asked: dg.RunRequest | dg.SkipReason = weekly(
        context, study=StudyResource(study_folder=str(folder.root))
    )
    return asked


def tick(folder: StudyFolder, cursor: str | None) -> dg.SensorResult | dg.SkipReason:
    """Ask the sensor once."""
    study = StudyResource(study_folder=str(folder.root))
    context = dg.build_sensor_context(cursor=cursor, definitions=defs)
    answer: dg.SensorResult | dg.SkipReason = input_files(context, study=study)
    return answer


def still(folder: StudyFolder) -> str:
    """Return the cursor after a tick that saw the files as they are."""
    first = tick(folder, None)
    assert isinstance(first, dg.SensorResult)
    assert first.cursor
    return str(first.cursor)


def requested(answer: dg.SensorResult | dg.SkipReason) -> dg.RunRequest:
    """Return the one run that was asked for."""
    assert isinstance(answer, dg.SensorResult)
    (request,) = answer.run_requests or []
    return request


def names(request: dg.RunRequest) -> set[str]:
    """Names of the assets a request asks for."""
    return {".".join(key.path) for key in request.asset_selection or []}


def test_schedule_without_changes_says_so(tiny: StudyFolder) -> None:
    answer = on_schedule(tiny)
    assert isinstance(answer, dg.SkipReason)
    assert answer.skip_message == "nothing has changed since the last run"


def test_schedule_asks_for_what_is_stale(tiny: StudyFolder) -> None:
    edit(tiny.root / "visits.csv", "personA,720,", "personA,719,")
    answer = on_schedule(tiny)
    assert isinstance(answer, dg.RunRequest)
    assert answer.asset_selection == asset_keys(plan(OpenStudy(tiny)))
    assert names(answer) == FROM_VISITS
    named = answer.tags["alsrev/chromosomes"].split(",")
    assert named == list(plan(OpenStudy(tiny)).chromosomes)  # of the survival scan alone


def test_schedule_tries_a_failed_plan_again_next_week_not_within_the_day(
    tiny: StudyFolder,
) -> None:
    edit(tiny.root / "visits.csv", "personA,720,", "personA,719,")
    keys = [
        answer.run_key
        for day in (MONDAY, MONDAY, MONDAY + dt.timedelta(days=7))
        if isinstance(answer := on_schedule(tiny, day), dg.RunRequest)
    ]
    assert len(keys) == 3
    assert keys[0] == keys[1] != keys[2]


def test_sensor_waits_one_tick_for_files_to_be_still(tiny: StudyFolder) -> None:
    cursor = still(tiny)
    edit(tiny.root / "visits.csv", "personA,720,", "personA,719,")
    first = tick(tiny, cursor)
    assert isinstance(first, dg.SensorResult)
    assert not first.run_requests
    assert first.cursor != cursor
    assert first.skip_reason is not None
    assert "waiting until they stay the same" in str(first.skip_reason.skip_message)
    request = requested(tick(tiny, first.cursor))
    assert request.asset_selection == asset_keys(plan(OpenStudy(tiny)))
    assert names(request) == FROM_VISITS


def test_sensor_asks_for_one_state_of_the_files_once(tiny: StudyFolder) -> None:
    edit(tiny.root / "visits.csv", "personA,720,", "personA,719,")
    cursor = still(tiny)
    asked = [requested(tick(tiny, cursor)).run_key for _ in range(2)]
    assert asked[0] == asked[1]
    edit(tiny.root / "visits.csv", "personA,719,", "personA,718,")
    assert requested(tick(tiny, still(tiny))).run_key != asked[0]


def test_sensor_without_changes_says_so(tiny: StudyFolder) -> None:
    answer = tick(tiny, still(tiny))
    assert isinstance(answer, dg.SkipReason)
    assert answer.skip_message == "nothing has changed since the last run"


def test_results_are_not_input_files(tiny: StudyFolder) -> None:
    cursor = still(tiny)
    (tiny.results / "note.txt").write_text("mine", encoding="utf-8")
    (tiny.state / "note.txt").write_text("mine", encoding="utf-8")
    assert isinstance(tick(tiny, cursor), dg.SkipReason)


def test_broken_input_is_not_run_and_says_so(tiny: StudyFolder) -> None:
    edit(tiny.root / "visits.csv", "personA,720,", "personA,soon,")
    for answer in (tick(tiny, still(tiny)), on_schedule(tiny)):
        assert isinstance(answer, dg.SkipReason)
        said = str(answer.skip_message)
        assert "problem(s) in the study's files; 'alsrev validate' lists them" in said
        assert "person" not in said


def test_study_that_cannot_be_read_is_not_run(tiny: StudyFolder) -> None:
    tiny.study_file.unlink()
    answer = on_schedule(tiny)
    assert isinstance(answer, dg.SkipReason)
    assert "study.yaml" in str(answer.skip_message) or "problem(s)" in str(answer.skip_message)


def test_without_a_study_the_resource_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALSREV_STUDY", raising=False)
    with pytest.raises(Exception, match=r"ALSREV_STUDY: found no value; .*'alsrev ui STUDY'"):
        StudyResource().open()


def test_request_names_the_chromosomes_to_make(tiny: StudyFolder) -> None:
    lake = OpenStudy(tiny).lake
    for chromosome in ("chr4", "chr9"):
        lake.tear_receipt("result.association", chromosome)
    tags = requested(tick(tiny, still(tiny))).tags
    assert tags == run_tags(plan(OpenStudy(tiny)))
    assert tags["dagster/asset_partition_range_start"] == "chr4"
    assert tags["dagster/asset_partition_range_end"] == "chr9"
    assert tags["alsrev/chromosomes"] == "chr4,chr9"


def test_request_runs_in_dagster_and_makes_those_chromosomes_alone(
    tiny: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = OpenStudy(tiny).lake
    before = {
        r.partition: r.run_id for r in lake.receipts() if r.table_name == "result.association"
    }
    for chromosome in ("chr4", "chr9"):
        lake.tear_receipt("result.association", chromosome)
    request = requested(tick(tiny, still(tiny)))
    monkeypatch.setenv("ALSREV_STUDY", str(tiny.root))
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("refresh").execute_in_process(
            instance=instance,
            asset_selection=list(request.asset_selection or []),
            tags=request.tags,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    assert result.success
    after = {r.partition: r.run_id for r in lake.receipts() if r.table_name == "result.association"}
    assert {chrom for chrom in after if after[chrom] != before[chrom]} == {"chr4", "chr9"}
    assert plan(OpenStudy(tiny)).is_empty


def test_changed_genotypes_ask_for_every_chromosome(tiny: StudyFolder) -> None:
    edit(tiny.root / VCF, "0/1\t./.\t0/0", "0/1\t0/0\t0/0")
    tags = requested(tick(tiny, still(tiny))).tags
    assert len(tags["alsrev/chromosomes"].split(",")) == 25
