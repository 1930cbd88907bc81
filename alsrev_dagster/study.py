"""A study: one typed object read from ``study.yaml``.

Every threshold of the analysis lives here, with its unit, its default and where the
default comes from. What a key means is its ``description``; ``alsrev init`` writes
those into a new study.
"""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from alsrev_dagster.study_folder import StudyFolder as StudyFolder
from alsrev_dagster.study_values import CohortName, Name, Probability, Share, VariantId, each_once

GeneticModel = Literal["additive", "dominant", "recessive"]
TimeOrigin = Literal["onset", "diagnosis", "enrolment"]
GenomeBuild = Literal["GRCh37", "GRCh38"]
Stratifier = Literal["cohort", "sex", "ancestry", "onset_site", "diagnosis"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Callset(_Section):
    """Genotype files called together."""

    files: str | tuple[str, ...] = Field(
        description="path or pattern, or a list of them, relative to this folder; VCF (plain, gzip, bgzip) or BCF"
    )
    absent_sites: Literal["missing", "reference"] = Field(
        "missing", description="what a variant absent from this callset, but in another, means here"
    )

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns, also when the study gives one."""
        return (self.files,) if isinstance(self.files, str) else self.files


class Exclusion(_Section):
    """Samples that are left out on purpose."""

    samples: tuple[str, ...] = Field(description="sample_ids to leave out")
    reason: str = Field(min_length=3, description="why; stands in core.analysis_set")


class Contrast(_Section):
    """Cases against controls, by cohort."""

    cases: tuple[CohortName, ...] = Field(
        min_length=1, description="cohorts whose samples are cases"
    )
    controls: tuple[CohortName, ...] = Field(
        min_length=1, description="cohorts whose samples are controls"
    )
    strata: tuple[Literal["ancestry", "sex"], ...] = Field(
        (), description="columns to match on: every test is stratified by them"
    )

    _no_repeats = field_validator("cases", "controls", "strata")(each_once)

    @model_validator(mode="after")
    def _cohorts_are_on_one_side(self) -> Self:
        both = sorted(set(self.cases) & set(self.controls))
        if both:
            raise ValueError(f"cohort {both[0]} is among both cases and controls")
        return self


class Locus(_Section):
    """A locus declared before the data."""

    gene: str = Field(description="gene symbol (GENCODE v32)")
    lead: VariantId = Field(description="the variant, as chrom-pos-ref-alt on the genome build")


class Quality(_Section):
    """Thresholds below which a variant or sample is left out of association."""

    variant_call_rate_min: float = Field(
        0.95, ge=0, le=1, description="fraction; Anderson 2010 Nat Protoc 5:1564"
    )
    sample_call_rate_min: float = Field(
        0.95, ge=0, le=1, description="fraction; Anderson 2010 uses 0.97 to 0.99 for arrays"
    )
    filters_kept: tuple[str, ...] = Field(
        ("PASS",),
        description="values of the VCF's FILTER that pass; an absent FILTER ('.') always does",
    )
    hwe_p_min: float = Field(
        1e-6, ge=0, lt=1, description="exact P in controls only; Anderson 2010"
    )
    common_maf_min: float = Field(
        0.05,
        gt=0,
        le=0.5,
        description="fraction; SNVs with a minor allele this frequent or more tell kinship; the usual convention for common",
    )
    duplicate_kinship_min: float = Field(
        0.354,
        gt=0,
        le=0.5,
        description="KING kinship above which two samples are one genome; Manichaikul 2010",
    )
    confounding_overlap_max: float = Field(
        0.5,
        ge=0,
        lt=1,
        description="share of cases and controls on common values of callset, tissue, batch, site, ancestry or sex; at most this is a warning. Ours: the value then tells the side in 3 of 4 even guesses",
    )
    confounding_p_max: float = Field(
        1e-3,
        gt=0,
        lt=1,
        description="exact P (Fisher, Freeman-Halton) at most this beside such an overlap is a warning. Ours: a study asks some 20 such questions",
    )
    male_x_het_rate_max: float = Field(
        0.05,
        ge=0,
        lt=1,
        description="chrX heterozygosity at most this is male; between the two is undecided",
    )
    female_x_het_rate_min: float = Field(
        0.10, gt=0, le=1, description="chrX heterozygosity at least this is female"
    )

    @model_validator(mode="after")
    def _sexes_are_apart(self) -> Self:
        male, female = self.male_x_het_rate_max, self.female_x_het_rate_min
        if male >= female:
            raise ValueError(
                f"male_x_het_rate_max {male:g}, which is not below female_x_het_rate_min {female:g}"
            )
        return self


class Association(_Section):
    """What is tested and what counts as a lead."""

    genetic_models: tuple[GeneticModel, ...] = Field(
        ("additive", "dominant", "recessive"),
        min_length=1,
        description="codings of the ALT allele that are tested",
    )
    _no_repeats = field_validator("genetic_models")(each_once)
    lead_p_max: float = Field(
        1e-4,
        gt=0,
        lt=1,
        description="P of record, under any genetic model, at most this makes a lead variant; the best variant is one even above it, short of P 1",
    )
    lead_n_max: int = Field(
        10, ge=1, description="leads a contrast, the best ones; more are a list, not leads"
    )
    clump_bp: int = Field(
        500_000, ge=0, description="bp; variants this near a better one are not leads of their own"
    )
    detectable_power: float = Field(
        0.8, gt=0, lt=1, description="power of the minimum detectable effect"
    )
    detectable_alphas: tuple[Probability, ...] = Field(
        (0.05, 5e-8),
        min_length=1,
        description="significance thresholds of the minimum detectable effect: one test, and a genome of them",
    )
    genome_wide_alpha: Probability = Field(
        5e-8,
        description="P of record below this is genome-wide significant; the usual convention (Pe'er 2008 Genet Epidemiol 32:381)",
    )
    bonferroni_alpha: Probability = Field(
        0.05,
        description="P of record below this / (variants x genetic models of the contrast) is Bonferroni significant; convention",
    )


class RecoveryDefinition(_Section):
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


class Recovery(_Section):
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


class Survival(_Section):
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


class Checks(_Section):
    """Where a check that only warns begins to; no number of the analysis follows from these."""

    low_call_rate_share_max: Share = Field(
        0.1, description="fraction of variants below quality.variant_call_rate_min; ours"
    )
    hwe_departure_share_max: Share = Field(
        0.01, description="fraction of variants below quality.hwe_p_min in controls; ours"
    )
    not_at_risk_share_max: Share = Field(
        0.1, description="fraction of participants left out of the models of recovery; ours"
    )
    events_per_term_min: int = Field(
        10, ge=1, description="recoveries a model term; Peduzzi 1995 J Clin Epidemiol 48:1503"
    )
    proportional_hazards_alpha: Probability = Field(
        0.05,
        description="P of the Schoenfeld test below this / models is not proportional; convention",
    )


class Study(_Section):
    """Everything that a study declares."""

    study: Name = Field(description="short name of the study")
    simulated: bool = Field(
        False, description="true when any input is simulated: every page and figure then says so"
    )
    genome_build: GenomeBuild = Field(
        description="GRCh37 or GRCh38; checked against the files, never assumed"
    )
    callsets: dict[Name, Callset] = Field(
        min_length=1, description="genotype files called together, by name"
    )
    samples: str = Field(
        description="CSV: sample_id, participant_id, callset, cohort, sex, tissue, batch, sequencing_site"
    )
    participants: str = Field(description="CSV: participant_id, sex, ..., and the day columns")
    visits: str = Field(
        description="CSV: participant_id, day, q1..q4, q5a, q5b, q6..q9, r1, r2, r3, alsfrsr_total"
    )
    biomarkers: str | None = Field(
        None, description="CSV: participant_id, day, analyte, value, unit"
    )
    missing_codes: tuple[str, ...] = Field(
        (),
        description="cell values that mean 'missing' in your tables, such as '-9999'; none is assumed",
    )
    ignored_columns: tuple[str, ...] = Field(
        (),
        description="columns of your tables that alsrev does not know and shall not read; none is assumed",
    )
    exclude: tuple[Exclusion, ...] = Field(
        (),
        description="samples left out of every comparison and model, with the reason; their data stay in the tables: for a withdrawn consent remove the sample from the input files",
    )
    contrasts: dict[Name, Contrast] = Field(
        min_length=1, description="cases against controls, by name"
    )
    unused_cohorts: tuple[CohortName, ...] = Field(
        (),
        description="cohorts that no contrast names, on purpose; any other cohort outside the contrasts is a problem",
    )
    loci: dict[Name, Locus] = Field(
        default_factory=dict, description="loci declared before the data"
    )
    quality: Quality = Field(Quality(), description="thresholds of quality control")
    association: Association = Field(Association(), description="what is tested")
    recovery: Recovery = Field(
        Recovery(preset="bedlack2016_large"), description="the recovery phenotype"
    )
    survival: Survival = Field(Survival(), description="time-to-event models")
    checks: Checks = Field(Checks(), description="where a check that only warns begins to")

    _no_repeats = field_validator("unused_cohorts")(each_once)

    @model_validator(mode="after")
    def _unused_cohorts_are_unused(self) -> Self:
        both = sorted(self.compared_cohorts & set(self.unused_cohorts))
        if both:
            raise ValueError(f"cohort {both[0]} under unused_cohorts and in a contrast")
        return self

    @property
    def excluded_samples(self) -> dict[str, str]:
        """Reason of exclusion by sample_id."""
        return {sample: item.reason for item in self.exclude for sample in item.samples}

    @property
    def compared_cohorts(self) -> frozenset[str]:
        """Cohorts that some contrast names."""
        return frozenset(
            cohort for item in self.contrasts.values() for cohort in (*item.cases, *item.controls)
        )

    @property
    def control_cohorts(self) -> frozenset[str]:
        """Cohorts that are controls of some contrast."""
        return frozenset(
            cohort for contrast in self.contrasts.values() for cohort in contrast.controls
        )


def settings_of(study: Study, sections: frozenset[str]) -> dict[str, Any]:
    """The named sections of a study as plain values, for hashing; of a preset, its numbers."""
    plain = study.model_dump(mode="json")
    plain["recovery"] = study.recovery.definition.model_dump(mode="json")
    return {name: plain[name] for name in sorted(sections)}
