"""The columns: one name, one type, one meaning, wherever it stands."""

from dataclasses import dataclass
from typing import Literal

N_PC_MAX = 20
"""Principal components that there are columns for."""

ColumnType = Literal["TEXT", "BIGINT", "INTEGER", "DOUBLE", "BOOLEAN", "BLOB"]


@dataclass(frozen=True)
class Column:
    """A column: DuckDB type, meaning, and unit where it has one."""

    name: str
    type: ColumnType
    meaning: str
    unit: str = ""

    @property
    def comment(self) -> str:
        """The sentence that DuckDB, Dagster and the data dictionary show."""
        return f"{self.meaning} [{self.unit}]" if self.unit else self.meaning


# A row a column: wider than elsewhere, so that it can be read down.
# fmt: off
_IDENTITY = (
    Column("callset", "TEXT", "named set of genotype files called together"),
    Column("variant_id", "TEXT", "one ALT allele at one place: chrom-pos-ref-alt on the study's genome build"),
    Column("chrom", "TEXT", "chromosome, always spelled chr1..chr22, chrX, chrY, chrM"),
    Column("pos", "BIGINT", "position of the first REF base on the study's genome build", "1-based bp"),
    Column("ref", "TEXT", "reference allele"),
    Column("alt", "TEXT", "alternate allele; the effect allele of every test"),
    Column("rsid", "TEXT", "label of the variant in the input's ID column; never a key"),
    Column("sample_id", "TEXT", "one sequenced specimen: a column of a VCF"),
    Column("sample_id_1", "TEXT", "first sample of a pair, earlier in the table of samples"),
    Column("sample_id_2", "TEXT", "second sample of a pair"),
    Column("participant_id", "TEXT", "the person; may have several samples"),
    Column("cohort", "TEXT", "named set of samples from one study, with its sequencing batch"),
    Column("contrast", "TEXT", "name of the comparison of cases with controls, from study.yaml"),
    Column("locus", "TEXT", "name of a declared locus, or the lead variant's own id"),
    Column("gene", "TEXT", "nearest protein-coding gene (GENCODE v32); of several, the one that starts first"),
)

_SOURCE = (
    Column("path", "TEXT", "input file, relative to the study's folder"),
    Column("format", "TEXT", "format of the input file: vcf, vcf.gz, bcf, pgen or bed (PLINK: named by the .pgen or .bed of its three files)"),
    Column("sha256", "TEXT", "SHA-256 of the file's bytes; of a PLINK fileset of the hashes of its three files, one a line"),
    Column("size_bytes", "BIGINT", "size of the file, or of the three of a PLINK fileset", "bytes"),
    Column("note", "TEXT", "what is to be known of how the file was read: REF that is provisional, dosages that are not read; NULL for nothing"),
    Column("chromosomes", "TEXT", "chromosomes the file holds records of, comma separated"),
    Column("n_sample", "BIGINT", "samples counted", "samples"),
    Column("n_record", "BIGINT", "records (lines) in the genotype file, those left out among them", "records"),
    Column("n_left_out", "BIGINT", "records on contigs outside chr1-22, X, Y, M: left out, counted here", "records"),
    Column("source_file", "TEXT", "input file the row came from"),
    Column("source_line", "BIGINT", "line of that file, counted from 1", "line"),
    Column("sample_index", "BIGINT", "place of the sample in the packed genotypes, counted from 0"),
    Column("is_listed", "BOOLEAN", "the sample is in a row of the table of samples; one that is not weighs in nothing. NULL without such a table (alsrev ingest)"),
)

_GENOTYPE = (
    Column("filter", "TEXT", "FILTER field of the input; NULL when not applied"),
    Column("qual", "DOUBLE", "QUAL field of the input", "Phred"),
    Column("info_allele_freq", "DOUBLE", "INFO/AF of the ALT allele, as the input says it: of whom, the input's header tells", "fraction"),
    Column("consequence", "TEXT", "consequence terms of CSQ (VEP) or ANN (SnpEff) in the input, the gravest entry of the ALT allele; NULL when there is none"),
    Column("consequence_gene", "TEXT", "gene symbol of that entry"),
    Column("is_snv", "BOOLEAN", "single-nucleotide variant: REF and ALT are one base each"),
    Column("n_depth", "BIGINT", "calls with a depth (DP): the record's, or the sample's on autosomes. Missing calls never count, nor what a call does not give. NULL where it was not read (callsets.*.call_depth) or no header declares it", "calls"),
    Column("mean_depth", "DOUBLE", "mean depth (DP) of those calls; NULL where there are none", "reads"),
    Column("n_genotype_quality", "BIGINT", "calls with a genotype quality (GQ), counted in the same way", "calls"),
    Column("mean_genotype_quality", "DOUBLE", "mean genotype quality (GQ) of those calls; NULL where there are none", "Phred"),
    Column("n_het_read", "BIGINT", "reads (AD) of REF and ALT in the calls that are heterozygous for the two", "reads"),
    Column("allele_balance", "DOUBLE", "reads of ALT / n_het_read, pooled over those calls: about 0.5 where calls are sound; NULL without such reads", "fraction"),
    Column("packed", "BLOB", "2 bits a sample, most significant first: 0 hom-ref, 1 het, 2 hom-alt, 3 missing"),
    Column("dosage", "INTEGER", "count of ALT alleles, 0-2; NULL when missing", "alleles"),
    Column("carrier", "BOOLEAN", "at least one ALT allele; NULL when the call is missing"),
)

