"""Rows of summary statistics: typed, the effect allele turned to ALT, refused with a reason."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.genotype_alleles import trimmed
from alsrev_dagster.ingest.genotype_contig import canonical_chromosome
from alsrev_dagster.ingest.summary_format import GWAS_SSF, PLINK2, Layout

MISSING = ("", "NA", "#NA", ".", "nan", "NaN")
_Z_95 = 1.959963984540054
_TINY = float(np.finfo(np.float64).tiny)
_NUMBERS = ("pos", "beta", "odds_ratio", "standard_error", "freq", "p_value", "neg_log10_p")
_MORE_NUMBERS = ("ci_lower", "ci_upper", "n")

TURNED = "effect allele was REF: beta, frequency and interval turned to ALT"
TRIMMED = "bases that both alleles share cut off"
LOGARITHM_KEPT = "P value below the smallest double: its logarithm kept"
P_OF_ZERO = "P value of 0: underflow in the program that wrote it, logarithm unknown"
ERROR_OF_RATIO = "standard error was that of the odds ratio: made that of its logarithm"
REF_UNKNOWN = "which allele is REF is not told: effect allele taken for ALT"

OTHER_TERM = "row of another term than the variant's (TEST)"
PROGRAM_ERROR = "the program told an error (ERRCODE, EXTRA)"
OTHER_CONTIG = "not on a chromosome"
NO_ESTIMATE = "no estimate: beta, standard error or P value is missing"
EMPTY_LINE = "empty line"
AGAIN = "variant that stands in an earlier row"

_WRONG = {
    "cells": ("more or fewer cells than the header has", "as many", "mend or leave out the row"),
    "not a number": ("text in a column of numbers", "a number, or NA", "mend the cell"),
    "position": ("no position", "a whole number of at least 1", "mend the cell"),
    "alleles": ("alleles that are not bases", "A, C, G, T in both", "leave the row out"),
    "same alleles": ("an effect allele that is the other one", "two alleles", "leave it out"),
    "neither allele": ("an effect allele that is neither REF nor ALT", "one of them", "mend it"),
    "standard error": ("a standard error that is not above 0", "a number above 0", "mend it"),
    "odds ratio": ("an odds ratio that is not above 0", "a number above 0", "mend the cell"),
    "frequency": ("a frequency outside [0, 1]", "a fraction", "give a fraction, not percent"),
    "P value": ("a P value outside [0, 1]", "a number in [0, 1]", "mend the cell"),
}
"""What is found, expected and to be done, by the reason of a row that is refused."""


@dataclass
class Told:
    """What was done with the rows, by reason."""

    left_out: Counter[str] = field(default_factory=Counter)
    """Rows that are sound and not wanted, or carry nothing."""
    refused: Counter[str] = field(default_factory=Counter)
    """Rows that do not fit."""
    repaired: Counter[str] = field(default_factory=Counter)
    """Rows that were changed and kept."""
    problems: list[Problem] = field(default_factory=list)
    """Of refused rows, by line."""


def typed_rows(
    raw: pd.DataFrame, layout: Layout, told: Told, known_variants: Collection[str] | None
) -> pd.DataFrame:
    """Sound rows with our columns; ``raw`` has our names, cells as text, and source_line."""
    rows = raw.copy()
    is_left = _leave_out(rows, layout, told)
    rows = rows[~is_left].reset_index(drop=True)
    rows = _refuse(rows, "cells", rows["is_ragged"], (layout, told))
    rows = _numbers(rows, layout, told)
    rows = _alleles(rows, layout, told)
    rows = _effects(rows, layout, told)
    rows = _turned(rows, layout, told, known_variants)
    return _named(rows, told)


def _leave_out(rows: pd.DataFrame, layout: Layout, told: Told) -> NDArray[np.bool_]:
    """Rows that are not a variant's own estimate; chromosomes are named our way."""
    cells = [c for c in rows if c not in ("source_line", "is_ragged")]
    mark: dict[str, pd.Series[bool]] = {EMPTY_LINE: rows[cells].isin([""]).all(axis=1)}
    if "term" in rows:
        mark[OTHER_TERM] = rows["term"].ne("ADD")
    if "error" in rows:
        bad = rows["error"].str.contains("TEST_FAIL") if layout.format != PLINK2 else None
        mark[PROGRAM_ERROR] = ~rows["error"].isin(MISSING) if bad is None else bad
    named = {name: _chromosome(str(name), layout) for name in rows["chrom"].unique()}
    rows["chrom"] = rows["chrom"].map(named).astype(object)
    mark[OTHER_CONTIG] = rows["chrom"].isna()
    effect = [c for c in ("beta", "odds_ratio") if c in rows]
    p_value = [c for c in ("p_value", "neg_log10_p") if c in rows]
    mark[NO_ESTIMATE] = (
        rows[effect].isin(MISSING).all(axis=1)
        | rows[p_value].isin(MISSING).all(axis=1)
        | rows["standard_error"].isin(MISSING)
    )
    is_empty = mark[EMPTY_LINE].to_numpy(dtype=np.bool_)
    rows["is_ragged"] &= ~is_empty
    left = rows["is_ragged"].to_numpy(dtype=np.bool_)
    for reason, is_so in mark.items():
        here = is_so.to_numpy(dtype=np.bool_) & ~left
        told.left_out[reason] += int(here.sum())
        left = left | here
    is_ragged = rows["is_ragged"].to_numpy(dtype=np.bool_)
    kept_out: NDArray[np.bool_] = left & ~is_ragged
    return kept_out


