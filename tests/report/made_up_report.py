"""A made-up study for the page; no number in it is of a real person."""

from typing import Any

import pandas as pd

from alsrev_dagster.report import ReportContext
from alsrev_dagster.report.descent import Descent
from alsrev_dagster.report.recovery_section import RecoverySection
from alsrev_dagster.vocabulary import table

VARIANT = "chr4-57110321-G-A"
OTHER = "chr12-66500000-CTTTGA-C"


def empty(name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(table(name).column_names))


def leads() -> pd.DataFrame:
    shared = {
        "contrast": "primary", "locus": "IGFBP7", "variant_id": VARIANT,
        "genetic_model": "additive", "is_declared": True, "gene": "IGFBP7",
        "gene_distance_bp": 0, "n_case_hom_ref": 10, "n_case_het": 9, "n_case_hom_alt": 3,
        "n_case_missing": 0, "n_control_hom_ref": 95, "n_control_het": 8, "n_control_hom_alt": 0,
        "n_control_missing": 0, "beta": 2.39793, "standard_error": 0.53,
        "odds_ratio": 11.0004, "ci_lower": 4.0855, "ci_upper": 33.586, "p_value": 3.486e-7,
        "method": "logistic_firth_lrt", "exact_p_value": 5.216e-7,
        "exact_method": "exact_conditional_trend", "fit_status": "ok", "n_variant_tested": 25_017,
        "missing_p_value": 0.04, "control_p_value": 2.3e-4, "external_allele_freq": 0.0412,
        "external_z": -6.25, "depth_ratio": 1.62,
        "is_bonferroni_significant": True, "is_genome_wide_significant": False,
        "q_value": 0.0123, "is_bh_significant": True, "conditioned_on": None,
        "conditional_p_value": None, "genes_overlapping": "IGFBP7", "consequence": None,
        "analysis_set_hash": "ab12", "is_confounded": True, "confounded_by": "tissue",
    }  # fmt: skip
    changes: list[dict[str, Any]] = [
        {},
        {
            "genetic_model": "recessive", "odds_ratio": 37.154, "ci_lower": 3.6, "ci_upper": 5103.2,
            "beta": 3.615, "standard_error": 1.53, "p_value": 0.00137, "exact_p_value": 4.84658e-3,
            "exact_method": "fisher_exact", "fit_status": "separated",
            "is_bonferroni_significant": False,
        },
        {
            "variant_id": OTHER, "locus": OTHER, "is_declared": False, "gene": "GRIP1",
            "gene_distance_bp": 41_234, "p_value": 8.21e-5, "conditioned_on": "chr12-66-A-G",
            "conditional_p_value": 0.0213, "odds_ratio": None, "beta": None,
            "standard_error": None, "ci_lower": None, "ci_upper": None,
            "fit_status": "not_converged", "is_bonferroni_significant": False,
            "n_control_missing": 4, "n_control_hom_ref": 91,
        },
        {
            "contrast": "replication", "n_control_hom_ref": 126, "n_control_het": 13,
            "n_control_hom_alt": 1, "odds_ratio": 8.71, "ci_lower": 3.6, "ci_upper": 22.4,
            "beta": 2.1645, "standard_error": 0.46, "p_value": 2.2e-6, "exact_p_value": 3.17e-6,
            "n_variant_tested": 24_890,
        },
    ]  # fmt: skip
    frame = pd.DataFrame([{**shared, **change} for change in changes])
    return frame.reindex(columns=list(table("result.lead_variant").column_names))