_COUNT = (
    Column("n_hom_ref", "BIGINT", "samples with dosage 0", "samples"),
    Column("n_het", "BIGINT", "samples with dosage 1", "samples"),
    Column("n_hom_alt", "BIGINT", "samples with dosage 2", "samples"),
    Column("n_missing", "BIGINT", "samples without a call", "samples"),
    Column("call_rate", "DOUBLE", "called / (called + missing), but for what the callset does not hold", "fraction"),
    Column("case_call_rate", "DOUBLE", "call_rate of the cases of any contrast; NULL when no callset of theirs holds the variant", "fraction"),
    Column("control_call_rate", "DOUBLE", "call_rate of the controls of any contrast; NULL when no callset of theirs holds the variant", "fraction"),
    Column("cohort_call_rate_min", "DOUBLE", "call_rate of the cohort in which it is lowest", "fraction"),
    Column("missing_p", "DOUBLE", "Fisher's exact P value of missing calls, cases v controls, the smallest of the contrasts; small: calls were lost on one side"),
    Column("allele_count", "BIGINT", "ALT alleles called (VCF's AC)", "alleles"),
    Column("allele_number", "BIGINT", "alleles called (VCF's AN)", "alleles"),
    Column("allele_freq", "DOUBLE", "allele_count / allele_number; NULL when nothing is called", "fraction"),
    Column("mac", "BIGINT", "minor allele count in the samples counted", "alleles"),
    Column("maf", "DOUBLE", "minor allele frequency in the samples counted", "fraction"),
    Column("case_mac", "BIGINT", "copies in the cases of any contrast of the allele that is the minor one in all samples", "alleles"),
    Column("case_maf", "DOUBLE", "frequency of that allele in those cases; NULL when none is called", "fraction"),
    Column("control_mac", "BIGINT", "copies in the controls of any contrast of the allele that is the minor one in all samples", "alleles"),
    Column("control_maf", "DOUBLE", "frequency of that allele in those controls; NULL when none is called", "fraction"),
    Column("n_control", "BIGINT", "controls with a diploid call: on chrX, outside its PARs, females", "samples"),
    Column("hwe_p", "DOUBLE", "exact Hardy-Weinberg P value in controls with a diploid call (Wigginton 2005), within each declared ancestry: of several the smallest, times the number in which the variant varies; NULL without them"),
    Column("hwe_mid_p", "DOUBLE", "mid-P value of the same test (Graffelman and Moreno 2013); 1 for a monomorphic variant"),
    Column("filter_reason", "TEXT", "why the row is left out of association, the gravest reason; NULL when it passes"),
    Column("flag_reason", "TEXT", "what is odd about the row, all of it; it is left out for that only where study.yaml says so. NULL for nothing"),
    Column("n_called", "BIGINT", "variants with a call in the sample, chrY apart", "variants"),
    Column("n_singleton", "BIGINT", "variants at which only this sample carries the minor allele, once", "variants"),
    Column("het_rate", "DOUBLE", "heterozygous / called variants, autosomes", "fraction"),
    Column("inbreeding_f", "DOUBLE", "1 - observed / expected heterozygotes, autosomes"),
    Column("het_hom_ratio", "DOUBLE", "n_het / n_hom_alt; high: a mixture of samples, or another ancestry. NULL without a homozygous ALT call"),
    Column("ti_tv", "DOUBLE", "transitions / transversions among SNVs carried; NULL without transversions"),
    Column("sex_declared", "TEXT", "sex of the sample, or else of its participant, as the tables say: female, male or NULL"),
    Column("sex_inferred", "TEXT", "sex from chrX heterozygosity and chrY calls outside the PARs; NULL where they cannot tell, or disagree"),
    Column("x_het_rate", "DOUBLE", "heterozygous / called polymorphic variants of chrX outside the PARs; NULL where fewer than 50 are called", "fraction"),
    Column("y_call_rate", "DOUBLE", "called / variants of chrY outside the PARs that anybody has a call of; NULL where there are fewer than 20", "fraction"),
    Column("what", "TEXT", "what is counted: record (line of a genotype file), variant or sample"),
    Column("step", "BIGINT", "order in which losses are taken, from 1; 0 is the input"),
    Column("loss_reason", "TEXT", "why they are lost; 'input' at step 0"),
    Column("n_before", "BIGINT", "before the step: what is left of the step before"),
    Column("n_lost", "BIGINT", "lost at this step, each for its gravest reason"),
    Column("n_after", "BIGINT", "n_before - n_lost"),
    Column("n_variant", "BIGINT", "variants used", "variants"),
    Column("kinship", "DOUBLE", "KING-robust kinship coefficient (Manichaikul 2010): 0.5 is the same genome"),
    Column("relationship", "TEXT", "duplicate, first_degree, second_degree or third_degree, by kinship; NULL where too few places can tell it from chance"),
)

