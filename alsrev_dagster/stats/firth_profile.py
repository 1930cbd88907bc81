"""Ends of the profile penalised likelihood interval of many tables at once."""

import numpy as np

from alsrev_dagster.stats.firth_newton import RULE, Cells, Fit, Floats, in_parts
from alsrev_dagster.stats.kernel.firth_profile import ends_each

_STEP_TOLERANCE = 1e-6
"""Largest step of the intercepts at which they are at their best: the fall is of its square."""


def profile_ends(cells: Cells, fit: Fit, *, drop: float) -> Floats:
    """Betas on either side of the estimate where twice the likelihood has fallen by ``drop``.

    Shape (n, 2), the lower first. NaN where an inner fit fails or there is no such beta within 100
    log-odds units, and where the estimate was not found.
    """
    parameter = np.column_stack([fit.intercept, fit.beta])
    end = np.empty((len(parameter), 2))

    def seek(part: slice) -> None:
        ends_each(
            np.ascontiguousarray(cells.n_case[part]),
            np.ascontiguousarray(cells.n_sample[part]),
            cells.score,
            (_STEP_TOLERANCE, *RULE[1:]),
            drop,
            parameter[part],
            fit.is_converged[part],
            end[part],
        )

    in_parts(len(parameter), seek)
    return end
