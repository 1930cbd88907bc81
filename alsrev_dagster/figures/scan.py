"""What the figures of a scan share: the numbers under them, and fewer points to draw."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.figures import style
from alsrev_dagster.vocabulary import MARK

TABLE = "result.association"

_SMALLEST_P = 1e-320
_COUNTS = tuple(
    f"n_{side}_{genotype}"
    for side in ("case", "control")
    for genotype in ("hom_ref", "het", "hom_alt", "missing")
)
COLUMNS = ("contrast", "variant_id", "genetic_model", "p_value", "method", *_COUNTS, *MARK)


def minus_log10(p_value: pd.Series) -> NDArray[np.float64]:
    """Return -log10 P; a P value that underflowed to 0 is drawn at the smallest number there is."""
    p = p_value.to_numpy(dtype=np.float64)
    return np.asarray(-np.log10(np.clip(p, _SMALLEST_P, 1.0)), dtype=np.float64)


def thinned(p_value: NDArray[np.float64], *, at_most: int) -> NDArray[np.intp]:
    """Places of the points to draw: all with P <= 0.01, and evenly taken others."""
    small = np.flatnonzero(p_value <= 0.01)
    others = np.flatnonzero(p_value > 0.01)
    step = max(1, -(-len(others) // at_most))
    return np.sort(np.concatenate([small, others[::step]]))


def who_and_what(association: pd.DataFrame) -> str:
    """Cases, controls, variants and models, as one line."""
    if association.empty:
        return "n = 0: the contrast has no tested variant"
    case, control = (
        int(association[[name for name in _COUNTS if name.startswith(f"n_{side}_")]].iloc[0].sum())
        for side in ("case", "control")
    )
    models = " + ".join(sorted(map(str, association["genetic_model"].unique())))
    return (
        f"n = {style.counted(case, 'case')}, {style.counted(control, 'control')}; "
        f"{style.counted(association['variant_id'].nunique(), 'variant')}, {models} model"
    )
