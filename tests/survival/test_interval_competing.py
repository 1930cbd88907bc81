"""Recovery to an interval with death competing: quadrature, symmetry, and the dead on truth."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.stats import binom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.interval_competing import (
    IntervalIncidence,
    Visits,
    interval_incidence,
    recovery_intervals,
)
from alsrev_dagster.survival.location_scale import Distribution
from tests.survival.interval_cohort import Cohort, Truth, cohort

MONTH = np.array([12.0, 24.0])
LAW = {"weibull": stats.weibull_min, "log_logistic": stats.fisk, "log_normal": stats.lognorm}


def law(distribution: Distribution, parameter: np.ndarray, carrier: float):
    sigma, scale = np.exp(parameter[-1]), np.exp(parameter[0] + carrier * parameter[1])
    return LAW[distribution](sigma if distribution == "log_normal" else 1 / sigma, scale=scale)


@pytest.mark.parametrize("distribution", ["weibull", "log_logistic", "log_normal"])
def test_incidence_is_the_integral_over_time(distribution: Distribution) -> None:
    made = cohort(Truth(n=300, death_rate=0.02, time_ratio=0.5), 1)
    found = interval_incidence(made.visits, made.carrier, MONTH, distribution=distribution)
    for row, carrier in enumerate((0.0, 1.0)):
        recovery = law(distribution, found.recovery.parameter, carrier)
        death = law(distribution, found.death.parameter, carrier)
        for column, month in enumerate(MONTH):
            want = quad(lambda t, r=recovery, d=death: r.pdf(t) * d.sf(t), 0, month, epsabs=1e-11)
            assert found.cumulative_incidence[row, column] == pytest.approx(want[0], abs=1e-7)
    assert (found.ci_lower < found.cumulative_incidence).all()
    assert (found.cumulative_incidence < found.ci_upper).all()


def test_swapped_labels_swap_the_curves() -> None:
    made = cohort(Truth(n=200, death_rate=0.02), 2)
    one = interval_incidence(made.visits, made.carrier, MONTH)
    other = interval_incidence(made.visits, ~made.carrier, MONTH)
    np.testing.assert_allclose(
        other.cumulative_incidence, one.cumulative_incidence[::-1], atol=1e-7
    )
    np.testing.assert_allclose(other.ci_lower, one.ci_lower[::-1], atol=1e-6)


@pytest.mark.long
def test_the_recovered_keep_their_interval_wherever_the_dead_are_censored() -> None:
    made = cohort(Truth(n=200, death_rate=0.03), 3)
    visit = recovery_intervals(made.visits)
    death = recovery_intervals(made.visits, dead_free_until="death")
    np.testing.assert_array_equal(visit.right, death.right)
    differs = visit.left != death.left
    died_first = made.visits.is_dead & np.isinf(made.visits.first_recovered)
    np.testing.assert_array_equal(differs, died_first)
    np.testing.assert_array_equal(death.left[differs], made.visits.exit[differs])


N_STUDY = 200
TRUTH = Truth(n=120, scale=20, shape=1.3, death_rate=0.03, spacing=3.0)


def true_incidence(month: float) -> float:
    recovery = stats.weibull_min(TRUTH.shape, scale=TRUTH.scale)
    return float(quad(lambda t: recovery.pdf(t) * np.exp(-TRUTH.death_rate * t), 0, month)[0])


@pytest.fixture(scope="module")
def studies() -> list[tuple[Cohort, IntervalIncidence]]:
    made = [cohort(TRUTH, seed, is_all=True) for seed in range(N_STUDY)]
    return [(one, interval_incidence(one.visits, one.carrier, MONTH)) for one in made]


@pytest.mark.long
def test_incidence_covers_the_truth_as_often_as_it_says(
    studies: list[tuple[Cohort, IntervalIncidence]],
) -> None:
    least, most = binom.interval(0.999, N_STUDY, 0.95)
    for column, month in enumerate(MONTH):
        truth = true_incidence(month)
        n_cover = sum(
            bool(fit.ci_lower[0, column] <= truth <= fit.ci_upper[0, column]) for _, fit in studies
        )
        assert least <= n_cover <= most, month


def test_to_hold_the_dead_free_until_death_lowers_the_incidence() -> None:
    """Visits each 10 months and many deaths: the bias is seen, and censoring at the visit mends it."""
    truth = Truth(n=1500, scale=20, shape=1.0, death_rate=0.06, spacing=10.0, longest=60)
    found = {"last_visit": [], "death": []}
    for seed in range(12):
        made = cohort(truth, 900 + seed, is_all=True)
        for where, values in found.items():
            fit = interval_incidence(
                made.visits, made.carrier, np.array([24.0]), dead_free_until=where
            )
            values.append(fit.recovery.parameter[0])
    right, wrong = (np.array(found[where]) for where in ("last_visit", "death"))
    more = wrong - right
    error = right.std(ddof=1) / np.sqrt(len(right))
    assert abs(right.mean() - np.log(20)) < 3.3 * error
    assert more.mean() > 3.3 * more.std(ddof=1) / np.sqrt(len(more))


def test_a_time_that_is_no_time_is_refused() -> None:
    made = cohort(Truth(n=60), 1)
    with pytest.raises(InputDataError, match="1 of 2 months at which the incidence is wanted"):
        interval_incidence(made.visits, made.carrier, np.array([0.0, 3.0]))


def test_what_could_not_be_fitted_is_missing_and_says_why() -> None:
    made = cohort(Truth(n=60, death_rate=0.02), 1)
    nobody = Visits(
        made.visits.entry,
        np.maximum(made.visits.last_free, made.visits.entry + 0.1),
        np.full(len(made.carrier), np.inf),
        np.maximum(made.visits.exit, made.visits.entry + 0.1),
        made.visits.is_dead,
    )
    found = interval_incidence(nobody, made.carrier, MONTH)
    assert found.recovery.fit_status == "no_events"
    assert np.isnan(found.cumulative_incidence).all()
