"""Sums over people that a linear mixed model's likelihood is made of, for one or two effects.

With P the relative factor of the random effects, A = I + P'Z'Z P and S = P A^-1 P', what is
asked of V = I + Z P P'Z' is, by Woodbury: log |V| = log |A|, and a'V^-1 b = a'b - (Z'a)'S Z'b.
"""

import numpy as np

from alsrev_dagster.survival.kernel.compiled import compiled


@compiled
def _fill_spread(square, factor, spread):
    """Fill P A^-1 P' of one person; the determinant of A."""
    if factor.shape[0] == 1:
        inner = 1.0 + factor[0, 0] * square[0, 0] * factor[0, 0]
        spread[0, 0] = factor[0, 0] * factor[0, 0] / inner
        return inner
    p00, p10, p11 = factor[0, 0], factor[1, 0], factor[1, 1]
    z00, z01, z11 = square[0, 0], square[0, 1], square[1, 1]
    a00 = 1.0 + p00 * p00 * z00 + 2 * p00 * p10 * z01 + p10 * p10 * z11
    a01 = (p00 * z01 + p10 * z11) * p11
    a11 = 1.0 + p11 * p11 * z11
    determinant = a00 * a11 - a01 * a01
    i00, i01, i11 = a11 / determinant, -a01 / determinant, a00 / determinant
    spread[0, 0] = p00 * p00 * i00
    spread[0, 1] = p00 * (p10 * i00 + p11 * i01)
    spread[1, 0] = spread[0, 1]
    spread[1, 1] = p10 * p10 * i00 + 2 * p10 * p11 * i01 + p11 * p11 * i11
    return determinant


@compiled
def fill_sums(sums, factor, found, by_person):
    """Fill what all people add up to, and the pulls of each; log |V| and e'V^-1 e of outcomes.

    Parameters
    ----------
    sums
        Z'Z, shape (n, q, q); Z'[X y], shape (n, q, p + 1).
    factor
        Lower triangular, shape (q, q); q is 1 or 2.
    found
        What is taken off [X y]'[X y], shape (p + 1, p + 1); the sum of Z'V^-1 Z, shape (q, q).
        Filled.
    by_person
        Z'V^-1 [X y], shape (n, q, p + 1). Filled.
    """
    square, cross = sums
    taken, curvature = found
    n, q, width = cross.shape
    spread, turned = np.empty((q, q)), np.empty((q, width))
    moved = np.empty((q, q))
    taken[:] = 0.0
    curvature[:] = 0.0
    log_determinant = 0.0
    for i in range(n):
        log_determinant += np.log(_fill_spread(square[i], factor, spread))
        for a in range(q):
            for c in range(width):
                turned[a, c] = 0.0
                for b in range(q):
                    turned[a, c] += spread[a, b] * cross[i, b, c]
        for c in range(width):
            for d in range(c + 1):
                for a in range(q):
                    taken[c, d] += cross[i, a, c] * turned[a, d]
        for a in range(q):
            for c in range(width):
                by_person[i, a, c] = cross[i, a, c]
                for b in range(q):
                    by_person[i, a, c] -= square[i, a, b] * turned[b, c]
        for a in range(q):
            for b in range(q):
                moved[a, b] = 0.0
                for c in range(q):
                    moved[a, b] += spread[a, c] * square[i, c, b]
        for a in range(q):
            for b in range(q):
                curvature[a, b] += square[i, a, b]
                for c in range(q):
                    curvature[a, b] -= square[i, a, c] * moved[c, b]
    for c in range(width):
        for d in range(c):
            taken[d, c] = taken[c, d]
    return log_determinant


@compiled
def fill_squares(by_person, inverse, coefficient, found):
    """Fill the sums of T I^-1 T' and of u u', with T = Z'V^-1 X and u = Z'V^-1 e.

    Parameters
    ----------
    by_person
        Z'V^-1 [X y], shape (n, q, p + 1).
    inverse
        I^-1, shape (p, p).
    coefficient
        Of e = y - X coefficient, shape (p,).
    found
        Both sums, shape (2, q, q). Filled.
    """
    n, q, width = by_person.shape
    p = width - 1
    pull = np.empty(q)
    turned = np.empty((q, p))
    found[:] = 0.0
    for i in range(n):
        for a in range(q):
            pull[a] = by_person[i, a, p]
            for c in range(p):
                pull[a] -= by_person[i, a, c] * coefficient[c]
                turned[a, c] = 0.0
                for d in range(p):
                    turned[a, c] += by_person[i, a, d] * inverse[d, c]
        for a in range(q):
            for b in range(q):
                found[1, a, b] += pull[a] * pull[b]
                for c in range(p):
                    found[0, a, b] += turned[a, c] * by_person[i, b, c]
