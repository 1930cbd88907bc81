"""Evidence with covariates: that of the tables where there are none, and what the screen leaves."""

import numpy as np
import pytest
from numpy.typing import NDArray

from alsrev_dagster.stats.adjusted_association import (
    Refinement,
    adjusted_evidence,
    adjusted_method,
)
from alsrev_dagster.stats.association import Evidence, evidence
from alsrev_dagster.stats.design import null_design
from alsrev_dagster.stats.logistic_detail import profile_interval
from alsrev_dagster.stats.logistic_null import NullModel, null_model

N_CASE, N = 22, 125
IS_CASE = np.arange(N) < N_CASE
RANDOM = np.random.default_rng(4)
GENOTYPE = RANDOM.binomial(2, RANDOM.uniform(0.05, 0.5, (40, 1)), (40, N)).astype(np.uint8)
GENOTYPE[RANDOM.random(GENOTYPE.shape) < 0.02] = 3
GENOTYPE[0] = 0
GENOTYPE[1, :N_CASE] = 2 - GENOTYPE[1, :N_CASE] % 2

COMMON = int(np.argmax((GENOTYPE[:, :N_CASE] == 2).sum(axis=1) * (np.arange(40) > 1)))


def model(covariate: NDArray[np.float64], *names: str) -> NullModel:
    return null_model(null_design(IS_CASE, covariate, list(names)))


