"""Separation: a sum of columns that tells cases from controls, so that odds ratios run off."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

_TOLERANCE = 1e-7
"""Sum of the signed predictor, with coefficients in [-1, 1], above which it separates."""


def separating_direction(
    column: NDArray[np.float64], is_case: NDArray[np.bool_]
) -> NDArray[np.float64] | None:
    """A direction along which the likelihood of a logistic regression rises for ever, or None.

    Parameters
    ----------
    column
        Design with its intercept, shape (n_sample, n_parameter), of full rank.
    is_case
        Shape (n_sample,).

    Returns
    -------
    NDArray[np.float64] or None
        Coefficients in [-1, 1] whose sum is nowhere negative in a case or positive in a control,
        and not 0 everywhere; None where the data overlap and maximum likelihood has an end.

    Notes
    -----
    The linear programme of Konis (2007) [1]_: the largest sum of the signed predictor. Coordinates
    other than 0 are those that run off, for this direction has as much of every one as it can.

    References
    ----------
    .. [1] Konis (2007), Linear programming algorithms for detecting separated data in binary
       logistic regression models, DPhil thesis, University of Oxford.

    Examples
    --------
    >>> column = np.array([[1.0, 0], [1, 0], [1, 1], [1, 1]])
    >>> separating_direction(column, np.array([False, True, True, True])).tolist()
    [0.0, 1.0]
    >>> separating_direction(column, np.array([False, True, True, False])) is None
    True
    """
    signed = column * np.where(is_case, 1.0, -1.0)[:, None]
    found = linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1)
    )  # fmt: skip
    if (signed @ np.asarray(found.x)).sum() <= _TOLERANCE * len(column):
        return None
    return np.asarray(found.x, dtype=np.float64) + 0.0  # no -0.0
