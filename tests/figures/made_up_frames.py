"""Small made-up result tables; no number in them is of a real person."""

from itertools import product

import numpy as np
import pandas as pd

VARIANT = "chr4-57110321-G-A"
LOCUS = "IGFBP7"
COUNTS = {
    "n_case_hom_ref": 10, "n_case_het": 9, "n_case_hom_alt": 3, "n_case_missing": 0,
    "n_control_hom_ref": 95, "n_control_het": 8, "n_control_hom_alt": 0, "n_control_missing": 0,
}  # fmt: skip
NOT_CONFOUNDED = {"is_confounded": False, "confounded_by": None}
CONFOUNDED = {"is_confounded": True, "confounded_by": "tissue, batch"}


def association(n: int, *, chromosomes: int = 22, lead_p: float = 3.5e-7) -> pd.DataFrame:
    """Uniform P values on a few chromosomes, and one lead."""
    random = np.random.default_rng(20240723)
    chrom = np.sort(random.integers(1, chromosomes + 1, n))
    frame = pd.DataFrame(
        {
            "contrast": "primary",
            "chrom": [f"chr{c}" for c in chrom],
            "pos": random.integers(1, 200_000_000, n) // (1 + chrom // 8),
            "genetic_model": "additive",
            "p_value": random.uniform(size=n),
            "method": "logistic_firth_lrt",
            **COUNTS,
            **NOT_CONFOUNDED,
        }
    )
    places = zip(frame["chrom"], frame["pos"], strict=True)
    frame["variant_id"] = [f"{chrom}-{pos}-A-G" for chrom, pos in places]
    lead = frame["chrom"].eq("chr4") if chromosomes >= 4 else frame["chrom"].eq("chr1")
    at = int(np.flatnonzero(lead)[0])
    frame.loc[at, ["variant_id", "pos", "p_value"]] = [VARIANT, 57_110_321, lead_p]
    return frame


def recovery_grid() -> pd.DataFrame:
    """Two durations, points and confirming visits, over two things."""
    cells = product(("nadir", "index"), (3, 4), (183, 365), (1, 3))
    names = ("over", "min_gain_points", "min_duration_days", "n_confirming_visit")
    frame = pd.DataFrame(list(cells), columns=list(names))
    return frame.assign(
        n_followed=np.where(frame["min_duration_days"] == 183, 120, 100),
        n_recovered=20 - 2 * frame["min_gain_points"] - frame["min_duration_days"] // 180,
        expected_false_rate=0.05 / frame["min_gain_points"],
        n_simulation=100,
        caveat="descriptive, not incidence: cases were chosen because they recovered",
    )


def recovery_effect() -> pd.DataFrame:
    """The same combinations, with carriers of one variant."""
    frame = recovery_grid()
    return frame.assign(
        locus=LOCUS, variant_id=VARIANT, n=frame["n_followed"], n_carrier=30,
        n_event=frame["n_recovered"], n_event_carrier=8, odds_ratio=3.5, ci_lower=1.2, ci_upper=9.8,
        method="logistic_firth_lrt", strata="cohort", **NOT_CONFOUNDED,
    )  # fmt: skip


def survival_scan(n: int) -> pd.DataFrame:
    """The same places and P values, as the scan of time to recovery has them."""
    frame = association(n)[["chrom", "pos", "variant_id", "genetic_model", "p_value"]]
    return frame.assign(
        event="recovery", n=125, n_event=22, method="cox_firth_lrt",
        caveat="descriptive, not incidence: cases were chosen because they recovered",
        **CONFOUNDED,
    )  # fmt: skip


def survival_inflation() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "event": "recovery", "genetic_model": "additive", "n_inflation_variant": 1000,
                "lambda_gc": 1.07, "lambda_lower": 0.91, "lambda_upper": 1.14,
            }
        ]
    )  # fmt: skip


