"""The audit of what else differs between the sides, on sixty people put into a lake."""

import pandas as pd
import pytest

from alsrev_dagster.graph.checks import Finding
from alsrev_dagster.graph.node import NODES
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import Study, StudyFolder
from assets import comparison, survival
from assets.audit import aligned_with_case_status
from tests.builders import study_text
from tests.graph.test_checks import judge

N_CASE, N_CONTROL = 20, 40
N = N_CASE + N_CONTROL


@pytest.fixture
def work(tiny: StudyFolder) -> OpenStudy:
    """Twenty cases and forty controls that share everything."""
    work = OpenStudy(tiny)
    put(work)
    return work


def put(work: OpenStudy, **factor: list[str | None]) -> None:
    """Write sixty people, cases first; a factor's values are given for each of them."""
    ids = {"sample_id": [f"s{i}" for i in range(N)], "participant_id": [f"p{i}" for i in range(N)]}
    same = {"callset": "joint", "sex": "male", "tissue": "blood", "batch": "b1"}
    of_person = {"ancestry": factor.pop("ancestry", ["EUR"] * N), "sex": "male"}
    values = {**same, "sequencing_site": "x", **factor}
    for name, own in (
        ("core.analysis_set", {"is_case": [i < N_CASE for i in range(N)]}),
        ("raw.sample", values),
        ("core.sample_sex", {"sex": values["sex"]}),
        ("raw.participant", of_person),
    ):
        row = work.lake.frame(name).iloc[[0] * N].reset_index(drop=True)
        shared = {key: value for key, value in ids.items() if key in row}
        work.lake.write(name, row.assign(**shared, **own))


def test_people_who_share_everything_are_not_told_apart(work: OpenStudy) -> None:
    assert aligned_with_case_status(work) == []
    found = judge(comparison.case_status_is_not_a_technical_factor, work)
    assert found.passed
    assert found.description == "0 of 6 factors are aligned with case status (expected 0)"


def test_one_control_of_the_cases_tissue_does_not_silence_the_audit(work: OpenStudy) -> None:
    # 21 of the C(60, 20) = 4.19e15 tables of one labelling are as rare
    put(work, tissue=["saliva"] * (N_CASE + 1) + ["blood"] * (N_CONTROL - 1))
    assert aligned_with_case_status(work) == [
        "primary: tissue is aligned with case status (cases saliva; controls blood, saliva; "
        "overlap 0.03, exact P 5.0e-15, 20 cases, 40 controls)"
    ]


@pytest.mark.parametrize("factor", ["callset", "ancestry", "sex"])
def test_callset_ancestry_and_sex_are_asked_about(work: OpenStudy, factor: str) -> None:
    values = ["male"] * N_CASE + ["female"] * N_CONTROL
    put(work, **{factor: values})
    (line,) = aligned_with_case_status(work)
    assert line.startswith(f"primary: {factor} is aligned with case status (cases male; ")


def test_a_factor_that_the_contrast_is_stratified_by_is_not(tiny: StudyFolder) -> None:
    contrast = {"cases": ["StAR"], "controls": ["PGB"], "strata": ["ancestry", "sex"]}
    tiny.study_file.write_text(study_text(contrasts={"primary": contrast}), encoding="utf-8")
    work = OpenStudy(tiny)
    put(work, ancestry=["EUR"] * N_CASE + ["AFR"] * N_CONTROL)
    assert aligned_with_case_status(work) == []
    found = judge(comparison.case_status_is_not_a_technical_factor, work)
    assert found.metadata["n_all"] == 4


def test_a_weak_or_uncertain_difference_is_no_alignment(work: OpenStudy) -> None:
    put(work, tissue=(["saliva"] * 12 + ["blood"] * 8) + (["saliva"] * 12 + ["blood"] * 28))
    assert aligned_with_case_status(work) == []
    put(work, tissue=["saliva", "blood", *[None] * 18, *["blood"] * 3, *[None] * 37])
    assert aligned_with_case_status(work) == []


def test_values_of_a_few_samples_are_counted_not_named(work: OpenStudy) -> None:
    put(work, batch=["b1"] * 17 + ["b2"] * 3 + ["b3"] * 39 + ["b1"])
    (line,) = aligned_with_case_status(work)
    assert "(cases 2 values; controls b1, b3; overlap 0.03" in line


def test_the_thresholds_are_the_studys(work: OpenStudy) -> None:
    assert isinstance(work.study, Study)
    put(work, tissue=["saliva"] * 12 + ["blood"] * 8 + ["saliva"] * 4 + ["blood"] * 36)
    assert len(aligned_with_case_status(work)) == 1
    for key, value in (("confounding_p_max", 1e-9), ("confounding_overlap_max", 0.4)):
        work.folder.study_file.write_text(study_text(quality={key: value}), encoding="utf-8")
        assert aligned_with_case_status(OpenStudy(work.folder)) == []


@pytest.mark.parametrize(("chosen", "said"), [(True, "chosen because"), (False, "who were enro")])
def test_a_caveat_says_of_the_cases_what_the_study_says(
    tiny: StudyFolder, chosen: bool, said: str
) -> None:
    setting = {"cases_chosen_for_recovery": chosen}
    tiny.study_file.write_text(study_text(survival=setting), encoding="utf-8")
    for is_declared in (True, False):
        assert said in survival._caveat(OpenStudy(tiny), is_declared)
    curves = ("result.recovery_curve", "result.survival_curve")
    assert all("survival" in NODES[name].settings for name in curves)


def test_a_pair_without_a_degree_is_told_with_the_places_that_it_needs(tiny: StudyFolder) -> None:
    work = OpenStudy(tiny)
    assert judge(comparison.relatives_are_told_from_strangers, work).passed
    pair = {"sample_id_1": "a", "sample_id_2": "b", "n_variant": 862, "kinship": 0.06}
    rows = [{**pair, "relationship": None}, {**pair, "sample_id_2": "c", "relationship": "x"}]
    work.lake.write("core.kinship", pd.DataFrame(rows))
    assert judge(comparison.relatives_are_told_from_strangers, work) == Finding(
        False,
        "1 of 2 pairs like relatives may be strangers (expected 0): 1 independent places, 511 to "
        "name first degree, 2,048 to name second degree, 8,190 to name third degree",
        {"n_wrong": 1, "n_all": 2, "n_place": 1},
    )
    assert judge(comparison.no_two_samples_are_one_genome, work).description.startswith("4 common")
