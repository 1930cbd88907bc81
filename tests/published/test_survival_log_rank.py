"""The log-rank test, against R's survdiff on its own examples.

The data ship with lifelines (load_lung, the North Central Cancer Treatment Group's). Numbers
are printed in R survival's tests: Examples/survival-Ex.Rout.save, cancer.Rout.save and
difftest.Rout.save (survival 3.8).
"""

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_lung

from alsrev_dagster.survival.log_rank import LogRank, TimeWeight, log_rank


@pytest.fixture(scope="module")
def lung() -> pd.DataFrame:
    return load_lung()


def of(lung: pd.DataFrame, group: str, **options: object) -> LogRank:
    return log_rank(
        lung["time"].to_numpy(dtype=float),
        lung["status"].to_numpy() == 1,
        lung[group].to_numpy(),
        **options,  # type: ignore[arg-type]
    )


def test_stratified_test_of_eight_groups(lung: pd.DataFrame) -> None:
    # R: survdiff(Surv(time, status) ~ pat.karno + strata(inst), data=lung)
    # and round(summary(coxph(... factor(pat.karno) ...))$sctest, 3): 21.368 7.000 0.003
    known = lung.dropna(subset=["pat.karno", "inst"])
    found = of(known, "pat.karno", stratum=known["inst"].to_numpy(dtype=np.int64))
    assert found.group.tolist() == [30, 40, 50, 60, 70, 80, 90, 100]
    assert found.n.tolist() == [2, 2, 4, 30, 41, 50, 60, 35]
    assert found.observed.tolist() == [1, 1, 4, 27, 31, 38, 38, 21]
    printed = [0.692, 1.099, 1.166, 16.298, 26.358, 41.938, 47.242, 26.207]
    np.testing.assert_allclose(found.expected, printed, atol=5e-4, rtol=0)
    surplus = found.observed - found.expected
    alone = [0.15752, 0.00973, 7.45359, 9.57333, 1.14774, 0.60032, 3.23078, 1.44067]
    np.testing.assert_allclose(surplus**2 / np.diag(found.covariance), alone, atol=5e-6, rtol=0)
    assert found.statistic == pytest.approx(21.368, abs=5e-4)
    assert found.degrees_of_freedom == 7
    assert found.p_value == pytest.approx(0.003, abs=5e-4)


def test_weight_over_time_is_that_of_survdiffs_rho(lung: pd.DataFrame) -> None:
    # R: survdiff(Surv(time, status) ~ inst, lung, rho=.5), printed to 6 digits after the point
    known = lung.dropna(subset=["inst"])
    found = of(known, "inst", weight=TimeWeight(rho=0.5))
    first_ten = slice(0, 10)
    observed = [21.190058, 3.173330, 10.663476, 2.245347, 5.010883, 8.862602, 4.445647, 2.901923]
    expected = [17.455181, 1.964395, 11.958755, 3.559344, 4.500982, 7.078516, 4.416133, 2.223283]
    observed += [7.807867, 14.009656]
    expected += [9.525163, 12.216768]
    alone = [1.171232977, 0.860140808, 0.200472362, 0.677874608, 0.077128402]
    np.testing.assert_allclose(found.observed[first_ten], observed, atol=5e-7, rtol=0)
    np.testing.assert_allclose(found.expected[first_ten], expected, atol=5e-7, rtol=0)
    surplus = (found.observed - found.expected) ** 2 / np.diag(found.covariance)
    np.testing.assert_allclose(surplus[:5], alone, atol=5e-10, rtol=0)


# R: survdiff(Surv(time, status) ~ x, aml), then with a third group of early censorings (aml3).
AML = {
    "Maintained": ([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], "11011011010"),
    "Nonmaintained": ([5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], "111110111111"),
    "Zero": ([1, 2, 2, 3, 3, 3, 4], "0000000"),
}


@pytest.mark.parametrize("groups", [["Maintained", "Nonmaintained"], list(AML)])
def test_a_group_that_is_gone_before_the_first_event_changes_nothing(groups: list[str]) -> None:
    months = np.concatenate([np.array(AML[name][0], dtype=float) for name in groups])
    died = np.array([mark == "1" for name in groups for mark in AML[name][1]])
    group = np.repeat(groups, [len(AML[name][0]) for name in groups])
    found = log_rank(months, died, group)
    np.testing.assert_allclose(found.expected[:2], [10.69, 7.31], atol=5e-3, rtol=0)
    assert found.statistic == pytest.approx(3.4, abs=0.05)
    assert found.degrees_of_freedom == 1
    assert found.p_value == pytest.approx(0.07, abs=5e-3)
