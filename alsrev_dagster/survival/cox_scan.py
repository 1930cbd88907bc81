"""Genome-wide scan of time to an event: score test, saddlepoint, Firth's likelihood ratio."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from alsrev_dagster.survival.cox_null import CoxNull
from alsrev_dagster.survival.firth_scan import CoxFirth, firth_scan
from alsrev_dagster.survival.risk import IntArray
from alsrev_dagster.survival.scan_genotypes import Genotypes
from alsrev_dagster.survival.score_scan import CoxScore, score_scan

Refine = Callable[[CoxNull, Genotypes, IntArray, str], CoxFirth]
"""Fits the variants at some rows under a genetic model."""


@dataclass(frozen=True)
class CoxScan:
    """A scan: the score test of every variant, and the fit of those it chose, by genetic model."""

    score: CoxScore
    row: dict[str, IntArray]
    """Rows that were fitted."""
    firth: dict[str, CoxFirth]


def cox_scan(
    null: CoxNull,
    genotype: Genotypes,
    genetic_models: Sequence[str] = ("additive",),
    *,
    refine_p_max: float = 0.05,
    refine: Refine | None = None,
    n_thread: int = 2,
) -> CoxScan:
    """Score test of every variant, and Firth's penalised likelihood ratio of the promising ones.

    Parameters
    ----------
    null
        Null model: strata, delayed entry, covariates.
    genotype
        Packed genotypes and the participants' places in them.
    genetic_models
        Keys of ``CODING``.
    refine_p_max
        A variant is fitted where the screen's P is below this, and where the saddlepoint has no
        root; every one that can be if it is 1.
    refine
        Fits them; :func:`firth_scan` when None. It takes covariates as an offset; give a fit that
        estimates them again where that matters.
    n_thread
        Threads; results are the same for any number of them.

    Raises
    ------
    InputDataError
        If the genotypes do not fit the null model or a genetic model is unknown.

    Notes
    -----
    See :func:`score_scan` and :func:`firth_scan`. Participants must be unrelated.

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> from alsrev_dagster.survival.cox_null import cox_null
    >>> null = cox_null(np.arange(1.0, 9.0), np.arange(8) < 6)
    >>> code = np.array([[2, 1, 1, 1, 0, 0, 0, 0]], dtype=np.uint8)
    >>> found = cox_scan(null, Genotypes(pack(code), np.arange(8)), refine_p_max=1.0)
    >>> round(float(found.score.z[0, 0]), 3), str(found.firth["additive"].fit_status[0])
    (3.237, 'separated')
    """
    score = score_scan(null, genotype, genetic_models, n_thread=n_thread)
    fit = refine or _firth_refinement(n_thread)
    screen, row, firth = score.screen_p, dict[str, IntArray](), dict[str, CoxFirth]()
    for place, model in enumerate(genetic_models):
        is_tested = ~np.isnan(score.z[:, place])
        is_chosen = (screen[:, place] < refine_p_max) | ~score.has_root[:, place]
        row[model] = np.flatnonzero(is_tested & (is_chosen | (refine_p_max >= 1)))
        firth[model] = fit(null, genotype, row[model], model)
    return CoxScan(score, row, firth)


def _firth_refinement(n_thread: int) -> Refine:
    return lambda null, genotype, row, model: firth_scan(
        null, genotype, row, model, n_thread=n_thread
    )
