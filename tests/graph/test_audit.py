"""The audit of what else differs between the sides, on sixty people put into a lake."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.graph.checks import Finding
from alsrev_dagster.graph.node import NODES
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import StudyFolder
from assets import audit, followed, relatedness
from tests.builders import study_text, write_study
from tests.graph.at_work import run_here

N_CASE, N_CONTROL = 20, 40
N = N_CASE + N_CONTROL


@pytest.fixture
def work(tiny: StudyFolder) -> OpenStudy:
    """Twenty cases and forty controls that share everything."""
    work = OpenStudy(tiny)
    put(work)
    return work


def put(work: OpenStudy, **factor: Any) -> None:
    """Write sixty people, cases first; a factor's values are given for each of them."""
    ids = {"sample_id": [f"s{i}" for i in range(N)], "participant_id": [f"p{i}" for i in range(N)]}
    same = {"callset": "joint", "sex": "male", "tissue": "blood", "batch": "b1"}
    call_rate = factor.pop("call_rate", [1.0] * N)
    mean_depth = factor.pop("mean_depth", [None] * N)
    ancestry = factor.pop("ancestry", ["EUR"] * N)
    pc = {f"pc{k}": factor.pop(f"pc{k}", [None] * N) for k in range(1, 5)}
    stratum = factor.pop("stratum", ["all"] * N)
    values = {**same, "sequencing_site": "x", **factor}
    for name, own in (
        ("core.analysis_set", {"is_case": [i < N_CASE for i in range(N)], "stratum": stratum}),
        ("raw.sample", values),
        ("core.sample_trait", {"sex": values["sex"], "ancestry": ancestry}),
        ("core.sample_qc", {"call_rate": call_rate, "mean_depth": mean_depth}),
        ("core.sample_pc", pc),
    ):
        row = work.lake.frame(name).iloc[[0] * N].reset_index(drop=True)
        shared = {key: value for key, value in ids.items() if key in row}
        work.lake.write(name, row.assign(**shared, **own))
    work.lake.write("result.confounding", audit.confounding_rows(work))


def aligned_factors(work: OpenStudy) -> list[str]:
    return list(audit.aligned(work)["factor"])


def warned(work: OpenStudy) -> str:
    return audit.case_status_is_not_a_technical_factor.judge(work).description


def test_people_who_share_everything_are_not_told_apart(work: OpenStudy) -> None:
    assert aligned_factors(work) == []
    assert warned(work) == "0 of 7 factors are aligned with case status (expected 0)"
    assert audit.confounding_is_acknowledged.judge(work).passed


def test_one_control_of_the_cases_tissue_does_not_silence_the_audit(work: OpenStudy) -> None:
    # 21 of the C(60, 20) = 4.19e15 tables of one labelling are as rare
    put(work, tissue=["saliva"] * (N_CASE + 1) + ["blood"] * (N_CONTROL - 1))
    assert warned(work) == (
        "1 of 7 factors are aligned with case status (expected 0); primary: tissue is aligned "
        "with case status (cases saliva; controls blood, saliva; overlap 0.03, fisher exact P "
        "5.0e-15, 20 cases, 40 controls)"
    )


@pytest.mark.parametrize("factor", ["callset", "ancestry", "sex"])
def test_callset_ancestry_and_sex_are_asked_about(work: OpenStudy, factor: str) -> None:
    values = ["male"] * N_CASE + ["female"] * N_CONTROL
    put(work, **{factor: values})
    assert aligned_factors(work) == [factor]


def test_a_caller_is_asked_about_where_it_is_named(tiny: StudyFolder) -> None:
    callsets = {name: {"files": "genotypes/joint.*.vcf"} for name in ("joint", "other")}
    callers = {"joint": "GATK 4.5", "other": "DeepVariant 1.6"}
    settings = {"callsets": callsets, "audit": {"callers": callers}}
    tiny.study_file.write_text(study_text(**settings), encoding="utf-8")
    work = OpenStudy(tiny)
    put(work, callset=["joint"] * N_CASE + ["other"] * N_CONTROL)
    assert aligned_factors(work) == ["callset", "caller"]
    settings["audit"] = {"callers": {**callers, "other": "GATK 4.5"}}
    tiny.study_file.write_text(study_text(**settings), encoding="utf-8")
    work = OpenStudy(tiny)
    put(work, callset=["joint"] * N_CASE + ["other"] * N_CONTROL)
    assert aligned_factors(work) == ["callset"]


