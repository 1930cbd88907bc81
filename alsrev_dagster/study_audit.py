"""What a study declares of its audit: what else may differ between cases and controls."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from alsrev_dagster.study_values import Name, Probability, Section

AuditFactor = Literal[
    "callset",
    "caller",
    "tissue",
    "batch",
    "sequencing_site",
    "call_rate",
    "mean_depth",
    "pc1",
    "pc2",
    "pc3",
    "pc4",
    "ancestry",
    "ancestry_inferred",
    "sex",
]
"""What is asked of each contrast, in the order in which tables and pages name it."""

Reason = Annotated[str, StringConstraints(min_length=3, strip_whitespace=True)]


class ExternalFrequency(Section):
    """A table of allele frequencies of others, which the controls are held against."""

    file: str = Field(
        description="CSV or TSV, plain or gzip: chrom, pos, ref, alt, allele_freq, allele_number (optional), on the genome build, a row an ALT allele; gnomAD's names (AF, AN) are known"
    )
    ancestry: str = Field(
        min_length=1,
        description="whose frequencies they are, spelled as in the table of participants",
    )


class Audit(Section):
    """What is audited, where it is told, and what of it the study knows of."""

    acknowledged: dict[Name, dict[AuditFactor, Reason]] = Field(
        default_factory=dict,
        description="why a factor goes with being a case, by contrast and factor: without a reason here nothing is tested; with one the mark 'confounded' stands on every result",
    )
    callers: dict[Name, str] = Field(
        default_factory=dict,
        description="variant caller and its version, by callset; callsets of one caller share the text. What is not given is not audited",
    )
    overlap_max: float = Field(
        0.5,
        ge=0,
        lt=1,
        description="share of cases and controls on common values of a factor; at most this may be aligned. Ours: the value then tells the side in 3 of 4 even guesses",
    )
    case_apart_max: float = Field(
        0.2,
        ge=0,
        le=1,
        description="share of cases on values of a factor that no control has; above this it may be aligned. Ours: of 22 cases five, who can make a lead of an artefact",
    )
    p_max: Probability = Field(
        1e-3,
        description="P of independence at most this beside such an overlap, or such a share of cases apart, is aligned. Ours: a study asks some 20 such questions",
    )
    control_p_max: Probability = Field(
        1e-3,
        description="P of a lead between control cohorts, or of its missing calls, at most this is told. Ours: a study has some 30 leads",
    )
    masked_p_max: Probability = Field(
        0.05,
        description="P at most this is an association that holds when a technical factor is masked; convention",
    )
    depth_ratio_max: float = Field(
        1.5,
        gt=1,
        description="times as deep, or as shallow, that reads of a lead are in cases as in controls, each beside the typical depth of its callset, is told where these are of other callsets. Ours: a copy more or less of two is 1.5 or 0.5",
    )
    external_z_max: float = Field(
        5.0,
        gt=0,
        description="standard errors; controls farther from the external frequency are told. Ours: P 6e-7, less than one of a million variants",
    )
    n_draw: int = Field(
        9_999,
        ge=99,
        description="random tables, where there are too many to count each; the least P is 1 / (this + 1). Davison & Hinkley 1997 section 4.2",
    )
    seed: int = Field(20240229, ge=0, description="seed of these random tables")

    @model_validator(mode="after")
    def _draws_can_reach_p_max(self) -> Self:
        if 1 / (self.n_draw + 1) > self.p_max:
            raise ValueError(
                f"n_draw {self.n_draw}, whose least P {1 / (self.n_draw + 1):.2g} is above p_max {self.p_max:g}"
            )
        return self
