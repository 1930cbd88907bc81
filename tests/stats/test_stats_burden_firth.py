"""Firth's fit of a burden score: the count kernel's numbers, an independent program, symmetries."""

import numpy as np
import pytest
from firthmodels import FirthLogisticRegression

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.burden_firth import burden_fit
from alsrev_dagster.stats.firth import firth_logistic
from alsrev_dagster.stats.set_null import set_null


def test_three_carriers_of_22_against_none_of_243() -> None:
    # T3, the Haldane-Anscombe identity; P value in 40-digit decimals, interval from logistf.
    found = burden_fit(set_null(np.arange(265) < 22), (np.arange(265) < 3).astype(float))
    assert found.beta == pytest.approx(np.log(3.5 * 243.5 / (19.5 * 0.5)), abs=1e-8)
    assert found.p_value == pytest.approx(1.233421349201555e-4, rel=1e-8)
    assert found.ci_lower == pytest.approx(2.08749, abs=5e-6)
    assert found.ci_upper == pytest.approx(9.38566, abs=5e-6)


@pytest.mark.parametrize("seed", range(12))
def test_genotype_scores_give_the_numbers_of_the_count_kernel(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stratum, is_case = rng.integers(0, 3, 265), rng.permutation(np.arange(265) < 22)
    score = (rng.random(265) < 0.1) * rng.integers(1, 3, 265)
    counts = np.zeros((2, 1, 3, 3), dtype=np.int64)
    np.add.at(counts, (1 - is_case.astype(int), 0, stratum, score), 1)
    expected = firth_logistic(counts[0], counts[1], (0, 1, 2))
    found = burden_fit(set_null(is_case, stratum), score.astype(float))
    for name in ("beta", "standard_error", "ci_lower", "ci_upper", "p_value"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name)[0], rel=1e-7)


def test_covariates_give_the_numbers_of_firthmodels() -> None:
    rng = np.random.default_rng(3)
    covariate, score = rng.normal(size=(265, 2)), rng.gamma(0.3, size=265)
    is_case = rng.permutation(np.arange(265) < 22)
    found = burden_fit(set_null(is_case, None, covariate), score)
    other = (
        FirthLogisticRegression(backend="numpy", xtol=1e-6, gtol=1e-6, max_iter=200)
        .fit(np.column_stack([covariate, score]), is_case.astype(int))
        .lrt()
    )
    assert found.beta == pytest.approx(other.coef_[-1], rel=1e-4)
    assert found.p_value == pytest.approx(other.lrt_pvalues_[2], rel=1e-4)


def test_the_other_direction_and_unit_of_a_score() -> None:
    rng = np.random.default_rng(4)
    null, score = set_null(rng.permutation(np.arange(100) < 12)), rng.gamma(1, size=100)
    found, mirrored = burden_fit(null, score), burden_fit(null, 5 - 10 * score)
    assert mirrored.beta == pytest.approx(-found.beta / 10, rel=1e-7)
    assert mirrored.ci_lower == pytest.approx(-found.ci_upper / 10, rel=1e-6)
    assert mirrored.p_value == pytest.approx(found.p_value, rel=1e-7)


def test_a_score_that_strata_explain_is_told() -> None:
    stratum = np.repeat([0, 1], 20)
    null = set_null(np.arange(40) % 4 == 0, stratum)
    found = burden_fit(null, 2.0 * stratum)
    assert (found.fit_status, found.p_value) == ("no_variation", 1.0)
    assert np.isnan(found.beta)
    bare = burden_fit(null, np.arange(40.0), with_interval=False)
    assert np.isnan(bare.ci_lower)
    assert bare.fit_status == "ok"


def test_a_score_with_holes_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"shape \(2,\) and 1 values that are not finite"):
        burden_fit(set_null(np.array([True, False])), np.array([1.0, np.nan]))