def counts(genotype: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    sides = [
        np.stack([(genotype[:, side] == code).sum(axis=1) for code in range(3)], axis=1)[:, None]
        for side in (IS_CASE, ~IS_CASE)
    ]
    return sides[0], sides[1]


def found(
    fitted: NullModel, genetic_model: str, refine: float, wanted: NDArray[np.bool_] | None = None
) -> tuple[Evidence, NDArray[np.object_]]:
    is_wanted = np.zeros(len(GENOTYPE), dtype=bool) if wanted is None else wanted
    refinement = Refinement(refine, refine, is_wanted)
    return adjusted_evidence(fitted, GENOTYPE, counts(GENOTYPE), genetic_model, refinement)


@pytest.mark.parametrize("genetic_model", ["additive", "dominant", "recessive", "genotypic"])
def test_without_covariates_it_is_the_evidence_of_the_tables(genetic_model: str) -> None:
    adjusted, method = found(model(np.empty((N, 0))), genetic_model, 1.0)
    tables = evidence(*counts(GENOTYPE), genetic_model)
    assert set(method) == {adjusted_method(genetic_model)}
    assert adjusted.fit_status.tolist() == tables.fit_status.tolist()
    is_shown = tables.fit_status != "monomorphic"
    for name, value in vars(tables).items():
        if name in ("fit_status", "separation"):
            continue
        mine = getattr(adjusted, name)[is_shown]
        assert mine == pytest.approx(value[is_shown], rel=2e-5, abs=1e-8, nan_ok=True), name
    assert adjusted.separation == pytest.approx(tables.separation, nan_ok=True)


def test_what_the_screen_leaves_has_its_p_value_and_no_estimate() -> None:
    age = RANDOM.normal(60, 10, (N, 1))
    adjusted, method = found(model(age, "age"), "additive", 0.05)
    is_screened = adjusted.fit_status == "screened"
    assert 0 < is_screened.sum() < len(GENOTYPE)
    assert np.isnan(adjusted.beta[is_screened]).all()
    assert (adjusted.p_value[is_screened] >= 0.05).all()
    assert (adjusted.exact_p_value[is_screened] >= 0.05).all()
    assert set(method[is_screened]) <= {"logistic_score_adjusted", "logistic_saddlepoint_adjusted"}
    assert set(method[~is_screened]) == {"logistic_firth_lrt_adjusted"}
    whole, _ = found(model(age, "age"), "additive", 1.0)
    assert adjusted.p_value[~is_screened] == pytest.approx(whole.p_value[~is_screened])


def test_a_declared_variant_is_looked_at_whatever_its_p_value() -> None:
    wanted = np.arange(len(GENOTYPE)) == COMMON
    for genetic_model in ("additive", "genotypic"):
        adjusted, _ = found(model(np.empty((N, 0))), genetic_model, 1e-9, wanted)
        assert adjusted.fit_status[COMMON] == "ok"
        assert not np.isnan(adjusted.beta[COMMON])
    adjusted, _ = found(model(np.empty((N, 0))), "additive", 1e-9, wanted)
    assert adjusted.ci_lower[COMMON] < adjusted.odds_ratio[COMMON] < adjusted.ci_upper[COMMON]
    assert np.isnan(np.delete(adjusted.ci_lower, COMMON)).all()


def test_genotypic_intervals_with_a_covariate_are_those_of_each_indicator() -> None:
    age = RANDOM.normal(60, 10, (N, 1))
    is_shown = np.array([set(row.tolist()) >= {0, 1, 2} for row in GENOTYPE])
    adjusted, _ = found(model(age, "age"), "genotypic", 1.0)
    for place in np.flatnonzero(is_shown)[:4]:
        code = GENOTYPE[place]
        called = code != 3
        for own, other, ends in (
            (1, 2, (adjusted.ci_lower_het, adjusted.ci_upper_het)),
            (2, 1, (adjusted.ci_lower, adjusted.ci_upper)),
        ):
            covariate = np.column_stack([age, code == other])[called]
            fitted = null_model(null_design(IS_CASE[called], covariate, ["age", "other"]))
            alone = profile_interval(fitted, (code == own)[called].astype(np.uint8)[None])
            assert np.log(ends[0][place]) == pytest.approx(alone.ci_lower[0], abs=1e-5)
            assert np.log(ends[1][place]) == pytest.approx(alone.ci_upper[0], abs=1e-5)


def test_where_nobody_has_two_ref_alleles_there_is_no_odds_ratio_against_them() -> None:
    case, control = np.array([[[0, 9, 3]]]), np.array([[[0, 8, 5]]])
    tables = evidence(case, control, "genotypic")
    assert np.isnan([tables.odds_ratio[0], tables.odds_ratio_het[0], tables.ci_lower_het[0]]).all()
    assert 0 < tables.p_value[0] < 1


def test_a_covariate_that_makes_the_difference_takes_it_away() -> None:
    batch = (RANDOM.random(N) < np.where(IS_CASE, 0.9, 0.2)).astype(float)
    genotype = RANDOM.binomial(2, np.where(batch, 0.5, 0.1), (60, N)).astype(np.uint8)
    refinement = Refinement(1.0, 0.0, np.zeros(60, dtype=bool))
    alone, _ = adjusted_evidence(
        model(np.empty((N, 0))), genotype, counts(genotype), "additive", refinement
    )
    adjusted, _ = adjusted_evidence(
        model(batch[:, None], "batch"), genotype, counts(genotype), "additive", refinement
    )
    assert np.median(alone.p_value) < 0.01 < 0.2 < np.median(adjusted.p_value)


def test_a_variant_without_root_is_fitted_and_no_normal_tail_is_of_record() -> None:
    one = np.zeros((1, 265), dtype=np.uint8)
    one[0, 0] = 1
    is_case = np.arange(265) < 22
    fitted = null_model(null_design(is_case, np.empty((265, 0)), []))
    case, control = np.array([[[21, 1, 0]]]), np.array([[[243, 0, 0]]])
    rule = Refinement(1e-5, 0.0, np.zeros(1, dtype=bool))
    adjusted, method = adjusted_evidence(fitted, one, (case, control), "additive", rule)
    assert adjusted.score_p_value[0] < 1e-3 < 0.01 < adjusted.p_value[0]
    assert method.tolist() == ["logistic_firth_lrt_adjusted"]


@pytest.mark.parametrize("genetic_model", ["additive", "genotypic"])
def test_what_is_not_compared_is_said_as_without_covariates(genetic_model: str) -> None:
    genotype = np.zeros((3, N), dtype=np.uint8)
    genotype[0, ~IS_CASE] = 3
    genotype[1] = 3
    rule = Refinement(0.05, 0.05, np.zeros(3, dtype=bool))
    adjusted, _ = adjusted_evidence(
        model(np.empty((N, 0))), genotype, counts(genotype), genetic_model, rule
    )
    tables = evidence(*counts(genotype), genetic_model)
    assert adjusted.fit_status.tolist() == tables.fit_status.tolist()
    assert adjusted.fit_status.tolist() == ["one_side_missing", "one_side_missing", "monomorphic"]
    assert adjusted.p_value.tolist() == tables.p_value.tolist() == [1.0, 1.0, 1.0]