def detectable() -> pd.DataFrame:
    shared = {
        "contrast": "primary", "locus": "IGFBP7", "variant_id": VARIANT, "alpha": 0.05,
        "genetic_model": "dominant",
        "power": 0.8, "n_case": 22, "n_control": 103, "n_control_carrier": 8,
        "control_carrier_freq": 0.0777, "detectable_status": "ok", "minimum_case_carriers": 7,
        "minimum_detectable_odds_ratio": 5.31, "minimum_attainable_p_value": 7.3e-19,
        "method": "fisher_exact", "analysis_set_hash": "ab12", "is_confounded": True,
        "confounded_by": "tissue",
    }  # fmt: skip
    changes: list[dict[str, Any]] = [
        {},
        {"alpha": 5e-8, "minimum_detectable_odds_ratio": 61.7, "minimum_case_carriers": 14},
        {
            "variant_id": OTHER,
            "locus": OTHER,
            "alpha": 5e-8,
            "n_control_carrier": 0,
            "control_carrier_freq": 0.0,
            "detectable_status": "no_control_carrier",
            "minimum_detectable_odds_ratio": None,
            "minimum_case_carriers": 6,
        },
        {
            "variant_id": "chr1-1-A-G",
            "locus": "RARE",
            "alpha": 5e-8,
            "n_case": 3,
            "detectable_status": "unreachable",
            "minimum_detectable_odds_ratio": None,
            "minimum_case_carriers": None,
        },
    ]
    frame = pd.DataFrame([{**shared, **change} for change in changes])
    return frame.astype({"minimum_case_carriers": "Int64"})


def model(event: str, **changed: Any) -> pd.DataFrame:
    row = {
        "locus": "IGFBP7", "variant_id": VARIANT, "event": event, "definition": "bedlack2016_large",
        "genetic_model": "dominant", "ratio_of": "hazard", "events_per_term": 22.0, "separation": None,
        "covariates": None, "method": "cox_cause_specific_firth_lrt", "term": "genotype", "time_origin": "onset", "strata": "cohort",
        "n": 125, "n_carrier": 20, "n_event": 22, "n_event_carrier": 12, "ratio": 3.27,
        "ci_lower": 1.31, "ci_upper": 8.44, "p_value": 0.0123, "proportional_hazards_p": 0.412,
        "fit_status": "ok",
        "caveat": "The same participants found the variant, so this describes and does not test.",
        "is_confounded": True, "confounded_by": "tissue",
    }  # fmt: skip
    return pd.DataFrame([{**row, **changed}])


def checks() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("core.variant_qc", "variant_qc_is_complete", True, True, "of 26,000 variants all"),
            (
                "core.analysis_set", "cases_and_controls_share_a_batch", False, False,
                "0 of 4 batches hold both cases and controls (expected at least 1)",
            ),
            ("result.association", "p_values_are_in_range", True, True, "all in (0, 1]"),
        ],
        columns=["table_name", "check_name", "passed", "is_blocking", "description"],
    )  # fmt: skip


def confounding() -> pd.DataFrame:
    shared = {
        "contrast": "primary", "factor": "tissue", "n_case_known": 22, "n_control_known": 103,
        "n_case_unknown": 0, "n_control_unknown": 0, "n_case_value": 1, "n_control_value": 1,
        "n_shared_value": 0, "case_values": "saliva", "control_values": "blood", "n_stratum": 1,
        "overlap": 0.0,
        "cramers_v": 1.0, "standardised_difference": None, "p_value": 5.9e-25,
        "method": "fisher_exact", "n_draw": None, "seed": None, "is_aligned": True,
        "analysis_set_hash": "ab12",
    }  # fmt: skip
    changes: list[dict[str, Any]] = [
        {},
        {
            "factor": "batch", "case_values": "20 values", "control_values": "40 values",
            "overlap": 0.61, "cramers_v": 0.4, "p_value": 0.0312, "n_draw": 9_999, "seed": 7,
            "method": "freeman_halton_monte_carlo", "is_aligned": False,
        },
        {
            "factor": "call_rate", "case_values": "median 0.98", "control_values": "median 0.99",
            "overlap": 0.8, "cramers_v": None, "standardised_difference": -0.5, "p_value": 0.2,
            "method": "kolmogorov_smirnov_exact", "is_aligned": False, "n_control_unknown": 3,
        },
        {
            "factor": "sequencing_site", "case_values": "none known", "n_case_known": 0,
            "n_case_unknown": 22, "overlap": None, "cramers_v": None, "p_value": None,
            "method": None, "is_aligned": None,
        },
        {"contrast": "replication", "case_values": "blood", "is_aligned": False, "overlap": 1.0,
         "p_value": 1.0, "cramers_v": None},
    ]  # fmt: skip
    return pd.DataFrame([{**shared, **change} for change in changes])


