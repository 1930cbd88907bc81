"""Ways the labels of cases could have fallen: all of them where they are few, else drawn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.set_null import SetNull

N_ENUMERATED_MAX = 14
"""Samples that matter, up to which all of their labelings are gone through."""

TIE_TOLERANCE = 1e-9
"""Relative slack within which two statistics are the same."""

_N_AT_ONCE = 20_000
"""Labelings whose scores are computed together; bounds the memory, changes no result."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
LabelSource = np.random.Generator | Mapping[int, Bools]
"""Where random labels come from: drawn anew for each set, or by their number, drawn before."""


@dataclass(frozen=True)
class Labelings:
    """Labels under the null, the ones seen being the first."""

    sample: NDArray[np.int64]
    """Places of the samples whose labels are given, shape (n_sample_given,)."""
    is_case: Bools
    """Shape (n_labeling, n_sample_given)."""
    probability: Floats
    """Of each labeling, shape (n_labeling,); they sum to 1."""
    is_complete: bool
    """Whether these are all labelings there are."""

    def scores(self, column: Floats, expected: Floats) -> Floats:
        """Sum of each column over the cases, less what is expected; (n_labeling, n_column)."""
        here = column[self.sample]
        starts = range(0, len(self.is_case), _N_AT_ONCE)
        parts = [self.is_case[s : s + _N_AT_ONCE].astype(np.float64) @ here for s in starts]
        return np.concatenate(parts) - expected

    def tail(self, statistic: Floats) -> Floats:
        """P value of every labeling: probability of a statistic at least as large; same shape.

        ``statistic`` has shape (n_labeling,) or (n_labeling, k). With drawn labelings this is
        (b + 1) / (m + 1), never 0 (Phipson & Smyth 2010, Stat Appl Genet Mol Biol 9:39).
        """
        return self._ranked(statistic)[0]

    def middle_tail(self, statistic: Floats) -> Floats:
        """Mid-P value of every labeling: ties count for half. It is never 1, and no P value."""
        upper, tied = self._ranked(statistic)
        middle: Floats = upper - tied / 2
        return middle

    def _ranked(self, statistic: Floats) -> tuple[Floats, Floats]:
        """Probability of at least the statistic, and of just it, within the tolerance."""
        table = statistic.reshape(len(statistic), -1)
        # drawn labelings are counted, and divided once: 50 of 1,000 are 0.05 and no rounding
        share, whole = (self.probability, 1) if self.is_complete else (None, len(statistic))
        upper, tied = np.empty_like(table), np.empty_like(table)
        for k in range(table.shape[1]):
            order = np.argsort(-table[:, k], kind="stable")
            value = table[order, k]
            slack = TIE_TOLERANCE * np.maximum(np.abs(value), np.abs(value).max(initial=0) * 1e-3)
            starts_group = np.append(True, value[:-1] - value[1:] > slack[:-1])
            group = np.cumsum(starts_group) - 1
            mass = np.bincount(group, weights=None if share is None else share[order])
            upper[order, k] = np.minimum(np.cumsum(mass) / whole, 1)[group]
            tied[order, k] = mass[group] / whole
        return upper.reshape(statistic.shape), tied.reshape(statistic.shape)


def labelings(null: SetNull, is_relevant: Bools, *, n_draw: int, rng: LabelSource) -> Labelings:
    """All labelings of the samples that matter, or the one seen and ``n_draw`` others.

    Parameters
    ----------
    null
        Labels, strata and probabilities of the samples.
    is_relevant
        Samples whose label changes a statistic: those with a dosage other than 0, shape
        (n_sample,).
    n_draw
        Labelings to draw, at least 1.
    rng
        Source of the draws; not used where all labelings are gone through. Of
        :func:`shared_labels` every set gets the same.

    Returns
    -------
    Labelings
        Complete where at most ``N_ENUMERATED_MAX`` samples matter and there is no covariate.

    Raises
    ------
    InputDataError
        If the shape is wrong or ``n_draw`` is not above 0.

    Notes
    -----
    Only carriers matter, and of few carriers every labeling has a known probability, the
    number of ways to fill up with non-carriers: the P values are exact [1]_. Otherwise labels
    are permuted within strata; with covariates they are drawn from independent Bernoulli's of
    the fitted probabilities given each stratum's number of cases, sample by sample with the
    exact inclusion probabilities [2]_ [3]_. It assumes that labels are exchangeable within a
    stratum (with covariates: given the fitted model): relatives and batches break it.

    References
    ----------
    .. [1] Lee, Fuchsberger, Kim & Scott (2016), Biostatistics 17:1-15.
    .. [2] Chen & Liu (1997), Stat Sinica 7:875-892.
    .. [3] Epstein et al. (2012), Am J Hum Genet 91:215-223.

    Examples
    --------
    >>> from alsrev_dagster.stats.set_null import set_null
    >>> rng, null = np.random.default_rng(1), set_null(np.array([True, False, False, False]))
    >>> few = labelings(null, np.array([True, True, False, False]), n_draw=1, rng=rng)
    >>> few.is_case.tolist(), few.probability.tolist()
    ([[True, False], [False, False], [False, True]], [0.25, 0.5, 0.25])
    """
    if is_relevant.shape != null.is_case.shape or n_draw < 1:
        raise InputDataError(
            f"is_relevant has shape {is_relevant.shape} and n_draw is {n_draw}: expected "
            f"{null.is_case.shape} and at least 1; take the samples from the null model"
        )
    sample = np.flatnonzero(is_relevant)
    if null.is_exchangeable and len(sample) <= N_ENUMERATED_MAX:
        return _every_labeling(null, sample)
    drawn = [null.is_case[None, sample]]
    drawn += [part[:, sample] for part in _drawn(null, n_draw, rng)]
    return Labelings(
        sample, np.concatenate(drawn), np.full(n_draw + 1, 1 / (n_draw + 1)), is_complete=False
    )


