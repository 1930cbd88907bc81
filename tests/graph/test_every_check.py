"""Every declared check passes on a sound table and fails on one that is not, saying how many."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import assets  # noqa: F401  fills the graph
from alsrev_dagster.graph.checks import CHECKS, Check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.schema import frame_of
from alsrev_dagster.study import StudyFolder
from alsrev_dagster.vocabulary import table
from tests.builders import VCF
from tests.graph.test_staleness import settings

Change = Callable[[OpenStudy], None]


def declared() -> dict[tuple[str, str], Check]:
    """Every check, by table and name."""
    return {(name, check.name): check for name, checks in CHECKS.items() for check in checks}


def rewrite(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Change:
    """Change the rows of a table's first file that has any, behind its asset's back."""

    def apply(work: OpenStudy) -> None:
        files = work.lake.files(name)
        path = next((p for p in files if pq.read_metadata(p).num_rows), files[0])
        stem = work.lake.path(name).with_suffix("")
        shard = "" if path == work.lake.path(name) else str(path.relative_to(stem).with_suffix(""))
        rows = change(frame_of(pq.ParquetFile(path).read()))
        work.lake.write(name, rows.reset_index(drop=True), shard)

    return apply


def put(name: str, **values: object) -> Change:
    """Give every row of the first file these values."""
    return rewrite(name, lambda rows: rows.assign(**values))


def put_first(name: str, column: str, value: object) -> Change:
    def first(rows: pd.DataFrame) -> pd.DataFrame:
        changed = rows.copy()
        changed.loc[0, column] = value
        return changed

    return rewrite(name, first)


def drop_first(name: str) -> Change:
    return rewrite(name, lambda rows: rows.iloc[1:])


def repeat_first(name: str) -> Change:
    return rewrite(name, lambda rows: pd.concat([rows, rows.head(1)]))


def count(name: str, partition: str, **counts: int) -> Change:
    """Say that so many were counted while a partition was made."""

    def apply(work: OpenStudy) -> None:
        receipt = work.lake.receipt(name, partition)
        assert receipt is not None
        told = {**receipt.counts, **counts}
        work.lake.leave_receipt(dataclasses.replace(receipt, counts=told))

    return apply


def replace_text(path: Callable[[StudyFolder], Path], old: str, new: str) -> Change:
    def apply(work: OpenStudy) -> None:
        text = path(work.folder).read_text(encoding="utf-8")
        assert old in text
        path(work.folder).write_text(text.replace(old, new), encoding="utf-8")

    return apply


def add_a_callset(work: OpenStudy) -> None:
    """Put the genotypes of chr4 into a second callset too."""
    rows = work.lake.frame("raw.genotype", partition="chr4")
    work.lake.write("raw.genotype", rows.assign(callset="other"), "chr4/other")


def swap_alleles(rows: pd.DataFrame) -> pd.DataFrame:
    """Give each variant its ALT allele as REF."""
    return rows.assign(ref=rows["alt"], alt=rows["ref"])


def in_many_places(rows: pd.DataFrame) -> pd.DataFrame:
    """Pruned SNVs in a hundred stretches of 1 Mb, so that kinship can be judged."""
    made = pd.concat([rows.head(1)] * 100, ignore_index=True)
    pos = pd.Series(range(100)) * 1_000_000 + 1
    return made.assign(pos=pos, variant_id=[f"chr4-{p}-G-A" for p in pos])


PAIR = {
    "sample_id_1": "a", "sample_id_2": "b", "n_variant": 200, "kinship": 0.5,
    "relationship": "duplicate",
}  # fmt: skip
COMPONENT = {
    "component": 1, "eigenvalue": 2.0, "variance_share": 0.1, "n_sample": 8, "n_variant": 9,
    "method": "exact",
}  # fmt: skip


def match_badly(work: OpenStudy) -> None:
    """Match the contrast, on a component that then differs."""
    replace_text(lambda folder: folder.root / "study.yaml", "- PGB", "- PGB\n    match: {n_pc: 1}")(
        work
    )
    differs = {"covariate": "pc1", "standardised_difference": 0.5}
    rewrite("result.balance", lambda rows: rows.head(1).assign(**differs))(work)


CONTROL_TEST = {
    "cohort_1": "PGB", "cohort_2": "TargetALS", "variant_id": "chr4-57110321-G-A",
    "genetic_model": "additive", "n_called_1": 4, "n_called_2": 3, "allele_count_1": 1,
    "allele_count_2": 2, "odds_ratio": 0.5, "p_value": 0.4, "method": "logistic_firth_lrt",
    "exact_p_value": 0.5, "exact_method": "exact_conditional_trend", "fit_status": "ok",
    "analysis_set_hash": "ab12",
}  # fmt: skip
NEGATIVE_CONTROL = {
    "cohort_1": "PGB", "cohort_2": "TargetALS", "genetic_model": "additive", "n_sample_1": 4,
    "n_sample_2": 3, "n_variant_tested": 5, "lambda_gc": 1.0, "lambda_1000": 1.0,
    "bonferroni_p_max": 0.01, "n_below_bonferroni": 2, "least_p_value": 1e-3,
    "method": "logistic_firth_lrt", "analysis_set_hash": "ab12",
}  # fmt: skip
CONTROL_PERMUTATION = {
    "cohort_1": "PGB", "cohort_2": "TargetALS", "genetic_model": "additive", "n_sample_1": 4,
    "n_sample_2": 3, "n_variant": 5, "n_variant_filled": 0, "exact_lambda_gc": 1.5,
    "exact_lambda_lower": 0.8, "exact_lambda_median": 1.0, "exact_lambda_upper": 1.2,
    "n_inflation_permutation": 100, "n_inflation_variant": 5, "exact_method": "exact_conditional_trend",
    "method": "permutation_within_strata", "seed": 1, "analysis_set_hash": "ab12",
}  # fmt: skip
EXTERNAL = {
    "variant_id": "chr4-57110321-A-G", "chrom": "chr4", "pos": 57110321, "ref": "A", "alt": "G",
    "allele_freq": 0.1, "allele_number": 1000, "source_line": 2,
}  # fmt: skip
FAR = {
    "contrast": "primary", "variant_id": "chr4-57110321-G-A", "n_control_called": 4,
    "allele_count": 8, "allele_number": 8, "allele_freq": 1.0, "external_allele_freq": 0.1,
    "external_allele_number": 1000, "external_ancestry": "EUR", "external_z": 8.5,
    "analysis_set_hash": "ab12",
}  # fmt: skip
COMMON = {
    "contrast": "primary", "locus": "IGFBP7", "variant_id": "chr4-57110321-G-A",
    "genetic_model": "additive", "term": "common", "n_case": 4, "n_control": 4,
    "agreement_p_value": 1e-5, "method": "polytomous_firth_lrt", "fit_status": "ok",
    "analysis_set_hash": "ab12", "is_confounded": False,
}  # fmt: skip
REPLICATION = {
    "replication": "again", "contrast": "primary", "variant_id": "chr4-57110321-G-A",
    "effect_allele": "A", "direction": "higher_in_cases", "genetic_model": "additive",
    "alternative": "two_sided", "alpha": 0.05, "power": 0.8, "declared_odds_ratio": 3.0,
    "p_value": 0.5, "replication_status": "underpowered", "shares_cases": True,
    "discovery": "StAR", "is_confounded": False,
}  # fmt: skip
GENE_SET = {
    "gene_set": "AXIS", "gene": "NOGENE", "is_known": False, "gene_set_description": None,
    "source_file": "sets.gmt", "source_line": 1,
}  # fmt: skip
SUMMARY = {
    "source": "others", "variant_id": "chr4-57110321-G-A", "chrom": "chr4", "pos": 57110321,
    "ref": "G", "alt": "A", "beta": 0.1, "standard_error": 0.1, "odds_ratio": 1.1,
    "p_value": 0.3, "method": "regenie", "source_file": "others.tsv", "source_line": 2,
}  # fmt: skip
PATHWAY = {
    "contrast": "primary", "gene_set": "AXIS", "mask": "rare", "gene_left_out": "none",
    "n_gene_in_file": 9, "n_gene_unknown": 0, "n_gene": 2, "n_gene_untested": 7,
    "n_gene_other": 300, "n_case": 4, "n_control": 4, "self_contained_p_value": 0.0,
    "competitive_p_value": 0.5, "competitive_resampled_p_value": 0.5, "competitive_beta": 0.1,
    "competitive_standard_error": 0.1, "is_circular": False, "circularity": "no gene",
    "n_draw": 999, "seed": 1, "method": "omnibus_drawn_labelings", "analysis_set_hash": "ab12",
    "is_confounded": False,
}  # fmt: skip
OPPOSITE = {
    "contrast": "primary", "variant_id": "chr4-57110321-G-A", "source": "others",
    "locus": "IGFBP7", "genetic_model": "additive", "n_case": 4, "n_control": 4, "beta": 0.1,
    "p_value": 0.1, "external_beta": -0.1, "external_standard_error": 0.01,
    "external_p_value": 1e-9, "external_method": "regenie", "is_same_direction": False,
    "analysis_set_hash": "ab12", "is_confounded": False,
}  # fmt: skip
NOTE = {
    "note_index": 0, "source_file": "clinical/PROACT_ALSFRS.csv", "source_line": 2,
    "source_column": None, "action": "refused", "reason": "a visit without its day", "found": None,
}  # fmt: skip
MADE_UP_ROWS = {
    "result.replication": REPLICATION,
    "core.kinship": PAIR,
    "core.principal_component": COMPONENT,
    "result.control_scan": CONTROL_TEST,
    "result.negative_control": NEGATIVE_CONTROL,
    "result.control_permutation": CONTROL_PERMUTATION,
    "raw.external_allele": EXTERNAL,
    "result.external_frequency": FAR,
    "raw.gene_set": GENE_SET,
    "raw.summary_statistic": SUMMARY,
    "raw.clinical_note": NOTE,
    "result.pathway_test": PATHWAY,
    "result.lead_external": OPPOSITE,
}
"""Of tables without rows in the tiny study: it has one control cohort, and no file of others."""
BY_CHROMOSOME = ("result.control_scan", "raw.external_allele", "result.external_frequency")
NAME_EXTERNAL = (
    "study: tiny\n",
    "study: tiny\nexternal_frequency: {file: gnomad.csv, ancestry: EUR}\n",
)


def made_up(name: str, n: int = 1, **changed: object) -> Change:
    """Write a table with a row made up for it, as often as asked."""
    row = {**dict.fromkeys(table(name).column_names), **MADE_UP_ROWS[name], **changed}
    rows = pd.DataFrame([row] * n).astype(object)
    shard = "chr4" if name in BY_CHROMOSOME else ""
    return lambda work: work.lake.write(name, rows, shard) and None


def with_covariates(change: Change) -> Change:
    """Adjust the contrast for sex, and change the lake."""

    def apply(work: OpenStudy) -> None:
        old, new = "    controls:\n    - PGB\n", "    covariates:\n    - sex\n"
        replace_text(lambda folder: folder.study_file, old, old + new)(work)
        change(work)

    return apply


def with_external(change: Change) -> Change:
    """Name an external table in the study, and change the lake."""

    def apply(work: OpenStudy) -> None:
        replace_text(lambda folder: folder.study_file, *NAME_EXTERNAL)(work)
        change(work)

    return apply


def with_survival(change: Change, **keys: object) -> Change:
    """Set keys of survival, and change the lake."""

    def apply(work: OpenStudy) -> None:
        settings(work.folder, survival=keys)
        change(work)

    return apply


def with_consequences(change: Change) -> Change:
    """Ask for a consequence in a mask, and change the lake."""

    def apply(work: OpenStudy) -> None:
        settings(work.folder, sets={"masks": {"missense": {"consequences": ["missense_variant"]}}})
        change(work)

    return apply


ONE_GENOME = rewrite("core.kinship", lambda _: pd.DataFrame([PAIR]))
NO_DEGREE = put("core.kinship", kinship=0.06, relationship=None)


def see_carriers_less_often(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out every other visit of the carriers of the declared variant."""
    is_carrier = rows["participant_id"].str[-1].isin(list("ABCDG"))
    return rows[~(is_carrier & rows["day"].isin([90, 360, 720]))]


