"""Permuted labels, the P values they give, and the smallest of a whole genome under each."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.exact import log_factorials
from alsrev_dagster.stats.inflation_tally import InflationTally
from alsrev_dagster.stats.kernel.permutation import smallest_p
from alsrev_dagster.stats.planes import bit_masks, require_packed

TIE_TOLERANCE = 1e-9
"""Relative slack at which a permuted statistic is as extreme as the one seen."""

_N_VARIANT_MIN = 256
"""Variants that are worth a thread."""


@dataclass(frozen=True)
class GenomeWideThreshold:
    """P value below which a variant is significant over the genome, and how sure that is."""

    alpha: float
    """Family-wise error rate that is kept."""
    p_value: float
    """Variants with a P value below it have an adjusted one of at most alpha; 0: none can."""
    ci_lower: float
    """95% interval of the threshold of infinitely many permutations."""
    ci_upper: float
    n_permutation: int


def permuted_labels(
    is_case: NDArray[np.bool_],
    stratum: NDArray[np.generic],
    *,
    n_permutation: int,
    generator: np.random.Generator,
) -> NDArray[np.bool_]:
    """Case labels shuffled within each stratum.

    Parameters
    ----------
    is_case, stratum
        Of each sample, shape (n_sample,).
    n_permutation
        Shufflings, at least 1.
    generator
        Its state says which they are.

    Returns
    -------
    NDArray[np.bool_]
        Shape (n_permutation, n_sample); each has the cases of every stratum.

    Raises
    ------
    InputDataError
        If shapes differ or no permutation is asked for.

    Notes
    -----
    Samples of a stratum must be exchangeable under the null: ancestry and batch belong into
    the strata. Where batch and case are one, no permutation helps. Relatives break it.

    Examples
    --------
    >>> is_case, stratum, generator = np.arange(6) < 2, np.arange(6) % 2, np.random.default_rng(1)
    >>> labels = permuted_labels(is_case, stratum, n_permutation=3, generator=generator)
    >>> labels[:, ::2].sum(axis=1).tolist(), labels[:, 1::2].sum(axis=1).tolist()
    ([1, 1, 1], [1, 1, 1])
    """
    if is_case.ndim != 1 or stratum.shape != is_case.shape or n_permutation < 1:
        raise InputDataError(
            f"is_case has shape {is_case.shape}, stratum {stratum.shape}, and {n_permutation} "
            "permutations are wanted: expected (n_sample,) for both, and at least 1"
        )
    labels = np.tile(is_case.astype(np.bool_), (n_permutation, 1))
    for name in np.unique(stratum):
        place = np.flatnonzero(stratum == name)
        labels[:, place] = generator.permuted(labels[:, place], axis=1)
    return labels


def permutation_p(n_as_extreme: NDArray[np.int64], n_permutation: int) -> NDArray[np.float64]:
    """P value of permutations: never 0.

    Parameters
    ----------
    n_as_extreme
        Permutations whose statistic is as extreme as the one seen, shape (n,).
    n_permutation
        All of them, drawn at random.

    Returns
    -------
    NDArray[np.float64]
        (b + 1) / (m + 1) [1]_, in (0, 1].

    Raises
    ------
    InputDataError
        If a count is below 0 or above the number of permutations.

    References
    ----------
    .. [1] Phipson & Smyth (2010), Stat Appl Genet Mol Biol 9:39.

    Examples
    --------
    >>> permutation_p(np.array([0, 9999]), 9999).tolist()
    [0.0001, 1.0]
    """
    if n_as_extreme.size and not 0 <= n_as_extreme.min() <= n_as_extreme.max() <= n_permutation:
        raise InputDataError(
            f"counts run from {n_as_extreme.min()} to {n_as_extreme.max()} of {n_permutation} "
            "permutations: expected 0 to all of them; count those at least as extreme"
        )
    return (n_as_extreme + 1) / (n_permutation + 1)


class SmallestP:
    """The smallest exact P value of the genome under each labelling, block by block.

    The statistic is the P value of :func:`exact.exact_conditional_p`, looked up by the cases'
    summed score (with the genotypic model's ``telling_score`` it is Freeman & Halton's): every
    variant is judged against its own permutation distribution, so that none wins by being rare.
    (A maximum of z scores is not fair at 22 cases: of a normal null, three
    hom-alt cases and no control are worth 7.5e-9 and by count 5e-4.) It holds what its
    labellings hold, and blocks may come in any size and order.

    Notes
    -----
    Minimum-P adjustment, single step [1]_: family-wise error is kept whatever the LD. A sample
    without a call is left out of the variant; where strata would need more than 512 tables for
    that, it counts as hom-ref in that variant (``n_filled`` says how many). Uncalled samples must
    be exchangeable too.

    References
    ----------
    .. [1] Westfall & Young (1993), Resampling-Based Multiple Testing, Wiley.

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> is_case, one = np.arange(8) < 2, np.array(["all"] * 8)
    >>> generator = np.random.default_rng(1)
    >>> labels = permuted_labels(is_case, one, n_permutation=199, generator=generator)
    >>> scan = SmallestP(is_case, one, labels=labels, score=(0, 1, 2))
    >>> p_value = scan.add(pack(np.array([[1, 1, 0, 0, 0, 0, 0, 0]], dtype=np.uint8)))
    >>> round(float(p_value[0]), 4), len(scan.smallest)  # 1 of the 28 ways to pick two samples
    (0.0357, 199)
    """

    def __init__(
        self,
        is_case: NDArray[np.bool_],
        stratum: NDArray[np.generic],
        *,
        labels: NDArray[np.bool_],
        score: tuple[int, int, int],
        n_inflation: int = 0,
    ) -> None:
        names = np.unique(stratum)
        strata = np.array([stratum == name for name in names])
        n_case = strata.astype(np.int64) @ is_case
        if labels.ndim != 2 or labels.shape[1:] != is_case.shape:
            raise InputDataError(
                f"labels have shape {labels.shape}: expected (n_permutation, {len(is_case)}), one "
                "per sample; make them with permuted_labels"
            )
        if (labels.astype(np.int64) @ strata.T != n_case).any():
            raise InputDataError(
                f"a labelling has other numbers of cases by stratum than {n_case.tolist()}: "
                "expected the same; make them with permuted_labels from these strata"
            )
        if score[0] != 0 or min(score) < 0 or any(int(value) != value for value in score):
            raise InputDataError(
                f"score is {score}: expected three whole numbers, 0 for hom-ref and none below 0, "
                "for instance (0, 1, 2) for additive"
            )
        self.smallest = np.ones(len(labels))
        """Smallest P value so far under each labelling, shape (n_permutation,)."""
        self.n_filled = 0
        """Variants in which samples without a call counted as hom-ref."""
        self.inflation = InflationTally(1 + min(n_inflation, len(labels)))
        """Inflation factor under the true labels and the first ``n_inflation`` of the others."""
        self._n_sample = len(is_case)
        self._n_case = n_case.astype(np.int64)
        self._strata = bit_masks(strata)
        self._label = bit_masks(np.concatenate([is_case[None], labels]))
        self._weight = np.array(score[1:], dtype=np.int64)
        self._log_factorial = log_factorials(len(is_case)).astype(np.float64)

    def add(
        self, packed: NDArray[np.uint8], *, is_common: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """Add a block of packed genotypes; return the P value of each under the true labels.

        The inflation factor is of those that ``is_common`` names, shape (n_variant,); of all
        without it. The median P value of rare ones is 1 under any labels.
        """
        packed = require_packed(packed, self._n_sample)
        n_part = min(os.cpu_count() or 1, -(-len(packed) // _N_VARIANT_MIN)) or 1
        edges = np.linspace(0, len(packed), n_part + 1).astype(int).tolist()
        kept = np.empty((len(packed), self.inflation.n_labelling))
        is_filled = np.empty(len(packed), dtype=np.bool_)

        def search(edge: tuple[int, int]) -> NDArray[np.float64]:
            part, smallest = slice(*edge), self.smallest.copy()
            smallest_p(
                packed[part],
                self._strata,
                self._n_case,
                self._label,
                self._weight,
                self._log_factorial,
                smallest,
                kept[part],
                is_filled[part],
            )
            return smallest

        with ThreadPoolExecutor(n_part) as pool:
            self.smallest = np.min(list(pool.map(search, pairwise(edges))), axis=0)
        self.n_filled += int(is_filled.sum())
        self.inflation.add(kept if is_common is None else kept[is_common])
        return kept[:, 0].copy()

    def adjusted_p(self, p_value: NDArray[np.float64]) -> NDArray[np.float64]:
        """P values over the genome, from those :meth:`add` gave, once every block is in."""
        n_smaller = np.searchsorted(np.sort(self.smallest), p_value * (1 + TIE_TOLERANCE), "right")
        return permutation_p(n_smaller.astype(np.int64), len(self.smallest))

    def threshold(self, alpha: float) -> GenomeWideThreshold:
        """Threshold of the genome at a family-wise error rate, with its Monte Carlo error."""
        return genome_wide_threshold(self.smallest, alpha)


def genome_wide_threshold(smallest: NDArray[np.float64], alpha: float) -> GenomeWideThreshold:
    """P value below which the adjusted one is at most alpha.

    Parameters
    ----------
    smallest
        Smallest P value of each permutation, shape (m,).
    alpha
        Family-wise error rate, strictly between 0 and 1.

    Returns
    -------
    GenomeWideThreshold
        The interval is of order statistics: ranks of the binomial quantiles of m and alpha; its
        lower end is 0 where m is too small for one.

    Raises
    ------
    InputDataError
        If alpha is outside its range or there is no permutation.

    Examples
    --------
    >>> genome_wide_threshold(np.arange(1, 100) / 1000, 0.05)
    GenomeWideThreshold(alpha=0.05, p_value=0.005, ci_lower=0.001, ci_upper=0.011, n_permutation=99)
    """
    m = len(smallest)
    if not 0 < alpha < 1 or m == 0:
        raise InputDataError(
            f"alpha is {alpha} and there are {m} permutations: expected alpha strictly between 0 "
            "and 1 and at least one permutation"
        )
    ordered = np.concatenate([[0.0], np.sort(smallest), [1.0]])
    rank = int(alpha * (m + 1) * (1 + TIE_TOLERANCE))
    low, high = int(binom.ppf(0.025, m, alpha)), int(binom.ppf(0.975, m, alpha)) + 1
    ends = float(ordered[low]), float(ordered[min(high, m + 1)])
    return GenomeWideThreshold(alpha, float(ordered[rank]), *ends, n_permutation=m)
