"""A batch artefact that is planted is caught, in every way it shows; without it all is quiet."""

from pathlib import Path

import pandas as pd
import pytest

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.open_study import OpenStudy
from assets import audit, control_scan, lead_artefact, masking
from tests.graph.at_work import run_here
from tests.graph.made_up_cohorts import CAUSAL, N_VARIANT, SHIFTED, write_cohorts

REASON = {"sequencing_site": "cases went to another laboratory"}
KNOWN = {"acknowledged": {"primary": REASON}}
SHOWN_IN = ("result.negative_control", "result.masked_lead")
"""Tables in which an artefact shows; the leads and the control scan are under them."""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> OpenStudy:
    """The study with the artefact, acknowledged where the audit asks for it."""
    folder = write_cohorts(tmp_path_factory.mktemp("planted"), is_planted=True, audit=KNOWN)
    run_here(folder, *SHOWN_IN)
    return OpenStudy(folder)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> OpenStudy:
    """The same people at sites of chance, without an artefact."""
    folder = write_cohorts(tmp_path_factory.mktemp("clean"), is_planted=False)
    run_here(folder, *SHOWN_IN)
    return OpenStudy(folder)


def leads(work: OpenStudy) -> pd.DataFrame:
    return work.lake.frame("result.lead_variant").query("contrast == 'primary'")


def test_the_site_is_aligned_and_stops_the_run_until_it_is_acknowledged(tmp_path: Path) -> None:
    with pytest.raises(AlsrevError, match=r"primary: sequencing_site is aligned with case status"):
        run_here(write_cohorts(tmp_path, is_planted=True), *SHOWN_IN)


def test_only_the_contrast_whose_sides_went_to_other_sites_is_marked(planted: OpenStudy) -> None:
    marks = planted.lake.frame("result.confounding_mark").set_index("contrast")
    assert marks["is_confounded"].to_dict() == {"primary": True, "combined": False}
    assert marks.loc["primary", "confounded_by"] == "sequencing_site"


def test_the_control_scan_is_loud_at_the_planted_variants_and_nowhere_else(
    planted: OpenStudy,
) -> None:
    row = planted.lake.frame("result.negative_control").iloc[0]
    frame = planted.lake.frame("result.control_scan")
    loud = set(frame.loc[frame["p_value"] < row["bonferroni_p_max"], "variant_id"])
    assert len(loud) >= 5
    assert loud <= SHIFTED
    assert row["n_below_bonferroni"] == len(loud)
    assert not control_scan.control_cohorts_do_not_differ.judge(planted).passed


def test_an_artefact_leads_and_the_controls_and_the_mask_say_what_it_is(
    planted: OpenStudy,
) -> None:
    found = leads(planted).set_index("variant_id")
    artefact = found.index.intersection(sorted(SHIFTED))
    assert len(artefact) >= 3
    assert (found.loc[artefact, "control_p_value"] < 0.05).mean() > 0.9
    told = lead_artefact.leads_are_alike_among_controls.judge(planted)
    assert not told.passed
    masked = planted.lake.frame("result.masked_lead").query("contrast == 'primary'")
    by_site = masked[masked["factor"] == "sequencing_site"].set_index("variant_id")
    assert (by_site.loc[artefact, "masking_status"] == "vanishes").mean() > 0.7
    assert set(by_site["n_case_left"]) == {12}
    assert set(by_site["n_control_left"]) == {60}
    assert "vanish within the levels of sequencing_site" in (
        masking.leads_hold_when_a_factor_is_masked.judge(planted).description
    )


def test_a_true_effect_holds_within_the_site_and_among_controls(planted: OpenStudy) -> None:
    true = leads(planted).set_index("variant_id").loc[CAUSAL]
    assert true["p_value"] < 1e-6
    assert true["control_p_value"] > 1e-3
    masked = planted.lake.frame("result.masked_lead").query("contrast == 'primary'")
    row = masked.query("variant_id == @CAUSAL and factor == 'sequencing_site'").iloc[0]
    assert row["masking_status"] == "holds"
    assert row["odds_ratio"] > 1


def test_without_an_artefact_all_is_quiet_and_the_true_effect_is_found(clean: OpenStudy) -> None:
    assert audit.case_status_is_not_a_technical_factor.judge(clean).passed
    assert control_scan.control_cohorts_do_not_differ.judge(clean).passed
    assert lead_artefact.leads_are_alike_among_controls.judge(clean).passed
    assert not clean.lake.frame("result.lead_variant")["is_confounded"].any()
    row = clean.lake.frame("result.negative_control").iloc[0]
    assert row["n_variant_tested"] == N_VARIANT
    assert 0.5 < row["lambda_gc"] < 1.6
    masked = clean.lake.frame("result.masked_lead").query("variant_id == @CAUSAL")
    by_factor = masked.drop_duplicates("factor").set_index("factor")["masking_status"]
    assert by_factor.to_dict() == {
        "batch": "unknown",
        "callset": "one_level",
        "sequencing_site": "holds",
        "tissue": "one_level",
    }
