"""Firth's fit of genotype and covariates together, against firth_cox of the same people."""

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.survival.cox_data import CoxData, cox_data
from alsrev_dagster.survival.cox_null import cox_null
from alsrev_dagster.survival.cox_scan import cox_scan
from alsrev_dagster.survival.firth_cox import firth_cox
from alsrev_dagster.survival.firth_scan import firth_scan
from alsrev_dagster.survival.joint_scan import joint_scan
from alsrev_dagster.survival.scan_genotypes import CODING
from tests.survival.made_scan import MISSING, People, coded, codes, genotypes, people

MODELS = tuple(CODING)


def rows(who: People, value: np.ndarray) -> CoxData:
    """The people with a call, as any other Cox model here takes them."""
    frame = pd.DataFrame(who.covariate, columns=[f"c{j}" for j in range(who.covariate.shape[1])])
    frame = frame.assign(
        g=value, entry_months=who.entry, duration_months=who.exit, event=who.event, s=who.stratum
    )
    return cox_data(frame.dropna(), ["g", *frame.columns[: who.covariate.shape[1]]], strata=["s"])


@pytest.mark.parametrize("seed", range(4))
def test_joint_fit_is_firth_cox_of_the_people_with_a_call(seed: int) -> None:
    who, code = people(seed, 60, n_covariate=1 + seed % 3), codes(seed, 5, 60)
    code[0] = np.where(who.event, 0, code[0])  # one that separates
    for model in MODELS:
        found = joint_scan(who.null, genotypes(code), np.arange(5), model)
        for i, row in enumerate(code):
            theirs = firth_cox(rows(who, coded(row, model)), terms=("g",))
            if theirs.fit_status not in ("ok", "separated"):
                assert np.isnan(found.p_value[i])
                continue
            assert found.fit_status[i] == theirs.fit_status
            pairs = (
                (found.coefficient[i], theirs.coefficient[0]),
                (found.standard_error[i], theirs.standard_error[0]),
                (found.ci_lower[i], np.log(theirs.ci_lower[0])),
                (found.ci_upper[i], np.log(theirs.ci_upper[0])),
                (found.p_value[i], theirs.p_value[0]),
            )
            for mine, other in pairs:
                assert mine == pytest.approx(other, abs=1e-6, rel=1e-6)


def test_without_covariates_it_is_the_fit_of_the_scan() -> None:
    who, code = people(7, 60), codes(7, 8, 60)
    for model in MODELS:
        joint = joint_scan(who.null, genotypes(code), np.arange(8), model)
        alone = firth_scan(who.null, genotypes(code), np.arange(8), model)
        for name in ("coefficient", "standard_error", "ci_lower", "ci_upper", "p_value"):
            np.testing.assert_allclose(getattr(joint, name), getattr(alone, name), atol=2e-5)
        np.testing.assert_array_equal(joint.separation > 0, alone.separation > 0)
        assert joint.is_joint.all()
        assert alone.is_joint.all()


def test_direction_of_separation_is_told() -> None:
    rng, event = np.random.default_rng(2), np.arange(40) < 12
    null = cox_null(np.arange(1.0, 41.0), event, covariate=rng.normal(size=(40, 1)))
    code = np.vstack([np.where(event, 0, np.arange(40) % 2), np.arange(40) < 4]).astype(np.uint8)
    found = joint_scan(null, genotypes(code), np.arange(2), "additive")
    assert found.fit_status.tolist() == ["separated", "separated"]
    assert found.separation.tolist() == [-1, 1]
    assert np.isfinite(found.coefficient).all()


def test_leads_alone_are_fitted_anew() -> None:
    who, code = people(8, 80, n_covariate=2), codes(8, 60, 80)
    alone = cox_scan(who.null, genotypes(code), MODELS, refine_p_max=0.5, joint_p_max=0)
    found = cox_scan(who.null, genotypes(code), MODELS, refine_p_max=0.5, joint_p_max=0.1)
    for place, model in enumerate(MODELS):
        row, before, after = found.row[model], alone.firth[model], found.firth[model]
        assert not before.is_joint.any()
        screen = alone.score.screen_p[row, place]
        is_lead = np.fmax(before.p_value, screen) < 0.1
        np.testing.assert_array_equal(after.is_joint, is_lead)
        assert is_lead.any()
        np.testing.assert_array_equal(after.p_value[~is_lead], before.p_value[~is_lead])
        fit = joint_scan(who.null, genotypes(code), row[is_lead], model)
        np.testing.assert_array_equal(after.coefficient[is_lead], fit.coefficient)
        assert (after.p_value[is_lead] != before.p_value[is_lead]).any()


def test_numbers_do_not_depend_on_the_number_of_threads() -> None:
    who, code = people(9, 60, n_covariate=2), codes(9, 40, 60)
    code[:20, who.event] = 0
    code[:, 0] = MISSING
    one, two = (
        joint_scan(who.null, genotypes(code), np.arange(40), "dominant", n_thread=n) for n in (1, 2)
    )
    assert "separated" in one.fit_status
    for name in ("coefficient", "ci_lower", "ci_upper", "p_value", "separation"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
