"""Clumping: each lead with the variants near it that are correlated with it."""

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.haplotype import haplotype_ld
from alsrev_dagster.stats.kernel.prune import SLACK
from alsrev_dagster.stats.ld import runs
from alsrev_dagster.stats.planes import require_packed

NO_CLUMP = -1
"""Lead of a variant that belongs to no clump."""


def clump_by_ld(
    packed: NDArray[np.uint8],
    n_sample: int,
    chrom: NDArray[np.generic],
    pos: NDArray[np.int64],
    p_value: NDArray[np.float64],
    *,
    lead_p_max: float,
    member_p_max: float,
    r2_above: float,
    window_bp: int,
) -> NDArray[np.int64]:
    """The lead that each variant belongs to.

    Parameters
    ----------
    packed, n_sample, chrom, pos
        As for :func:`alsrev_dagster.stats.ld.prune`.
    p_value
        Of each variant, shape (n_variant,), NaN where there is none.
    lead_p_max, member_p_max
        Largest P value of a lead, and of a variant that joins one; the first at most the second.
    r2_above
        A variant joins a lead with which its r2 of haplotypes is above this.
    window_bp
        Farthest that a variant may be from its lead, in bp.

    Returns
    -------
    NDArray[np.int64]
        Shape (n_variant,): place of the lead, a lead's own place, ``NO_CLUMP`` for no clump.

    Raises
    ------
    InputDataError
        If lead_p_max is above member_p_max, or as :func:`alsrev_dagster.stats.ld.prune`.

    Notes
    -----
    Leads are taken by rising P value (of equals the earlier one); each takes the variants of no
    clump yet. The rule and the r2, of the most likely haplotypes, are those of PLINK 1.9
    ``--clump`` [1]_; its assumptions are those of
    :func:`alsrev_dagster.stats.haplotype.haplotype_ld`.

    References
    ----------
    .. [1] Purcell et al. (2007), Am J Hum Genet 81:559-575; Chang et al. (2015), GigaScience 4:7.

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> packed = pack(np.array([[0, 1, 2, 0], [0, 1, 2, 0], [2, 0, 2, 0]], dtype=np.uint8))
    >>> place = {"chrom": np.array(["chr1"] * 3), "pos": np.array([10, 20, 30])}
    >>> rule = {"lead_p_max": 1e-4, "member_p_max": 0.01, "r2_above": 0.5, "window_bp": 100}
    >>> clump_by_ld(packed, 4, **place, p_value=np.array([1e-3, 1e-8, 1e-6]), **rule).tolist()
    [1, 1, 2]
    """
    if lead_p_max > member_p_max:
        raise InputDataError(
            f"lead_p_max is {lead_p_max:g} and member_p_max {member_p_max:g}: expected the first "
            "to be at most the second; a lead is a member of its own clump"
        )
    packed = require_packed(packed, n_sample)
    lead = np.full(len(packed), NO_CLUMP, dtype=np.int64)
    for here in runs(chrom, pos, len(packed)):
        # What is above member_p_max belongs nowhere: nobody need look at its genotypes.
        wanted = here.start + np.flatnonzero(p_value[here] <= member_p_max)
        found = _clumps(
            packed[wanted], n_sample, pos[wanted], p_value[wanted], lead_p_max, r2_above, window_bp
        )
        lead[wanted] = np.where(found == NO_CLUMP, NO_CLUMP, wanted[found])
    return lead


def _clumps(
    packed: NDArray[np.uint8],
    n_sample: int,
    pos: NDArray[np.int64],
    p_value: NDArray[np.float64],
    lead_p_max: float,
    r2_above: float,
    window_bp: int,
) -> NDArray[np.int64]:
    """Leads among the possible members of one chromosome."""
    lead = np.full(len(pos), NO_CLUMP, dtype=np.int64)
    for index in np.argsort(p_value, kind="stable"):
        if p_value[index] > lead_p_max:
            break
        if lead[index] != NO_CLUMP:
            continue
        start = np.searchsorted(pos, pos[index] - window_bp, side="left")
        stop = np.searchsorted(pos, pos[index] + window_bp, side="right")
        near = start + np.flatnonzero(lead[start:stop] == NO_CLUMP)
        r2 = _r2_with(packed, n_sample, index, near)
        lead[near[r2 > r2_above * (1 + SLACK)]] = index
        lead[index] = index
    return lead


def _r2_with(
    packed: NDArray[np.uint8], n_sample: int, index: np.int64, near: NDArray[np.int64]
) -> NDArray[np.float64]:
    """r2 of haplotypes of one variant with some others."""
    together = np.concatenate([packed[index][None, :], packed[near]])
    second = np.arange(1, len(together))
    return haplotype_ld(together, n_sample, np.zeros_like(second), second).r2
