"""How the three cohorts differ: who gets in, how fast they recover, how they were sequenced."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class CohortPlan:
    """What differs by cohort: how it was ascertained and handled."""

    recovery_hazard_per_month: float
    """Of beginning to recover, in non-carriers; constant from enrolment on."""
    months_to_enrolment: tuple[float, float]
    """Bounds of the time from onset to enrolment."""
    enrolment_total: tuple[float, float]
    """Bounds of the ALSFRS-R total at enrolment. With late enrolment they select slow decline."""
    death_hazard_ratio: float
    """Hazard of death over that of the control cohorts at the same total."""
    drop_out_hazard_per_month: float
    male_fraction: float
    bulbar_fraction: float
    pma_fraction: float
    c9orf72_fraction: float
    tissue: str
    sequencing_site: str
    n_batch: int


COHORT_PLAN: Final = {
    "StAR": CohortPlan(
        recovery_hazard_per_month=0.036,  # about 19 of 22 are then confirmed
        months_to_enrolment=(9.0, 18.0),
        enrolment_total=(28.0, 41.0),  # leaves room for a gain of 4 points and more
        death_hazard_ratio=0.03,  # who had died could not have sent saliva
        drop_out_hazard_per_month=0.001,
        male_fraction=0.70,  # Harrison 2018: more often male and limb onset; 7 of 36 PMA
        bulbar_fraction=0.15,
        pma_fraction=0.19,
        c9orf72_fraction=0.0,
        tissue="saliva",  # Crayle 2024
        sequencing_site="site_A",
        n_batch=1,
    ),
    "PGB": CohortPlan(
        recovery_hazard_per_month=0.0031,  # about 8% are then confirmed
        months_to_enrolment=(6.0, 30.0),
        enrolment_total=(24.0, 41.0),
        death_hazard_ratio=1.0,
        drop_out_hazard_per_month=0.005,
        male_fraction=0.60,
        bulbar_fraction=0.28,
        pma_fraction=0.03,
        c9orf72_fraction=0.07,
        tissue="blood",
        sequencing_site="site_B",
        n_batch=2,
    ),
    "TargetALS": CohortPlan(
        recovery_hazard_per_month=0.0031,
        months_to_enrolment=(6.0, 30.0),
        enrolment_total=(24.0, 41.0),
        death_hazard_ratio=1.0,
        drop_out_hazard_per_month=0.005,
        male_fraction=0.60,
        bulbar_fraction=0.30,
        pma_fraction=0.02,
        c9orf72_fraction=0.07,
        tissue="blood",
        sequencing_site="site_C",
        n_batch=3,
    ),
}
