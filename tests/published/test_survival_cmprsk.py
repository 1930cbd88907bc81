"""Gray's test and the Fine-Gray model, against R's cmprsk (R. Gray) as printed.

Numbers of the 100 made-up subjects: cmprsk's tests/test.Rout.save (R 3.6.1). Of the 177
patients: cuminc and crr of cmprsk, as printed on a public page about the data set bmtcrr. Of the
35: cmprsk's cuminc called with censoring as an event (so that none is censored), as printed in a
course of NBIS.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.survival.competing import cumulative_incidence
from alsrev_dagster.survival.fine_gray import fine_gray
from alsrev_dagster.survival.gray import GrayTest, gray_test

DATA = Path(__file__).parents[1] / "data" / "published"


@pytest.fixture(scope="module")
def made_up() -> pd.DataFrame:
    return pd.read_csv(DATA / "cmprsk_100.csv", comment="#")


@pytest.fixture(scope="module")
def leukaemia() -> pd.DataFrame:
    return pd.read_csv(DATA / "bmtcrr_177.csv", comment="#")


def gray(data: pd.DataFrame, cause: int, *, time: str = "time") -> GrayTest:
    return gray_test(
        data[time].to_numpy(dtype=float),
        data["event"].to_numpy(),
        data["group"].to_numpy(dtype=str),
        cause=cause,
        stratum=data["stratum"].to_numpy(),
    )


@pytest.mark.parametrize(
    ("time", "cause", "statistic", "p_value"),
    [
        # cuminc(ss,cc,gg,strt)
        ("time", 1, 3.393977, 0.1832345),
        ("time", 2, 1.989511, 0.3698139),
        # cuminc(dd$ss,cc,gg,strt)
        ("normal_time", 1, 1.214132, 0.5449473),
        ("normal_time", 2, 3.269462, 0.1950048),
    ],
)
def test_gray_of_three_groups_in_two_strata(
    made_up: pd.DataFrame, time: str, cause: int, statistic: float, p_value: float
) -> None:
    found = gray(made_up, cause, time=time)
    assert found.statistic == pytest.approx(statistic, abs=5e-7)
    assert found.p_value == pytest.approx(p_value, abs=5e-8)
    assert found.degrees_of_freedom == 2


@pytest.mark.parametrize(
    ("cause", "statistic", "p_value"), [(1, 3.5151549, 0.06080997), (2, 0.1400145, 0.70826655)]
)
def test_gray_of_two_groups_without_the_third(
    made_up: pd.DataFrame, cause: int, statistic: float, p_value: float
) -> None:
    # cuminc(ssd,ccd,gg2,strtd,subset=gg2 != 'b'), where gg2[c(5,10,50)] is missing
    chosen = (made_up["group"] != "b") & ~made_up.index.isin([4, 9, 49])
    found = gray(made_up[chosen], cause)
    assert found.statistic == pytest.approx(statistic, abs=5e-8)
    assert found.p_value == pytest.approx(p_value, abs=5e-9)


def test_incidence_of_a_group(made_up: pd.DataFrame) -> None:
    # cuminc(ss,cc,gg,strt): "c 1" at 1, 2, 3
    one = made_up[made_up["group"] == "c"]
    found = cumulative_incidence(one["time"].to_numpy(), one["event"].to_numpy())
    at = np.searchsorted(found.duration_months, [1, 2, 3], side="right") - 1
    printed = [0.3816280, 0.4889137, 0.5723581]
    np.testing.assert_allclose(found.cumulative_incidence[at], printed, atol=5e-8, rtol=0)


def test_fine_gray_of_three_covariates_with_cmprsks_standard_errors(made_up: pd.DataFrame) -> None:
    # crr(ss,cc,cv), where cv[c(1,10,20)] is missing
    known = made_up.drop(index=[0, 9, 19])
    fit = fine_gray(
        known["time"].to_numpy(),
        known["event"].to_numpy(),
        known[["cv1", "cv2", "cv3"]].to_numpy(dtype=float),
        ties="breslow",
    )
    np.testing.assert_allclose(fit.coefficient, [-0.29130, -0.06346, -0.47510], atol=5e-5, rtol=0)
    own = fit.wald("fine_gray")
    np.testing.assert_allclose(own.standard_error, [0.3698, 0.3566, 0.3544], atol=5e-5, rtol=0)
    np.testing.assert_allclose(own.p_value, [0.43, 0.86, 0.18], atol=5e-3, rtol=0)


@pytest.mark.parametrize(
    ("cause", "statistic", "p_value"), [(1, 2.8623325, 0.09067592), (2, 0.4481279, 0.50322531)]
)
def test_gray_with_tied_times(
    leukaemia: pd.DataFrame, cause: int, statistic: float, p_value: float
) -> None:
    # cuminc(bmtcrr$ftime, bmtcrr$Status, bmtcrr$D)
    found = gray_test(
        leukaemia["ftime"].to_numpy(),
        leukaemia["Status"].to_numpy(),
        leukaemia["D"].to_numpy(dtype=str),
        cause=cause,
    )
    assert found.statistic == pytest.approx(statistic, abs=5e-8)
    assert found.p_value == pytest.approx(p_value, abs=5e-9)


@pytest.mark.parametrize(
    ("cause", "statistic", "p_value"),
    [
        (0, 5.9785107, 0.014481226),
        (1, 0.9133497, 0.339227192),
        (2, 9.4874094, 0.002068867),
    ],
)
def test_gray_of_heavily_tied_times_without_censoring(
    cause: int, statistic: float, p_value: float
) -> None:
    data = pd.read_csv(DATA / "cmprsk_bmt_35.csv", comment="#")
    found = gray_test(
        data["time"].to_numpy(dtype=float),
        data["status"].to_numpy() + 1,
        data["dis"].to_numpy(dtype=str),
        cause=cause + 1,
    )
    assert found.statistic == pytest.approx(statistic, abs=5e-8)
    assert found.p_value == pytest.approx(p_value, abs=5e-10)


def test_fine_gray_of_phase_among_five_covariates(leukaemia: pd.DataFrame) -> None:
    # crr(ftime, Status, cbind of the factors as whole numbers): Phase 1.514 (1.198-1.91), p 0.00052
    named = ["Age", "Sex", "D", "Phase", "Source"]
    coded = [
        leukaemia[name] if name == "Age" else leukaemia[name].astype("category").cat.codes
        for name in named
    ]
    fit = fine_gray(
        leukaemia["ftime"].to_numpy(),
        leukaemia["Status"].to_numpy(),
        np.column_stack(coded).astype(float),
        ties="breslow",
    )
    own = fit.wald("fine_gray")
    assert own.hazard_ratio[3] == pytest.approx(1.514, abs=5e-4)
    assert own.ci_lower[3] == pytest.approx(1.198, abs=5e-4)
    assert own.ci_upper[3] == pytest.approx(1.91, abs=5e-3)
    assert own.p_value[3] == pytest.approx(0.00052, abs=5e-6)
    assert (fit.n, fit.n_event, fit.n_competing) == (177, 56, 75)
