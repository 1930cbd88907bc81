"""Verdicts on samples: sex by X and Y, outliers of a cohort, what leaves a sample out."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.sample_quality import (
    MIXTURE,
    OTHER_SEX,
    SampleRule,
    infer_sex,
    robust_z,
    sample_verdict,
)
from alsrev_dagster.stats.sample_tally import SampleMetrics

LIMITS = {"male_x_max": 0.05, "female_x_min": 0.15, "male_y_min": 0.7, "female_y_max": 0.3}
RULE = SampleRule(0.95, outlier_mad_max=4, contamination_f_max=-0.1, are_odd_excluded=False)


def test_sex_follows_the_thresholds_of_x() -> None:
    rate = np.array([0.0, 0.05, 0.1, 0.15, 0.4, np.nan])
    sex = infer_sex(rate, np.full(6, np.nan), **LIMITS)
    assert sex.tolist() == ["male", "male", None, "female", "female", None]


def test_y_decides_where_x_cannot_and_nobody_where_they_disagree() -> None:
    x = np.array([np.nan, np.nan, np.nan, 0.0, 0.4, 0.4, 0.0, 0.1])
    y = np.array([0.7, 0.3, 0.5, 0.9, 0.1, 0.9, 0.1, 0.9])  # the last three: XXY, X0, undecided X
    sex = infer_sex(x, y, **LIMITS)
    assert sex.tolist() == ["male", "female", None, "male", "female", None, None, None]


@pytest.mark.parametrize("wrong", [{"male_x_max": 0.3}, {"female_y_max": 0.8}])
def test_thresholds_the_wrong_way_round_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputDataError, match="expected the first of each two to be below the"):
        infer_sex(np.array([0.1]), np.array([0.1]), **{**LIMITS, **wrong})


def test_robust_z_is_within_a_cohort_of_ten_or_more() -> None:
    value = np.array([*range(1, 10), 95, 1, 2, np.nan], dtype=float)
    cohort = np.array(["a"] * 10 + ["b"] * 3, dtype=object)
    z = robust_z(value, cohort)
    # Median 5.5, median absolute deviation 2.5.
    np.testing.assert_allclose(z[:10], (value[:10] - 5.5) / (1.4826 * 2.5))
    assert np.isnan(z[10:]).all()
    same = robust_z(np.array([3.0] * 9 + [8]), np.array(["a"] * 10, dtype=object))
    assert np.isnan(same).all()
    np.testing.assert_allclose(robust_z(-3 * value + 7, cohort)[:10], -z[:10])


def metrics(n_sample: int = 20) -> SampleMetrics:
    """Samples of a cohort that differ a little, none of them odd."""
    spread = np.linspace(-1, 1, n_sample)
    n = np.arange(100, 100 + n_sample)
    return SampleMetrics(
        n_called=n, n_missing=n, n_het=n, n_hom_alt=n, n_singleton=n,
        het_rate=0.3 + 0.01 * spread,
        inbreeding_f=0.02 * spread,
        het_hom_ratio=1.6 + 0.05 * spread,
        ti_tv=2.8 + 0.05 * spread,
        x_het_rate=spread, y_call_rate=spread,
    )  # fmt: skip


def judged(found: SampleMetrics, rule: SampleRule = RULE, **change: NDArray[np.generic]) -> object:
    n = len(found.n_het)
    given = {
        "call_rate": np.full(n, 0.99),
        "cohort": np.array(["a"] * n, dtype=object),
        "has_other_sex": np.zeros(n, dtype=bool),
        **change,
    }
    return sample_verdict(found, rule, **given)  # type: ignore[arg-type]


def test_nothing_is_said_of_samples_like_the_others() -> None:
    verdict = judged(metrics())
    assert set(verdict.filter_reason) | set(verdict.flag_reason) == {None}


def test_a_mixture_needs_too_many_heterozygotes_by_both_signs() -> None:
    found = metrics()
    ratio, f = found.het_hom_ratio.copy(), found.inbreeding_f.copy()
    ratio[[0, 1]], f[[1, 2]] = 3.0, -0.3
    verdict = judged(replace(found, het_hom_ratio=ratio, inbreeding_f=f))
    outlier = RULE.outlier("het_hom_ratio")
    assert verdict.flag_reason[:3].tolist() == [outlier, f"{MIXTURE}; {outlier}", None]
    assert set(verdict.filter_reason) == {None}
    strict = judged(
        replace(found, het_hom_ratio=ratio, inbreeding_f=f), replace(RULE, are_odd_excluded=True)
    )
    assert strict.filter_reason[:3].tolist() == [outlier, MIXTURE, None]


def test_a_low_call_rate_leaves_a_sample_out_and_another_sex_is_flagged() -> None:
    rate, other = np.full(20, 0.99), np.zeros(20, dtype=bool)
    rate[3], other[4] = 0.9, True
    verdict = judged(metrics(), call_rate=rate, has_other_sex=other)
    assert verdict.filter_reason[3] == "call_rate below 0.95"
    assert verdict.flag_reason[4] == OTHER_SEX
    assert verdict.filter_reason[4] is None
