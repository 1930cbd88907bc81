"""Covariates by name: a run with them, and what is said of those that cannot be fitted."""

from pathlib import Path

import pandas as pd
import pytest

from alsrev_dagster.ingest.validate import validate
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import StudyFolder
from assets import comparison, permutation
from tests.builders import study_text, write_study
from tests.graph.at_work import run_here


def contrast(*covariates: str) -> dict[str, object]:
    return {"primary": {"cases": ["StAR"], "controls": ["PGB"], "covariates": list(covariates)}}


def test_a_contrast_is_adjusted_and_its_rows_say_so(tmp_path: Path) -> None:
    models = {"genetic_models": ["additive", "genotypic"], "refine_p_max": 1.0}
    made = run_here(write_study(tmp_path, contrasts=contrast("sex"), association=models))
    assert made.made
    frame = OpenStudy(made.folder).lake.frame("result.association")
    assert set(frame["covariates"]) == {"sex"}
    assert set(frame["method"]) == {
        "logistic_firth_lrt_adjusted",
        "logistic_firth_lrt_genotypic_adjusted",
    }
    assert frame["p_value"].between(0, 1).all()
    assert set(frame.groupby("variant_id").size()) == {2}
    lead = OpenStudy(made.folder).lake.frame("result.lead_variant")
    assert set(lead["covariates"]) == {"sex"}
    page = made.folder.report.read_text(encoding="utf-8")
    assert "adjusted for covariates" in page


def test_what_the_screen_leaves_is_named(tmp_path: Path) -> None:
    rule = {"genetic_models": ["additive"], "refine_p_max": 1e-9}
    folder = write_study(tmp_path, contrasts=contrast("sex"), association=rule)
    made = run_here(folder, "result.association")
    frame = OpenStudy(made.folder).lake.frame("result.association").set_index("variant_id")
    is_screened = frame["fit_status"] == "screened"
    assert is_screened.any()
    assert frame.loc[is_screened, "beta"].isna().all()
    assert frame["p_value"].notna().all()
    assert set(frame.loc[~is_screened, "method"]) <= {"logistic_firth_lrt_adjusted"}


def test_a_declared_variant_is_fitted_whatever_the_screen_says(tmp_path: Path) -> None:
    rule = {"genetic_models": ["additive", "genotypic"], "refine_p_max": 1e-9}
    folder = write_study(tmp_path, contrasts=contrast("sex"), association=rule)
    made = run_here(folder, "result.lead_variant")
    work = OpenStudy(made.folder)
    key = ["variant_id", "genetic_model"]
    lead = work.lake.frame("result.lead_variant").set_index(key)
    scanned = work.lake.frame("result.association").set_index(key).loc[lead.index]
    assert (scanned["fit_status"] == "screened").any()
    assert set(lead["fit_status"]) <= {"ok", "separated", "monomorphic"}
    additive = lead.xs("additive", level="genetic_model")
    assert additive["ci_lower"].notna().all()
    assert (lead["method"].str.endswith("_adjusted")).all()
    kept = ["n_case_het", "exact_p_value", "score_p_value"]
    pd.testing.assert_frame_equal(lead[kept], scanned[kept])


@pytest.fixture
def work(tiny: StudyFolder) -> OpenStudy:
    text = study_text(contrasts=contrast("age_at_onset_years", "sex"))
    tiny.study_file.write_text(text, encoding="utf-8")
    return OpenStudy(tiny)


def put(work: OpenStudy, **trait: object) -> None:
    frame = work.lake.frame("core.sample_trait")
    work.lake.write("core.sample_trait", frame.assign(**trait))


def test_covariates_that_can_be_fitted_pass_and_few_events_are_told(work: OpenStudy) -> None:
    put(work, age_at_onset_years=[50.0, 61, 55, 70, 52, 66, 58, 49])
    assert comparison.covariates_can_be_fitted.judge(work).passed
    told = comparison.covariates_have_events_enough.judge(work)
    assert told.description == (
        "1 of 1 contrasts have fewer than 5 samples of the smaller side a covariate (expected 0); "
        "primary: 2.0; adjust for fewer, or match on them"
    )


def test_the_check_of_inflation_says_that_it_judges_what_is_not_adjusted(work: OpenStudy) -> None:
    said = "what is judged of primary is the exact test, which is not adjusted for covariates"
    assert said in permutation.inflation_is_what_chance_gives.judge(work).description


@pytest.mark.parametrize(
    ("trait", "said"),
    [
        (
            {"age_at_onset_years": [None, 61.0, 55, None, 52, 66, 58, 49]},
            "'age_at_onset_years' in 2;",
        ),
        ({"age_at_onset_years": 60.0}, "age_at_onset_years"),
        ({"sex": "male"}, "sex"),
    ],
)
def test_what_cannot_be_fitted_is_said_by_name_before_anything_is_tested(
    work: OpenStudy, trait: dict[str, object], said: str
) -> None:
    put(work, **{"age_at_onset_years": [50.0, 61, 55, 70, 52, 66, 58, 49], **trait})
    told = comparison.covariates_can_be_fitted.judge(work)
    assert not told.passed
    assert told.description.startswith(
        "1 of 1 contrasts have covariates that cannot be fitted (expected 0); "
        "contrasts.primary.covariates: "
    )
    assert pd.Series([told.description]).str.contains(said).all(), told.description
    assert "vial" not in told.description


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"covariates": ["pc4"]}, "covariates pc4, which is more than ancestry.n_pc 2"),
        ({"covariates": ["sex"], "strata": ["sex"]}, "sex is among both strata and covariates"),
    ],
)
def test_covariates_that_are_not_made_or_are_strata_are_refused(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    named = {"primary": {"cases": ["StAR"], "controls": ["PGB"], **change}}
    folder = write_study(tmp_path, contrasts=named, ancestry={"n_pc": 2})
    assert said in "; ".join(str(problem) for problem in validate(folder).problems)


def test_an_unknown_covariate_is_refused_with_the_study(tmp_path: Path) -> None:
    folder = write_study(tmp_path, contrasts=contrast("shoe_size"))
    problems = [str(problem) for problem in validate(folder).problems]
    assert any("contrasts.primary.covariates" in text for text in problems), problems
