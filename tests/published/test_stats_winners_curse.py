"""Winner's curse, against the numbers printed by Ghosh, Zou & Wright (2008)."""

import numpy as np
import pytest

from alsrev_dagster.stats.winners_curse import conditional_estimate


@pytest.mark.parametrize(("z", "printed"), [(6.0, (5.48, 4.94, 5.21)), (5.2, (0.66, 2.53, 1.60))])
def test_two_statistics_above_a_threshold_of_five(z: float, printed: tuple[float, ...]) -> None:
    # Ghosh, Zou & Wright (2008), quoted by the tests of R's winnerscurse (cl_interval): c = 5,
    # z = 1.5 / 0.25 and 1.3 / 0.25.
    found = conditional_estimate(np.array([z]), np.array([0.25]), 5.0)
    estimates = [found.beta_mode[0], found.beta_mean[0], found.beta[0]]
    assert [estimate / 0.25 for estimate in estimates] == pytest.approx(printed, abs=5.1e-3)