def negative_control() -> pd.DataFrame:
    row = {
        "cohort_1": "PGB", "cohort_2": "TargetALS", "genetic_model": "additive",
        "n_sample_1": 103, "n_sample_2": 140, "n_variant_tested": 25_017, "lambda_gc": 1.04,
        "lambda_1000": 1.34, "bonferroni_p_max": 6.7e-7, "n_below_bonferroni": 2,
        "least_p_value": 4.2e-9, "method": "logistic_firth_lrt", "analysis_set_hash": "cd34",
    }  # fmt: skip
    return pd.DataFrame([row])


def masked() -> pd.DataFrame:
    shared = {
        "contrast": "primary", "locus": "IGFBP7", "variant_id": VARIANT,
        "genetic_model": "additive", "n_level": 2, "n_shared_level": 0, "n_case_left": 0,
        "n_control_left": 0, "unmasked_p_value": 3.486e-7, "beta": None, "odds_ratio": None,
        "ci_lower": None, "ci_upper": None, "p_value": None, "exact_p_value": None,
        "fit_status": None, "method": "logistic_firth_lrt", "minimum_attainable_p_value": None,
        "analysis_set_hash": "ab12", "is_confounded": True, "confounded_by": "tissue",
    }  # fmt: skip
    found = [("tissue", "cannot_be_told_apart"), ("batch", "vanishes"), ("callset", "one_level"),
             ("sequencing_site", "holds")]  # fmt: skip
    return pd.DataFrame([{**shared, "factor": f, "masking_status": s} for f, s in found])


def of_lead(name: str, *changes: dict[str, Any]) -> pd.DataFrame:
    """Rows of a table that tells of the first lead, each changed."""
    shared = {
        "contrast": "primary", "locus": "IGFBP7", "variant_id": VARIANT,
        "genetic_model": "additive", "n_case": 22, "n_control": 103, "odds_ratio": 11.0004,
        "ci_lower": 4.0855, "ci_upper": 33.586, "p_value": 3.486e-7,
        "method": "logistic_firth_lrt", "fit_status": "ok", "analysis_set_hash": "ab12",
        "is_confounded": True, "confounded_by": "tissue",
    }  # fmt: skip
    columns = list(table(name).column_names)
    rows = [{**dict.fromkeys(columns), **shared, **change} for change in changes]
    return pd.DataFrame(rows, columns=columns).astype(object)


def arms() -> pd.DataFrame:
    return of_lead(
        "result.lead_arm",
        {"term": "common", "method": "polytomous_firth_lrt", "n_control": 243,
         "agreement_p_value": 0.4321, "arm_correlation": 0.8439},
        {"term": "arm:PGB", "method": "polytomous_firth_lrt", "odds_ratio": 9.876},
        {"term": "joint", "n_control": 243},
        {"term": "alone:PGB", "odds_ratio": 77.7},
        {"term": "exact_conditional", "method": "exact_conditional_trend", "p_value": 5.216e-7},
    )  # fmt: skip


def influence(**changed: Any) -> pd.DataFrame:
    row = {
        "p_value_min": 1.234e-7, "p_value_max": 4.56e-6, "odds_ratio_min": 9.51,
        "odds_ratio_max": 12.52, "alpha": 0.05, "fragility": 7, "is_fragility_minimum": True,
    }  # fmt: skip
    return of_lead("result.lead_influence", {**row, **changed})


def correction(**changed: Any) -> pd.DataFrame:
    row = {"is_declared": True, "shares_cases": False, "selection_p_max": 1e-4}
    return of_lead("result.lead_correction", {**row, **changed})


def replication(**changed: Any) -> pd.DataFrame:
    row = {
        "replication": "IGFBP7_again", "contrast": "replication", "variant_id": VARIANT,
        "effect_allele": "A", "direction": "higher_in_cases", "genetic_model": "additive",
        "alternative": "one_sided", "alpha": 0.05, "power": 0.8, "declared_odds_ratio": 11.5,
        "n_case": 22, "n_control": 140, "odds_ratio": 8.71, "ci_lower": 3.6, "ci_upper": 22.4,
        "p_value": 1.1e-6, "method": "logistic_firth_lrt", "replication_power": 0.97,
        "replication_status": "confirmed", "shares_cases": True, "discovery": "StAR",
        "analysis_set_hash": "ab12", "is_confounded": True, "confounded_by": "tissue",
    }  # fmt: skip
    columns = list(table("result.replication").column_names)
    return pd.DataFrame([{**row, **changed}], columns=columns)


