"""What is made again, and what is not, after each kind of change; on the tiny study."""

import json
import os
from pathlib import Path

import pytest
import yaml

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.graph.node import NODES
from alsrev_dagster.graph.plan import plan
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.receipt import CheckSlip
from alsrev_dagster.study import StudyFolder
from tests.builders import RECORDS, VCF, vcf_text, write_study
from tests.graph.at_work import NOTHING, Made, run_here

FROM_VISITS = {
    "raw.visit",
    "core.alsfrsr",
    "core.outcome",
    "result.recovery_rate",
    "result.recovery_grid",
    "result.recovery_effect",
    "result.recovery_curve",
    "result.recovery_model",
    "result.survival_curve",
    "result.survival_model",
    "result.interval_curve",
    "result.milestone_curve",
    "result.hazard_by_time",
    "result.curve_test",
    "result.restricted_mean",
    "result.reversal_state",
    "result.survival_scan",
    "result.survival_inflation",
    "result.trajectory",
    "result.trajectory_model",
    "result.fitted_course",
    "result.cafs",
    "result.stage_flow",
    "core.state_spell",
    "result.state_occupation",
    "result.state_time",
    "warehouse",
    "report",
}
"""What is made from visits.csv, directly or not."""

FROM_CHR4 = {
    "raw.callset",
    "raw.genotype",
    "core.variant_qc",
    "core.sample_qc",
    "core.pruned_variant",
    "core.quality_loss",
    "core.kinship",
    "core.unrelated_sample",
    "core.sample_pc",
    "core.principal_component",
    "core.analysis_set",
    "core.analysis_loss",
    "result.balance",
    "core.carrier",
    "raw.external_allele",
    "result.confounding",
    "result.confounding_mark",
    "result.control_scan",
    "result.negative_control",
    "result.external_frequency",
    "result.masked_lead",
    "result.permuted_scan",
    "result.permutation",
    "result.lead_permutation",
    "result.control_permutation",
    "result.association",
    "result.lead_variant",
    "result.lead_arm",
    "result.lead_influence",
    "result.lead_correction",
    "result.replication",
    "result.detectable_effect",
    "result.detectable_frequency",
    "result.set_test",
    "result.pathway_test",
    "raw.summary_statistic",
    "result.lead_external",
    *(
        FROM_VISITS
        - {
            "raw.visit",
            "core.alsfrsr",
            "core.outcome",
            "core.state_spell",
            "result.recovery_rate",
            "result.recovery_grid",
        }
    ),
}


def stale(folder: StudyFolder) -> set[str]:
    """Names of what would be made again."""
    return set(plan(OpenStudy(folder)).reasons)


