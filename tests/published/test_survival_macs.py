"""Delayed entry, on the Multicenter AIDS Cohort Study sample (78 men; Kleinbaum & Klein).

The data ship with lifelines (load_multicenter_aids_cohort_study): AIDSY, year of AIDS; W,
years from AIDS to entry; T, years to death or censoring; D, died. Numbers marked R are
from R's coxph(Surv(W, T, D) ~ AIDSY), quoted in lifelines' tests; the others computed apart (docs/methods.md).
"""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.datasets import load_multicenter_aids_cohort_study

from alsrev_dagster.survival.cox_data import cox_data
from alsrev_dagster.survival.cox_fit import cox_fit
from alsrev_dagster.survival.cox_lifelines import FIT_OPTIONS
from alsrev_dagster.survival.cox_model import CoxModel
from alsrev_dagster.survival.nonparametric import EventFreeCurve, event_free_curve


@pytest.fixture(scope="module")
def macs() -> pd.DataFrame:
    return load_multicenter_aids_cohort_study()


def curve_of(macs: pd.DataFrame, *, entry: bool) -> EventFreeCurve:
    return event_free_curve(
        macs["T"].to_numpy(),
        macs["D"].to_numpy(dtype=bool),
        macs["W"].to_numpy() if entry else None,
    )


def test_survival_with_delayed_entry_is_lifelines_own(macs: pd.DataFrame) -> None:
    assert curve_of(macs, entry=True).at(0.791) == pytest.approx(0.9540043290043292, abs=1e-15)


def test_at_risk_counts(macs: pd.DataFrame) -> None:
    curve = curve_of(macs, entry=True)
    counts = dict(zip(curve.duration_months, curve.n_at_risk, strict=True))
    assert (counts[0.269], counts[0.791], counts[4.688]) == (42, 44, 11)


def test_to_ignore_entry_flatters_survival(macs: pd.DataFrame) -> None:
    right, wrong = curve_of(macs, entry=True), curve_of(macs, entry=False)
    found = [right.at(2), wrong.at(2), right.at(5), wrong.at(5)]
    # the second is .750671 as first computed apart; exact fractions and lifelines give .75067013
    np.testing.assert_allclose(found, [0.648242, 0.750670, 0.424588, 0.518182], atol=5e-7, rtol=0)
    assert right.median_months == 3.062
    assert wrong.median_months == float("inf")


def our_fit(macs: pd.DataFrame, *, entry: bool) -> CoxModel:
    frame = macs.rename(columns={"T": "duration_months", "W": "entry_months", "D": "event"})
    data = cox_data(frame if entry else frame.assign(entry_months=0.0), ["AIDSY"])
    return cox_fit(data)


def test_cox_fit_with_delayed_entry_is_r(macs: pd.DataFrame) -> None:
    model = our_fit(macs, entry=True)
    assert model.coefficient[0] == pytest.approx(0.02322, abs=5e-6)  # R
    assert model.standard_error[0] == pytest.approx(0.24630, abs=5e-6)  # R
    assert model.log_likelihood_null == pytest.approx(-95.15478, abs=5e-6)  # R
    assert model.log_likelihood == pytest.approx(-95.15034, abs=5e-6)
    assert model.p_value[0] == pytest.approx(0.925, abs=5e-4)


def test_cox_fit_that_ignores_entry_makes_a_hazard_ratio_of_nothing(macs: pd.DataFrame) -> None:
    model = our_fit(macs, entry=False)
    # 0.470414 and 0.181609 are lifelines', which stops a step early
    assert model.coefficient[0] == pytest.approx(0.470414, abs=1e-4)
    assert model.standard_error[0] == pytest.approx(0.181609, abs=1e-5)
    assert model.p_value[0] == pytest.approx(0.0096, abs=5e-5)


def fit(macs: pd.DataFrame, *, entry: bool, options: dict[str, float]) -> CoxPHFitter:
    frame = macs if entry else macs.drop(columns="W")
    return CoxPHFitter().fit(frame, "T", "D", entry_col="W" if entry else None, fit_options=options)


def test_cox_with_delayed_entry_is_r_at_our_precision(macs: pd.DataFrame) -> None:
    fitted = fit(macs, entry=True, options=FIT_OPTIONS)
    assert fitted.params_["AIDSY"] == pytest.approx(0.02322, abs=5e-6)  # R
    assert fitted.standard_errors_["AIDSY"] == pytest.approx(0.24630, abs=5e-6)  # R
    assert fitted._ll_null_ == pytest.approx(-95.15478, abs=5e-6)  # R: of the null model
    assert fitted.log_likelihood_ == pytest.approx(-95.15034, abs=5e-6)


def test_cox_of_lifelines_stops_a_step_early_at_its_own_precision(macs: pd.DataFrame) -> None:
    fitted = fit(macs, entry=True, options={})
    assert fitted.params_["AIDSY"] == pytest.approx(0.023157, abs=5e-7)
    assert fitted.standard_errors_["AIDSY"] == pytest.approx(0.246299, abs=5e-7)
    assert fitted.log_likelihood_ == pytest.approx(-95.15034, abs=5e-6)


def test_to_ignore_entry_makes_a_hazard_ratio_of_nothing(macs: pd.DataFrame) -> None:
    fitted = fit(macs, entry=False, options={})
    assert fitted.params_["AIDSY"] == pytest.approx(0.470414, abs=5e-7)
    assert fitted.standard_errors_["AIDSY"] == pytest.approx(0.181609, abs=5e-7)
    assert fitted.summary.loc["AIDSY", "p"] == pytest.approx(0.0096, abs=5e-5)
