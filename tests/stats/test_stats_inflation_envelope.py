"""Envelope of the inflation factor: exchangeable labels, discrete tests, inflation."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import chi2

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.cmh import mantel_trend
from alsrev_dagster.stats.exact import exact_conditional_p
from alsrev_dagster.stats.inflation import lambda_gc
from alsrev_dagster.stats.inflation_envelope import inflation_envelope
from alsrev_dagster.stats.permutation import permuted_labels

N_SAMPLE, N_CASE = 125, 22
IS_CASE = np.arange(N_SAMPLE) < N_CASE


def genotypes(rng: np.random.Generator, n: int, low: float, high: float) -> NDArray[np.int64]:
    return rng.binomial(2, rng.uniform(low, high, size=(n, 1)), size=(n, N_SAMPLE))


def counted(genotype: NDArray[np.int64], label: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    return [
        np.stack([(genotype[:, side] == code).sum(axis=1) for code in range(3)], axis=1)[:, None]
        for side in (label, ~label)
    ]


def trend_p(genotype: NDArray[np.int64], label: NDArray[np.bool_]) -> NDArray[np.float64]:
    case, control = counted(genotype, label)
    return mantel_trend(case, control, (0, 1, 2)).p_value


def test_quantiles_are_those_of_the_factors_one_by_one() -> None:
    rng = np.random.default_rng(1)
    seen, permuted = rng.uniform(size=200), rng.uniform(size=(39, 200))
    found = inflation_envelope(seen, iter(permuted))
    factors = [lambda_gc(one) for one in permuted]
    np.testing.assert_array_equal(found.permuted, factors)
    assert (found.ci_lower, found.median, found.ci_upper) == tuple(
        np.quantile(factors, [0.025, 0.5, 0.975])
    )
    assert found.p_value == (1 + sum(factor >= found.lambda_gc for factor in factors)) / 40
    assert (found.n_variant, found.n_permutation) == (200, 39)


def test_the_exact_test_of_rare_variants_has_an_envelope_far_below_one() -> None:
    rng = np.random.default_rng(2)
    genotype = genotypes(rng, 120, 0.005, 0.03)

    def exact_p(label: NDArray[np.bool_]) -> NDArray[np.float64]:
        case, control = counted(genotype, label)
        return exact_conditional_p(case, control, (0, 1, 2))

    labels = permuted_labels(IS_CASE, np.zeros(N_SAMPLE), n_permutation=40, generator=rng)
    found = inflation_envelope(exact_p(IS_CASE), (exact_p(label) for label in labels))
    assert found.ci_upper < 0.6
    assert found.ci_lower <= found.lambda_gc <= found.ci_upper


def test_true_labels_are_inside_in_19_of_20_when_they_mean_nothing() -> None:
    rng = np.random.default_rng(3)
    n_above, n_inside = 0, 0
    for _ in range(60):
        genotype = genotypes(rng, 40, 0.1, 0.5)
        labels = permuted_labels(IS_CASE, np.zeros(N_SAMPLE), n_permutation=39, generator=rng)
        found = inflation_envelope(
            trend_p(genotype, IS_CASE), (trend_p(genotype, label) for label in labels)
        )
        n_inside += found.ci_lower <= found.lambda_gc <= found.ci_upper
        n_above += found.p_value <= 0.1
    assert n_inside >= 50  # 57 expected
    assert n_above <= 14  # 6 expected


def test_two_populations_are_above_the_envelope() -> None:
    rng = np.random.default_rng(4)
    genotype = np.where(
        IS_CASE | (np.arange(N_SAMPLE) < 40),
        genotypes(rng, 300, 0.1, 0.3),
        genotypes(rng, 300, 0.2, 0.5),
    )
    labels = permuted_labels(IS_CASE, np.zeros(N_SAMPLE), n_permutation=39, generator=rng)
    found = inflation_envelope(
        trend_p(genotype, IS_CASE), (trend_p(genotype, label) for label in labels)
    )
    assert found.lambda_gc > found.ci_upper
    assert found.p_value == 1 / 40


def test_without_p_values_there_is_no_factor() -> None:
    found = inflation_envelope(np.array([np.nan]), [chi2.sf(np.ones(1), 1)])
    assert np.isnan([found.lambda_gc, found.p_value]).all()
    assert found.n_variant == 0


@pytest.mark.parametrize(
    ("permuted", "message"),
    [
        ([], "there are no permuted P values: expected those of at least one permutation"),
        ([np.ones(3), np.ones(2)], r"P values of permutation 1 have shape \(2,\): expected \(3,\)"),
        ([np.full(3, 2.0)], "P values run from 2.0 to 2.0: expected all in"),
    ],
)
def test_what_is_no_envelope_is_refused(permuted: list[NDArray[np.float64]], message: str) -> None:
    def given() -> Iterator[NDArray[np.float64]]:
        yield from permuted

    with pytest.raises(InputDataError, match=message):
        inflation_envelope(np.array([0.1, 0.5, 0.9]), given())
