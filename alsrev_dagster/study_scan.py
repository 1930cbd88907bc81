"""What a study declares of the scan of every variant for time to recovery and survival."""

from typing import Literal

from pydantic import Field, field_validator

from alsrev_dagster.study_choices import Covariate
from alsrev_dagster.study_values import Section, each_once

ScanEvent = Literal["recovery", "death"]
ScanModel = Literal["additive", "dominant", "recessive"]


class SurvivalScan(Section):
    """Every variant against time to recovery and survival."""

    events: tuple[ScanEvent, ...] = Field(
        ("recovery", "death"),
        description="recovery: cause-specific, death and tracheostomy censored; death: survival. Empty: no scan",
    )
    genetic_models: tuple[ScanModel, ...] = Field(
        ("additive", "dominant", "recessive"),
        min_length=1,
        description="codings of the ALT allele that are tested",
    )
    covariates: tuple[Covariate, ...] = Field(
        (),
        description="what the null Cox model adjusts for; who lacks one is left out. None: with some twenty recoveries a covariate costs more than it gives (checks.events_per_term_min)",
    )
    refine_p_max: float = Field(
        0.05,
        gt=0,
        le=1,
        description="Firth's Cox fit is made of variants whose screen (saddlepoint) P is below this; 1: of all. 0.05 as REGENIE: Mbatchou 2021 Nat Genet 53:1097",
    )
    joint_p_max: float = Field(
        0.001,
        ge=0,
        le=1,
        description="with covariates: below this P (the larger of the screen's and of Firth's fit that holds covariates where the null model has them) genotype and covariates are fitted together; 0: none. Ours: some 10 to 100 ms a fit, for one variant in a thousand",
    )
    n_permutation: int = Field(
        39,
        ge=0,
        description="times that genotypes are shuffled among the participants of a stratum, for the inflation that chance alone gives: 2.5% and 97.5% quantiles of it, of 39 nearly the smallest and the largest; 0: none",
    )
    inflation_n_variant: int = Field(
        1_000,
        ge=1,
        description="variants, drawn by the hash of their names, that the inflation factor is of; ours: its envelope has the same variants",
    )
    inflation_mac_min: int = Field(
        20,
        ge=1,
        description="copies of the rarer allele in all samples, below which a variant is not in that inflation factor; ours",
    )
    seed: int = Field(20240723, ge=0, description="seed of the shuffles, with the event's name")

    _no_repeats = field_validator("events", "genetic_models", "covariates")(each_once)
