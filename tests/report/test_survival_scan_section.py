"""The scan of time to an event on the page."""

import re

import pandas as pd
from made_up_report import VARIANT, context

from alsrev_dagster.report import render_report
from alsrev_dagster.report.survival_scan_section import SurvivalScanSection
from alsrev_dagster.vocabulary import table

CAVEAT = "descriptive, not incidence: cases were chosen because they recovered; circular"


def section(**changed: object) -> SurvivalScanSection:
    shared = {
        "event": "recovery", "genetic_model": "dominant", "definition": "bedlack2016_large",
        "time_origin": "onset", "n": 259, "n_event": 45, "strata": "cohort", "caveat": CAVEAT,
        "is_confounded": True, "confounded_by": "tissue",
    }  # fmt: skip
    best = {
        **shared, "variant_id": VARIANT, "n_hom_ref": 163, "n_het": 88, "n_hom_alt": 8,
        "n_missing": 2, "n_event_hom_ref": 13, "n_event_het": 29, "n_event_hom_alt": 3,
        "hazard_ratio": 3.353, "ci_lower": 1.731, "ci_upper": 6.88, "p_value": 2.61e-4,
        "firth_p_value": 2.61e-4, "saddlepoint_p_value": 2.03e-4, "method": "cox_firth_lrt",
        "fit_status": "ok", **changed,
    }  # fmt: skip
    inflation = {
        **shared, "n_inflation_variant": 1000, "lambda_gc": 1.083, "n_permutation": 99,
        "lambda_lower": 0.917, "lambda_upper": 1.114,
    }  # fmt: skip
    frames = {
        "best": (best, "result.survival_scan"),
        "inflation": (inflation, "result.survival_inflation"),
    }
    return SurvivalScanSection(
        **{
            name: pd.DataFrame([{**dict.fromkeys(table(of).column_names), **row}])
            for name, (row, of) in frames.items()
        }
    )


def text_of(**changed: object) -> str:
    """Words of the section."""
    page = render_report(context(survival_scan=section(**changed)))
    part = page.split('id="survival-scan"')[1].split("</section>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part))


def test_every_number_of_the_scan_is_on_the_page_with_its_caveat() -> None:
    text = text_of()
    for said in (
        VARIANT, "dominant", "259", "45", "96", "32", "3.4 (1.73 to 6.9)", "cases were chosen",
        "1.08", "0.92", "1.11", "99 times", "1,000 variants", "confounded",
    ):  # fmt: skip
        assert said in text, said


def test_variant_without_a_fit_has_a_dash() -> None:
    text = text_of(
        hazard_ratio=None, ci_lower=None, ci_upper=None, firth_p_value=None, fit_status="screened"
    )
    assert "screened" in text
    assert "None" not in text


def test_study_without_a_scan_says_so() -> None:
    page = render_report(context())
    assert "No variant was scanned for time to an event" in page
