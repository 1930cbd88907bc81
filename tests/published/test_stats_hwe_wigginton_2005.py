"""Exact Hardy-Weinberg test, against Wigginton, Cutler & Abecasis (2005), table 1."""

import numpy as np
import pytest

from alsrev_dagster.stats.hwe import hwe_exact

# 100 samples, 21 minor alleles: heterozygotes -> P value, to the six decimals printed.
PRINTED = {13: 0.010293, 15: 0.069576, 17: 0.284042, 19: 1.0, 21: 0.593645}
# The probability of each outcome; the rarest outcomes' P value is a sum of the first ones.
PROBABILITY = {7: 0.000001, 9: 0.000047, 11: 0.000870}
# 22 cases, 3 of them homozygous: heterozygotes -> P value, as computed in numbers computed apart (docs/methods.md).
RECESSIVE = {3: (0.0172, 5e-5), 5: (0.0811, 5e-5), 7: (0.311, 5e-4), 9: (0.654, 5e-4), 11: (1, 0)}


def hwe_exact_p(*counts: int) -> float:
    return float(hwe_exact(np.array([counts])).p_value[0])


@pytest.mark.parametrize("n_het", PRINTED)
def test_p_value_is_the_printed_one(n_het: int) -> None:
    n_hom_alt = (21 - n_het) // 2
    p_value = hwe_exact_p(100 - n_het - n_hom_alt, n_het, n_hom_alt)
    assert p_value == pytest.approx(PRINTED[n_het], abs=5e-7)


@pytest.mark.parametrize("n_het", PROBABILITY)
def test_probability_of_an_outcome_is_the_printed_one(n_het: int) -> None:
    def p_value(n_het: int) -> float:
        n_hom_alt = (21 - n_het) // 2
        return hwe_exact_p(100 - n_het - n_hom_alt, n_het, n_hom_alt)

    assert p_value(n_het) - p_value(n_het - 2) == pytest.approx(PROBABILITY[n_het], abs=5e-7)


@pytest.mark.parametrize("n_het", RECESSIVE)
def test_recessive_cases_are_out_of_equilibrium(n_het: int) -> None:
    expected, half_digit = RECESSIVE[n_het]
    assert hwe_exact_p(22 - 3 - n_het, n_het, 3) == pytest.approx(expected, abs=half_digit)
