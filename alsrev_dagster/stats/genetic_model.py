"""Genetic models: what a genotype counts for in a test."""

SCORE: dict[str, tuple[int, int, int]] = {
    "additive": (0, 1, 2),
    "dominant": (0, 1, 1),
    "recessive": (0, 0, 1),
}
"""Coded value of dosage 0, 1 and 2."""

GENOTYPIC = "genotypic"
"""Heterozygotes and homozygotes of ALT each on their own: two degrees of freedom, no score."""
