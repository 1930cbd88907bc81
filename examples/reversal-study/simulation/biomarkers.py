"""IGF-1 and IGFBP7 in serum, at enrolment and a year later."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.people import Texts
from simulation.planted import CARRIER_IGFBP7_RATIO

_YEAR_DAYS = 365
_YEAR_WINDOW_DAYS = 60
_MEDIAN = {"IGF-1": 130.0, "IGFBP7": 40.0}
"""ng/mL; round numbers of the usual order in adult serum."""
_PERSON_LOG_SD, _ASSAY_LOG_SD = 0.28, 0.08
_UNIT = "ng/mL"


def draw_biomarkers(
    participant_id: Texts,
    carrier: NDArray[np.bool_],
    visits: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """One row per participant, day and analyte, at visits only."""
    ratio = {"IGF-1": 1.0, "IGFBP7": CARRIER_IGFBP7_RATIO}
    tables = []
    for analyte, median in _MEDIAN.items():
        log_level = np.log(median) + np.where(carrier, np.log(ratio[analyte]), 0.0)
        log_level = log_level + rng.normal(0.0, _PERSON_LOG_SD, size=carrier.size)
        tables.append(_measure(pd.Series(log_level, index=participant_id), visits, rng))
        tables[-1]["analyte"] = analyte
    table = pd.concat(tables).assign(unit=_UNIT)
    columns = ["participant_id", "day", "analyte", "value", "unit"]
    return table[columns].sort_values(columns[:3], ignore_index=True)


def _measure(log_level: pd.Series, visits: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Level of each person at the first visit and at the one nearest a year, with assay noise."""
    drawn = blood_draws(visits)
    noise = rng.normal(0.0, _ASSAY_LOG_SD, size=len(drawn))
    level = np.exp(drawn["participant_id"].map(log_level).to_numpy() + noise)
    return drawn.assign(value=level.round(1))


def blood_draws(visits: pd.DataFrame) -> pd.DataFrame:
    """Participant and day of the first visit and of the visit nearest a year, if within 60 days."""
    days = visits[["participant_id", "day"]]
    first = days.groupby("participant_id", as_index=False).first()
    away = (days["day"] - _YEAR_DAYS).abs()
    later = days.assign(away=away)[away <= _YEAR_WINDOW_DAYS].sort_values(["away", "day"])
    year = later.groupby("participant_id", as_index=False).first().drop(columns="away")
    return pd.concat([first, year]).sort_values(["participant_id", "day"], ignore_index=True)
