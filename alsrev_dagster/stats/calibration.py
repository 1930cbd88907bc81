"""Type-I error of the tests of a scan: how often each rejects when labels are shuffled."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.counts import distinct_rows, packed_counts
from alsrev_dagster.stats.exact import exact_conditional_tests
from alsrev_dagster.stats.firth import firth_test
from alsrev_dagster.stats.table_score import table_score
from alsrev_dagster.stats.tally import TableTally

TESTS = ("firth_lrt", "exact", "exact_mid_p", "score", "saddlepoint")
"""Firth's likelihood ratio (of record), the exact test beside it, and three that are shown."""
OF_RECORD = TESTS[:2]
THRESHOLDS = (0.05, 0.01, 1e-3, 1e-4)
MAC_STRATA = ("1", "2-4", "5-9", "10-19", "20+", "all")
"""Minor allele counts in the samples compared; ``all`` is 1 or more."""
N_ERROR = 2.0
"""Monte Carlo errors above the threshold at which a test is said to be anti-conservative."""

_MAC_FIRST = np.array([1, 2, 5, 10, 20])
_THRESHOLD = np.array(THRESHOLDS)
_N_TABLE_AT_ONCE = 400_000

_Floats = NDArray[np.float64]
_Counts = NDArray[np.int64]


@dataclass(frozen=True)
class TypeOneError:
    """How often tests reject under shuffled labels, by MAC stratum."""

    rate: _Floats
    """Shape (n_stratum, n_test, n_threshold), as the constants order them; NaN without variant."""
    monte_carlo_error: _Floats
    """Standard error of the rate over labellings, same shape: variants in LD go together."""
    n_variant: _Counts
    """Shape (n_stratum,)."""
    n_permutation: int

    @property
    def is_anti_conservative(self) -> NDArray[np.bool_]:
        """Where the rate is more than two Monte Carlo errors above its threshold."""
        beyond = self.rate - N_ERROR * self.monte_carlo_error > _THRESHOLD
        return np.asarray(beyond & (self.rate > 0), dtype=np.bool_)


class TypeOneTally:
    """Rejections by MAC stratum, test, threshold and labelling, block by block.

    Notes
    -----
    The error of a rate is the standard deviation of its labellings over the root of their number:
    variants in LD are rejected together, so that binomial errors over variants would be too small.
    It is given as no less than the binomial one at the threshold: a few labellings may happen to be
    alike.

    Examples
    --------
    >>> tally = TypeOneTally(2)
    >>> p_value = np.full((1, 2, len(TESTS)), 0.5)
    >>> p_value[0, 1] = 0.02
    >>> tally.add(np.array([3]), p_value)
    >>> found = tally.type_one_error()
    >>> found.rate[1, 0].tolist(), float(found.monte_carlo_error[1, 0, 0]), found.n_variant.tolist()
    ([0.5, 0.0, 0.0, 0.0], 0.5, [0, 1, 0, 0, 0, 1])
    """

    def __init__(self, n_permutation: int) -> None:
        if n_permutation < 2:
            raise InputDataError(
                f"{n_permutation} labellings are wanted: expected at least 2, without which there "
                "is no Monte Carlo error; 100 is usual"
            )
        shape = (len(MAC_STRATA) - 1, n_permutation, len(TESTS), len(THRESHOLDS))
        self._n_rejected = np.zeros(shape, dtype=np.int64)
        self._n_variant = np.zeros(len(MAC_STRATA) - 1, dtype=np.int64)

    def add(self, mac: _Counts, p_value: _Floats) -> None:
        """Add a block.

        Parameters
        ----------
        mac
            Minor allele count of each variant in the samples compared, shape (n_variant,); one of 0
            is not counted.
        p_value
            Shape (n_variant, n_permutation, n_test). NaN, where a test has none, rejects nothing.

        Raises
        ------
        InputDataError
            If the shapes do not fit.
        """
        _, m, n_test, _ = self._n_rejected.shape
        if p_value.shape != (len(mac), m, n_test):
            raise InputDataError(
                f"P values have shape {p_value.shape}: expected {(len(mac), m, n_test)}, variants "
                "by labellings by tests"
            )
        for place in range(len(self._n_variant)):
            mine = mac_stratum(mac) == place
            self._n_variant[place] += mine.sum()
            for t, threshold in enumerate(THRESHOLDS):
                self._n_rejected[place, :, :, t] += (p_value[mine] <= threshold).sum(axis=0)

    def type_one_error(self) -> TypeOneError:
        """Rates of what was added, and their errors."""
        rejected = np.concatenate([self._n_rejected, self._n_rejected.sum(axis=0)[None]])
        n_variant = np.append(self._n_variant, self._n_variant.sum())
        m = rejected.shape[1]
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = rejected / n_variant[:, None, None, None]
            least = np.sqrt(_THRESHOLD * (1 - _THRESHOLD) / (m * n_variant[:, None, None]))
        error = np.maximum(rate.std(axis=1, ddof=1) / np.sqrt(m), least)
        return TypeOneError(rate.mean(axis=1), error, n_variant, m)