FAILING: dict[tuple[str, str], Change] = {
    ("raw.callset", "build_and_contigs_agree"): replace_text(
        lambda folder: folder.root / VCF, "length=190214555", "length=191154276"
    ),
    ("raw.callset", "every_record_is_on_a_chromosome"): put("raw.callset", n_left_out=1),
    ("raw.callset_sample", "no_sample_is_called_twice"): put_first(
        "raw.callset_sample", "sample_id", "vialB"
    ),
    ("raw.clinical_note", "everything_was_taken_as_written"): made_up("raw.clinical_note"),
    ("raw.visit", "items_are_in_range"): put_first("raw.visit", "q1", 5),
    ("raw.visit", "total_is_the_item_sum"): put_first("raw.visit", "alsfrsr_total", 1),
    ("raw.participant", "days_are_in_order"): put_first("raw.participant", "enrolment_day", -9999),
    ("raw.genotype", "every_record_was_read"): drop_first("raw.genotype"),
    ("raw.genotype", "no_autosome_is_haploid"): count("raw.genotype", "chr4", n_haploid_call=3),
    ("raw.genotype", "indels_are_left_aligned"): put_first("raw.genotype", "alt", "GA"),
    ("raw.genotype", "callsets_agree_on_alleles"): rewrite("raw.genotype", swap_alleles),
    ("core.variant_qc", "every_variant_is_counted_once"): put_first("core.variant_qc", "n_het", 7),
    ("core.variant_qc", "most_variants_are_called"): put("core.variant_qc", call_rate=0.5),
    ("core.variant_qc", "controls_are_in_hardy_weinberg"): put("core.variant_qc", hwe_p=1e-9),
    ("core.variant_qc", "some_variant_can_tell_the_sides_apart"): put("core.variant_qc", mac=0),
    ("core.quality_loss", "losses_add_up_to_the_input"): put_first(
        "core.quality_loss", "n_after", 7
    ),
    ("core.sample_qc", "most_samples_are_like_their_cohort"): put(
        "core.sample_qc", flag_reason="looks like a mixture of samples"
    ),
    ("core.sample_qc", "samples_join"): put_first("raw.sample", "sample_id", "vialZ"),
    ("core.sample_qc", "sex_agrees"): put("core.sample_qc", sex_inferred="male"),
    ("core.kinship", "no_two_samples_are_one_genome"): ONE_GENOME,
    ("core.kinship", "relatives_are_told_from_strangers"): NO_DEGREE,
    ("core.unrelated_sample", "every_sample_left_out_has_a_relative_that_is_kept"): put_first(
        "core.unrelated_sample", "exclusion_reason", "related"
    ),
    ("core.sample_pc", "samples_have_principal_components"): put("core.sample_pc", pc1=None),
    ("core.sample_pc", "no_sample_is_an_outlier_of_ancestry"): put_first(
        "core.sample_pc", "is_outlier", True
    ),
    ("result.balance", "matching_balances_the_sides"): match_badly,
    ("core.analysis_loss", "losses_lead_to_who_is_compared"): put_first(
        "core.analysis_loss", "n_after", 7
    ),
    ("core.analysis_set", "covariates_can_be_fitted"): with_covariates(
        put("core.sample_trait", sex="male")
    ),
    ("core.analysis_set", "covariates_have_events_enough"): with_covariates(lambda work: None),
    ("core.analysis_set", "contrasts_have_both_sides"): put(
        "core.analysis_set", is_included=False, exclusion_reason="excluded"
    ),
    ("core.analysis_set", "contrasts_have_a_stratum_with_both_sides"): rewrite(
        "core.analysis_set", lambda rows: rows.assign(stratum=rows["cohort"])
    ),
    ("core.analysis_set", "every_stratum_has_both_sides"): put_first(
        "core.analysis_set", "stratum", "alone"
    ),
    ("core.analysis_set", "nobody_is_used_twice"): put_first(
        "core.analysis_set", "participant_id", "personB"
    ),
    ("core.analysis_set", "every_sample_is_in_or_out_for_a_reason"): put_first(
        "core.analysis_set", "exclusion_reason", "excluded"
    ),
    ("result.confounding", "case_status_is_not_a_technical_factor"): put_first(
        "result.confounding", "is_aligned", True
    ),
    ("result.confounding", "confounding_is_acknowledged"): put_first(
        "result.confounding", "is_aligned", True
    ),
    ("result.confounding", "acknowledgements_are_needed"): replace_text(
        lambda folder: folder.study_file,
        "study: tiny\n",
        "study: tiny\naudit: {acknowledged: {primary: {tissue: of no use}}}\n",
    ),
    ("result.association", "p_values_are_probabilities"): put_first(
        "result.association", "p_value", 0.0
    ),
    ("result.association", "counts_add_up"): put_first("result.association", "n_case_het", 9),
    ("result.association", "every_passing_variant_is_tested"): drop_first("result.association"),
    ("result.lead_variant", "declared_loci_are_tested"): rewrite(
        "result.lead_variant", lambda rows: rows[~rows["is_declared"]]
    ),
    ("result.detectable_effect", "detectable_effects_are_sound"): put_first(
        "result.detectable_effect", "minimum_detectable_odds_ratio", 0.5
    ),
    ("result.detectable_frequency", "detectable_frequencies_are_sound"): put(
        "result.detectable_frequency", minimum_detectable_odds_ratio=0.5
    ),
    ("core.alsfrsr", "every_visit_is_scored"): drop_first("core.alsfrsr"),
    ("core.alsfrsr", "reported_totals_are_the_item_sums"): put_first(
        "core.alsfrsr", "alsfrsr_total", 3
    ),
    ("core.alsfrsr", "subscores_add_up_to_the_total"): put_first(
        "core.alsfrsr", "bulbar_score", 13
    ),
    ("core.outcome", "every_participant_has_an_outcome"): drop_first("core.outcome"),
    ("core.outcome", "most_participants_are_at_risk"): put("core.outcome", exclusion_reason="late"),
    ("core.outcome", "entry_is_at_sampling_or_later"): put("raw.sample", sampling_day=None),
    ("core.outcome", "origin_lies_before_the_first_visit"): put("core.outcome", origin_day=9_000),
    ("core.outcome", "time_runs_forward"): put("core.outcome", entry_months=9e9),
    ("core.carrier", "carriers_match_the_counts"): put("core.carrier", dosage=2),
    ("result.recovery_rate", "recovery_counts_add_up"): put_first(
        "result.recovery_rate", "n_followed", 9
    ),
    ("result.recovery_rate", "recoveries_are_more_than_noise"): with_survival(
        put("result.recovery_rate", n_recovered=1, noise_p_value=0.3),
        cases_chosen_for_recovery=False,
    ),
    ("result.recovery_grid", "grid_counts_add_up"): put_first(
        "result.recovery_grid", "n_lost_before", 9
    ),
    ("result.recovery_grid", "a_stricter_definition_finds_no_more"): rewrite(
        "result.recovery_grid", lambda rows: rows.assign(n_recovered=rows["min_gain_points"])
    ),
    ("result.recovery_effect", "carrier_counts_add_up"): put_first(
        "result.recovery_effect", "n_event_carrier", 9
    ),
    ("result.recovery_curve", "incidence_never_falls"): put_first(
        "result.recovery_curve", "cumulative_incidence", 1.5
    ),
    ("result.survival_curve", "survival_never_rises"): put_first(
        "result.survival_curve", "event_free", -0.5
    ),
    ("result.recovery_model", "there_are_ten_events_per_term"): put(
        "result.recovery_model", events_per_term=9.0
    ),
    ("result.recovery_model", "hazards_are_proportional"): put(
        "result.recovery_model", proportional_hazards_p=1e-9
    ),
    ("result.recovery_model", "recovery_models_are_sound"): put(
        "result.recovery_model", ratio=2.0, ci_lower=3.0, ci_upper=4.0
    ),
    ("result.survival_model", "there_are_ten_deaths_per_term"): put(
        "result.survival_model", events_per_term=9.0
    ),
    ("result.survival_model", "hazards_of_death_are_proportional"): put(
        "result.survival_model", proportional_hazards_p=1e-9
    ),
    ("result.survival_model", "survival_is_not_separated"): put(
        "result.survival_model", fit_status="separated"
    ),
    ("result.recovery_model", "recovery_is_not_separated"): put(
        "result.recovery_model", fit_status="separated"
    ),
    ("result.interval_curve", "shares_lie_within_what_visits_allow"): put(
        "result.interval_curve", cumulative_incidence=1.5
    ),
    ("result.milestone_curve", "progression_free_never_rises"): put(
        "result.milestone_curve", event_free=1.5
    ),
    ("result.hazard_by_time", "hazards_by_time_are_sound"): put(
        "result.hazard_by_time", n_event_carrier=10**6
    ),
    ("result.curve_test", "curve_tests_are_sound"): put("result.curve_test", p_value=0.0),
    ("result.restricted_mean", "restricted_means_are_months"): put(
        "result.restricted_mean", mean_months=1e6
    ),
    ("result.reversal_state", "reversal_states_are_sound"): put(
        "result.reversal_state", n_reversed=10**6
    ),
    ("result.survival_model", "survival_models_are_sound"): put(
        "result.survival_model", n_event_carrier=99
    ),
    ("result.survival_scan", "survival_p_values_are_probabilities"): put_first(
        "result.survival_scan", "p_value", 0.0
    ),
    ("result.survival_scan", "survival_counts_add_up"): put_first(
        "result.survival_scan", "n_event_hom_alt", 99
    ),
    ("result.survival_scan", "every_passing_variant_is_scanned"): drop_first(
        "result.survival_scan"
    ),
    ("result.survival_inflation", "survival_scans_have_events_enough"): put(
        "result.survival_inflation", n_event=9
    ),
    ("result.survival_inflation", "survival_inflation_is_what_chance_gives"): put(
        "result.survival_inflation",
        lambda_gc=9.0,
        lambda_lower=0.8,
        lambda_median=1.0,
        lambda_upper=1.2,
    ),
    ("result.trajectory", "means_are_scores"): put_first("result.trajectory", "mean_total", 49.0),
    ("result.trajectory_model", "courses_are_sound"): put(
        "result.trajectory_model", estimate=2.0, ci_lower=3.0, ci_upper=4.0
    ),
    ("result.trajectory_model", "visits_are_as_close_in_carriers"): with_survival(
        rewrite("core.alsfrsr", see_carriers_less_often), strata=[]
    ),
    ("result.fitted_course", "fitted_means_are_inside_their_bands"): put_first(
        "result.fitted_course", "mean_total", 60.0
    ),
    ("result.cafs", "cafs_ranks_are_sound"): put_first("result.cafs", "n_undecided_pair", 999),
    ("result.stage_flow", "nobody_leaves_the_flow"): put_first("result.stage_flow", "n", 9),
    ("core.state_spell", "spells_follow_one_another"): put_first(
        "core.state_spell", "until_months", 999.0
    ),
    ("core.state_spell", "who_is_recovered_was_confirmed"): put("core.state_spell", state="lost"),
    ("result.state_occupation", "everybody_is_in_one_state"): put_first(
        "result.state_occupation", "probability", 0.9
    ),
    ("result.state_time", "months_in_states_add_up"): put_first(
        "result.state_time", "mean_months", 99.0
    ),
    ("warehouse", "file_holds_the_lake"): lambda work: work.folder.warehouse.chmod(0o644),
    ("report", "page_shows_every_contrast_and_locus"): replace_text(
        lambda folder: folder.report, "primary", ""
    ),
}
"""What makes each check fail; a key check fails on a row that stands twice."""
FAILING |= {
    ("result.control_scan", "control_p_values_are_probabilities"): made_up(
        "result.control_scan", p_value=0.0
    ),
    ("result.negative_control", "control_cohorts_do_not_differ"): made_up(
        "result.negative_control"
    ),
    ("raw.external_allele", "external_alleles_agree"): with_external(
        made_up("raw.external_allele")
    ),
    ("result.external_frequency", "controls_have_the_external_frequency"): with_external(
        made_up("result.external_frequency")
    ),
    ("result.lead_variant", "leads_are_alike_among_controls"): put_first(
        "result.lead_variant", "control_p_value", 1e-4
    ),
    ("result.lead_variant", "leads_are_missing_alike"): put_first(
        "result.lead_variant", "missing_p_value", 1e-4
    ),
    ("result.lead_variant", "leads_are_read_alike"): put_first(
        "result.lead_variant", "depth_ratio", 0.6
    ),
    ("result.lead_variant", "leads_have_the_external_frequency"): put_first(
        "result.lead_variant", "external_z", -9.0
    ),
    ("result.permuted_scan", "every_labelling_is_there"): drop_first("result.permuted_scan"),
    ("result.permutation", "inflation_is_what_chance_gives"): put(
        "result.permutation",
        exact_lambda_gc=9.0,
        exact_lambda_lower=0.8,
        exact_lambda_median=1.0,
        exact_lambda_upper=1.2,
    ),
    ("result.control_permutation", "inflation_between_controls_is_what_chance_gives"): made_up(
        "result.control_permutation"
    ),
    ("raw.gene_set", "gene_symbols_are_known"): made_up("raw.gene_set"),
    ("raw.summary_statistic", "summary_rows_fit"): count(
        "raw.summary_statistic", "", **{"refused, others: P value": 3}
    ),
    ("result.set_test", "set_p_values_are_probabilities"): put_first(
        "result.set_test", "p_value", 0.0
    ),
    ("result.set_test", "every_mask_holds_some_gene"): put("result.set_test", mask="another"),
    ("result.set_test", "annotation_names_the_genes"): with_consequences(
        put(
            "raw.genotype",
            consequence="missense_variant",
            consequence_by_gene="OLDNAME:missense_variant",
        )
    ),
    ("result.pathway_test", "pathway_p_values_are_probabilities"): made_up("result.pathway_test"),
    ("result.pathway_test", "most_genes_of_a_set_are_tested"): made_up("result.pathway_test"),
    ("result.lead_external", "others_point_the_same_way"): made_up("result.lead_external"),
    ("result.masked_lead", "leads_hold_when_a_factor_is_masked"): put_first(
        "result.masked_lead", "masking_status", "vanishes"
    ),
    ("result.lead_arm", "arms_agree_on_the_leads"): rewrite(
        "result.lead_arm", lambda rows: rows.head(1).assign(**COMMON)
    ),
    ("result.lead_influence", "no_lead_rests_on_one_case"): put(
        "result.lead_influence", p_value=1e-5, p_value_max=0.06, alpha=0.05
    ),
    ("result.lead_correction", "corrected_odds_ratios_are_nearer_to_one"): put_first(
        "result.lead_correction", "corrected_odds_ratio", 99.0
    ),
    ("result.replication", "replications_have_their_own_cases"): made_up("result.replication"),
    ("result.replication", "every_declared_replication_is_told"): made_up("result.replication"),
}
FAILING |= {key: repeat_first(key[0]) for key in declared() if key[1] == "has_unique_key"}
FAILING |= {(name, "has_unique_key"): made_up(name, n=2) for name in MADE_UP_ROWS}

