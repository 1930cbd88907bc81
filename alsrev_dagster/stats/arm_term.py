"""One term behind several leads: an estimate and its tests, with the samples they rest on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NUMBERS = (
    "beta",
    "standard_error",
    "odds_ratio",
    "ci_lower",
    "ci_upper",
    "p_value",
    "exact_mid_p_value",
    "agreement_p_value",
    "joint_p_value",
    "arm_correlation",
)
"""Fields of a term that are numbers it may lack."""


@dataclass(frozen=True)
class Term:
    """One term of several leads; arrays have shape (n,), NaN where a term has no such number."""

    name: str
    method: str
    n_case: Ints
    """Cases with a call that the term uses."""
    n_control: Ints
    beta: Floats
    standard_error: Floats
    odds_ratio: Floats
    ci_lower: Floats
    ci_upper: Floats
    p_value: Floats
    exact_mid_p_value: Floats
    agreement_p_value: Floats
    """That the arms' odds ratios are one."""
    joint_p_value: Floats
    """That every arm's odds ratio is 1."""
    arm_correlation: Floats
    """Of the arms' log odds ratios, which share the cases; of three arms or more the mean."""
    fit_status: NDArray[np.object_]


def term_of(name: str, method: str, sides: tuple[Ints, Ints], numbers: dict[str, Floats]) -> Term:
    """A term with the numbers it has; fitted where its P value is below 1 or has an estimate."""
    n_case, n_control = (side.sum(axis=(1, 2)) for side in sides)
    every = {column: np.full(len(n_case), np.nan) for column in NUMBERS} | numbers
    varies = (every["p_value"] < 1) | ~np.isnan(every["odds_ratio"])
    has_both = (n_case > 0) & (n_control > 0)
    status = np.where(varies, "ok", np.where(has_both, "monomorphic", "one_side_missing"))
    return Term(name, method, n_case, n_control, **every, fit_status=status.astype(object))


def with_status(term: Term, fit_status: NDArray[np.str_]) -> Term:
    """The term with its fit's own status, but where a side has no call at all."""
    is_empty = term.fit_status == "one_side_missing"
    status = np.where(is_empty, "one_side_missing", fit_status.astype(object))
    return Term(**{**vars(term), "fit_status": status})
