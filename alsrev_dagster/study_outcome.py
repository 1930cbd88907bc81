"""What a study declares of outcomes: time-to-event models (of recovery, see study_recovery)."""

from typing import Self

from pydantic import Field, field_validator, model_validator

from alsrev_dagster.study_choices import Stratifier, TimeOrigin
from alsrev_dagster.study_scan import SurvivalScan
from alsrev_dagster.study_values import Section, each_once


class Survival(Section):
    """How time to recovery and to death are modelled."""

    time_origin: TimeOrigin = Field(
        "onset",
        description="what time is counted from; entry is at enrolment or the first complete visit, whichever is later (delayed entry)",
    )
    strata: tuple[Stratifier, ...] = Field(
        ("cohort",),
        description="each has its own baseline hazard: an ascertained cohort is not compared with a sampled one",
    )
    cases_chosen_for_recovery: bool = Field(
        True,
        description="true when cases were chosen because they had recovered; every caveat then says so. false when all were followed alike",
    )
    _no_repeats = field_validator("strata")(each_once)
    trajectory_interval_months: float = Field(
        6, gt=0, description="months; width of the intervals in which mean scores are taken"
    )
    scan: SurvivalScan = Field(
        SurvivalScan(), description="every variant against time to recovery and survival"
    )

    @model_validator(mode="after")
    def _scan_adjusts_once(self) -> Self:
        both = [c for c in self.scan.covariates if c in self.strata]
        if both:
            raise ValueError(
                f"survival: {both[0]} is among both strata and scan.covariates; one is enough"
            )
        return self
