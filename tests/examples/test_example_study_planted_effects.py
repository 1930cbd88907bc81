"""The effects that are planted in the example study are there, over many seeds."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from scipy.stats import binom
from simulation import SimulatedStudy, cohort_rng, draw_cohort
from simulation.people import draw_cohorts
from simulation.planted import (
    CARRIER_CASE_ODDS_RATIO,
    CARRIER_IGFBP7_RATIO,
    CARRIER_RECOVERY_HAZARD_RATIO,
)

from alsrev_dagster.clinical.alsfrsr import alsfrsr
from alsrev_dagster.clinical.recovery import outcome
from alsrev_dagster.stats.firth import firth_logistic
from alsrev_dagster.study import RECOVERY_PRESETS

N_CASE_DRAW, N_COHORT = 400, 60
MONTE_CARLO_COVERAGE = 0.999
"""The number of intervals that cover the truth is within this binomial interval."""

LARGEST_ATTENUATION = 0.06
"""Of the log hazard ratio, by waiting for the confirmation; see the example's README."""


def expected_covers(n: int) -> tuple[int, int]:
    least, most = binom.interval(MONTE_CARLO_COVERAGE, n, 0.95)
    return int(least), int(most)


def genotype_counts(dosage: pd.Series, chosen: np.ndarray) -> np.ndarray:
    return np.bincount(dosage[chosen], minlength=3)[None, :]


def test_case_odds_ratio_of_carriers_is_covered_as_often_as_its_interval_says(
    dosage: pd.Series,
) -> None:
    is_case = [
        draw_cohorts(dosage.to_numpy() >= 1, cohort_rng(seed)) == "StAR"
        for seed in range(N_CASE_DRAW)
    ]
    assert {int(case.sum()) for case in is_case} == {22}
    fit = firth_logistic(
        np.array([genotype_counts(dosage, case) for case in is_case]),
        np.array([genotype_counts(dosage, ~case) for case in is_case]),
        (0, 1, 1),
    )
    truth = np.log(CARRIER_CASE_ODDS_RATIO)
    n_cover = int(((fit.ci_lower <= truth) & (truth <= fit.ci_upper)).sum())
    least, most = expected_covers(N_CASE_DRAW)
    assert least <= n_cover <= most
    assert np.median(fit.beta) == pytest.approx(truth, abs=0.15)


@pytest.fixture(scope="module")
def studies(dosage: pd.Series) -> list[SimulatedStudy]:
    return [draw_cohort(dosage, cohort_rng(seed)) for seed in range(N_COHORT)]


@pytest.fixture(scope="module")
def outcomes(studies: list[SimulatedStudy], dosage: pd.Series) -> list[pd.DataFrame]:
    return [recovery(study, dosage) for study in studies]


def recovery(study: SimulatedStudy, dosage: pd.Series) -> pd.DataFrame:
    """Return what a Cox model of confirmed recovery needs, one row per participant at risk."""
    visits = study.visits.assign(q10=pd.NA, source_file="visits.csv", source_line=0)
    people = study.participants
    definition = RECOVERY_PRESETS["bedlack2016_large"]
    frame = outcome(alsfrsr(visits, people), people, definition, "onset")
    frame = frame[frame["exclusion_reason"].isna()].merge(study.samples, on="participant_id")
    numbers = frame[["entry_months", "duration_months"]].astype(float)
    return numbers.assign(
        cohort=frame["cohort"],
        event=frame["event_recovery"].astype(bool),
        carrier=(frame["sample_id"].map(dosage) >= 1).astype(float),
    )


def fit(frame: pd.DataFrame, strata: list[str]) -> CoxPHFitter:
    model = CoxPHFitter()
    model.fit(frame, "duration_months", "event", entry_col="entry_months", strata=strata)
    return model


def test_recovery_hazard_ratio_is_covered_as_often_as_its_interval_says(
    outcomes: list[pd.DataFrame],
) -> None:
    truth = np.log(CARRIER_RECOVERY_HAZARD_RATIO)
    fits = [fit(frame, ["cohort"]) for frame in outcomes]
    interval = np.array([model.confidence_intervals_.loc["carrier"] for model in fits])
    n_cover = int(((interval[:, 0] <= truth) & (truth <= interval[:, 1])).sum())
    least, most = expected_covers(N_COHORT)
    assert least <= n_cover <= most
    estimate = np.array([model.params_["carrier"] for model in fits])
    monte_carlo_error = estimate.std(ddof=1) / np.sqrt(N_COHORT)
    assert abs(estimate.mean() - truth) < 3 * monte_carlo_error


def test_recovery_hazard_ratio_is_hardly_attenuated_by_waiting_for_confirmation(
    outcomes: list[pd.DataFrame],
) -> None:
    """All seeds as one study: free of small-sample bias, which can hide attenuation."""
    model = fit(pd.concat(outcomes, ignore_index=True), ["cohort"])
    attenuation = np.log(CARRIER_RECOVERY_HAZARD_RATIO) - model.params_["carrier"]
    assert abs(attenuation) < LARGEST_ATTENUATION + 2 * model.standard_errors_["carrier"]


def test_cases_recover_and_few_controls_do(outcomes: list[pd.DataFrame]) -> None:
    frame = pd.concat(outcomes)
    is_case = frame["cohort"] == "StAR"
    assert 18 / 22 < frame.loc[is_case, "event"].mean() < 21 / 22
    assert 0.05 < frame.loc[~is_case, "event"].mean() < 0.11


def test_igfbp7_is_lower_in_carriers_and_igf1_is_not(
    studies: list[SimulatedStudy], dosage: pd.Series
) -> None:
    table = pd.concat(
        study.biomarkers.merge(study.samples[["participant_id", "sample_id"]]) for study in studies
    )
    table["carrier"] = table["sample_id"].map(dosage) >= 1
    table["log_value"] = np.log(table["value"])
    mean = table.groupby(["analyte", "carrier"])["log_value"].mean()
    ratio = np.exp(mean.xs(True, level="carrier") - mean.xs(False, level="carrier"))
    assert ratio["IGFBP7"] == pytest.approx(CARRIER_IGFBP7_RATIO, abs=0.02)
    assert ratio["IGF-1"] == pytest.approx(1.0, abs=0.02)
