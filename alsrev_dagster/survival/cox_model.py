"""What a fitted Cox model says, however it was fitted."""

from dataclasses import dataclass
from typing import Literal

from alsrev_dagster.survival.risk import FloatArray

FitStatus = Literal["ok", "no_events", "monomorphic", "separated", "not_converged", "collinear"]
Method = Literal["cox_wald", "cox_robust_wald", "cox_firth_lrt"]

EVENTS_PER_TERM_MIN = 10.0
"""Events per term below which the penalised likelihood is used: Peduzzi et al. (1995)."""


@dataclass(frozen=True)
class CoxModel:
    """Coefficients of a model; arrays of shape (k,), NaN where there is no estimate.

    A ``hazard_ratio`` above 1 means that the event comes faster per unit of the covariate.
    """

    name: tuple[str, ...]
    method: Method
    n: int
    """Participants."""
    n_event: int
    fit_status: FitStatus
    coefficient: FloatArray
    standard_error: FloatArray
    """Robust where the model is; from the inverse information of the likelihood elsewhere."""
    hazard_ratio: FloatArray
    ci_lower: FloatArray
    """95%, of the hazard ratio: Wald's, or of the profile penalised likelihood."""
    ci_upper: FloatArray
    p_value: FloatArray
    """Wald's, or of the penalised likelihood ratio."""
    covariance: FloatArray
    """Shape (k, k)."""
    log_likelihood: float
    """At the estimate; penalised where the model is."""
    log_likelihood_null: float
    """At coefficients of 0."""

    @property
    def events_per_term(self) -> float:
        """Events for each coefficient."""
        return self.n_event / max(len(self.name), 1)


def chosen_method(
    n_event: int, n_term: int, events_per_term_min: float = EVENTS_PER_TERM_MIN
) -> Method:
    """Return the penalised likelihood below so many events per term, ordinary Cox from there on.

    References
    ----------
    .. [1] Peduzzi, Concato, Feinstein & Holford (1995), J Clin Epidemiol 48:1503.

    Examples
    --------
    >>> chosen_method(n_event=22, n_term=3)
    'cox_firth_lrt'
    >>> chosen_method(n_event=22, n_term=2)
    'cox_wald'
    """
    return "cox_firth_lrt" if n_event < events_per_term_min * n_term else "cox_wald"
