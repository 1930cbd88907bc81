"""Exact permutation test of a Cox score with few carriers: every way to place them is counted."""

from collections.abc import Sequence

import numpy as np

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.cox_null import CoxNull
from alsrev_dagster.survival.kernel.cox_permutation import N_CARRIER_MAX, UNIT, permute_each
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray
from alsrev_dagster.survival.scan_genotypes import Genotypes, coding_of, each_part

__all__ = ["N_CARRIER_MAX", "permutation_scan"]

_N_PAIR_MAX = 1_000_000
"""Pairs of people in a stratum (1,000 of them) beyond which three and four carriers are not
placed: time and room grow with it."""


_N_AT_ONCE = 32
"""Variants that a thread takes at a time; changes no result."""


def permutation_scan(
    null: CoxNull,
    genotype: Genotypes,
    is_wanted: BoolArray,
    genetic_models: Sequence[str] = ("additive",),
    *,
    n_thread: int = 2,
) -> FloatArray:
    """Exact two-sided P of the wanted variants that few carry, shape (n_variant, n_model).

    Parameters
    ----------
    null
        Null model without covariates: strata, delayed entry.
    genotype
        Packed genotypes and the participants' places in them.
    is_wanted
        Which variants, under which genetic models, shape (n_variant, n_model).
    genetic_models
        Keys of ``CODING``.
    n_thread
        Threads; results are the same for any number of them.

    Returns
    -------
    FloatArray
        In (0, 1]; NaN where it was not wanted, where nobody or more than four of those with a call
        differ from the commonest coded value, and where three or four do in a stratum of more than
        1,000.

    Raises
    ------
    InputDataError
        If the null model has covariates: people are then not alike, and no shuffle is exact.

    Notes
    -----
    The score is U = sum g_i r_i with r the martingale residuals of everybody's null model (Efron's
    ties, delayed entry). If genotype goes with nothing in a stratum (neither the event, nor entry,
    nor the end of observation), each way to place the stratum's genotypes among those of it with a
    call was as likely as the one seen. P is the share of these ways whose U is as far from its mean
    over all of them, either way, as the one seen; sums that differ by less than some 1e-8 of the
    largest residual are the same. So P <= alpha comes at most as often as alpha. With one carrier
    P is at least 1 / n. The residuals are of everybody, with a call or without: a fixed number of
    each person is all that the test needs.

    References
    ----------
    .. [1] Peto & Peto (1972), JRSS A 135:185, for permuted log-rank scores; Heinze, Gnant &
       Schemper (2003), Biometrics 59:1151, for what a shuffle asks of follow-up.

    Examples
    --------
    Of four people who have the event one after the other, the first carries. Residuals are
    0.75, 0.417, -0.083 and -1.083: two of four are as far from 0.

    >>> from alsrev_dagster.packing import pack
    >>> from alsrev_dagster.survival.cox_null import cox_null
    >>> null = cox_null(np.arange(1.0, 5.0), np.ones(4, dtype=np.bool_))
    >>> genotype = Genotypes(pack(np.array([[1, 0, 0, 0]], dtype=np.uint8)), np.arange(4))
    >>> float(permutation_scan(null, genotype, np.ones((1, 1), dtype=np.bool_))[0, 0])
    0.5
    """
    coding = coding_of(null, genotype, genetic_models)
    if null.covariate.shape[1]:
        raise InputDataError(
            f"an exact permutation was asked of a null model with {null.covariate.shape[1]} "
            "covariate(s): expected none, as people who differ in them are not exchangeable; use "
            "firth_scan or joint_scan"
        )
    found = np.full(is_wanted.shape, np.nan)
    row = np.flatnonzero(is_wanted.any(axis=1))
    told, ranked = np.empty((len(row), len(coding))), _ranked(null, genotype)

    def count(part: slice) -> None:
        chosen = row[part]
        permute_each(
            genotype.rows(chosen), ranked, coding, is_wanted[chosen], _N_PAIR_MAX, told[part]
        )

    each_part(len(row), count, n_thread, n_at_once=_N_AT_ONCE)
    found[row] = told
    return found


def _ranked(null: CoxNull, genotype: Genotypes) -> tuple[IntArray, FloatArray, IntArray]:
    """Places in the packed row and residuals by stratum, then residual; where strata begin."""
    residual = null.martingale
    order = np.lexsort((residual, null.stratum))
    begin = np.append(np.unique(null.stratum[order], return_index=True)[1], null.n)
    score = residual[order] * (UNIT / max(float(np.abs(residual).max(initial=0.0)), 1e-300))
    sample = np.ascontiguousarray(genotype.sample[order], dtype=np.int64)
    return sample, score, begin.astype(np.int64)
