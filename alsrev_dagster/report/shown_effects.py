"""Which rows of result.detectable_effect are shown: one genetic model of each lead."""

import numpy as np
import pandas as pd

_LEAD = ["contrast", "variant_id"]


def shown_effects(effects: pd.DataFrame, leads: pd.DataFrame) -> pd.DataFrame:
    """Rows of the genetic model of each lead's smallest P; of a declared locus of the dominant.

    A declared locus that was not tested under the dominant model is shown under its best one, as
    is a lead; rows keep their order.
    """
    if effects.empty:
        return effects
    key = [*_LEAD, "genetic_model"]
    known = leads[[*key, "p_value", "is_declared"]].drop_duplicates(key)
    found = effects[key].merge(known, on=key, how="left")
    is_declared = found["is_declared"].eq(True).groupby([found[name] for name in _LEAD])
    is_first = is_declared.transform("any") & found["genetic_model"].eq("dominant")
    p_value = pd.to_numeric(found["p_value"]).fillna(np.inf).where(~is_first, -1.0)
    order = np.argsort(p_value.to_numpy(dtype=np.float64), kind="stable")
    chosen = effects.reset_index(drop=True).iloc[order].drop_duplicates([*_LEAD, "alpha"])
    return chosen.sort_index().reset_index(drop=True)
