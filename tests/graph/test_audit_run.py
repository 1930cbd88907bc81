"""Two control cohorts and an external table, from files to the leads that they stand beside."""

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.association import evidence
from alsrev_dagster.stats.external_frequency import frequency_z
from assets import control_scan, external, lead_artefact
from tests.builders import write_study
from tests.graph.at_work import run_here

LEAD = "chr4-57110321-G-A"
AUDITED = ("result.negative_control", "result.lead_variant")
"""Tables whose rows are audited; the scans and the external table are under them."""
TABLE = """\
chrom,pos,ref,alt,allele_freq,allele_number
chr4,5,A,G,0.5,1000
chr4,57110321,G,A,0.1,1000
chr4,57120000,T,C,0.3,1000
chr4,57130000,T,C,0.3,1000
chr4,57140000,T,TA,0.3,
chr4,90000000,C,G,0.3,1000
"""
"""Elsewhere; as the study; swapped; on the other strand; as the study; one of the two."""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> OpenStudy:
    """The tiny study with its last two controls in a second cohort."""
    two = [(f"vial{x},person{x},joint,PGB", f"vial{x},person{x},joint,TargetALS") for x in "GH"]
    folder = write_study(
        tmp_path_factory.mktemp("two"),
        replace={"samples.csv": two},
        files={"gnomad.csv": TABLE},
        external_frequency={"file": "gnomad.csv", "ancestry": "EUR"},
        contrasts={
            "primary": {"cases": ["StAR"], "controls": ["PGB"]},
            "combined": {"cases": ["StAR"], "controls": ["PGB", "TargetALS"]},
        },
    )
    run_here(folder, *AUDITED)
    return OpenStudy(folder)


def test_the_control_scan_is_the_scan_of_one_cohort_against_the_other(work: OpenStudy) -> None:
    frame = work.lake.frame("result.control_scan")
    assert set(zip(frame["cohort_1"], frame["cohort_2"], strict=True)) == {("PGB", "TargetALS")}
    assert len(frame) == 4 * 3, "four variants pass, under three models"
    row = frame[frame["variant_id"] == "chr4-57130000-A-G"].set_index("genetic_model")
    # E, F: 0/1 0/0; G, H: 1/1 0/1
    found = evidence(np.array([[[1, 1, 0]]]), np.array([[[0, 1, 1]]]), "additive")
    assert row.loc["additive", "p_value"] == found.p_value[0]
    assert row.loc["additive", "exact_p_value"] == found.exact_p_value[0]
    assert row.loc["additive", "odds_ratio"] == found.odds_ratio[0] < 1
    assert row.loc["additive", ["n_called_1", "n_called_2"]].tolist() == [2, 2]
    assert row.loc["additive", ["allele_count_1", "allele_count_2"]].tolist() == [1, 3]


def test_the_negative_control_adds_the_scan_up(work: OpenStudy) -> None:
    frame = work.lake.frame("result.negative_control").set_index("genetic_model")
    assert frame["n_variant_tested"].tolist() == [4, 4, 2]  # two have no homozygote of ALT
    assert frame["bonferroni_p_max"].iloc[0] == pytest.approx(0.05 / 10)
    assert frame["n_below_bonferroni"].sum() == 0
    found = control_scan.control_cohorts_do_not_differ.judge(work)
    assert found.passed
    assert "PGB v TargetALS: additive 0 variants, lambda" in found.description


def test_each_lead_has_the_p_between_controls_under_its_own_model(work: OpenStudy) -> None:
    lead = work.lake.frame("result.lead_variant").query("variant_id == @LEAD")
    scan = work.lake.frame("result.control_scan").query("variant_id == @LEAD")
    varies = scan[scan["fit_status"] != "monomorphic"]
    p_value = varies.set_index("genetic_model")["p_value"].to_dict()
    assert p_value
    for row in lead.to_dict("records"):
        expected = p_value.get(row["genetic_model"])
        told = row["control_p_value"]
        assert pd.isna(told) if expected is None else told == expected
        assert row["missing_p_value"] == 1
    assert len(lead) == 6


def test_controls_are_held_against_the_external_table(work: OpenStudy) -> None:
    frame = work.lake.frame("result.external_frequency").query("variant_id == @LEAD")
    row = frame.set_index("contrast").loc["combined"]
    assert (row["n_control_called"], row["allele_count"], row["allele_number"]) == (4, 1, 8)
    z = frequency_z(np.array([1]), np.array([8]), np.array([0.1]), np.array([1000.0]))[0]
    assert row["external_z"] == z
    assert row["external_ancestry"] == "EUR"
    assert frame.set_index("contrast").loc["primary", "n_control_called"] == 2
    told = work.lake.frame("result.lead_variant").query("variant_id == @LEAD")
    assert set(told.loc[told["contrast"] == "combined", "external_z"]) == {z}
    assert set(told["external_allele_freq"]) == {0.1}
    assert lead_artefact.leads_have_the_external_frequency.judge(work).passed
    assert external.controls_have_the_external_frequency.judge(work).passed


def test_alleles_that_differ_are_told_by_how_and_never_joined(work: OpenStudy) -> None:
    found = external.external_alleles_agree.judge(work)
    assert found.description == (
        "3 of 4 variants of the external table differ in REF from the study's (expected 0); 1 with "
        "REF and ALT swapped; 1 on the other strand; 1 at A/T or C/G, where swapped and other "
        "strand cannot be told apart; the table looks like one of another build than GRCh38"
    )
    joined = set(work.lake.frame("result.external_frequency")["variant_id"])
    assert joined <= {LEAD, "chr4-57140000-T-TA"}
    receipt = work.lake.receipt("raw.external_allele", "chr4")
    assert receipt is not None
    assert (receipt.counts["n_record"], receipt.counts["n_elsewhere"]) == (6, 1)


def test_a_table_that_is_taken_away_leaves_nothing_behind(work: OpenStudy) -> None:
    text = work.folder.study_file.read_text(encoding="utf-8")
    kept, _, _ = text.partition("external_frequency:")
    work.folder.study_file.write_text(kept, encoding="utf-8")
    run_here(work.folder, *AUDITED)
    again = OpenStudy(work.folder)
    assert not again.lake.files("raw.external_allele")
    assert again.lake.frame("result.external_frequency").empty
    assert again.lake.frame("result.lead_variant")["external_z"].isna().all()
    assert external.external_alleles_agree.judge(again).passed
