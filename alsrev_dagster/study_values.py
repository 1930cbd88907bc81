"""What the parts of ``study.yaml`` are made of: names, variants, lists without repeats."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from alsrev_dagster.study_choices import EVERY_COHORT, NAME_PATTERN


class Section(BaseModel):
    """A part of the study: its keys are known, and it does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def each_once(value: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a list that names something twice."""
    for item in value:
        if value.count(item) > 1:
            raise PydanticCustomError("repeated_item", "{item} more than once", {"item": item})
    return value


def has_plain_alleles(variant_id: str) -> str:
    """Refuse a variant_id that no genotype file gives: equal alleles, or a base too many."""
    ref, alt = variant_id.split("-")[2:]
    if ref == alt:
        raise ValueError(f"{variant_id}, whose REF and ALT are the same bases")
    if min(len(ref), len(alt)) > 1 and (ref[0] == alt[0] or ref[-1] == alt[-1]):
        raise ValueError(f"{variant_id}, whose REF and ALT share a base that no variant_id keeps")
    return variant_id


Probability = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(ge=0, le=1)]

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]

VariantId = Annotated[
    str,
    StringConstraints(pattern=r"^chr([1-9]|1[0-9]|2[0-2]|X|Y|M)-[1-9][0-9]*-[ACGTN]+-[ACGTN]+$"),
    AfterValidator(has_plain_alleles),
]


def is_cohort_name(text: str) -> bool:
    """Whether a text may name a cohort: it reaches tables and pages, never a file path.

    Examples
    --------
    >>> [is_cohort_name(text) for text in ("Target ALS", " PGB", "", "every_cohort")]
    [True, False, False, False]
    """
    is_name = 0 < len(text) <= 64 and text.isprintable() and text == text.strip()
    return is_name and text != EVERY_COHORT


def _cohort_name(text: str) -> str:
    if not is_cohort_name(text):
        raise PydanticCustomError("cohort_name", "not a name of a cohort")
    return text


CohortName = Annotated[str, AfterValidator(_cohort_name)]