_COMPARISON = (
    Column("is_in_long_range_ld", "BOOLEAN", "in a region of long-range LD (Price 2008): tells kinship, not principal components"),
    Column("packed_used", "BLOB", "genotypes of the samples that are not left out, callsets one after the other in the order of raw.callset_sample, packed as `packed`"),
    Column("relative_sample_id", "TEXT", "the sample in use for which this one is left out; NULL when it is kept"),
    Column("is_exact", "BOOLEAN", "every choice in its family was weighed; false in families above 40, which are pruned greedily"),
    Column("is_projected", "BOOLEAN", "the components were not made from it: a relative, a sample that fails quality, or of another set"),
    *(Column(f"pc{k}", "DOUBLE", f"score on genetic principal component {k}: eigenvector x root of its eigenvalue; NULL beyond ancestry.n_pc") for k in range(1, N_PC_MAX + 1)),
    Column("squared_length", "DOUBLE", "mean over variants of the squared standardised dosage: what all components together explain of the sample"),
    Column("outlier_distance", "DOUBLE", "largest distance from the median of the fitted samples on any component", "robust SD"),
    Column("is_outlier", "BOOLEAN", "outlier_distance above ancestry.outlier_sd_max"),
    Column("ancestry_inferred", "TEXT", "label that most of the nearest reference samples have; NULL without ancestry.reference_cohorts"),
    Column("neighbour_share", "DOUBLE", "share of the nearest reference samples that have that label", "fraction"),
    Column("component", "BIGINT", "number of the principal component, counted from 1"),
    Column("eigenvalue", "DOUBLE", "of the genetic relationship matrix of the fitted samples"),
    Column("variance_share", "DOUBLE", "eigenvalue over the sum of all of them", "fraction"),
    Column("matched_set", "BIGINT", "number of the case, within the contrast, that the sample is matched to; NULL without matching"),
    Column("match_distance", "DOUBLE", "of a control from its case over principal components; NULL for cases and without matching", "SD"),
    Column("covariate", "TEXT", "what is compared between the sides: pc1.., is_female, call_rate, or ancestry=LABEL"),
    Column("stage", "TEXT", "eligible: all that could be compared; compared: those that are"),
    Column("mean_case", "DOUBLE", "mean, or share, in cases"),
    Column("mean_control", "DOUBLE", "mean, or share, in controls"),
    Column("standardised_difference", "DOUBLE", "mean_case - mean_control over the pooled standard deviation of the eligible (Austin 2009); below 0.1 either way is balance. NULL where nothing spreads, and for an audited factor that is named, not measured", "SD"),
)

_SAMPLE = (
    Column("sex", "TEXT", "female, male or NULL"),
    Column("tissue", "TEXT", "tissue the DNA came from"),
    Column("batch", "TEXT", "sequencing batch"),
    Column("sequencing_site", "TEXT", "where it was sequenced"),
    Column("is_case", "BOOLEAN", "in the reversal group; controls progress typically"),
    Column("is_included", "BOOLEAN", "of the contrast; in its tests unless its stratum lacks cases or controls"),
    Column("stratum", "TEXT", "matching stratum; 'all' when the contrast declares none"),
    Column("weight", "DOUBLE", "weight of the sample in the contrast; 1 when unweighted"),
    Column("exclusion_reason", "TEXT", "why the row is not counted; NULL when it is"),
    Column("analysis_set_hash", "TEXT", "hash of who is compared with whom in this contrast"),
)

_PARTICIPANT = (
    Column("age_at_onset_years", "DOUBLE", "age at symptom onset", "years"),
    Column("onset_site", "TEXT", "site of symptom onset"),
    Column("diagnosis", "TEXT", "diagnosis as given (ALS, PMA, ...)"),
    Column("el_escorial", "TEXT", "revised El Escorial category"),
    Column("known_mutation", "TEXT", "known ALS gene mutation, as reported"),
    Column("ancestry", "TEXT", "ancestry label, as declared by the study"),
    Column("onset_day", "BIGINT", "symptom onset, relative to the participant's day 0", "days"),
    Column("diagnosis_day", "BIGINT", "diagnosis, relative to day 0", "days"),
    Column("enrolment_day", "BIGINT", "first day under observation, relative to day 0", "days"),
    Column("death_day", "BIGINT", "death, relative to day 0; NULL when not known to have died", "days"),
    Column("tracheostomy_day", "BIGINT", "tracheostomy, relative to day 0", "days"),
    Column("last_contact_day", "BIGINT", "last day known to be alive, relative to day 0", "days"),
    Column("analyte", "TEXT", "what was measured"),
    Column("value", "DOUBLE", "measured value, in `unit`"),
    Column("unit", "TEXT", "unit of `value`"),
)

