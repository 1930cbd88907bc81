"""Cochran-Mantel-Haenszel: one odds ratio or trend over strata, and whether strata agree."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from alsrev_dagster.errors import InputDataError

Floats = NDArray[np.float64]
Exposure = Literal["dominant", "recessive", "allelic"]

_Z_95 = float(norm.isf(0.025))
_WEIGHT: dict[Exposure, tuple[int, tuple[int, int, int]]] = {
    "dominant": (1, (0, 1, 1)),
    "recessive": (1, (0, 0, 1)),
    "allelic": (2, (0, 1, 2)),
}
"""Things counted in a sample, and how many of them are exposed with genotype 0, 1 and 2."""


@dataclass(frozen=True)
class MantelHaenszel:
    """Common odds ratio of each variant over strata; every array has shape (n,)."""

    odds_ratio: NDArray[np.float64]
    """0 or infinity where a product is empty; NaN where no stratum says anything."""
    log_standard_error: NDArray[np.float64]
    """Robins, Breslow & Greenland; NaN where the odds ratio is 0, infinite or NaN."""
    ci_lower: NDArray[np.float64]
    """95%; NaN as the error."""
    ci_upper: NDArray[np.float64]
    statistic: NDArray[np.float64]
    """Chi-square of one degree of freedom, without continuity correction."""
    p_value: NDArray[np.float64]
    corrected_statistic: NDArray[np.float64]
    """With it, as R's ``mantelhaen.test`` by default."""
    corrected_p_value: NDArray[np.float64]
    homogeneity_statistic: NDArray[np.float64]
    """Breslow & Day, NaN with fewer than two strata that say something."""
    homogeneity_p_value: NDArray[np.float64]
    tarone_statistic: NDArray[np.float64]
    """Breslow & Day with Tarone's correction."""
    tarone_p_value: NDArray[np.float64]
    n_stratum: NDArray[np.int64]
    """Strata with cases, controls, exposed and unexposed."""


@dataclass(frozen=True)
class MantelTrend:
    """Trend of each variant over strata; every array has shape (n,)."""

    z: NDArray[np.float64]
    """Above 0 where the cases' scores are higher; 0 where nothing varies."""
    p_value: NDArray[np.float64]


def exposure_tables(
    case_counts: NDArray[np.int64], control_counts: NDArray[np.int64], exposure: Exposure
) -> NDArray[np.int64]:
    """Tables of two by two per stratum from genotype counts.

    Parameters
    ----------
    case_counts, control_counts
        Samples with genotype 0, 1 and 2 in each stratum, shape (n, S, 3).
    exposure
        ``dominant`` (carriers), ``recessive`` (hom-alt), or ``allelic``, which counts alleles
        and needs Hardy-Weinberg equilibrium in cases and controls together.

    Returns
    -------
    NDArray[np.int64]
        Shape (n, S, 2, 2): cases exposed and not, controls exposed and not.

    Examples
    --------
    >>> exposure_tables(np.array([[[10, 9, 3]]]), np.array([[[95, 8, 0]]]), "allelic").tolist()
    [[[[15, 29], [8, 198]]]]
    """
    n_each, exposed = _WEIGHT[exposure]
    both = np.stack([case_counts, control_counts], axis=2)
    n_exposed = both @ np.array(exposed)
    return np.stack([n_exposed, n_each * both.sum(axis=3) - n_exposed], axis=3)


