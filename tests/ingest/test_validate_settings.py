"""Settings of the right type that cannot work, as validate tells them."""

import re
from pathlib import Path

import pytest

from tests.ingest.told_problems import told

PRIMARY = {"cases": ["StAR"], "controls": ["PGB"]}


def lead(variant_id: str) -> dict[str, object]:
    return {"loci": {"IGFBP7": {"gene": "IGFBP7", "lead": variant_id}}}


AGAIN = {
    "variant": "chr4-57110321-G-A", "effect_allele": "A", "direction": "higher_in_cases",
    "genetic_model": "dominant", "contrast": "primary",
    "discovery": {"cases": "published", "odds_ratio": 3.0},
}  # fmt: skip


def again(**changed: object) -> dict[str, object]:
    return {"replications": {"again": {**AGAIN, **changed}}}


NO_ARM = (
    r"expected no term for the control arm: the arms share the cases and no case belongs to an arm,"
    r" so that such a term cannot be identified; remove it: result.lead_arm has the polytomous model"
)


def custom(**changed: object) -> dict[str, object]:
    """A definition of recovery of the study's own."""
    plain = {"name": "own", "min_gain_points": 4, "min_duration_days": 365}
    return {"recovery": {"custom": {**plain, **changed}}}


# a setting, what is said
IMPOSSIBLE: dict[str, tuple[dict[str, object], str]] = {
    "control cohort twice": (
        {"contrasts": {"primary": {**PRIMARY, "controls": ["PGB", "PGB"]}}},
        r"line \d+, key contrasts.primary.controls: found PGB more than once; expected each of the list once; remove the",
    ),
    "case cohort twice": (
        {"contrasts": {"primary": {**PRIMARY, "cases": ["StAR", "StAR"]}}},
        r"key contrasts.primary.cases: found StAR more than once",
    ),
    "contrast's stratum twice": (
        {"contrasts": {"primary": {**PRIMARY, "strata": ["sex", "sex"]}}},
        r"key contrasts.primary.strata: found sex more than once",
    ),
    "genetic model twice": (
        {"association": {"genetic_models": ["additive", "additive"]}},
        r"key association.genetic_models: found additive more than once",
    ),
    "survival stratum twice": (
        {"survival": {"strata": ["cohort", "cohort"]}}, r"key survival.strata: found cohort more than once",
    ),
    "sexes that overlap": (
        {"quality": {"male_x_het_rate_max": 0.2}},
        r"key quality: found male_x_het_rate_max 0.2, which is not below female_x_het_rate_min 0.1; expected settings that",
    ),
    "sexes that meet": (
        {"quality": {"male_x_het_rate_max": 0.1, "female_x_het_rate_min": 0.1}},
        r"found male_x_het_rate_max 0.1, which is not below female_x_het_rate_min 0.1",
    ),
    "lead without a change": (
        lead("chr4-57110321-G-G"),
        r"key loci.IGFBP7.lead: found chr4-57110321-G-G, whose REF and ALT are the same bases",
    ),
    "lead with a first base too many": (
        lead("chr4-57110320-CG-CA"), r"found chr4-57110320-CG-CA, whose REF and ALT share a base that no variant_id keeps",
    ),
    "lead with a last base too many": (lead("chr4-57110321-GC-AC"), r"share a base that no variant_id keeps"),
    "used and unused": (
        {"unused_cohorts": ["PGB"]}, r"study.yaml, line 1: found cohort PGB under unused_cohorts and in a contrast",
    ),
    "reference cohort in use": (
        {"ancestry": {"reference_cohorts": ["PGB"]}},
        r"found cohort PGB under ancestry.reference_cohorts and not under unused_cohorts",
    ),
    "matched on more components than there are": (
        {"contrasts": {"primary": {**PRIMARY, "match": {"n_pc": 4}}}, "ancestry": {"n_pc": 3}},
        r"found contrasts.primary.match.n_pc 4, which is more than ancestry.n_pc 3",
    ),
    "exact on something twice": (
        {"contrasts": {"primary": {**PRIMARY, "match": {"exact": ["sex", "sex"]}}}},
        r"key contrasts.primary.match.exact: found sex more than once",
    ),
    "acknowledged of no contrast": (
        {"audit": {"acknowledged": {"primry": {"tissue": "cases sent saliva"}}}},
        r"study.yaml, line 1: found audit.acknowledged of primry, which is no contrast of the study \(primary\)",
    ),
    "acknowledged of no factor": (
        {"audit": {"acknowledged": {"primary": {"tisue": "cases sent saliva"}}}},
        r"key audit.acknowledged.primary.tisue: found 'tisue'; expected 'callset', 'caller', 'tissue'",
    ),
    "acknowledged without a reason": (
        {"audit": {"acknowledged": {"primary": {"tissue": " "}}}},
        r"key audit.acknowledged.primary.tissue: found ' '; expected at least 3 characters",
    ),
    "caller of no callset": (
        {"audit": {"callers": {"other": "GATK"}}}, r"found audit.callers of other, which is no callset of the study \(joint\)",
    ),
    "draws that cannot reach the level": (
        {"audit": {"n_draw": 99}}, r"key audit: found n_draw 99, whose least P 0.01 is above p_max 0.001",
    ),
    "an arm term among covariates": (
        {"contrasts": {"primary": {**PRIMARY, "covariates": ["sex", "cohort"]}}},
        r"line \d+, key contrasts.primary.covariates: found cohort, a term for the arm; " + NO_ARM,
    ),
    "an arm term among strata": (
        {"contrasts": {"primary": {**PRIMARY, "strata": ["cohort"]}}},
        r"key contrasts.primary.strata: found cohort, a term for the arm; " + NO_ARM,
    ),
    "a control cohort as a covariate": (
        {"contrasts": {"primary": {**PRIMARY, "covariates": ["PGB"]}}},
        r"key contrasts.primary.covariates: found PGB, a term for the arm; " + NO_ARM,
    ),
    "batch as a stratum": (
        {"contrasts": {"primary": {**PRIMARY, "strata": "Batch"}}},
        r"key contrasts.primary.strata: found Batch, a term for the arm; " + NO_ARM,
    ),
    "effect of another allele": (
        again(effect_allele="T"),
        r"key replications.again: found effect_allele T, which is neither allele of chr4-57110321-G-A",
    ),
    "direction against the odds ratio": (
        again(direction="lower_in_cases"),
        r"found direction lower_in_cases and discovery.odds_ratio 3, which do not agree",
    ),
    "replication in no contrast": (
        again(contrast="primry"), r"found replications.again.contrast primry, which is no contrast of the study \(primary\)",
    ),
    "replication under a model that is not tested": (
        {**again(), "association": {"genetic_models": ["additive"]}},
        r"found replications.again.genetic_model dominant, which is not in association.genetic_models \(additive\)",
    ),
    "unused cohort twice": (
        {"unused_cohorts": ["pilot", "pilot"]}, r"key unused_cohorts: found pilot more than once",
    ),
    "a gain of nothing": (
        custom(min_gain_points=0),
        r"found kind gain with min_gain_points 0: a gain is of 1 point or more, a plateau of 0",
    ),
    "a plateau with a gain": (
        custom(kind="plateau"),
        r"found kind plateau with min_gain_points 4: a gain is of 1 point or more, a plateau of 0",
    ),
    "a window of nothing": (
        custom(window_days=90),
        r"found over nadir with window_days 90: rolling has a window, and nothing else",
    ),
    "a rolling low without a window": (
        custom(over="rolling"), r"found over rolling with window_days None: rolling has a window",
    ),
    "a plateau of no length": (
        custom(kind="plateau", min_gain_points=0, min_duration_days=0),
        r"found a plateau that has no duration, or is over something",
    ),
    "nobody at risk": (
        custom(baseline_min_points=40, baseline_max_points=30),
        r"found baseline_min_points above baseline_max_points: nobody is at risk",
    ),
    "a horizon of no time": (
        {"recovery_rate": {"horizon_months": [0.5]}}, r"found 0\.5, which is less than a month ahead",
    ),
    "a grid of no points": (
        {"recovery_grid": {"min_gain_points": [0, 4]}}, r"found min_gain_points outside 1 to 48",
    ),
    "a grid of no duration": (
        {"recovery_grid": {"min_duration_days": [0]}},
        r"found min_duration_days or n_confirming_visit below 1",
    ),
}  # fmt: skip

