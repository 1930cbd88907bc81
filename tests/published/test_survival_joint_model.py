"""The joint model on 312 people with liver cirrhosis, against what R's JM prints.

JM 1.5-2: lme(log(serBilir) ~ drug * year, random = ~ year | id, data = pbc2), coxph(Surv(years,
status2) ~ drug, data = pbc2.id, x = TRUE), jointModel(lmeFit, survFit, timeVar = "year"): Weibull
relative risk model, pseudo-adaptive Gauss-Hermite with 5 points, death the event. JM stops when
its likelihood moves by less than 1e-3 a step: its third digit is not settled, hence 2% of a
standard error here. pbc2 is R survival's pbcseq with years of 365.24 days.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.joint_data import Baseline, JointData, carrier_design, joint_data
from alsrev_dagster.survival.joint_likelihood import JointLikelihood
from alsrev_dagster.survival.joint_model import JointFit, joint_model
from alsrev_dagster.survival.two_stage import two_stage

DATA = Path(__file__).parents[1] / "data" / "published"
YEAR = 365.24
# (Intercept), year, drugD-penicil, drugD-penicil:year: our order of the printed four
FIXED = ([0.5594, 0.1865, -0.1334, -0.0038], [0.0827, 0.0189, 0.1162, 0.0255])
DRUG, ASSOCT = (0.0377, 0.1799), (1.2396, 0.0931)
BASELINE = ([-4.4038, 0.0177], [0.2734, 0.0828])
SD, CORRELATION, RESIDUAL_SD, LOG_LIKELIHOOD = (1.0003, 0.1807), 0.4244, 0.3471, -1918.529


def cirrhosis(baseline: Baseline) -> JointData:
    frame = pd.read_csv(DATA / "pbcseq.csv", comment="#")
    person, first = pd.factorize(frame["id"])[0].astype(np.int64), frame.drop_duplicates("id")
    visits = Visits(np.log(frame["bili"].to_numpy()), frame["day"].to_numpy() / YEAR, person)
    drug = first["trt"].to_numpy(dtype=float)
    return joint_data(
        visits,
        carrier_design(drug),
        drug[:, None],
        first["futime"].to_numpy() / YEAR,
        first["status"].eq(2).to_numpy(),
        baseline=baseline,
    )


@pytest.fixture(scope="module")
def fit() -> JointFit:
    return joint_model(cirrhosis("weibull"))


def test_counts_are_the_printed_ones(fit: JointFit) -> None:
    assert (fit.n_visit, fit.n_person, fit.n_event, fit.fit_status) == (1945, 312, 140, "ok")


def test_estimates_are_the_printed_ones(fit: JointFit) -> None:
    for found, (value, error) in zip(
        (fit.fixed, fit.risk, fit.association, fit.baseline),
        (FIXED, DRUG, ASSOCT, BASELINE),
        strict=True,
    ):
        apart = np.abs(found.value - value) / np.asarray(error)
        assert apart.max() < 0.03
        np.testing.assert_allclose(found.standard_error, error, rtol=0.005)


def test_variances_are_the_printed_ones(fit: JointFit) -> None:
    sd = np.sqrt(np.diag(fit.random_covariance))
    np.testing.assert_allclose(sd, SD, atol=2e-4)
    correlation = fit.random_covariance[0, 1] / sd.prod()
    assert correlation == pytest.approx(CORRELATION, abs=2e-3)
    assert fit.residual_sd == pytest.approx(RESIDUAL_SD, abs=1e-4)


def test_likelihood_is_the_printed_one_and_no_lower_at_the_maximum(fit: JointFit) -> None:
    factor = np.linalg.cholesky(
        [[SD[0] ** 2, CORRELATION * SD[0] * SD[1]], [CORRELATION * SD[0] * SD[1], SD[1] ** 2]]
    )
    row = [
        *FIXED[0],
        np.log(RESIDUAL_SD),
        factor[0, 0],
        factor[1, 0],
        factor[1, 1],
        DRUG[0],
        ASSOCT[0],
        *BASELINE[0],
    ]
    printed = JointLikelihood(cirrhosis("weibull"), 9).by_person(np.array(row))[0].sum()
    assert printed == pytest.approx(LOG_LIKELIHOOD, abs=0.02)
    assert LOG_LIKELIHOOD <= fit.log_likelihood < LOG_LIKELIHOOD + 0.02


def test_likelihood_with_seven_pieces_is_the_printed_one() -> None:
    """update(jointFit, method = "piecewise-PH-aGH"): logLik -1915.683 where JM stops; -1915.61 here."""
    found = joint_model(cirrhosis("piecewise"))
    assert len(found.baseline.value) == 7
    assert -1915.683 <= found.log_likelihood < -1915.683 + 0.1


def test_two_stages_find_less_of_the_association(fit: JointFit) -> None:
    found = two_stage(cirrhosis("weibull"))
    assert found.method == "two-stage: biased toward the null"
    assert 0 < found.association.value[0] < fit.association.value[0]
