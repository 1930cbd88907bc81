"""What a study declares of its control arms' leads: no arm term; replications before the data."""

from typing import Literal, Self

from pydantic import Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from alsrev_dagster.study_values import CohortName, Name, Probability, Section, VariantId

ARM_TERMS = frozenset(
    ("arm", "batch", "callset", "cohort", "control_cohort", "sequencing_site", "site", "study")
)
"""Names under which an arm term is asked for: what a control cohort has and cases do not."""


def without_arm_term(value: object, info: ValidationInfo) -> object:
    """Refuse a term for the control arm among covariates or strata: no case belongs to an arm."""
    asked = value if isinstance(value, list | tuple) else [value]
    cohorts = [*info.data.get("cases", ()), *info.data.get("controls", ())]
    for item in asked:
        if isinstance(item, str) and (item.lower() in ARM_TERMS or item in cohorts):
            raise PydanticCustomError("arm_term", "{item}, a term for the arm", {"item": item})
    return value


class Discovery(Section):
    """Where the effect that is to be replicated was found."""

    cases: tuple[CohortName, ...] | Literal["published"] = Field(
        description="cohorts of this study whose cases the discovery had; published: it had none of them"
    )
    odds_ratio: float = Field(
        gt=0,
        description="of the effect allele, under genetic_model, corrected for winner's curse if you can",
    )


class Replication(Section):
    """One variant, one test, one answer, fixed before the data."""

    variant: VariantId = Field(description="as chrom-pos-ref-alt on the genome build")
    effect_allele: str = Field(description="REF or ALT of the variant: whose effect is declared")
    direction: Literal["higher_in_cases", "lower_in_cases"] = Field(
        description="whether the effect allele is to be more, or less, frequent in cases"
    )
    genetic_model: Literal["additive", "dominant", "recessive"] = Field(
        description="in the ALT allele; one of association.genetic_models"
    )
    contrast: Name = Field(description="contrast of this study that it is tested in")
    test: Literal["logistic_firth_lrt", "exact"] = Field(
        "logistic_firth_lrt", description="test whose P decides: of record, or the exact one"
    )
    alternative: Literal["two_sided", "one_sided"] = Field(
        "two_sided", description="one_sided: P in the declared direction only"
    )
    alpha: Probability = Field(0.05, description="P at most this confirms; convention")
    power: Probability = Field(
        0.8,
        description="power to see the discovery's odds ratio at alpha that a refutation needs; convention",
    )
    discovery: Discovery = Field(description="where the effect was found, and its size")

    @model_validator(mode="after")
    def _allele_is_of_the_variant(self) -> Self:
        alleles = self.variant.split("-")[2:]
        if self.effect_allele not in alleles:
            raise ValueError(
                f"effect_allele {self.effect_allele}, which is neither allele of {self.variant}"
            )
        return self

    @model_validator(mode="after")
    def _direction_is_that_of_the_odds_ratio(self) -> Self:
        is_higher = self.direction == "higher_in_cases"
        if self.discovery.odds_ratio == 1 or is_higher != (self.discovery.odds_ratio > 1):
            raise ValueError(
                f"direction {self.direction} and discovery.odds_ratio "
                f"{self.discovery.odds_ratio:g}, which do not agree"
            )
        return self

    @property
    def is_of_alt(self) -> bool:
        """Whether the effect allele is ALT, whose odds ratios the tables have."""
        return self.effect_allele == self.variant.split("-")[3]