SOUND: dict[tuple[str, str], Change] = {
    ("raw.genotype", "indels_are_left_aligned"): rewrite(
        "raw.genotype", lambda rows: rows[rows["is_snv"]]
    ),
    ("raw.genotype", "callsets_agree_on_alleles"): add_a_callset,
    ("core.variant_qc", "most_variants_are_called"): put("core.variant_qc", call_rate=1.0),
    ("core.kinship", "no_two_samples_are_one_genome"): rewrite(
        "core.pruned_variant", in_many_places
    ),
    ("core.kinship", "relatives_are_told_from_strangers"): ONE_GENOME,
    ("core.sample_pc", "samples_have_principal_components"): put("core.sample_pc", pc1=0.1),
    ("result.set_test", "every_mask_holds_some_gene"): replace_text(
        lambda folder: folder.study_file,
        "study: tiny\n",
        "study: tiny\nsets: {masks: {any_frequency: {maf_max: 0.5}}}\n",
    ),
    ("core.outcome", "entry_is_at_sampling_or_later"): put("raw.sample", sampling_day=0),
    ("result.masked_lead", "leads_hold_when_a_factor_is_masked"): put(
        "result.masked_lead", masking_status="holds"
    ),
    ("result.lead_influence", "no_lead_rests_on_one_case"): put(
        "result.lead_influence", p_value_max=0.01
    ),
    ("result.survival_model", "survival_is_not_separated"): put(
        "result.survival_model", fit_status="ok"
    ),
    ("result.survival_model", "there_are_ten_deaths_per_term"): put(
        "result.survival_model", events_per_term=10.0
    ),
    ("result.recovery_model", "there_are_ten_events_per_term"): put(
        "result.recovery_model", events_per_term=10.0
    ),
    ("result.recovery_model", "hazards_are_proportional"): put(
        "result.recovery_model", proportional_hazards_p=0.5
    ),
    ("result.survival_inflation", "survival_scans_have_events_enough"): put(
        "result.survival_inflation", n_event=10
    ),
}
"""What the tiny study needs first, where a check warns about it or finds nothing to judge."""


