"""An ordinary Cox model of carrier status: one coefficient of ``cox_fit``, for the tests."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from alsrev_dagster.survival.cox_data import cox_data
from alsrev_dagster.survival.cox_fit import cox_fit
from alsrev_dagster.survival.cox_model import FitStatus
from alsrev_dagster.survival.proportional_hazards import proportional_hazards_p

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
    data = cox_data(frame.assign(carrier=frame["carrier"].astype(bool)), ["carrier"], strata=strata)
    carrier = data.covariate[:, 0] > 0
    model = cox_fit(data)
    counted = CoxFit(
        n=len(data.event),
        n_carrier=int(carrier.sum()),
        n_event=data.n_event,
        n_event_carrier=int((data.event & carrier).sum()),
        fit_status=model.fit_status,
    )
    if model.fit_status != "ok":
        return counted
    return replace(
        counted,
        coefficient=float(model.coefficient[0]),
        standard_error=float(model.standard_error[0]),
        hazard_ratio=float(model.hazard_ratio[0]),
        ci_lower=float(model.ci_lower[0]),
        ci_upper=float(model.ci_upper[0]),
        p_value=float(model.p_value[0]),
        proportional_hazards_p=float(proportional_hazards_p(data, model.coefficient)[0]),
        log_likelihood=model.log_likelihood,
    )
