"""Verdicts on samples: the sex that X and Y point to, and values far from their cohort's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.robust import middle_and_spread
from alsrev_dagster.stats.sample_tally import SampleMetrics

N_COHORT_MIN = 10
"""Samples of a cohort below which none is called an outlier of it."""

JUDGED = ("het_rate", "het_hom_ratio", "ti_tv", "n_singleton")
"""Metrics of which a sample may be an outlier of its cohort."""
MIXTURE = "looks like a mixture of samples"
OTHER_SEX = "sex_inferred is not sex_declared"


def infer_sex(
    x_het_rate: NDArray[np.float64],
    y_call_rate: NDArray[np.float64],
    *,
    male_x_max: float,
    female_x_min: float,
    male_y_min: float,
    female_y_max: float,
) -> NDArray[np.object_]:
    """Sex that heterozygosity of X and calls of Y of each sample point to.

    Parameters
    ----------
    x_het_rate, y_call_rate
        In [0, 1] or NaN where it cannot be told, shape (n_sample,): see
        :class:`alsrev_dagster.stats.sample_tally.SampleMetrics`.
    male_x_max, female_x_min
        Highest X heterozygosity of a male and lowest of a female; between them is neither.
    male_y_min, female_y_max
        Lowest Y call rate of a male and highest of a female; between them is neither.

    Returns
    -------
    NDArray[np.object_]
        ``male``, ``female`` or None (in between, neither known, or X and Y disagree), shape
        (n_sample,).

    Raises
    ------
    InputDataError
        If male_x_max is not below female_x_min, or female_y_max not below male_y_min.

    Notes
    -----
    Where one of the two cannot be told the other decides. X and Y disagree in X0 and XXY
    people, in mixed samples, and where females have calls in the parts of Y that resemble X or
    repeats; a male's X heterozygosity is lifted by repeats, PARs left in and contamination.

    Examples
    --------
    >>> x, y = np.array([0.01, 0.3, np.nan, 0.3]), np.array([0.9, np.nan, 0.95, 0.9])
    >>> limits = {"male_x_max": 0.05, "female_x_min": 0.1, "male_y_min": 0.7, "female_y_max": 0.3}
    >>> infer_sex(x, y, **limits).tolist()
    ['male', 'female', 'male', None]
    """
    if not (male_x_max < female_x_min and female_y_max < male_y_min):
        raise InputDataError(
            f"male_x_max is {male_x_max} and female_x_min {female_x_min}, female_y_max "
            f"{female_y_max} and male_y_min {male_y_min}: expected the first of each two to be "
            "below the second; correct the thresholds in the configuration"
        )
    by_x = _decided(x_het_rate, female_x_min, male_x_max, "female", "male")
    by_y = _decided(y_call_rate, male_y_min, female_y_max, "male", "female")
    sex = np.where(np.isnan(x_het_rate), by_y, by_x)
    sex[~np.isnan(x_het_rate) & ~np.isnan(y_call_rate) & (by_x != by_y)] = None
    return np.asarray(sex, dtype=np.object_)


def _decided(
    rate: NDArray[np.float64], high: float, low: float, if_high: str, if_low: str
) -> NDArray[np.object_]:
    sex = np.full(rate.shape, None, dtype=np.object_)
    sex[rate >= high] = if_high
    sex[rate <= low] = if_low
    return sex


def robust_z(value: NDArray[np.float64], cohort: NDArray[np.object_]) -> NDArray[np.float64]:
    """Distance of each value from its cohort's median, in robust standard deviations.

    Parameters
    ----------
    value
        Shape (n_sample,), NaN where there is none.
    cohort
        Shape (n_sample,).

    Returns
    -------
    NDArray[np.float64]
        (value - median) / (1.4826 * median absolute deviation); NaN for a value that is NaN, in
        a cohort of fewer than 10 values, and where more than half of a cohort has one value.

    Notes
    -----
    The rule of gnomAD's sample QC, which takes |z| > 4 as an outlier within a stratum [1]_. It
    assumes that a cohort is one population sequenced one way: a minority ancestry, or a batch,
    within a cohort stands out for that.

    References
    ----------
    .. [1] Karczewski et al. (2020), Nature 581:434-443, supplementary information; Leys et al.
       (2013), J Exp Soc Psychol 49:764-766.

    Examples
    --------
    >>> value = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 95])
    >>> robust_z(value, np.array(["a"] * 10, dtype=object)).round(2)[[0, 4, 9]].tolist()
    [-1.21, -0.13, 24.15]
    """
    z = np.full(value.shape, np.nan)
    for name in set(cohort.tolist()):
        here = (cohort == name) & ~np.isnan(value)
        if here.sum() < N_COHORT_MIN:
            continue
        middle, spread = middle_and_spread(value[here])
        if spread > 0:
            z[here] = (value[here] - middle) / spread
    return z


@dataclass(frozen=True)
class SampleRule:
    """Thresholds beyond which a sample is left out, or odd; whether odd ones are left out."""

    call_rate_min: float
    outlier_mad_max: float
    contamination_f_max: float
    are_odd_excluded: bool

    def outlier(self, metric: str) -> str:
        """How an outlier is called."""
        return f"{metric} is more than {self.outlier_mad_max:g} robust SD from the cohort's median"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every reason for which a sample may be left out, the gravest first."""
        odd = (MIXTURE, *(self.outlier(metric) for metric in JUDGED))
        low = f"call_rate below {self.call_rate_min:g}"
        return (low, *odd) if self.are_odd_excluded else (low,)


