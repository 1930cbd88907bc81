"""What a study declares of outcomes: time-to-event models (of recovery, see study_recovery)."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from alsrev_dagster.study_choices import Stratifier, TimeOrigin
from alsrev_dagster.study_scan import SurvivalScan
from alsrev_dagster.study_values import Name, Section, each_once

GeneticModel = Literal["additive", "dominant", "recessive"]
Distribution = Literal["weibull", "log_normal", "log_logistic"]
PersonalCovariate = Literal["sex", "age_at_onset_years"]
Cluster = Literal["sequencing_site", "batch"]
GainPreset = Literal["bedlack2016_large", "roar_6mo", "harrison2018"]


class Milestone(Section):
    """A milestone of progression."""

    measure: Literal["kings_stage", "mitos_stage", "points_lost"] = Field(
        description="kings_stage (Balendra 2014), mitos_stage, or points_lost of ALSFRS-R since the first visit"
    )
    at_least: int = Field(ge=1, le=48, description="stage, or points, from which it is reached")


_MILESTONES = {
    "kings_stage_4": Milestone(measure="kings_stage", at_least=4),
    "points_lost_12": Milestone(measure="points_lost", at_least=12),
}


class Survival(Section):
    """How time to recovery and to death are modelled."""

    time_origin: TimeOrigin = Field(
        "onset",
        description="what time is counted from; entry is at enrolment, the first complete visit or sampling, whichever is latest (delayed entry)",
    )
    strata: tuple[Stratifier, ...] = Field(
        ("cohort",),
        description="each has its own baseline hazard: an ascertained cohort is not compared with a sampled one",
    )
    cases_chosen_for_recovery: bool = Field(
        True,
        description="true when cases were chosen because they had recovered; every caveat then says so. false when all were followed alike",
    )
    _no_repeats = field_validator(
        "strata",
        "genetic_models",
        "found_genetic_models",
        "failure_times",
        "covariates",
        "other_definitions",
        "horizon_months",
        "landmark_months",
    )(each_once)
    trajectory_interval_months: float = Field(
        6, gt=0, description="months; width of the intervals in which mean scores are taken"
    )
    genetic_models: tuple[GeneticModel, ...] = Field(
        ("additive", "dominant", "recessive"),
        min_length=1,
        description="codings of the ALT allele under which curves and models of declared loci are made",
    )
    found_genetic_models: tuple[GeneticModel, ...] = Field(
        ("dominant",),
        min_length=1,
        description="the same of variants that lead but were not declared: found in these participants, they are circular in any case",
    )
    failure_times: tuple[Distribution, ...] = Field(
        ("weibull",),
        description="distributions of the time to death in accelerated failure time models of declared loci: weibull, log_normal, log_logistic",
    )
    covariates: tuple[PersonalCovariate, ...] = Field(
        (),
        description="what Cox models adjust for; who lacks one is left out of them. None: with some twenty recoveries a covariate costs more than it gives",
    )
    sampling_fractions: dict[str, float] = Field(
        default_factory=dict,
        description="by cohort: the fraction of the people it was drawn from, such as {StAR: 0.5, PGB: 0.01}. With it a Cox model weighted by its inverse, robust variance, stands beside the others; without it results describe these participants only",
    )
    cluster: Cluster | None = Field(
        None,
        description="sequencing_site or batch of the table of samples: whose people may be alike beyond what a model knows. Cox models of declared and found variants whose variance allows for it stand beside the others; with fewer than some 40 sites they are too sure of themselves (Cameron & Miller 2015, J Hum Resour 50:317). None: people are taken as independent; relatives are left out in any case",
    )
    other_definitions: tuple[GainPreset, ...] = Field(
        ("bedlack2016_large", "roar_6mo", "harrison2018"),
        description="published definitions of recovery by which declared loci are modelled too",
    )
    horizon_months: tuple[float, ...] = Field(
        (36, 60),
        min_length=1,
        description="months since the time origin up to which mean months alive and recovered are taken, and at which shares recovered are read; ours",
    )
    milestones: dict[Name, Milestone] = Field(
        default_factory=lambda: dict(_MILESTONES),
        description="milestones of progression, by name; death before it counts as reaching it, and one later visit must show it. {}: none",
    )
    band_months: float = Field(
        12, gt=0, description="months; width of the bands in which hazard ratios are taken anew"
    )
    landmark_months: tuple[float, ...] = Field(
        (24, 36),
        description="months since the time origin from which survival is compared by what was known then; ours",
    )
    n_permutation: int = Field(
        999,
        ge=0,
        description="times that genotypes are shuffled within strata for the tests between curves; 0: none",
    )
    seed: int = Field(20240806, ge=0, description="seed of these shuffles, with the variant's name")
    scan: SurvivalScan = Field(
        SurvivalScan(), description="every variant against time to recovery and survival"
    )

    @field_validator("sampling_fractions")
    @classmethod
    def _are_fractions(cls, value: dict[str, float]) -> dict[str, float]:
        for cohort, fraction in value.items():
            if not 0 < fraction <= 1:
                raise ValueError(
                    f"{cohort} {fraction:g}, which is no fraction above 0 and at most 1"
                )
        return value

    @field_validator("horizon_months", "landmark_months")
    @classmethod
    def _ahead(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if any(month <= 0 for month in value):
            raise ValueError(f"{min(value):g}, which is not after the time origin")
        return value

    @model_validator(mode="after")
    def _adjusts_once(self) -> Self:
        both = [name for name in self.covariates if name in self.strata]
        if both:
            raise ValueError(
                f"survival: {both[0]} is among both strata and covariates; one is enough"
            )
        return self

    @model_validator(mode="after")
    def _scan_adjusts_once(self) -> Self:
        both = [c for c in self.scan.covariates if c in self.strata]
        if both:
            raise ValueError(
                f"survival: {both[0]} is among both strata and scan.covariates; one is enough"
            )
        return self
