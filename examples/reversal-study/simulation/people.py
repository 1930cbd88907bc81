"""Who is a case, and who everybody is: cohorts, participants' traits, samples."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import nchypergeom_fisher

from simulation.cohorts import COHORT_PLAN
from simulation.planted import (
    CARRIER_CASE_ODDS_RATIO,
    CASE_COHORT,
    COHORT_SIZE,
)

Flags = NDArray[np.bool_]
Texts = NDArray[np.str_]

_AGE_AT_ONSET_YEARS = (60.0, 11.0)
_AGE_BOUNDS_YEARS = (28.0, 85.0)
_EL_ESCORIAL = {"definite": 0.3, "probable": 0.4, "lab_supported_probable": 0.2, "possible": 0.1}
_SOD1_FRACTION = 0.01


def draw_cohorts(carrier: Flags, rng: np.random.Generator) -> Texts:
    """Cohort of each genome: cases by carrier status, controls at random.

    The number of carriers among the cases follows Fisher's noncentral hypergeometric
    distribution: the law of independent case draws with the planted odds ratio, given
    that exactly 22 are cases. Who they are, given that number, is uniform. It is drawn by
    inverting the distribution, so that it hangs on one number of ``rng`` only.
    """
    n_case = COHORT_SIZE[CASE_COHORT]
    law = nchypergeom_fisher(carrier.size, int(carrier.sum()), n_case, CARRIER_CASE_ODDS_RATIO)
    n_carrier_case = int(np.searchsorted(law.cdf(np.arange(n_case)), rng.random(), side="right"))
    cases = np.concatenate(
        [
            rng.choice(np.flatnonzero(carrier), n_carrier_case, replace=False),
            rng.choice(np.flatnonzero(~carrier), n_case - n_carrier_case, replace=False),
        ]
    )
    controls = rng.permutation(np.setdiff1d(np.arange(carrier.size), cases))
    cohort = np.full(carrier.size, CASE_COHORT, dtype="<U16")
    names = [name for name in COHORT_SIZE if name != CASE_COHORT]
    cohort[controls] = np.repeat(names, [COHORT_SIZE[name] for name in names])
    return cohort


def draw_traits(cohort: Texts, rng: np.random.Generator) -> pd.DataFrame:
    """Sex, age, onset, diagnosis and mutation of each participant; none hangs on genotype."""
    n = cohort.size
    plans = [COHORT_PLAN[name] for name in cohort]
    male = rng.random(n) < [plan.male_fraction for plan in plans]
    bulbar = rng.random(n) < [plan.bulbar_fraction for plan in plans]
    pma = (rng.random(n) < [plan.pma_fraction for plan in plans]) & ~bulbar
    certainty = rng.choice(list(_EL_ESCORIAL), size=n, p=list(_EL_ESCORIAL.values()))
    c9orf72 = rng.random(n) < [plan.c9orf72_fraction for plan in plans]
    sod1 = rng.random(n) < _SOD1_FRACTION
    age = rng.normal(*_AGE_AT_ONSET_YEARS, size=n).clip(*_AGE_BOUNDS_YEARS).round(1)
    return pd.DataFrame(
        {
            "sex": np.where(male, "male", "female"),
            "age_at_onset_years": age,
            "onset_site": np.where(bulbar, "bulbar", "limb"),
            "diagnosis": np.where(pma, "PMA", "ALS"),
            "el_escorial": pd.Series(certainty).mask(pma),  # graded for ALS only
            "known_mutation": pd.Series(np.select([c9orf72, sod1], ["C9orf72", "SOD1"], "")).where(
                c9orf72 | sod1
            ),
            "ancestry": "EUR",
        }
    )


def draw_participant_ids(n: int, rng: np.random.Generator) -> Texts:
    """P001 ...: in random order, so that an id tells nothing of cohort or genome."""
    return np.array([f"P{number:03d}" for number in rng.permutation(n) + 1])


def sample_table(sample_id: Texts, people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One sample per participant; tissue, site and batch follow the cohort, as they really did."""
    plans = [COHORT_PLAN[name] for name in people["cohort"]]
    batch = rng.integers(1, [plan.n_batch for plan in plans], endpoint=True)
    return pd.DataFrame(
        {
            "sample_id": sample_id,
            "participant_id": people["participant_id"],
            "callset": "joint",
            "cohort": people["cohort"],
            "sex": people["sex"],
            "tissue": [plan.tissue for plan in plans],
            "batch": [f"{c}_{b}" for c, b in zip(people["cohort"], batch, strict=True)],
            "sequencing_site": [plan.sequencing_site for plan in plans],
        }
    )
