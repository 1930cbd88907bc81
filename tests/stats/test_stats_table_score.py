"""Score test of tables: the numbers of a scan of samples, symmetries, and where there is no root."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from alsrev_dagster.stats.design import null_design
from alsrev_dagster.stats.genetic_model import SCORE
from alsrev_dagster.stats.logistic_null import null_model
from alsrev_dagster.stats.logistic_scan import score_scan
from alsrev_dagster.stats.table_score import table_score

STRATA = arrays(np.int64, (2, 2, 3), elements=st.integers(0, 12))
CASE, CONTROL = np.array([[[10, 9, 3]]]), np.array([[[95, 8, 0]]])


def as_samples(
    table: NDArray[np.int64],
) -> tuple[NDArray[np.uint8], NDArray[np.bool_], NDArray[np.int64]]:
    """Genotype, side and stratum of each sample of a table of shape (2, S, 3)."""
    side, stratum, genotype = np.indices(table.shape).reshape(3, -1)
    n = table.ravel()
    return np.repeat(genotype, n).astype(np.uint8), np.repeat(side, n) == 0, np.repeat(stratum, n)


@pytest.mark.parametrize("genetic_model", list(SCORE))
@settings(max_examples=60, deadline=None)
@given(table=STRATA)
def test_a_table_has_the_score_test_of_its_samples(
    genetic_model: str, table: NDArray[np.int64]
) -> None:
    if (table.sum(axis=2) < 2).any():
        return
    genotype, is_case, stratum = as_samples(table)
    design = null_design(is_case, np.empty((len(is_case), 0)), [], stratum=stratum)
    expected = score_scan(null_model(design), genotype[None], genetic_model, n_thread=1)
    found = table_score(table[0][None], table[1][None], SCORE[genetic_model])
    assert found.z[0] == pytest.approx(expected.z[0], rel=1e-9, abs=1e-12, nan_ok=True)
    assert found.p_value[0] == pytest.approx(expected.normal_p[0], rel=1e-8, nan_ok=True)
    if not np.isnan([expected.saddlepoint_p[0], found.saddlepoint_p_value[0]]).any():
        assert found.saddlepoint_p_value[0] == pytest.approx(expected.saddlepoint_p[0], rel=1e-7)


def test_the_numbers_of_table_a() -> None:
    # Computed apart (docs/methods.md): z 5.77867, normal P 7.53e-9, saddlepoint P 2.654e-7.
    found = table_score(CASE, CONTROL, (0, 1, 2))
    assert found.z[0] == pytest.approx(5.77867, abs=5e-6)
    assert found.p_value[0] == pytest.approx(7.53e-9, abs=5e-12)
    assert found.saddlepoint_p_value[0] == pytest.approx(2.654e-7, abs=5e-11)


def test_a_separated_table_has_no_root_and_one_that_does_not_vary_no_score() -> None:
    case, control = np.array([[[19, 0, 3]], [[22, 0, 0]]]), np.array([[[243, 0, 0]], [[243, 0, 0]]])
    found = table_score(case, control, (0, 0, 1))
    assert found.z[0] > 5
    assert np.isnan(found.saddlepoint_p_value).tolist() == [True, True]
    assert np.isnan(found.z).tolist() == [False, True]


@settings(max_examples=60, deadline=None)
@given(table=STRATA)
def test_swapped_alleles_turn_z_and_an_empty_stratum_changes_nothing(
    table: NDArray[np.int64],
) -> None:
    case, control = table[0][None], table[1][None]
    found = table_score(case, control, (0, 1, 2))
    swapped = table_score(case[..., ::-1], control[..., ::-1], (0, 1, 2))
    assert swapped.z[0] == pytest.approx(-found.z[0], abs=1e-9, nan_ok=True)
    same = {"rel": 1e-9, "nan_ok": True}
    assert swapped.saddlepoint_p_value[0] == pytest.approx(found.saddlepoint_p_value[0], **same)
    none = np.zeros((1, 1, 3), dtype=np.int64)
    wider = table_score(
        np.concatenate([case, none], axis=1), np.concatenate([control, none], axis=1), (0, 1, 2)
    )
    assert wider.saddlepoint_p_value[0] == pytest.approx(found.saddlepoint_p_value[0], **same)


def test_no_table_gives_no_number() -> None:
    assert len(table_score(CASE[:0], CONTROL[:0], (0, 1, 2)).z) == 0