def recovery_rate(**changed: Any) -> pd.DataFrame:
    """A definition of the study's own and another one."""
    own = {
        "definition": "bedlack2016_large", "horizon_months": 24.0, "cohort": "every_cohort",
        "definition_hash": "ab12",
        "is_study_definition": True, "scale": "alsfrsr", "n_participant": 265,
        "n_without_visit": 1, "n_outside_baseline": 0, "n_ended_before": 66, "n_lost_before": 31,
        "n_followed": 167, "n_recovered": 23, "recovered_rate": 23 / 167, "ci_lower": 0.0894,
        "ci_upper": 0.1995, "expected_false_rate": 0.0321, "monte_carlo_error": 0.0004,
        "n_false_lower": 1, "n_false_upper": 11, "noise_p_value": 0.00498, "residual_sd": 1.43,
        "slope_mean_per_month": -0.71, "slope_sd_per_month": 0.38, "n_simulation": 200,
        "seed": 7, "method": "share_of_followed_beside_simulated_decline",
        "caveat": "descriptive, not incidence: cases were chosen because they recovered",
    }  # fmt: skip
    other = {
        **own, "definition": "plateau_18", "is_study_definition": False, "n_recovered": 31,
        **dict.fromkeys(
            ("expected_false_rate", "n_false_lower", "n_false_upper", "noise_p_value")
        ),
    }  # fmt: skip
    return pd.DataFrame([other, {**own, **changed}])


def qc_losses() -> pd.DataFrame:
    return pd.DataFrame(
        [("variant", "call_rate", 912), ("variant", "hwe_p", 71), ("sample", "duplicate", 1)],
        columns=["what", "filter_reason", "n"],
    )


def context(**changed: Any) -> ReportContext:
    values: dict[str, Any] = {
        "study": "als-reversals-demo",
        "genome_build": "GRCh38",
        "simulated": True,
        "genome_wide_alpha": 5e-8,
        "published_from": {
            "alsrev_version": "0.1.0",
            "run_id": "6f1c0f1e-7a55-4e0e-9d53-0d4c8b1d7c11",
            "data_version": "1b2c3d4e5f60718293a4b5c6d7e8f9011b2c3d4e5f60718293a4b5c6d7e8f901",
            "package_versions": {"duckdb": "2.0.0", "lifelines": "0.30.3", "numpy": "2.4.0"},
        },
        "definition": "bedlack2016_large",
        "contrasts": ["primary", "replication"],
        "leads": leads(),
        "detectable": detectable(),
        "recovery_model": model("recovery"),
        "survival_model": model(
            "death", definition="", method="cox_firth_lrt", ratio=None, ci_lower=None, ci_upper=None, p_value=None,
            proportional_hazards_p=None, fit_status="too_few_events", n_event=3,
            n_event_carrier=0,
        ),
        "qc_losses": qc_losses(),
        "checks": checks(),
        "confounding": confounding(),
        "negative_control": negative_control(),
        "masked": masked(),
        "arms": arms(),
        "influence": influence(),
        "correction": correction(),
        "replication": empty("result.replication"),
        "descent": Descent(
            n_pair={"duplicate": 1, "second_degree": 2, "unnamed": 4}, n_left_out=3,
            n_placed=125, n_outlier=2, outliers_are_left_out=True,
        ),
        "recovery": RecoverySection(
            rate=recovery_rate(), definition="4 points or more for a year"
        ),
        "acknowledged": {"primary": {"tissue": "cases sent saliva by design"}},
        "figures": {"recovery_curve:" + VARIANT: "<svg><title>curve</title></svg>"},
    }  # fmt: skip
    return ReportContext(**{**values, **changed})
