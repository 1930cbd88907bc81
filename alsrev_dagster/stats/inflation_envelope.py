"""Genomic control at few cases: the inflation factors that chance alone gives this study."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.inflation import lambda_gc
from alsrev_dagster.stats.permutation import TIE_TOLERANCE, permutation_p

_LOWER, _UPPER = 0.025, 0.975


@dataclass(frozen=True)
class InflationEnvelope:
    """An inflation factor beside those of permuted labels, and the numbers both rest on."""

    lambda_gc: float
    """Of the true labels; NaN where there is no P value."""
    median: float
    """Of the permuted ones: what 1 is for this test, these variants and these few cases."""
    ci_lower: float
    """2.5% and 97.5% quantiles of the permuted ones."""
    ci_upper: float
    p_value: float
    """Share of labellings with a factor at least as large, the true one among them."""
    permuted: NDArray[np.float64]
    """Factor of each permutation, shape (m,)."""
    n_variant: int
    n_permutation: int


def inflation_envelope(
    p_value: NDArray[np.float64], permuted_p_values: Iterable[NDArray[np.float64]]
) -> InflationEnvelope:
    """Inflation factor of a scan, and its distribution under permuted labels.

    Parameters
    ----------
    p_value
        Two-sided P value of each variant under the true labels, shape (n,). NaN is left out.
    permuted_p_values
        Of each permutation the P values of the same test and variants, shape (n,): a list, or a
        generator that tests one labelling after another and holds no more than one.

    Returns
    -------
    InflationEnvelope
        Quantiles by linear interpolation.

    Raises
    ------
    InputDataError
        If there is no permutation, one is of other variants, or a P value is outside [0, 1].

    Notes
    -----
    A factor of 1 is expected only of uniform P values; those of discrete tests at 22 cases have a
    median near 1 and a factor far below it. The envelope says what to expect instead, LD
    and allele counts included. A factor above it is inflation; one inside it is not proof of none:
    labels that are confounded with batch stay confounded.

    References
    ----------
    .. [1] Devlin & Roeder (1999), Biometrics 55:997-1004.

    Examples
    --------
    >>> found = inflation_envelope(np.array([0.1, 0.2, 0.3]), [np.array([0.4, 0.5, 0.9])] * 9)
    >>> round(found.lambda_gc, 2), round(found.median, 2), found.p_value
    (3.61, 1.0, 0.1)
    """
    permuted: list[float] = []
    for one in permuted_p_values:
        if one.shape != p_value.shape:
            raise InputDataError(
                f"P values of permutation {len(permuted)} have shape {one.shape}: expected "
                f"{p_value.shape}, as the true ones; test the same variants each time"
            )
        permuted.append(lambda_gc(one))
    if not permuted:
        raise InputDataError(
            "there are no permuted P values: expected those of at least one permutation"
        )
    factor, seen = np.array(permuted), lambda_gc(p_value)
    lower, median, upper = np.quantile(factor, (_LOWER, 0.5, _UPPER)).tolist()
    n_larger = np.array([(factor >= seen * (1 - TIE_TOLERANCE)).sum()])
    share = float("nan") if np.isnan(seen) else float(permutation_p(n_larger, len(factor))[0])
    return InflationEnvelope(
        lambda_gc=seen,
        median=median,
        ci_lower=lower,
        ci_upper=upper,
        p_value=share,
        permuted=factor,
        n_variant=int((~np.isnan(p_value)).sum()),
        n_permutation=len(factor),
    )
