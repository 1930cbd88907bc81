"""Which Cox model: ordinary, robust or penalised, by one rule said beforehand."""

from alsrev_dagster.survival.cox_data import CoxData
from alsrev_dagster.survival.cox_fit import cox_fit
from alsrev_dagster.survival.cox_model import EVENTS_PER_TERM_MIN, CoxModel, chosen_method
from alsrev_dagster.survival.firth_cox import firth_cox


def cox_by_rule(
    data: CoxData,
    *,
    terms: tuple[str, ...] = (),
    events_per_term_min: float = EVENTS_PER_TERM_MIN,
) -> CoxModel:
    """Cox model of the data, penalised where there are too few events or no ordinary estimate.

    Parameters
    ----------
    data
        Rows of ``cox_data``.
    terms
        Covariates whose interval and P value are wanted of a penalised model; all when empty.
    events_per_term_min
        Events per coefficient below which the likelihood is penalised.

    Returns
    -------
    CoxModel
        Its ``method`` says which it is. Weighted or clustered rows always get cox_fit's robust
        model, separated or not: there is no penalised one for them.
    """
    if data.is_robust:
        return cox_fit(data)
    if chosen_method(data.n_event, len(data.name), events_per_term_min) == "cox_firth_lrt":
        return firth_cox(data, terms=terms)
    model = cox_fit(data)
    return firth_cox(data, terms=terms) if model.fit_status == "separated" else model