def _chromosome(name: str, layout: Layout) -> str | None:
    if layout.format == GWAS_SSF and name == "25":
        return "chrM"  # PLINK's 25 is the pseudo-autosomal part of X
    return canonical_chromosome(name)


def _refuse(
    rows: pd.DataFrame, reason: str, is_wrong: "pd.Series[bool]", of: tuple[Layout, Told]
) -> pd.DataFrame:
    layout, told = of
    told.refused[reason] += int(is_wrong.sum())
    told.problems += [
        Problem(f"{layout.path.name}, line {line}", *_WRONG[reason])
        for line in rows.loc[is_wrong, "source_line"]
    ]
    return rows[~is_wrong].reset_index(drop=True)


def _numbers(rows: pd.DataFrame, layout: Layout, told: Told) -> pd.DataFrame:
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
    rows = _refuse(rows, "not a number", is_wrong, (layout, told))
    is_wrong = ~(rows["pos"].mod(1).eq(0) & rows["pos"].ge(1))
    return _refuse(rows, "position", is_wrong, (layout, told)).astype({"pos": np.int64})


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


def _alleles(rows: pd.DataFrame, layout: Layout, told: Told) -> pd.DataFrame:
    """Effect and other allele in capitals, and which is ALT where the file tells."""
    rows["effect"] = rows["effect"].str.upper()
    if layout.format == PLINK2:
        rows["ref"] = rows["ref"].str.upper()
        is_ref = rows["effect"].eq(rows["ref"])
        alts = rows["alt"].str.upper().str.split(",")
        is_alt = pd.Series(
            [e in a for e, a in zip(rows["effect"], alts, strict=True)],
            index=rows.index,
            dtype=bool,
        )
        is_single = alts.str.len().eq(1)
        rows["other"] = rows["ref"].where(~is_ref, alts.str[0])
        rows["is_alt"] = is_alt
        rows = _refuse(rows, "neither allele", ~(is_alt | (is_ref & is_single)), (layout, told))
    else:
        rows["other"] = rows["other"].str.upper()
        told_ref = rows["ref_allele"] if "ref_allele" in rows else pd.Series("", index=rows.index)
        rows["is_alt"] = told_ref.map({"OA": True, "EA": False}).astype(object)
    for name in ("effect", "other"):
        is_wrong = ~rows[name].str.fullmatch("[ACGT]+").astype(bool)
        rows = _refuse(rows, "alleles", is_wrong, (layout, told))
    return _refuse(rows, "same alleles", rows["effect"].eq(rows["other"]), (layout, told))


