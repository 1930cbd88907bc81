"""Who is at risk of what genotype when an event happens, and what Efron's steps make of it.

A sample is at risk at the event times ``first`` to ``last - 1`` of its stratum; event times of all
strata stand one after the other, so that those of a sample are neighbours. Codes of a genotype: 0
hom-ref, 1 het, 2 hom-alt, 3 missing; rows of the sums: het, hom-alt, missing.
"""

import numpy as np

from alsrev_dagster.survival.kernel.compiled import compiled

HET, HOM, MISSING = 0, 1, 2


@compiled
def code_of(packed, row, sample):
    """Code of a sample in packed genotypes, 2 bits each, most significant first."""
    return (packed[row, sample // 4] >> np.uint8(6 - 2 * (sample % 4))) & np.uint8(3)


@compiled
def tally(packed, row, who, space, count):
    """Fill, by event time and code, those at risk, events, and the sums of moments of both.

    Parameters
    ----------
    who
        Place of each sample in the packed row; first and last of its event times; the event time
        of its own event or -1; moments, shape (n_sample, n_column): weight, weight times
        covariates, and for those without a call weight times products of covariates.
    space
        At risk and events, shape (3, n_time + 1); sums of moments over both, shape
        (3, n_time + 1, n_column).
    count
        Filled: samples, then events, by code 0 to 3.
    """
    sample, first, last, place, moment, n_mean = who
    at_risk, event, risk_sum, event_sum = space
    n_column, n_time = moment.shape[1], at_risk.shape[1] - 1
    count[:] = 0
    for of in range(3):
        for t in range(n_time + 1):
            at_risk[of, t], event[of, t] = 0, 0
            for j in range(n_mean):
                risk_sum[of, t, j], event_sum[of, t, j] = 0.0, 0.0
    has_missing = False
    for i in range(len(sample)):
        code = code_of(packed, row, sample[i])
        count[code] += 1
        count[4 + code] += place[i] >= 0
        if code == 0:
            continue
        of, n = code - 1, n_mean
        if code == 3:
            n = n_column
            if not has_missing:
                risk_sum[MISSING], event_sum[MISSING] = 0.0, 0.0
            has_missing = True
        at_risk[of, first[i]] += 1
        at_risk[of, last[i]] -= 1
        for j in range(n):
            risk_sum[of, first[i], j] += moment[i, j]
            risk_sum[of, last[i], j] -= moment[i, j]
        if place[i] >= 0:
            event[of, place[i]] += 1
            for j in range(n):
                event_sum[of, place[i], j] += moment[i, j]
    for of in range(3):
        n = n_column if of == MISSING and has_missing else n_mean
        for t in range(1, n_time):
            at_risk[of, t] += at_risk[of, t - 1]
            for j in range(n):
                risk_sum[of, t, j] += risk_sum[of, t - 1, j]


@compiled
def fill_shares(total, space, share):
    """Fill the chance of each code at each of Efron's steps, shape (3, n_step); return n_step.

    ``total`` holds those at risk, events, and the first moment of both, of everybody. Steps are of
    the events with a call; a code that nobody at risk has is exactly 0.
    """
    n_at_risk, n_event, risk_total, event_total = total
    at_risk, event, risk_sum, event_sum = space
    step = 0
    for t in range(len(n_event)):
        n = n_event[t] - event[MISSING, t]
        if n == 0:
            continue
        n_other = n_at_risk[t] - at_risk[HET, t] - at_risk[HOM, t] - at_risk[MISSING, t]
        whole = risk_total[t, 0] - risk_sum[MISSING, t, 0]
        gone = event_total[t, 0] - event_sum[MISSING, t, 0]
        for nth in range(n):
            f = nth / n
            left = whole - f * gone
            het, hom = 0.0, 0.0
            if at_risk[HET, t] > 0:
                het = (risk_sum[HET, t, 0] - f * event_sum[HET, t, 0]) / left
            if at_risk[HOM, t] > 0:
                hom = (risk_sum[HOM, t, 0] - f * event_sum[HOM, t, 0]) / left
            if n_other == 0:
                both = het + hom
                het, hom = het / both, hom / both
            share[0, step] = 1 - het - hom if n_other > 0 else 0.0
            share[1, step], share[2, step] = het, hom
            step += 1
    return step


@compiled
def directions(total, space, of_het, of_hom):
    """Whether some event has less than the largest, and more than the smallest, value at risk.

    Without the first the likelihood rises for ever with the coefficient, without the second with
    its opposite; without both nothing varies where there are events.
    """
    n_at_risk, n_event, _, _ = total
    at_risk, event, _, _ = space
    is_bounded_above, is_bounded_below = False, False
    for t in range(len(n_event)):
        n_event_other = n_event[t] - event[HET, t] - event[HOM, t] - event[MISSING, t]
        n_other = n_at_risk[t] - at_risk[HET, t] - at_risk[HOM, t] - at_risk[MISSING, t]
        low, high = np.inf, -np.inf
        for value, n in ((0.0, n_other), (of_het, at_risk[HET, t]), (of_hom, at_risk[HOM, t])):
            if n > 0:
                low, high = min(low, value), max(high, value)
        for value, n in (
            (0.0, n_event_other),
            (of_het, event[HET, t]),
            (of_hom, event[HOM, t]),
        ):
            if n > 0:
                is_bounded_above |= value < high
                is_bounded_below |= value > low
    return is_bounded_above, is_bounded_below


@compiled
def score_and_information(share, n_step, count, score, information):
    """Fill score of het and hom-alt, and their information, without covariates.

    The information is the covariance of what is drawn, summed over steps: the observed, and under
    the partial likelihood the Fisher information at a coefficient of 0.
    """
    score[0], score[1] = count[5], count[6]
    information[:] = 0.0
    for k in range(n_step):
        het, hom = share[1, k], share[2, k]
        score[0] -= het
        score[1] -= hom
        information[0, 0] += het * (1 - het)
        information[0, 1] -= het * hom
        information[1, 1] += hom * (1 - hom)
    information[1, 0] = information[0, 1]
