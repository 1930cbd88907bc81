"""Aalen-Johansen with ties and delayed entry, on 14 subjects of R survival's tests (T19)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.survival.competing import CumulativeIncidence, cumulative_incidence
from alsrev_dagster.survival.nonparametric import event_free_curve

DATA = Path(__file__).parents[1] / "data" / "published" / "finegray_14.csv"
PRINTED_DIGIT = {"atol": 5e-7, "rtol": 0}


@pytest.fixture(scope="module")
def subjects() -> pd.DataFrame:
    return pd.read_csv(DATA, comment="#")


def curve(subjects: pd.DataFrame, *, cause: int, entry: bool) -> CumulativeIncidence:
    return cumulative_incidence(
        subjects["months"].to_numpy(dtype=float),
        subjects["event"].to_numpy(),
        subjects["entry"].to_numpy(dtype=float) if entry else None,
        cause=cause,
    )


@pytest.mark.parametrize(
    ("cause", "entry", "months", "printed"),
    [
        (1, False, [1, 4, 5, 10], [0.071429, 0.149351, 0.246753, 0.480519]),
        (2, False, [2, 5, 8], [0.071429, 0.168831, 0.285714]),
        (1, True, [1, 4, 5, 10], [0.111111, 0.198903, 0.315958, 0.503246]),
        (2, True, [2, 5, 8], [0.098765, 0.215821, 0.309465]),
    ],
)
def test_incidence_is_the_printed_one(
    subjects: pd.DataFrame, cause: int, entry: bool, months: list[int], printed: list[float]
) -> None:
    found = curve(subjects, cause=cause, entry=entry)
    assert found.duration_months.tolist() == months
    np.testing.assert_allclose(found.cumulative_incidence, printed, **PRINTED_DIGIT)


def test_survival_is_the_printed_one(subjects: pd.DataFrame) -> None:
    found = event_free_curve(
        subjects["months"].to_numpy(dtype=float), subjects["event"].to_numpy() > 0
    )
    printed = [0.928571, 0.857143, 0.779221, 0.584416, 0.467532, 0.233766]
    assert found.duration_months.tolist() == [1, 2, 4, 5, 8, 10]
    np.testing.assert_allclose(found.event_free, printed, **PRINTED_DIGIT)
