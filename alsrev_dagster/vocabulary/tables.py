"""The tables: what one row is, which columns in which order, which of them are the key."""

from dataclasses import dataclass

from alsrev_dagster.vocabulary.columns import COLUMNS, N_PC_MAX, Column


@dataclass(frozen=True)
class Table:
    """A table: schema-qualified name, grain, columns in order, key, columns that may be NULL."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    nullable: frozenset[str]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def short_name(self) -> str:
        """The name without its schema."""
        return self.name.partition(".")[2]

    @property
    def shape(self) -> str:
        """What a file of it must fit: columns in order with their types, the key, the NULLs."""
        columns = [(column.name, column.type) for column in self.columns]
        return repr((self.name, columns, self.key, sorted(self.nullable)))

    @property
    def meaning(self) -> str:
        """Its shape, and what is said of it and of each column."""
        return repr((self.shape, self.grain, [column.comment for column in self.columns]))


def _table(name: str, grain: str, columns: str) -> Table:
    """Read a table's columns: ``*`` marks the key, ``?`` a column that may be NULL."""
    words = columns.split()
    return Table(
        name=name,
        grain=grain,
        columns=tuple(COLUMNS[word.rstrip("*?")] for word in words),
        key=tuple(word[:-1] for word in words if word.endswith("*")),
        nullable=frozenset(word[:-1] for word in words if word.endswith("?")),
    )


_COUNTS_BY_GENOTYPE = """
    n_case_hom_ref n_case_het n_case_hom_alt n_case_missing
    n_control_hom_ref n_control_het n_control_hom_alt n_control_missing"""

_EFFECT = """beta? standard_error? odds_ratio? ci_lower? ci_upper? odds_ratio_het? ci_lower_het? ci_upper_het? p_value? method covariates?
        exact_p_value? exact_mid_p_value? minimum_attainable_p_value? exact_method score_p_value? saddlepoint_p_value?
        wald_p_value? fit_status separation?"""

MARK = ("is_confounded", "confounded_by")
"""What stands at the end of every result row: whether being a case can be told from all else."""

_MARK = "is_confounded confounded_by?"

_ENVELOPE = """exact_lambda_gc? exact_lambda_lower? exact_lambda_median? exact_lambda_upper?
        n_inflation_permutation n_inflation_variant"""

_MODEL = f"""
    locus variant_id* genetic_model* event* definition* method* term* ratio_of time_origin strata covariates? n n_carrier
    n_event n_event_carrier events_per_term? ratio? ci_lower? ci_upper? p_value? proportional_hazards_p? fit_status
    separation? caveat {_MARK}"""

_COUNTED = """n_participant n_without_visit n_outside_baseline n_ended_before n_lost_before n_followed n_recovered
    recovered_rate? ci_lower? ci_upper? expected_false_rate? monte_carlo_error? n_false_lower? n_false_upper? noise_p_value?
    residual_sd? slope_mean_per_month? slope_sd_per_month? n_simulation seed method caveat"""

_CELL = "over* min_gain_points* min_duration_days* n_confirming_visit*"

_ITEMS = "q1? q2? q3? q4? q5a? q5b? q6? q7? q8? q9? r1? r2? r3?"

_PCS = " ".join(f"pc{k}?" for k in range(1, N_PC_MAX + 1))

