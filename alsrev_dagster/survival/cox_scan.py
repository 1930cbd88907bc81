"""Genome-wide scan of time to an event: score test, saddlepoint, Firth's fit, exact permutation."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from alsrev_dagster.survival.cox_null import CoxNull
from alsrev_dagster.survival.firth_scan import CoxFirth, firth_scan
from alsrev_dagster.survival.joint_scan import joint_scan
from alsrev_dagster.survival.permutation_scan import permutation_scan
from alsrev_dagster.survival.risk import FloatArray, IntArray
from alsrev_dagster.survival.scan_genotypes import Genotypes
from alsrev_dagster.survival.score_scan import CoxScore, score_scan


@dataclass(frozen=True)
class CoxScan:
    """A scan: the score test of every variant, and more of those it chose, by genetic model."""

    score: CoxScore
    row: dict[str, IntArray]
    """Rows that were fitted."""
    firth: dict[str, CoxFirth]
    permutation_p: FloatArray
    """Exact P where few carry, shape (n_variant, n_model); NaN where it was not asked for."""


def cox_scan(
    null: CoxNull,
    genotype: Genotypes,
    genetic_models: Sequence[str] = ("additive",),
    *,
    refine_p_max: float = 0.05,
    joint_p_max: float = 0.001,
    n_thread: int = 2,
) -> CoxScan:
    """Score test of every variant; Firth's fit, and where few carry a count, of the promising.

    Parameters
    ----------
    null
        Null model: strata, delayed entry, covariates.
    genotype
        Packed genotypes and the participants' places in them.
    genetic_models
        Keys of ``CODING``.
    refine_p_max
        A variant is fitted, and permuted where one to four carry and there are no covariates, if
        the screen's P is below this or the saddlepoint has no root; every one that can be if it
        is 1.
    joint_p_max
        With covariates: a variant is fitted again, genotype and covariates together, if the larger
        of the screen's P and of Firth's with an offset is below this.
    n_thread
        Threads; results are the same for any number of them.

    Raises
    ------
    InputDataError
        If the genotypes do not fit the null model or a genetic model is unknown.

    Notes
    -----
    See :func:`score_scan`, :func:`firth_scan`, :func:`joint_scan` and :func:`permutation_scan`.
    Participants must be unrelated.

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> from alsrev_dagster.survival.cox_null import cox_null
    >>> null = cox_null(np.arange(1.0, 9.0), np.arange(8) < 6)
    >>> code = np.array([[2, 1, 1, 1, 0, 0, 0, 0]], dtype=np.uint8)
    >>> found = cox_scan(null, Genotypes(pack(code), np.arange(8)), refine_p_max=1.0)
    >>> round(float(found.score.z[0, 0]), 3), str(found.firth["additive"].fit_status[0])
    (3.237, 'separated')
    >>> round(float(found.permutation_p[0, 0]), 4)
    0.0179
    """
    score = score_scan(null, genotype, genetic_models, n_thread=n_thread)
    is_promising = (score.screen_p < refine_p_max) | ~score.has_root | (refine_p_max >= 1)
    is_chosen = is_promising & ~np.isnan(score.z)
    row, firth = dict[str, IntArray](), dict[str, CoxFirth]()
    for place, model in enumerate(genetic_models):
        chosen = row[model] = np.flatnonzero(is_chosen[:, place])
        firth[model] = firth_scan(null, genotype, chosen, model, n_thread=n_thread)
        if null.covariate.shape[1]:
            screen = np.where(score.has_root, score.screen_p, 0.0)[chosen, place]
            lead = np.flatnonzero(np.fmax(screen, firth[model].p_value) < joint_p_max)
            joint = joint_scan(null, genotype, chosen[lead], model, n_thread=n_thread)
            firth[model] = _with_joint(firth[model], lead, joint)
    permutation_p = np.full(score.z.shape, np.nan)
    if not null.covariate.shape[1]:
        permutation_p = permutation_scan(
            null, genotype, is_chosen, genetic_models, n_thread=n_thread
        )
    return CoxScan(score, row, firth, permutation_p)


def _with_joint(fit: CoxFirth, lead: IntArray, joint: CoxFirth) -> CoxFirth:
    """Fits, those of the leads replaced by joint ones where these were found."""
    is_found = ~np.isnan(joint.p_value)
    columns = dict[str, Any]()
    for field in fields(CoxFirth):
        columns[field.name] = getattr(fit, field.name).copy()
        columns[field.name][lead[is_found]] = getattr(joint, field.name)[is_found]
    return CoxFirth(**columns)
