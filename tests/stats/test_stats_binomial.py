"""Exact interval of a share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.binomial import clopper_pearson


def test_interval_is_the_one_printed_for_mendels_plants() -> None:
    """R's help page of binom.test: 682 of 925 giant, 95% interval 0.7076683 0.7654066."""
    found = clopper_pearson(np.array([682]), np.array([925]))
    assert float(found.ci_lower[0]) == pytest.approx(0.7076683, abs=5e-8)
    assert float(found.ci_upper[0]) == pytest.approx(0.7654066, abs=5e-8)


@given(st.integers(1, 60), st.data())
def test_each_end_is_where_the_tail_is_a_fortieth(n: int, data: st.DataObject) -> None:
    event = data.draw(st.integers(0, n))
    found = clopper_pearson(np.array([event]), np.array([n]))
    lower, upper = float(found.ci_lower[0]), float(found.ci_upper[0])
    assert lower <= event / n <= upper
    if event:
        assert binom.sf(event - 1, n, lower) == pytest.approx(0.025, rel=1e-6)
    if event < n:
        assert binom.cdf(event, n, upper) == pytest.approx(0.025, rel=1e-6)


def test_nothing_and_everything_reach_the_ends() -> None:
    found = clopper_pearson(np.array([0, 7]), np.array([7, 7]))
    assert (float(found.ci_lower[0]), float(found.ci_upper[1])) == (0.0, 1.0)


def test_of_nobody_there_is_no_interval() -> None:
    found = clopper_pearson(np.array([0]), np.array([0]))
    assert np.isnan([found.ci_lower[0], found.ci_upper[0]]).all()


def test_more_events_than_people_are_refused() -> None:
    with pytest.raises(
        InputDataError, match=r"1 of 2 shares have n_event below 0 or above n: expe"
    ):
        clopper_pearson(np.array([3, 1]), np.array([2, 2]))
