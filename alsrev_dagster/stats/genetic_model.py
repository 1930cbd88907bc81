"""Genetic models: what a genotype counts for in a test."""

SCORE: dict[str, tuple[int, int, int]] = {
    "additive": (0, 1, 2),
    "dominant": (0, 1, 1),
    "recessive": (0, 0, 1),
}
"""Coded value of dosage 0, 1 and 2."""

GENOTYPIC = "genotypic"
"""Heterozygotes and homozygotes of ALT each on their own: two degrees of freedom, no score."""


def telling_score(genetic_model: str, n_case: int) -> tuple[int, int, int]:
    """Score whose sum over the cases tells all that the exact test of a genetic model looks at.

    Of a model in ``SCORE`` it is that. Of the genotypic it is (0, 1, n_case + 1): each pair of
    numbers of heterozygotes and homozygotes among ``n_case`` cases has a sum of its own, so that
    the exact test of the sum is that of the pair (Freeman & Halton).

    Examples
    --------
    >>> telling_score("recessive", 22), telling_score("genotypic", 22)
    ((0, 0, 1), (0, 1, 23))
    """
    return SCORE.get(genetic_model, (0, 1, n_case + 1))
