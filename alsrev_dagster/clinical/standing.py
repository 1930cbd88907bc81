"""Whether a recovery that was confirmed still stands at each later visit."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.clinical.kernel import gain as kernel
from alsrev_dagster.clinical.recovery import is_at_risk, recovery_series
from alsrev_dagster.clinical.sustained import first_confirmed, lasting_gains, rule_of
from alsrev_dagster.clinical.visit_series import IntArray, VisitSeries
from alsrev_dagster.study import RecoveryDefinition
from alsrev_dagster.vocabulary.states import STANDING

_NAMES = np.array(STANDING, dtype=object)
"""In the order of the kernel's numbers."""


def recovery_standing(
    alsfrsr: pd.DataFrame, participant: pd.DataFrame, definition: RecoveryDefinition
) -> pd.DataFrame:
    """State of each usable visit: participant_id, day and ``state``, sorted.

    ``not_recovered`` until a recovery is confirmed; then ``recovered`` at each visit whose score is
    at least what was asked (the score the gain was over, and the gain), ``lost`` at each other, and
    ``recovered`` again when the score is back. Of a plateau what is asked is the score it started
    from. Visits of another series than that of the recovery (item 5 scored otherwise) leave the
    state as it was: they are not compared. Whom the definition has not at risk is left out.
    """
    series = recovery_series(alsfrsr, participant, definition)
    state, is_told = _standing(series, definition)
    told = pd.DataFrame(
        {
            "participant_id": series.participant_id[series.person],
            "day": series.day + series.first_day[series.person],
            "state": _NAMES[state],
        }
    )
    is_told &= is_at_risk(series.baseline, definition)[series.person]
    return told[is_told].sort_values(["participant_id", "day"], ignore_index=True)


def _standing(
    series: VisitSeries, definition: RecoveryDefinition
) -> tuple[IntArray, NDArray[np.bool_]]:
    """State of each visit by its own series, and whether it tells of the person's recovery."""
    n_series, rule = len(series.start) - 1, rule_of(definition)
    _, _, left, confirmed = lasting_gains(series, rule)
    stands = np.empty(len(series.day), dtype=np.int64)
    if not n_series:
        return stands, np.empty(0, dtype=np.bool_)
    chosen, is_event = first_confirmed(series, confirmed)
    own = np.zeros(n_series, dtype=np.bool_)
    own[chosen[is_event]] = True
    confirmed[~own] = kernel.NOTHING
    kernel.standing_gains(series.start, series.day, series.total, rule, left, confirmed, stands)
    # what another series says after the confirmation is of no use, before it nothing is confirmed
    day = np.where(is_event, series.day[confirmed[chosen]], np.iinfo(np.int64).max)
    is_before = series.day < day[series.person]
    return stands, is_before | np.repeat(own, np.diff(series.start))
