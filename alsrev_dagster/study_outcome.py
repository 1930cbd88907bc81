"""What a study declares of outcomes: the recovery phenotype and time-to-event models."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from alsrev_dagster.study_choices import Stratifier, TimeOrigin
from alsrev_dagster.study_scan import SurvivalScan
from alsrev_dagster.study_values import Name, Section, each_once


class RecoveryDefinition(Section):
    """The recovery phenotype."""

    name: Name = Field(description="name of the definition, beside every result")
    min_gain_points: int = Field(
        ge=1, le=48, description="ALSFRS-R points over the lowest total so far"
    )
    min_duration_days: int = Field(ge=1, description="days the gain must last, at every visit")
    max_gap_days: int = Field(
        200,
        ge=1,
        description="longest gap between visits over which the gain lasts; below their spacing nobody recovers",
    )


RECOVERY_PRESETS: dict[str, RecoveryDefinition] = {
    "bedlack2016_large": RecoveryDefinition(
        name="bedlack2016_large", min_gain_points=4, min_duration_days=365
    ),
    "roar_6mo": RecoveryDefinition(name="roar_6mo", min_gain_points=4, min_duration_days=183),
}
"""Bedlack 2016 Neurology 86:808 (large reversal); ROAR trial NCT04499963."""


class Recovery(Section):
    """A preset, or a definition of the study's own."""

    preset: Literal["bedlack2016_large", "roar_6mo"] | None = Field(
        None, description="a published definition"
    )
    custom: RecoveryDefinition | None = Field(None, description="or one of your own")

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.preset is None) == (self.custom is None):
            raise ValueError("give either preset or custom, not both and not neither")
        return self

    @property
    def definition(self) -> RecoveryDefinition:
        """The definition in force."""
        return self.custom if self.custom is not None else RECOVERY_PRESETS[str(self.preset)]


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