def edit(path: Path, old: str, new: str) -> None:
    """Change a file's text, once."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def settings(folder: StudyFolder, **changed: object) -> None:
    """Change keys of study.yaml."""
    value = yaml.safe_load(folder.study_file.read_text(encoding="utf-8"))
    folder.study_file.write_text(yaml.safe_dump({**value, **changed}), encoding="utf-8")


def runs_behind(folder: StudyFolder) -> dict[str, str]:
    """Run that made each table and partition."""
    receipts = OpenStudy(folder).lake.receipts()
    return {f"{r.table_name} {r.partition}".strip(): r.run_id for r in receipts}


def test_graph_is_filled(made_tiny: Made) -> None:
    assert made_tiny.made
    assert {"raw.visit", "report"} <= set(NODES)


def test_after_a_run_nothing_is_stale(tiny: StudyFolder) -> None:
    assert stale(tiny) == set()


def test_untouched_copy_of_a_study_is_not_stale_elsewhere(tiny: StudyFolder) -> None:
    moved = tiny.root.rename(tiny.root.with_name("moved"))
    assert stale(StudyFolder(moved)) == set()


def test_file_with_a_new_time_but_the_same_bytes_changes_nothing(tiny: StudyFolder) -> None:
    for name in ("visits.csv", "samples.csv", VCF, "study.yaml"):
        os.utime(tiny.root / name, (1_900_000_000, 1_900_000_000))
    assert stale(tiny) == set()
    assert run_here(tiny).printed.startswith(NOTHING)


def test_changed_visit_makes_again_only_what_is_made_from_visits(tiny: StudyFolder) -> None:
    before = runs_behind(tiny)
    edit(tiny.root / "visits.csv", "personA,720,", "personA,719,")
    assert stale(tiny) == FROM_VISITS
    assert f"Made {len(FROM_VISITS)} tables and files." in run_here(tiny).printed
    after = runs_behind(tiny)
    again = {name for name in after if after[name] != before[name]}
    assert {name.partition(" ")[0] for name in again} == FROM_VISITS
    assert not [name for name in again if name.startswith("raw.genotype")]
    assert stale(tiny) == set()


def test_changed_death_day_leaves_genotypes_and_scan_as_they_were(tiny: StudyFolder) -> None:
    before = runs_behind(tiny)
    edit(tiny.root / "participants.csv", "EUR,-460,-100,0,800", "EUR,-460,-100,0,801")
    run_here(tiny)
    after = runs_behind(tiny)
    again = {name for name in after if after[name] != before[name]}
    assert {"raw.participant", "core.sample_trait", "core.outcome"} <= again
    assert not [
        n for n in again if n.startswith(("raw.genotype", "core.variant_qc", "core.sample_qc"))
    ]
    assert not [n for n in again if n.startswith("result.association")]


def test_reasons_name_the_cause_and_then_what_follows(tiny: StudyFolder) -> None:
    edit(tiny.root / "visits.csv", "personA,720,", "personA,719,")
    reasons = plan(OpenStudy(tiny)).reasons
    assert reasons["raw.visit"].startswith("its input files")
    assert reasons["core.alsfrsr"] == "raw.visit is made again"
    assert next(iter(reasons)) == "raw.visit"
    assert list(reasons)[-2:] == ["warehouse", "report"]


def test_changed_chromosome_is_the_only_one_read_again(tiny: StudyFolder) -> None:
    before = runs_behind(tiny)
    edit(tiny.root / VCF, "0/1\t./.\t0/0", "0/1\t0/0\t0/0")
    assert stale(tiny) == FROM_CHR4
    run_here(tiny)
    after = runs_behind(tiny)
    again = {name for name in after if after[name] != before[name]}
    for name in ("raw.genotype", "core.variant_qc"):
        assert {n for n in again if n.startswith(name)} == {f"{name} chr4"}
    assert {name.partition(" ")[0] for name in again} <= FROM_CHR4
    assert stale(tiny) == set()


@pytest.mark.parametrize("edited", ["one", "other"])
def test_files_that_share_their_name_are_told_apart(tmp_path: Path, edited: str) -> None:
    folder = write_study(
        tmp_path,
        callsets={"joint": {"files": "genotypes/*/joint.vcf"}},
        files={
            VCF: None,
            "genotypes/one/joint.vcf": vcf_text(),
            "genotypes/other/joint.vcf": vcf_text([r.replace("chr4", "chr13") for r in RECORDS]),
        },
    )
    place = "chr4" if edited == "one" else "chr13"

    def keys() -> list[str]:
        work = OpenStudy(folder)
        named = (("raw.callset", ""), ("raw.genotype", place), ("raw.callset_sample", ""))
        return [NODES[name].input_key(work, partition) for name, partition in named]

    before = keys()
    assert len(NODES["raw.callset"].inputs(OpenStudy(folder), "")) == 2
    inputs = NODES["raw.callset_sample"].inputs(OpenStudy(folder), "")
    assert len(set(inputs) - {"samples.csv"}) == 2
    edit(tmp_path / "genotypes" / edited / "joint.vcf", "0/1\t./.\t0/0", "0/1\t0/0\t0/0")
    changed = [one != other for one, other in zip(before, keys(), strict=True)]
    assert changed == [True, True, False]


def test_changed_threshold_leaves_what_is_upstream_alone(tiny: StudyFolder) -> None:
    settings(tiny, quality={"sample_call_rate_min": 0.5})
    found = stale(tiny)
    assert {"core.variant_qc", "core.sample_qc", "core.analysis_set"} <= found
    assert not any(name.startswith("raw.") for name in found)
    assert not found & {"core.alsfrsr", "core.outcome"}


def test_changed_recovery_definition_leaves_genotypes_alone(tiny: StudyFolder) -> None:
    settings(tiny, recovery={"preset": "roar_6mo"})
    found = stale(tiny)
    assert "core.outcome" in found
    assert not found & {"core.alsfrsr", "core.variant_qc", "result.association", "core.carrier"}


def test_changed_comment_in_study_yaml_leaves_every_table_alone(tiny: StudyFolder) -> None:
    text = tiny.study_file.read_text(encoding="utf-8")
    tiny.study_file.write_text(text + "# a thought\n", encoding="utf-8")
    # Only meta.run and meta.input know the file's hash, so the files that hold them may follow.
    assert stale(tiny) <= {"warehouse", "report"}


@pytest.mark.parametrize(
    ("file", "expected"),
    [("report.html", {"report"}), ("alsrev.duckdb", {"warehouse", "report"})],
)
def test_deleted_file_is_made_again_with_what_is_made_from_it(
    tiny: StudyFolder, file: str, expected: set[str]
) -> None:
    (tiny.results / file).unlink()
    assert stale(tiny) == expected
    assert "Made 1 tables and files" in run_here(tiny).printed
    assert (tiny.results / file).is_file()
    assert stale(tiny) == set()


def test_deleted_table_is_made_again(tiny: StudyFolder) -> None:
    OpenStudy(tiny).lake.path("core.alsfrsr").unlink()
    assert plan(OpenStudy(tiny)).reasons["core.alsfrsr"] == "not made yet"


def test_deleted_chromosome_is_made_again(tiny: StudyFolder) -> None:
    OpenStudy(tiny).lake.path("core.variant_qc", "chr4").unlink()
    assert "core.variant_qc" in stale(tiny)


def test_blocking_check_that_failed_keeps_its_table_stale(tiny: StudyFolder) -> None:
    lake = OpenStudy(tiny).lake
    slip = next(s for s in lake.checks("core.alsfrsr") if s.is_blocking)
    lake.leave_check(CheckSlip(**{**vars(slip), "passed": False}))
    reasons = plan(OpenStudy(tiny)).reasons
    assert reasons["core.alsfrsr"] == f"its check {slip.check_name} has not passed"
    assert "core.outcome" in reasons


def test_check_that_only_warns_keeps_nothing_stale(tiny: StudyFolder) -> None:
    assert any(not slip.passed and not slip.is_blocking for slip in OpenStudy(tiny).lake.checks())
    assert stale(tiny) == set()


def test_check_that_was_never_asked_is_asked(tiny: StudyFolder) -> None:
    (tiny.lake / "receipt" / "core.alsfrsr" / "check.every_visit_is_scored.json").unlink()
    reason = plan(OpenStudy(tiny)).reasons["core.alsfrsr"]
    assert reason == "its check every_visit_is_scored has not passed"


def test_failed_check_stops_what_is_downstream_and_is_asked_again(
    tiny: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lake loses a row behind the asset's back, as a bug would."""
    from alsrev_dagster.clinical import alsfrsr

    made, before = alsfrsr.alsfrsr, runs_behind(tiny)
    page = tiny.report.read_bytes()
    edit(tiny.root / "visits.csv", "personA,720,", "personA,719,")
    monkeypatch.setattr(alsfrsr, "alsfrsr", lambda visit, person: made(visit, person).iloc[1:])
    with pytest.raises(AlsrevError, match="every_visit_is_scored: 1 of 48 visits are lost"):
        run_here(tiny)
    after = runs_behind(tiny)
    assert {n for n in before if after.get(n) != before[n]} == {"raw.visit", "core.alsfrsr"}
    assert tiny.report.read_bytes() == page
    reason = plan(OpenStudy(tiny)).reasons["core.alsfrsr"]
    assert reason == "its check every_visit_is_scored has not passed"
    monkeypatch.undo()
    run_here(tiny)
    assert stale(tiny) == set()


