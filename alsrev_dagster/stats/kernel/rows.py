"""Sums over rows of numbers, eight terms at a time: what a logistic fit spends its time on."""

import numpy as np

from alsrev_dagster.stats.kernel.compiled import compiled, compiled_sums
from alsrev_dagster.stats.kernel.exponential import exp_of_negative

N_AT_ONCE = 16
"""Rows are as long as a multiple of this; what is behind the last sample is 0."""

N_TOGETHER = 4
"""Rows are as many as a multiple of this; those behind the last are 0."""

_N_FACTOR = 512
"""Factors in [1, 2] whose product is safe."""


@compiled
def clear(row, start, stop):
    """Fill a stretch of a row with 0."""
    for i in range(start, stop):
        row[i] = 0.0


@compiled
def copy(source, n, target):
    """Copy the first numbers of a row."""
    for i in range(n):
        target[i] = source[i]


@compiled_sums
def combine(rows, coefficient, n_row, n, total):
    """Fill the sum of the first rows times their coefficients."""
    clear(total, 0, n)
    done = 0
    while done + 4 <= n_row:
        at, bt, ct, dt = (
            coefficient[done], coefficient[done + 1], coefficient[done + 2], coefficient[done + 3],
        )  # fmt: skip
        for i in range(n):
            total[i] += (
                rows[done, i] * at
                + rows[done + 1, i] * bt
                + rows[done + 2, i] * ct
                + rows[done + 3, i] * dt
            )
        done += 4
    for j in range(done, n_row):
        at = coefficient[j]
        for i in range(n):
            total[i] += rows[j, i] * at


@compiled_sums
def dots(rows, row, n_row, n, product):
    """Fill the inner product of each of the first rows with a row."""
    done = 0
    while done + 4 <= n_row:
        at, bt, ct, dt = 0.0, 0.0, 0.0, 0.0
        for i in range(n):
            at += rows[done, i] * row[i]
            bt += rows[done + 1, i] * row[i]
            ct += rows[done + 2, i] * row[i]
            dt += rows[done + 3, i] * row[i]
        product[done], product[done + 1], product[done + 2], product[done + 3] = at, bt, ct, dt
        done += 4
    for j in range(done, n_row):
        at = 0.0
        for i in range(n):
            at += rows[j, i] * row[i]
        product[j] = at


@compiled_sums
def times(one, other, n, product):
    """Fill the product of two rows."""
    for i in range(n):
        product[i] = one[i] * other[i]


@compiled_sums
def _gram_block(rows, weight, n, gram, j, m):
    """Fill the weighted inner products of four rows with four others: 16 sums at a time."""
    ae, af, ag, ah, be, bf, bg, bh = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    ce, cf, cg, ch, de, df, dg, dh = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        w, ei, fi, gi, hi = weight[i], rows[m, i], rows[m + 1, i], rows[m + 2, i], rows[m + 3, i]
        ai, bi, ci, di = rows[j, i] * w, rows[j + 1, i] * w, rows[j + 2, i] * w, rows[j + 3, i] * w
        ae += ai * ei
        af += ai * fi
        ag += ai * gi
        ah += ai * hi
        be += bi * ei
        bf += bi * fi
        bg += bi * gi
        bh += bi * hi
        ce += ci * ei
        cf += ci * fi
        cg += ci * gi
        ch += ci * hi
        de += di * ei
        df += di * fi
        dg += di * gi
        dh += di * hi
    gram[j, m], gram[j, m + 1], gram[j, m + 2], gram[j, m + 3] = ae, af, ag, ah
    gram[j + 1, m], gram[j + 1, m + 1], gram[j + 1, m + 2], gram[j + 1, m + 3] = be, bf, bg, bh
    gram[j + 2, m], gram[j + 2, m + 1], gram[j + 2, m + 2], gram[j + 2, m + 3] = ce, cf, cg, ch
    gram[j + 3, m], gram[j + 3, m + 1], gram[j + 3, m + 2], gram[j + 3, m + 3] = de, df, dg, dh


@compiled_sums
def _gram_corner(rows, weight, n, gram, j):
    """Fill the weighted inner products of four rows with each other: the ten of the triangle."""
    aa, ba, bb, ca, cb, cc, da, db, dc, dd = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        w, ai, bi, ci, di = weight[i], rows[j, i], rows[j + 1, i], rows[j + 2, i], rows[j + 3, i]
        aw, bw, cw, dw = ai * w, bi * w, ci * w, di * w
        aa += aw * ai
        ba += bw * ai
        bb += bw * bi
        ca += cw * ai
        cb += cw * bi
        cc += cw * ci
        da += dw * ai
        db += dw * bi
        dc += dw * ci
        dd += dw * di
    gram[j, j], gram[j + 1, j], gram[j + 1, j + 1] = aa, ba, bb
    gram[j + 2, j], gram[j + 2, j + 1], gram[j + 2, j + 2] = ca, cb, cc
    gram[j + 3, j], gram[j + 3, j + 1], gram[j + 3, j + 2], gram[j + 3, j + 3] = da, db, dc, dd


