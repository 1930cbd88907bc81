"""Sentences on the curves of a variant, and the table of survival after a recovery."""

from typing import Any

import pandas as pd

from alsrev_dagster.report import numerals
from alsrev_dagster.report.curve_sentences import curve_sentences
from alsrev_dagster.report.page import render_report
from tests.report.made_up_report import VARIANT, context

TEST = {
    "variant_id": VARIANT, "genetic_model": "dominant", "event": "recovery", "test": "gray",
    "n": 125, "n_carrier": 20, "n_event": 22, "p_value": 0.0123, "permutation_p_value": None,
    "n_permutation": 999,
}  # fmt: skip
MEAN = {
    "variant_id": VARIANT, "genetic_model": "dominant", "event": "death", "horizon_months": 60.0,
    "n": 125, "p_value": 0.21, "ci_lower": None, "ci_upper": None,
}  # fmt: skip


def made(*changes: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{**TEST, **change} for change in changes])


def means() -> pd.DataFrame:
    rows = [
        {"carrier_group": "carrier", "mean_months": 41.26, "n": 20},
        {"carrier_group": "non_carrier", "mean_months": 38.2, "n": 105},
        {"carrier_group": "difference", "mean_months": 3.06, "ci_lower": -1.7, "ci_upper": 7.8},
    ]
    early = [{**row, "horizon_months": 36.0, "mean_months": 1.0} for row in rows]
    return pd.DataFrame([{**MEAN, **row} for row in (*early, *rows)])


def test_each_test_is_a_sentence_with_its_numbers() -> None:
    log_rank = {"event": "death", "test": "log_rank", "permutation_p_value": 0.004}
    gray, death = curve_sentences(VARIANT, made({}, log_rank), pd.DataFrame())
    assert gray == ("Share recovered, Gray's test: P 0.012 (n = 125, 20 carriers, 22 events).")
    assert "log-rank test: P 0.012, 0.0040 by 999 shuffles of genotypes" in death


def test_codings_and_variants_that_are_not_asked_are_left_out() -> None:
    others = made({"genetic_model": "additive"}, {"variant_id": "chr1-1-A-C"}, {"p_value": None})
    assert curve_sentences(VARIANT, others, pd.DataFrame()) == []


def test_the_difference_in_months_is_of_the_last_horizon() -> None:
    (told,) = curve_sentences(VARIANT, pd.DataFrame(), means())
    assert told == (
        "Months alive by 60 months, mean: carriers 41.3 (n = 20), others 38.2 (n = 105), "
        f"difference 3.06 ({numerals.MINUS}1.70 to 7.80), P 0.21, no strata."
    )


def test_survival_after_a_recovery_is_a_state_on_the_page() -> None:
    row = {
        "analysis": "time_varying", "landmark_months": 0.0, "definition": "bedlack2016_large",
        "n": 125, "n_reversed": 22, "n_event": 60, "n_event_reversed": 4, "hazard_ratio": 0.41,
        "ci_lower": 0.15, "ci_upper": 1.12, "p_value": 0.083, "events_per_term": 60.0,
        "method": "cox_wald", "fit_status": "ok", "strata": "cohort", "time_origin": "onset",
        "caveat": "no effect of recovering", "is_confounded": False, "confounded_by": None,
    }  # fmt: skip
    page = render_report(context(reversal=pd.DataFrame([row])))
    assert "as a state that begins when it is confirmed" in page
    assert "0.41 (0.15 to 1.12)" in page
    assert "no effect of recovering" in page
    assert "would look protective by that alone" in page