def test_receipt_of_other_code_makes_the_table_stale(tiny: StudyFolder) -> None:
    path = tiny.lake / "receipt" / "core.outcome" / "whole.json"
    value = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**value, "code_version": "another"}), encoding="utf-8")
    reasons = plan(OpenStudy(tiny)).reasons
    assert reasons["core.outcome"] == "its code changed"
    assert "core.alsfrsr" not in reasons


def test_locus_that_is_no_longer_declared_makes_only_leads_and_below_stale(
    tiny: StudyFolder,
) -> None:
    settings(tiny, loci={})
    found = stale(tiny)
    assert "result.lead_variant" in found
    assert not found & {"result.association", "core.analysis_set", "core.outcome"}


def test_new_study_is_stale_whole_and_says_so(tmp_path: Path) -> None:
    found = plan(OpenStudy(write_study(tmp_path / "new")))
    assert set(found.reasons) == set(NODES)
    assert found.reasons["raw.visit"] == "not made yet"
    assert len(found.chromosomes) == 25


def test_what_follows_is_kept_when_a_change_changes_nothing(tiny: StudyFolder) -> None:
    before = runs_behind(tiny)
    vcf = tiny.root / VCF
    vcf.write_text(vcf.read_text(encoding="utf-8").replace("\n#CHROM", "\n##note=new\n#CHROM"))
    assert stale(tiny) == FROM_CHR4
    assert "kept" in run_here(tiny).printed
    after = runs_behind(tiny)
    again = {name for name in after if after[name] != before[name]}
    assert again == {
        "raw.callset",
        "raw.genotype chr4",
        "core.quality_loss",
        "warehouse",
        "report",
    }
    assert stale(tiny) == set()
