"""The recovery model finds a truth that was put in: carriers recover three times as fast.

Exponential recovery and death (competing), two strata whose baselines and carrier
frequencies differ, delayed entry, end of study; 40 seeded studies.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from alsrev_dagster.survival.competing import cumulative_incidence
from tests.survival.carrier_cox import CoxFit, carrier_cox

pytestmark = pytest.mark.long

TRUE_HAZARD_RATIO = 3.0
N_STUDY = 40
# stratum: (recovery hazard, death hazard, carrier frequency), per month
STRATUM = {"sampled": (0.005, 0.03, 0.15), "ascertained": (0.05, 0.01, 0.5)}


def study(seed: int, n: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    cohort = rng.choice(list(STRATUM), n)
    recovery, death, frequency = np.array([STRATUM[name] for name in cohort]).T
    carrier = rng.random(n) < frequency
    to_recovery = rng.exponential(1 / (recovery * np.where(carrier, TRUE_HAZARD_RATIO, 1)))
    to_death = rng.exponential(1 / death)
    entry = rng.uniform(0, 12, n)
    until = np.minimum(to_recovery, np.minimum(to_death, 36))
    frame = pd.DataFrame(
        {
            "cohort": cohort,
            "carrier": carrier,
            "entry_months": entry,
            "duration_months": until,
            "event": to_recovery == until,
            "event_code": np.select([to_recovery == until, to_death == until], [1, 2], 0),
        }
    )
    return frame[frame["duration_months"] > frame["entry_months"]]


@pytest.fixture(scope="module")
def studies() -> list[pd.DataFrame]:
    return [study(seed) for seed in range(N_STUDY)]


@pytest.fixture(scope="module")
def fits(studies: list[pd.DataFrame]) -> list[CoxFit]:
    return [carrier_cox(frame, ("cohort",)) for frame in studies]


def test_interval_covers_the_truth_as_often_as_it_says(fits: list[CoxFit]) -> None:
    n_cover = sum(fit.ci_lower <= TRUE_HAZARD_RATIO <= fit.ci_upper for fit in fits)
    least, most = binom.interval(0.999, N_STUDY, 0.95)
    assert least <= n_cover <= most


def test_estimate_is_unbiased(fits: list[CoxFit]) -> None:
    coefficient = np.array([fit.coefficient for fit in fits])
    bias = coefficient.mean() - np.log(TRUE_HAZARD_RATIO)
    assert abs(bias) < 3.3 * coefficient.std(ddof=1) / np.sqrt(N_STUDY)


def test_to_ignore_the_strata_is_biased(studies: list[pd.DataFrame]) -> None:
    coefficient = np.array([carrier_cox(frame).coefficient for frame in studies[:20]])
    error = coefficient.std(ddof=1) / np.sqrt(len(coefficient))
    assert coefficient.mean() - 3.3 * error > np.log(TRUE_HAZARD_RATIO)


def test_proportional_hazards_are_not_rejected_more_often_than_they_should(
    fits: list[CoxFit],
) -> None:
    n_rejected = sum(fit.proportional_hazards_p < 0.05 for fit in fits)
    assert n_rejected <= binom.ppf(0.999, N_STUDY, 0.05)


def test_incidence_is_that_of_competing_exponentials(studies: list[pd.DataFrame]) -> None:
    """Non-carriers of one stratum: F(t) = r / (r + d) (1 - exp(-(r + d) t))."""
    recovery, death, _ = STRATUM["ascertained"]
    both, month = recovery + death, 24.0
    truth = recovery / both * (1 - np.exp(-both * month))
    n_cover, found = 0, []
    for frame in studies:
        part = frame[(frame["cohort"] == "ascertained") & ~frame["carrier"]]
        curve = cumulative_incidence(
            part["duration_months"].to_numpy(),
            part["event_code"].to_numpy(),
            part["entry_months"].to_numpy(),
        )
        last = int(np.searchsorted(curve.duration_months, month)) - 1
        n_cover += curve.ci_lower[last] <= truth <= curve.ci_upper[last]
        found.append(curve.at(month))
    assert abs(np.mean(found) - truth) < 3.3 * np.std(found, ddof=1) / np.sqrt(N_STUDY)
    assert binom.ppf(0.0005, N_STUDY, 0.95) <= n_cover
