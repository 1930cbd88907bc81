"""A lead with covariates, without each of its cases in turn."""

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.design import Floats, NullDesign, null_design
from alsrev_dagster.stats.logistic_null import NullModel, null_model
from alsrev_dagster.stats.logistic_scan import firth_scan


class WithoutEachCase:
    """Null models of a contrast without one case, made once for all of its leads.

    Examples
    --------
    >>> without = WithoutEachCase(null_design(np.arange(40) < 10, np.empty((40, 0)), []))
    >>> lead = np.repeat([1, 0, 1, 0], [7, 3, 4, 26]).astype(np.uint8)[None]
    >>> odds_ratio, p_value = without.test(lead, "dominant")
    >>> odds_ratio.shape, float(p_value.max()).__round__(4)
    ((1, 10), 0.0026)
    """

    def __init__(self, design: NullDesign) -> None:
        self._kept = [np.arange(design.n_sample) != case for case in np.flatnonzero(design.is_case)]
        self._model = [_model(design, kept) for kept in self._kept]

    def test(self, genotype: NDArray[np.uint8], genetic_model: str) -> tuple[Floats, Floats]:
        """Odds ratio and P value of each variant without each case, shape (n, n_case).

        NaN where the case has no call of the variant, and leaves nothing out; and where the
        covariates cannot be fitted without it.
        """
        number = np.full((2, len(genotype), len(self._kept)), np.nan)
        for place, (kept, model) in enumerate(zip(self._kept, self._model, strict=True)):
            is_called = (genotype[:, ~kept] != 3).all(axis=1)
            if model is not None and is_called.any():
                fit = firth_scan(model, genotype[is_called][:, kept], genetic_model)
                number[0, is_called, place] = np.exp(fit.beta)
                number[1, is_called, place] = fit.p_value
        return number[0], number[1]


def _model(design: NullDesign, kept: NDArray[np.bool_]) -> NullModel | None:
    try:
        return null_model(null_design(design.is_case[kept], design.basis[1:, kept].T, design.name))
    except InputDataError:
        return None