_ITEM_NAMES = {
    "q1": "speech", "q2": "salivation", "q3": "swallowing", "q4": "handwriting",
    "q5a": "cutting food, without gastrostomy", "q5b": "cutting food, with gastrostomy",
    "q6": "dressing and hygiene", "q7": "turning in bed", "q8": "walking",
    "q9": "climbing stairs", "r1": "dyspnoea", "r2": "orthopnoea",
    "r3": "respiratory insufficiency",
}

_ALSFRSR = (
    Column("day", "BIGINT", "day of the visit, relative to the participant's day 0", "days"),
    *(Column(name, "INTEGER", f"ALSFRS-R item: {text}; 4 is normal", "0-4") for name, text in _ITEM_NAMES.items()),
    Column("alsfrsr_total", "INTEGER", "ALSFRS-R total, higher is better; NULL unless all 12 items are present", "0-48"),
    Column("bulbar_score", "INTEGER", "items 1-3", "0-12"),
    Column("fine_motor_score", "INTEGER", "items 4-6", "0-12"),
    Column("gross_motor_score", "INTEGER", "items 7-9", "0-12"),
    Column("respiratory_score", "INTEGER", "items R1-R3", "0-12"),
    Column("has_gastrostomy", "BOOLEAN", "item 5b was scored instead of 5a"),
    Column("n_item_missing", "INTEGER", "items without a score, of 12", "items"),
    Column("months_since_onset", "DOUBLE", "visit day - onset_day, in months of 30.4375 days", "months"),
    Column("kings_stage", "INTEGER", "King's stage from ALSFRS-R (Balendra 2014), 0 kept as 0", "0-4"),
    Column("mitos_stage", "INTEGER", "MiToS stage (Chio 2015), communication lost = item 1 AND item 4", "0-4"),
)

_OUTCOME = (
    Column("definition", "TEXT", "name of the recovery definition"),
    Column("definition_hash", "TEXT", "hash of the definition's parameters"),
    Column("time_origin", "TEXT", "what duration is counted from: onset, diagnosis or enrolment"),
    Column("n_visit", "BIGINT", "visits with a complete ALSFRS-R total, under observation", "visits"),
    Column("nadir_total", "INTEGER", "lowest ALSFRS-R total before the recovery, or ever", "0-48"),
    Column("gain", "INTEGER", "largest gain over the nadir that lasted as the definition asks; 0 when none", "points"),
    Column("recovery_left_day", "BIGINT", "last visit before the gain was seen: recovery began after it", "days"),
    Column("recovery_right_day", "BIGINT", "first visit with the gain: recovery began by then", "days"),
    Column("confirmation_day", "BIGINT", "visit at which the gain had lasted as long as the definition asks", "days"),
    Column("entry_months", "DOUBLE", "time from the origin to observation: the risk set is entered here", "months"),
    Column("duration_months", "DOUBLE", "time from the origin: to the event or the end of observation; in a curve, to the point", "months"),
    Column("event_recovery", "BOOLEAN", "recovery was confirmed, at duration_months"),
    Column("exit_reason", "TEXT", "what ended the time at risk of recovery: recovery, death, tracheostomy or last_visit"),
    Column("survival_months", "DOUBLE", "time from the origin to death or last contact", "months"),
    Column("event_death", "BOOLEAN", "died, at survival_months"),
)

