"""Cox models of a genotype: additive, dominant and recessive, with what they rest on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.cox_data import CoxData, cox_data
from alsrev_dagster.survival.cox_likelihood import is_faint, likelihood, peak
from alsrev_dagster.survival.cox_model import EVENTS_PER_TERM_MIN, CoxModel, FitStatus, Method
from alsrev_dagster.survival.cox_rule import cox_by_rule
from alsrev_dagster.survival.proportional_hazards import proportional_hazards_p
from alsrev_dagster.survival.risk import FloatArray
from alsrev_dagster.survival.separation import separation_direction

GeneticModel = Literal["additive", "dominant", "recessive"]

_SCORE: dict[GeneticModel, tuple[float, float, float]] = {
    "additive": (0.0, 1.0, 2.0),
    "dominant": (0.0, 1.0, 1.0),
    "recessive": (0.0, 0.0, 1.0),
}
"""What dosage 0, 1 and 2 of ALT count for."""

_TERM = "genotype"
_NAN = float("nan")


@dataclass(frozen=True)
class CarrierModel:
    """The genotype's coefficient; numbers are NaN where there is no estimate.

    ``hazard_ratio`` above 1 means that the event comes faster per unit of the genetic model:
    faster recovery, or earlier death.
    """

    genetic_model: GeneticModel
    method: Method
    n: int
    """Participants with a call."""
    n_missing: int
    """Participants without one, left out."""
    n_event: int
    n_by_genotype: tuple[int, int, int]
    """Participants with dosage 0, 1 and 2 of ALT."""
    n_event_by_genotype: tuple[int, int, int]
    events_per_term: float
    fit_status: FitStatus
    """separated: the ordinary estimate is infinite, and the numbers are the penalised ones."""
    separation: int
    """1 where more ALT always goes with the event among those at risk, -1 never, 0 neither."""
    coefficient: float = _NAN
    standard_error: float = _NAN
    hazard_ratio: float = _NAN
    ci_lower: float = _NAN
    ci_upper: float = _NAN
    p_value: float = _NAN
    proportional_hazards_p: float = _NAN
    """At the ordinary estimate also where the model is penalised; NaN where there is none."""
    log_likelihood: float = _NAN


def carrier_model(
    frame: pd.DataFrame,
    genetic_model: GeneticModel,
    *,
    covariates: Sequence[str] = (),
    strata: Sequence[str] = (),
    weight: str | None = None,
    cluster: str | None = None,
    participant: str | None = None,
    events_per_term_min: float = EVENTS_PER_TERM_MIN,
) -> CarrierModel:
    """Cox model of one variant, by the rule of :func:`cox_by_rule`.

    Parameters
    ----------
    frame
        One row per participant (or interval): entry_months, duration_months, event, dosage (0,
        1, 2 or missing) and the columns named by the others. Entry and exit are on one axis,
        from onset, diagnosis, enrolment or birth, as the caller chooses and says.
    genetic_model
        additive: per ALT allele; dominant: 1 or 2 against 0; recessive: 2 against 0 or 1.
    covariates, strata, weight, cluster, participant
        As in ``cox_data``.
    events_per_term_min
        Events per coefficient below which the likelihood is penalised (Firth).

    Raises
    ------
    InputDataError
        If a dosage is none, a covariate is the same in everybody, or what ``cox_data`` refuses.

    Notes
    -----
    With other events coded as censored the ratio is cause-specific. Participants sampled
    because of their outcome need ``weight``; without it the ratio describes the sample.
    """
    dosage = _dosage(frame)
    called = frame[np.isfinite(dosage)].assign(**{_TERM: genotype_score(dosage, genetic_model)})
    data = cox_data(
        called,
        [_TERM, *covariates],
        strata=strata,
        weight=weight,
        cluster=cluster,
        participant=participant,
    )
    _refuse_constant(data)
    model = cox_by_rule(data, terms=(_TERM,), events_per_term_min=events_per_term_min)
    counted = _counted(frame, dosage, genetic_model, participant)
    return _told(replace(counted, n=data.n, n_event=data.n_event), model, data)


def genotype_score(dosage: FloatArray, genetic_model: GeneticModel) -> FloatArray:
    """What each called dosage counts for; the others are left out.

    Examples
    --------
    >>> genotype_score(np.array([0.0, 1.0, np.nan, 2.0]), "recessive").tolist()
    [0.0, 0.0, 1.0]
    """
    called = dosage[np.isfinite(dosage)].astype(np.int64)
    return np.array(_SCORE[genetic_model], dtype=np.float64)[called]


def _dosage(frame: pd.DataFrame) -> FloatArray:
    dosage = frame["dosage"].to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.isfinite(dosage) & ~np.isin(dosage, (0, 1, 2))
    if wrong.any():
        raise InputDataError(
            f"{int(wrong.sum())} of {len(dosage)} rows have a dosage such as {dosage[wrong][0]:g}: "
            "expected 0, 1 or 2 ALT alleles, or a missing value where there is no call"
        )
    return dosage


def _refuse_constant(data: CoxData) -> None:
    for index, name in enumerate(data.name):
        if name != _TERM and len(data.event) and np.ptp(data.covariate[:, index]) == 0:
            raise InputDataError(
                f"covariate {name!r} is the same in all {data.n} participants with a call: "
                "expected one that varies; leave it out of the model"
            )


def _counted(
    frame: pd.DataFrame, dosage: FloatArray, genetic_model: GeneticModel, participant: str | None
) -> CarrierModel:
    """Counts by genotype, of participants; those of the model are filled in after."""
    person = frame[participant] if participant else pd.Series(np.arange(len(frame)))
    event = frame["event"].to_numpy(dtype=np.bool_)
    table = pd.DataFrame({"person": person.to_numpy(), "dosage": dosage, "event": event})
    one = table.groupby("person", sort=False).agg({"dosage": "first", "event": "sum"})
    by_genotype = [one[one["dosage"] == value] for value in (0, 1, 2)]
    n_hom_ref, n_het, n_hom_alt = (len(part) for part in by_genotype)
    event_hom_ref, event_het, event_hom_alt = (int(part["event"].sum()) for part in by_genotype)
    return CarrierModel(
        genetic_model=genetic_model,
        method="cox_wald",
        n=0,
        n_missing=int(one["dosage"].isna().sum()),
        n_event=0,
        n_by_genotype=(n_hom_ref, n_het, n_hom_alt),
        n_event_by_genotype=(event_hom_ref, event_het, event_hom_alt),
        events_per_term=0.0,
        fit_status="no_events",
        separation=0,
    )


def _told(counted: CarrierModel, model: CoxModel, data: CoxData) -> CarrierModel:
    """Fill in what the model says of the genotype."""
    is_separated = model.fit_status == "separated"
    return replace(
        counted,
        method=model.method,
        events_per_term=model.events_per_term,
        fit_status=model.fit_status,
        separation=separation_direction(data, _TERM) if is_separated else 0,
        coefficient=float(model.coefficient[0]),
        standard_error=float(model.standard_error[0]),
        hazard_ratio=float(model.hazard_ratio[0]),
        ci_lower=float(model.ci_lower[0]),
        ci_upper=float(model.ci_upper[0]),
        p_value=float(model.p_value[0]),
        proportional_hazards_p=_proportional_hazards_p(model, data),
        log_likelihood=model.log_likelihood,
    )


def _proportional_hazards_p(model: CoxModel, data: CoxData) -> float:
    """Test at the ordinary estimate, which is where the score it is made of is 0."""
    if model.fit_status != "ok":
        return _NAN
    of = likelihood(data)
    found = peak(of)
    if is_faint(of, found):
        return _NAN
    return float(proportional_hazards_p(data, found.coefficient / of.scale)[0])