def test_call_rates_that_part_the_sides_are_told_by_their_medians(work: OpenStudy) -> None:
    rates = [0.96 + 0.0001 * i for i in range(N_CASE)] + [0.99 + 0.0001 * i for i in range(40)]
    put(work, call_rate=rates)
    row = audit.aligned(work).iloc[0]
    assert row["factor"] == "call_rate"
    assert (row["case_values"], row["control_values"]) == ("median 0.9609", "median 0.9919")
    # means 0.96095 and 0.99195, variances 35e-8 and 136.667e-8
    assert row["standardised_difference"] == pytest.approx(-0.031 / (85.8333e-8**0.5), rel=1e-4)
    assert pd.isna(row["cramers_v"])


def test_depth_is_asked_about_where_somebody_has_it(work: OpenStudy) -> None:
    depth = [12.0 + 0.1 * i for i in range(N_CASE)] + [30.0 + 0.1 * i for i in range(N_CONTROL)]
    put(work, mean_depth=depth)
    assert aligned_factors(work) == ["mean_depth"]
    put(work, mean_depth=[None] * N_CASE + depth[N_CASE:])
    assert aligned_factors(work) == []
    assert "0 of 8 factors" in warned(work)
    assert "1 could not be judged" in warned(work)


def test_a_factor_that_the_contrast_is_stratified_by_is_not(tiny: StudyFolder) -> None:
    contrast = {"cases": ["StAR"], "controls": ["PGB"], "strata": ["ancestry", "sex"]}
    tiny.study_file.write_text(study_text(contrasts={"primary": contrast}), encoding="utf-8")
    work = OpenStudy(tiny)
    put(work, ancestry=["EUR"] * N_CASE + ["AFR"] * N_CONTROL)
    assert aligned_factors(work) == []
    assert "0 of 5 factors" in warned(work)


def test_a_weak_or_uncertain_difference_is_no_alignment(work: OpenStudy) -> None:
    put(work, tissue=(["saliva"] * 12 + ["blood"] * 8) + (["saliva"] * 12 + ["blood"] * 28))
    assert aligned_factors(work) == []
    put(work, tissue=["saliva", "blood", *[None] * 18, *["blood"] * 3, *[None] * 37])
    assert aligned_factors(work) == []


def test_a_factor_that_one_side_alone_has_is_judged_by_who_has_it(work: OpenStudy) -> None:
    put(work, tissue=[None] * N_CASE + ["blood"] * N_CONTROL)
    row = work.lake.frame("result.confounding").set_index("factor").loc["tissue"]
    assert (row["n_case_known"], row["n_case_unknown"], row["case_values"]) == (0, 20, "none known")
    assert (row["overlap"], row["method"], row["is_aligned"]) == (0, "fisher_exact", True)
    assert "(cases none known; controls blood; overlap 0.00" in warned(work)


def test_what_nobody_has_is_counted_and_not_judged(work: OpenStudy) -> None:
    put(work, tissue=[None] * (N_CASE + N_CONTROL))
    row = work.lake.frame("result.confounding").set_index("factor").loc["tissue"]
    assert pd.isna(row["is_aligned"])
    assert "1 could not be judged: no value is known on a side" in warned(work)


def test_three_against_three_of_other_tissues_are_aligned_however_few(work: OpenStudy) -> None:
    put(work, tissue=["saliva"] * 3 + [None] * 17 + ["blood"] * 3 + [None] * 37)
    assert aligned_factors(work) == ["tissue"]


def test_values_of_a_few_samples_are_counted_not_named(work: OpenStudy) -> None:
    put(work, batch=["b1"] * 17 + ["b2"] * 3 + ["b3"] * 39 + ["b1"])
    assert "(cases 2 values; controls b1, b3; overlap 0.03" in warned(work)


def test_an_estimated_p_is_said_to_be_one(work: OpenStudy) -> None:
    case, control = (["a"] * 10 + ["b"] * 10), [f"c{i % 8}" for i in range(N_CONTROL)]
    put(work, batch=case + control)
    row = audit.aligned(work).iloc[0]
    assert (row["method"], row["n_draw"], row["seed"]) == (
        "freeman_halton_monte_carlo", 9_999, 20240229,
    )  # fmt: skip
    assert "freeman halton monte carlo P 1.0e-04 from 9,999 draws, seed 20240229" in warned(work)


