"""Intervals and levels on cohorts whose truth is known: late entry, a competing death, ends.

Each is within four Monte-Carlo errors of what it says it is, over at least 200 cohorts.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from alsrev_dagster.survival.aft import Distribution, aft_fit
from alsrev_dagster.survival.competing import cumulative_incidence
from alsrev_dagster.survival.fine_gray import fine_gray
from alsrev_dagster.survival.fine_gray_firth import fine_gray_firth
from alsrev_dagster.survival.log_rank import log_rank, log_rank_permutation
from alsrev_dagster.survival.nonparametric import event_free_curve
from alsrev_dagster.survival.risk import FloatArray, IntArray
from alsrev_dagster.survival.rmst import (
    mean_difference,
    restricted_mean_survival,
    restricted_mean_time_lost,
)

pytestmark = pytest.mark.long

RECOVERY_RATE, DEATH_RATE = 0.06, 0.05


def is_near(share: float, said: float, n: int) -> bool:
    return abs(share - said) <= 4 * np.sqrt(said * (1 - said) / n)


def share_covered(ends: Sequence[tuple[float, float]], truth: float) -> float:
    return float(np.mean([lower <= truth <= upper for lower, upper in ends]))


def late_cohort(seed: int, n: int, scale: float = 1.0) -> tuple[FloatArray, IntArray, FloatArray]:
    """Recovery and death at constant rates; most enter late, and only while neither happened."""
    rng = np.random.default_rng(seed)
    entry = np.where(rng.random(n) < 0.3, 0.0, rng.random(n) * 8)
    rate = (RECOVERY_RATE + DEATH_RATE) * scale
    event = entry + rng.exponential(1 / rate, n)
    end = entry + 3 + rng.random(n) * 20
    is_recovery = rng.random(n) < RECOVERY_RATE / (RECOVERY_RATE + DEATH_RATE)
    code = np.where(event > end, 0, np.where(is_recovery, 1, 2))
    return np.minimum(event, end), code, entry


def test_interval_of_the_incidence_under_late_entry_and_competing_death() -> None:
    n = 400
    truth = RECOVERY_RATE / 0.11 * (1 - np.exp(-0.11 * 12))
    ends = []
    for seed in range(n):
        curve = cumulative_incidence(*late_cohort(seed, 120))
        at = np.searchsorted(curve.duration_months, 12, side="right") - 1
        ends.append((curve.ci_lower[at], curve.ci_upper[at]))
        assert curve.conditional_from_months == 0
    assert is_near(share_covered(ends, truth), 0.95, n)


def test_to_ignore_late_entry_is_seen_as_wrong() -> None:
    """The same cohorts: the interval misses the truth at least twice as often as it says."""
    n = 200
    truth = RECOVERY_RATE / 0.11 * (1 - np.exp(-0.11 * 12))
    ends = []
    for seed in range(n):
        duration, code, _ = late_cohort(seed, 120)
        curve = cumulative_incidence(duration, code)
        at = np.searchsorted(curve.duration_months, 12, side="right") - 1
        ends.append((curve.ci_lower[at], curve.ci_upper[at]))
    assert share_covered(ends, truth) < 0.9


def test_interval_of_the_event_free_curve_under_late_entry() -> None:
    n, truth, ends = 400, float(np.exp(-0.11 * 12)), []
    for seed in range(n):
        duration, code, entry = late_cohort(seed, 120)
        curve = event_free_curve(duration, code > 0, entry)
        at = np.searchsorted(curve.duration_months, 12, side="right") - 1
        ends.append((curve.ci_lower[at], curve.ci_upper[at]))
    assert is_near(share_covered(ends, truth), 0.95, n)


_ERROR = {
    "weibull": lambda u: np.log(-np.log(u)),
    "log_normal": norm.ppf,
    "log_logistic": lambda u: np.log(u / (1 - u)),
}
"""Quantile function of the error of log time."""


@pytest.mark.parametrize("distribution", _ERROR)
def test_interval_of_the_time_ratio_under_late_entry(distribution: Distribution) -> None:
    """Carriers' time is 1.5 times as long; who has the event before they would enter is not seen."""
    n, ends = 200, []
    for seed in range(n):
        rng = np.random.default_rng(seed)
        x = (rng.random(260) < 0.4).astype(float)
        error = _ERROR[distribution](rng.random(260))
        event = np.exp(np.log(14) + np.log(1.5) * x + 0.7 * error)
        entry = np.where(rng.random(260) < 0.4, 0.0, rng.random(260) * 8)
        end = entry + 5 + rng.random(260) * 25
        frame = pd.DataFrame(
            {"entry_months": entry, "duration_months": np.minimum(event, end), "x": x}
        ).assign(event=event <= end)[event > entry]
        fit = aft_fit(frame, ["x"], distribution=distribution)
        assert fit.fit_status == "ok"
        ends.append((float(fit.ci_lower[0]), float(fit.ci_upper[0])))
    assert is_near(share_covered(ends, 1.5), 0.95, n)


