"""Exact tests, against R's fisher.test and numbers computed apart (docs/methods.md)."""

import numpy as np
import pytest
from numpy.typing import NDArray

from alsrev_dagster.stats.exact import exact_conditional_p

FIXTURE_A = ([10, 9, 3], [95, 8, 0])


def p_value(case: list[int], control: list[int], score: tuple[int, int, int]) -> float:
    def table(counts: list[int]) -> NDArray[np.int64]:
        return np.array([[counts]])

    return float(exact_conditional_p(table(case), table(control), score)[0])


def test_r_fisher_test() -> None:
    # R: fisher.test(matrix(c(51, 22, 43, 92), 2)), as quoted by hail's tests (T6).
    found = p_value([51, 43, 0], [22, 92, 0], (0, 1, 1))
    assert found == pytest.approx(2.1564999740157304e-07, rel=1e-12)


def test_exact2x2_trap_rejects_at_five_percent() -> None:
    # T7 (R package exact2x2): fisher.test rejects though its own interval has 1 in it.
    assert p_value([6, 12, 0], [12, 5, 0], (0, 1, 1)) < 0.05


@pytest.mark.parametrize(
    ("n_control", "printed", "half_digit"),
    [(103, 4.84658e-3, 5e-9), (140, 2.21417e-3, 5e-9), (243, 5.02188e-4, 5e-10)],
)
def test_three_homozygous_cases(n_control: int, printed: float, half_digit: float) -> None:
    found = p_value([19, 0, 3], [n_control, 0, 0], (0, 0, 1))
    assert found == pytest.approx(printed, abs=half_digit)


def test_additive_fixture_a() -> None:
    assert p_value(*FIXTURE_A, (0, 1, 2)) == pytest.approx(5.216e-7, abs=5e-11)


def test_carriers_of_fixture_a() -> None:
    assert p_value(*FIXTURE_A, (0, 1, 1)) == pytest.approx(2.293e-6, abs=5e-10)


@pytest.mark.parametrize(
    ("n_carrier", "control_carrier", "n_control"),
    [(14, 8, 103), (13, 19, 243), (11, 10, 243), (8, 2, 243)],
)
def test_carriers_needed_for_genome_wide_significance(
    n_carrier: int, control_carrier: int, n_control: int
) -> None:
    control = [n_control - control_carrier, control_carrier, 0]
    assert p_value([22 - n_carrier, n_carrier, 0], control, (0, 1, 1)) < 5e-8
    assert p_value([23 - n_carrier, n_carrier - 1, 0], control, (0, 1, 1)) >= 5e-8
