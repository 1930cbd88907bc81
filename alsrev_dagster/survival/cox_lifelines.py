"""The Cox model by lifelines, where lifelines is right: one unweighted row per participant."""

import warnings

import pandas as pd
from lifelines import CoxPHFitter
from lifelines.exceptions import ConvergenceError, ConvergenceWarning

from alsrev_dagster.survival.cox_data import CoxData
from alsrev_dagster.survival.risk import FloatArray

# lifelines' defaults stop a step early: on its own AIDS cohort at 0.023157 instead of 0.0232152.
FIT_OPTIONS = {"precision": 1e-14, "r_precision": 1e-15}


def lifelines_coefficient(data: CoxData) -> FloatArray | None:
    """Return the maximum-likelihood coefficients (k,), Efron's ties; None if lifelines doubts them.

    Notes
    -----
    lifelines 0.30.3 agrees with R for strata and delayed entry. It is not asked where rows are
    weighted, clustered or several to a person: its robust variance is not R's with strata or
    tied events (its own tests allow 10%), and it has no residuals with delayed entry.
    """
    frame = pd.DataFrame(data.covariate, columns=[f"x{i}" for i in range(len(data.name))])
    frame = frame.assign(
        duration_months=data.duration_months,
        entry_months=data.entry_months,
        event=data.event,
        stratum=data.stratum,
    )
    try:
        fitter = _fit(frame)
    except (ConvergenceWarning, ConvergenceError, RuntimeWarning):
        return None
    coefficient: FloatArray = fitter.params_.to_numpy()
    return coefficient


def _fit(frame: pd.DataFrame) -> CoxPHFitter:
    """Fit; a doubt of lifelines about convergence, and an overflow, are raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        warnings.simplefilter("error", RuntimeWarning)
        # said before the fit of any rare variant; that an estimate exists is known by now
        warnings.filterwarnings("ignore", r"(?s).*very low variance\. ", ConvergenceWarning)
        return CoxPHFitter().fit(
            frame,
            duration_col="duration_months",
            event_col="event",
            entry_col="entry_months",
            strata=["stratum"],
            fit_options=FIT_OPTIONS,
        )
