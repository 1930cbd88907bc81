"""Made-up participants: delayed entry, visits apart, recoveries known to an interval, deaths."""

from dataclasses import dataclass

import numpy as np

from alsrev_dagster.survival.interval_competing import Visits
from alsrev_dagster.survival.intervals import Intervals, intervals
from alsrev_dagster.survival.risk import BoolArray, FloatArray

N_VISIT = 30


@dataclass(frozen=True)
class Truth:
    """Weibull times of recovery; ``time_ratio`` and ``odds_ratio`` are the carriers'."""

    n: int = 200
    carrier_freq: float = 0.3
    scale: float = 24.0
    shape: float = 1.4
    time_ratio: float = 1.0
    recover_probability: float = 1.0
    odds_ratio: float = 1.0
    death_rate: float = 0.0
    longest: float = 36.0
    spacing: float = 3.0


@dataclass(frozen=True)
class Cohort:
    visits: Visits
    carrier: BoolArray
    recovered: FloatArray
    """True time, inf for who never recovers."""

    @property
    def seen(self) -> Intervals:
        return intervals(self.visits.last_free, self.visits.first_recovered, self.visits.entry)


def cohort(truth: Truth, seed: int, *, is_all: bool = False) -> Cohort:
    """Who enters without having recovered; only who is seen after entry, unless ``is_all``."""
    rng = np.random.default_rng(seed)
    carrier = rng.random(truth.n) < truth.carrier_freq
    odds = truth.recover_probability / max(1 - truth.recover_probability, 1e-300)
    odds = odds * np.where(carrier, truth.odds_ratio, 1.0)
    ever = rng.random(truth.n) < odds / (1 + odds)
    scale = truth.scale * np.where(carrier, truth.time_ratio, 1.0)
    recovered = np.where(ever, scale * rng.weibull(truth.shape, truth.n), np.inf)
    death = rng.exponential(1 / truth.death_rate, truth.n) if truth.death_rate else np.inf
    entry = rng.uniform(0, 8, truth.n)
    end = entry + rng.uniform(truth.longest / 3, truth.longest, truth.n)
    died = death < end
    end = np.minimum(death, end)
    gap = rng.uniform(0.5, 1.5, (truth.n, N_VISIT)) * truth.spacing
    visit = entry[:, None] + np.cumsum(gap, axis=1)
    is_made, is_after = visit <= end[:, None], visit >= recovered[:, None]
    last_free = np.where(is_made & ~is_after, visit, entry[:, None]).max(axis=1)
    shown = np.where(is_made & is_after, visit, np.inf).min(axis=1)
    is_seen = (last_free > entry) | np.isfinite(shown)
    counts = (recovered > entry) & (end > entry) & (is_seen | is_all)
    columns = (entry, last_free, shown, end, np.broadcast_to(died, truth.n))
    return Cohort(Visits(*(c[counts] for c in columns)), carrier[counts], recovered[counts])
