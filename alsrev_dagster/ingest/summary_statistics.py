"""Summary statistics of others, and of ours as they went out: GWAS-SSF, PLINK 2, REGENIE."""

import gzip
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import md5
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alsrev_dagster.errors import InputDataError, Problem
from alsrev_dagster.ingest.summary_format import (
    GWAS_SSF,
    PLINK2,
    REGENIE,
    Layout,
    is_gzip,
    layout_of,
    metadata_of,
)
from alsrev_dagster.ingest.summary_rows import typed_rows
from alsrev_dagster.ingest.summary_told import AGAIN, Told

COLUMNS = {
    "variant_id": "string",
    "chrom": "string",
    "pos": "int64",
    "ref": "string",
    "alt": "string",
    "effect_allele": "string",
    "other_allele": "string",
    "beta": "float64",
    "standard_error": "float64",
    "odds_ratio": "float64",
    "ci_lower": "float64",
    "ci_upper": "float64",
    "p_value": "float64",
    "neg_log10_p": "float64",
    "effect_allele_freq": "float64",
    "n": "Int64",
    "method": "string",
    "source_file": "string",
    "source_line": "int64",
}
"""Columns of the table and their types. The effect allele is ALT; beta is a log odds ratio, the
interval (95%) is of the odds ratio; p_value is at least the smallest double, neg_log10_p exact."""

_N_ROW = 200_000
_N_SHOWN = 20
_ZERO_BASED = "position counted from 0: counted from 1"


@dataclass(frozen=True)
class SummaryStatistics:
    """Rows of one file that fit, and what became of the others."""

    frame: pd.DataFrame
    """Columns as ``COLUMNS``, in the file's order."""
    format: str
    """``gwas_ssf``, ``plink2`` or ``regenie``."""
    n_row: int
    """Rows below the header."""
    left_out: Mapping[str, int]
    """Sound rows that are not a variant's own estimate, by reason."""
    refused: Mapping[str, int]
    """Rows that do not fit, by reason."""
    repaired: Mapping[str, int]
    """Rows kept after a change, by what was changed; one row may count twice."""
    problems: tuple[Problem, ...]
    """The first refused rows, by line."""
    metadata: Mapping[str, Any]
    """Of the YAML file beside a GWAS-SSF file."""


def read_summary_statistics(
    path: Path, *, genome_build: str, known_variants: Collection[str] | None = None
) -> SummaryStatistics:
    """Read summary statistics, plain or gzip, into one typed table.

    ``genome_build`` is that of the study; a file that tells another is refused, one that tells
    none is believed. ``known_variants`` (variant_id) decide which allele is REF where the file
    does not: REGENIE's ALLELE0 is REF only if its input was, and GWAS-SSF's ref_allele is
    optional. Two SNVs that swap complementary bases (A/T, C/G) look alike on either strand: a
    file of the other strand is not found out by them.
    """
    layout = layout_of(path)
    metadata = metadata_of(path) if layout.format == GWAS_SSF else {}
    _require_build(path, metadata, genome_build)
    told, parts, n_row = Told(), list[pd.DataFrame](), 0
    for chunk in _chunks(layout):
        n_row += len(chunk)
        parts.append(_finished(typed_rows(chunk, layout, told, known_variants), layout, metadata))
    frame = pd.concat(parts, ignore_index=True) if parts else _empty()
    if str(metadata.get("coordinate_system", "")).startswith("0"):
        frame = _from_one(frame, told)
    is_again = frame["variant_id"].duplicated()
    told.refused[AGAIN] += int(is_again.sum())
    problems = sorted(told.problems, key=lambda problem: int(problem.where.rpartition(" ")[2]))
    problems += [
        Problem(
            f"{path.name}, line {line}", "a variant for the second time", "each once", "see why"
        )
        for line in frame.loc[is_again, "source_line"]
    ]
    return SummaryStatistics(
        frame=frame[~is_again].reset_index(drop=True),
        format=layout.format,
        n_row=n_row,
        left_out=_counted(told.left_out),
        refused=_counted(told.refused),
        repaired=_counted(told.repaired),
        problems=tuple(problems[:_N_SHOWN] + _checksum_problem(path, metadata)),
        metadata=metadata,
    )


def _counted(counter: Mapping[str, int]) -> dict[str, int]:
    return {reason: n for reason, n in counter.items() if n}


