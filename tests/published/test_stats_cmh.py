"""Stratified tables, against R's mantelhaen.test, SAS's PROC FREQ and Agresti's book."""

import numpy as np
import pytest
from numpy.typing import NDArray

from alsrev_dagster.stats.cmh import MantelHaenszel, mantel_haenszel, mantel_trend
from alsrev_dagster.stats.exact import exact_conditional_p

Table = NDArray[np.int64]

# Agresti (1990), pp. 231-237, the example of ?mantelhaen.test: rows none and 1.5 h, columns cured
# and died, by level of penicillin.
RABBITS = np.array(
    [[[0, 6], [0, 5]], [[3, 3], [0, 6]], [[6, 0], [2, 4]], [[5, 1], [6, 0]], [[2, 0], [5, 0]]]
)
# R's UCBAdmissions: rows admitted and rejected, columns men and women, by department.
BERKELEY = np.array(
    [
        [[512, 89], [313, 19]],
        [[353, 17], [207, 8]],
        [[120, 202], [205, 391]],
        [[138, 131], [279, 244]],
        [[53, 94], [138, 299]],
        [[22, 24], [351, 317]],
    ]
)
# Agresti (1996), table 3.3: smoking and lung cancer in eight cities of China.
CHINA = np.array(
    [
        [[126, 100], [35, 61]],
        [[908, 688], [497, 807]],
        [[913, 747], [336, 598]],
        [[235, 172], [58, 121]],
        [[402, 308], [121, 215]],
        [[182, 156], [72, 98]],
        [[60, 99], [11, 43]],
        [[104, 89], [21, 36]],
    ]
)
# Agresti (2002), table 5.6: AZT and symptoms, by race.
AZT = np.array([[[14, 93], [32, 81]], [[11, 52], [12, 43]]])


def of(table: Table) -> MantelHaenszel:
    return mantel_haenszel(table[None])


def exact_p(table: Table) -> float:
    three = np.insert(table, 2, 0, axis=2)[None]  # nobody is hom-alt; "exposed" is genotype 0
    return float(exact_conditional_p(three[:, :, 0], three[:, :, 1], (1, 0, 0))[0])


def test_rabbits_as_r_has_them() -> None:
    # R: mantelhaen.test(Rabbits): X-squared = 3.928571, p-value = 0.04747226, common odds ratio 7,
    # 95 percent confidence interval 1.026713 47.725133.
    found = of(RABBITS)
    assert found.corrected_statistic[0] == pytest.approx(3.928571, abs=5e-7)
    assert found.corrected_p_value[0] == pytest.approx(0.04747226, abs=5e-9)
    assert found.odds_ratio[0] == pytest.approx(7, abs=1e-12)
    assert found.ci_lower[0] == pytest.approx(1.026713, abs=5e-7)
    assert found.ci_upper[0] == pytest.approx(47.725133, abs=5e-7)
    assert found.n_stratum[0] == 3  # in two nobody died, or nobody was cured


def test_exact_stratified_test_is_that_of_r() -> None:
    # R: mantelhaen.test(Rabbits, exact = TRUE): p-value 0.0399449.
    assert exact_p(RABBITS) == pytest.approx(0.0399449, abs=5e-8)


def test_berkeley_admissions_as_r_has_them() -> None:
    # R: mantelhaen.test(UCBAdmissions): p-value = 0.2323, common odds ratio 0.9046968, interval
    # (0.77, 1.06). Uncorrected, of lawstat's cmh.test: 1.5246(0), p-value 0.21692.
    found = of(BERKELEY)
    assert found.corrected_p_value[0] == pytest.approx(0.2323, abs=5e-5)
    assert found.odds_ratio[0] == pytest.approx(0.9046968, abs=5e-8)
    assert (found.ci_lower[0], found.ci_upper[0]) == pytest.approx((0.77, 1.06), abs=5e-3)
    assert found.statistic[0] == pytest.approx(1.5246, abs=5e-5)
    assert found.p_value[0] == pytest.approx(0.21692, abs=5e-6)


def test_chinese_smoking_as_sas_has_it() -> None:
    # SAS: CMH 280.138; Mantel-Haenszel odds ratio 2.174; Breslow-Day 5.200, 7 df, p 0.636.
    found = of(CHINA)
    assert found.statistic[0] == pytest.approx(280.138, abs=5e-4)
    assert found.odds_ratio[0] == pytest.approx(2.174, abs=5e-4)
    assert found.homogeneity_statistic[0] == pytest.approx(5.200, abs=5e-4)
    assert found.homogeneity_p_value[0] == pytest.approx(0.636, abs=5e-4)


def test_azt_as_desctools_has_it() -> None:
    # R: DescTools::BreslowDayTest: p-value 0.2382.
    assert of(AZT).homogeneity_p_value[0] == pytest.approx(0.2382, abs=5e-5)


def test_trend_of_malformations() -> None:
    # T8, Agresti (2002), table 3.7: z squared of Cochran & Armitage 6.570134; with N - 1 6.569932.
    case, control = [48, 38, 5, 1, 1], [17066, 14464, 788, 126, 37]
    found = mantel_trend(np.array([[case]]), np.array([[control]]), (0, 0.5, 1.5, 4, 7))
    n = sum(case) + sum(control)
    assert found.z[0] ** 2 == pytest.approx(6.569932, abs=5e-7)
    assert found.z[0] ** 2 * n / (n - 1) == pytest.approx(6.570134, abs=5e-7)


def test_trend_of_fixture_a() -> None:
    # T5: the score z, whose variance is N / (N - 1) smaller, is 5.77867.
    found = mantel_trend(np.array([[[10, 9, 3]]]), np.array([[[95, 8, 0]]]), (0, 1, 2))
    assert found.z[0] * np.sqrt(125 / 124) == pytest.approx(5.77867, abs=5e-6)