def mantel_haenszel(table: NDArray[np.int64]) -> MantelHaenszel:
    """Common odds ratio over strata, its interval and tests, and the strata's homogeneity.

    Parameters
    ----------
    table
        Shape (n, S, 2, 2): cases exposed and not, controls exposed and not, per stratum.

    Returns
    -------
    MantelHaenszel
        Without a stratum that says something P values are 1, the rest NaN or 0.

    Raises
    ------
    InputDataError
        If the shape is another or a count is negative.

    Notes
    -----
    Odds ratio and chi-square of Mantel & Haenszel [1]_ (variance with N - 1), interval of Robins,
    Breslow & Greenland [2]_, homogeneity of Breslow & Day with Tarone's correction [3]_. All lean
    on the normal distribution of a sum: with few exposed the exact test
    (:func:`exact.exact_conditional_p`) is the one of record, and homogeneity is not testable. A
    stratum without cases, controls, exposed or unexposed adds nothing.

    References
    ----------
    .. [1] Mantel & Haenszel (1959), J Natl Cancer Inst 22:719-748.
    .. [2] Robins, Breslow & Greenland (1986), Biometrics 42:311-323.
    .. [3] Tarone (1985), Biometrika 72:91-95.

    Examples
    --------
    >>> table = np.array([[[[3, 3], [0, 6]], [[6, 0], [2, 4]], [[5, 1], [6, 0]]]])
    >>> mantel_haenszel(table).odds_ratio.tolist()
    [7.0]
    """
    if table.ndim != 4 or table.shape[2:] != (2, 2) or (table.size and table.min() < 0):
        raise InputDataError(
            f"tables have shape {table.shape} and a smallest count of {table.min(initial=0)}: "
            "expected (n_variant, n_stratum, 2, 2) and no count below 0; make them with "
            "exposure_tables"
        )
    says = ((table.sum(axis=2) > 0) & (table.sum(axis=3) > 0)).all(axis=2)
    cells = np.where(says[..., None, None], table, 0).astype(np.float64)
    odds_ratio, error = _common_odds_ratio(cells)
    excess, variance = _excess(cells)
    statistic = _share(excess**2, variance)
    less = np.where(np.abs(excess) >= 0.5, np.abs(excess) - 0.5, np.abs(excess))
    corrected = _share(less**2, variance)
    n_stratum = says.sum(axis=1)
    breslow_day, tarone = _homogeneity(cells, odds_ratio)
    lost = n_stratum < 2
    breslow_day[lost] = tarone[lost] = np.nan
    n_free = np.maximum(n_stratum - 1, 1)
    with np.errstate(divide="ignore"):
        log_odds_ratio = np.log(odds_ratio)
    return MantelHaenszel(
        odds_ratio=odds_ratio,
        log_standard_error=error,
        ci_lower=np.exp(log_odds_ratio - _Z_95 * error),
        ci_upper=np.exp(log_odds_ratio + _Z_95 * error),
        statistic=statistic,
        p_value=chi2.sf(statistic, 1),
        corrected_statistic=corrected,
        corrected_p_value=chi2.sf(corrected, 1),
        homogeneity_statistic=breslow_day,
        homogeneity_p_value=chi2.sf(breslow_day, n_free),
        tarone_statistic=tarone,
        tarone_p_value=chi2.sf(tarone, n_free),
        n_stratum=n_stratum.astype(np.int64),
    )


def mantel_trend(
    case_counts: NDArray[np.int64], control_counts: NDArray[np.int64], score: tuple[float, ...]
) -> MantelTrend:
    """Mantel's extension: trend of the outcome in a genotype score, over strata.

    Parameters
    ----------
    case_counts, control_counts
        Samples of each category and stratum, shape (n, S, G).
    score
        Of each category; (0, 1, 2) for additive.

    Returns
    -------
    MantelTrend
        z and its two-sided normal P value, 1 where nothing varies.

    Raises
    ------
    InputDataError
        If the shapes differ from each other or from the number of scores.

    Notes
    -----
    The generalised Cochran-Mantel-Haenszel statistic for a correlation [1]_: the cases' summed
    score, centred and scaled by its permutation mean and variance (N - 1) in each stratum. With
    one stratum z squared is (N - 1)/N times Cochran & Armitage's. At 22 cases and rare alleles the
    normal P value is far too small in the tail: it screens, and never ranks.

    References
    ----------
    .. [1] Mantel (1963), J Am Stat Assoc 58:690-700.

    Examples
    --------
    >>> trend = mantel_trend(np.array([[[10, 9, 3]]]), np.array([[[95, 8, 0]]]), (0, 1, 2))
    >>> trend.z.round(4).tolist()
    [5.7555]
    """
    shape = case_counts.shape
    if len(shape) != 3 or control_counts.shape != shape or shape[2] != len(score):
        raise InputDataError(
            f"case_counts has shape {shape}, control_counts {control_counts.shape} and there are "
            f"{len(score)} scores: expected (n_variant, n_stratum, n_score) for both"
        )
    value = np.array(score, dtype=np.float64)
    case, control = case_counts.astype(np.float64), control_counts.astype(np.float64)
    n_case, n_control = case.sum(axis=2), control.sum(axis=2)
    n = n_case + n_control
    mean = _share((case + control) @ value, n)
    around = value - mean[..., None]
    spread = ((case + control) * around**2).sum(axis=2)
    excess = (case * around).sum(axis=(1, 2))
    variance = _share(n_case * n_control * spread, n * (n - 1)).sum(axis=1)
    z = _share(excess, np.sqrt(variance))
    return MantelTrend(z, 2 * norm.sf(np.abs(z)))


