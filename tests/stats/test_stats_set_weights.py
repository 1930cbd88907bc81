"""Masks and weights of variants."""

import numpy as np
import pytest
from scipy.stats import beta

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.set_weights import (
    beta_weight,
    equal_weight,
    in_mask,
    madsen_browning_weight,
)

TERMS = np.array(["missense_variant", "stop_gained&splice_region_variant", "", "missense_variant"])
MAF = np.array([0.01, 0.002, 0.002, 0.011])


def test_one_of_the_terms_is_enough_and_the_ceiling_is_in() -> None:
    found = in_mask(TERMS, MAF, consequences=["stop_gained", "missense_variant"], maf_max=0.01)
    assert found.tolist() == [True, True, False, False]


def test_a_term_is_a_whole_word() -> None:
    assert not in_mask(TERMS, MAF, consequences=["missense"], maf_max=0.5).any()


def test_no_terms_ask_for_every_variant_that_varies() -> None:
    maf = np.array([0.0, 0.002, 0.1, 0.5])
    assert in_mask(TERMS, maf, consequences=(), maf_max=0.2).tolist() == [False, True, True, False]


@pytest.mark.parametrize("shape", [(1.0, 25.0), (0.5, 0.5), (1.0, 1.0)])
def test_beta_weight_is_the_density(shape: tuple[float, float]) -> None:
    maf = np.array([0.001, 0.01, 0.3, 0.5])
    np.testing.assert_allclose(beta_weight(maf, *shape), beta.pdf(maf, *shape), rtol=1e-12)


def test_weights_printed_in_words() -> None:
    # Wu et al. 2011: beta (1, 25) gives almost none to common variants; 25 at the limit of 0.
    assert beta_weight(np.array([0.0, 0.5]))[0] == pytest.approx(25)
    assert beta_weight(np.array([0.0, 0.5]))[1] < 1e-5
    assert madsen_browning_weight(np.array([0.2])).tolist() == pytest.approx([2.5])
    assert equal_weight(MAF).tolist() == [1.0] * 4


def test_what_is_no_minor_frequency_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"run from 0\.1 to 0\.7: expected \(n_variant,\)"):
        beta_weight(np.array([0.1, 0.7]))
    with pytest.raises(InputDataError, match="1 of 2 variants have a MAF of 0: expected variants"):
        madsen_browning_weight(np.array([0.0, 0.1]))
    with pytest.raises(InputDataError, match=r"shape is \(0, 25.0\): expected two numbers above"):
        beta_weight(MAF, 0)
    with pytest.raises(InputDataError, match=r"maf_max is 1\.0: expected two equal shapes"):
        in_mask(TERMS, MAF, consequences=(), maf_max=1.0)
