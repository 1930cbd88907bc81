"""Counting a scan block by block: who is counted where, and each distinct table once."""

from math import prod

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.counts import N_CODE, distinct_rows, genotype_counts

SIDES = ("case", "control")
"""Sides of a contrast, in the order in which every array has them."""
GENOTYPES = ("hom_ref", "het", "hom_alt", "missing")
"""Genotype codes 0 to 3, in words."""


def sides_by_stratum(
    is_member: NDArray[np.bool_], is_case: NDArray[np.bool_], stratum: NDArray[np.object_]
) -> NDArray[np.bool_]:
    """Samples of each side and stratum.

    Parameters
    ----------
    is_member, is_case, stratum
        Of each sample, shape (n_sample,). Who is no member is counted nowhere.

    Returns
    -------
    NDArray[np.bool_]
        Shape (2, n_stratum, n_sample): cases first, strata in the order of their names.

    Examples
    --------
    >>> member, case = np.array([True, True, False]), np.array([True, False, False])
    >>> sides_by_stratum(member, case, np.array(["all"] * 3, dtype=object)).astype(int).tolist()
    [[[1, 0, 0]], [[0, 1, 0]]]
    """
    names = sorted(set(stratum[is_member].tolist()))
    groups = [
        [is_member & (is_case == side) & (stratum == name) for name in names]
        for side in (True, False)
    ]
    return np.array(groups, dtype=np.bool_).reshape(2, len(names), len(is_member))


def group_counts(genotype: NDArray[np.uint8], groups: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Genotype counts of a block by side and stratum.

    Parameters
    ----------
    genotype
        Codes 0-3, shape (n_variant, n_sample).
    groups
        As :func:`sides_by_stratum` gives them.

    Returns
    -------
    NDArray[np.int64]
        Shape (n_variant, 2, n_stratum, 4).
    """
    return np.stack(
        [np.stack([genotype_counts(genotype, g) for g in side], axis=1) for side in groups], axis=1
    )


def counts_over_strata(counts: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Counts of shape (n, 2, n_stratum, 4) as ``n_case_het`` and so on, shape (n,) each."""
    over_strata = counts.sum(axis=2)
    return {
        f"n_{side}_{genotype}": over_strata[:, i, code]
        for i, side in enumerate(SIDES)
        for code, genotype in enumerate(GENOTYPES)
    }


class TableTally:
    """The distinct tables of a scan, in the order met, and how many variants were counted.

    It holds what its distinct tables hold, not what the variants do.

    Examples
    --------
    >>> tally = TableTally((2,))
    >>> [tally.add(np.array(block)).tolist() for block in ([[3, 1], [0, 2]], [[0, 2], [5, 5]])]
    [[1, 0], [0, 2]]
    >>> tally.n_counted, tally.tables().tolist()
    (4, [[0, 2], [3, 1], [5, 5]])
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        self._place: dict[bytes, int] = {}
        self.n_counted = 0

    @classmethod
    def of_groups(cls, groups: NDArray[np.bool_]) -> "TableTally":
        """A tally of what :func:`group_counts` makes of these groups."""
        return cls((*groups.shape[:2], N_CODE))

    def add(self, counts: NDArray[np.int64]) -> NDArray[np.int32]:
        """Add a block's tables, shape (n, *shape); return the place of each among the distinct."""
        if counts.shape[1:] != self._shape:
            raise InputDataError(
                f"a block has tables of shape {counts.shape[1:]}: expected {self._shape}, as the "
                "other blocks; count every block in the same groups"
            )
        rows = np.ascontiguousarray(counts.reshape(len(counts), prod(self._shape)), dtype=np.int64)
        distinct, inverse = distinct_rows(rows)
        known = self._place
        place = [known.setdefault(row.tobytes(), len(known)) for row in distinct]
        self.n_counted += len(counts)
        return np.array(place, dtype=np.int32)[inverse]

    def tables(self) -> NDArray[np.int64]:
        """The distinct tables, shape (n_distinct, *shape)."""
        flat = np.frombuffer(b"".join(self._place), dtype=np.int64)
        return flat.reshape(len(self._place), *self._shape)