def _share(part: Floats, whole: Floats) -> Floats:
    """Quotient, 0 where the divisor is not above 0."""
    return np.divide(part, whole, out=np.zeros(np.shape(part)), where=whole > 0)


def _common_odds_ratio(cells: Floats) -> tuple[Floats, Floats]:
    """Odds ratio of each variant, and the standard error of its logarithm."""
    n = cells.sum(axis=(2, 3))
    a, b, c, d = cells[..., 0, 0], cells[..., 0, 1], cells[..., 1, 0], cells[..., 1, 1]
    up, down = _share(a * d, n), _share(b * c, n)
    along, across = _share(a + d, n), _share(b + c, n)
    all_up, all_down = up.sum(axis=1), down.sum(axis=1)
    with np.errstate(all="ignore"):
        variance = (along * up).sum(axis=1) / (2 * all_up**2)
        variance += (along * down + across * up).sum(axis=1) / (2 * all_up * all_down)
        variance += (across * down).sum(axis=1) / (2 * all_down**2)
        odds_ratio = all_up / all_down
    is_inside = (all_up > 0) & (all_down > 0)
    return odds_ratio, np.sqrt(np.where(is_inside, variance, np.nan))


def _excess(cells: Floats) -> tuple[Floats, Floats]:
    """Exposed cases above expectation, over strata, and the variance of that."""
    n, row, column = cells.sum(axis=(2, 3)), cells.sum(axis=3), cells.sum(axis=2)
    expected = _share(row[..., 0] * column[..., 0], n)
    variance = _share(row.prod(axis=2) * column.prod(axis=2), n**2 * (n - 1))
    return (cells[..., 0, 0] - expected).sum(axis=1), variance.sum(axis=1)


def _homogeneity(cells: Floats, odds_ratio: Floats) -> tuple[Floats, Floats]:
    """Breslow & Day's statistic and Tarone's; NaN where the odds ratio is 0 or infinite."""
    known = np.isfinite(odds_ratio) & (odds_ratio > 0)
    psi = np.where(known, odds_ratio, 1.0)[:, None]
    n, row, column = cells.sum(axis=(2, 3)), cells.sum(axis=3)[..., 0], cells.sum(axis=2)[..., 0]
    # a (n - row - column + a) = psi (row - a) (column - a), the root within the margins
    linear = n - row - column + psi * (row + column)
    root = np.sqrt(np.maximum(linear**2 - 4 * (1 - psi) * -psi * row * column, 0))
    expected = _share(2 * psi * row * column, linear + root)
    parts = [expected, row - expected, column - expected, n - row - column + expected]
    inverse = sum(_share(np.ones_like(part), part) for part in parts)
    variance = _share((n > 0).astype(np.float64), np.asarray(inverse))
    apart = np.where(n > 0, cells[..., 0, 0] - expected, 0.0)
    breslow_day = np.where(known, _share(apart**2, variance).sum(axis=1), np.nan)
    return breslow_day, breslow_day - _share(apart.sum(axis=1) ** 2, variance.sum(axis=1))
