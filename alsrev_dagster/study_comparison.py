"""What a study declares of who may be compared with whom: relatives, ancestry, matching."""

from typing import Literal

from pydantic import Field, field_validator

from alsrev_dagster.study_values import CohortName, Section, each_once

N_PC_MAX = 20
"""Principal components that core.sample_pc has columns for."""


class Relatedness(Section):
    """Which variants tell who is related, and how closely related no two used samples may be."""

    prune_window_bp: int = Field(
        500_000,
        ge=1,
        description="bp; common SNVs this near are pruned of one another; Abdellaoui 2013 Eur J Hum Genet 21:1277 prunes over like lengths",
    )
    prune_r2_max: float = Field(
        0.2,
        gt=0,
        le=1,
        description="squared correlation of dosages above which the rarer of two is pruned; Anderson 2010 Nat Protoc 5:1564",
    )
    kinship_max: float = Field(
        0.0884,
        gt=0,
        le=0.5,
        description="KING kinship above which one of two relatives is left out; second degree and closer: Manichaikul 2010 table 1 (0.0442: third degree, as Bycroft 2018 Nature 562:203)",
    )


class Ancestry(Section):
    """Principal components of ancestry, outliers, and labels by a reference."""

    n_pc: int = Field(
        10,
        ge=0,
        le=N_PC_MAX,
        description="principal components; 0: none; ten as Price 2006 Nat Genet 38:904",
    )
    seed: int = Field(
        20240229, ge=0, description="where the randomised method (above 5,000 samples) starts; ours"
    )
    outlier_sd_max: float = Field(
        6.0,
        gt=0,
        description="robust standard deviations on any component, above which a sample is an outlier; Price 2006",
    )
    exclude_outliers: bool = Field(
        False, description="leave outliers out of every contrast; else they are only told"
    )
    reference_cohorts: tuple[CohortName, ...] = Field(
        (),
        description="cohorts of labelled people (column ancestry of the participants), such as 1000 Genomes; they stand under unused_cohorts too",
    )
    n_neighbour: int = Field(
        20, ge=1, description="nearest labelled samples that give ancestry_inferred; ours"
    )

    _no_repeats = field_validator("reference_cohorts")(each_once)


class Match(Section):
    """Controls matched to the cases of a contrast by principal components."""

    ratio: int = Field(
        4,
        ge=1,
        le=100,
        description="controls a case; more add little: Ury 1975 Biometrics 31:643",
    )
    caliper: float = Field(
        0.2,
        gt=0,
        description="weighted root mean square difference on the components, in standard deviations, beyond which nobody is matched; the 0.2 of Austin 2011 Pharm Stat 10:150, there of a propensity score",
    )
    exact: tuple[Literal["sex", "ancestry"], ...] = Field(
        (), description="columns on which a control must agree with its case"
    )
    n_pc: int = Field(
        4,
        ge=1,
        le=N_PC_MAX,
        description="components matched on, each weighing its eigenvalue; ours",
    )

    _no_repeats = field_validator("exact")(each_once)
