"""What a study declares of clinical files in the layout of a public resource."""

import itertools
from typing import Literal

from pydantic import Field, field_validator

from alsrev_dagster.study_values import Section

ClinicalFormat = Literal["proact", "target_als", "all_als"]


class ClinicalFiles(Section):
    """Clinical files as a public resource hands them out, instead of tables of the study's own."""

    format: ClinicalFormat = Field(
        description="whose layout: proact (PRO-ACT, either release, or its long export), target_als (Target ALS Natural History Study) or all_als (ALL ALS ASSESS)"
    )
    folder: str = Field(
        description="folder of its files, as they were downloaded; mind the data use agreement"
    )
    visit_days: dict[int, int] = Field(
        default_factory=dict,
        description="target_als only, days after visit 1 by visit number, from the protocol: its files have no day of a visit. Without it only visit 1, which is day 0, is read",
    )

    @field_validator("visit_days")
    @classmethod
    def _visits_follow_one_another(cls, value: dict[int, int]) -> dict[int, int]:
        days = [value[number] for number in sorted(value)]
        if any(later <= earlier for earlier, later in itertools.pairwise(days)):
            raise ValueError("visit_days that do not rise with the number of the visit")
        if value.get(1, 0) != 0:
            raise ValueError("visit_days with visit 1 on another day than 0")
        return value
