"""Rows of summary statistics: typed, the effect allele turned to ALT, refused with a reason."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.genotype_alleles import trimmed
from alsrev_dagster.ingest.genotype_contig import canonical_chromosome
from alsrev_dagster.ingest.summary_effects import typed_effects, typed_numbers
from alsrev_dagster.ingest.summary_format import GWAS_SSF, PLINK2, Layout
from alsrev_dagster.ingest.summary_told import (
    EMPTY_LINE,
    MISSING,
    NO_ESTIMATE,
    OTHER_CONTIG,
    OTHER_TERM,
    PROGRAM_ERROR,
    REF_UNKNOWN,
    TRIMMED,
    TURNED,
    Told,
    refuse,
)

_BASES = set("ACGT")


def typed_rows(
    raw: pd.DataFrame, layout: Layout, told: Told, known_variants: Collection[str] | None
) -> pd.DataFrame:
    """Sound rows with our columns; ``raw`` has our names, cells as text, and source_line."""
    rows = raw.copy()
    is_left = _leave_out(rows, layout, told)
    rows = rows[~is_left].reset_index(drop=True)
    rows = refuse(rows, "cells", rows["is_ragged"], (layout, told))
    rows = typed_numbers(rows, layout, told)
    rows = _alleles(rows, layout, told)
    rows = typed_effects(rows, layout, told)
    rows = _turned(rows, layout, told, known_variants)
    return _named(rows, told)


def _leave_out(rows: pd.DataFrame, layout: Layout, told: Told) -> NDArray[np.bool_]:
    """Rows that are not a variant's own estimate; chromosomes are named our way."""
    mark: dict[str, pd.Series[bool]] = {EMPTY_LINE: rows["is_empty"]}
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
    rows["is_ragged"] &= ~rows["is_empty"]
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


def _alleles(rows: pd.DataFrame, layout: Layout, told: Told) -> pd.DataFrame:
    """Effect and other allele in capitals, and which is ALT where the file tells."""
    rows["effect"] = _capitals(rows["effect"])
    if layout.format == PLINK2:
        rows["ref"] = _capitals(rows["ref"])
        is_ref = rows["effect"].eq(rows["ref"])
        alts = _capitals(rows["alt"]).str.split(",")
        is_alt = pd.Series(
            [e in a for e, a in zip(rows["effect"], alts, strict=True)],
            index=rows.index,
            dtype=bool,
        )
        is_single = alts.str.len().eq(1)
        rows["other"] = rows["ref"].where(~is_ref, alts.str[0])
        rows["is_alt"] = is_alt
        rows = refuse(rows, "neither allele", ~(is_alt | (is_ref & is_single)), (layout, told))
    else:
        rows["other"] = _capitals(rows["other"])
        told_ref = rows["ref_allele"] if "ref_allele" in rows else pd.Series("", index=rows.index)
        rows["is_alt"] = told_ref.map({"OA": True, "EA": False}).astype(object)
    for name in ("effect", "other"):
        is_bases = {allele: not set(allele) - _BASES for allele in rows[name].unique()}
        is_wrong = ~rows[name].map(is_bases).astype(bool) | rows[name].eq("")
        rows = refuse(rows, "alleles", is_wrong, (layout, told))
    return refuse(rows, "same alleles", rows["effect"].eq(rows["other"]), (layout, told))


def _capitals(alleles: "pd.Series[str]") -> "pd.Series[str]":
    return alleles.map({allele: allele.strip().upper() for allele in alleles.unique()})


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
