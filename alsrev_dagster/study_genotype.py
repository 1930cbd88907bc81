"""What a study declares of genotypes: callsets, contrasts, loci, quality, association."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from alsrev_dagster.study_arms import without_arm_term
from alsrev_dagster.study_choices import Covariate, GeneticModel, HalfCalls
from alsrev_dagster.study_comparison import Match
from alsrev_dagster.study_values import CohortName, Probability, Section, VariantId, each_once


class Callset(Section):
    """Genotype files called together."""

    files: str | tuple[str, ...] = Field(
        description="path or pattern, or a list of them, relative to this folder; VCF (plain, gzip, bgzip), BCF, PLINK 2 .pgen or PLINK 1 .bed (with the two files beside it)"
    )
    absent_sites: Literal["missing", "reference"] = Field(
        "missing", description="what a variant absent from this callset, but in another, means here"
    )
    unlisted_samples: Literal["problem", "exclude"] = Field(
        "problem",
        description="what a sample of the files in no row of the table of samples is: a problem, or left out as if it stood under exclude; their number is told",
    )
    half_calls: HalfCalls = Field(
        "missing",
        description="what a call with one allele missing (0/.) is read as: missing, or the other allele with the reference one, or with itself (haploid)",
    )
    genotype_quality_min: float = Field(
        0, ge=0, le=99, description="Phred; a call with GQ below is read as missing; 0: none is"
    )
    depth_min: float = Field(
        0, ge=0, description="reads; a call with DP below is read as missing; 0: none is"
    )
    allele_balance_min: float = Field(
        0,
        ge=0,
        lt=0.5,
        description="fraction; a heterozygous call is read as missing when the rarer of its two alleles has a smaller share of their reads (AD); 0: none is; 0.2 is usual",
    )
    call_depth: bool = Field(
        True,
        description="whether mean depth (DP), genotype quality (GQ) and allele balance (AD) of variants and samples are read, where the header declares these fields; reading takes longer with them",
    )

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns, also when the study gives one."""
        return (self.files,) if isinstance(self.files, str) else self.files


class Exclusion(Section):
    """Samples that are left out on purpose."""

    samples: tuple[str, ...] = Field(description="sample_ids to leave out")
    reason: str = Field(min_length=3, description="why; stands in core.analysis_set")


class Contrast(Section):
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
    covariates: tuple[Covariate, ...] = Field(
        (),
        description="what the logistic model adjusts for: sex, age_at_onset_years, pc1 to pc20; with 22 cases two or three are many. The exact test beside it is not adjusted",
    )
    match: Match | None = Field(
        None,
        description="controls matched to the cases by principal components, such as {ratio: 4, caliper: 0.2, exact: [sex], n_pc: 4}; absent: all are used",
    )

    _no_repeats = field_validator("cases", "controls", "strata", "covariates")(each_once)
    _no_arms = field_validator("strata", "covariates", mode="before")(without_arm_term)

    @model_validator(mode="after")
    def _cohorts_are_on_one_side(self) -> Self:
        both = sorted(set(self.cases) & set(self.controls))
        if both:
            raise ValueError(f"cohort {both[0]} is among both cases and controls")
        return self


class Locus(Section):
    """A locus declared before the data."""

    gene: str = Field(description="gene symbol (GENCODE v32)")
    lead: VariantId = Field(description="the variant, as chrom-pos-ref-alt on the genome build")