_ASSOCIATION = (
    Column("genetic_model", "TEXT", "additive, dominant or recessive in the ALT allele"),
    Column("n_case_hom_ref", "BIGINT", "cases with dosage 0", "samples"),
    Column("n_case_het", "BIGINT", "cases with dosage 1", "samples"),
    Column("n_case_hom_alt", "BIGINT", "cases with dosage 2", "samples"),
    Column("n_case_missing", "BIGINT", "cases without a call: left out of this variant's test", "samples"),
    Column("n_control_hom_ref", "BIGINT", "controls with dosage 0", "samples"),
    Column("n_control_het", "BIGINT", "controls with dosage 1", "samples"),
    Column("n_control_hom_alt", "BIGINT", "controls with dosage 2", "samples"),
    Column("n_control_missing", "BIGINT", "controls without a call: left out of this variant's test", "samples"),
    Column("beta", "DOUBLE", "log odds ratio per unit of the coded genotype, Firth-penalised"),
    Column("standard_error", "DOUBLE", "of beta, from the inverse Fisher information at the estimate"),
    Column("odds_ratio", "DOUBLE", "exp(beta): above 1 means more ALT in cases"),
    Column("ci_lower", "DOUBLE", "lower end of the 95% confidence interval of the ratio or curve beside it"),
    Column("ci_upper", "DOUBLE", "upper end of the 95% confidence interval of the ratio or curve beside it"),
    Column("p_value", "DOUBLE", "P value of record, by `method`; NULL when there is none: the fit did not converge, or a side is unknown"),
    Column("odds_ratio_het", "DOUBLE", "odds ratio of heterozygotes against homozygotes of REF, under the genotypic model; NULL under the others. Its `odds_ratio` is of homozygotes of ALT"),
    Column("method", "TEXT", "test and statistic behind the numbers of this row"),
    Column("covariates", "TEXT", "what the model adjusts for, comma separated; NULL for nothing"),
    Column("exact_p_value", "DOUBLE", "exact P value beside it, by `exact_method`; not adjusted for covariates. NULL where a genotypic table has too many outcomes to count"),
    Column("exact_mid_p_value", "DOUBLE", "mid-P value of the same test (Lancaster 1961): nearer to uniform, does not keep the level"),
    Column("exact_method", "TEXT", "fisher_exact, exact_conditional_trend or freeman_halton_exact, stratified where the contrast is"),
    Column("score_p_value", "DOUBLE", "normal P value of the score test: a screen, too small in the tail with few cases; NULL where nothing varies, and under the genotypic model"),
    Column("saddlepoint_p_value", "DOUBLE", "saddlepoint P value of the score test (Dey 2017), below a z of 2 the normal one: a screen; NULL where z is larger and the sides are separated, and under the genotypic model"),
    Column("wald_p_value", "DOUBLE", "Wald P value of Firth's beta: shown, never ranked on; NULL under the genotypic model"),
    Column("fit_status", "TEXT", "ok, separated, monomorphic, one_side_missing, screened, no_events or not_converged (see docs/methods.md)"),
    Column("separation", "INTEGER", "where separated: 1 where more ALT always goes with being a case, -1 where it never does, 0 where covariates separate the sides; NULL elsewhere"),
    Column("n_variant_tested", "BIGINT", "variants tested in the contrast: called in both sides", "variants"),
    Column("n_clump", "BIGINT", "variants that the lead stands for, itself among them: P of record at most association.lead_p_max, and r2 with it above association.clump_r2_max within association.clump_bp; NULL for a declared variant that does not lead", "variants"),
    Column("is_declared", "BOOLEAN", "the locus was declared in study.yaml before the data"),
    Column("is_genome_wide_significant", "BOOLEAN", "p_value below association.genome_wide_alpha of study.yaml (5e-8 unless set)"),
    Column("is_bonferroni_significant", "BOOLEAN", "p_value below association.bonferroni_alpha (0.05 unless set) / (variants x genetic models tested in the contrast)"),
    Column("gene_distance_bp", "BIGINT", "distance to the gene; 0 inside it", "bp"),
    Column("n_case", "BIGINT", "cases counted", "samples"),
    Column("alpha", "DOUBLE", "significance threshold that the power, the fragility or the status of the row is for"),
    Column("power", "DOUBLE", "wanted power: that the effect is detectable with, or that a replication must have to refute", "fraction"),
    Column("n_control_carrier", "BIGINT", "carriers among the controls", "samples"),
    Column("control_carrier_freq", "DOUBLE", "carriers / called controls; NULL without one", "fraction"),
    Column("minimum_detectable_odds_ratio", "DOUBLE", "smallest carrier odds ratio found with `power` at `alpha` by `method`; NULL unless detectable_status is ok"),
    Column("detectable_status", "TEXT", "ok, unreachable (by an odds ratio of a million), no_control_carrier or every_control_carries (no odds ratio has a baseline), no_calls"),
    Column("minimum_case_carriers", "BIGINT", "fewest carriers among the cases, more than the controls' share, for a P value of at most `alpha` by `method`; NULL when all are not enough", "samples"),
    Column("minimum_attainable_p_value", "DOUBLE", "smallest exact P value these margins can give"),
)

