"""Compile the loops over visits ahead of their first use: part of setting up.

python -m alsrev_dagster.clinical.compile_kernels
"""

import numpy as np
import pandas as pd

from alsrev_dagster.clinical.noise import confirmed_days
from alsrev_dagster.clinical.sustained import rule_of, sustained_gain
from alsrev_dagster.clinical.visit_series import visit_series
from alsrev_dagster.study import RECOVERY_PRESETS


def main() -> None:
    """Ask each of a small table; what that compiles is kept."""
    visit = pd.DataFrame({"participant_id": ["a", "a"], "day": [0, 90], "alsfrsr_total": [30, 31]})
    definition = RECOVERY_PRESETS["bedlack2016_large"]
    series = visit_series(visit.assign(has_gastrostomy=False), definition)
    sustained_gain(series, definition)
    confirmed_days(series, series.total[None].astype(np.int16), rule_of(definition))


if __name__ == "__main__":
    main()