def test_the_thresholds_are_the_studys(work: OpenStudy) -> None:
    # overlap 4/40 + 8/20, P 3.1e-4
    case, control = ["saliva"] * 12 + ["blood"] * 8, ["saliva"] * 3 + ["blood"] * 27 + [None] * 10
    put(work, tissue=case + control)
    assert aligned_factors(work) == ["tissue"]
    for key, value in (("p_max", 1.1e-4), ("overlap_max", 0.4)):
        work.folder.study_file.write_text(study_text(audit={key: value}), encoding="utf-8")
        other = OpenStudy(work.folder)
        other.lake.write("result.confounding", audit.confounding_rows(other))
        assert aligned_factors(other) == []


def test_nothing_is_tested_until_the_study_says_why(work: OpenStudy) -> None:
    put(work, tissue=["saliva"] * N_CASE + ["blood"] * N_CONTROL)
    found = audit.confounding_is_acknowledged.judge(work)
    assert not found.passed
    assert found.description.startswith(
        "1 of 1 factors that are aligned with case status are not acknowledged (expected 0); "
        "primary: tissue is aligned with case status (cases saliva; controls blood; "
    )
    assert found.description.endswith(
        "say under audit.acknowledged in study.yaml, by contrast and factor, why it is so: every "
        "result then bears the mark 'confounded'"
    )
    other = {"acknowledged": {"primary": {"batch": "another one"}}}
    work.folder.study_file.write_text(study_text(audit=other), encoding="utf-8")
    assert not audit.confounding_is_acknowledged.judge(OpenStudy(work.folder)).passed
    stale = audit.acknowledgements_are_needed.judge(OpenStudy(work.folder))
    assert stale.description == (
        "1 of 1 acknowledged factors are not aligned with case status (expected 0); remove from "
        "audit.acknowledged in study.yaml: primary.batch"
    )
    said = {"acknowledged": {"primary": {"tissue": "cases sent saliva"}}}
    work.folder.study_file.write_text(study_text(audit=said), encoding="utf-8")
    again = OpenStudy(work.folder)
    assert audit.confounding_is_acknowledged.judge(again).passed
    assert audit.acknowledgements_are_needed.judge(again).passed
    assert not audit.case_status_is_not_a_technical_factor.judge(again).passed


def test_a_run_stops_before_any_test_and_goes_on_once_it_is_acknowledged(tmp_path: Path) -> None:
    blood = [
        (f",{'female' if i % 2 else 'male'},blood,", f",{'female' if i % 2 else 'male'},saliva,")
        for i in range(4)
    ]
    folder = write_study(tmp_path, replace={"samples.csv": blood})
    with pytest.raises(AlsrevError, match="confounding_is_acknowledged"):
        run_here(folder)
    lake = OpenStudy(folder).lake
    assert lake.files("result.confounding")
    assert not lake.files("result.association")
    assert not lake.files("result.confounding_mark")
    said = {"acknowledged": {"primary": {"tissue": "cases sent saliva"}}}
    folder.study_file.write_text(study_text(audit=said), encoding="utf-8")
    assert run_here(folder).made
    frame = OpenStudy(folder).lake.frame("result.lead_variant")
    assert frame["is_confounded"].all()
    assert set(frame["confounded_by"]) == {"tissue"}
    said["acknowledged"]["primary"]["tissue"] = "said otherwise"
    folder.study_file.write_text(study_text(audit=said), encoding="utf-8")
    printed = run_here(folder).printed
    assert "Made 4 tables and files" in printed, "words remake what shows them, and no result"


def test_a_contrast_that_nothing_marks_is_not_marked(tiny: StudyFolder) -> None:
    lake = OpenStudy(tiny).lake
    for name in ("result.association", "result.lead_variant", "result.recovery_model"):
        frame = lake.frame(name)
        assert len(frame)
        assert not frame["is_confounded"].any()
        assert frame["confounded_by"].isna().all()
    assert "CONFOUNDED" not in tiny.report.read_text(encoding="utf-8")


