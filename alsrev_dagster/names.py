"""What may be the name of something in a study."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
"""A name that reaches file paths and tables: letters, digits, ``_`` and ``-``."""

VariantId = Annotated[
    str,
    StringConstraints(pattern=r"^chr([1-9]|1[0-9]|2[0-2]|X|Y|M)-[1-9][0-9]*-[ACGTN]+-[ACGTN]+$"),
]


def is_cohort_name(text: str) -> bool:
    """Whether a text may name a cohort: it reaches tables and pages, never a file path.

    Examples
    --------
    >>> [is_cohort_name(text) for text in ("Target ALS", " PGB", "")]
    [True, False, False]
    """
    return 0 < len(text) <= 64 and text.isprintable() and text == text.strip()


def _cohort_name(text: str) -> str:
    if not is_cohort_name(text):
        raise PydanticCustomError("cohort_name", "not a name of a cohort")
    return text


CohortName = Annotated[str, AfterValidator(_cohort_name)]
