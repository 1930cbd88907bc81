"""Principal components of genotypes that arrive packed, in blocks; no dense matrix is held."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.kernel.dosage import fill_allele_freq, fill_standardised
from alsrev_dagster.stats.kinship import Blocks

N_EXACT_MAX = 5000
"""Samples fitted up to which their whole relationship matrix is held: 200 MB, as plink2 --pca."""

_N_VALUE = 4_000_000
"""Standardised dosages that are held at a time: 32 MB."""
_N_PASS, _N_SPARE = 8, 10
"""Passes and further directions of the randomised method."""
_LEAST_SHARE = 1e-10
"""Of the first eigenvalue: below, an eigenvalue is 0 but for rounding."""

_Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class PrincipalComponents:
    """Scores of every sample, and what the components explain of those that were fitted."""

    score: NDArray[np.float64]
    """Shape (n_sample, n_pc): eigenvector times the root of its eigenvalue."""
    squared_length: NDArray[np.float64]
    """Shape (n_sample,): mean over variants of the squared standardised dosage, what all
    components together would explain of a fitted sample."""
    eigenvalue: NDArray[np.float64]
    """Shape (n_pc,), descending: of the genetic relationship matrix of the fitted samples."""
    variance_share: NDArray[np.float64]
    """Eigenvalue over the sum of all of them."""
    n_variant: int
    """Variants that vary among the fitted samples."""
    method: str
    """``exact`` or ``block_krylov``."""


def principal_components(
    blocks: Blocks,
    is_fitted: NDArray[np.bool_],
    n_pc: int,
    generator: np.random.Generator,
    *,
    n_exact_max: int = N_EXACT_MAX,
) -> PrincipalComponents:
    """Principal components of some samples, and all samples projected on them.

    Parameters
    ----------
    blocks
        Begins a pass over the genotypes, packed, blocks of shape (n_variant, n_byte): common
        autosomal SNVs pruned for linkage.
    is_fitted
        Samples the components are made from, shape (n_sample,): unrelated ones. The others are
        projected.
    n_pc
        Components, at least 1 and no more than the rank: fitted samples - 1, and variants.
    generator
        Draws where the randomised method starts; not used up to ``n_exact_max`` samples.
    n_exact_max
        Fitted samples up to which the eigenvectors of their whole matrix are taken.

    Returns
    -------
    PrincipalComponents
        Of each component the largest score among the fitted samples is positive.

    Raises
    ------
    InputDataError
        If more components are asked for than there are.

    Notes
    -----
    Dosages are standardised, z = (g - 2p) / sqrt(2p(1 - p)), p among the fitted samples and a
    missing call 0, the mean [1]_. The components are eigenvectors of Z'Z / m over m variants,
    summed block by block; for more samples than ``n_exact_max`` they are found in a block
    Krylov space of the same sums, eight passes deep [2]_. A projected sample's score is z'
    times the loadings: it is drawn towards 0, the more so the weaker the component and the
    fewer variants there are a sample [3]_, and by each missing call.

    References
    ----------
    .. [1] Price et al. (2006), Nat Genet 38:904-909.
    .. [2] Musco & Musco (2015), NeurIPS 28, algorithm 2; Halko, Martinsson & Tropp (2011), SIAM
       Rev 53:217-288.
    .. [3] Lee, Zou & Wright (2010), Ann Stat 38:3605-3629.
    """
    fitted = np.flatnonzero(is_fitted)
    is_exact = len(fitted) <= n_exact_max
    if is_exact:
        gram, n_variant = _gram(blocks, fitted)
        require_rank(n_pc, len(fitted), n_variant)
        length = np.diag(gram).copy()
        value, vector = _leading(gram, n_pc)
    else:
        length, n_variant = _lengths(blocks, fitted)
        require_rank(n_pc, len(fitted), n_variant)
        value, vector = _by_krylov(blocks, fitted, n_pc, n_variant, generator)
    _require_above_noise(value, n_variant)
    vector *= np.sign(vector[np.abs(vector).argmax(axis=0), np.arange(n_pc)])
    score, squared_length = _projected(blocks, is_fitted, vector / np.sqrt(value), n_variant)
    score[is_fitted], squared_length[is_fitted] = vector * np.sqrt(value), length
    return PrincipalComponents(
        score=score,
        squared_length=squared_length,
        eigenvalue=value,
        variance_share=value / length.sum(),
        n_variant=n_variant,
        method=method_of(len(fitted), n_exact_max),
    )


def method_of(n_fitted: int, n_exact_max: int = N_EXACT_MAX) -> str:
    """How the components of so many samples are found: ``exact`` or ``block_krylov``."""
    return "exact" if n_fitted <= n_exact_max else "block_krylov"


def require_rank(n_pc: int, n_sample: int, n_variant: int) -> None:
    """Refuse more components than samples and variants can have."""
    rank = max(min(n_sample - 1, n_variant), 0)
    if not 1 <= n_pc <= rank:
        raise InputDataError(
            f"n_pc is {n_pc}, and {n_sample} unrelated samples over {n_variant} variants that vary "
            f"among them have {rank} principal components: expected n_pc from 1 to {rank}; lower "
            "ancestry.n_pc in study.yaml, or bring more samples or variants"
        )


def _require_above_noise(value: _Matrix, n_variant: int) -> None:
    """Refuse components that are 0 but for rounding: of samples or variants that repeat others."""
    n_real = int((value > _LEAST_SHARE * value[0]).sum())
    if n_real < len(value):
        require_rank(len(value), n_real + 1, n_variant)


def _leading(matrix: _Matrix, n_pc: int) -> tuple[_Matrix, _Matrix]:
    """Largest eigenvalues, descending, and their eigenvectors as columns."""
    n = len(matrix)
    value, vector = eigh(matrix, subset_by_index=(n - n_pc, n - 1))
    return value[::-1].copy(), vector[:, ::-1].copy()


def _standardised(
    blocks: Blocks, fitted: NDArray[np.int64], others: NDArray[np.int64] | None = None
) -> Iterator[tuple[_Matrix, _Matrix]]:
    """Standardised dosages of the fitted samples, and of others, some variants at a time.

    Shapes (n_variant, n_fitted) and (n_variant, n_other); variants that vary among the fitted.
    """
    others = np.empty(0, dtype=np.int64) if others is None else others
    n_row = max(64, _N_VALUE // max(len(fitted) + len(others), 1))
    for block in blocks():
        for start in range(0, len(block), n_row):
            packed = np.ascontiguousarray(block[start : start + n_row])
            freq = np.empty(len(packed))
            fill_allele_freq(packed, fitted, freq)
            varies = (freq > 0) & (freq < 1)
            packed, freq = packed[varies], freq[varies]
            parts = [np.empty((len(packed), len(of))) for of in (fitted, others)]
            for of, part in zip((fitted, others), parts, strict=True):
                fill_standardised(packed, of, freq, part)
            yield parts[0], parts[1]


def _gram(blocks: Blocks, fitted: NDArray[np.int64]) -> tuple[_Matrix, int]:
    """Genetic relationship matrix, shape (n_fitted, n_fitted), and the variants behind it."""
    gram, n_variant = np.zeros((len(fitted), len(fitted))), 0
    for z, _ in _standardised(blocks, fitted):
        gram += z.T @ z
        n_variant += len(z)
    return gram / max(n_variant, 1), n_variant


def _lengths(blocks: Blocks, fitted: NDArray[np.int64]) -> tuple[NDArray[np.float64], int]:
    """Squared length of each fitted sample, and the variants behind it."""
    length, n_variant = np.zeros(len(fitted)), 0
    for z, _ in _standardised(blocks, fitted):
        length += np.einsum("ij,ij->j", z, z)
        n_variant += len(z)
    return length / max(n_variant, 1), n_variant


def _by_krylov(
    blocks: Blocks,
    fitted: NDArray[np.int64],
    n_pc: int,
    n_variant: int,
    generator: np.random.Generator,
) -> tuple[_Matrix, _Matrix]:
    """Leading eigenvalues and eigenvectors from products of the relationship matrix."""

    def times_gram(basis: _Matrix) -> _Matrix:
        out = np.zeros_like(basis)
        for z, _ in _standardised(blocks, fitted):
            out += z.T @ (z @ basis)
        return out / n_variant

    width = min(n_pc + _N_SPARE, len(fitted) - 1)
    part, _ = np.linalg.qr(generator.standard_normal((len(fitted), width)))
    parts = []
    for _ in range(min(_N_PASS, len(fitted) // width)):
        part, _ = np.linalg.qr(times_gram(part))
        parts.append(part)
    basis, _ = np.linalg.qr(np.concatenate(parts, axis=1))
    inside = basis.T @ times_gram(basis)
    value, vector = _leading((inside + inside.T) / 2, n_pc)
    return value, basis @ vector


def _projected(
    blocks: Blocks, is_fitted: NDArray[np.bool_], weight: _Matrix, n_variant: int
) -> tuple[_Matrix, NDArray[np.float64]]:
    """Scores and squared lengths of the samples that were not fitted; 0 of those that were."""
    fitted, others = np.flatnonzero(is_fitted), np.flatnonzero(~is_fitted)
    score = np.zeros((len(is_fitted), weight.shape[1]))
    length = np.zeros(len(is_fitted))
    if not len(others):
        return score, length
    for z, z_other in _standardised(blocks, fitted, others):
        length[others] += np.einsum("ij,ij->j", z_other, z_other)
        score[others] += z_other.T @ (z @ weight)
    return score / n_variant, length / n_variant