_PERMUTATION = (
    Column("permutation", "BIGINT", "number of the labelling of the samples: 0 is the true one, the others are shuffled within strata"),
    Column("n_permutation", "BIGINT", "labellings drawn at random within strata", "labellings"),
    Column("n_inflation_permutation", "BIGINT", "of these, the first ones, for which the inflation factor was taken too", "labellings"),
    Column("n_inflation_variant", "BIGINT", "variants that exact_lambda_gc is of: their coded minor allele count is permutation.inflation_mac_min or more", "variants"),
    Column("n_variant_filled", "BIGINT", "variants in which samples without a call counted as hom-ref: their strata can lack calls in more than 512 ways", "variants"),
    Column("smallest_exact_p_value", "DOUBLE", "smallest exact P value of all variants under this genetic model"),
    Column("exact_lambda_gc", "DOUBLE", "genomic inflation factor of the exact P values of n_inflation_variant variants, to 0.001: expected is what permuted labels give, not 1. NULL where it was not taken"),
    Column("exact_lambda_lower", "DOUBLE", "2.5% quantile of exact_lambda_gc under permuted labels"),
    Column("exact_lambda_median", "DOUBLE", "median of exact_lambda_gc under permuted labels: what 1 is for this test, these variants and so few cases"),
    Column("exact_lambda_upper", "DOUBLE", "97.5% quantile of exact_lambda_gc under permuted labels"),
    Column("family_wise_alpha", "DOUBLE", "chance of one or more false findings among all variants that is accepted: association.bonferroni_alpha"),
    Column("family_wise_p_max", "DOUBLE", "exact P value below which a variant keeps family_wise_alpha over all variants of its genetic model, LD and discreteness included; NULL where there are too few permutations for one"),
    Column("family_wise_p_max_lower", "DOUBLE", "lower end of the 95% interval that so many permutations leave family_wise_p_max; 0 where they cannot bound it"),
    Column("family_wise_p_max_upper", "DOUBLE", "upper end of that interval"),
    Column("permutation_p_value", "DOUBLE", "(b + 1) / (n_permutation + 1), b the labellings under which the variant's exact P value is as small"),
    Column("family_wise_p_value", "DOUBLE", "(b + 1) / (n_permutation + 1), b the labellings under which the smallest exact P value of all variants, under this genetic model, is as small"),
    Column("any_model_family_wise_p_value", "DOUBLE", "the same over all variants under any genetic model"),
)

_LEAD = (
    Column("genes_overlapping", "TEXT", "every protein-coding gene (GENCODE v32) that the position lies in, comma separated; NULL outside all"),
    Column("q_value", "DOUBLE", "Benjamini & Hochberg's (1995): the smallest false discovery rate at which the row is significant among all tests of the contrast (variants x genetic models); NULL without a P value of record"),
    Column("is_bh_significant", "BOOLEAN", "q_value at most association.false_discovery_rate of study.yaml (0.05 unless set)"),
    Column("conditioned_on", "TEXT", "the lead of smallest P among the others of the contrast on the chromosome within association.conditional_bp; NULL without one"),
    Column("conditional_p_value", "DOUBLE", "P of Firth's likelihood ratio test of the row given the dosage of conditioned_on; NULL without one, where the two cannot be told apart, and under the genotypic model"),
    Column("agreement_p_value", "DOUBLE", "P value that the control arms' odds ratios are one: likelihood ratio in the multinomial model (term common), or Cochran's test with the shared cases' correlation (term combined); NULL elsewhere"),
    Column("joint_p_value", "DOUBLE", "P value of the multinomial model that the odds ratio of every arm is 1, of as many degrees of freedom as arms; NULL but for the term common"),
    Column("arm_correlation", "DOUBLE", "correlation of the arms' log odds ratios, which share the cases: of the multinomial model (term common), or by the numbers of samples after Lin & Sullivan 2009 (term combined); of three arms or more the mean over pairs. NULL elsewhere"),
    Column("p_value_min", "DOUBLE", "smallest P of record when each case is left out in turn"),
    Column("p_value_max", "DOUBLE", "largest P of record when each case is left out in turn"),
    Column("odds_ratio_min", "DOUBLE", "smallest odds ratio when each case is left out in turn"),
    Column("odds_ratio_max", "DOUBLE", "largest odds ratio when each case is left out in turn"),
    Column("fragility", "BIGINT", "fewest cases whose leaving out takes the P of record above `alpha`; 0 where it is above already; NULL where covariates are adjusted for, and without a called case", "samples"),
    Column("is_fragility_minimum", "BOOLEAN", "every choice of so many cases was tried; false where there were too many, and fewer may do; NULL where fragility is"),
    Column("selection_p_max", "DOUBLE", "P of record that picked the leads: association.lead_p_max"),
    Column("corrected_odds_ratio", "DOUBLE", "odds_ratio had it not been picked for its P (Ghosh, Zou & Wright 2008, their third estimate); NULL for declared loci, which were not, and where P is above selection_p_max"),
    Column("corrected_ci_lower", "DOUBLE", "lower end of its 95% interval, given that it was picked"),
    Column("corrected_ci_upper", "DOUBLE", "upper end of its 95% interval, given that it was picked"),
    Column("replication", "TEXT", "name of the replication, declared in study.yaml"),
    Column("effect_allele", "TEXT", "allele whose effect was declared: REF or ALT of the variant"),
    Column("direction", "TEXT", "declared: higher_in_cases or lower_in_cases, of the effect allele"),
    Column("alternative", "TEXT", "declared: two_sided, or one_sided in the declared direction"),
    Column("declared_odds_ratio", "DOUBLE", "odds ratio of the discovery, of the effect allele, as declared; odds_ratio beside it is of the same allele"),
    Column("replication_power", "DOUBLE", "power of Fisher's test to see declared_odds_ratio at `alpha` with these samples and this frequency in controls; NULL where it has no baseline", "fraction"),
    Column("replication_status", "TEXT", "confirmed, refuted, underpowered or not_tested (see docs/methods.md)"),
    Column("shares_cases", "BOOLEAN", "a cohort of cases is of the discovery too: then the controls are new at most, and it is no independent replication"),
    Column("discovery", "TEXT", "the discovery's cohorts of cases, comma separated; or published: none of this study's"),
)

