"""What a study declares of courses of function: their models, CAFS, and the flow of stages."""

from typing import Literal

from pydantic import Field, field_validator

from alsrev_dagster.study_values import Section, each_once

CourseModel = Literal["additive", "dominant", "recessive"]
CourseMethod = Literal["spline", "pattern_mixture", "tobit", "joint", "two_stage", "tipping_point"]
Staging = Literal["kings", "kings_recoded", "kings_manera", "mitos"]


class Trajectory(Section):
    """Models of the course of the ALSFRS-R total by genotype, and what stands beside them."""

    genetic_models: tuple[CourseModel, ...] = Field(
        ("additive", "dominant", "recessive"),
        min_length=1,
        description="codings of the ALT allele of the linear mixed model, of declared loci",
    )
    found_genetic_models: tuple[CourseModel, ...] = Field(
        ("dominant",),
        min_length=1,
        description="the same of variants that the association found: carriers against others",
    )
    method_genetic_models: tuple[CourseModel, ...] = Field(
        ("dominant",),
        description="codings of the models of `methods`, which take longer",
    )
    methods: tuple[CourseMethod, ...] = Field(
        ("spline", "pattern_mixture", "tobit", "joint", "two_stage", "tipping_point"),
        description="what is held against the linear mixed model, of declared loci: spline (bent time), pattern_mixture (by when people left), tobit (floor and ceiling), joint (death informs the course), two_stage (biased toward the null, labelled so), tipping_point (how far unseen scores would have to fall)",
    )
    n_knot: int = Field(
        4,
        ge=3,
        le=5,
        description="knots of the restricted cubic spline of time; Harrell 2015, Regression Modeling Strategies, section 2.4",
    )
    n_dropout_pattern: int = Field(
        3, ge=1, description="groups by when people died, beside those who did not; ours"
    )
    tipping_delta_max: float = Field(
        2.0,
        gt=0,
        description="points a month; by how much faster than at random unseen scores may fall at most: about twice the usual decline",
    )
    n_imputation: int = Field(
        20,
        ge=2,
        description="filled-in data sets of the tipping point; Carpenter & Kenward 2013, Multiple Imputation",
    )
    cafs_horizon_months: tuple[float, ...] = Field(
        (12.0, 18.0),
        description="months since entry up to which survival and function are compared (CAFS); Berry 2013 Amyotroph Lateral Scler Frontotemporal Degener 14:162. Empty: none",
    )
    cafs_n_permutation: int = Field(
        999, ge=0, description="permutations of the carriers within strata; 0: none"
    )
    staging: Staging = Field(
        "kings",
        description="stages whose flow is counted: column of core.alsfrsr, without _stage; Balendra 2014",
    )
    stage_interval_months: float = Field(
        6.0, gt=0, description="months between the times at which stages are counted; ours"
    )
    stage_last_months: float = Field(
        24.0, gt=0, description="months since entry of the last of these times; ours"
    )
    occupation_interval_months: float = Field(
        3.0, gt=0, description="months between the times at which the chance of each state is told"
    )
    occupation_horizon_months: tuple[float, ...] = Field(
        (24.0, 36.0),
        min_length=1,
        description="months since entry up to which the months in each state are taken; the last one ends its curve; ours",
    )
    occupation_n_permutation: int = Field(
        999, ge=0, description="permutations of the carriers within strata for these; 0: none"
    )
    seed: int = Field(
        20240724, ge=0, description="seed of imputations and permutations, with the variant's name"
    )

    _no_repeats = field_validator(
        "genetic_models",
        "found_genetic_models",
        "method_genetic_models",
        "methods",
        "cafs_horizon_months",
        "occupation_horizon_months",
    )(each_once)

    @field_validator("cafs_horizon_months", "occupation_horizon_months")
    @classmethod
    def _ahead(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if value and min(value) < 1:
            raise ValueError(f"{min(value):g}, which is less than a month ahead")
        return value

    @property
    def stage_column(self) -> str:
        """Column of core.alsfrsr that holds the stages."""
        first, _, convention = self.staging.partition("_")
        return f"{first}_stage_{convention}" if convention else f"{first}_stage"
