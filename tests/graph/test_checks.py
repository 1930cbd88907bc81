"""Checks that can fail: what is wrong is put into the lake behind the assets' backs."""

import dagster as dg
import pandas as pd
import pytest

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.resources import StudyResource
from alsrev_dagster.study import StudyFolder
from assets import audit, outcome, publish, reading, sources
from tests.builders import VCF
from tests.graph.at_work import run_here


def test_carriers_that_differ_from_the_counts_are_found(tiny: StudyFolder) -> None:
    work = OpenStudy(tiny)
    assert outcome.carriers_match_the_counts.judge(work).passed
    carrier = work.lake.frame("core.carrier")
    place = int((carrier["dosage"] == 1).to_numpy().argmax())
    carrier.loc[place, ["dosage", "carrier"]] = [0, False]
    work.lake.write("core.carrier", carrier)
    found = outcome.carriers_match_the_counts.judge(work)
    assert not found.passed
    assert found.metadata["n_count_that_differs"] > 0


def test_a_table_of_other_columns_is_found(tiny: StudyFolder) -> None:
    work = OpenStudy(tiny)
    path = work.lake.path("core.carrier")
    assert outcome.carrier_has_unique_key.judge(work).passed
    pd.read_parquet(path).drop(columns="cohort").to_parquet(path)
    found = outcome.carrier_has_unique_key.judge(work)
    assert not found.passed
    assert found.metadata["n_file_of_other_schema"] == 1


def test_an_open_or_emptied_warehouse_is_found(tiny: StudyFolder) -> None:
    work = OpenStudy(tiny)
    assert publish.file_holds_the_lake.judge(work).passed
    tiny.warehouse.chmod(0o644)
    assert not publish.file_holds_the_lake.judge(work).passed


@pytest.mark.parametrize("lost", ["primary", "chr4-57110321-G-A"])
def test_a_page_that_lacks_something_is_found(tiny: StudyFolder, lost: str) -> None:
    work = OpenStudy(tiny)
    assert publish.page_shows_every_contrast_and_locus.judge(work).passed
    page = tiny.report.read_text(encoding="utf-8")
    tiny.report.write_text(page.replace(lost, ""), encoding="utf-8")
    assert not publish.page_shows_every_contrast_and_locus.judge(work).passed
    tiny.report.write_text(page + '<img src="http://x.example/y">', encoding="utf-8")
    assert not publish.page_shows_every_contrast_and_locus.judge(work).passed


def test_values_of_single_samples_are_not_named(tiny: StudyFolder) -> None:
    work = OpenStudy(tiny)
    sample = work.lake.frame("raw.sample")
    work.lake.write("raw.sample", sample.assign(batch=sample["sample_id"]))
    found = audit.confounding_rows(work).set_index("factor").loc["batch"]
    assert (found["case_values"], found["control_values"]) == ("4 values", "4 values")
    assert not found["is_aligned"]


def test_sex_linked_variants_are_wanted_only_when_asked_for(tiny: StudyFolder) -> None:
    work = OpenStudy(tiny)
    qc = work.lake.frame("core.variant_qc")
    qc.loc[0, "filter_reason"] = "a reason"
    work.lake.write("core.variant_qc", qc[qc["chrom"] == "chr4"], "chr4")
    without = sum(int(p.sum()) for _, p in reading.passing_blocks(work, ["chr4"]))
    asked = reading.passing_blocks(work, ["chr4"], besides="a reason")
    assert sum(int(p.sum()) for _, p in asked) == without + 1


@pytest.mark.parametrize(
    ("file", "asset", "told"),
    [
        ("visits.csv", sources.visit, "visits.csv: found no such file; expected"),
        (VCF, sources.callset, "key callsets.joint.files: found 'genotypes/joint.*.vcf', which"),
        ("study.yaml", sources.visit, "study.yaml: found no such file; expected"),
    ],
)
def test_input_file_that_is_gone_is_told_as_the_users_problem(
    tiny: StudyFolder, file: str, asset: dg.AssetsDefinition, told: str
) -> None:
    (tiny.root / file).unlink()
    resource = {"study": StudyResource(study_folder=str(tiny.root))}
    with dg.DagsterInstance.ephemeral() as instance:
        done = dg.materialize([asset], resources=resource, instance=instance, raise_on_error=False)
    failed = [event.step_failure_data for event in done.all_events if event.is_step_failure]
    (said,) = [data.user_failure_data.description for data in failed]
    assert told in said
    assert "a mistake of alsrev's" not in said


def test_a_mistake_of_ours_is_told_to_dagster_without_its_values(
    tiny: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alsrev_dagster.clinical import recovery
    from alsrev_dagster.errors import AlsrevError

    def broken(*_: object) -> pd.DataFrame:
        raise RuntimeError("participant personA is odd")

    visits = tiny.root / "visits.csv"
    visits.write_text(visits.read_text().replace("personA,720,", "personA,719,"))
    monkeypatch.setattr(recovery, "outcome", broken)
    with pytest.raises(AlsrevError, match="RuntimeError at test_checks") as told:
        run_here(tiny, "core.outcome")
    assert "personA" not in str(told.value)
    kept = tiny.state / "last_error.txt"
    assert "participant personA is odd" in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
