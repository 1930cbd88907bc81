"""Frequency against an external table, against a number printed elsewhere."""

import numpy as np
import pytest
from scipy.stats import chi2

from alsrev_dagster.stats.external_frequency import frequency_z


def test_squared_z_is_pearsons_chi_square() -> None:
    # hail's tests (T6): chi-square of (51, 43; 22, 92) without correction, p 1.4626257805267089e-07
    z = frequency_z(np.array([51]), np.array([94]), np.array([22 / 114]), np.array([114.0]))
    assert z[0] > 0
    assert chi2.sf(z[0] ** 2, 1) == pytest.approx(1.4626257805267089e-07, rel=1e-9)
