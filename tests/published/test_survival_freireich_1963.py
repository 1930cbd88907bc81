"""Kaplan-Meier on the 6-MP arm, against the curve printed in the textbooks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.survival.nonparametric import EventFreeCurve, event_free_curve

DATA = Path(__file__).parents[1] / "data" / "published" / "freireich_1963_6mp.csv"

# weeks -> probability of still being in remission, to the three decimals printed.
PRINTED = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
# Kleinbaum & Klein (2012), Survival Analysis, table 2.2: at risk and relapsed at those weeks.
AT_RISK = [21, 17, 15, 12, 11, 7, 6]
RELAPSED = [3, 1, 1, 1, 1, 1, 1]


@pytest.fixture(scope="module")
def curve() -> EventFreeCurve:
    patients = pd.read_csv(DATA, comment="#")
    return event_free_curve(
        patients["weeks"].to_numpy(dtype=float), patients["relapse"].to_numpy(dtype=bool)
    )


def test_curve_is_the_printed_one(curve: EventFreeCurve) -> None:
    np.testing.assert_array_equal(curve.duration_months, list(PRINTED))
    np.testing.assert_allclose(curve.event_free, list(PRINTED.values()), atol=5e-4, rtol=0)


def test_counts_are_the_printed_ones(curve: EventFreeCurve) -> None:
    assert curve.n_at_risk.tolist() == AT_RISK
    assert curve.n_event.tolist() == RELAPSED


def test_median_remission_is_23_weeks(curve: EventFreeCurve) -> None:
    assert curve.median_months == 23