def _effects(rows: pd.DataFrame, layout: Layout, told: Told) -> pd.DataFrame:
    """Beta, its standard error, the interval of the odds ratio, P value and its logarithm."""
    of, is_ratio = (layout, told), rows["beta"].isna()
    rows = _refuse(rows, "odds ratio", is_ratio & ~rows["odds_ratio"].gt(0), of)
    rows = _refuse(rows, "standard error", ~rows["standard_error"].gt(0), of)
    is_ratio = rows["beta"].isna()
    rows["beta"] = rows["beta"].where(~is_ratio, np.log(rows["odds_ratio"].where(is_ratio, 1.0)))
    for end in ("ci_lower", "ci_upper"):
        rows[end] = rows[end].where(is_ratio, _exponent(rows[end]))
    if layout.format == GWAS_SSF:
        _mend_error(rows, is_ratio, told)
    is_wrong = rows["freq"].notna() & ~rows["freq"].between(0, 1)
    rows = _refuse(rows, "frequency", is_wrong, of)
    has_log = rows["neg_log10_p"].notna()
    is_wrong = (has_log & rows["neg_log10_p"].lt(0)) | (~has_log & ~rows["p_value"].between(0, 1))
    return _logarithm(_refuse(rows, "P value", is_wrong, of), told)


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
    given = rows["neg_log10_p"]
    parts = rows["p_text"].str.extract(r"^\s*([0-9.]+)(?:[eE]([-+]?\d+))?\s*$")
    mantissa = pd.to_numeric(parts[0], errors="coerce").astype(np.float64)
    exponent = pd.to_numeric(parts[1], errors="coerce").fillna(0).astype(np.float64)
    is_zero = given.isna() & mantissa.eq(0)
    with np.errstate(divide="ignore"):
        by_text = -(pd.Series(np.log10(mantissa.to_numpy()), index=rows.index) + exponent)
    by_text = by_text.where(~is_zero)
    is_plain = rows["p_value"].ge(_TINY)
    logarithms = -np.log10(rows["p_value"].where(is_plain).to_numpy(dtype=np.float64))
    by_value = pd.Series(logarithms, index=rows.index)
    logarithm = given.where(given.notna(), by_value.where(by_value.notna(), by_text)) + 0.0
    by_logarithm = pd.Series(np.exp(-given.to_numpy() * np.log(10)), index=rows.index)
    p_value: pd.Series[float] = rows["p_value"].where(given.isna(), by_logarithm)
    is_small = p_value.lt(_TINY) & ~is_zero
    told.repaired[LOGARITHM_KEPT] += int(is_small.sum())
    told.repaired[P_OF_ZERO] += int(is_zero.sum())
    return rows.assign(p_value=p_value.clip(lower=_TINY), neg_log10_p=logarithm)


def _turned(
    rows: pd.DataFrame, layout: Layout, told: Told, known_variants: Collection[str] | None
) -> pd.DataFrame:
    """Rows whose effect allele is ALT, as the file tells, or else the known variants do."""
    is_alt = rows["is_alt"].to_numpy(dtype=object)
    if known_variants is not None:
        known, untold = set(known_variants), np.flatnonzero(pd.isna(is_alt))
        asked = rows.iloc[untold]
        as_it_is = [name in known for name in _names(asked, ref="other", alt="effect")]
        other_way = [name in known for name in _names(asked, ref="effect", alt="other")]
        for i, same, other in zip(untold, as_it_is, other_way, strict=True):
            if same != other:
                is_alt[i] = same
    is_unknown = pd.isna(is_alt)
    told.repaired[REF_UNKNOWN] += int(is_unknown.sum())
    turn = np.array([not bool(a) for a in np.where(is_unknown, True, is_alt)], dtype=np.bool_)
    told.repaired[TURNED] += int(turn.sum())
    sign = np.where(turn, -1.0, 1.0)
    lower, upper = rows["ci_lower"], rows["ci_upper"]
    return rows.assign(
        ref=rows["effect"].where(turn, rows["other"]),
        alt=rows["other"].where(turn, rows["effect"]),
        beta=rows["beta"] * sign + 0.0,
        freq=rows["freq"].where(~turn, 1 - rows["freq"]),
        ci_lower=lower.where(~turn, 1 / upper),
        ci_upper=upper.where(~turn, 1 / lower),
    )


def _names(rows: pd.DataFrame, *, ref: str, alt: str) -> list[str]:
    """Variant of each row, taking one column for REF and another for ALT."""
    cells = zip(*(rows[name].tolist() for name in ("chrom", "pos", ref, alt)), strict=True)
    return ["-".join(map(str, (chrom, *trimmed(pos, r, a)))) for chrom, pos, r, a in cells]


def _named(rows: pd.DataFrame, told: Told) -> pd.DataFrame:
    """Rows with the names that alsrev gives variants."""
    is_long = (rows["ref"].str.len() > 1) & (rows["alt"].str.len() > 1)
    if is_long.any():
        cells = zip(*(rows[name].tolist() for name in ("pos", "ref", "alt")), strict=True)
        cut = [trimmed(pos, ref, alt) for pos, ref, alt in cells]
        told.repaired[TRIMMED] += sum(
            len(ref) < before
            for (_, ref, _), before in zip(cut, rows["ref"].str.len(), strict=True)
        )
        pos, ref, alt = zip(*cut, strict=True)
        rows = rows.assign(pos=pos, ref=ref, alt=alt)
    name = rows["chrom"] + "-" + rows["pos"].astype(str) + "-" + rows["ref"] + "-" + rows["alt"]
    return rows.assign(variant_id=name)
