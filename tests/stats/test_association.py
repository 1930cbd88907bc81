"""The tests of a contrast: each distinct table once, the right test beside each model, leads."""

import numpy as np
import pytest
from scipy.stats import fisher_exact

from alsrev_dagster.stats.association import evidence, exact_method, screen

CASE = np.array([[[10, 9, 3]], [[22, 0, 0]], [[10, 9, 3]]])
CONTROL = np.array([[[95, 8, 0]], [[103, 0, 0]], [[95, 8, 0]]])


def test_equal_tables_get_equal_evidence_in_their_own_places() -> None:
    found = evidence(CASE, CONTROL, "additive")
    assert found.p_value[0] == found.p_value[2]
    # Computed apart (docs/methods.md), table A: Firth OR 11.0004 (4.0855, 33.586), LRT p 3.486e-7, exact 5.216e-7.
    assert found.odds_ratio[0] == pytest.approx(11.0004, abs=5e-5)
    assert found.ci_lower[0] == pytest.approx(4.0855, abs=5e-5)
    assert found.ci_upper[0] == pytest.approx(33.586, abs=5e-4)
    assert found.p_value[0] == pytest.approx(3.486e-7, abs=5e-11)
    assert found.exact_p_value[0] == pytest.approx(5.216e-7, abs=5e-11)
    assert found.fit_status[1] == "monomorphic"
    assert found.p_value[1] == found.exact_p_value[1] == 1.0


@pytest.mark.parametrize(
    ("model", "table"),
    [("dominant", [[12, 10], [8, 95]]), ("recessive", [[3, 19], [0, 103]])],
)
def test_the_exact_test_of_carriers_and_homozygotes_is_fishers(
    model: str, table: list[list[int]]
) -> None:
    found = evidence(CASE, CONTROL, model)
    assert found.exact_p_value[0] == pytest.approx(fisher_exact(table).pvalue, rel=1e-12)


def test_no_variant_at_all_gives_no_evidence_at_all() -> None:
    found = evidence(CASE[:0], CONTROL[:0], "additive")
    assert len(found.p_value) == len(found.fit_status) == 0


def test_exact_methods_are_named_for_what_they_are() -> None:
    assert exact_method("additive", 1) == "exact_conditional_trend"
    assert exact_method("recessive", 1) == "fisher_exact"
    assert exact_method("dominant", 3) == "fisher_exact_stratified"


def test_a_side_without_calls_is_said_and_no_monomorphic_variant() -> None:
    case = np.array([[[3, 1, 0]], [[4, 0, 0]], [[3, 1, 0]]])
    control = np.array([[[0, 0, 0]], [[9, 0, 0]], [[8, 1, 0]]])
    found = evidence(case, control, "additive")
    assert found.fit_status.tolist() == ["one_side_missing", "monomorphic", "ok"]
    assert found.p_value[:2].tolist() == [1.0, 1.0]
    parted = evidence(
        np.array([[[3, 1, 0], [0, 0, 0]]]), np.array([[[0, 0, 0], [5, 1, 0]]]), "dominant"
    )
    assert parted.fit_status.tolist() == ["one_side_missing"]


@pytest.mark.parametrize("model", ["additive", "dominant", "recessive"])
def test_a_screen_says_what_the_evidence_says_without_interval(model: str) -> None:
    full, bare = evidence(CASE, CONTROL, model), screen(CASE, CONTROL, model)
    for name in ("odds_ratio", "p_value", "exact_p_value"):
        np.testing.assert_array_equal(getattr(bare, name), getattr(full, name))
    assert bare.fit_status.tolist() == full.fit_status.tolist()
    nobody = screen(CASE, np.zeros_like(CONTROL), model)
    assert nobody.fit_status.tolist() == ["one_side_missing"] * 3
