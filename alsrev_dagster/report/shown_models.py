"""Which models of a variant the page shows: all are in the tables."""

import pandas as pd

_COX = ("cox_cause_specific", "cox_firth", "cox_wald")
_HIDDEN = ("aft_log_normal_wald", "aft_log_logistic_wald")
"""Other shapes of the time to death, beside the Weibull one that is shown."""
_ORDER = ("dominant", "recessive", "additive")


def shown_models(models: pd.DataFrame, definition: str) -> pd.DataFrame:
    """Rows of result.recovery_model or result.survival_model for the page and its figure.

    Carriers against others by every model of the study's definition; then homozygotes and each
    allele by Cox's; then carriers by Cox's model of each other definition.
    """
    is_cox = models["method"].str.startswith(_COX)
    is_dominant = models["genetic_model"] == "dominant"
    is_own = models["definition"].isin([definition, ""])
    is_shown = (is_own & (is_dominant | is_cox)) | (is_dominant & is_cox)
    shown = models[is_shown & ~models["method"].isin(_HIDDEN)]
    rank = pd.DataFrame(
        {
            "other": ~shown["definition"].isin([definition, ""]),
            "model": shown["genetic_model"].map(_ORDER.index),
            "rest": ~shown["method"].str.startswith(_COX),
        }
    )
    order = rank.sort_values(list(rank.columns), kind="stable").index
    return shown.loc[order]
