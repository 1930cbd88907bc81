"""Phenotypes and covariates for PLINK 2 and REGENIE: rows of persons, not to be given away."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.files import replacing

Program = Literal["plink2", "regenie"]
PREFIX = "individual_level"
"""How the name of each file starts."""

_CODES: dict[Program, tuple[str, str]] = {"plink2": ("1", "2"), "regenie": ("0", "1")}
"""Control and case, as each program takes them without being told."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class IndividualLevelFiles:
    """Files that name persons' samples: mode 0600."""

    phenotype: Path
    covariate: Path | None
    """None without covariates."""
    n_case: int
    n_control: int
    n_missing: int
    """Samples whose group is not known: NA."""


def write_individual_level(
    frame: pd.DataFrame,
    folder: Path,
    *,
    program: Program,
    name: str,
    phenotype: str = "recovery",
) -> IndividualLevelFiles:
    """Write phenotype and covariates of every sample: INDIVIDUAL-LEVEL data, kept 0600.

    ``frame`` has sample_id, is_case (true, false or missing), and a column of numbers for each
    covariate. PLINK 2 reads ``#IID`` and 1 / 2; REGENIE ``FID IID`` (both the sample_id) and
    0 / 1; missing is NA for both. A sample without a covariate is left out by either program.
    ``name``, of the study and the contrast, is in the files' names. Where there is no covariate,
    a covariate file of that name from before is taken away: it would be another run's.
    """
    covariates = [str(name) for name in frame if name not in ("sample_id", "is_case")]
    _require(frame, [phenotype, *covariates])
    control, case = _CODES[program]
    is_case = frame["is_case"].astype("boolean")
    code = is_case.map({True: case, False: control}, na_action="ignore").astype(object)
    key = _key(frame["sample_id"].astype(str), program)
    written = key.assign(**{phenotype: code})
    path = folder / f"{PREFIX}_{name}.phenotype.{program}.txt"
    _write(written, path)
    beside = folder / f"{PREFIX}_{name}.covariate.{program}.txt"
    if not covariates:
        beside.unlink(missing_ok=True)
    else:
        numbers = {covariate: _number(frame[covariate]) for covariate in covariates}
        _write(key.assign(**numbers), beside)
    return IndividualLevelFiles(
        phenotype=path,
        covariate=beside if covariates else None,
        n_case=int(is_case.eq(True).sum()),
        n_control=int(is_case.eq(False).sum()),
        n_missing=int(is_case.isna().sum()),
    )


def write_lines(parts: Iterable["pd.Series[str]"], path: Path) -> int:
    """Write texts, one a line, such as the variants that a program is to take; return how many."""
    n_line = 0
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        for part in parts:
            stream.writelines(f"{text}\n" for text in part)
            n_line += len(part)
    return n_line


def _key(sample_id: "pd.Series[str]", program: Program) -> pd.DataFrame:
    if program == "plink2":
        return pd.DataFrame({"#IID": sample_id})
    return pd.DataFrame({"FID": sample_id, "IID": sample_id})


def _number(values: "pd.Series[float]") -> "pd.Series[float]":
    if pd.api.types.is_bool_dtype(values):
        return values.astype("Int64").astype("Float64")
    return values


def _write(table: pd.DataFrame, path: Path) -> None:
    with replacing(path) as temporary:
        table.to_csv(temporary, sep="\t", index=False, na_rep="NA", lineterminator="\n")


def _require(frame: pd.DataFrame, names: list[str]) -> None:
    """Raise where a program would misread the files; samples are told by their row alone."""
    for needed in ("sample_id", "is_case"):
        if needed not in frame:
            raise InputDataError(
                f"the samples have no column {needed}: expected sample_id, is_case and covariates"
            )
    for name in names:
        if not _NAME.fullmatch(str(name)):
            raise InputDataError(
                f"the name {name!r}: expected a letter, then letters, digits and underscores; "
                "PLINK 2 and REGENIE split lists of names at commas and spaces"
            )
    text = frame["sample_id"].astype(str)
    is_bad = frame["sample_id"].isna() | text.str.contains(r"\s") | text.isin(["", "0", "NA"])
    if is_bad.any():
        raise InputDataError(
            f"row {int(np.flatnonzero(is_bad)[0]) + 1} of the samples has a sample_id that is "
            "empty, 0, NA or holds a space: expected a name without spaces; PLINK 2 and REGENIE "
            "split rows at spaces"
        )
    if text.duplicated().any():
        row = int(np.flatnonzero(text.duplicated())[0]) + 1
        raise InputDataError(
            f"row {row} of the samples repeats a sample_id: expected each once; leave one out"
        )
    for name in names[1:]:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            raise InputDataError(
                f"the covariate {name!r} is text: expected numbers; make one column of 0 and 1 for "
                "each of its values but one"
            )