_AUDIT = (
    Column("factor", "TEXT", "what is asked about: callset, caller, tissue, batch, sequencing_site, call_rate, mean_depth, ancestry or sex"),
    Column("n_case_known", "BIGINT", "cases whose value of the factor is known", "samples"),
    Column("n_control_known", "BIGINT", "controls whose value of the factor is known", "samples"),
    Column("n_case_unknown", "BIGINT", "cases whose value of the factor is not known", "samples"),
    Column("n_control_unknown", "BIGINT", "controls whose value of the factor is not known", "samples"),
    Column("n_case_value", "BIGINT", "distinct values among the cases", "values"),
    Column("n_control_value", "BIGINT", "distinct values among the controls", "values"),
    Column("n_shared_value", "BIGINT", "distinct values that both sides have", "values"),
    Column("case_values", "TEXT", "the cases' values, where each is of 5 samples or more and they are few; else how many there are, or for a measured factor the median"),
    Column("control_values", "TEXT", "the controls' values, told as case_values"),
    Column("n_stratum", "BIGINT", "strata with both sides, within which they are compared", "strata"),
    Column("overlap", "DOUBLE", "share of the two sides on common values, of several strata the mean by cases; of a measured factor 1 - the largest distance of their distribution functions", "fraction"),
    Column("cramers_v", "DOUBLE", "Cramer's V of the factor and being a case, 0 to 1; NULL for a measured factor, and where there is one value"),
    Column("n_draw", "BIGINT", "random tables that the P value is an estimate from; NULL where it is exact", "tables"),
    Column("seed", "BIGINT", "seed of the random tables or labellings; NULL where there are none"),
    Column("is_aligned", "BOOLEAN", "the factor goes with being a case (P at most audit.p_max beside an overlap of at most audit.overlap_max or more than audit.case_apart_max of the cases on values that no control of their stratum has, or no value in common; a named factor that one side alone has: by who has it); NULL where it cannot be judged"),
    Column("cohort_1", "TEXT", "first cohort of a pair of control cohorts, in the order of study.yaml; an odds ratio above 1 is more ALT in it"),
    Column("cohort_2", "TEXT", "second cohort of the pair"),
    Column("n_called_1", "BIGINT", "samples of cohort_1 with a call", "samples"),
    Column("n_called_2", "BIGINT", "samples of cohort_2 with a call", "samples"),
    Column("allele_count_1", "BIGINT", "ALT alleles in cohort_1", "alleles"),
    Column("allele_count_2", "BIGINT", "ALT alleles in cohort_2", "alleles"),
    Column("n_sample_1", "BIGINT", "samples of cohort_1 that are compared", "samples"),
    Column("n_sample_2", "BIGINT", "samples of cohort_2 that are compared", "samples"),
    Column("lambda_gc", "DOUBLE", "genomic inflation factor: median chi-square over 0.4549; near 1 says little at a small n. NULL without a test"),
    Column("lambda_1000", "DOUBLE", "lambda_gc scaled to 1,000 samples a side; NULL where lambda_gc is below 1"),
    Column("bonferroni_p_max", "DOUBLE", "association.bonferroni_alpha / (variants x genetic models tested of the pair)"),
    Column("n_below_bonferroni", "BIGINT", "variants whose P value of record is below bonferroni_p_max: 0 is expected of cohorts that are alike", "variants"),
    Column("least_p_value", "DOUBLE", "smallest P value of record; NULL without a test"),
    Column("control_p_value", "DOUBLE", "P value of record of the same variant and model between control cohorts, the smallest over the pairs with a cohort of the contrast; NULL where there is no pair. Small: an artefact, or descent, moves this variant among controls too"),
    Column("missing_p_value", "DOUBLE", "Fisher exact P value that calls are missing as often in cases as in controls"),
    Column("n_level", "BIGINT", "levels of the factor among the samples compared", "levels"),
    Column("n_shared_level", "BIGINT", "levels, within strata, that both sides have", "levels"),
    Column("n_case_left", "BIGINT", "cases with a call in strata and levels that both sides have", "samples"),
    Column("n_control_left", "BIGINT", "controls with a call in strata and levels that both sides have", "samples"),
    Column("unmasked_p_value", "DOUBLE", "P value of record of the lead in all samples"),
    Column("masking_status", "TEXT", "holds, vanishes, too_few, cannot_be_told_apart (no level has both sides), no_signal, one_level or unknown (see docs/methods.md)"),
    Column("n_control_called", "BIGINT", "controls of the contrast with a call", "samples"),
    Column("external_allele_freq", "DOUBLE", "frequency of ALT in the study's external table", "fraction"),
    Column("external_allele_number", "BIGINT", "alleles that external_allele_freq rests on; NULL where the table does not say", "alleles"),
    Column("external_ancestry", "TEXT", "whose frequencies the external table has, as study.yaml says"),
    Column("depth_ratio", "DOUBLE", "mean depth of the variant in the cases' callsets over that in the controls', each callset's beside its own median variant; NULL where both sides are of the same callsets, or these give no depth", "ratio"),
    Column("external_z", "DOUBLE", "controls' allele frequency minus the external one, over its standard error; NULL without an external frequency, or where there is no error to compare with", "standard errors"),
    Column("is_confounded", "BOOLEAN", "cases and controls behind the row differ in something else than being one: see confounded_by"),
    Column("confounded_by", "TEXT", "the factors that go with being a case, comma separated; NULL when none does"),
)

