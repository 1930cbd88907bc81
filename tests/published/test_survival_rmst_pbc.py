"""Restricted mean survival, against survRM2 1.0-4 (vignette survRM2-vignette3-2).

rmst2(time, status, arm, tau=10) on rmst2.sample.data(), in years.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.survival.rmst import (
    RestrictedMean,
    mean_difference,
    restricted_mean_survival,
    restricted_mean_time_lost,
)

DATA = Path(__file__).parents[1] / "data" / "published" / "survrm2_pbc_312.csv"
PRINTED_DIGIT = {"atol": 5e-4, "rtol": 0}


def arms() -> list[pd.DataFrame]:
    trial = pd.read_csv(DATA, comment="#")
    return [trial[trial["arm"] == arm] for arm in (1, 0)]


def survival(arm: pd.DataFrame) -> RestrictedMean:
    return restricted_mean_survival(
        arm["days"].to_numpy() / 365.25, arm["died"].to_numpy(dtype=bool), 10.0
    )


@pytest.mark.parametrize(
    ("arm", "printed"), [(0, [7.146, 0.283, 6.592, 7.701]), (1, [7.283, 0.295, 6.704, 7.863])]
)
def test_mean_of_each_arm(arm: int, printed: list[float]) -> None:
    mean = survival(arms()[arm])
    found = [mean.mean_months, mean.standard_error, mean.ci_lower, mean.ci_upper]
    np.testing.assert_allclose(found, printed, **PRINTED_DIGIT)


@pytest.mark.parametrize(
    ("arm", "printed"), [(0, [2.854, 0.283, 2.299, 3.408]), (1, [2.717, 0.295, 2.137, 3.296])]
)
def test_time_lost_of_each_arm(arm: int, printed: list[float]) -> None:
    chosen = arms()[arm]
    lost = restricted_mean_time_lost(
        chosen["days"].to_numpy() / 365.25, chosen["died"].to_numpy(), 10.0
    )
    found = [lost.mean_months, lost.standard_error, lost.ci_lower, lost.ci_upper]
    np.testing.assert_allclose(found, printed, **PRINTED_DIGIT)


def test_difference_between_the_arms() -> None:
    treated, placebo = (survival(arm) for arm in arms())
    found = mean_difference(treated, placebo)
    printed = [-0.137, -0.939, 0.665, 0.738]
    np.testing.assert_allclose(
        [found.difference_months, found.ci_lower, found.ci_upper, found.p_value],
        printed,
        **PRINTED_DIGIT,
    )
