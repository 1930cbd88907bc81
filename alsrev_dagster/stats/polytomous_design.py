"""Firth's multinomial model of cases and several control arms, with covariates of each sample."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.polytomous_model import (
    GroupedData,
    PolytomousFit,
    polytomous_fit_of,
    with_blanks,
)
from alsrev_dagster.stats.separation import Bools, Floats

_RANK_TOLERANCE = 1e-8
"""Share of the largest singular value below which a column is a sum of others."""


def polytomous_firth_design(
    group: NDArray[np.int64], score: NDArray[np.float64], covariate: NDArray[np.float64]
) -> PolytomousFit:
    """Fits of :func:`polytomous_firth.polytomous_firth`, adjusted for covariates.

    Parameters
    ----------
    group
        Shape (n_sample,): 0 for cases, 1 to K for the control arms, none left out.
    score
        Genotype score of each variant and sample, shape (n, n_sample); NaN without a call: that
        sample is left out of that variant.
    covariate
        Shape (n_sample, n_covariate), known for every sample; no column for the intercept.
        Matching strata are columns of 0 and 1 for all strata but one.

    Returns
    -------
    PolytomousFit
        ``fit_status`` is ``ok``, ``group_missing``, ``monomorphic`` (the score does not vary,
        or is a sum of covariates) or ``not_converged``; separation is not looked for.

    Raises
    ------
    InputDataError
        If shapes disagree, groups are not numbered so, a covariate is unknown or redundant.

    Notes
    -----
    Every arm has its own coefficient of each covariate, so K * (1 + n_covariate) + K numbers
    rest on the cases: with 22, one or two covariates are what they carry. Covariates are
    standardised, which changes no number of the genotype.

    Examples
    --------
    >>> group = np.repeat([0, 1, 2], [4, 6, 6])
    >>> score = np.array([[1.0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]])
    >>> fit = polytomous_firth_design(group, score, np.zeros((16, 0)))
    >>> np.exp(fit.beta[0]).round(3).tolist()  # (2.5 * 5.5) / (2.5 * 1.5) in either arm
    [3.667, 3.667]
    """
    _require(group, score, covariate)
    n_group = int(group.max()) + 1
    base = np.column_stack([np.ones(len(group)), _standardised(covariate)])
    member = (group[:, None] == np.arange(n_group)).astype(np.float64)
    is_called = ~np.isnan(score)
    n_called = is_called.astype(np.float64) @ member
    has_all = (n_called > 0).all(axis=1)
    is_usable = has_all & _adds(score, is_called, base)
    solved = polytomous_fit_of(_data(score[is_usable], is_called[is_usable], member, base))
    status = np.where(has_all, "monomorphic", "group_missing").astype("<U13")
    status[is_usable] = solved.fit_status
    return replace(solved, **with_blanks(solved, is_usable), fit_status=status)


def _data(score: Floats, is_called: Bools, member: Floats, base: Floats) -> GroupedData:
    """One cell a sample; those without a call have no sample in it."""
    count = is_called[:, :, None] * member
    level = np.log(count.sum(axis=1) + 0.5)
    crude = np.zeros((len(score), member.shape[1] - 1, base.shape[1]))
    crude[:, :, 0] = level[:, 1:] - level[:, :1]
    return GroupedData(
        count=count,
        base=base,
        score=np.where(is_called, score, 0.0),
        crude=crude.reshape(len(score), crude.shape[1] * crude.shape[2]),
        is_level=np.arange(base.shape[1]) == 0,
    )


def _standardised(covariate: Floats) -> Floats:
    spread = covariate.std(axis=0)
    scaled: Floats = (covariate - covariate.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return scaled


def _adds(score: Floats, is_called: Bools, base: Floats) -> Bools:
    """Whether the score of the called samples is no sum of their covariates."""
    found = np.zeros(len(score), dtype=np.bool_)
    for row, (values, called) in enumerate(zip(score, is_called, strict=True)):
        if called.any():
            design = np.column_stack([base[called], values[called]])
            found[row] = np.linalg.matrix_rank(design, rtol=_RANK_TOLERANCE) == design.shape[1]
    return found


def _require(group: NDArray[np.int64], score: Floats, covariate: Floats) -> None:
    if (
        group.ndim != 1
        or score.ndim != 2
        or score.shape[1:] != group.shape
        or covariate.ndim != 2
        or len(covariate) != len(group)
    ):
        raise InputDataError(
            f"group has shape {group.shape}, score {score.shape} and covariate {covariate.shape}: "
            "expected (n_sample,), (n_variant, n_sample) and (n_sample, n_covariate); take all "
            "from one sample list"
        )
    numbers = sorted(set(group.tolist()))
    if len(numbers) < 2 or numbers != list(range(len(numbers))):
        raise InputDataError(
            f"samples are in groups {numbers}: expected 0 for cases and 1, 2 … for the arms, each "
            "with a sample; leave out who is in none"
        )
    if not np.isfinite(covariate).all():
        raise InputDataError(
            f"{int((~np.isfinite(covariate)).sum())} values of the covariates are not known: "
            "expected a number for every sample; leave out such samples or such a column"
        )
    with_one = np.column_stack([np.ones(len(group)), _standardised(covariate)])
    rank = int(np.linalg.matrix_rank(with_one, rtol=_RANK_TOLERANCE))
    if rank < with_one.shape[1]:
        raise InputDataError(
            f"an intercept and {covariate.shape[1]} covariates have rank {rank}: expected "
            f"{with_one.shape[1]}; leave out a column that is constant or a sum of others"
        )
