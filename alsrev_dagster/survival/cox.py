"""Cox model of carrier status, stratified, with delayed entry; lifelines stands behind it."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from lifelines.exceptions import ConvergenceError, ConvergenceWarning

from alsrev_dagster.survival.partial import EventCounts, event_counts, proportional_hazards_p
from alsrev_dagster.survival.risk import follow_up

FitStatus = Literal["ok", "no_events", "monomorphic", "separated", "not_converged"]

# lifelines' defaults stop a step early: on its own AIDS cohort at 0.023157 instead of 0.0232152.
_FIT_OPTIONS = {"precision": 1e-14, "r_precision": 1e-15}

_NAN = float("nan")


@dataclass(frozen=True)
class CoxFit:
    """Carriers against non-carriers; numbers are NaN unless ``fit_status`` is ok.

    ``hazard_ratio`` above 1 means that the event comes faster in carriers: faster
    recovery, or earlier death. Interval and P value are Wald's.
    """

    n: int
    n_carrier: int
    n_event: int
    n_event_carrier: int
    fit_status: FitStatus
    coefficient: float = _NAN
    standard_error: float = _NAN
    hazard_ratio: float = _NAN
    ci_lower: float = _NAN
    ci_upper: float = _NAN
    p_value: float = _NAN
    proportional_hazards_p: float = _NAN
    log_likelihood: float = _NAN


def carrier_cox(frame: pd.DataFrame, strata: Sequence[str] = ()) -> CoxFit:
    """Hazard ratio of carriers against non-carriers within strata.

    Parameters
    ----------
    frame
        One row per participant: duration_months, event (bool), entry_months, carrier
        (bool) and the columns of ``strata``.
    strata
        Columns whose every combination has a baseline hazard of its own. A missing value
        is a stratum too: the unknown are compared among themselves.

    Returns
    -------
    CoxFit
        ``fit_status`` is ok; no_events; monomorphic (all or none are carriers); separated
        (no carrier has the event while a comparable non-carrier is at risk, or the other
        way round, so that no finite estimate exists); or not_converged.

    Raises
    ------
    InputDataError
        If a time is missing, or an exit is not after its entry.

    Notes
    -----
    Efron's ties; a participant is at risk at t when entry < t <= exit. Assumes hazards
    proportional over time, and entry and censoring independent of the event. With other
    events coded as censored the ratio is cause-specific.

    References
    ----------
    .. [1] Cox (1972), JRSS B 34:187; Efron (1977), JASA 72:557.
    """
    data = _data(frame, strata)
    event, carrier = data["event"].to_numpy(), data["carrier"].to_numpy()
    followed = follow_up(data["duration_months"].to_numpy(), data["entry_months"].to_numpy())
    counted = CoxFit(
        n=len(data),
        n_carrier=int(carrier.sum()),
        n_event=int(event.sum()),
        n_event_carrier=int((event & carrier).sum()),
        fit_status="no_events",
    )
    if counted.n_event == 0:
        return counted
    counts = event_counts(followed, event, carrier, data["stratum"].to_numpy())
    return _fitted(counted, data, counts)


def _data(frame: pd.DataFrame, strata: Sequence[str]) -> pd.DataFrame:
    """Return the columns lifelines gets, as plain types, with one number for each stratum."""
    number = (
        frame.groupby(list(strata), dropna=False, sort=True).ngroup()
        if strata
        else pd.Series(0, index=frame.index)
    )
    return pd.DataFrame(
        {
            "duration_months": frame["duration_months"].astype("float64"),
            "entry_months": frame["entry_months"].astype("float64"),
            "event": frame["event"].astype(bool),
            "carrier": frame["carrier"].astype(bool),
            "stratum": number.astype("int64"),
        }
    ).reset_index(drop=True)


def _fitted(counted: CoxFit, data: pd.DataFrame, counts: EventCounts) -> CoxFit:
    """Fill in the numbers, or say why there are none."""
    if counted.n_carrier in (0, counted.n):
        return replace(counted, fit_status="monomorphic")
    if not counts.is_estimable:
        return replace(counted, fit_status="separated")
    try:
        fitter = _fit(data)
    except (ConvergenceWarning, ConvergenceError):
        return replace(counted, fit_status="not_converged")
    row = fitter.summary.loc["carrier"]
    coefficient = float(row["coef"])
    return replace(
        counted,
        fit_status="ok",
        coefficient=coefficient,
        standard_error=float(row["se(coef)"]),
        hazard_ratio=float(np.exp(coefficient)),
        ci_lower=float(row["exp(coef) lower 95%"]),
        ci_upper=float(row["exp(coef) upper 95%"]),
        p_value=float(row["p"]),
        proportional_hazards_p=proportional_hazards_p(counts, coefficient),
        log_likelihood=float(fitter.log_likelihood_),
    )


def _fit(data: pd.DataFrame) -> CoxPHFitter:
    """Fit; a doubt of lifelines about convergence is raised as ConvergenceWarning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        # said before the fit of any rare variant; that an estimate exists is known by now
        warnings.filterwarnings("ignore", r"(?s).*very low variance\. ", ConvergenceWarning)
        return CoxPHFitter().fit(
            data.astype({"carrier": "float64"}),
            duration_col="duration_months",
            event_col="event",
            entry_col="entry_months",
            strata=["stratum"],
            fit_options=_FIT_OPTIONS,
        )
