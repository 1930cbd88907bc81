"""The exact test's own null: by every table of a margin, and by drawing."""

import numpy as np
import pytest

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.exact import exact_conditional_p
from alsrev_dagster.stats.exact_null import exact_null_quantiles


@pytest.mark.parametrize("score", [(0, 1, 2), (0, 1, 1), (0, 0, 1)])
def test_quantiles_are_those_of_random_labels(score: tuple[int, int, int]) -> None:
    rng, n, n_case, m = np.random.default_rng(1), 60, 14, 400
    genotype = rng.binomial(2, rng.beta(0.6, 2, size=(150, 1)), size=(150, n))
    count = np.stack([(genotype == g).sum(axis=1) for g in range(3)], axis=1)
    drawn = []
    for _ in range(m):
        label = rng.permutation(n) < n_case
        case = np.stack([(genotype[:, label] == g).sum(axis=1) for g in range(3)], axis=1)
        drawn.append(exact_conditional_p(case[:, None], (count - case)[:, None], score))
    expected = exact_null_quantiles(count, np.full(150, n_case), score)
    assert (np.diff(expected) >= 0).all()
    every = np.sort(np.concatenate(drawn))
    for p in (0.01, 0.05, 0.3, 0.7):
        share = np.searchsorted(every, p, side="right") / len(every)
        assert np.searchsorted(expected, p, side="right") / 150 == pytest.approx(share, abs=0.012)


def test_one_margin_is_its_step_function() -> None:
    # Of 28 pairs of 8 samples, 1 holds both carriers, 12 one, 15 none: P 1/28, 13/28, 1.
    found = exact_null_quantiles(np.array([[6, 2, 0]] * 28), np.full(28, 2), (0, 1, 1))
    np.testing.assert_allclose(found, [1 / 28, *[13 / 28] * 12, *[1.0] * 15])


def test_no_variant_has_no_quantile_and_wrong_shapes_are_refused() -> None:
    assert exact_null_quantiles(np.empty((0, 3), dtype=np.int64), np.empty(0), (0, 1, 2)).size == 0
    with pytest.raises(InputDataError, match="and no more cases than samples; count both"):
        exact_null_quantiles(np.array([[1, 1, 0]]), np.array([3]), (0, 1, 2))
