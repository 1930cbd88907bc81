"""Cox models of a genotype: what they count, which method they take, what they say when they can't."""

import time

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.carrier_model import CarrierModel, GeneticModel, carrier_model
from alsrev_dagster.survival.cox_data import cox_data
from alsrev_dagster.survival.cox_fit import cox_fit
from alsrev_dagster.survival.cox_likelihood import likelihood, peak
from alsrev_dagster.survival.firth_cox import firth_cox
from alsrev_dagster.survival.proportional_hazards import proportional_hazards_p
from tests.survival.carrier_cox import carrier_cox
from tests.survival.cox_by_hand import cohort

GENETIC_MODELS: tuple[GeneticModel, ...] = ("additive", "dominant", "recessive")


def genotyped(seed: int, n: int = 200, *, missing: float = 0.05) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    dosage = rng.binomial(2, 0.4, n).astype(float)
    dosage[rng.random(n) < missing] = np.nan
    return cohort(seed, n).assign(dosage=dosage)


def test_counts_are_of_people_with_a_call() -> None:
    frame = genotyped(1)
    fit = carrier_model(frame, "additive", strata=["site"])
    called = frame[frame["dosage"].notna()]
    assert (fit.n, fit.n_missing) == (len(called), frame["dosage"].isna().sum())
    assert sum(fit.n_by_genotype) == fit.n
    assert sum(fit.n_event_by_genotype) == fit.n_event == called["event"].sum()
    n_event_het = int((called["event"] & (called["dosage"] == 1)).sum())
    assert fit.n_event_by_genotype[1] == n_event_het


def test_dominant_is_the_model_of_carriers() -> None:
    frame = genotyped(2, missing=0.0).assign(carrier=lambda f: f["dosage"] > 0)
    new, old = carrier_model(frame, "dominant", strata=["site"]), carrier_cox(frame, ("site",))
    assert (new.method, new.fit_status, old.fit_status) == ("cox_wald", "ok", "ok")
    for name in ("coefficient", "standard_error", "ci_lower", "ci_upper", "p_value"):
        assert getattr(new, name) == pytest.approx(getattr(old, name), rel=1e-9)
    assert new.proportional_hazards_p == pytest.approx(old.proportional_hazards_p, rel=1e-5)


def test_recessive_counts_two_alleles_only() -> None:
    frame = genotyped(3, missing=0.0)
    fit = carrier_model(frame, "recessive")
    by_hand = carrier_cox(frame.assign(carrier=frame["dosage"] == 2))
    assert fit.coefficient == pytest.approx(by_hand.coefficient, abs=1e-9)


@pytest.mark.parametrize("genetic_model", GENETIC_MODELS)
def test_swapped_alleles_negate_the_coefficient(genetic_model: GeneticModel) -> None:
    frame = genotyped(4)
    other: dict[GeneticModel, GeneticModel] = {"dominant": "recessive", "recessive": "dominant"}
    fit = carrier_model(frame, genetic_model)
    swapped = frame.assign(dosage=2 - frame["dosage"])
    back = carrier_model(swapped, other.get(genetic_model, "additive"))
    assert back.coefficient == pytest.approx(-fit.coefficient, abs=1e-6)
    assert back.p_value == pytest.approx(fit.p_value, rel=1e-5)
    assert back.n_by_genotype == fit.n_by_genotype[::-1]


def test_few_events_for_the_terms_are_penalised() -> None:
    frame = genotyped(5, 120)
    frame["event"] &= np.random.default_rng(5).random(120) < 0.4
    fit = carrier_model(frame, "additive", covariates=["age", "male"], strata=["site"])
    assert fit.events_per_term == pytest.approx(fit.n_event / 3)
    assert fit.events_per_term < 10
    assert fit.method == "cox_firth_lrt"
    called = frame[frame["dosage"].notna()]
    data = cox_data(called, ["dosage", "age", "male"], strata=["site"])
    firth = firth_cox(data)
    assert fit.coefficient == pytest.approx(firth.coefficient[0], abs=1e-9)
    assert (fit.ci_lower, fit.ci_upper) == pytest.approx((firth.ci_lower[0], firth.ci_upper[0]))
    few = carrier_model(frame, "additive", covariates=["age"], events_per_term_min=2)
    assert few.method == "cox_wald"


@pytest.mark.parametrize(("up", "direction"), [(True, 1), (False, -1)])
def test_separation_has_a_direction_and_finite_numbers(up: bool, direction: int) -> None:
    frame = genotyped(6, missing=0.0)
    frame["event"] &= (frame["dosage"] > 0) == up
    fit = carrier_model(frame, "dominant", covariates=["age"], strata=["site"])
    assert (fit.fit_status, fit.separation) == ("separated", direction)
    assert fit.method == "cox_firth_lrt"
    assert np.isfinite([fit.hazard_ratio, fit.ci_lower, fit.ci_upper, fit.p_value]).all()
    assert np.isnan(fit.proportional_hazards_p)


def test_weighted_model_is_robust_and_never_penalised() -> None:
    frame = genotyped(7, 60).assign(weight=lambda f: np.where(f["event"], 1.0, 5.0))
    fit = carrier_model(frame, "additive", covariates=["age", "male"], weight="weight")
    assert (fit.method, fit.fit_status) == ("cox_robust_wald", "ok")


