"""Test of one variant given another: a finding of its own, or the shadow of a better one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.design import Floats, NullDesign, null_design
from alsrev_dagster.stats.logistic_null import null_model
from alsrev_dagster.stats.logistic_scan import firth_scan

_NO_CALL = 3


def conditional_p(
    design: NullDesign,
    lead: NDArray[np.uint8],
    other: NDArray[np.uint8],
    genetic_models: Sequence[str],
) -> Floats:
    """P value of a variant with the dosage of another as a covariate.

    Parameters
    ----------
    design
        Of the contrast: its covariates and strata are adjusted for as well.
    lead, other
        Codes 0-3, shape (n_sample,), in the order of the design.
    genetic_models
        Keys of ``SCORE``, of the lead; the other is adjusted for additively.

    Returns
    -------
    NDArray[np.float64]
        One a genetic model, of Firth's likelihood ratio test; NaN where the other does not vary,
        follows from the covariates, or leaves too few samples; and where the lead follows from it.

    Notes
    -----
    Samples with a call of both. A variant in LD with a better one loses its P value here, one of
    its own keeps it [1]_. With 22 cases a covariate more costs power: a P value that has risen is
    no proof that the variant is a shadow.

    References
    ----------
    .. [1] Yang et al. (2012), Nat Genet 44:369-375.

    Examples
    --------
    >>> design = null_design(np.arange(40) < 10, np.empty((40, 0)), [])
    >>> lead = np.repeat([1, 0, 1, 0], [7, 3, 4, 26]).astype(np.uint8)
    >>> bool(np.isnan(conditional_p(design, lead, lead, ["dominant"])[0]))
    True
    """
    is_called = (other != _NO_CALL) & (lead != _NO_CALL)
    given = [*design.basis[1:], other]
    covariate = np.column_stack(given)[is_called].astype(np.float64)
    name = [*design.name, "other variant"]
    try:
        model = null_model(null_design(design.is_case[is_called], covariate, name))
    except InputDataError:
        return np.full(len(genetic_models), np.nan)
    genotype = lead[None, is_called]
    fits = [firth_scan(model, genotype, each) for each in genetic_models]
    return np.array([_told(float(f.p_value[0]), str(f.fit_status[0])) for f in fits])


def _told(p_value: float, fit_status: str) -> float:
    """The P value, where there was something to test."""
    return p_value if fit_status in ("ok", "separated") else float("nan")
