"""What is planted: the effects the analysis has to find again, and the course of disease.

A constant with a source says so; one without is a choice that makes the cohort look
like the published ones (22 reversals, 103 PGB and 140 Target ALS participants).
"""

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


# --- decline -----------------------------------------------------------------------------

LOSS_RATE_SHAPE: Final = 4.0
LOSS_RATE_MEAN_PER_MONTH: Final = 1.7
"""Gamma distribution of the rate of loss at onset, points per month, of which the total at
enrolment selects the slower (see ``cohorts``). Loss after enrolment is then 0.93 points per
month over the first year and 0.82 over two, of which 95% lie in 0.3-1.4; PRECISION-ALS
(n = 7,030) has 0.89 over 24 months, 95% in 0.04-1.96, decelerating."""

LOSS_DECELERATION_MONTHS: Final = 120.0
"""The rate of loss falls by 1/e over this time: decline decelerates (PRECISION-ALS)."""

# --- recovery ----------------------------------------------------------------------------

CLIMB_POINTS_PER_MONTH: Final = (1.0, 1.5)
CEILING_TOTAL: Final = (40.0, 46.0)
SMALLEST_CLIMB_POINTS: Final = 7.0
"""A ceiling nearer than this to where recovery began is raised to it, at most to 48."""

# --- death and follow-up -----------------------------------------------------------------

DEATH_HAZARD_AT_40_PER_MONTH: Final = 0.002
DEATH_LOG_HAZARD_PER_POINT_LOST: Final = 0.09
"""Death comes faster at lower totals (joint model of PRECISION-ALS); the sizes are made up:
9% of people who do not recover are dead a year after enrolment, 29% after two years, 60%
after four."""

DEATH_HAZARD_RATIO_IN_RECOVERY: Final = 0.3
"""On top of the fall that comes with a higher total. Lower values attenuate the hazard ratio of
*confirmed* recovery: who has begun to recover waits a year and more, at less risk of
death, for the confirmation, and there are more of them among carriers."""

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