def test_no_declared_check_is_missing_from_the_table() -> None:
    assert set(FAILING) == set(declared())


@pytest.mark.parametrize("key", sorted(FAILING), ids=" ".join)
def test_check_passes_on_the_sound_and_fails_on_the_unsound(
    tiny: StudyFolder, key: tuple[str, str]
) -> None:
    check = declared()[key]
    if key in SOUND:
        SOUND[key](OpenStudy(tiny))
    sound = check.judge(OpenStudy(tiny))
    assert sound.passed, sound.description
    FAILING[key](OpenStudy(tiny))
    found = check.judge(OpenStudy(tiny))
    assert not found.passed
    n_wrong = re.match(r"[1-9]\d*", found.description)
    assert n_wrong, found.description
    assert "expected" in found.description
    if "n_wrong" in found.metadata:
        assert str(found.metadata["n_wrong"]) == n_wrong[0]


def test_models_that_cannot_be_judged_are_counted(tiny: StudyFolder) -> None:
    key = ("result.recovery_model", "hazards_are_proportional")
    put("result.recovery_model", proportional_hazards_p=None)(OpenStudy(tiny))
    found = declared()[key].judge(OpenStudy(tiny))
    n = found.metadata["n_unjudged"]
    assert n
    assert found.passed
    assert found.description.endswith(f"(expected 0); {n} could not be judged")


def test_every_table_has_a_key_check() -> None:
    checked = {name for name, check in declared() if check == "has_unique_key"}
    assert checked == {name for name, _ in declared() if "." in name}
    assert all(table(name).key for name in checked)