def mac_stratum(mac: _Counts) -> NDArray[np.int64]:
    """Place of each minor allele count among the strata; -1 of 0.

    Examples
    --------
    >>> mac_stratum(np.array([0, 1, 2, 4, 5, 9, 10, 19, 20, 99])).tolist()
    [-1, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    """
    return np.searchsorted(_MAC_FIRST, mac, side="right").astype(np.int64) - 1


class NullTables:
    """P values of every test for variants under shuffled labels; each distinct table solved once.

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> labels = np.array([[True, False, False, False], [False, True, False, False]])
    >>> null = NullTables(labels, np.array(["all"] * 4))
    >>> genotype = pack(np.array([[2, 0, 0, 1]], dtype=np.uint8))
    >>> null.mac(genotype).tolist(), null.p_values(genotype, (0, 1, 2))[0, :, 1].tolist()
    ([3], [0.5, 1.0])
    """

    def __init__(self, labels: NDArray[np.bool_], stratum: NDArray[np.generic]) -> None:
        strata = np.array([stratum == name for name in np.unique(stratum)])
        cases = (labels[:, None] & strata[None]).reshape(-1, labels.shape[1])
        self._groups = np.concatenate([cases, strata])
        self._shape = (len(labels), len(strata))
        self._tally = TableTally((len(strata), 6))
        self._solved = np.empty((0, len(TESTS)))

    @property
    def n_distinct(self) -> int:
        """Tables that were solved so far."""
        return len(self._solved)

    def mac(self, packed: NDArray[np.uint8]) -> _Counts:
        """Minor allele count of each variant over all samples of the labels."""
        strata = self._groups[self._shape[0] * self._shape[1] :]
        count = packed_counts(packed, strata)[:, :, :3].sum(axis=1)
        n_alt = count[:, 1] + 2 * count[:, 2]
        minor: _Counts = np.minimum(n_alt, 2 * count.sum(axis=1) - n_alt)
        return minor

    def p_values(self, packed: NDArray[np.uint8], score: tuple[int, int, int]) -> _Floats:
        """P values of packed genotypes, shape (n_variant, n_permutation, n_test).

        Genotypes of equal score are counted together, so that models share what is solved.
        """
        step = max(1, _N_TABLE_AT_ONCE // self._shape[0])
        parts = [
            self._p_values(packed[start : start + step], score)
            for start in range(0, len(packed), step)
        ]
        return np.concatenate([np.empty((0, self._shape[0], len(TESTS))), *parts])

    def _p_values(self, packed: NDArray[np.uint8], score: tuple[int, int, int]) -> _Floats:
        m, n_stratum = self._shape
        count = packed_counts(packed, self._groups)[:, :, :3]
        case = count[:, : m * n_stratum].reshape(len(packed), m, n_stratum, 3)
        control = count[:, None, m * n_stratum :] - case
        rows = np.concatenate([_coded(case, score), _coded(control, score)], axis=3)
        flat = rows.reshape(len(packed) * m, n_stratum * 6)
        distinct, inverse = distinct_rows(flat)
        place = self._places(distinct.reshape(len(distinct), n_stratum, 6))
        return self._solved[place[inverse]].reshape(len(packed), m, len(TESTS))

    def _places(self, tables: _Counts) -> NDArray[np.int32]:
        """Place of each table among those that are solved; new ones are solved."""
        place = self._tally.add(tables)
        known = self._tally.tables()[len(self._solved) :]
        if len(known):
            self._solved = np.concatenate([self._solved, _solved(known)])
        return place


def _coded(count: _Counts, score: tuple[int, int, int]) -> _Counts:
    """Counts by coded value, those of one score together."""
    coded = np.zeros_like(count)
    for genotype, value in enumerate(score):
        coded[..., value] += count[..., genotype]
    return coded


def _solved(tables: _Counts) -> _Floats:
    """P value of every test of each table, shape (n, n_test)."""
    case, control, score = tables[:, :, :3], tables[:, :, 3:], (0, 1, 2)
    exact, screened = (
        exact_conditional_tests(case, control, score),
        table_score(case, control, score),
    )
    return np.stack(
        [
            firth_test(case, control, score).p_value,
            exact.p_value,
            exact.mid_p_value,
            screened.p_value,
            screened.saddlepoint_p_value,
        ],
        axis=1,
    )
