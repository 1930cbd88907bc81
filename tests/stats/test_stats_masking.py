"""What masking says: each status from numbers that make it, and counts within shared levels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alsrev_dagster.stats.masking import level_counts, masking_status

SOUND = {
    "n_level": 2, "n_shared_level": 1, "p_value": 1e-6, "masked_p_value": 1e-3,
    "least_p_value": 1e-8, "is_same_direction": True, "p_max": 0.05,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, "holds"),
        ({"masked_p_value": 0.06}, "vanishes"),
        ({"is_same_direction": False}, "vanishes"),
        ({"masked_p_value": 0.2, "least_p_value": 0.06}, "too_few"),
        ({"n_shared_level": 0, "masked_p_value": np.nan}, "cannot_be_told_apart"),
        ({"p_value": 0.06}, "no_signal"),
        ({"p_value": np.nan}, "no_signal"),
        ({"n_level": 1}, "one_level"),
        ({"n_level": 0, "n_shared_level": 0}, "unknown"),
        ({"masked_p_value": 0.05, "p_value": 0.05, "least_p_value": 0.05}, "holds"),
    ],
)
def test_each_status_has_its_numbers(changed: dict[str, object], status: str) -> None:
    assert masking_status(**{**SOUND, **changed}) == status  # type: ignore[arg-type]


@given(st.integers(0, 2**32 - 1))
def test_counts_are_those_of_the_samples_in_shared_levels(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = int(random.integers(2, 30))
    dosage = random.choice([0.0, 1.0, 2.0, np.nan], (3, n))
    is_case = random.random(n) < 0.5
    level = random.choice(np.array(["a", "b", "c"], dtype=object), n)
    counts = level_counts(dosage, is_case, level)
    shared = set(level[is_case]) & set(level[~is_case])
    kept = np.isin(level, list(shared)) & ~np.isnan(dosage)
    assert counts.shape == (3, 2, len(shared), 3)
    assert counts.sum(axis=(1, 2, 3)).tolist() == kept.sum(axis=1).tolist()
    alleles = (counts * np.arange(3)).sum(axis=(2, 3))[:, 0]
    assert alleles.tolist() == np.where(kept & is_case, dosage, 0).sum(axis=1).tolist()
