"""Parametric regression on data shipped with lifelines, against R's printed output.

144 mice (Hoel & Walburg 1972), tumour seen or not at death: the output of icenReg's own example (R
3.2.2), ic_par(Surv(l, u, type = "interval2") ~ grp, model = "po", dist = "loglogistic"). 228 lung
cancers: R survival, survreg(Surv(time, status) ~ age + sex, data = lung).
"""

import numpy as np
import pytest
from lifelines.datasets import load_lung, load_mice

from alsrev_dagster.survival.interval_regression import interval_regression
from alsrev_dagster.survival.intervals import intervals


def test_mice_are_the_printed_ones_of_icenreg() -> None:
    mice = load_mice()
    seen = intervals(mice["l"].to_numpy(float), mice["u"].to_numpy(float))
    fit = interval_regression(seen, (mice["grp"] == "ge").to_numpy(), distribution="log_logistic")
    turn = np.array(
        [[1, 1 / 3, 0], [0, np.exp(-fit.parameter[2]), -fit.parameter[1] * fit.shape], [0, 0, -1]]
    )
    # log_alpha is where the group is at its mean (48 of 144 germ-free), grpge the log odds times beta
    log_alpha = fit.parameter[0] + fit.parameter[1] / 3
    found = [log_alpha, -fit.parameter[2], fit.parameter[1] * fit.shape]
    error = np.sqrt(np.diag(turn @ fit.covariance @ turn.T))
    assert found == pytest.approx([6.603, 1.001, -1.172], abs=5e-4)
    assert error[[0, 2, 1]] == pytest.approx([0.07747, 0.38280, 0.47130], abs=5e-5)
    assert fit.log_likelihood == pytest.approx(-80.30575, abs=5e-6)
    assert 1 / fit.event_odds_ratio == pytest.approx(0.3097, abs=5e-5)


def test_lung_is_the_printed_one_of_survreg() -> None:
    lung = load_lung()
    time, died = lung["time"].to_numpy(float), lung["status"].to_numpy() == 1
    seen = intervals(time, np.where(died, time, np.inf))
    fit = interval_regression(
        seen, lung["sex"].to_numpy(float), lung[["age"]].to_numpy(float), distribution="weibull"
    )
    intercept, sex, age, log_scale = fit.parameter
    error = np.sqrt(np.diag(fit.covariance))
    assert [intercept, age, sex, log_scale] == pytest.approx(
        [6.27485, -0.01226, 0.38209, -0.28230], abs=5e-6
    )
    assert error[[0, 2, 1, 3]] == pytest.approx([0.48137, 0.00696, 0.12748, 0.06188], abs=5e-6)
    assert fit.log_likelihood == pytest.approx(-1147.1, abs=5e-2)
