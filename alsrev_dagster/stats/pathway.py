"""Whether the genes of a pathway carry a signal, and whether more of it than other genes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import t as student

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.labelings import Labelings

_SHRINKAGE = 0.05
"""Share of the identity in the genes' correlation: keeps it invertible with few labelings."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Genes:
    """What the competitive test adjusts for; every array has shape (n_gene,)."""

    name: NDArray[np.str_]
    length_bp: Floats
    """Above 0."""
    n_variant: Floats
    """Variants tested in the gene, above 0."""
    block: NDArray[np.int64]
    """Genes of one block may correlate by LD: a number for each chromosome, or each locus."""


@dataclass(frozen=True)
class PathwayTest:
    """One pathway in one analysis."""

    n_gene: int
    """Genes of the pathway that were tested."""
    n_gene_untested: int
    """Genes of the pathway without a varying variant: left out."""
    n_gene_other: int
    """Tested genes outside the pathway."""
    self_contained_p: float
    """Null: no gene of the pathway is associated. Of record."""
    competitive_beta: float
    """Mean z of the pathway's genes less that of the others, adjusted."""
    competitive_standard_error: float
    competitive_p: float
    """One-sided. Null: the pathway's genes are associated no more than others."""
    competitive_resampled_p: float
    """One-sided, of the same beta over the labelings. Null: no gene is associated."""


def gene_z(labels: Labelings, statistic: Floats) -> Floats:
    """Normal score of each gene's statistic in each labeling.

    Parameters
    ----------
    labels
        Labelings that all genes share.
    statistic
        Larger is stronger, shape (n_labeling, n_gene): SKAT's or the omnibus of each gene.

    Returns
    -------
    Floats
        Shape (n_labeling, n_gene); 0 for a gene whose statistic is always the same.

    Notes
    -----
    The normal quantile of 1 - mid-P. It can't pass that of 1 / (n_labeling): with 1,000
    labelings one gene gives at most 3.3, whatever its signal.

    Examples
    --------
    >>> labels = Labelings(np.arange(1), np.eye(4)[:, :1] > 0, np.full(4, 0.25), True)
    >>> gene_z(labels, np.array([[4.0], [3], [2], [1]])).ravel().round(2).tolist()
    [1.15, 0.32, -0.32, -1.15]
    """
    z: Floats = -ndtri(labels.middle_tail(statistic))
    return np.where(np.ptp(statistic, axis=0) > 0, z, 0.0)


def pathway_test(labels: Labelings, z: Floats, is_member: Bools, genes: Genes) -> PathwayTest:
    """Self-contained and competitive tests of one pathway.

    Parameters
    ----------
    labels
        Labelings that all genes share.
    z
        From :func:`gene_z`, shape (n_labeling, n_gene).
    is_member
        Genes of the pathway, shape (n_gene,).
    genes
        What is adjusted for.

    Returns
    -------
    PathwayTest
        Competitive numbers are NaN with fewer than two tested genes inside or outside.

    Raises
    ------
    InputDataError
        If shapes differ, no gene is a member, or a length or count is not above 0.

    Notes
    -----
    Self-contained: the sum of z over the pathway's genes, referred to the labelings. These
    move whole samples, so LD between neighbouring genes (IGFBP2 and IGFBP5) stays in the null
    distribution. Competitive [1]_: z of the seen labels regressed on membership, log length
    and log count of variants, by generalised least squares; the genes' correlation is that of
    z over the labelings within a block, none between blocks. Its errors are assumed normal
    with that correlation. A large set of unlike genes passes the self-contained test by any
    inflation of the scan; look at the competitive one, and at the controls' own scan.

    References
    ----------
    .. [1] de Leeuw et al. (2015), PLoS Comput Biol 11:e1004219; Goeman & Buhlmann (2007),
       Bioinformatics 23:980-987, for the two null hypotheses.

    Examples
    --------
    >>> labels = Labelings(np.arange(1), np.eye(4)[:, :1] > 0, np.full(4, 0.25), True)
    >>> z = gene_z(labels, np.array([[4.0, 1, 5], [3, 2, 7], [2, 3, 1], [1, 4, 0]]))
    >>> genes = Genes(np.array(["A", "B", "C"]), np.ones(3), np.ones(3), np.arange(3))
    >>> pathway_test(labels, z, np.array([True, False, True]), genes).self_contained_p
    0.5
    """
    _require(z, is_member, genes)
    is_tested = np.ptp(z, axis=0) > 0
    inside, outside = is_member & is_tested, ~is_member & is_tested
    n_inside, n_outside = int(inside.sum()), int(outside.sum())
    total = z[:, inside].sum(axis=1)
    beta, error, p_value, resampled = (float("nan"),) * 4
    if min(n_inside, n_outside) >= 2:
        beta, error, p_value, resampled = _competitive(labels, z, is_member, (genes, is_tested))
    return PathwayTest(
        n_gene=n_inside,
        n_gene_untested=int((is_member & ~is_tested).sum()),
        n_gene_other=n_outside,
        self_contained_p=float(labels.tail(total)[0]) if n_inside else 1.0,
        competitive_beta=beta,
        competitive_standard_error=error,
        competitive_p=p_value,
        competitive_resampled_p=resampled,
    )