def test_interval_of_the_difference_in_mean_event_free_time() -> None:
    n, horizon = 400, 15.0

    def truth(scale: float) -> float:
        return float((1 - np.exp(-0.11 * scale * horizon)) / (0.11 * scale))

    ends = []
    for seed in range(n):
        means = []
        for half, scale in enumerate((1.0, 1.6)):
            duration, code, entry = late_cohort(2 * seed + half, 100, scale)
            means.append(restricted_mean_survival(duration, code > 0, horizon, entry_months=entry))
        found = mean_difference(*means)
        ends.append((found.ci_lower, found.ci_upper))
    assert is_near(share_covered(ends, truth(1.0) - truth(1.6)), 0.95, n)


def test_interval_of_the_mean_time_after_recovery() -> None:
    n, horizon = 400, 15.0
    truth = RECOVERY_RATE / 0.11 * (horizon - (1 - np.exp(-0.11 * horizon)) / 0.11)
    ends = []
    for seed in range(n):
        duration, code, entry = late_cohort(seed, 120)
        found = restricted_mean_time_lost(duration, code, horizon, entry_months=entry)
        ends.append((found.ci_lower, found.ci_upper))
    assert is_near(share_covered(ends, truth), 0.95, n)


def proportional_cohort(seed: int, n: int, beta: float) -> tuple[FloatArray, IntArray, FloatArray]:
    """Of Fine & Gray 1999, section 5: F(t) = 1 - (1 - 0.4 (1 - exp(-t)))^exp(beta x), ends at 0.5-4."""
    rng = np.random.default_rng(seed)
    x = (rng.random(n) < 0.4).astype(float)
    ever = 1 - 0.6 ** np.exp(beta * x)
    is_cause = rng.random(n) < ever
    u = rng.random(n) * ever
    of_cause = -np.log(1 - (1 - (1 - u) ** np.exp(-beta * x)) / 0.4)
    of_other = rng.exponential(np.exp(-0.5 * x), n)
    event, end = np.where(is_cause, of_cause, of_other), rng.uniform(0.5, 4, n)
    code = np.where(event > end, 0, np.where(is_cause, 1, 2))
    return np.minimum(event, end), code, x


@pytest.mark.parametrize("beta", [0.0, 0.7])
def test_interval_of_fine_grays_coefficient_with_administrative_ends(beta: float) -> None:
    n, estimate = 300, []
    ends: dict[str, list[tuple[float, float]]] = {"robust": [], "fine_gray": []}
    for seed in range(n):
        duration, code, x = proportional_cohort(seed, 200, beta)
        fit = fine_gray(duration, code, x[:, None])
        estimate.append(fit.coefficient[0])
        for kind, found in ends.items():
            wald = fit.wald(kind)  # type: ignore[arg-type]
            found.append((np.log(wald.ci_lower[0]), np.log(wald.ci_upper[0])))
    assert np.mean(estimate) == pytest.approx(beta, abs=4 * np.std(estimate) / np.sqrt(n) + 0.01)
    for found in ends.values():
        assert is_near(share_covered(found, beta), 0.95, n)


def test_fine_grays_coefficient_is_unbiased_under_late_entry() -> None:
    """People are seen only if nothing happened before they would enter; weights undo it."""
    n, estimate, ends = 200, [], []
    for seed in range(n):
        duration, code, x = proportional_cohort(seed, 350, 0.7)
        rng = np.random.default_rng(seed + 10_000)
        entry = np.where(rng.random(350) < 0.4, 0.0, rng.random(350) * 0.8)
        seen = entry < duration
        fit = fine_gray(duration[seen], code[seen], x[seen, None], entry_months=entry[seen])
        wald = fit.wald("robust")
        estimate.append(fit.coefficient[0])
        ends.append((np.log(wald.ci_lower[0]), np.log(wald.ci_upper[0])))
    assert np.mean(estimate) == pytest.approx(0.7, abs=4 * np.std(estimate) / np.sqrt(n) + 0.01)
    assert is_near(share_covered(ends, 0.7), 0.95, n)


def test_level_of_firths_fine_gray_with_three_carriers() -> None:
    """No effect, 3 carriers of 60 and about 13 events: P is below 0.05 in no more than it says."""
    n, p_value = 250, []
    for seed in range(n):
        duration, code, _ = proportional_cohort(seed, 60, 0.0)
        x = (np.arange(60) < 3).astype(float)[:, None]
        p_value.append(fine_gray_firth(duration, code, x).p_value[0])
    share = float(np.mean(np.array(p_value) < 0.05))
    assert share <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / n)


def test_permutation_keeps_its_level_with_three_carriers_where_chi_squared_may_not() -> None:
    n, shuffled, approximate = 300, [], []
    for seed in range(n):
        duration, code, entry = late_cohort(seed, 40)
        group = (np.arange(40) < 3).astype(int)
        event = code == 2
        found = log_rank_permutation(
            duration,
            event,
            group,
            entry_months=entry,
            generator=np.random.default_rng(seed),
            n_permutation=199,
        )
        shuffled.append(found.p_value <= 0.05)
        approximate.append(log_rank(duration, event, group, entry_months=entry).p_value < 0.05)
    assert is_near(float(np.mean(shuffled)), 0.05, n)
    assert np.mean(approximate) < 0.2
