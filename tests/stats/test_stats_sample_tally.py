"""Per-sample tallies: a table to check by eye, a loop, refusals."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.sample_tally import SampleMetrics, SampleTally, infer_sex


def tallied(
    genotype: NDArray[np.uint8], *, is_autosome: bool = True, cut: int = 0, **mask: Any
) -> SampleMetrics:
    """Metrics of one matrix given in two blocks; masks that are not given are all False."""
    names = ("is_transition", "is_transversion", "is_x_outside_par")
    masks = {name: np.array(mask.get(name, [False] * len(genotype))) for name in names}
    tally = SampleTally(n_sample=genotype.shape[1])
    for part in (slice(None, cut), slice(cut, None)):
        here = {name: values[part] for name, values in masks.items()}
        tally.add(genotype[part], is_autosome=is_autosome, **here)
    return tally.metrics()


GENOTYPE = np.array(
    [
        [0, 0, 1, 0],  # ALT carried once, by sample 2
        [2, 2, 1, 2],  # REF carried once, by sample 2
        [0, 1, 2, 3],  # common
        [1, 3, 3, 3],  # one sample called: both alleles are carried once
        [0, 0, 0, 0],  # monomorphic
    ],
    dtype=np.uint8,
)


def test_counts_of_a_small_table() -> None:
    metrics = tallied(
        GENOTYPE, is_transition=np.array([1, 1, 0, 1, 0]) == 1, is_transversion=np.arange(5) == 2
    )
    assert metrics.n_called.tolist() == [5, 4, 4, 3]
    assert metrics.n_missing.tolist() == [0, 1, 1, 2]
    assert metrics.n_het.tolist() == [1, 1, 2, 0]
    assert metrics.n_hom_alt.tolist() == [1, 1, 1, 1]
    assert metrics.n_singleton.tolist() == [1, 0, 2, 0]
    np.testing.assert_allclose(metrics.het_rate, [1 / 5, 1 / 4, 2 / 4, 0])
    np.testing.assert_array_equal(metrics.ti_tv, [np.nan, 1, 2, np.nan])


def test_inbreeding_coefficient_is_plinks() -> None:
    # Expected per variant 2 a b / (2n (2n - 1)): 14/56, 14/56, 18/30, 2/2, 0.
    expected = np.array([2.1, 1.1, 1.1, 0.5])
    np.testing.assert_allclose(tallied(GENOTYPE).inbreeding_f, 1 - [1, 1, 2, 0] / expected)


def test_only_autosomes_enter_heterozygosity() -> None:
    metrics = tallied(GENOTYPE, is_autosome=False)
    assert np.isnan(metrics.het_rate).all()
    assert np.isnan(metrics.inbreeding_f).all()
    assert metrics.n_called.tolist() == [5, 4, 4, 3]


@pytest.mark.parametrize(("n_variant", "rate"), [(49, np.nan), (50, 0.5)])
def test_x_heterozygosity_needs_fifty_polymorphic_variants(n_variant: int, rate: float) -> None:
    genotype = np.zeros((n_variant + 30, 2), dtype=np.uint8)
    genotype[:n_variant, 1] = 1  # the other 30 are monomorphic
    genotype[: n_variant // 2, 0] = 1
    metrics = tallied(genotype, is_autosome=False, is_x_outside_par=[True] * len(genotype))
    expected = rate if np.isnan(rate) else n_variant // 2 / n_variant
    np.testing.assert_array_equal(metrics.x_het_rate, [expected, 2 * expected])


@given(st.integers(0, 2**32 - 1), st.integers(0, 30))
@settings(max_examples=30, deadline=None)
def test_blocks_change_nothing(seed: int, cut: int) -> None:
    rng = np.random.default_rng(seed)
    genotype = rng.integers(0, 4, size=(30, 5), dtype=np.uint8)
    is_transition = rng.random(30) < 0.6
    masks = {"is_transition": is_transition, "is_transversion": ~is_transition}
    whole, cut_up = tallied(genotype, **masks), tallied(genotype, cut=cut, **masks)
    for name, values in vars(whole).items():
        np.testing.assert_allclose(vars(cut_up)[name], values, rtol=1e-12)
    order = rng.permutation(5)
    for name, values in vars(tallied(genotype[:, order], **masks)).items():
        np.testing.assert_allclose(values, vars(whole)[name][order], rtol=1e-12)


def test_swapping_ref_and_alt_keeps_heterozygosity_and_singletons() -> None:
    swapped = np.array([2, 1, 0, 3], dtype=np.uint8)[GENOTYPE]
    for name in ("n_called", "n_het", "n_singleton", "het_rate", "inbreeding_f"):
        found, expected = vars(tallied(swapped))[name], vars(tallied(GENOTYPE))[name]
        np.testing.assert_array_equal(found, expected)


def test_a_mask_of_another_length_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"its masks .* one mask entry per variant"):
        tallied(GENOTYPE, is_transition=[True] * 6)


def test_sex_follows_the_thresholds() -> None:
    rate = np.array([0.0, 0.05, 0.1, 0.15, 0.4, np.nan])
    sex = infer_sex(rate, male_max=0.05, female_min=0.15)
    assert sex.tolist() == ["male", "male", None, "female", "female", None]


def test_thresholds_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(InputDataError, match=r"male_max is 0.3 and female_min 0.2: expected"):
        infer_sex(np.array([0.1]), male_max=0.3, female_min=0.2)
