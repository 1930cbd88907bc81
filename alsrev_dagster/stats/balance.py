"""How alike two sides are: standardised differences of means and shares."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Side:
    """Mean and spread of one side: of 0 and 1, the share and the root of p(1 - p)."""

    n: int
    mean: float
    variance: float

    @classmethod
    def of(cls, value: NDArray[np.float64], *, is_share: bool = False) -> "Side":
        """Summarise the values that are known; NaN where too few are."""
        known = value[~np.isnan(value)]
        mean = float(known.mean()) if len(known) else np.nan
        if is_share:
            return cls(len(known), mean, mean * (1 - mean))
        return cls(len(known), mean, float(known.var(ddof=1)) if len(known) > 1 else np.nan)


def standardised_difference(case: Side, control: Side, spread: tuple[Side, Side]) -> float:
    """Difference of two means over their pooled standard deviation.

    Parameters
    ----------
    case, control
        The sides compared.
    spread
        The sides whose variances are pooled: those before matching, both before and after, so
        that a difference does not shrink or grow by its denominator [2]_.

    Returns
    -------
    float
        Positive where cases have more; 0 where the means agree; NaN where they differ and
        nothing spreads, or a side is empty.

    Notes
    -----
    (mean_case - mean_control) / sqrt((variance_case + variance_control) / 2), the variance of a
    share p being p(1 - p) [1]_. Below 0.1 is taken for balance [1]_; with 22 cases chance alone
    gives a standard deviation of some 0.2.

    References
    ----------
    .. [1] Austin (2009), Stat Med 28:3083-3107, sections 3.1 and 3.2.
    .. [2] Stuart (2010), Stat Sci 25:1-21, section 4.1.

    Examples
    --------
    >>> case, control = Side(22, 55.0, 100.0), Side(103, 50.0, 100.0)
    >>> standardised_difference(case, control, (case, control))
    0.5
    """
    difference = case.mean - control.mean
    pooled = np.sqrt((spread[0].variance + spread[1].variance) / 2)
    if difference == 0:
        return 0.0
    return float(difference / pooled) if pooled > 0 else float("nan")
