"""What is planted: the effects the analysis has to find again, and the course of disease.

A constant with a source says so; one without is a choice that makes the cohort look
like the published ones (22 reversals, 103 PGB and 140 Target ALS participants).
"""

from dataclasses import dataclass
from typing import Final

DAYS_PER_MONTH: Final = 30.4375
"""365.25 / 12, as everywhere in alsrev."""

LEAD_VARIANT: Final = "chr4-57110321-G-A"
"""Inside IGFBP7, 64 bp from its start; 322/158/23 genotypes in the 503 Europeans of
1000 Genomes phase 3. It is not rs4242007, whose position was not found in public text."""

COHORT_SIZE: Final = {"StAR": 22, "PGB": 103, "TargetALS": 140}
"""Crayle et al. 2024, Neurology 103:e209696."""

CASE_COHORT: Final = "StAR"

CARRIER_CASE_ODDS_RATIO: Final = 12.0
"""Odds of being a case, carriers (dosage >= 1) over non-carriers. The published odds
ratio is 12.0 (4.1-34.6), per its own model."""

CARRIER_RECOVERY_HAZARD_RATIO: Final = 3.0
"""Hazard of beginning to recover, carriers over non-carriers, at any time and in any cohort."""

CARRIER_IGFBP7_RATIO: Final = 0.75
"""IGFBP7 protein, carriers over non-carriers; the size is made up, the direction is the
eQTL's of Crayle et al. 2024."""


@dataclass(frozen=True)
class CohortPlan:
    """What differs by cohort: how it was ascertained and handled."""

    recovery_hazard_per_month: float
    """Of non-carriers. Constant from onset, given no recovery before enrolment."""
    months_to_enrolment: tuple[float, float]
    """Bounds of the time from onset to enrolment."""
    enrolment_total: tuple[float, float]
    """Bounds of the ALSFRS-R total at enrolment. With late enrolment they select slow decline."""
    death_hazard_ratio: float
    """Hazard of death over that of the other cohorts at the same score."""
    drop_out_hazard_per_month: float
    male_fraction: float
    bulbar_fraction: float
    pma_fraction: float
    c9orf72_fraction: float
    tissue: str
    sequencing_site: str
    n_batch: int


COHORT_PLAN: Final = {
    # Harrison 2018 (36 reversals): 7 PMA, more often male and limb onset; Crayle 2024: saliva.
    "StAR": CohortPlan(0.036, (9.0, 18.0), (28.0, 41.0), 0.03, 0.001, 0.70, 0.15, 0.19, 0.00, "saliva", "site_A", 1),
    "PGB": CohortPlan(0.0034, (6.0, 30.0), (24.0, 41.0), 1.0, 0.005, 0.60, 0.28, 0.03, 0.07, "blood", "site_B", 2),
    "TargetALS": CohortPlan(0.0034, (6.0, 30.0), (24.0, 41.0), 1.0, 0.005, 0.60, 0.30, 0.02, 0.07, "blood", "site_C", 3),
}

# --- decline -----------------------------------------------------------------------------

LOSS_RATE_SHAPE: Final = 4.0
LOSS_RATE_MEAN_PER_MONTH: Final = 1.7
"""Gamma distribution of the rate of loss at onset, points per month. With the bounds on
the score at enrolment and the deceleration below, the first 24 months after enrolment lose about
0.9 points per month, as in PRECISION-ALS (0.89; n = 7,030)."""

LOSS_DECELERATION_MONTHS: Final = 120.0
"""The rate of loss falls by 1/e over this time: decline decelerates (PRECISION-ALS)."""


# --- recovery ----------------------------------------------------------------------------

CLIMB_POINTS_PER_MONTH: Final = (1.0, 1.5)
CEILING_TOTAL: Final = (40.0, 46.0)
SMALLEST_CLIMB_POINTS: Final = 7.0
"""A ceiling nearer than this to where recovery began is raised to it, at most to 48."""

# --- death and follow-up -----------------------------------------------------------------

DEATH_HAZARD_AT_40_PER_MONTH: Final = 0.003
DEATH_LOG_HAZARD_PER_POINT_LOST: Final = 0.11
"""Value and slope of ALSFRS-R go with death in the joint model of PRECISION-ALS; the sizes
here give a median survival of about three years from onset to death."""

DEATH_HAZARD_RATIO_IN_RECOVERY: Final = 0.02
TRACHEOSTOMY_HAZARD_RATIO: Final = 0.05
"""Hazard of tracheostomy, as a fraction of the hazard of death."""

MONTHS_ON_TRACHEOSTOMY: Final = 24.0
"""Mean survival after tracheostomy."""

FOLLOW_UP_MONTHS: Final = (40.0, 52.0)

# --- visits ------------------------------------------------------------------------------

VISIT_INTERVAL_DAYS: Final = 90
VISIT_JITTER_SD_DAYS: Final = 8.0
VISIT_JITTER_MAX_DAYS: Final = 25
FIRST_VISIT_WITHIN_DAYS: Final = 7
VISIT_MISSED_FRACTION: Final = 0.02
VISIT_INCOMPLETE_FRACTION: Final = 0.03
"""Visits with one to three items left blank, and so without a total."""

TOTAL_RESIDUAL_SD: Final = 1.0
"""Points; near the standard error of measurement of 1.2 at ICC 0.95 and SD 5.5."""

ITEM_DISAGREEMENT_FRACTION: Final = 0.3
"""Visits at which one item is a point higher and another a point lower than the order of
loss says: noise of items that leaves the total alone."""

GASTROSTOMY_FRACTION: Final = 0.6
"""Of those whose swallowing item falls to 1 or 0."""