def _competitive(
    labels: Labelings, z: Floats, is_member: Bools, of: tuple[Genes, Bools]
) -> tuple[float, float, float, float]:
    """Coefficient of membership, its standard error and its two one-sided P values."""
    genes, is_tested = of
    z, block = z[:, is_tested], genes.block[is_tested]
    design = _design(is_member[is_tested], genes.length_bp[is_tested], genes.n_variant[is_tested])
    solved = _solved(labels, z, block, np.column_stack([design, z[0]]))
    information, right = design.T @ solved[:, :-1], design.T @ solved[:, -1]
    inverse = np.linalg.inv(information)
    coefficient = inverse @ right
    freedom = len(block) - design.shape[1]
    residual = float(z[0] @ solved[:, -1] - coefficient @ right)
    error = (max(residual, 0.0) / freedom * float(inverse[1, 1])) ** 0.5 if freedom > 0 else np.nan
    beta = float(coefficient[1])
    each = z @ (solved[:, :-1] @ inverse[1])
    p_value = float(student.sf(beta / error, freedom)) if error > 0 else float("nan")
    return beta, float(error), p_value, float(labels.tail(each)[0])


def _design(is_member: Bools, length_bp: Floats, n_variant: Floats) -> Floats:
    """Intercept, membership, and those of log length and log count that are not spanned."""
    columns = [np.ones(len(is_member)), is_member.astype(np.float64)]
    for covariate in (np.log(length_bp), np.log(n_variant)):
        tried = np.column_stack([*columns, covariate - covariate.mean()])
        if np.linalg.matrix_rank(tried) == tried.shape[1]:
            columns.append(tried[:, -1])
    return np.column_stack(columns)


def _solved(labels: Labelings, z: Floats, block: NDArray[np.int64], right: Floats) -> Floats:
    """Inverse of the genes' correlation times ``right``, block by block."""
    centred = (z - labels.probability @ z) * np.sqrt(labels.probability)[:, None]
    scaled = centred / np.sqrt((centred**2).sum(axis=0))
    solved = np.empty_like(right)
    for number in np.unique(block):
        here = np.flatnonzero(block == number)
        correlation = (1 - _SHRINKAGE) * (scaled[:, here].T @ scaled[:, here])
        correlation[np.diag_indices(len(here))] = 1.0
        solved[here] = np.linalg.solve(correlation, right[here])
    return solved


def _require(z: Floats, is_member: Bools, genes: Genes) -> None:
    n = z.shape[1]
    shapes = {len(is_member), len(genes.name), len(genes.length_bp), len(genes.block)}
    if shapes != {n} or len(genes.n_variant) != n:
        raise InputDataError(
            f"z has {n} genes, is_member {len(is_member)} and the genes' covariates "
            f"{len(genes.length_bp)}: expected one entry a gene in each, in the same order"
        )
    if not is_member.any():
        raise InputDataError(
            f"none of {n} genes is of the pathway: expected at least one; check that the gene "
            "set's symbols are those of the gene list"
        )
    smallest = min(float(genes.length_bp.min()), float(genes.n_variant.min()))
    if not smallest > 0:
        raise InputDataError(
            f"the smallest gene length or count of variants is {smallest}: expected numbers above "
            "0; leave genes without variants out"
        )
