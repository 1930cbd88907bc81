"""What a joint model of scores and death is fitted to: visits, follow-up, and times in between."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.course_design import Visits, course_design
from alsrev_dagster.survival.risk import BoolArray, FloatArray, FollowUp, IntArray, follow_up

Association = Literal["value", "slope", "value_and_slope", "random_effects"]
Baseline = Literal["weibull", "piecewise"]

_N_TIME = 15
_N_TIME_OF_PIECE = 7
_N_PIECE = 7
_DIFFERENCE = 1e-3
_PAST = 1e-6
"""By how much a knot is after the duration that it was taken from."""

FixedDesign = Callable[[FloatArray, IntArray], FloatArray]
"""Design of the mean course at some months of some people, shape (n, n_fixed)."""


@dataclass(frozen=True)
class Links:
    """What of a course the hazard knows at some times: fixed and random parts.

    A link j of person i at a time is fixed[..., j, :] beta + random[..., j, :] b.
    """

    fixed: FloatArray
    """Shape (..., n_link, n_fixed)."""
    random: FloatArray
    """Shape (..., n_link, 2)."""


@dataclass(frozen=True)
class Stretch:
    """Times from 0 to the end of a stretch, over which a hazard is summed."""

    months: FloatArray
    """Shape (n_person, n_time)."""
    weight: FloatArray
    """Sums to the stretch's length; 0 where a time is not used."""
    links: Links


@dataclass(frozen=True)
class JointData:
    """Scores and follow-up of the same people, numbered 0 to n_person - 1."""

    visits: Visits
    design: FixedDesign
    fixed: FloatArray
    """Design of the scores, shape (n_visit, n_fixed)."""
    random: FloatArray
    """1 and months, shape (n_visit, 2)."""
    risk: FloatArray
    """Baseline covariates of the hazard, the carrier among them, shape (n_person, n_risk)."""
    followed: FollowUp
    event: BoolArray
    until_exit: Stretch
    until_entry: Stretch
    at_exit: Links
    is_delayed: BoolArray
    """Who entered after time 0."""
    knots: FloatArray
    """Inner ends of the pieces of a piecewise constant hazard; none for Weibull's."""
    baseline: Baseline
    association: Association


def carrier_design(
    code: FloatArray, covariate: FloatArray | None = None, knots: FloatArray | None = None
) -> FixedDesign:
    """Mean course of course_design for people with these genotype codes and covariates."""
    extra = np.empty((len(code), 0)) if covariate is None else covariate
    inner = np.empty(0) if knots is None else knots

    def design(months: FloatArray, person: IntArray) -> FloatArray:
        return course_design(months, code[person], extra[person], inner)

    return design


def joint_data(
    visits: Visits,
    fixed_design: FixedDesign,
    risk: FloatArray,
    duration_months: FloatArray,
    event: BoolArray,
    *,
    entry_months: FloatArray | None = None,
    association: Association = "value",
    baseline: Baseline = "weibull",
    knots: FloatArray | None = None,
) -> JointData:
    """Gather scores and follow-up, and the times at which the hazard is evaluated.

    Parameters
    ----------
    visits
        Complete scores, in months since the same origin as the follow-up; each person has some.
    fixed_design
        Design of the mean course at any time of any person: carrier_design makes the usual one.
    risk
        What shifts the hazard beside the course, shape (n_person, n_risk): the genotype code.
    duration_months, event
        Time to death or end of observation, and which, shape (n_person,).
    entry_months
        Since the origin; None or 0 when observation began there.
    association
        What the hazard depends on: the current true ``value``, its ``slope``, both, or the
        person's ``random_effects`` (deviations of intercept and slope, the same at all times).
    baseline
        ``weibull``, or ``piecewise`` constant.
    knots
        Inner ends of the pieces, months; None takes quantiles of the durations, seven pieces.
        Pieces without a death are joined.

    Returns
    -------
    JointData
        For joint_model.

    Raises
    ------
    InputDataError
        If people and visits do not fit together, a visit is after its person's exit, or follow-up
        is not usable.
    """
    followed = follow_up(duration_months, entry_months)
    _refuse(visits, risk, followed, event)
    person = np.arange(len(duration_months))
    cuts = _cuts(duration_months, event, knots) if baseline == "piecewise" else np.empty(0)
    entry = np.maximum(followed.entry_months, 0.0)
    exit_links = _links(fixed_design, duration_months[:, None], association)
    fixed = fixed_design(visits.months, visits.person)
    return JointData(
        visits=visits,
        design=fixed_design,
        fixed=fixed,
        random=np.column_stack([np.ones(len(visits.months)), visits.months]),
        risk=risk,
        followed=followed,
        event=event,
        until_exit=_stretch(fixed_design, duration_months, cuts, association),
        until_entry=_stretch(fixed_design, entry, cuts, association),
        at_exit=Links(exit_links.fixed[person, 0], exit_links.random[person, 0]),
        is_delayed=entry > 0,
        knots=cuts,
        baseline=baseline,
        association=association,
    )


