"""The fits behind the multinomial Firth model: each arm's beta, their agreement, one for all.

Group 0 are the cases. The log odds of arm k against the cases are
``a_k'x - b_k * score``, so that b_k is the log odds ratio of cases against arm k.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from alsrev_dagster.stats.polytomous_newton import (
    Bools,
    Floats,
    GroupedCells,
    PolytomousMaximum,
    Starts,
    maximise,
    profile_end,
)

_DROP_95 = float(chi2.isf(0.05, 1))
"""Twice the fall of the penalised log likelihood at the ends of a 95% interval."""


@dataclass(frozen=True)
class PolytomousTest:
    """Estimates and tests of n tables against K arms; a beta is a log odds ratio, cases v arm."""

    beta: NDArray[np.float64]
    """Of each arm, shape (n, K)."""
    p_value: NDArray[np.float64]
    """Of each arm's beta, the others free, shape (n, K): one degree of freedom."""
    joint_p_value: NDArray[np.float64]
    """That every beta is 0, shape (n,): K degrees of freedom."""
    agreement_p_value: NDArray[np.float64]
    """That the arms' betas are one, shape (n,): K - 1 degrees; NaN with one arm."""
    common_beta: NDArray[np.float64]
    """The one beta of a model where the arms agree, shape (n,)."""
    common_p_value: NDArray[np.float64]
    """That it is 0, in that model, shape (n,): one degree of freedom."""
    fit_status: NDArray[np.str_]
    """``ok`` or ``separated``; ``monomorphic``, ``group_missing`` or ``not_converged``."""


@dataclass(frozen=True)
class PolytomousFit(PolytomousTest):
    """A test with its precision; intervals are 95% profile penalised likelihood, NaN if not found.

    Errors and covariance are from the inverse Fisher information at the estimate.
    """

    standard_error: NDArray[np.float64]
    """Of each arm's beta, shape (n, K)."""
    covariance: NDArray[np.float64]
    """Of the arms' betas, shape (n, K, K): they share the cases."""
    ci_lower: NDArray[np.float64]
    """Shape (n, K)."""
    ci_upper: NDArray[np.float64]
    """Shape (n, K)."""
    common_standard_error: NDArray[np.float64]
    common_ci_lower: NDArray[np.float64]
    common_ci_upper: NDArray[np.float64]


@dataclass(frozen=True)
class GroupedData:
    """What is fitted: samples by cell and group, and each cell's base design and score."""

    count: Floats
    """Shape (n, n_cell, 1 + K): cases first."""
    base: Floats
    """Shape (n_cell, P): columns for strata, or 1 and covariates."""
    score: Floats
    """Shape (n or 1, n_cell)."""
    crude: Floats
    """Shape (n, K * P): coefficients of the base from which fits start."""
    is_level: Bools
    """Shape (P,): columns of the base that are an intercept, not a covariate."""

    @property
    def n_arm(self) -> int:
        """Arms, the cases not among them."""
        return int(self.count.shape[2]) - 1

    def cells(self, contrast: Floats) -> GroupedCells:
        """The model whose betas are ``contrast``, shape (K, n_beta), times its last parameters."""
        n_arm, (n_cell, n_base), n_table = self.n_arm, self.base.shape, len(self.score)
        design = np.zeros((n_table, n_cell, 1 + n_arm, n_arm * n_base + contrast.shape[1]))
        for arm in range(n_arm):
            design[:, :, 1 + arm, arm * n_base : (arm + 1) * n_base] = self.base
            design[:, :, 1 + arm, n_arm * n_base :] = -self.score[..., None] * contrast[arm]
        return GroupedCells(self.count, design)

    def starts(self, contrast: Floats) -> Starts:
        """Starts at which a sample of some score has the crude odds, whatever the betas are.

        Far from the estimate the likelihood can have a peak for each genotype that keeps
        some weight.
        """
        n_intercept, n_base = self.crude.shape[1], self.base.shape[1]
        share = np.repeat(contrast, n_base, axis=0) * np.tile(self.is_level, self.n_arm)[:, None]

        def others(index: NDArray[np.int64], at: Floats) -> list[Floats]:
            values = np.unique(np.quantile(self.score, (0.0, 0.5, 1.0)))
            beta = at[:, n_intercept:]
            shift = beta @ share.T
            return [np.hstack([self.crude[index] + value * shift, beta]) for value in values]

        return others


@dataclass(frozen=True)
class _Fitted:
    """A model of all tables: its data, its contrast, its best fit and the one without effect."""

    cells: GroupedCells
    contrast: Floats
    best: PolytomousMaximum
    null: PolytomousMaximum

    @property
    def n_beta(self) -> int:
        return int(self.contrast.shape[1])

    @property
    def beta(self) -> Floats:
        return self.best.parameter[:, -self.n_beta :]

    def without(self, places: list[int]) -> PolytomousMaximum:
        """The best fit in which the betas at some places are 0."""
        index = self.best.parameter.shape[1] - self.n_beta + np.array(places)
        start, is_free = self.best.parameter.copy(), np.ones(self.best.parameter.shape[1], bool)
        start[:, index], is_free[index] = 0.0, False
        return maximise(self.cells, start, is_free)

    def covariance(self) -> Floats:
        """Inverse Fisher information of the betas; NaN where the fit failed."""
        n, n_parameter = self.best.parameter.shape
        found = np.full((n, self.n_beta, self.n_beta), np.nan)
        known = self.best.is_converged
        inverse = np.linalg.inv(self.best.information[known])
        first = n_parameter - self.n_beta
        found[known] = inverse[:, first:, first:]
        return found

    def interval(self, starts: Starts, place: int) -> Floats:
        """Ends of the profile interval of one beta, shape (2, n)."""
        at = self.best.parameter.shape[1] - self.n_beta + place
        ends = [
            profile_end(self.cells, self.best, at, side=side, drop=_DROP_95, starts=starts)
            for side in (-1, 1)
        ]
        return np.array(ends)