def test_nobody_with_the_event_and_nobody_with_the_allele() -> None:
    frame = genotyped(8)
    nobody = carrier_model(frame.assign(event=False), "additive")
    assert nobody.fit_status == "no_events"
    alike = carrier_model(frame.assign(dosage=1), "additive")
    assert alike.fit_status == "monomorphic"
    assert np.isnan([nobody.p_value, alike.p_value]).all()


def test_time_of_the_ratio_is_tested_among_the_covariates() -> None:
    frame = genotyped(9, missing=0.0)
    data = cox_data(frame, ["dosage", "age"], strata=["site"])
    fit = carrier_model(frame, "additive", covariates=["age"], strata=["site"])
    expected = proportional_hazards_p(data, cox_fit(data).coefficient)[0]
    assert fit.proportional_hazards_p == pytest.approx(expected, rel=1e-5)


def test_what_cannot_be_is_refused() -> None:
    frame = genotyped(10)
    with pytest.raises(InputDataError, match=r"1 of 200 rows have a dosage such as 3: expected 0"):
        carrier_model(frame.assign(dosage=[3.0, *frame["dosage"][1:]]), "additive")
    with pytest.raises(InputDataError, match=r"covariate 'age' is the same in all \d+ participant"):
        carrier_model(frame.assign(age=60.0), "additive", covariates=["age"])


def test_three_loci_by_three_models_take_seconds() -> None:
    frames = [genotyped(seed, 265) for seed in range(3)]
    carrier_model(frames[0], "additive", covariates=["age"])
    start = time.perf_counter()
    fits = [
        carrier_model(frame, model, covariates=covariates, strata=["site"])
        for frame in frames
        for model in GENETIC_MODELS
        for covariates in ([], ["age", "male"])
    ]
    assert time.perf_counter() - start < 20  # 18 models; about 2 s on an idle core
    assert all(fit.fit_status == "ok" for fit in fits)


# One study in the simulations: 265 people, entry between onset and 24 months, about 22 events.
def entered_late(rng: np.random.Generator, log_ratio: float, n: int = 330) -> pd.DataFrame:
    carrier = rng.random(n) < 0.15
    site = rng.choice(["a", "b"], n, p=[0.7, 0.3])
    hazard = 0.003 * np.exp(log_ratio * carrier) * np.where(site == "a", 1.0, 2.5)
    until = rng.exponential(1 / hazard)
    entry, end = rng.uniform(0, 24, n), rng.uniform(24, 60, n)
    frame = pd.DataFrame(
        {
            "entry_months": entry,
            "duration_months": np.minimum(until, end),
            "event": until <= end,
            "carrier": carrier,
            "site": site,
        }
    )
    return frame[frame["duration_months"] > frame["entry_months"]]


N_STUDY = 300


def few_events(log_ratio: float, seed: int) -> list[tuple[float, float, float]]:
    """P value and interval of the penalised model of each simulated study."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(N_STUDY):
        frame = entered_late(rng, log_ratio)
        frame["event"] &= rng.random(len(frame)) < 0.45
        fit = firth_cox(cox_data(frame, ["carrier"], strata=["site"]))
        found.append((fit.p_value[0], fit.ci_lower[0], fit.ci_upper[0]))
    return found


@pytest.mark.long
def test_a_null_carrier_is_called_as_often_as_it_should_be() -> None:
    p_value = np.array([p for p, _, _ in few_events(0.0, seed=1)])
    least, most = binom.interval(0.999, N_STUDY, 0.05)
    assert least <= (p_value < 0.05).sum() <= most


@pytest.mark.long
def test_interval_with_delayed_entry_covers_the_truth_as_often_as_it_says() -> None:
    truth = 3.0
    n_cover = sum(low <= truth <= high for _, low, high in few_events(np.log(truth), seed=2))
    least, most = binom.interval(0.999, N_STUDY, 0.95)
    assert least <= n_cover <= most


def taken_by_outcome(rng: np.random.Generator) -> pd.DataFrame:
    """Of those with the event all are taken, of the others a quarter."""
    frame = entered_late(rng, np.log(2.0), n=1500)
    is_taken = frame["event"] | (rng.random(len(frame)) < 0.25)
    return frame[is_taken].assign(weight=lambda f: np.where(f["event"], 1.0, 4.0))


@pytest.mark.long
def test_robust_interval_covers_the_truth_when_sampling_goes_by_outcome() -> None:
    rng, n_study, inside, plain = np.random.default_rng(4), 200, 0, []
    for _ in range(n_study):
        frame = taken_by_outcome(rng)
        fit = cox_fit(cox_data(frame, ["carrier"], strata=["site"], weight="weight"))
        inside += int(fit.ci_lower[0] <= 2.0 <= fit.ci_upper[0])
        unweighted = likelihood(cox_data(frame, ["carrier"], strata=["site"]))
        plain.append(float((peak(unweighted).coefficient / unweighted.scale)[0]))
    least, most = binom.interval(0.999, n_study, 0.95)
    assert least <= inside <= most
    assert np.mean(plain) < np.log(2.0) - 3.3 * np.std(plain, ddof=1) / np.sqrt(n_study)


def test_every_field_of_a_model_is_of_its_type() -> None:
    fit = carrier_model(genotyped(12), "additive")
    assert isinstance(fit, CarrierModel)
    assert isinstance(fit.n_event_by_genotype[0], int)
    assert isinstance(fit.p_value, float)