_SURVIVAL = (
    Column("carrier_group", "TEXT", "carrier or non_carrier of the variant"),
    Column("event", "TEXT", "what the curve or model is of: recovery or death"),
    Column("cumulative_incidence", "DOUBLE", "probability of the event by then, the other event competing", "fraction"),
    Column("event_free", "DOUBLE", "probability of no event yet", "fraction"),
    Column("n_at_risk", "BIGINT", "under observation and event free just before", "participants"),
    Column("n_event", "BIGINT", "events counted", "participants"),
    Column("term", "TEXT", "model term; in result.lead_arm what the cases are held against, and how (see docs/methods.md)"),
    Column("n", "BIGINT", "participants in the model", "participants"),
    Column("n_carrier", "BIGINT", "carriers in the model", "participants"),
    Column("n_event_carrier", "BIGINT", "events in carriers", "participants"),
    Column("hazard_ratio", "DOUBLE", "above 1 means the event comes faster: faster recovery, or earlier death"),
    Column("strata", "TEXT", "columns the baseline hazard is stratified by, comma separated; empty when none"),
    Column("proportional_hazards_p", "DOUBLE", "P value of the Schoenfeld test (rank-transformed time); small: not proportional"),
    Column("caveat", "TEXT", "what keeps the number from meaning more than it does"),
    Column("month", "DOUBLE", "middle of the interval of time since the origin", "months"),
    Column("mean_total", "DOUBLE", "mean ALSFRS-R total of those seen in the interval", "0-48"),
)

_META = (
    Column("table_name", "TEXT", "table of this database"),
    Column("partition", "TEXT", "chromosome, where the table is made by chromosome; else empty"),
    Column("run_id", "TEXT", "Dagster run that wrote the table this row stands in"),
    Column("code_version", "TEXT", "hash of the code or SQL that made the table"),
    Column("data_version", "TEXT", "hash of the table's content"),
    Column("input_key", "TEXT", "hash of code, settings and inputs: equal means nothing to recompute"),
    Column("n_row", "BIGINT", "rows in the table", "rows"),
    Column("study", "TEXT", "name of the study"),
    Column("genome_build", "TEXT", "GRCh37 or GRCh38"),
    Column("is_simulated", "BOOLEAN", "some of the study's data are simulated"),
    Column("study_sha256", "TEXT", "SHA-256 of study.yaml"),
    Column("alsrev_version", "TEXT", "version of alsrev"),
    Column("package_versions", "TEXT", "JSON: versions of the packages the numbers rest on"),
    Column("check_name", "TEXT", "name of the asset check"),
    Column("passed", "BOOLEAN", "the check passed"),
    Column("is_blocking", "BOOLEAN", "what follows is not computed when the check fails"),
    Column("description", "TEXT", "what was found and what was expected"),
)

COLUMNS: dict[str, Column] = {
    column.name: column
    for group in (
        _IDENTITY, _SOURCE, _GENOTYPE, _COUNT, _COMPARISON, _SAMPLE, _PARTICIPANT,
        _ALSFRSR, _OUTCOME, _ASSOCIATION, _PERMUTATION, _LEAD, _AUDIT, _SURVIVAL, _META,
    )
    for column in group
}