def _drawn(null: SetNull, n_draw: int, rng: LabelSource) -> Iterator[Bools]:
    if isinstance(rng, np.random.Generator):
        for n in _parts(n_draw):
            yield draw_labels(null, n, rng)
        return
    if n_draw not in rng or rng[n_draw].shape != (n_draw, len(null.is_case)):
        raise InputDataError(
            f"{n_draw} labelings of {len(null.is_case)} samples are wanted and those of "
            f"{sorted(rng)} were drawn: expected them among these, for the same null model; draw "
            "every round (shared_labels)"
        )
    yield rng[n_draw]


def shared_labels(
    null: SetNull, n_draws: Sequence[int], rng: np.random.Generator
) -> dict[int, Bools]:
    """Labels that many sets share, by number of labelings: drawn once, not for each set.

    Each is of shape (n_draw, n_sample), a byte a label. The P value of each set is as valid; those
    of different sets lean on the same draws, as permutation of a whole scan does.

    Examples
    --------
    >>> from alsrev_dagster.stats.set_null import set_null
    >>> null = set_null(np.array([True, False, False, False]))
    >>> held = shared_labels(null, (9, 99), np.random.default_rng(1))
    >>> {n: label.sum(axis=1).max() for n, label in held.items()} == {9: 1, 99: 1}
    True
    """
    return {
        n_draw: np.concatenate([draw_labels(null, n, rng) for n in _parts(n_draw)])
        for n_draw in n_draws
    }


def draw_labels(null: SetNull, n_draw: int, rng: np.random.Generator) -> Bools:
    """Labels under the null, shape (n_draw, n_sample); each stratum keeps its number of cases."""
    label = np.empty((n_draw, len(null.is_case)), dtype=np.bool_)
    for number in range(int(null.stratum.max()) + 1):
        place = np.flatnonzero(null.stratum == number)
        seen = null.is_case[place]
        if null.is_exchangeable or seen.all() or not seen.any():
            label[:, place] = rng.permuted(np.tile(seen, (n_draw, 1)), axis=1)
        else:
            p = null.probability[place]
            label[:, place] = _conditional_bernoulli(p / (1 - p), int(seen.sum()), n_draw, rng)
    return label


def _parts(n_draw: int) -> Iterator[int]:
    for start in range(0, n_draw, _N_AT_ONCE):
        yield min(_N_AT_ONCE, n_draw - start)


def _every_labeling(null: SetNull, sample: NDArray[np.int64]) -> Labelings:
    """All labelings of a few samples that can be, with their probability; the one seen first."""
    n = len(sample)
    is_case = ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.bool_)
    log_p = np.zeros(len(is_case))
    for number in range(int(null.stratum.max()) + 1):
        here = null.stratum == number
        n_here, n_case = int(here.sum()), int(null.is_case[here].sum())
        is_own = here[sample]
        n_other, k = n_here - int(is_own.sum()), n_case - is_case[:, is_own].sum(axis=1)
        can_be = (k >= 0) & (k <= n_other)
        with np.errstate(invalid="ignore"):
            ways = _log_ways(n_other, np.where(can_be, k, 0)) - _log_ways(n_here, np.array(n_case))
        log_p += np.where(can_be, ways, -np.inf)
    seen = int((null.is_case[sample] << np.arange(n)).sum())
    order = np.append(seen, np.setdiff1d(np.flatnonzero(np.isfinite(log_p)), [seen]))
    probability = np.exp(log_p[order])
    return Labelings(sample, is_case[order], probability / probability.sum(), is_complete=True)


def _log_ways(n: int, k: NDArray[np.int64]) -> Floats:
    ways: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return ways


def _conditional_bernoulli(
    odds: Floats, n_case: int, n_draw: int, rng: np.random.Generator
) -> Bools:
    """Bernoulli labels given their sum, each labeling in proportion to its product of odds."""
    n, log_odds = len(odds), np.log(odds)
    later = np.full((n + 1, n_case + 1), -np.inf)  # log of elementary symmetric sums from i on
    later[n, 0] = 0
    for i in range(n - 1, -1, -1):
        later[i] = later[i + 1]
        later[i, 1:] = np.logaddexp(later[i, 1:], log_odds[i] + later[i + 1, :-1])
    left = np.full(n_draw, n_case)
    label = np.zeros((n_draw, n), dtype=np.bool_)
    for i in range(n):
        chance = np.exp(log_odds[i] + later[i + 1, np.maximum(left - 1, 0)] - later[i, left])
        label[:, i] = (left > 0) & (rng.random(n_draw) < chance)
        left = left - label[:, i]
    return label
