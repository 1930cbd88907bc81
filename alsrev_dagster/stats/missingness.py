"""Whether calls are missing more often on one side: Fisher's exact test of many variants."""

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.kernel.fisher import fisher_p_many


def fisher_exact_p(tables: NDArray[np.int64]) -> NDArray[np.float64]:
    """Two-sided P value of Fisher's exact test of each table of two by two.

    Parameters
    ----------
    tables
        Counts a, b, c, d of the table (a b; c d), shape (n_table, 4): for differential
        missingness missing and called cases, missing and called controls.

    Returns
    -------
    NDArray[np.float64]
        Shape (n_table,), in (0, 1]; 1 where a margin is 0.

    Raises
    ------
    InputDataError
        If the shape is not (n_table, 4) or a count is negative.

    Notes
    -----
    Sums the tables of the same margins that are no more likely than the one seen, with the
    slack of R's ``fisher.test`` (1e-7) for equality; probabilities by recurrence from the
    likeliest table outwards. A small P value says that calls were lost for another reason than
    chance on one side: a caller, a tissue or a batch [1]_.

    References
    ----------
    .. [1] Clayton et al. (2005), Nat Genet 37:1243-1246; Anderson et al. (2010), Nat Protoc
       5:1564-1573.

    Examples
    --------
    >>> fisher_exact_p(np.array([[3, 19, 0, 243], [0, 22, 0, 243]])).round(8).tolist()
    [0.00050219, 1.0]
    """
    if tables.ndim != 2 or tables.shape[1] != 4 or (tables.size and tables.min() < 0):
        raise InputDataError(
            f"tables of two by two have shape {tables.shape} and a smallest count of "
            f"{tables.min() if tables.size else 'none'}: expected (n_table, 4) and no count below "
            "0; check the step that counted the calls"
        )
    p_value = np.empty(len(tables))
    fisher_p_many(np.ascontiguousarray(tables, dtype=np.int64), p_value)
    return p_value