def polytomous_test_of(data: GroupedData) -> PolytomousTest:
    """Estimates and P values of tables that carry information."""
    return _tested(data, _fit(data, np.eye(data.n_arm)), _fit(data, np.ones((data.n_arm, 1))))


def polytomous_fit_of(data: GroupedData) -> PolytomousFit:
    """Estimates, P values, covariance and intervals of tables that carry information."""
    each, common = _fit(data, np.eye(data.n_arm)), _fit(data, np.ones((data.n_arm, 1)))
    test = _tested(data, each, common)
    starts = data.starts(each.contrast)
    ends = np.stack([each.interval(starts, arm) for arm in range(data.n_arm)], axis=2)
    common_ends = common.interval(data.starts(common.contrast), 0)
    covariance = each.covariance()
    is_lost = test.fit_status == "not_converged"
    for number in (ends[0], ends[1], covariance, common_ends[0], common_ends[1]):
        number[is_lost] = np.nan
    return PolytomousFit(
        **vars(test),
        standard_error=np.sqrt(np.diagonal(covariance, axis1=1, axis2=2)),
        covariance=covariance,
        ci_lower=ends[0],
        ci_upper=ends[1],
        common_standard_error=np.sqrt(common.covariance()[:, 0, 0]),
        common_ci_lower=common_ends[0],
        common_ci_upper=common_ends[1],
    )


def with_blanks(solved: PolytomousTest, is_usable: Bools) -> dict[str, NDArray[np.float64]]:
    """Numbers of all tables from those solved: elsewhere P values are 1, the rest NaN."""
    has_arms = solved.beta.shape[1] > 1
    columns = {}
    for name, values in vars(solved).items():
        if name != "fit_status":
            is_one = name.endswith("p_value") and (has_arms or name != "agreement_p_value")
            columns[name] = np.full((len(is_usable), *values.shape[1:]), 1.0 if is_one else np.nan)
            columns[name][is_usable] = values
    return columns


def _fit(data: GroupedData, contrast: Floats) -> _Fitted:
    """Fit a model, first with its betas at 0."""
    cells, n_beta = data.cells(contrast), contrast.shape[1]
    start = np.hstack([data.crude, np.zeros((len(data.crude), n_beta))])
    is_free = np.ones(start.shape[1], dtype=np.bool_)
    is_free[-n_beta:] = False
    null = maximise(cells, start, is_free)
    best = maximise(cells, null.parameter, np.ones_like(is_free))
    return _Fitted(cells, contrast, best, null)


def _tested(data: GroupedData, each: _Fitted, common: _Fitted) -> PolytomousTest:
    n_arm = data.n_arm
    constrained = [each.without([arm]) for arm in range(n_arm)]
    agreement = np.full(len(data.count), np.nan)
    fits = [each.best, each.null, common.best, common.null, *constrained]
    if n_arm > 1:
        agreeing = _agreeing(data, each)
        agreement = _p(each.best, agreeing, n_arm - 1)
        fits.append(agreeing)
    is_lost = ~np.all([fit.is_converged for fit in fits], axis=0)
    test = PolytomousTest(
        beta=each.beta.copy(),
        p_value=np.stack([_p(each.best, without, 1) for without in constrained], axis=1),
        joint_p_value=_p(each.best, each.null, n_arm),
        agreement_p_value=agreement,
        common_beta=common.beta[:, 0].copy(),
        common_p_value=_p(common.best, common.null, 1),
        fit_status=np.where(is_lost, "not_converged", "ok").astype("<U13"),
    )
    for name, number in vars(test).items():
        if name != "fit_status":
            number[is_lost] = np.nan
    return test


def _agreeing(data: GroupedData, each: _Fitted) -> PolytomousMaximum:
    """The best fit of the arms' model in which all betas are one, with that model's penalty.

    Written as the first beta and the others' differences from it, a change of parameters that
    keeps the determinant.
    """
    contrast = np.eye(data.n_arm)
    contrast[:, 0] = 1.0
    cells = data.cells(contrast)
    start = each.best.parameter.copy()
    first = start.shape[1] - data.n_arm
    start[:, first] = each.beta.mean(axis=1)
    start[:, first + 1 :] = 0.0
    is_free = np.ones(start.shape[1], dtype=np.bool_)
    is_free[first + 1 :] = False
    return maximise(cells, start, is_free)


def _p(best: PolytomousMaximum, constrained: PolytomousMaximum, n_free: int) -> Floats:
    statistic = np.maximum(2 * (best.log_likelihood - constrained.log_likelihood), 0)
    return np.asarray(chi2.sf(statistic, n_free), dtype=np.float64)
