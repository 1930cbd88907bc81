"""Mixture models on the German breast cancer study (686 women; lifelines ships it as gbsg2).

Stata's strsmix and the R package flexsurvcure, as printed in flexsurvcure's own tests and vignette
(1.3.1): flexsurvcure(Surv(rectime, censrec) ~ 1 or ~ group, data = bc, link = "logistic", dist =
"weibullPH" or "lnorm"). Their coefficients are of never having the event: our sign is the other.
``group`` is by thirds of the prognostic index of Sauerbrei & Royston (1999, JRSS A 162:71, model
III), refitted by Cox regression; that gives the 686 labels of flexsurv's bc.
"""

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_gbsg2

from alsrev_dagster.survival.intervals import Intervals, intervals
from alsrev_dagster.survival.location_scale import Distribution, maximise, model_of
from alsrev_dagster.survival.mixture_cure import mixture_cure
from alsrev_dagster.survival.risk import FloatArray


@pytest.fixture(scope="module")
def women() -> pd.DataFrame:
    return load_gbsg2()


def seen(women: pd.DataFrame) -> Intervals:
    days = women["time"].to_numpy(float)
    return intervals(days, np.where(women["cens"].to_numpy() == 1, days, np.inf))


def index_third(women: pd.DataFrame) -> FloatArray:
    """0 good, 1 medium, 2 poor."""
    age = women["age"].to_numpy(float) / 50
    index = (
        1.742822 * age**-2
        - 7.821063 * age**-0.5
        + 0.517599 * (women["tgrade"] != "I")
        - 1.981863 * np.exp(-0.12 * women["pnodes"])
        - 0.058193 * np.sqrt(women["progrec"] + 1)
        - 0.394567 * (women["horTh"] == "yes")
    ).to_numpy(float)
    return np.searchsorted([229, 458], index.argsort().argsort(), side="right").astype(float)


@pytest.mark.parametrize(
    ("distribution", "printed", "error"),
    [
        # Stata: pi -.4731367 (.1641441), ln_lambda -11.10519, ln_gamma .448163 (.0576425)
        ("weibull", (0.4731367, 0.448163), (0.1641441, 0.0576425)),
        # Stata: identity link, pi .2774585, mu 6.982433 (.1304159), ln_sigma -.093395 (.0800746)
        ("log_normal", (-np.log(0.2774585 / (1 - 0.2774585)), 0.093395), (np.nan, 0.0800746)),
    ],
)
def test_without_covariates_is_stata(
    women: pd.DataFrame,
    distribution: Distribution,
    printed: tuple[float, float],
    error: tuple[float, float],
) -> None:
    one = np.ones((len(women), 1))
    fit = maximise(model_of(seen(women), one, one, distribution, "none"), np.array([7.0, 0, 0]))
    spread = np.sqrt(np.diag(np.linalg.inv(fit.information)))
    assert [fit.parameter[2], -fit.parameter[1]] == pytest.approx(printed, abs=5e-6)
    assert spread[1] == pytest.approx(error[1], abs=5e-6)
    if distribution == "weibull":
        assert spread[2] == pytest.approx(error[0], abs=5e-6)
        log_lambda = -fit.parameter[0] * np.exp(-fit.parameter[1])
        assert log_lambda == pytest.approx(-11.10519, abs=5e-6)
    else:
        assert [fit.parameter[0], spread[0]] == pytest.approx([6.982433, 0.1304159], abs=1e-6)


def test_by_prognostic_group_is_flexsurvcure(women: pd.DataFrame) -> None:
    third = index_third(women)
    fit = mixture_cure(
        seen(women),
        third == 1,
        (third == 2)[:, None],
        is_penalised=False,
        is_time_by_carrier=False,
    )
    error = np.sqrt(np.diag(fit.covariance))
    assert fit.log_likelihood == pytest.approx(-2580.012, abs=5e-4)
    assert 1 - fit.recover_probability == pytest.approx(0.673, abs=5e-4)
    assert fit.shape == pytest.approx(1.55, abs=5e-3)
    assert fit.parameter[3:] == pytest.approx([1.23, 3.48], abs=5e-3)
    assert error[3:] == pytest.approx([0.264, 1.06], abs=5e-3)
    assert fit.fit_status == "ok"


def test_survival_by_prognostic_group_is_the_printed_one(women: pd.DataFrame) -> None:
    """summary(cure_model, t = c(1000, 2000, 3000)), printed to eight digits."""
    third, days = index_third(women), np.array([1000.0, 2000, 3000])
    fit = mixture_cure(
        seen(women), third == 1, (third == 2)[:, None], is_penalised=False, is_time_by_carrier=False
    )
    intercept, log_sigma, *odds = fit.parameter
    alive = np.exp(-np.exp((np.log(days) - intercept) / np.exp(log_sigma)))
    for effect, printed in (
        (0.0, [0.83251996, 0.71313032, 0.67959584]),
        (odds[1], [0.68057306, 0.45286672, 0.38890796]),
        (odds[2], [0.51803653, 0.17446456, 0.07796116]),
    ):
        ever = 1 / (1 + np.exp(-(odds[0] + effect)))
        assert 1 - ever + ever * alive == pytest.approx(printed, abs=2e-4)
