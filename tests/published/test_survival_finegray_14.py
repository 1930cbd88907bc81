"""Aalen-Johansen with ties and delayed entry, on 14 subjects of R survival's tests (T19)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.survival.competing import CumulativeIncidence, cumulative_incidence
from alsrev_dagster.survival.fine_gray import fine_gray
from alsrev_dagster.survival.nonparametric import event_free_curve
from alsrev_dagster.survival.subdistribution import (
    SubdistributionWeights,
    subdistribution_weights,
    weight_table,
)

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


# x of R survival's tests/finegray.R
X = np.array([5, 4, 3, 1, 2, 1, 1, 2, 2, 4, 6, 1, 2, 0], dtype=float)[:, None]


def weights(subjects: pd.DataFrame, *, entry: bool) -> SubdistributionWeights:
    return subdistribution_weights(
        subjects["months"].to_numpy(dtype=float),
        subjects["event"].to_numpy(),
        subjects["entry"].to_numpy(dtype=float) if entry else None,
    )


def test_weights_after_a_competing_event_are_those_of_r(subjects: pd.DataFrame) -> None:
    """Fractions written out in tests/finegray.R: csurv$p, 5/12 and 1/2 for the later two."""
    found = weights(subjects, entry=False)
    assert found.time_months.tolist() == [1, 4, 5, 10]
    censoring = np.cumprod([1, 11 / 12, 8 / 10, 5 / 6, 3 / 4, 2 / 3])
    np.testing.assert_allclose(found.weight[:, 1], censoring[[0, 1, 2, 5]], atol=1e-15)
    np.testing.assert_allclose(found.weight[:, 6], [1, 1, 1, 5 / 12], atol=1e-15)
    np.testing.assert_allclose(found.weight[:, 10], [1, 1, 1, 1 / 2], atol=1e-15)


def test_weights_table_has_only_those_with_a_competing_event(subjects: pd.DataFrame) -> None:
    table = weight_table(weights(subjects, entry=False), subjects["event"].to_numpy())
    assert np.unique(table.participant).tolist() == [1, 6, 10]
    assert table.weight[:4] == pytest.approx([1, 11 / 12, 11 / 15, 11 / 36])


def test_weights_under_delayed_entry_are_g_and_h_of_geskus(subjects: pd.DataFrame) -> None:
    """G and H as tests/finegray.R writes them: ties are event, then censoring, then entry."""
    months, code, entry = (subjects[name].to_numpy() for name in ("months", "event", "entry"))
    times = np.unique(np.concatenate([entry, months]))
    censoring, staying = [], []
    for t in times:
        under = entry < t
        n_censor = (under & ((months > t) | ((months == t) & (code == 0)))).sum()
        censoring.append(1 - ((months == t) & (code == 0)).sum() / max(n_censor, 1))
        staying.append(1 - (entry == t).sum() / max(((months > t) & (entry <= t)).sum(), 1))
    g = {
        t: float(np.prod([c for s, c in zip(times, censoring, strict=True) if s < t]))
        for t in times
    }
    h = {
        t: float(np.prod([c for s, c in zip(times, staying, strict=True) if s >= t])) for t in times
    }
    found = weights(subjects, entry=True)
    for who, since in ((1, 2), (6, 5), (10, 8)):
        for row, t in enumerate(found.time_months):
            if t > since:
                expected = g[t] * h[t] / (g[since] * h[since])
                assert found.weight[row, who] == pytest.approx(expected, abs=1e-14)


def test_coefficient_is_the_printed_one(subjects: pd.DataFrame) -> None:
    fit = fine_gray(subjects["months"].to_numpy(dtype=float), subjects["event"].to_numpy(), X)
    assert fit.coefficient[0] == pytest.approx(0.071203, abs=5e-7)
    assert fit.wald("model").standard_error[0] == pytest.approx(0.266174, abs=5e-7)
