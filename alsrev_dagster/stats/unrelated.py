"""The largest set of samples of which no two are related."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError

N_EXACT_MAX = 40
"""Samples of a family up to which every choice is weighed; larger ones are pruned greedily."""


@dataclass(frozen=True)
class UnrelatedSet:
    """One entry a sample, shape (n_sample,)."""

    is_kept: NDArray[np.bool_]
    pair: NDArray[np.int64]
    """Of one left out, the place of its closest pair with one that is kept; -1 where kept."""
    is_exact: NDArray[np.bool_]
    """False in a family too large to weigh every choice: more might have been kept."""


def largest_unrelated(
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    closeness: NDArray[np.float64],
    priority: NDArray[np.int64],
) -> UnrelatedSet:
    """The samples to keep so that no two are a related pair, and why each other one is not.

    Parameters
    ----------
    first, second
        Places of the samples of each related pair, shape (n_pair,).
    closeness
        Of each pair, shape (n_pair,): which one is named as the reason.
    priority
        Whole numbers of at least 0, shape (n_sample, n_level). Of the sets without a related
        pair the one is kept whose sum is the largest on the first level; of several, on the
        second, and so on. A last level of 1 and call rate keeps the most samples, then the best
        called.

    Returns
    -------
    UnrelatedSet
        Everybody without a related pair is kept.

    Raises
    ------
    InputDataError
        If a pair names a sample twice, or one that is not there.

    Notes
    -----
    A maximum weight independent set of each family (connected component), exact up to
    ``N_EXACT_MAX`` samples: a sample that outweighs its relatives is taken; else the one with
    the most relatives is tried in and out, each part of what is left on its own. Larger
    families are pruned greedily: by the first level, then those with the fewest relatives
    [1]_. The same input gives the same set; of equal sets the one found first.

    References
    ----------
    .. [1] Sakai, Togasaki & Yamazaki (2003), Discrete Appl Math 126:313-322.

    Examples
    --------
    >>> pairs = np.array([0, 1]), np.array([1, 2])
    >>> found = largest_unrelated(*pairs, np.array([0.25, 0.25]), np.ones((4, 1), dtype=np.int64))
    >>> found.is_kept.tolist(), found.pair.tolist()
    ([True, False, True, True], [-1, 0, -1, -1])
    """
    n_sample = len(priority)
    _require_pairs(first, second, n_sample)
    neighbour = [set[int]() for _ in range(n_sample)]
    for i, j in zip(first.tolist(), second.tolist(), strict=True):
        neighbour[i].add(j)
        neighbour[j].add(i)
    weight = _single_weights(priority)
    is_kept, is_exact = np.zeros((2, n_sample), dtype=np.bool_)
    for family in _families(neighbour):
        is_small = len(family) <= N_EXACT_MAX
        choose = _heaviest if is_small else partial(_greedy, priority[:, 0].tolist())
        keep = choose(family, neighbour, weight)
        is_kept[keep], is_exact[family] = True, is_small
    return UnrelatedSet(is_kept, _reasons(first, second, closeness, is_kept), is_exact)


def _require_pairs(first: NDArray[np.int64], second: NDArray[np.int64], n_sample: int) -> None:
    place = np.concatenate([first, second])
    if (first == second).any() or ((place < 0) | (place >= n_sample)).any():
        raise InputDataError(
            f"related pairs name a sample twice, or one outside 0 to {n_sample - 1}: expected two "
            "different places of the sample axis in each; take pairs and axis from one run"
        )


def _single_weights(priority: NDArray[np.int64]) -> list[int]:
    """One whole number a sample, whose sums are in the order of the levels' sums."""
    weight = [0] * len(priority)
    for level in priority.T.tolist():
        base = sum(level) + 1
        weight = [w * base + value for w, value in zip(weight, level, strict=True)]
    return weight


def _families(neighbour: Sequence[set[int]]) -> list[list[int]]:
    """Connected components, each in order."""
    seen, found = set[int](), []
    for start in range(len(neighbour)):
        if start in seen:
            continue
        family, edge = {start}, [start]
        while edge:
            new = neighbour[edge.pop()] - family
            family |= new
            edge += new
        seen |= family
        found.append(sorted(family))
    return found


def _heaviest(family: list[int], neighbour: Sequence[set[int]], weight: list[int]) -> list[int]:
    """Heaviest set of a family without a related pair."""
    place = {sample: i for i, sample in enumerate(family)}
    near = [sum(1 << place[j] for j in neighbour[sample]) for sample in family]
    own = [weight[sample] for sample in family]
    _, chosen = _solve((1 << len(family)) - 1, near, own, {0: (0, 0)})
    return [sample for i, sample in enumerate(family) if chosen >> i & 1]


def _solve(
    left: int, near: list[int], own: list[int], known: dict[int, tuple[int, int]]
) -> tuple[int, int]:
    """Weight and members, as bits, of the heaviest set among those left."""
    if left in known:
        return known[left]
    part = _part_of(left, near)
    if part != left:
        one, other = _solve(part, near, own, known), _solve(left & ~part, near, own, known)
        found = one[0] + other[0], one[1] | other[1]
    else:
        found = _branch(left, near, own, known)
    known[left] = found
    return found


def _branch(
    left: int, near: list[int], own: list[int], known: dict[int, tuple[int, int]]
) -> tuple[int, int]:
    """Heaviest set of a connected part: its most related member in, or out."""
    members = _bits(left)
    for i in members:
        if own[i] >= sum(own[j] for j in _bits(near[i] & left)):
            rest = _solve(left & ~(near[i] | 1 << i), near, own, known)
            return rest[0] + own[i], rest[1] | 1 << i
    most = max(members, key=lambda i: (near[i] & left).bit_count())
    with_it = _solve(left & ~(near[most] | 1 << most), near, own, known)
    without = _solve(left & ~(1 << most), near, own, known)
    return max((with_it[0] + own[most], with_it[1] | 1 << most), without, key=lambda s: s[0])


def _part_of(left: int, near: list[int]) -> int:
    """The connected part that holds the first of those left."""
    part = edge = left & -left
    while edge:
        reached = 0
        for i in _bits(edge):
            reached |= near[i]
        edge = reached & left & ~part
        part |= edge
    return part


def _bits(mask: int) -> list[int]:
    return [i for i in range(mask.bit_length()) if mask >> i & 1]


def _greedy(
    level: list[int], family: list[int], neighbour: Sequence[set[int]], weight: list[int]
) -> list[int]:
    """A set of a large family without a related pair: by first level, then fewest relatives."""
    left, keep = set(family), list[int]()
    while left:
        best = min(left, key=lambda i: (-level[i], len(neighbour[i] & left), -weight[i], i))
        keep.append(best)
        left -= neighbour[best] | {best}
    return keep


def _reasons(
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    closeness: NDArray[np.float64],
    is_kept: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Closest pair of each sample left out with one that is kept."""
    pair = np.full(len(is_kept), -1, dtype=np.int64)
    for place in np.argsort(-closeness, kind="stable"):
        for out, kept in ((first[place], second[place]), (second[place], first[place])):
            if is_kept[kept] and pair[out] < 0:
                pair[out] = place
    return pair
