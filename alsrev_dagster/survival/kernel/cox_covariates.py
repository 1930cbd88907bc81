"""Taking covariates off the score of a genotype in a Cox model."""

from math import sqrt

from alsrev_dagster.survival.kernel.compiled import compiled
from alsrev_dagster.survival.kernel.cox_shares import HET, HOM, MISSING, code_of

_VARIANCE_MIN = 1e-9
"""Share of a covariate's information that those before it must leave."""


@compiled
def take_covariates_off(packed, row, who, total, null, space, work, score, information):
    """Make score and information of het and hom-alt those after one step of the covariates.

    With U_x and I_xx of the covariates, and I_gx of both, the score is U_g - I_gx I_xx^-1 U_x and
    the information I_gg - I_gx I_xx^-1 I_xg: Neyman's C(alpha) where calls are missing, for U_x is
    0 and I_xx the null model's where none is. False where the covariates of those with a call
    cannot be told apart.
    """
    known, of_event, event_covariate = null
    triangle, own, cross, covariate_score = work
    sample, n_mean = who[0], who[5]
    n_covariate = n_mean - 1
    n_missing = 0
    covariate_score[:] = of_event
    for i in range(len(sample)):
        if code_of(packed, row, sample[i]) == 3:
            n_missing += 1
            for j in range(n_covariate):
                covariate_score[j] -= event_covariate[i, j]
    _fill_information(total, space, n_mean, n_missing > 0, cross, own, covariate_score)
    if n_missing == 0:
        triangle[:], covariate_score[:] = known, 0.0
    elif not _factor(own, n_covariate, triangle):
        return False
    for right in (cross[0], cross[1], covariate_score):
        _solve_lower(triangle, n_covariate, right)
    for a in range(2):
        for j in range(n_covariate):
            score[a] -= cross[a, j] * covariate_score[j]
            for b in range(2):
                information[a, b] -= cross[a, j] * cross[b, j]
    return True


@compiled
def _fill_information(total, space, n_mean, has_missing, cross, own, covariate_score):
    """Fill I_gx; and, where calls are missing, I_xx, and take its expectation off the score."""
    n_event = total[1]
    _, event, risk_sum, event_sum = space
    cross[:], own[:] = 0.0, 0.0
    for t in range(len(n_event)):
        n = n_event[t] - event[MISSING, t]
        for nth in range(n):
            f = nth / n
            left = _called(total, space, t, 0, f)
            het = (risk_sum[HET, t, 0] - f * event_sum[HET, t, 0]) / left
            hom = (risk_sum[HOM, t, 0] - f * event_sum[HOM, t, 0]) / left
            column = n_mean
            for j in range(n_mean - 1):
                mean = _called(total, space, t, j + 1, f) / left
                of_het = (risk_sum[HET, t, j + 1] - f * event_sum[HET, t, j + 1]) / left
                of_hom = (risk_sum[HOM, t, j + 1] - f * event_sum[HOM, t, j + 1]) / left
                cross[0, j] += of_het - het * mean
                cross[1, j] += of_hom - hom * mean
                if has_missing:
                    covariate_score[j] -= mean
                    for m in range(j + 1):
                        other = _called(total, space, t, m + 1, f) / left
                        own[j, m] += _called(total, space, t, column, f) / left - mean * other
                        column += 1


@compiled
def _called(total, space, t, column, f):
    """Sum of a moment over those with a call who are left at one of Efron's steps.

    Where no call is missing, columns beyond the means are not asked for.
    """
    _, _, risk_total, event_total = total
    _, _, risk_sum, event_sum = space
    whole = risk_total[t, column] - risk_sum[MISSING, t, column]
    return whole - f * (event_total[t, column] - event_sum[MISSING, t, column])


@compiled
def _factor(own, n_covariate, triangle):
    """Cholesky factor of the covariates' information; whether there is one."""
    for j in range(n_covariate):
        for m in range(j + 1):
            rest = own[j, m]
            for r in range(m):
                rest -= triangle[j, r] * triangle[m, r]
            if m < j:
                triangle[j, m] = rest / triangle[m, m]
            elif rest <= _VARIANCE_MIN * own[j, j]:
                return False
            else:
                triangle[j, j] = sqrt(rest)
    return True


@compiled
def _solve_lower(triangle, n_covariate, right):
    """Replace the right side by the solution of a lower triangle."""
    for j in range(n_covariate):
        for m in range(j):
            right[j] -= triangle[j, m] * right[m]
        right[j] /= triangle[j, j]