def curve(value: str, *, event: str, last: int = 96) -> pd.DataFrame:
    """Two step curves: 3 + 4 rows a group, with n at risk falling."""
    rows = []
    for group, n, hazard in (("carrier", 12, 0.10), ("non_carrier", 113, 0.03)):
        free, at_risk = 1.0, n
        for month in range(12, last, 12):
            events = max(1, round(at_risk * hazard))
            free *= 1 - events / at_risk
            shown = 1 - free if value == "cumulative_incidence" else free
            rows.append(
                {
                    "locus": LOCUS, "variant_id": VARIANT, "definition": "bedlack2016_large",
                    "carrier_group": group, "event": event, "duration_months": float(month),
                    value: shown, "ci_lower": max(0.0, shown - 0.1 - 2 / n),
                    "ci_upper": min(1.0, shown + 0.1 + 2 / n), "n_at_risk": at_risk,
                    "n_event": events, "method": "aalen_johansen_exact_ties",
                    "time_origin": "onset", "caveat": "cohort ascertained by recovery", **NOT_CONFOUNDED,
                }
            )  # fmt: skip
            at_risk = max(1, at_risk - events - n // 14)
    return pd.DataFrame(rows)


def trajectory() -> pd.DataFrame:
    rows = [
        {
            "locus": LOCUS, "variant_id": VARIANT, "carrier_group": group, "month": 3.0 + 6 * i,
            "n": n - i * (n // 16), "mean_total": mean, "ci_lower": mean - 1 - 12 / n,
            "ci_upper": mean + 1 + 12 / n, "method": "mean_t_interval", "time_origin": "onset",
            "caveat": "means of survivors", **NOT_CONFOUNDED,
        }
        for group, n, slope in (("carrier", 12, 0.5), ("non_carrier", 113, 1.7))
        for i in range(15)
        for mean in [44.0 - slope * i - 5 * np.sin(i / 5) * (group == "carrier")]
    ]  # fmt: skip
    return pd.DataFrame(rows)


def model(event: str, **changed: object) -> pd.DataFrame:
    row = {
        "locus": LOCUS, "variant_id": VARIANT, "event": event, "definition": "bedlack2016_large",
        "genetic_model": "dominant", "ratio_of": "hazard", "events_per_term": 22.0, "separation": None,
        "covariates": None, "method": "cox_cause_specific_firth_lrt", "term": "genotype", "time_origin": "onset", "strata": "cohort",
        "n": 125, "n_carrier": 12, "n_event": 22, "n_event_carrier": 9, "ratio": 3.27,
        "ci_lower": 1.31, "ci_upper": 8.44, "p_value": 0.0123, "proportional_hazards_p": 0.412,
        "fit_status": "ok", "caveat": "the same participants found the variant",
        **NOT_CONFOUNDED,
    }  # fmt: skip
    return pd.DataFrame([{**row, **changed}])


def variant_qc(n: int = 3000) -> pd.DataFrame:
    random = np.random.default_rng(1)
    rate = 1 - random.beta(1, 60, n)
    reason = np.where(rate < 0.95, "call_rate", None)
    return pd.DataFrame(
        {
            "variant_id": [f"chr1-{i + 1}-A-G" for i in range(n)],
            "call_rate": rate,
            "maf": random.beta(0.5, 3, n) / 2,
            "filter_reason": reason,
        }
    )


def sample_qc(n: int = 125) -> pd.DataFrame:
    frame = variant_qc(n).drop(columns=["variant_id", "maf"])
    return frame.assign(sample_id=[f"SECRET-{i}" for i in range(n)])


def quality_loss() -> pd.DataFrame:
    rows = [
        ("variant", 0, "input", 26_000, 0, 26_000),
        ("variant", 1, "FILTER of the caller", 26_000, 1_000, 25_000),
        ("variant", 2, "call_rate below 0.95", 25_000, 500, 24_500),
        ("sample", 0, "input", 265, 0, 265),
        ("sample", 1, "call_rate below 0.95", 265, 0, 265),
    ]
    columns = ["what", "step", "loss_reason", "n_before", "n_lost", "n_after"]
    return pd.DataFrame(rows, columns=columns)


def analysis_loss() -> pd.DataFrame:
    rows = [
        ("primary", True, 0, "input", 22, 0, 22),
        ("primary", False, 0, "input", 103, 0, 103),
        ("primary", False, 1, "first degree relative of a sample that is used", 103, 3, 100),
        ("primary", False, 2, "not matched to a case", 100, 12, 88),
    ]
    columns = ["contrast", "is_case", "step", "loss_reason", "n_before", "n_lost", "n_after"]
    return pd.DataFrame(rows, columns=columns)


def sample_pc() -> pd.DataFrame:
    """Scores of three cohorts; every tenth sample projected, two outliers."""
    random = np.random.default_rng(5)
    cohort = ["PGB"] * 70 + ["TargetALS"] * 40 + ["StAR"] * 20
    score = random.normal(0, 0.1, (130, 2))
    return pd.DataFrame(
        {
            "sample_id": [f"SECRET{i}" for i in range(130)],
            "cohort": cohort,
            "is_projected": np.arange(130) % 10 == 0,
            "pc1": score[:, 0],
            "pc2": score[:, 1],
            "is_outlier": np.arange(130) < 2,
        }
    )


def balance() -> pd.DataFrame:
    """Differences of three covariates, before and after matching."""
    rows = [
        (name, stage, difference / (4 if stage == "compared" else 1), n_control)
        for name, difference in (("pc1", 0.3), ("pc2", -0.2), ("is_female", 0.05))
        for stage, n_control in (("eligible", 103), ("compared", 88))
    ]
    frame = pd.DataFrame(
        rows, columns=["covariate", "stage", "standardised_difference", "n_control"]
    )
    return frame.assign(contrast="primary", n_case=22)


def powers() -> pd.DataFrame:
    """Power that grows with cases, of two odds ratios at two significance levels."""
    return pd.DataFrame(
        [
            {"odds_ratio": ratio, "alpha": alpha, "n_case": n, "power": 1 - np.exp(-n * ratio * alpha**0.3 / 50)}
            for ratio in (2.0, 10.0)
            for alpha in (0.05, 5e-8)
            for n in (5, 20, 60, 130)
        ]
    )  # fmt: skip