# fmt: off
_TABLES = (
    _table("raw.callset", "genotype file", "callset* path* format sha256 size_bytes n_sample n_record n_left_out chromosomes note?"),
    _table("raw.callset_sample", "callset x sample, in the order of the packed genotypes", "callset* sample_index* sample_id is_listed?"),
    _table("raw.sample", "sample", "sample_id* participant_id callset cohort sex? tissue? batch? sequencing_site? sampling_day? source_file source_line"),
    _table(
        "raw.participant",
        "participant",
        """participant_id* sex? age_at_onset_years? onset_site? diagnosis? el_escorial? known_mutation? ancestry?
        onset_day? onset_earliest_day? onset_latest_day? diagnosis_day? enrolment_day? has_died? death_day?
        tracheostomy_day? last_contact_day? source_file source_line""",
    ),
    _table("raw.visit", "participant x day", f"participant_id* day* {_ITEMS} q10? alsfrsr_total? alsfrs_total? source_file source_line"),
    _table("raw.biomarker", "participant x day x analyte", "participant_id* day* analyte* value? unit source_file source_line"),
    _table(
        "raw.clinical_note",
        "what an importer did to a cell or row of a clinical file; no rows for tables of one's own",
        "note_index* source_file source_line source_column? action reason found?",
    ),
    _table("raw.genotype", "callset x variant", "callset* variant_id* chrom pos ref alt rsid? filter? qual? info_allele_freq? consequence? consequence_by_gene? is_snv n_depth? mean_depth? n_genotype_quality? mean_genotype_quality? n_het_read? allele_balance? packed"),
    _table(
        "raw.external_allele",
        "variant of the external table, at a position of the study's genotypes",
        "variant_id* chrom pos ref alt allele_freq allele_number? source_line",
    ),
    _table("raw.gene_set", "gene set x gene of its file", "gene_set* gene* is_known gene_set_description? source_file source_line"),
    _table(
        "raw.summary_statistic",
        "source x variant of its summary statistics",
        """source* variant_id* chrom pos ref alt beta standard_error odds_ratio ci_lower? ci_upper? p_value neg_log10_p?
        effect_allele_freq? n? method source_file source_line""",
    ),
    _table("core.sample_trait", "sample of the table of samples, with the sex (its own, or else its participant's), ancestry and age at onset it is judged by", "sample_id* participant_id cohort sex? ancestry? age_at_onset_years?"),
    _table(
        "core.variant_qc",
        "variant",
        """variant_id* chrom pos ref alt rsid? is_snv n_hom_ref n_het n_hom_alt n_missing call_rate
        case_call_rate? control_call_rate? cohort_call_rate_min? missing_p
        allele_count allele_number allele_freq? mac maf? case_mac case_maf? control_mac control_maf?
        n_control hwe_p? hwe_mid_p? n_het_read? allele_balance? filter_reason?""",
    ),
    _table(
        "core.sample_qc",
        "called sample of the table of samples that is not under exclude",
        """sample_id* n_called n_missing call_rate n_het n_hom_alt n_singleton het_rate? inbreeding_f? het_hom_ratio? ti_tv?
        x_het_rate? y_call_rate? n_depth? mean_depth? n_genotype_quality? mean_genotype_quality?
        sex_declared? sex_inferred? filter_reason? flag_reason?""",
    ),
    _table(
        "core.quality_loss",
        "step of the losses of records, of variants and of samples, from the input to what passes quality",
        "what* step* loss_reason n_before n_lost n_after",
    ),
    _table("core.pruned_variant", "common autosomal SNV that LD pruning keeps", "variant_id* chrom pos is_in_long_range_ld packed_used"),
    _table("core.kinship", "pair of samples with the kinship of the third degree or closer", "sample_id_1* sample_id_2* n_variant kinship relationship?"),
    _table(
        "core.unrelated_sample",
        "called sample that passes quality; without a reason when it is among the largest set without relatives",
        "sample_id* participant_id exclusion_reason? relative_sample_id? kinship? relationship? is_exact",
    ),
    _table(
        "core.sample_pc",
        "called sample that is not left out",
        f"""sample_id* is_projected {_PCS} squared_length? outlier_distance? is_outlier? n_variant
        ancestry_inferred? neighbour_share?""",
    ),
    _table("core.principal_component", "principal component", "component* eigenvalue variance_share n_sample n_variant method"),
    _table(
        "core.analysis_set",
        "contrast x sample of its cohorts",
        """contrast* sample_id* participant_id cohort is_case stratum matched_set? match_distance? weight is_included
        exclusion_reason? analysis_set_hash""",
    ),
    _table(
        "core.analysis_loss",
        "contrast x side x step of its losses, from the samples of its cohorts to who is compared",
        "contrast* is_case* step* loss_reason n_before n_lost n_after",
    ),
    _table(
        "core.alsfrsr",
        "participant x visit day",
        """participant_id* day* months_since_onset? alsfrsr_total? bulbar_score? fine_motor_score? gross_motor_score?
        respiratory_score? alsfrsr_without_item_5? alsfrs_total? alsfrs_without_item_5? has_gastrostomy n_item_missing
        delta_fs? delta_fs_missing_reason? kings_stage? kings_stage_recoded? kings_stage_manera? mitos_stage?""",
    ),
    _table(
        "core.outcome",
        "participant x recovery definition",
        """participant_id* definition* definition_hash scale time_origin origin_day? n_visit followed_months? baseline_total? nadir_total? gain
        recovery_left_day? recovery_right_day? confirmation_day? last_free_day? entry_months? duration_months? event_recovery exit_reason? censoring?
        survival_months? event_death exclusion_reason?""",
    ),
    _table(
        "core.state_spell",
        "participant x kind of states x spell in one state",
        "participant_id* states* spell_index* state from_months until_months next_state? definition? time_origin",
    ),
    _table("core.carrier", "declared or lead variant x sample that is not under exclude", "locus variant_id* sample_id* participant_id cohort dosage? carrier?"),
    _table(
        "result.confounding",
        "contrast x audited factor",
        """contrast* factor* n_case_known n_control_known n_case_unknown n_control_unknown n_case_value n_control_value
        n_shared_value case_values control_values n_stratum? overlap? cramers_v? standardised_difference? p_value? method? n_draw?
        seed? is_aligned? analysis_set_hash""",
    ),
    _table("result.confounding_mark", "contrast", "contrast* is_confounded confounded_by?"),
    _table(
        "result.association",
        "contrast x variant x genetic model",
        f"contrast* variant_id* genetic_model* {_COUNTS_BY_GENOTYPE} {_EFFECT} analysis_set_hash {_MARK}",
    ),
    _table(
        "result.balance",
        "contrast x covariate x stage",
        "contrast* covariate* stage* n_case n_control mean_case? mean_control? standardised_difference? analysis_set_hash",
    ),
    _table(
        "result.lead_variant",
        "contrast x declared or lead variant x genetic model",
        f"""contrast* locus variant_id* genetic_model* is_declared n_clump? gene? gene_distance_bp? genes_overlapping?
        consequence? {_COUNTS_BY_GENOTYPE} case_alt_freq? control_alt_freq? {_EFFECT} n_variant_tested is_bonferroni_significant q_value? is_bh_significant
        is_genome_wide_significant conditioned_on? conditional_p_value?
        missing_p_value depth_ratio? control_p_value? external_allele_freq? external_z? analysis_set_hash {_MARK}""",
    ),
    _table(
        "result.lead_arm",
        "contrast x declared or lead variant x genetic model (not genotypic) x term",
        f"""contrast* locus variant_id* genetic_model* term* n_case n_control beta? standard_error? odds_ratio? ci_lower?
        ci_upper? p_value? exact_mid_p_value? agreement_p_value? joint_p_value? arm_correlation? method covariates? fit_status
        analysis_set_hash {_MARK}""",
    ),
    _table(
        "result.lead_influence",
        "contrast x declared or lead variant x genetic model (not genotypic)",
        f"""contrast* locus variant_id* genetic_model* n_case n_control p_value? p_value_min? p_value_max? odds_ratio?
        odds_ratio_min? odds_ratio_max? alpha fragility? is_fragility_minimum? method covariates? analysis_set_hash {_MARK}""",
    ),
    _table(
        "result.lead_correction",
        "contrast x declared or lead variant x genetic model (not genotypic)",
        f"""contrast* locus variant_id* genetic_model* is_declared shares_cases n_case n_control odds_ratio? p_value? selection_p_max
        corrected_odds_ratio? corrected_ci_lower? corrected_ci_upper? method covariates? analysis_set_hash {_MARK}""",
    ),
    _table(
        "result.replication",
        "declared replication",
        f"""replication* contrast variant_id effect_allele direction genetic_model alternative alpha power declared_odds_ratio
        n_case? n_control? odds_ratio? ci_lower? ci_upper? p_value? method? replication_power? replication_status shares_cases
        discovery covariates? analysis_set_hash? {_MARK}""",
    ),
    _table(
        "result.control_scan",
        "pair of control cohorts x variant x genetic model",
        """cohort_1* cohort_2* variant_id* genetic_model* n_called_1 n_called_2 allele_count_1 allele_count_2
        odds_ratio? p_value? method exact_p_value exact_method fit_status analysis_set_hash""",
    ),
    _table(
        "result.negative_control",
        "pair of control cohorts x genetic model",
        """cohort_1* cohort_2* genetic_model* n_sample_1 n_sample_2 n_variant_tested lambda_gc? lambda_1000?
        bonferroni_p_max? n_below_bonferroni least_p_value? method analysis_set_hash""",
    ),
    _table(
        "result.external_frequency",
        "contrast x variant of the external table that is tested",
        """contrast* variant_id* n_control_called allele_count allele_number allele_freq? external_allele_freq
        external_allele_number? external_ancestry external_z? analysis_set_hash""",
    ),
    _table(
        "result.masked_lead",
        "contrast x declared or lead variant x genetic model x technical factor",
        f"""contrast* locus variant_id* genetic_model* factor* n_level n_shared_level n_case_left n_control_left
        unmasked_p_value? beta? odds_ratio? ci_lower? ci_upper? p_value? exact_p_value? fit_status? method
        minimum_attainable_p_value? masking_status analysis_set_hash {_MARK}""",
    ),
    _table(
        "result.permuted_scan",
        "contrast x genetic model (genotypic: of at most 100 cases or controls) x labelling of the samples",
        """contrast* genetic_model* permutation* n_variant n_variant_filled smallest_exact_p_value exact_lambda_gc?
        n_inflation_variant exact_method
        seed analysis_set_hash""",
    ),
    _table(
        "result.permutation",
        "contrast x genetic model",
        f"""contrast* genetic_model* n_variant n_variant_filled n_permutation family_wise_alpha family_wise_p_max?
        family_wise_p_max_lower family_wise_p_max_upper smallest_exact_p_value family_wise_p_value {_ENVELOPE}
        exact_method method seed analysis_set_hash {_MARK}""",
    ),
    _table(
        "result.lead_permutation",
        "contrast x declared or lead variant x genetic model",
        f"""contrast* locus variant_id* genetic_model* exact_p_value n_permutation permutation_p_value family_wise_p_value
        any_model_family_wise_p_value n_variant exact_method method seed analysis_set_hash {_MARK}""",
    ),
    _table(
        "result.control_permutation",
        "pair of control cohorts x genetic model",
        f"""cohort_1* cohort_2* genetic_model* n_sample_1 n_sample_2 n_variant n_variant_filled {_ENVELOPE}
        exact_method method seed analysis_set_hash""",
    ),
    _table(
        "result.detectable_effect",
        "contrast x declared or lead variant x genetic model (not genotypic) x alpha",
        f"""contrast* locus variant_id* genetic_model* alpha* power n_case n_control n_control_carrier control_carrier_freq? detectable_status
        minimum_detectable_odds_ratio? minimum_case_carriers? minimum_attainable_p_value method analysis_set_hash {_MARK}""",
    ),
    _table(
        "result.detectable_frequency",
        "contrast x alpha x number of carriers among the controls",
        f"""contrast* alpha* n_control_carrier* power n_case n_control control_carrier_freq detectable_status
        minimum_detectable_odds_ratio? minimum_case_carriers? method analysis_set_hash {_MARK}""",
    ),
    _table(
        "result.set_test",
        "contrast x gene x mask x test",
        f"""contrast* gene* chrom* mask* test* gene_start gene_end chosen_by n_variant n_case n_control n_carrier_case
        n_carrier_control imputed_rate p_value asymptotic_p_value? minimum_attainable_p_value? carrier_exact_p_value?
        allele_exact_p_value? odds_ratio? ci_lower? ci_upper? fit_status? skat_o_rho? n_draw? seed? method covariates?
        analysis_set_hash {_MARK}""",
    ),
    _table(
        "result.pathway_test",
        "contrast x gene set x mask x genes left out",
        f"""contrast* gene_set* mask* gene_left_out* n_gene_in_file n_gene_unknown n_gene n_gene_untested n_gene_other
        n_case n_control self_contained_p_value? competitive_p_value? competitive_resampled_p_value? competitive_beta?
        competitive_standard_error? is_circular circularity n_draw seed method covariates? analysis_set_hash {_MARK}""",
    ),
    _table(
        "result.lead_external",
        "contrast x declared or lead variant x source that has it",
        f"""contrast* variant_id* source* locus genetic_model n_case n_control beta? p_value? external_beta
        external_standard_error external_p_value external_n? effect_allele_freq? external_method is_same_direction?
        analysis_set_hash {_MARK}""",
    ),
    _table(
        "result.recovery_rate",
        "recovery definition x horizon at which it can be met x cohort",
        f"definition* horizon_months* cohort* definition_hash is_study_definition scale {_COUNTED}",
    ),
    _table("result.recovery_grid", "combination of a recovery definition's numbers", f"{_CELL} definition_hash is_study_definition scale {_COUNTED}"),
    _table(
        "result.recovery_effect",
        "declared or lead variant x combination of a recovery definition's numbers",
        f"""locus variant_id* {_CELL} definition_hash is_study_definition n n_carrier n_event n_event_carrier n_stratum
        odds_ratio? ci_lower? ci_upper? p_value? exact_p_value? fit_status method exact_method strata caveat {_MARK}""",
    ),
    _table(
        "result.recovery_curve",
        "variant x genetic model x group x event x time",
        f"""locus variant_id* genetic_model* definition carrier_group* event* duration_months* cumulative_incidence ci_lower?
        ci_upper? n_at_risk n_event method time_origin caveat {_MARK}""",
    ),
    _table(
        "result.survival_curve",
        "variant x genetic model x group x time",
        f"""locus variant_id* genetic_model* carrier_group* duration_months* event_free ci_lower? ci_upper? n_at_risk n_event
        method time_origin caveat {_MARK}""",
    ),
    _table(
        "result.milestone_curve",
        "variant x genetic model x group x milestone x time",
        f"""locus variant_id* genetic_model* carrier_group* event* duration_months* event_free ci_lower? ci_upper? n_at_risk
        n_event method time_origin caveat {_MARK}""",
    ),
    _table(
        "result.hazard_by_time",
        "variant x genetic model x event x band of time",
        f"""locus variant_id* genetic_model* event* definition from_months* until_months n n_carrier n_event n_event_carrier
        ratio_of ratio? ci_lower? ci_upper? p_value? method fit_status strata time_origin caveat {_MARK}""",
    ),
    _table(
        "result.interval_curve",
        "variant x genetic model x group x method x time",
        f"""locus variant_id* genetic_model* definition carrier_group* event method* duration_months* cumulative_incidence?
        share_least? share_most? ci_lower? ci_upper? n n_event fit_status time_origin caveat {_MARK}""",
    ),
    _table(
        "result.curve_test",
        "variant x genetic model x event x test",
        f"""locus variant_id* genetic_model* event* definition test* n n_carrier n_event statistic? degrees_of_freedom? p_value?
        permutation_p_value? n_permutation seed strata time_origin caveat {_MARK}""",
    ),
    _table(
        "result.restricted_mean",
        "variant x genetic model x event x horizon x group, and the difference of two groups",
        f"""locus variant_id* genetic_model* event* definition horizon_months* carrier_group* n n_event mean_months?
        standard_error? ci_lower? ci_upper? p_value? fit_status method time_origin caveat {_MARK}""",
    ),
    _table("result.recovery_model", "variant x genetic model x definition x model x term", _MODEL),
    _table("result.survival_model", "variant x genetic model x model x term", _MODEL),
    _table(
        "result.reversal_state",
        "analysis of survival after a confirmed recovery",
        f"""analysis* landmark_months* definition n n_reversed n_event n_event_reversed hazard_ratio? ci_lower? ci_upper?
        p_value? events_per_term method fit_status strata time_origin caveat {_MARK}""",
    ),
    _table(
        "result.survival_scan",
        "event x variant x genetic model",
        f"""event* variant_id* genetic_model* definition time_origin n n_event n_hom_ref n_het n_hom_alt n_missing
        n_event_hom_ref n_event_het n_event_hom_alt hazard_ratio? ci_lower? ci_upper? p_value? method firth_p_value?
        firth_method? permutation_p_value? score_z? score_p_value? saddlepoint_p_value? fit_status separation? strata covariates? caveat {_MARK}""",
    ),
    _table(
        "result.survival_inflation",
        "event x genetic model of the survival scan",
        f"""event* genetic_model* definition time_origin n n_event n_variant n_inflation_variant lambda_gc? n_permutation
        lambda_lower? lambda_median? lambda_upper? method seed strata covariates? caveat {_MARK}""",
    ),
    _table("result.trajectory", "variant x carrier group x interval of time", f"locus variant_id* carrier_group* month* n mean_total ci_lower? ci_upper? method time_origin caveat {_MARK}"),
    _table(
        "result.trajectory_model",
        "variant x genetic model x method x strata x term",
        f"""locus variant_id* genetic_model* method* strata* term* time_origin n n_carrier n_carrier_repeated n_event n_visit
        estimate? standard_error? ci_lower? ci_upper? p_value? t_degrees_of_freedom? likelihood_ratio_p_value?
        floor_rate_carrier? floor_rate_non_carrier? ceiling_rate_carrier? ceiling_rate_non_carrier? n_imputation? seed?
        fit_status caveat {_MARK}""",
    ),
    _table(
        "result.fitted_course",
        "variant x carrier group x time; a group may be one or two people: private, not for release",
        f"""locus variant_id* carrier_group* month* n n_visit mean_total ci_lower ci_upper method time_origin fit_status
        caveat {_MARK}""",
    ),
    _table(
        "result.cafs",
        "variant x genetic model x horizon",
        f"""locus variant_id* genetic_model* horizon_months* strata time_origin n n_carrier n_event mean_rank_carrier?
        mean_rank_non_carrier? p_value? permutation_p_value? n_permutation n_pair n_undecided_pair method seed caveat {_MARK}""",
    ),
    _table(
        "result.stage_flow",
        "variant x carrier group x time x stage then x stage next; a count may be one person: private, not for release",
        f"""locus variant_id* carrier_group* staging month* next_month from_stage* to_stage* n method time_origin caveat {_MARK}""",
    ),
    _table(
        "result.state_occupation",
        "variant x carrier group x kind of states x month x state; a group may be one or two people: private, not for release",
        f"""locus variant_id* carrier_group* states* month* state* n n_at_risk probability ci_lower? ci_upper? definition? method
        time_origin caveat {_MARK}""",
    ),
    _table(
        "result.state_time",
        "variant x genetic model x kind of states x horizon x state x group, and the difference of two groups within strata; a group may be one person: private, not for release",
        f"""locus variant_id* genetic_model* states* horizon_months* state* carrier_group* n n_in_state mean_months? standard_error?
        ci_lower? ci_upper? p_value? permutation_p_value? n_permutation strata method fit_status definition? time_origin
        seed caveat {_MARK}""",
    ),
    _table(
        "meta.run",
        "publication of this database",
        """run_id* study genome_build is_simulated study_sha256 alsrev_version package_versions""",
    ),
    _table("meta.input", "input file", "path* sha256 size_bytes"),
    _table("meta.table_version", "table x partition", "table_name* partition* run_id code_version input_key data_version n_row"),
    _table("meta.check", "asset check", "table_name* check_name* passed is_blocking description run_id"),
)
# fmt: on

TABLES: dict[str, Table] = {item.name: item for item in _TABLES}


def table(name: str) -> Table:
    """Return the table of that name, or say which there are."""
    if name not in TABLES:
        raise KeyError(f"table {name!r} is not in the vocabulary; it has {sorted(TABLES)}")
    return TABLES[name]
