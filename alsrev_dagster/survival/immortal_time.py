"""The guard against immortal time: no group at baseline may be defined by what came later."""

import numpy as np
import pandas as pd

from alsrev_dagster.errors import InputDataError


def refuse_group_of_the_future(frame: pd.DataFrame, group: str, known_months: str) -> None:
    """Raise when somebody belongs to a group because of what was seen after their follow-up began.

    Parameters
    ----------
    frame
        One row per participant: entry_months, the group (bool) and the month at which it was
        first known that they belong to it, on the same time axis; missing where they do not.
    group
        Column of the group that is to be compared from entry on: ``ever_recovered``.
    known_months
        Column of when membership was known: the day of confirmation, not of onset.

    Raises
    ------
    InputDataError
        If a member was known to be one only after entry, or it is not said when; or somebody
        with such a month is no member.

    Notes
    -----
    To be known as recovered at month 20 one must live to month 20. Compared from entry on,
    members are credited with that time, in which they could not die (Suissa 2008): a state that
    does nothing looks protective. What is known at entry (a genotype, sex, site of onset) is no
    such group; enter the state as it changes (``reversal_rows``), or at a landmark.

    References
    ----------
    .. [1] Suissa (2008), Am J Epidemiol 167:492-499; Anderson, Cain & Gelber (1983), J Clin
       Oncol 1:710-719.
    """
    member = frame[group].to_numpy(dtype=np.bool_)
    known = frame[known_months].to_numpy(dtype=np.float64, na_value=np.nan)
    entry = frame["entry_months"].to_numpy(dtype=np.float64)
    n_unknown = int((member & np.isnan(known)).sum())
    n_other = int((~member & (known <= entry)).sum())
    if n_unknown or n_other:
        raise InputDataError(
            f"group {group!r}: {n_unknown} member(s) have no {known_months} and {n_other} other(s) "
            "have one by entry: expected each member, and no other, to have the month at which it "
            "was known; a group without dates cannot be shown to be of the past"
        )
    n_future = int((member & (known > entry)).sum())
    if n_future:
        raise InputDataError(
            f"group {group!r}: {n_future} of {int(member.sum())} member(s) were known to belong to "
            "it only after their follow-up began: expected a group known at entry. Until then they "
            "could not have had the event and belong to it (immortal time), so that it would look "
            "protective; enter the state as it changes (reversal_rows), or use landmark_cox"
        )
