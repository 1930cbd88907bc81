"""Numbers of summary statistics: effect, standard error, interval, P value and its logarithm."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.summary_format import GWAS_SSF, Layout
from alsrev_dagster.ingest.summary_told import (
    ERROR_OF_RATIO,
    LOGARITHM_KEPT,
    MISSING,
    P_OF_ZERO,
    Told,
    refuse,
)

_Z_95 = 1.959963984540054
_TINY = float(np.finfo(np.float64).tiny)
_NUMBERS = ("pos", "beta", "odds_ratio", "standard_error", "freq", "p_value", "neg_log10_p")
_MORE_NUMBERS = ("ci_lower", "ci_upper", "n")


def typed_numbers(rows: pd.DataFrame, layout: Layout, told: Told) -> pd.DataFrame:
    """Cells of numbers as numbers; the P value's text stays beside it."""
    is_wrong = pd.Series(False, index=rows.index)
    for name in (*_NUMBERS, *_MORE_NUMBERS):
        text = rows[name] if name in rows else pd.Series("", index=rows.index, dtype=object)
        if name == "p_value":
            rows["p_text"] = text
        is_there = ~text.isin(MISSING)
        value = pd.Series(_doubles(text.where(is_there, "nan")), index=rows.index)
        is_wrong |= is_there & ~np.isfinite(value)
        rows[name] = value
    rows = refuse(rows, "not a number", is_wrong, (layout, told))
    is_wrong = ~(rows["pos"].mod(1).eq(0) & rows["pos"].ge(1))
    return refuse(rows, "position", is_wrong, (layout, told)).astype({"pos": np.int64})


def _doubles(text: "pd.Series[str]") -> NDArray[np.float64]:
    """Nearest double of each text, which ``pd.to_numeric`` does not give; NaN for no number."""
    try:
        return text.to_numpy(dtype=object).astype(np.float64)
    except ValueError:
        return np.array([_double(cell) for cell in text.tolist()], dtype=np.float64)


def _double(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def typed_effects(rows: pd.DataFrame, layout: Layout, told: Told) -> pd.DataFrame:
    """Beta, its standard error, the interval of the odds ratio, P value and its logarithm."""
    of, is_ratio = (layout, told), rows["beta"].isna()
    rows = refuse(rows, "odds ratio", is_ratio & ~rows["odds_ratio"].gt(0), of)
    rows = refuse(rows, "standard error", ~rows["standard_error"].gt(0), of)
    is_ratio = rows["beta"].isna()
    rows["beta"] = rows["beta"].where(~is_ratio, np.log(rows["odds_ratio"].where(is_ratio, 1.0)))
    for end in ("ci_lower", "ci_upper"):
        rows[end] = rows[end].where(is_ratio, _exponent(rows[end]))
    if layout.format == GWAS_SSF:
        _mend_error(rows, is_ratio, told)
    is_wrong = rows["freq"].notna() & ~rows["freq"].between(0, 1)
    rows = refuse(rows, "frequency", is_wrong, of)
    has_log = rows["neg_log10_p"].notna()
    is_wrong = (has_log & rows["neg_log10_p"].lt(0)) | (~has_log & ~rows["p_value"].between(0, 1))
    return _logarithm(refuse(rows, "P value", is_wrong, of), told)


def _exponent(values: "pd.Series[float]") -> "pd.Series[float]":
    return pd.Series(np.exp(values.to_numpy().clip(-700, 700)), index=values.index)


def _mend_error(rows: pd.DataFrame, is_ratio: "pd.Series[bool]", told: Told) -> None:
    """Take the standard error of an odds ratio, which its interval gives away, to its logarithm."""
    ratio = (rows["ci_upper"] / rows["ci_lower"]).to_numpy(dtype=np.float64)
    width = np.log(np.where(ratio > 0, ratio, np.nan)) / (2 * _Z_95)
    by_interval = pd.Series(width, index=rows.index)
    as_it_is = (rows["standard_error"] / by_interval - 1).abs()
    of_ratio = (rows["standard_error"] / (by_interval * np.exp(rows["beta"])) - 1).abs()
    is_so = is_ratio & by_interval.gt(0) & as_it_is.gt(0.1) & of_ratio.lt(0.02)
    rows["standard_error"] = rows["standard_error"].where(
        ~is_so, rows["standard_error"] / np.exp(rows["beta"])
    )
    told.repaired[ERROR_OF_RATIO] += int(is_so.sum())


def _logarithm(rows: pd.DataFrame, told: Told) -> pd.DataFrame:
    given, value = rows["neg_log10_p"], rows["p_value"].to_numpy(dtype=np.float64)
    is_given = given.notna().to_numpy()
    p_value = np.where(is_given, np.exp(-given.to_numpy() * np.log(10)), value)
    logarithm = np.where(is_given, given, np.nan)
    is_plain = ~is_given & (value >= _TINY)
    logarithm[is_plain] = -np.log10(value[is_plain]) + 0.0
    is_zero = np.zeros(len(rows), dtype=np.bool_)
    for i in np.flatnonzero(~is_given & (value < _TINY)):
        logarithm[i] = _logarithm_of_text(str(rows["p_text"].iloc[i]))
        is_zero[i] = np.isnan(logarithm[i])
    told.repaired[LOGARITHM_KEPT] += int(((p_value < _TINY) & ~is_zero).sum())
    told.repaired[P_OF_ZERO] += int(is_zero.sum())
    return rows.assign(p_value=np.maximum(p_value, _TINY), neg_log10_p=logarithm)


def _logarithm_of_text(text: str) -> float:
    """Return -log10 of a number that no double holds, such as 2.5E-400; NaN for 0."""
    mantissa, _, exponent = text.strip().lower().partition("e")
    if float(mantissa) == 0:
        return float("nan")
    return -(float(np.log10(float(mantissa))) + int(exponent or 0))
