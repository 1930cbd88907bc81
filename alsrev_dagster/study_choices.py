"""Words that ``study.yaml`` and the command line choose among: quick to import."""

from typing import Literal

HalfCalls = Literal["missing", "reference", "haploid"]
GeneticModel = Literal["additive", "dominant", "recessive", "genotypic"]
TimeOrigin = Literal["onset", "diagnosis", "enrolment"]
GenomeBuild = Literal["GRCh37", "GRCh38"]
ExportFormat = Literal["gwas-ssf", "plink", "regenie"]
Stratifier = Literal["cohort", "sex", "ancestry", "onset_site", "diagnosis"]

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
"""A name that reaches file paths and tables: letters, digits, ``_`` and ``-``."""
Covariate = Literal[
    "sex",
    "age_at_onset_years",
    "pc1",
    "pc2",
    "pc3",
    "pc4",
    "pc5",
    "pc6",
    "pc7",
    "pc8",
    "pc9",
    "pc10",
    "pc11",
    "pc12",
    "pc13",
    "pc14",
    "pc15",
    "pc16",
    "pc17",
    "pc18",
    "pc19",
    "pc20",
]
"""What a logistic model may adjust for."""

EVERY_COHORT = "every_cohort"
"""What stands for the cohort in counts of everybody: no cohort may be called so."""
