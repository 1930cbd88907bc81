"""The scan of packed genotypes by Cox score tests and Firth's fits, variant by variant."""

from math import sqrt

import numpy as np

from alsrev_dagster.survival.kernel.compiled import compiled
from alsrev_dagster.survival.kernel.cox_covariates import take_covariates_off
from alsrev_dagster.survival.kernel.cox_firth import firth_fit, profile_end
from alsrev_dagster.survival.kernel.cox_shares import (
    directions,
    fill_shares,
    score_and_information,
    tally,
)
from alsrev_dagster.survival.kernel.cox_tail import saddlepoint_p

OK, SEPARATED, MONOMORPHIC, NO_EVENTS, NOT_CONVERGED = 0, 1, 2, 3, 4
N_COUNT, N_SCORED, N_FITTED = 8, 3, 6
_VARIANCE_MIN = 1e-9
"""Share of a genotype's information that covariates must leave for there to be a test."""
_NOTHING = 1e-12
"""Information that rounding can leave where no risk set holds two values."""
_HALF_LEVEL = 1.920729410347062
"""Half of the 95% quantile of chi-square with one degree of freedom."""


@compiled
def score_each(packed, who, total, null, coding, z_min, space, work, count, scored, status):
    """Score test of each variant under each coding.

    Parameters
    ----------
    packed, who, total
        As ``tally`` and ``fill_shares`` take them.
    null
        Cholesky factor of the covariates' information, sum of covariates over events, and of each
        sample its covariates where it has the event, else 0.
    coding
        What het and hom-alt count for, shape (n_model, 2).
    z_min
        Absolute z from which the saddlepoint is sought.
    space, work
        Room: of ``tally``; shares, and what ``take_covariates_off`` works in.
    count, scored, status
        Filled, shapes (n, 8): samples and events by code; (n, n_model, 3): z, saddlepoint P,
        whether it was sought; (n, n_model).
    """
    share, room = work
    score, information, plain = np.empty(2), np.empty((2, 2)), np.empty((2, 2))
    scored[:] = np.nan
    for row in range(len(packed)):
        tally(packed, row, who, space, count[row])
        n_step = fill_shares(total, space, share)
        score_and_information(share, n_step, count[row], score, information)
        plain[:] = information
        has_null = n_step > 0
        if has_null and who[5] > 1:
            has_null = take_covariates_off(
                packed, row, who, total, null, space, room, score, information
            )
        for model in range(len(coding)):
            het, hom = coding[model]
            of_all = het * het * plain[0, 0] + 2 * het * hom * plain[0, 1] + hom * hom * plain[1, 1]
            variance = het * het * information[0, 0] + hom * hom * information[1, 1]
            variance += het * hom * (information[0, 1] + information[1, 0])
            if n_step == 0:
                status[row, model] = NO_EVENTS
            elif not (has_null and of_all > _NOTHING and variance > _VARIANCE_MIN * of_all):
                status[row, model] = MONOMORPHIC
            else:
                status[row, model] = OK
                u = het * score[0] + hom * score[1]
                z = u / sqrt(variance)
                scored[row, model, 0], scored[row, model, 2] = z, 0.0
                if abs(z) >= z_min:
                    scored[row, model, 1] = saddlepoint_p(
                        share, n_step, het, hom, z * sqrt(of_all), of_all
                    )
                    scored[row, model, 2] = 1.0


@compiled
def fit_each(packed, row, who, total, coding, space, share, with_interval, fitted, status):
    """Firth's fit of the variants at ``row`` under one coding.

    ``fitted`` is filled, shape (n_row, 6): coefficient, standard error, likelihood ratio against 0,
    ends of the profile interval (NaN unless asked for), and where separated 1 or -1, the way the
    ordinary coefficient runs off, else 0.
    """
    count = np.empty(N_COUNT, dtype=np.int64)
    het, hom = coding
    fitted[:] = np.nan
    for i in range(len(row)):
        tally(packed, row[i], who, space, count)
        n_step = fill_shares(total, space, share)
        above, below = directions(total, space, het, hom)
        if n_step == 0 or not (above or below):
            status[i] = NO_EVENTS if n_step == 0 else MONOMORPHIC
            continue
        drawn = het * count[5] + hom * count[6]
        at, error, ratio, most = firth_fit(share, n_step, het, hom, drawn)
        if np.isnan(at):
            status[i] = NOT_CONVERGED
            continue
        status[i] = OK if above and below else SEPARATED
        fitted[i, 0], fitted[i, 1], fitted[i, 2] = at, error, ratio
        fitted[i, 5] = (1.0 if below else 0.0) - (1.0 if above else 0.0)
        if with_interval:
            level = most - _HALF_LEVEL
            for side in (-1.0, 1.0):
                end = profile_end(share, n_step, het, hom, drawn, at, level, side * 2 * error)
                fitted[i, 3 if side < 0 else 4] = end
