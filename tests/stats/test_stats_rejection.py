"""Which tables Fisher's test rejects, against the P value of every table of the grid."""

import time

import numpy as np
import pytest
from scipy.stats import binom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.exact import exact_conditional_p
from alsrev_dagster.stats.power import fisher_power, minimum_detectable_odds_ratio
from alsrev_dagster.stats.rejection import carriers_needed, rejection_limits


def rejected_by_table(n_case: int, n_control: int, alpha: float) -> np.ndarray:
    """Solve every pair of carrier counts as a table of its own."""
    carrier_case, carrier_control = np.indices((n_case + 1, n_control + 1)).reshape(2, -1)
    none = np.zeros_like(carrier_case)
    case = np.stack([n_case - carrier_case, carrier_case, none], axis=1)[:, None, :]
    control = np.stack([n_control - carrier_control, carrier_control, none], axis=1)[:, None, :]
    p_value = exact_conditional_p(case, control, (0, 1, 1))
    return (p_value <= alpha).reshape(n_case + 1, n_control + 1)


def rejected_by_limit(n_case: int, n_control: int, alpha: float) -> np.ndarray:
    found = np.zeros((n_case + 1, n_control + 1), dtype=bool)
    for total, (below, above) in enumerate(rejection_limits(n_case, n_control, alpha)):
        for carrier in range(max(0, total - n_control), min(n_case, total) + 1):
            found[carrier, total - carrier] = carrier <= below or carrier >= above
    return found


@pytest.mark.parametrize(
    ("n_case", "n_control"), [(1, 1), (1, 5), (3, 3), (4, 7), (40, 13), (30, 30), (22, 103)]
)
@pytest.mark.parametrize("alpha", [5e-8, 1e-3, 0.0501, 0.3, 0.97])
def test_the_limits_say_what_every_table_says(n_case: int, n_control: int, alpha: float) -> None:
    np.testing.assert_array_equal(
        rejected_by_limit(n_case, n_control, alpha), rejected_by_table(n_case, n_control, alpha)
    )


@pytest.mark.parametrize(("n_case", "n_control"), [(4, 7), (22, 103), (30, 30)])
@pytest.mark.parametrize("odds_ratio", [0.1, 1.0, 12.0])
def test_power_is_that_of_the_whole_grid(n_case: int, n_control: int, odds_ratio: float) -> None:
    freq, alpha = 0.1, 1e-3
    odds = odds_ratio * freq / (1 - freq)
    in_case = binom.pmf(np.arange(n_case + 1), n_case, odds / (1 + odds))
    in_control = binom.pmf(np.arange(n_control + 1), n_control, freq)
    expected = in_case @ rejected_by_table(n_case, n_control, alpha) @ in_control
    found = fisher_power(n_case, n_control, freq, odds_ratio, alpha)
    assert found == pytest.approx(expected, abs=1e-12)


def test_a_consortium_is_solved_in_seconds() -> None:
    start = time.monotonic()
    odds_ratio = minimum_detectable_odds_ratio(2_000, 8_000, 0.1, 5e-8, 0.8)
    assert time.monotonic() - start < 30  # a table at a time, this is an hour
    assert fisher_power(2_000, 8_000, 0.1, odds_ratio, 5e-8) == pytest.approx(0.8, abs=1e-8)


@pytest.mark.parametrize(
    ("n_control", "n_control_carrier", "printed"),
    [(103, 8, 14), (243, 19, 13), (243, 10, 11), (243, 2, 8)],
)
def test_carriers_needed_among_22_cases(
    n_control: int, n_control_carrier: int, printed: int
) -> None:
    # Computed apart (docs/methods.md): fewest carriers among 22 cases for Fisher P < 5e-8.
    assert carriers_needed(22, n_control, n_control_carrier, 5e-8) == printed


def test_seven_carriers_are_needed_where_no_control_carries() -> None:
    # 7 of 22 against 0 of 243: Fisher P = C(22, 7) / C(265, 7) = about 1e-8.
    assert carriers_needed(22, 243, 0, 5e-8) == 7
    assert not rejected_by_table(22, 243, 5e-8)[6, 0]
    assert rejected_by_table(22, 243, 5e-8)[7, 0]


def test_no_excess_is_possible_where_every_control_carries() -> None:
    assert carriers_needed(22, 243, 243, 0.05) is None


def test_too_few_cases_need_more_carriers_than_there_are() -> None:
    assert carriers_needed(3, 10, 0, 5e-8) is None


def test_more_carriers_than_controls_are_refused() -> None:
    with pytest.raises(InputDataError, match=r"n_control_carrier is 11 of 10 controls"):
        carriers_needed(3, 10, 11, 0.05)
    with pytest.raises(InputDataError, match=r"n_case is 0, n_control 10 and alpha 0\.05"):
        rejection_limits(0, 10, 0.05)
