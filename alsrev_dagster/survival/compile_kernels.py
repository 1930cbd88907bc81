"""Compile the loops of survival analysis ahead of their first use: part of setting up.

python -m alsrev_dagster.survival.compile_kernels
"""

import numpy as np
import pandas as pd

from alsrev_dagster.packing import pack
from alsrev_dagster.survival.cox_data import cox_data
from alsrev_dagster.survival.cox_fit import cox_fit
from alsrev_dagster.survival.cox_null import cox_null
from alsrev_dagster.survival.cox_scan import cox_scan
from alsrev_dagster.survival.firth_cox import firth_cox
from alsrev_dagster.survival.interval_regression import interval_regression
from alsrev_dagster.survival.intervals import intervals
from alsrev_dagster.survival.mixture_cure import mixture_cure
from alsrev_dagster.survival.proportional_hazards import proportional_hazards_p
from alsrev_dagster.survival.scan_genotypes import CODING, Genotypes

_N = 12


def main() -> None:
    """Ask each of a few people; what that compiles is kept."""
    _scan()
    _cox()
    _intervals()


def _scan() -> None:
    null = cox_null(np.arange(1.0, 6.0), np.ones(5, dtype=np.bool_))
    code = np.array([[0, 1, 2, 3, 1]], dtype=np.uint8)
    cox_scan(null, Genotypes(pack(code), np.arange(5)), tuple(CODING), refine_p_max=1.0)


def _cox() -> None:
    place = np.arange(_N)
    frame = pd.DataFrame(
        {
            "entry_months": 0.0,
            "duration_months": 1.0 + place,
            "event": True,
            "x": (place % 2).astype(float),
            "y": (place % 3).astype(float),
            "weight": 1.0,
        }
    )
    plain = cox_data(frame, ["x", "y"])
    firth_cox(plain)
    proportional_hazards_p(plain, cox_fit(plain).coefficient)
    cox_fit(cox_data(frame, ["x"], weight="weight"))


def _intervals() -> None:
    place = np.arange(_N, dtype=np.float64)
    right = np.where(place % 3 == 0, np.inf, place + 2)
    seen, carrier = intervals(place + 1, right), place % 2 == 0
    interval_regression(seen, carrier, distribution="weibull", is_penalised=True)
    mixture_cure(seen, carrier)


if __name__ == "__main__":
    main()
