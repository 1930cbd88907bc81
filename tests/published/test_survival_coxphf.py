"""Firth's Cox model against coxphf, and against firthmodels on its own.

coxphf and firthmodels take Breslow's ties; without ties Efron's is the same. The data are made
by numpy's generator in firthmodels' tests (make_cox_separation_data), where coxphf's answers are
quoted: x0 separates, for nobody without it has the event.
"""

import numpy as np
import pandas as pd
import pytest
from firthmodels.cox import FirthCoxPH

from alsrev_dagster.survival.cox_data import CoxData, cox_data
from alsrev_dagster.survival.firth_cox import firth_cox

NAMES = ("x0", "x1", "x2", "x3")


def separated(seed: int = 42, n: int = 100) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x0 = rng.choice([0, 1], n, p=[0.35, 0.65])
    x1, x2 = rng.standard_normal(n), rng.uniform(-1, 1, n)
    x3 = rng.choice([0, 1], n, p=[0.6, 0.4])
    eta = np.column_stack([x0, x1, x2, x3]) @ np.array([0.0, 0.5, -0.3, 0.7])
    until = rng.exponential(1 / (0.1 * np.exp(eta)))
    censored = rng.exponential(scale=15.0, size=n)
    return pd.DataFrame(
        {
            "x0": x0,
            "x1": x1,
            "x2": x2,
            "x3": x3,
            "entry_months": 0.0,
            "duration_months": np.minimum(until, censored),
            "event": (until <= censored) & (x0 == 1),
        }
    )


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_monotone_likelihood_is_that_of_coxphf(ties: str) -> None:
    fit = firth_cox(cox_data(separated(), NAMES), ties=ties)  # type: ignore[arg-type]
    assert fit.fit_status == "separated"
    expected = [3.8815800583, 0.6042066427, -0.4202139201, 1.0415063080]
    np.testing.assert_allclose(fit.coefficient, expected, rtol=1e-6)
    expected = [1.4430190269, 0.1599607483, 0.2541800107, 0.3128784410]
    np.testing.assert_allclose(fit.standard_error, expected, rtol=1e-6)
    ratio = 2 * (fit.log_likelihood - fit.log_likelihood_null)
    assert ratio == pytest.approx(57.6071, abs=5e-5)
    expected = [7.318984974e-09, 1.686334002e-04, 9.295083722e-02, 8.463066114e-04]
    np.testing.assert_allclose(fit.p_value, expected, rtol=2e-6)
    expected = [1.9343469272, 0.2921186188, -0.9217200647, 0.4348431279]
    np.testing.assert_allclose(np.log(fit.ci_lower), expected, rtol=2e-6)
    expected = [8.7215676015, 0.9164270978, 0.0699415336, 1.6550461482]
    np.testing.assert_allclose(np.log(fit.ci_upper), expected, rtol=2e-6)


def test_three_people_of_the_manual() -> None:
    """example(coxphf): the likelihood is monotone; two carriers have the event first."""
    three = pd.DataFrame({"duration_months": [1, 2, 3], "event": True, "x": [1, 1, 0]})
    data = cox_data(three.assign(entry_months=0.0), ["x"])
    fit = firth_cox(data)
    theirs = firthmodels_fit(data)
    assert fit.fit_status == "separated"
    assert fit.coefficient[0] == pytest.approx(theirs.coef_[0], abs=1e-6)


def firthmodels_fit(data: CoxData) -> FirthCoxPH:
    model = FirthCoxPH(backend="numpy", gtol=1e-6, xtol=1e-8, max_iter=200)
    return model.fit(data.covariate, (data.event, data.duration_months)).lrt()


@pytest.mark.parametrize("seed", range(3))
def test_breslow_ties_are_those_of_firthmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "entry_months": 0.0,
            "duration_months": rng.integers(1, 9, 60),
            "event": rng.random(60) < 0.5,
            "carrier": rng.random(60) < 0.15,
            "age": rng.normal(60, 10, 60),
        }
    )
    data = cox_data(frame, ["carrier", "age"])
    ours, theirs = firth_cox(data, ties="breslow"), firthmodels_fit(data)
    np.testing.assert_allclose(ours.coefficient, theirs.coef_, atol=1e-7)
    np.testing.assert_allclose(ours.standard_error, theirs.bse_, rtol=1e-6)
    np.testing.assert_allclose(ours.p_value, theirs.lrt_pvalues_, rtol=1e-6)
    interval = theirs.conf_int(method="pl")
    np.testing.assert_allclose(np.log(ours.ci_lower), interval[:, 0], atol=1e-5)
    np.testing.assert_allclose(np.log(ours.ci_upper), interval[:, 1], atol=1e-5)