def _chunks(layout: Layout) -> Iterator[pd.DataFrame]:
    """Rows as text under our names, some hundred thousand at a time, with their lines."""
    place = {ours: layout.names.index(theirs) for ours, theirs in layout.columns.items()}
    n_name, line = len(layout.names), layout.header_line + 1
    opener: Any = gzip.open if is_gzip(layout.path) else open
    try:
        with opener(layout.path, "rt", encoding="utf-8-sig", newline="\n") as stream:
            rest = islice(stream, layout.header_line, None)
            while rows := [text.rstrip("\r\n") for text in islice(rest, _N_ROW)]:
                cells = [row.rstrip(" ").split(layout.separator) for row in rows]
                is_ragged = [len(row) != n_name for row in cells]
                padded = [
                    row if len(row) >= n_name else row + [""] * (n_name - len(row)) for row in cells
                ]
                frame = pd.DataFrame(
                    {ours: [row[at] for row in padded] for ours, at in place.items()},
                    dtype=object,
                )
                yield frame.assign(
                    is_empty=[not row.strip() for row in rows],
                    is_ragged=is_ragged,
                    source_line=np.arange(line, line + len(rows)),
                )
                line += len(rows)
    except (UnicodeDecodeError, EOFError, OSError) as error:
        raise InputDataError(
            f"{layout.path.name}, after line {line - 1}: found bytes that cannot be read "
            f"({type(error).__name__}); expected text, plain or gzip; check that the file is whole"
        ) from None


def _finished(rows: pd.DataFrame, layout: Layout, metadata: Mapping[str, Any]) -> pd.DataFrame:
    """Rows under the table's names and types."""
    frame = rows.assign(
        effect_allele=rows["alt"],
        other_allele=rows["ref"],
        odds_ratio=np.exp(rows["beta"].clip(-700, 700)),
        effect_allele_freq=rows["freq"],
        n=rows["n"].round(),
        method=_method(rows, layout, metadata),
        source_file=layout.path.name,
    )
    return frame[list(COLUMNS)].astype(COLUMNS)


def _method(rows: pd.DataFrame, layout: Layout, metadata: Mapping[str, Any]) -> "pd.Series[str]":
    """Test and statistic behind each row, as far as the file tells."""
    if layout.format == PLINK2:
        if "firth" in rows:
            return rows["firth"].map({"Y": "plink2_firth_wald"}).fillna("plink2_logistic_wald")
        name = layout.path.name
        ways = {".glm.firth": "firth_wald", ".hybrid": "logistic_or_firth_wald"}
        way = next((way for mark, way in ways.items() if mark in name), "logistic_wald")
        return pd.Series(f"plink2_{way}", index=rows.index)
    if layout.format == REGENIE:
        return pd.Series(REGENIE, index=rows.index)
    software = metadata.get("analysis_software")
    fallback = str(software) if software else GWAS_SSF
    if "method" not in rows:
        return pd.Series(fallback, index=rows.index)
    return rows["method"].where(rows["method"].ne(""), fallback)


def _from_one(frame: pd.DataFrame, told: Told) -> pd.DataFrame:
    """Positions counted from 1, of a file that counts from 0."""
    told.repaired[_ZERO_BASED] += len(frame)
    pos = frame["pos"] + 1
    name = frame["chrom"] + "-" + pos.astype("string") + "-" + frame["ref"] + "-" + frame["alt"]
    return frame.assign(pos=pos, variant_id=name)


def _empty() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})


def _require_build(path: Path, metadata: Mapping[str, Any], genome_build: str) -> None:
    found = str(metadata.get("genome_assembly", "")).strip()
    alike = {"hg19": "GRCh37", "hg38": "GRCh38", "37": "GRCh37", "38": "GRCh38"}
    named = alike.get(found.lower(), found.split(".p")[0])
    if found and named.lower() != genome_build.lower():
        raise InputDataError(
            f"{path.name}-meta.yaml, key genome_assembly: found {found!r}; expected "
            f"{genome_build}, the study's genome_build; lift the file over, or give one of that "
            "build"
        )


def _checksum_problem(path: Path, metadata: Mapping[str, Any]) -> list[Problem]:
    """Say that the file is not the one its metadata were written for."""
    expected = str(metadata.get("data_file_md5sum", "")).lower()
    if not expected:
        return []
    found = md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    if found == expected:
        return []
    return [
        Problem(
            f"{path.name}-meta.yaml, key data_file_md5sum",
            f"{expected[:12]}…, and {found[:12]}… of the file",
            "the checksum of the file beside it",
            "fetch both files again, or see which of them was changed",
        )
    ]