class Quality(Section):
    """Thresholds below which a variant or sample is left out of association."""

    variant_call_rate_min: float = Field(
        0.95, ge=0, le=1, description="fraction; Anderson 2010 Nat Protoc 5:1564"
    )
    sample_call_rate_min: float = Field(
        0.95, ge=0, le=1, description="fraction; Anderson 2010 uses 0.97 to 0.99 for arrays"
    )
    missing_p_min: float = Field(
        1e-5,
        ge=0,
        lt=1,
        description="Fisher's exact P of missing calls, cases v controls of a contrast; a variant below is left out; 0: none is; Anderson 2010",
    )
    filters_kept: tuple[str, ...] = Field(
        ("PASS",),
        description="values of the VCF's FILTER that pass; an absent FILTER ('.') always does",
    )
    hwe_p_min: float = Field(
        1e-6, ge=0, lt=1, description="exact P in controls only; Anderson 2010"
    )
    allele_balance_min: float = Field(
        0.2,
        ge=0,
        lt=0.5,
        description="fraction; a variant whose heterozygous calls together have a smaller share of reads (AD) of ALT, or of REF, is left out; 0: none is; the range of a sound call in Karczewski 2020 Nature 581:434",
    )
    n_het_read_min: int = Field(
        20,
        ge=1,
        description="reads of heterozygous calls that allele_balance_min is judged on, or more; ours",
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
    male_x_het_rate_max: float = Field(
        0.05,
        ge=0,
        lt=1,
        description="chrX heterozygosity at most this is male; between the two is undecided",
    )
    female_x_het_rate_min: float = Field(
        0.10, gt=0, le=1, description="chrX heterozygosity at least this is female"
    )

    female_y_call_rate_max: float = Field(
        0.3,
        ge=0,
        lt=1,
        description="share of chrY variants called at most this is female; between the two is undecided; ours: female reads map to parts of chrY that resemble chrX",
    )
    male_y_call_rate_min: float = Field(
        0.7, gt=0, le=1, description="share of chrY variants called at least this is male; ours"
    )
    outlier_mad_max: float = Field(
        4,
        gt=0,
        description="robust standard deviations (1.4826 MAD) from the cohort's median; het_rate, het_hom_ratio, ti_tv or n_singleton further off is odd; Karczewski 2020 Nature 581:434",
    )
    contamination_f_max: float = Field(
        -0.1,
        ge=-1,
        le=0,
        description="inbreeding F below this, with het_hom_ratio above outlier_mad_max, looks like a mixture of two samples; excess heterozygosity as in Laurie 2010 Genet Epidemiol 34:591, the value ours",
    )
    odd_samples: Literal["flag", "exclude"] = Field(
        "flag",
        description="what outliers and mixtures are: flagged, or left out as well; a minority ancestry within a cohort looks the same",
    )

    @model_validator(mode="after")
    def _sexes_are_apart(self) -> Self:
        male, female = self.male_x_het_rate_max, self.female_x_het_rate_min
        if male >= female:
            raise ValueError(
                f"male_x_het_rate_max {male:g}, which is not below female_x_het_rate_min {female:g}"
            )
        female, male = self.female_y_call_rate_max, self.male_y_call_rate_min
        if female >= male:
            raise ValueError(
                f"female_y_call_rate_max {female:g}, which is not below male_y_call_rate_min {male:g}"
            )
        return self


class Association(Section):
    """What is tested and what counts as a lead."""

    genetic_models: tuple[GeneticModel, ...] = Field(
        ("additive", "dominant", "recessive"),
        min_length=1,
        description="codings of the ALT allele that are tested; genotypic: heterozygotes and homozygotes each on their own, two degrees of freedom",
    )
    _no_repeats = field_validator("genetic_models")(each_once)
    refine_p_max: float = Field(
        0.05,
        gt=0,
        le=1,
        description="where a contrast has covariates: Firth's test is made of variants whose screen (saddlepoint) or exact P is below this; 1: of all, and so of declared ones. Without covariates of all. 0.05 as REGENIE: Mbatchou 2021 Nat Genet 53:1097",
    )
    interval_p_max: float = Field(
        0.05,
        ge=0,
        le=1,
        description="where a contrast has covariates: profile intervals are sought of variants whose P of record is at most this; ours: some 40 fits each",
    )
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
        500_000,
        ge=0,
        description="bp; variants this near a better one, in LD with it, are not leads of their own",
    )
    clump_r2_max: float = Field(
        0.1,
        ge=0,
        lt=1,
        description="r2 of haplotypes, among those compared, above which a variant belongs to the better one; lead SNPs of FUMA: Watanabe 2017 Nat Commun 8:1826",
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
        description="P of record below this / (variants x genetic models of the contrast) is Bonferroni significant; also the family-wise error of the permutations; convention",
    )
    declared_alpha: Probability = Field(
        0.05,
        description="P of record of a declared locus at most this is an association, whose fragility is told: it was one test; convention",
    )
    false_discovery_rate: Probability = Field(
        0.05,
        description="q of Benjamini & Hochberg at most this, over variants x genetic models of the contrast, is significant; Benjamini 1995 J R Stat Soc B 57:289",
    )
    conditional_bp: int = Field(
        10_000_000,
        ge=0,
        description="bp; a lead is tested again given the best other lead of its chromosome this near; the 10 Mb beyond which GCTA-COJO takes LD to be none: Yang 2012 Nat Genet 44:369",
    )


class Permutation(Section):
    """Shuffled labels: what chance alone gives with these genotypes and so few cases."""

    n_permutation: int = Field(
        200,
        ge=0,
        description="labellings shuffled within strata, of each contrast; 1,000 for a threshold to publish, a 95% interval of which is then some 0.04 to 0.06; 0: none, and no tables of them",
    )
    n_inflation: int = Field(
        100,
        ge=1,
        description="of these, the first ones, under which the inflation factor is taken too; ours: 2.5% and 97.5% quantiles of it",
    )
    inflation_mac_min: int = Field(
        20,
        ge=1,
        description="copies in the samples compared of the rarer coded genotype (alleles; carriers; homozygotes), below which a variant is not in that inflation factor: the median P of rare ones is 1 under any labels; ours",
    )
    seed: int = Field(
        20240723, ge=0, description="seed of the labellings, with the contrast's name"
    )