ALLOWED: dict[str, dict[str, object]] = {
    "a replication of what was published": again(),
    "a replication of the other allele": again(
        effect_allele="G", direction="lower_in_cases",
        discovery={"cases": ["StAR"], "odds_ratio": 0.3},
    ),
    "an insertion": lead("chr4-57140000-T-TA"),
    "a deletion": lead("chr4-57140000-TA-T"),
    "a definition that daily visits can meet": {
        "recovery": {
            "custom": {
                "name": "daily", "min_gain_points": 4, "min_duration_days": 365, "max_gap_days": 1
            }
        }
    },
    "a preset of every kind": {"recovery": {"preset": "plateau_12"}},
    "a single visit, when asked for": {
        "recovery": {
            "custom": {
                "name": "noise", "min_gain_points": 4, "min_duration_days": 0,
                "n_confirming_visit": 0,
            }
        }
    },
    "a gain over a window, without item 5": {
        "recovery": {
            "custom": {
                "name": "rolling", "min_gain_points": 3, "min_duration_days": 90, "over": "rolling",
                "window_days": 365, "gastrostomy": "without_item_5", "baseline_max_points": 44,
            }
        }
    },
    "sexes just apart": {"quality": {"male_x_het_rate_max": 0.099}},
}  # fmt: skip


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_setting_that_cannot_work_is_told(tmp_path: Path, name: str) -> None:
    settings, expected = IMPOSSIBLE[name]
    said = told(tmp_path, **settings)
    assert len(said) == 1
    assert re.search(expected, said[0]), said


@pytest.mark.parametrize("name", ALLOWED)
def test_a_setting_that_can_work_is_not_told(tmp_path: Path, name: str) -> None:
    assert told(tmp_path, **ALLOWED[name]) == []
