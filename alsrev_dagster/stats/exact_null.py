"""What sorted exact P values look like when nothing is associated: their own discrete null."""

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.counts import distinct_rows
from alsrev_dagster.stats.exact import TIE_TOLERANCE, log_factorials

_Floats = NDArray[np.float64]


def exact_null_quantiles(
    n_genotype: NDArray[np.int64], n_case: NDArray[np.int64], score: tuple[int, int, int]
) -> _Floats:
    """Expected sorted exact P values of variants without effect, given their margins.

    Parameters
    ----------
    n_genotype
        Samples with dosage 0, 1 and 2, cases and controls together, shape (n, 3).
    n_case
        Cases with a call, shape (n,).
    score
        Whole numbers for genotypes 0, 1 and 2, 0 for hom-ref, as in
        :func:`exact.exact_conditional_p`.

    Returns
    -------
    NDArray[np.float64]
        Shape (n,), ascending, in (0, 1].

    Raises
    ------
    InputDataError
        If shapes differ or there are more cases than samples.

    Notes
    -----
    The P value of a margin takes few values, each with its known probability. Averaged over
    variants these are one step function F; the value of rank i is the smallest p with F(p) of at
    least (i - 1/2) / n. One stratum only: margins by stratum are no longer known of a sum.

    Examples
    --------
    >>> genotype, n_case = np.array([[3, 1, 0]] * 4), np.array([1] * 4)
    >>> exact_null_quantiles(genotype, n_case, (0, 1, 2)).tolist()
    [0.25, 1.0, 1.0, 1.0]
    """
    if n_genotype.shape != (len(n_case), 3) or (n_case > n_genotype.sum(axis=1)).any():
        raise InputDataError(
            f"genotypes have shape {n_genotype.shape} and cases {n_case.shape}: expected (n, 3) "
            "and (n,), and no more cases than samples; count both over the samples with a call"
        )
    rows, inverse = distinct_rows(np.column_stack([n_genotype, n_case]).astype(np.int64))
    if not len(rows):
        return np.empty(0)
    weight = np.bincount(inverse)
    log_factorial = log_factorials(int(n_genotype.sum(axis=1).max())).astype(np.float64)
    atoms = [_p_atoms(row, score, log_factorial) for row in rows.tolist()]
    p_value = np.concatenate([p for p, _ in atoms])
    chance = np.concatenate([w * q for w, (_, q) in zip(weight, atoms, strict=True)])
    order = np.argsort(p_value, kind="stable")
    reached = np.cumsum(chance[order])
    rank = np.arange(1, len(n_case) + 1) - 0.5
    place = np.searchsorted(reached, rank * reached[-1] / len(n_case) * (1 - TIE_TOLERANCE))
    return np.asarray(p_value[order][np.minimum(place, len(order) - 1)], dtype=np.float64)


def _p_atoms(
    row: list[int], score: tuple[int, int, int], log_factorial: _Floats
) -> tuple[_Floats, _Floats]:
    """Every P value that a margin can give, and its probability."""
    *n_genotype, n_case = row
    probability = _null(n_genotype, n_case, score, log_factorial)
    order = np.argsort(probability, kind="stable")
    seen = probability[order]
    last = np.searchsorted(seen, seen * (1 + TIE_TOLERANCE), side="right") - 1
    p_value = np.minimum(np.cumsum(seen)[last] / seen.sum(), 1.0)
    return p_value, seen / seen.sum()


def _null(
    n_genotype: list[int], n_case: int, score: tuple[int, int, int], log_factorial: _Floats
) -> _Floats:
    """Probability of every value of the cases' summed score that can be."""
    n_ref, n_het, n_alt = n_genotype
    het, alt = np.arange(min(n_het, n_case) + 1)[:, None], np.arange(min(n_alt, n_case) + 1)
    ref = n_case - het - alt
    can_be = (ref >= 0) & (ref <= n_ref)
    ref = np.where(can_be, ref, 0)  # elsewhere it is not used
    log_p: _Floats = np.zeros(ref.shape)
    for drawn, n in ((ref, n_ref), (het, n_het), (alt, n_alt)):
        log_p = log_p - log_factorial[drawn] - log_factorial[n - drawn]
    t = (score[1] * het + score[2] * alt)[can_be]
    log_p = log_p[can_be]
    mass = np.bincount(t, weights=np.exp(log_p - log_p.max())).astype(np.float64)
    positive: _Floats = mass[mass > 0]
    return positive
