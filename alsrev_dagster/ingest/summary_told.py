"""What is told of rows of summary statistics: left out, refused, repaired; by reason and line."""

from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.summary_format import Layout

MISSING = ("", "NA", "#NA", ".", "nan", "NaN")

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


def refuse(
    rows: pd.DataFrame, reason: str, is_wrong: "pd.Series[bool]", of: tuple[Layout, Told]
) -> pd.DataFrame:
    """Rows without the wrong ones, which are counted and told by their line."""
    layout, told = of
    if not is_wrong.any():
        return rows
    told.refused[reason] += int(is_wrong.sum())
    told.problems += [
        Problem(f"{layout.path.name}, line {line}", *_WRONG[reason])
        for line in rows.loc[is_wrong, "source_line"]
    ]
    return rows[~is_wrong].reset_index(drop=True)