def _cuts(duration_months: FloatArray, event: BoolArray, knots: FloatArray | None) -> FloatArray:
    """Inner ends of pieces: as given, or quantiles of the durations as R's JM takes them.

    A piece without a death is joined to the next, and the last to the one before.
    """
    inner = np.linspace(0, 1, _N_PIECE + 1)[1:-1]
    asked = np.quantile(duration_months, inner) + _PAST if knots is None else knots
    death, kept = duration_months[event], [0.0]
    for cut in np.unique(asked):
        if ((death > kept[-1]) & (death <= cut)).any() and (death > cut).any():
            kept.append(float(cut))
    return np.array(kept[1:])


def _stretch(
    design: FixedDesign, end: FloatArray, cuts: FloatArray, association: Association
) -> Stretch:
    """Gauss-Legendre times of each piece up to each person's end.

    Without pieces they are dense near 0, where Weibull's hazard may be infinite: months are
    end v^2, and the rule is one of v.
    """
    if len(cuts) == 0:
        node, weight = _legendre(_N_TIME)
        months, length = end[:, None] * node**2, end[:, None] * weight * 2 * node
    else:
        node, weight = _legendre(_N_TIME_OF_PIECE)
        low = np.minimum(end[:, None], np.concatenate([[0.0], cuts]))
        high = np.minimum(end[:, None], np.append(cuts, np.inf))
        span = (high - low)[:, :, None]
        months = (low[:, :, None] + span * node).reshape(len(end), -1)
        length = (span * weight).reshape(len(end), -1)
    return Stretch(months, length, _links(design, months, association))


def _legendre(n: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights on (0, 1)."""
    node, weight = np.polynomial.legendre.leggauss(n)
    return (node + 1) / 2, weight / 2


def _links(design: FixedDesign, months: FloatArray, association: Association) -> Links:
    """What the hazard knows of a course at months of shape (n_person, n_time)."""
    n_person, n_time = months.shape
    person, flat = np.repeat(np.arange(n_person), n_time), months.ravel()
    value, zero, one = design(flat, person), np.zeros(len(flat)), np.ones(len(flat))
    if association == "random_effects":
        fixed = np.zeros((len(flat), 2, value.shape[1]))
        random = np.broadcast_to(np.eye(2), (len(flat), 2, 2))
    else:
        # the derivative of a cubic by a central difference is exact to the square of the step
        ahead, behind = (design(flat + h, person) for h in (_DIFFERENCE, -_DIFFERENCE))
        of_fixed = {"value": value, "slope": (ahead - behind) / (2 * _DIFFERENCE)}
        of_random = {"value": np.stack([one, flat], 1), "slope": np.stack([zero, one], 1)}
        names = ("value", "slope") if association == "value_and_slope" else (association,)
        fixed = np.stack([of_fixed[name] for name in names], axis=1)
        random = np.stack([of_random[name] for name in names], axis=1)
    shape = (n_person, n_time, random.shape[1])
    return Links(fixed.reshape(*shape, -1), np.ascontiguousarray(random).reshape(*shape, 2))


def _refuse(visits: Visits, risk: FloatArray, followed: FollowUp, event: BoolArray) -> None:
    n = len(followed.duration_months)
    n_person = int(visits.person.max(initial=-1)) + 1
    if not n == n_person == len(risk) == len(event):
        raise InputDataError(
            f"there are {n_person} people with visits, {n} with follow-up, {len(risk)} rows of "
            f"hazard covariates and {len(event)} events: expected one of each a person; leave out "
            "people without a visit or without follow-up"
        )
    n_after = int((visits.months > followed.duration_months[visits.person]).sum())
    if n_after:
        raise InputDataError(
            f"{n_after} of {len(visits.months)} visits are after their person's exit: expected "
            "scores while under observation; count months of both from the same origin"
        )