@dataclass(frozen=True)
class SampleVerdict:
    """Why each sample is left out, and what is odd about it: shape (n_sample,), None: nothing."""

    filter_reason: NDArray[np.object_]
    """The gravest reason."""
    flag_reason: NDArray[np.object_]
    """All that is odd, joined by semicolons."""


def sample_verdict(
    metrics: SampleMetrics,
    rule: SampleRule,
    *,
    call_rate: NDArray[np.float64],
    cohort: NDArray[np.object_],
    has_other_sex: NDArray[np.bool_],
) -> SampleVerdict:
    """Judge each sample by itself and beside its cohort.

    Parameters
    ----------
    metrics, rule
        What was counted, and the thresholds.
    call_rate, cohort, has_other_sex
        Of each sample, shape (n_sample,); the last where the sex inferred is not the declared.

    Returns
    -------
    SampleVerdict
        A low call rate leaves a sample out; outliers and mixtures are flagged, and left out
        where the rule says so; another sex is flagged.

    Notes
    -----
    A mixture of two samples has too many heterozygotes: inbreeding_f far below 0 together with
    het_hom_ratio far above the cohort's [1]_. So has a sample of a more diverse ancestry than
    those that the frequencies come from: the two cannot be told apart by genotypes alone.

    References
    ----------
    .. [1] Laurie et al. (2010), Genet Epidemiol 34:591-602; Jun et al. (2012), Am J Hum Genet
       91:839-848.
    """
    z = {name: robust_z(vars(metrics)[name].astype(np.float64), cohort) for name in JUDGED}
    is_mixed = (metrics.inbreeding_f < rule.contamination_f_max) & (
        z["het_hom_ratio"] > rule.outlier_mad_max
    )
    odd = [(MIXTURE, is_mixed)]
    odd += [(rule.outlier(name), np.abs(z[name]) > rule.outlier_mad_max) for name in JUDGED]
    excluding = [(rule.reasons[0], call_rate < rule.call_rate_min)]
    excluding += odd if rule.are_odd_excluded else []
    flagging = [*odd, (OTHER_SEX, has_other_sex)]
    return SampleVerdict(
        filter_reason=np.array(
            [next(iter(texts), None) for texts in _holding(excluding)], dtype=np.object_
        ),
        flag_reason=np.array(
            ["; ".join(texts) or None for texts in _holding(flagging)], dtype=np.object_
        ),
    )


def _holding(reasons: list[tuple[str, NDArray[np.bool_]]]) -> list[list[str]]:
    """The reasons that hold for each sample, in their order."""
    n_sample = len(reasons[0][1])
    return [[text for text, holds in reasons if holds[i]] for i in range(n_sample)]
