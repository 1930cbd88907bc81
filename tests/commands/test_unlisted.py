"""Samples of a genotype file that no row of the table of samples has, left out on purpose."""

from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from alsrev_dagster.graph.plan import plan
from alsrev_dagster.ingest.validate import validate
from alsrev_dagster.open_study import OpenStudy
from tests.builders import RECORDS, SAMPLES, VCF, samples_text, vcf_text, write_study
from tests.commands.test_cli import alsrev
from tests.graph.at_work import Made, run_here

OTHERS = ("strangerA", "strangerB", "strangerC")
JOINT = {"files": "genotypes/joint.*.vcf"}
EXCLUDE = {"joint": {**JOINT, "unlisted_samples": "exclude"}}
ALIKE = (
    "core.variant_qc",
    "core.sample_qc",
    "core.pruned_variant",
    "core.kinship",
    "core.unrelated_sample",
    "core.sample_pc",
    "core.analysis_set",
    "core.carrier",
    "result.association",
    "result.detectable_effect",
    "result.recovery_model",
)
"""Tables that are the same with the strangers and without them."""


def larger_vcf() -> str:
    """The tiny study's calls, with strangers before, among and after its samples."""
    rows = []
    for record in RECORDS:
        *site, a, b, c, d, e, f, g, h = record.split()
        rows.append(" ".join([*site, "1/1", a, b, c, "1/1", d, e, f, g, h, "./."]))
    names = [OTHERS[0], *SAMPLES[:3], OTHERS[1], *SAMPLES[3:], OTHERS[2]]
    return vcf_text(rows, names)


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The tiny study whose genotype file has three samples more."""
    folder = tmp_path_factory.mktemp("larger")
    return run_here(write_study(folder, callsets=EXCLUDE, files={VCF: larger_vcf()}), *ALIKE)


@pytest.mark.parametrize("name", ALIKE)
def test_they_weigh_in_nothing(larger: Made, made_tiny: Made, name: str) -> None:
    found, without = (OpenStudy(made.folder).lake.frame(name) for made in (larger, made_tiny))
    pd.testing.assert_frame_equal(found, without)


def test_counts_are_of_the_samples_of_the_table(larger: Made) -> None:
    qc = OpenStudy(larger.folder).lake.frame("core.variant_qc")
    n = qc[["n_hom_ref", "n_het", "n_hom_alt", "n_missing"]].sum(axis=1)
    assert n.tolist() == [len(SAMPLES)] * len(RECORDS)


def test_their_number_is_counted_and_shown(larger: Made) -> None:
    lake = OpenStudy(larger.folder).lake
    held = lake.frame("raw.callset_sample")
    assert list(held.loc[~held["is_listed"], "sample_id"]) == list(OTHERS)
    (receipt,) = (r for r in lake.receipts() if r.table_name == "raw.callset_sample")
    assert receipt.counts["n_unlisted"] == len(OTHERS)
    with dg.DagsterInstance.from_config(str(larger.folder.dagster_home)) as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(["raw", "callset_sample"]))
    assert event is not None
    assert event.asset_materialization is not None
    assert event.asset_materialization.metadata["n_unlisted"].value == len(OTHERS)
    told = alsrev("validate", larger.folder.root)
    assert told.exit_code == 0
    assert told.stdout == (
        "callset joint: left out 3 sample(s), not in the table of samples\nno problem found\n"
    )


def test_a_stranger_who_gets_a_row_is_stale_and_one_cell_of_a_row_is_not(larger: Made) -> None:
    path = larger.folder.root / "samples.csv"
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(text.replace("batch_0", "batch_9", 1), encoding="utf-8")
        assert "raw.callset_sample" not in plan(OpenStudy(larger.folder)).reasons
        row = f"{OTHERS[0]},personA,joint,StAR,,blood,,\n"
        path.write_text(text + row, encoding="utf-8")
        assert "raw.callset_sample" in plan(OpenStudy(larger.folder)).reasons
    finally:
        path.write_text(text, encoding="utf-8")


def test_without_the_key_each_is_a_problem_that_names_it(tmp_path: Path) -> None:
    found = validate(write_study(tmp_path, files={VCF: larger_vcf()})).problems
    assert len(found) == len(OTHERS)
    assert "a sample in no row of samples.csv; expected a row for every sample" in str(found[0])
    assert (
        "list it under exclude with the reason, or give callset joint 'unlisted_samples: exclude', "
        "which leaves all such samples out"
    ) in str(found[0])


def test_a_sample_with_a_row_of_another_callset_is_a_problem_all_the_same(tmp_path: Path) -> None:
    callsets = {
        "joint": {**JOINT, "unlisted_samples": "exclude"},
        "later": {"files": "genotypes/later.vcf", "unlisted_samples": "exclude"},
    }
    later = vcf_text([f"{' '.join(RECORDS[0].split()[:5])} 0/1 0/1"], ["vialI", OTHERS[0]])
    files = {
        VCF: larger_vcf().replace(OTHERS[2], "vialI"),
        "genotypes/later.vcf": later,
        "samples.csv": samples_text() + "vialI,personA,later,StAR,,blood,,\n",
    }
    told = [
        str(p) for p in validate(write_study(tmp_path, callsets=callsets, files=files)).problems
    ]
    assert len(told) == 2
    assert any("a sample that has a row, but not one of callset joint" in text for text in told)
    assert any("found the same sample name as in joint.chr4.vcf" in text for text in told)
