"""Per-sample tallies: a table to check by eye, a loop, refusals."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.counts import packed_counts
from alsrev_dagster.stats.sample_tally import SampleMetrics, SampleTally, VariantKind


def tallied(
    genotype: NDArray[np.uint8], *, is_autosome: bool = True, cut: int = 0, **mask: Any
) -> SampleMetrics:
    """Metrics of one matrix given in two blocks; masks that are not given are all False."""
    names = ("is_transition", "is_transversion", "is_x_outside_par", "is_y_outside_par")
    masks = {name: np.array(mask.get(name, [False] * len(genotype))) for name in names}
    everyone = np.ones((1, genotype.shape[1]), dtype=np.bool_)
    tally = SampleTally(n_sample=genotype.shape[1])
    for part in (slice(None, cut), slice(cut, None)):
        packed = pack(genotype[part])
        here = {name: values[part] for name, values in masks.items()}
        counts = packed_counts(packed, everyone)[:, 0]
        tally.add(packed, counts=counts, kind=VariantKind(is_autosome, **here))
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
    np.testing.assert_array_equal(metrics.het_hom_ratio, [1, 1, 2, 0])
    assert np.isnan(metrics.y_call_rate).all()


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


@pytest.mark.parametrize(("n_variant", "rate"), [(19, np.nan), (20, 0.5)])
def test_y_call_rate_needs_twenty_variants_that_somebody_is_called_at(
    n_variant: int, rate: float
) -> None:
    genotype = np.full((n_variant + 5, 3), 3, dtype=np.uint8)  # of the last 5 nobody has a call
    genotype[:n_variant, 1] = 0
    genotype[: n_variant // 2, 0] = 2
    metrics = tallied(genotype, is_autosome=False, is_y_outside_par=[True] * len(genotype))
    expected = np.array([0.5, 1, 0]) if rate == 0.5 else np.full(3, np.nan)
    np.testing.assert_array_equal(metrics.y_call_rate, expected)


@given(st.integers(0, 2**32 - 1), st.integers(1, 9))
@settings(max_examples=30, deadline=None)
def test_counts_are_those_of_a_loop_over_samples(seed: int, n_sample: int) -> None:
    rng = np.random.default_rng(seed)
    genotype = rng.integers(0, 4, size=(40, n_sample), dtype=np.uint8)
    is_transition = rng.random(40) < 0.5
    metrics = tallied(genotype, is_transition=is_transition, is_transversion=~is_transition)
    for sample, calls in enumerate(genotype.T):
        assert metrics.n_missing[sample] == (calls == 3).sum()
        assert metrics.n_het[sample] == (calls == 1).sum()
        assert metrics.n_hom_alt[sample] == (calls == 2).sum()
        carried = (calls == 1) | (calls == 2)
        n_tv = (carried & ~is_transition).sum()
        if n_tv:
            assert metrics.ti_tv[sample] == (carried & is_transition).sum() / n_tv


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
    with pytest.raises(InputDataError, match=r"masks of shapes .* one mask entry per variant"):
        tallied(GENOTYPE, is_transition=[True] * 6)


def test_tallies_stand_side_by_side_and_samples_can_be_taken() -> None:
    whole = tallied(GENOTYPE)
    joined = SampleMetrics.side_by_side([whole, whole]).take(np.array([2, 5]))
    assert joined.n_het.tolist() == [2, 1]
    assert joined.n_missing.tolist() == [1, 1]
