"""Words that ``study.yaml`` and the command line choose among: quick to import."""

from typing import Literal

HalfCalls = Literal["missing", "reference", "haploid"]
GeneticModel = Literal["additive", "dominant", "recessive"]
TimeOrigin = Literal["onset", "diagnosis", "enrolment"]
GenomeBuild = Literal["GRCh37", "GRCh38"]
Stratifier = Literal["cohort", "sex", "ancestry", "onset_site", "diagnosis"]

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
"""A name that reaches file paths and tables: letters, digits, ``_`` and ``-``."""