@pytest.mark.parametrize(("chosen", "said"), [(True, "chosen because"), (False, "who were enro")])
def test_a_caveat_says_of_the_cases_what_the_study_says(
    tiny: StudyFolder, chosen: bool, said: str
) -> None:
    setting = {"cases_chosen_for_recovery": chosen}
    tiny.study_file.write_text(study_text(survival=setting), encoding="utf-8")
    for is_declared in (True, False):
        assert said in followed.caveat_of(OpenStudy(tiny), is_declared)
    curves = ("result.recovery_curve", "result.survival_curve")
    assert all("survival" in NODES[name].settings for name in curves)


def test_a_pair_without_a_degree_is_told_with_the_places_that_it_needs(tiny: StudyFolder) -> None:
    work = OpenStudy(tiny)
    assert relatedness.relatives_are_told_from_strangers.judge(work).passed
    pair = {"sample_id_1": "a", "sample_id_2": "b", "n_variant": 862, "kinship": 0.06}
    rows = [{**pair, "relationship": None}, {**pair, "sample_id_2": "c", "relationship": "x"}]
    work.lake.write("core.kinship", pd.DataFrame(rows))
    assert relatedness.relatives_are_told_from_strangers.judge(work) == Finding(
        False,
        "1 of 2 pairs like relatives may be strangers (expected 0): 1 independent places, 511 to "
        "name first degree, 2,048 to name second degree, 8,190 to name third degree",
        {"n_wrong": 1, "n_all": 2, "n_place": 1},
    )
    assert relatedness.no_two_samples_are_one_genome.judge(work).description.startswith("3 pruned")


def test_descent_by_components_is_asked_about(work: OpenStudy) -> None:
    put(work, pc2=[0.1 + i / 1e4 for i in range(N_CASE)] + [i / 1e4 for i in range(N_CONTROL)])
    assert aligned_factors(work) == ["pc2"]
    assert "1 of 8 factors" in warned(work)
    assert "kolmogorov smirnov exact P" in warned(work)


def test_a_factor_is_asked_about_within_the_strata(tiny: StudyFolder) -> None:
    contrast = {"cases": ["StAR"], "controls": ["PGB"], "strata": ["ancestry"]}
    tiny.study_file.write_text(study_text(contrasts={"primary": contrast}), encoding="utf-8")
    work, n_one = OpenStudy(tiny), N_CASE - 2
    ancestry = ["EUR"] * n_one + ["AFR"] * 2 + ["EUR"] * 10 + ["AFR"] * (N_CONTROL - 10)
    site = ["x" if name == "EUR" else "y" for name in ancestry]
    put(work, sequencing_site=site)
    assert aligned_factors(work) == ["sequencing_site"]
    put(work, sequencing_site=site, ancestry=ancestry, stratum=[f"all/{a}" for a in ancestry])
    assert aligned_factors(work) == []
    found = work.lake.frame("result.confounding").set_index("factor")
    assert found.loc["sequencing_site", ["n_stratum", "overlap"]].tolist() == [2, 1.0]


STRATIFIED = {"primary": {"cases": ["StAR"], "controls": ["PGB"], "strata": ["ancestry"]}}


def test_a_stratum_that_one_side_alone_is_known_of_is_not_passed_over(tiny: StudyFolder) -> None:
    tiny.study_file.write_text(study_text(contrasts=STRATIFIED), encoding="utf-8")
    work, n_small = OpenStudy(tiny), 4
    ancestry = ["EUR"] * (N_CASE - 2) + ["AFR"] * 2 + ["AFR"] * n_small
    ancestry += ["EUR"] * (N_CONTROL - n_small)
    tissue = ["saliva"] * (N_CASE + n_small) + [None] * (N_CONTROL - n_small)
    put(work, tissue=tissue, ancestry=ancestry, stratum=[f"all/{a}" for a in ancestry])
    assert aligned_factors(work) == ["tissue"]


def test_strata_of_one_and_one_that_are_balanced_are_no_alarm(tiny: StudyFolder) -> None:
    tiny.study_file.write_text(study_text(contrasts=STRATIFIED), encoding="utf-8")
    work = OpenStudy(tiny)
    stratum = [f"s{i % 20}" for i in range(N_CASE)] + [f"s{i % 20}" for i in range(20)]
    batch = ["x" if i < 10 else "y" for i in range(20)] + [
        "y" if i < 10 else "x" for i in range(20)
    ]
    rest = N - len(stratum)
    put(work, batch=batch + ["x"] * rest, stratum=stratum + ["alone"] * rest)
    assert aligned_factors(work) == []
