"""Firth's fits of some variants, and what becomes of those that neither end nor separate."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.coded_genotype import CodedGenotype, Floats
from alsrev_dagster.stats.kernel import logistic as kernel
from alsrev_dagster.stats.logistic_null import RULE_ALL, RULE_LIKELIHOOD, NullModel, spaces
from alsrev_dagster.stats.separation import separating_direction

STATUS = np.array(
    ["ok", "separated", "not_converged", "monomorphic", "one_side_missing"], dtype="<U16"
)
"""Words of the codes of ``kernel.logistic``."""

Found = tuple[Floats, NDArray[np.int64], NDArray[np.int64]]
"""Numbers, shape (n_row, n_tested, N_FOUND); parameters tested, and status codes, (n_row,)."""


def fit_firth(
    model: NullModel, coded: CodedGenotype, row: NDArray[np.int64], n_tested: int, n_thread: int
) -> Found:
    """Firth's fits of the variants at some places.

    ``n_tested`` is 1 for the coded genotype, 2 for heterozygotes and homozygotes apart.
    """
    number = np.empty((len(row), n_tested, kernel.N_FOUND))
    n_free, status = np.empty((2, len(row)), dtype=np.int64)
    null = model.null
    rules = RULE_LIKELIHOOD, RULE_ALL

    def fit(part: slice, value: Floats) -> None:
        space, work = spaces(len(null[0]), n_tested, coded.n_sample)
        found = number[part], n_free[part], status[part]
        parameters = model.firth, model.extra, rules, n_tested, model.is_separated
        kernel.firth_each(value, null, *parameters, space, work, found)

    coded.each(row, fit, n_thread)
    decide = partial(_decide, model, coded, n_tested=n_tested)
    for place in np.flatnonzero(status == kernel.UNDECIDED):
        status[place], number[place, :, 3] = decide(row[place])
    return number, n_free, status


def _decide(
    model: NullModel, coded: CodedGenotype, row: np.int64, *, n_tested: int
) -> tuple[int, Floats]:
    """Status of a variant that needs the linear programme, and which way its betas run off."""
    value = coded.values(np.array([row]))[0]
    is_called = ~np.isnan(value)
    called = value[is_called]
    tested = called[:, None] if n_tested == 1 else called[:, None] == np.array([1.0, 2.0])
    column = np.column_stack([model.design.basis[:, is_called].T, tested])
    direction = separating_direction(column, model.design.is_case[is_called])
    if direction is None:
        return kernel.OK, np.zeros(n_tested)
    runs = direction[-n_tested:]
    return kernel.SEPARATED, np.where(np.abs(runs) > _RUNS_OFF, np.sign(runs), 0.0)


_RUNS_OFF = 1e-6
"""Coordinate of a separating direction, the largest being 1, above which it runs off."""