@compiled
def weighted_gram(rows, weight, n_row, n, gram):
    """Fill the lower triangle of the weighted inner products of the first rows.

    Rows and ``gram`` are as many as a multiple of four; those behind the last are 0.
    """
    for j in range(0, n_row, N_TOGETHER):
        for m in range(0, j, N_TOGETHER):
            _gram_block(rows, weight, n, gram, j, m)
        _gram_corner(rows, weight, n, gram, j)


@compiled_sums
def _turn_block(rows, turn, j, m, n, keep, four):
    """Fill, or with ``keep`` 1 add to, four rows: each a sum of four others."""
    ta, tb, tc, td = turn[j, m], turn[j, m + 1], turn[j, m + 2], turn[j, m + 3]
    ua, ub, uc, ud = turn[j + 1, m], turn[j + 1, m + 1], turn[j + 1, m + 2], turn[j + 1, m + 3]
    va, vb, vc, vd = turn[j + 2, m], turn[j + 2, m + 1], turn[j + 2, m + 2], turn[j + 2, m + 3]
    wa, wb, wc, wd = turn[j + 3, m], turn[j + 3, m + 1], turn[j + 3, m + 2], turn[j + 3, m + 3]
    for i in range(n):
        ai, bi, ci, di = rows[m, i], rows[m + 1, i], rows[m + 2, i], rows[m + 3, i]
        four[0, i] = four[0, i] * keep + ai * ta + bi * tb + ci * tc + di * td
        four[1, i] = four[1, i] * keep + ai * ua + bi * ub + ci * uc + di * ud
        four[2, i] = four[2, i] * keep + ai * va + bi * vb + ci * vc + di * vd
        four[3, i] = four[3, i] * keep + ai * wa + bi * wb + ci * wc + di * wd


@compiled_sums
def _turn_corner(rows, turn, j, n, keep, four, total):
    """Add the triangle's own corner to four rows, and their squares to a total."""
    ta, ua, ub, va, vb, vc = (
        turn[j, j], turn[j + 1, j], turn[j + 1, j + 1],
        turn[j + 2, j], turn[j + 2, j + 1], turn[j + 2, j + 2],
    )  # fmt: skip
    wa, wb, wc, wd = turn[j + 3, j], turn[j + 3, j + 1], turn[j + 3, j + 2], turn[j + 3, j + 3]
    for i in range(n):
        ai, bi, ci, di = rows[j, i], rows[j + 1, i], rows[j + 2, i], rows[j + 3, i]
        t = four[0, i] * keep + ai * ta
        u = four[1, i] * keep + ai * ua + bi * ub
        v = four[2, i] * keep + ai * va + bi * vb + ci * vc
        w = four[3, i] * keep + ai * wa + bi * wb + ci * wc + di * wd
        total[i] = total[i] * keep + t * t + u * u + v * v + w * w


@compiled
def turned_squares(rows, turn, n_row, n, four, total):
    """Fill the sum of squares over the first rows, turned by a lower triangle.

    ``four`` is room for four rows. Rows and ``turn`` are as for :func:`weighted_gram`; above its
    diagonal and behind its last row ``turn`` is 0.
    """
    for j in range(0, n_row, N_TOGETHER):
        for m in range(0, j, N_TOGETHER):
            _turn_block(rows, turn, j, m, n, 1.0 if m else 0.0, four)
        _turn_corner(rows, turn, j, n, 1.0 if j else 0.0, four, total)


@compiled_sums
def _curve(eta, outcome, n, p, weight):
    """Fill probabilities and weights; the linear part of the likelihood, and exp of the rest."""
    product, linear = 1.0, 0.0
    for i in range(n):
        small = exp_of_negative(-abs(eta[i]))
        high = 1 / (1 + small)
        product *= 1 + small
        linear += outcome[i] * eta[i] - max(eta[i], 0.0)
        p[i] = high if eta[i] >= 0 else small * high
        weight[i] = small * high * high
    return linear, product


@compiled
def mean_curve(eta, outcome, n, p, weight):
    """Fill the fitted probabilities p and weights p (1 - p); return the log likelihood."""
    total = 0.0
    for start in range(0, n, _N_FACTOR):
        stop = min(start + _N_FACTOR, n)
        linear, product = _curve(
            eta[start:stop], outcome[start:stop], stop - start, p[start:stop], weight[start:stop]
        )
        total += linear - np.log(product)
    return total


@compiled_sums
def modify(outcome, p, weight, spread, n, residual, augmented):
    """Fill the modified residuals and the augmented weights; a leverage is weight * spread."""
    for i in range(n):
        leverage = weight[i] * spread[i]
        residual[i] = outcome[i] - p[i] + leverage * (0.5 - p[i])
        augmented[i] = weight[i] * (1 + leverage)
