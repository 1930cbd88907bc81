"""Conditional odds ratios, against R's fisher.test and mantelhaen.test and printed intervals."""

import numpy as np
import pytest

from alsrev_dagster.stats.exact import exact_conditional_tests
from alsrev_dagster.stats.exact_odds_ratio import ExactOddsRatio, exact_odds_ratio

R_ROOT = 1.3e-4
"""R's uniroot stops at double.eps^0.25, relative to a root in (0, 1): its digits are as good."""


def of(case: tuple[int, int], control: tuple[int, int]) -> ExactOddsRatio:
    counts = [np.array([[[group[1], group[0], 0]]]) for group in (case, control)]
    return exact_odds_ratio(counts[0], counts[1], (0, 1, 1))


def test_r_fisher_test() -> None:
    # T6, of hail's tests: R's odds ratio 4.918058171469967, interval 2.5659373368 to 9.6779296320.
    found = of((51, 43), (22, 92))
    assert found.odds_ratio[0] == pytest.approx(4.918058171469967, rel=R_ROOT)
    assert found.ci_lower[0] == pytest.approx(2.5659373368, rel=R_ROOT)
    assert found.ci_upper[0] == pytest.approx(9.6779296320, rel=R_ROOT)


def test_exact2x2_trap_interval_has_one_in_it() -> None:
    # T7: fisher.test rejects at 5%, and its own interval contains 1.
    found = of((6, 12), (12, 5))
    assert found.ci_lower[0] < 1 < found.ci_upper[0]


def test_mid_p_interval_of_fagerland() -> None:
    # T7: Fagerland, Lydersen & Laake (2015), table 6: conditional mid-P 1.19 to 200.
    found = of((33, 27), (1, 7))
    assert found.mid_p_ci_lower[0] == pytest.approx(1.19, abs=5e-3)
    assert found.mid_p_ci_upper[0] == pytest.approx(200, abs=0.5)


def test_mid_p_of_three_homozygous_cases() -> None:
    # SCIENCE 1.3: 3 of 22 v 0 of 243: P 5.02188e-4, mid-P 2.51094e-4.
    found = exact_conditional_tests(np.array([[[19, 0, 3]]]), np.array([[[243, 0, 0]]]), (0, 0, 1))
    assert found.p_value[0] == pytest.approx(5.02188e-4, abs=5e-10)
    assert found.mid_p_value[0] == pytest.approx(2.51094e-4, abs=5e-10)


def test_rabbits_have_the_conditional_odds_ratio_of_r() -> None:
    # R: mantelhaen.test(Rabbits, exact = TRUE): common odds ratio 10.36102, p-value 0.0399449.
    case = np.array([[[6, 0, 0], [3, 3, 0], [0, 6, 0], [1, 5, 0], [0, 2, 0]]])
    control = np.array([[[5, 0, 0], [6, 0, 0], [4, 2, 0], [0, 6, 0], [0, 5, 0]]])
    found = exact_odds_ratio(case, control, (0, 1, 1))
    assert found.odds_ratio[0] == pytest.approx(10.36102, rel=R_ROOT)
    p_value = exact_conditional_tests(case, control, (0, 1, 1)).p_value[0]
    assert p_value == pytest.approx(0.0399449, abs=5e-8)
