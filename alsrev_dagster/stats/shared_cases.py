"""Arm-wise log odds ratios that share cases: their correlation, and one estimate of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm

from alsrev_dagster.errors import InputDataError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CombinedArms:
    """Fixed-effect combination of arm-wise estimates; every array has shape (n,) or (n, K)."""

    beta: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    z: NDArray[np.float64]
    p_value: NDArray[np.float64]
    """Two-sided, normal."""
    weight: NDArray[np.float64]
    """Of each arm in beta, shape (n, K), summing to 1; may be below 0 for a much vaguer arm."""
    agreement_statistic: NDArray[np.float64]
    """Cochran's Q with the covariance in it."""
    agreement_p_value: NDArray[np.float64]
    """K - 1 degrees of freedom; NaN with one arm."""


def shared_sample_correlation(
    n_case: NDArray[np.int64],
    n_control: NDArray[np.int64],
    *,
    n_shared_case: NDArray[np.int64],
    n_shared_control: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Correlation of the log odds ratios of comparisons that share samples.

    Parameters
    ----------
    n_case, n_control
        Samples of each comparison, shape (K,).
    n_shared_case, n_shared_control
        Cases, and controls, that two comparisons have in common, shape (K, K); the diagonal is
        not looked at.

    Returns
    -------
    NDArray[np.float64]
        Shape (K, K), ones on the diagonal.

    Raises
    ------
    InputDataError
        If shapes disagree, a group is empty or more is shared than there is.

    Notes
    -----
    r = (s0 sqrt(a1 b1 / (a0 b0)) + s1 sqrt(a0 b0 / (a1 b1))) / sqrt(a b), with s1 cases and
    s0 controls shared by comparisons of a1 and b1 cases, a0 and b0 controls, a and b samples
    [1]_. It holds at an odds ratio of 1, with one allele frequency and no covariates; for a strong
    lead the covariance of the multinomial model (``PolytomousFit.covariance``) is the right one.

    References
    ----------
    .. [1] Lin & Sullivan (2009), Am J Hum Genet 85:862-872.

    Examples
    --------
    >>> shared_case_correlation(22, np.array([103, 140])).round(4).tolist()
    [[1.0, 0.8439], [0.8439, 1.0]]
    """
    n = len(n_case)
    pairs, shared = (n_shared_case, n_shared_control), (n_case, n_control)
    if n_control.shape != (n,) or any(pair.shape != (n, n) for pair in pairs):
        raise InputDataError(
            f"n_case has shape {n_case.shape}, n_control {n_control.shape}, the shared ones "
            f"{n_shared_case.shape} and {n_shared_control.shape}: expected (K,) twice and (K, K) "
            "twice"
        )
    if n and min(n_case.min(), n_control.min()) < 1:
        raise InputDataError(
            f"comparisons have {n_case.tolist()} cases and {n_control.tolist()} controls: expected "
            "at least 1 of each; leave out an arm without calls"
        )
    for pair, size in zip(pairs, shared, strict=True):
        off = pair[~np.eye(n, dtype=np.bool_)]
        most = np.minimum(size[:, None], size)[~np.eye(n, dtype=np.bool_)]
        if (off < 0).any() or (off > most).any():
            raise InputDataError(
                f"{pair.tolist()} samples are shared by comparisons of {size.tolist()}: expected "
                "none below 0 nor above the smaller of the two"
            )
    ratio, total = np.sqrt(n_case / n_control), np.sqrt(n_case + n_control)
    both = n_shared_control * np.outer(ratio, ratio) + n_shared_case / np.outer(ratio, ratio)
    correlation: Floats = both / np.outer(total, total)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def shared_case_correlation(n_case: int, n_control: NDArray[np.int64]) -> NDArray[np.float64]:
    """Correlation of the log odds ratios of one group of cases against each of several arms.

    Parameters
    ----------
    n_case
        Cases, all of them in every comparison.
    n_control
        Controls of each arm, shape (K,); none is in two.

    Returns
    -------
    NDArray[np.float64]
        Shape (K, K): sqrt(a0 b0 / (a b)). The fewer the cases, the nearer to 1.

    Examples
    --------
    >>> round(float(shared_case_correlation(100, np.array([100, 100]))[0, 1]), 6)
    0.5
    """
    n = len(n_control)
    every, none = np.full((n, n), n_case), np.zeros((n, n), dtype=np.int64)
    cases = np.full(n, n_case)
    return shared_sample_correlation(cases, n_control, n_shared_case=every, n_shared_control=none)


def combine_arms(beta: Floats, standard_error: Floats, correlation: Floats) -> CombinedArms:
    """One log odds ratio of several arms', with their correlation in its variance.

    Parameters
    ----------
    beta, standard_error
        Of each arm, shape (n, K).
    correlation
        Between the arms, shape (K, K) or (n, K, K): of :func:`shared_case_correlation`.

    Returns
    -------
    CombinedArms
        NaN where an arm's estimate is.

    Raises
    ------
    InputDataError
        If shapes disagree or a correlation matrix is not positive definite.

    Notes
    -----
    Generalised least squares [1]_: weights proportional to the row sums of the inverse
    covariance. With correlation 0 it is the usual inverse-variance estimate, whose standard
    error is then too small by the factor sqrt(1 + (K - 1) r) for K like arms. It is normal theory:
    the joint model of all samples is the result, this a row beside it.

    References
    ----------
    .. [1] Lin & Sullivan (2009), Am J Hum Genet 85:862-872.

    Examples
    --------
    >>> both = combine_arms(np.array([[1.0, 2.0]]), np.array([[0.5, 0.5]]), np.eye(2))
    >>> both.beta.tolist(), both.standard_error.round(4).tolist()
    ([1.5], [0.3536])
    """
    n_arm = beta.shape[-1]
    if (
        beta.ndim != 2
        or standard_error.shape != beta.shape
        or correlation.shape[-2:]
        != (
            n_arm,
            n_arm,
        )
    ):
        raise InputDataError(
            f"beta has shape {beta.shape}, standard_error {standard_error.shape} and correlation "
            f"{correlation.shape}: expected (n, K), (n, K) and (K, K)"
        )
    smallest = np.linalg.eigvalsh(correlation).min(initial=1.0)
    if not smallest > 0:
        raise InputDataError(
            f"the smallest eigenvalue of a correlation matrix is {smallest:.3g}: expected above 0; "
            "two arms of the same samples are one arm"
        )
    scale = standard_error[:, :, None] * standard_error[:, None, :]
    inverse = np.linalg.inv(np.broadcast_to(correlation, scale.shape)) / scale
    row = inverse.sum(axis=2)
    information = row.sum(axis=1)
    weight = row / information[:, None]
    together = (weight * beta).sum(axis=1)
    apart = beta - together[:, None]
    statistic = np.einsum("ni,nij,nj->n", apart, inverse, apart)
    z = together * np.sqrt(information)
    agreement = chi2.sf(statistic, n_arm - 1) if n_arm > 1 else np.full(len(beta), np.nan)
    return CombinedArms(
        beta=together,
        standard_error=1 / np.sqrt(information),
        z=z,
        p_value=2 * norm.sf(np.abs(z)),
        weight=weight,
        agreement_statistic=statistic,
        agreement_p_value=agreement,
    )
