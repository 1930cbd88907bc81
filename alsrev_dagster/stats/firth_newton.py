"""Firth's penalised likelihood of many stratified genotype tables, and its maximum.

With one intercept per stratum and one slope the Fisher information is an arrowhead
matrix, so its inverse, determinant and the leverages have closed forms in the mean
score of each stratum: no general linear solver is needed, and a stratum without samples
adds exact zeros. With cells weighing w = n p q, leverages h = w (1 / sum w + (x - m)^2 / v),
m the mean score of the stratum and v the information of beta, the modified score of a cell is
case q - control p + h (q - p) / 2 (Firth 1993; Heinze & Schemper 2002).
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.kernel.firth import N_KEPT, maximise_each

_STEP_TOLERANCE = 1e-10
"""Largest step, on the log-odds scale, at which a fit has converged."""
_FALL_TOLERANCE = 1e-13
"""Relative fall of the likelihood that is rounding."""
_STEP_MAX = 5.0
_N_ITERATION_MAX = 300
_N_HALVING_MAX = 30
RULE = (_STEP_TOLERANCE, _FALL_TOLERANCE, _STEP_MAX, _N_ITERATION_MAX, _N_HALVING_MAX)
_N_TABLE_MIN = 512
"""Tables that are worth a thread."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Cells:
    """Grouped data of n tables: one cell per stratum and genotype."""

    n_case: Floats
    """Shape (n, S, 3)."""
    n_sample: Floats
    """Shape (n, S, 3)."""
    score: Floats
    """Shape (3,)."""

    def take(self, index: NDArray[np.int64]) -> "Cells":
        """Return the tables at ``index``."""
        return Cells(self.n_case[index], self.n_sample[index], self.score)


@dataclass(frozen=True)
class Fit:
    """Parameters that maximise the penalised likelihood of each table."""

    intercept: Floats
    beta: Floats
    log_likelihood: Floats
    information: Floats
    augmented_information: Floats
    is_converged: Bools


def maximise(cells: Cells, intercept: Floats, beta: Floats, *, is_beta_free: bool) -> Fit:
    """Newton steps on the augmented data, halved if need be, each table on its own.

    With ``is_beta_free=False`` beta stays where it is and only the intercepts move; the
    penalty is that of the full information matrix either way. The augmented information
    is the exact curvature for a two-valued score; plain Fisher scoring can swing for
    ever about the maximum when there is one carrier. Before each step, one is tried that
    leads to where the step itself would vanish, judged by how it changed since the last
    (Anderson's acceleration with one remembered step): it ends the swinging and the
    creeping of tables with a handful of samples per stratum.
    """
    n = len(beta)
    parameter, kept = np.column_stack([intercept, beta]), np.empty((n, N_KEPT))
    is_converged = np.empty(n, dtype=np.bool_)

    def climb(part: slice) -> None:
        maximise_each(
            np.ascontiguousarray(cells.n_case[part]),
            np.ascontiguousarray(cells.n_sample[part]),
            cells.score,
            is_beta_free,
            RULE,
            parameter[part],
            kept[part],
            is_converged[part],
        )

    in_parts(n, climb)
    return Fit(
        intercept=parameter[:, :-1],
        beta=parameter[:, -1],
        log_likelihood=kept[:, 0],
        information=kept[:, 2],
        augmented_information=kept[:, 3],
        is_converged=is_converged,
    )


def in_parts(n_table: int, work: Callable[[slice], None]) -> None:
    """Do some work on each part of the tables, a thread each; each table is on its own."""
    n_part = min(os.cpu_count() or 1, -(-n_table // _N_TABLE_MIN)) or 1
    edges = np.linspace(0, n_table, n_part + 1).astype(int).tolist()
    parts = [slice(start, stop) for start, stop in pairwise(edges)]
    if n_part == 1:
        work(parts[0])
        return
    with ThreadPoolExecutor(n_part) as pool:
        list(pool.map(work, parts))
