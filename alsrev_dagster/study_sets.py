"""What a study declares of sets of variants: genes, their masks, and summary statistics of others."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from alsrev_dagster.study_values import Name, Section

SetWeight = Literal["beta", "madsen_browning", "equal"]
EVERY_MASK = "every_mask"
"""In the place of a mask's name: the masks of a gene together."""

_Term = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]+$")]


class Mask(Section):
    """Which variants of a gene make a set, and how much each weighs."""

    consequences: tuple[_Term, ...] = Field(
        (),
        description="consequence terms (VEP's or SnpEff's, as in the input's CSQ or ANN), of which a variant has one; none: every variant in the gene's body, from the first base of its first exon to the last of its last, introns among them",
    )
    maf_max: float = Field(
        0.01,
        gt=0,
        le=0.5,
        description="fraction; largest minor allele frequency among the samples that the contrast compares, itself included; 0.5: any. 0.01 is the usual convention for rare",
    )
    weight: SetWeight = Field(
        "beta",
        description="beta: density (1, 25) at the MAF, the rarer the heavier (Wu 2011 Am J Hum Genet 89:82); madsen_browning: 1 / root of MAF (1 - MAF); equal: 1",
    )

    @property
    def in_words(self) -> str:
        """What the mask holds, for a page."""
        which = " or ".join(self.consequences) or "every variant in the gene's body"
        ceiling = "of any frequency" if self.maf_max == 0.5 else f"MAF at most {self.maf_max:g}"
        return f"{which}, {ceiling}, weight {self.weight}"


class Sets(Section):
    """Tests of genes, and of sets of genes."""

    masks: dict[Name, Mask] = Field(
        {
            "rare": Mask(consequences=(), maf_max=0.01, weight="beta"),
            "any_frequency": Mask(consequences=(), maf_max=0.5, weight="madsen_browning"),
        },
        min_length=1,
        description="masks by name: which variants of a gene are tested together. The default works without consequences: every variant in the gene's body, rare, and of any frequency",
    )
    genes: Literal["declared", "all"] = Field(
        "declared",
        description="declared: genes of declared loci, of leads, and of gene_sets; all: every protein-coding gene (GENCODE v32), some 0.03 s a gene and contrast",
    )
    n_variant_min: int = Field(
        1,
        ge=1,
        description="variants of a gene that a mask holds, or the gene has no test under it; 1: also a gene of one variant, whose tests are those of the variant",
    )
    n_draws: tuple[int, ...] = Field(
        (199, 999, 9_999),
        min_length=1,
        description="random labelings of each round; another round is made where at most ten were as extreme as the one seen. The least P is 1 / (the last + 1). Besag & Clifford 1991 Biometrika 78:301 for the rule",
    )
    n_draw_gene_set: int = Field(
        999,
        ge=99,
        description="random labelings that all genes share in the tests of gene_sets; the least P is 1 / (this + 1)",
    )
    n_background_gene: int = Field(
        150,
        ge=2,
        description="genes with variants, drawn at random, that the competitive test of a gene set compares with; all of them where there are no more. Ours: the mean of 150 is known to a quarter of the error of a gene set of ten",
    )
    seed: int = Field(
        20240229, ge=0, description="seed of the labelings, and of that draw of genes"
    )

    @model_validator(mode="after")
    def _rounds_grow(self) -> Self:
        rounds = self.n_draws
        if min(rounds) < 99 or list(rounds) != sorted(set(rounds)):
            raise ValueError(
                f"n_draws {list(rounds)}, which are not at least 99 and ever more; such as [999, 9999]"
            )
        return self

    @model_validator(mode="after")
    def _no_mask_is_named_like_all_of_them(self) -> Self:
        if EVERY_MASK in self.masks:
            raise ValueError(f"masks.{EVERY_MASK}, a name that stands for all masks of a gene")
        return self


class ExternalSummary(Section):
    """Summary statistics of others, to stand beside the leads."""

    file: str = Field(
        description="GWAS-SSF, PLINK 2 or REGENIE, plain or gzip, on the genome build; known by its header"
    )
    description: str = Field(
        min_length=3,
        description="whose they are, and of what: trait, cases and controls; say here if samples are shared with this study",
    )
