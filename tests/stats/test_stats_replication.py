"""Replication: scipy's one-sided Fisher test, power by every table, each status."""

import itertools

import numpy as np
import pytest
from scipy.stats import binom, fisher_exact

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.power import fisher_power
from alsrev_dagster.stats.replication import (
    exact_one_sided_p,
    one_sided_fisher_power,
    one_sided_p,
    replication_status,
)

NAN = float("nan")


@pytest.mark.parametrize(("carriers", "others"), [(12, 22), (3, 60), (0, 1), (22, 200)])
@pytest.mark.parametrize("is_higher", [True, False])
def test_one_sided_exact_p_is_that_of_fisher(carriers: int, others: int, is_higher: bool) -> None:
    case = np.array([[[22 - carriers, carriers, 0]]])
    control = np.array([[[243 - others, others, 0]]])
    found = exact_one_sided_p(case, control, (0, 1, 1), is_higher=is_higher)
    table = [[carriers, 22 - carriers], [others, 243 - others]]
    expected = fisher_exact(table, alternative="greater" if is_higher else "less").pvalue
    assert found[0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("n_case", "n_control", "freq", "ratio", "alpha"),
    [(5, 9, 0.2, 6.0, 0.05), (5, 9, 0.4, 0.2, 0.1), (7, 4, 0.5, 9.0, 0.01), (3, 3, 0.3, 2.0, 0.2)],
)
def test_one_sided_power_is_the_sum_over_every_table(
    n_case: int, n_control: int, freq: float, ratio: float, alpha: float
) -> None:
    odds = ratio * freq / (1 - freq)
    side = "greater" if ratio > 1 else "less"
    expected = sum(
        binom.pmf(a, n_case, odds / (1 + odds)) * binom.pmf(b, n_control, freq)
        for a, b in itertools.product(range(n_case + 1), range(n_control + 1))
        if fisher_exact([[a, n_case - a], [b, n_control - b]], alternative=side).pvalue
        <= alpha * (1 + 1e-7)
    )
    found = one_sided_fisher_power(n_case, n_control, freq, ratio, alpha)
    assert found == pytest.approx(expected, abs=1e-12)


def test_a_one_sided_test_has_at_least_the_power_of_the_two_sided() -> None:
    for ratio in (0.2, 3.0, 12.0):
        two = fisher_power(22, 140, 0.3, ratio, 0.05)
        one = one_sided_fisher_power(22, 140, 0.3, ratio, 0.05)
        assert one >= two - 1e-6


def test_one_sided_p_values_of_both_directions_add_up_to_one() -> None:
    found = [one_sided_p(0.03, -0.4, is_higher=is_higher) for is_higher in (True, False)]
    assert found == [pytest.approx(0.985), pytest.approx(0.015)]


@pytest.mark.parametrize(
    ("p_value", "ratio", "declared", "power", "status"),
    [
        (0.01, (4.0, 1.3, 12.0), 6.0, 0.9, "confirmed"),
        (0.05, (4.0, 1.0, 12.0), 6.0, 0.1, "confirmed"),
        (0.01, (0.2, 0.1, 0.8), 6.0, 0.1, "refuted"),
        (0.01, (0.2, 0.1, 0.8), 0.3, 0.1, "confirmed"),
        (0.2, (1.5, 0.4, 7.4), 6.0, 0.9, "refuted"),
        (0.2, (1.5, 0.4, 7.4), 6.0, 0.79, "underpowered"),
        (0.2, (1.5, 0.4, 5.9), 6.0, 0.1, "refuted"),
        (0.2, (0.9, 0.5, 3.0), 0.3, 0.1, "refuted"),
        (0.2, (1.5, 0.4, 7.4), 6.0, NAN, "underpowered"),
        (0.2, (NAN, NAN, NAN), 6.0, 0.1, "underpowered"),
        (NAN, (NAN, NAN, NAN), 6.0, 0.99, "not_tested"),
    ],
)
def test_each_status_is_told(
    p_value: float, ratio: tuple[float, float, float], declared: float, power: float, status: str
) -> None:
    found = replication_status(p_value, ratio, declared, alpha=0.05, power=(power, 0.8))
    assert found == status


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((0, 9, 0.2, 2.0, 0.05), "n_case is 0, n_control 9"),
        ((5, 9, 1.0, 2.0, 0.05), "control_freq 1.0"),
        ((5, 9, 0.2, 1.0, 0.05), "odds_ratio is 1.0: expected above 0 and not 1"),
    ],
)
def test_power_of_what_cannot_be_is_refused(arguments: tuple[float, ...], said: str) -> None:
    with pytest.raises(InputDataError, match=said):
        one_sided_fisher_power(*arguments)  # type: ignore[arg-type]
