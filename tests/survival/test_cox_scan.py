"""The Cox scan: score test, saddlepoint and Firth's fit against the same written out."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from firthmodels import FirthCoxPH
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter
from lifelines.datasets import load_lung
from lifelines.statistics import logrank_test
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2, norm

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival.cox_null import cox_null
from alsrev_dagster.survival.cox_scan import cox_scan
from alsrev_dagster.survival.firth_scan import CoxFirth, firth_scan
from alsrev_dagster.survival.scan_genotypes import CODING, Genotypes
from alsrev_dagster.survival.score_scan import score_scan
from tests.survival.made_scan import (
    MISSING,
    coded,
    codes,
    genotypes,
    log_likelihood,
    people,
    steps,
    z_written_out,
)

MODELS = tuple(CODING)


def test_score_test_of_lung_is_what_r_prints() -> None:
    """R survival, coxph(Surv(time, status) ~ sex, lung): Score (logrank) test = 10.33, p=0.001312.

    Efron's ties, R's default.
    """
    lung = load_lung()
    months, died = lung["time"].to_numpy(dtype=float), lung["status"].to_numpy() == 1
    code = (lung["sex"].to_numpy(dtype=np.uint8) - 1)[None]
    found = score_scan(cox_null(months, died), genotypes(code))
    assert round(float(found.z[0, 0]) ** 2, 2) == 10.33
    assert round(float(found.normal_p[0, 0]), 6) == 0.001312
    assert found.n_event_by_code[0].tolist() == [112, 53, 0, 0]


def test_score_test_without_ties_is_the_logrank_test_of_lifelines() -> None:
    rng = np.random.default_rng(3)
    months, event, carrier = rng.permutation(50) + 1.0, rng.random(50) < 0.7, rng.random(50) < 0.3
    theirs = logrank_test(months[carrier], months[~carrier], event[carrier], event[~carrier])
    found = score_scan(cox_null(months, event), genotypes(carrier.astype(np.uint8)[None]))
    assert found.z[0, 0] ** 2 == pytest.approx(theirs.test_statistic, rel=1e-9)


@pytest.mark.parametrize(("seed", "n_covariate"), [(0, 0), (1, 0), (2, 1), (3, 2), (4, 3)])
def test_score_test_is_the_one_written_out(seed: int, n_covariate: int) -> None:
    who = people(seed, n_covariate=n_covariate)
    null, code = who.null, codes(seed, 12, 60)
    code[0][code[0] == MISSING] = 0  # one variant that everybody has a call of
    found = score_scan(null, genotypes(code), MODELS)
    expected = [[z_written_out(who, coded(row, m), null) for m in MODELS] for row in code]
    np.testing.assert_allclose(found.z, expected, rtol=1e-7, atol=1e-9)
    for row, n, n_event in zip(code, found.n_by_code, found.n_event_by_code, strict=True):
        assert n.tolist() == np.bincount(row, minlength=4).tolist()
        assert n_event.tolist() == np.bincount(row[who.event], minlength=4).tolist()


def test_null_model_is_that_of_lifelines() -> None:
    who = people(5, 120, n_covariate=2)
    frame = pd.DataFrame(who.covariate, columns=["c0", "c1"]).assign(
        entry=who.entry, exit=who.exit, event=who.event, stratum=who.stratum
    )
    theirs = CoxPHFitter().fit(
        frame, "exit", "event", entry_col="entry", strata=["stratum"],
        fit_options={"precision": 1e-14, "r_precision": 1e-15},
    )  # fmt: skip
    np.testing.assert_allclose(who.null.coefficient, theirs.params_, rtol=1e-5)


def test_martingale_residuals_are_those_of_lifelines_and_give_the_score() -> None:
    who = people(6, 40, n_stratum=1)
    months = who.exit + np.arange(40) / 1000  # lifelines' residuals are Breslow's at ties
    null = cox_null(months, who.event)
    frame = pd.DataFrame({"exit": months, "event": who.event, "c": np.arange(40) % 2})
    fit = CoxPHFitter(penalizer=1e9).fit(frame, "exit", "event")  # a coefficient of 0
    theirs = fit.compute_residuals(frame, "martingale")["martingale"].sort_index()
    np.testing.assert_allclose(null.martingale, theirs.to_numpy(), atol=1e-5)
    tied = who.null
    value = coded(codes(6, 1, 40, missing=0.0)[0], "additive")
    score = sum(value[row] - left @ value[at] / left.sum() for left, at, row in steps(
        who, 0.0, value, np.zeros(40)
    ))  # fmt: skip
    assert tied.martingale @ value == pytest.approx(score)
    assert tied.martingale.sum() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_firth_is_the_maximum_of_the_penalised_likelihood_written_out(seed: int) -> None:
    who = people(seed, 40, n_covariate=seed % 2)
    null, code = who.null, codes(seed, 4, 40)
    for model in MODELS:
        fit = firth_scan(null, genotypes(code), np.arange(4), model)
        for i, row in enumerate(code):
            called = row != MISSING
            part, value = who.of(called), coded(row, model)[called]
            offset = np.log(null.moment[:, 0])[called]

            def target(b: float, part=part, value=value, offset=offset) -> float:
                total, information = log_likelihood(part, b, value, offset)
                return total + np.log(information) / 2

            if fit.fit_status[i] == "monomorphic":
                assert log_likelihood(part, 0.0, value, offset)[1] == pytest.approx(0, abs=1e-12)
                continue
            best = minimize_scalar(lambda b, f=target: -f(b), bounds=(-12, 12), method="bounded",
                                   options={"xatol": 1e-9})  # fmt: skip
            assert fit.coefficient[i] == pytest.approx(best.x, abs=2e-5)
            ratio = 2 * (-best.fun - target(0.0))
            assert fit.p_value[i] == pytest.approx(chi2.sf(ratio, 1), rel=1e-6)
            _, information = log_likelihood(part, best.x, value, offset)
            assert fit.standard_error[i] == pytest.approx(information**-0.5, rel=1e-4)
            level = -best.fun - chi2.isf(0.05, 1) / 2
            ends = [
                brentq(lambda b, f=target, y=level: f(b) - y, best.x, best.x + far)
                for far in (-15, 15)
            ]
            assert [fit.ci_lower[i], fit.ci_upper[i]] == pytest.approx(ends, abs=1e-6)


def test_firth_without_strata_is_that_of_firthmodels() -> None:
    """Version 0.7 takes Breslow's ties, so there are none here."""
    rng = np.random.default_rng(11)
    months, event = rng.permutation(60) + 1.0, rng.random(60) < 0.4
    code = codes(11, 6, 60, missing=0.0)
    fit = firth_scan(cox_null(months, event), genotypes(code), np.arange(6), "additive")
    for i, row in enumerate(code):
        theirs = FirthCoxPH(backend="numpy", gtol=1e-8, xtol=1e-8, max_iter=200)
        theirs.fit(row[:, None].astype(float), np.array(
            list(zip(event, months, strict=True)), dtype=[("event", bool), ("time", float)]
        ))  # fmt: skip
        theirs.lrt()
        assert fit.coefficient[i] == pytest.approx(float(theirs.coef_[0]), abs=1e-6)
        assert fit.standard_error[i] == pytest.approx(float(theirs.bse_[0]), rel=1e-6)
        assert fit.p_value[i] == pytest.approx(float(theirs.lrt_pvalues_[0]), rel=1e-5)


def test_saddlepoint_is_near_the_probability_of_independent_draws() -> None:
    """The generating function is of independent draws: their sum is counted out here."""
    who = people(8, 26, n_stratum=1, share=0.45)
    null, code = who.null, codes(21, 40, 26, missing=0.0)
    found = score_scan(null, genotypes(code))
    seen = 0
    for i, row in enumerate(code):
        value = coded(row, "additive")
        if not abs(found.z[i, 0]) >= 2 or not found.has_root[i, 0]:
            continue
        law = {0.0: 1.0}
        for left, at_risk, _ in steps(who, 0.0, value, np.zeros(26)):
            chance = left / left.sum()
            mean, mass = chance @ value[at_risk], np.bincount(row[at_risk], chance, minlength=3)
            after: dict[float, float] = {}
            for (s, p), g in product(law.items(), range(3)):
                key = round(s + g - mean, 9)
                after[key] = after.get(key, 0.0) + p * mass[g]
            law = after
        score = null.martingale @ value
        exact = sum(p for s, p in law.items() if abs(s) >= abs(score) - 1e-7)
        just_beyond = sum(p for s, p in law.items() if abs(s) > abs(score) + 1e-7)
        assert just_beyond * 0.7 <= found.saddlepoint_p[i, 0] <= exact * 1.1
        seen += 1
    assert seen >= 3


def test_saddlepoint_has_no_root_where_the_genotype_separates() -> None:
    months, event = np.arange(1.0, 31.0), np.arange(30) < 4
    code = np.array([[1] * 4 + [0] * 26], dtype=np.uint8)
    found = score_scan(cox_null(months, event), genotypes(code))
    assert not found.has_root[0, 0]
    assert found.fit_status[0, 0] == "ok"
    assert found.screen_p[0, 0] == found.normal_p[0, 0]
    assert cox_scan(cox_null(months, event), genotypes(code), refine_p_max=1e-300).row[
        "additive"
    ].tolist() == [0]


def test_between_z_of_2_either_way_the_normal_p_stands() -> None:
    who = people(9, 60)
    found = score_scan(who.null, genotypes(codes(9, 40, 60)), MODELS)
    near = np.abs(found.z) < 2
    assert near.sum() > 50
    np.testing.assert_array_equal(found.saddlepoint_p[near], found.normal_p[near])
    np.testing.assert_allclose(found.normal_p, 2 * norm.sf(np.abs(found.z)))


def one(code: list[int], event: list[bool] | None = None) -> tuple[str, CoxFirth]:
    """Status of the score test, and Firth's fit, of a variant in people who leave one by one."""
    n = len(code)
    happened = np.array(event) if event else np.ones(n, dtype=bool)
    null, genotype = (
        cox_null(np.arange(1.0, n + 1), happened),
        genotypes(np.array([code], np.uint8)),
    )
    fit = firth_scan(null, genotype, np.array([0]), "additive")
    status = str(score_scan(null, genotype).fit_status[0, 0])
    return status, fit


def test_status_says_why_there_is_no_ordinary_estimate() -> None:
    assert one([0, 0, 1, 0, 1])[0] == "ok"
    _, fit = one([1, 1, 0, 0, 0], [True, True, False, False, False])
    assert (fit.fit_status[0], fit.separation[0]) == ("separated", 1)
    assert fit.coefficient[0] > 0
    _, fit = one([0, 0, 1, 1, 1], [True, True, False, False, False])
    assert (fit.fit_status[0], fit.separation[0]) == ("separated", -1)
    assert fit.coefficient[0] < 0
    status, fit = one([1, 1, 1, 1, 3])
    assert status == fit.fit_status[0] == "monomorphic"
    assert np.isnan(fit.p_value[0])
    assert one([1, 0, 0, 0, 0], [False, True, True, True, False])[0] == "monomorphic"
    assert one([3, 3, 0, 1, 2], [True, True, False, False, False])[0] == "no_events"
    assert one([0, 1, 2], [False, False, False])[0] == "no_events"


def test_refinement_is_of_the_promising() -> None:
    who = people(12, 80)
    genotype = genotypes(codes(12, 60, 80))
    found = cox_scan(who.null, genotype, MODELS, refine_p_max=0.2)
    for place, model in enumerate(MODELS):
        low = (found.score.screen_p[:, place] < 0.2) | ~found.score.has_root[:, place]
        low &= ~np.isnan(found.score.z[:, place])
        np.testing.assert_array_equal(found.row[model], np.flatnonzero(low))
        assert len(found.firth[model].p_value) == low.sum()
    every = cox_scan(who.null, genotype, refine_p_max=1.0)
    assert every.row["additive"].tolist() == np.flatnonzero(~np.isnan(every.score.z[:, 0])).tolist()


def test_numbers_do_not_depend_on_the_number_of_threads() -> None:
    who = people(13, 30)
    genotype = genotypes(codes(13, 1500, 30))
    one_thread, two = (score_scan(who.null, genotype, MODELS, n_thread=n) for n in (1, 2))
    np.testing.assert_array_equal(one_thread.z, two.z)
    np.testing.assert_array_equal(one_thread.saddlepoint_p, two.saddlepoint_p)


SEED = st.integers(0, 10_000)


@settings(deadline=None, max_examples=25)
@given(SEED, st.integers(0, 1))
def test_swapping_alleles_negates_and_the_order_of_people_is_nothing(
    seed: int, n_covariate: int
) -> None:
    who, code = people(seed, 30, n_covariate=n_covariate, n_stratum=2), codes(seed, 3, 30)
    swapped = np.array([2, 1, 0, 3], dtype=np.uint8)[code]
    order = np.random.default_rng(seed).permutation(30)
    found = score_scan(who.null, genotypes(code))
    other = score_scan(who.null, genotypes(swapped))
    moved = score_scan(who.of(order).null, genotypes(code[:, order]))
    elsewhere = score_scan(who.of(order).null, genotypes(code, order))
    np.testing.assert_allclose(other.z, -found.z, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(other.saddlepoint_p, found.saddlepoint_p, rtol=1e-5)
    for same in (moved, elsewhere):
        np.testing.assert_allclose(same.z, found.z, rtol=1e-6, atol=1e-8)
    row = np.arange(3)
    fit = firth_scan(who.null, genotypes(code), row, "additive")
    turned = firth_scan(who.null, genotypes(swapped), row, "additive")
    np.testing.assert_allclose(turned.coefficient, -fit.coefficient, atol=1e-6)
    np.testing.assert_allclose(turned.p_value, fit.p_value, rtol=1e-6)
    np.testing.assert_allclose(turned.ci_lower, -fit.ci_upper, atol=1e-5)


@settings(deadline=None, max_examples=25)
@given(SEED)
def test_strata_that_say_nothing_change_nothing(seed: int) -> None:
    """People of a stratum without events, or whose stratum is one genotype."""
    who, code = people(seed, 24, n_stratum=2), codes(seed, 3, 24)
    more = people(seed + 1, 8, n_stratum=1)
    silent = (more.stratum + 7, np.zeros(8, dtype=bool), codes(seed + 2, 3, 8))
    alike = (more.stratum + 7, more.event, np.ones((3, 8), dtype=np.uint8))
    found = score_scan(who.null, genotypes(code))
    fit = firth_scan(who.null, genotypes(code), np.arange(3), "additive")
    for stratum, event, other in (silent, alike):
        null = cox_null(
            np.concatenate([who.exit, more.exit]),
            np.concatenate([who.event, event]),
            entry_months=np.concatenate([who.entry, more.entry]),
            stratum=np.concatenate([who.stratum, stratum]),
        )
        both = genotypes(np.hstack([code, other]))
        np.testing.assert_allclose(score_scan(null, both).z, found.z, rtol=1e-7, atol=1e-9)
        again = firth_scan(null, both, np.arange(3), "additive")
        np.testing.assert_allclose(again.coefficient, fit.coefficient, atol=1e-6)


def test_what_does_not_fit_is_refused_in_words() -> None:
    who = people(1, 20, n_covariate=2)
    with pytest.raises(InputDataError, match="'codominant' is unknown: expected one of additive"):
        score_scan(who.null, genotypes(codes(1, 2, 20)), ("codominant",))
    with pytest.raises(InputDataError, match="19 places among 20 packed samples"):
        score_scan(who.null, Genotypes(genotypes(codes(1, 2, 20)).packed, np.arange(19)))
    lacking = who.covariate.copy()
    lacking[3, 1] = np.nan
    with pytest.raises(InputDataError, match="1 of 20 participants lack a covariate"):
        cox_null(who.exit, who.event, covariate=lacking)
    twice = np.column_stack([who.covariate[:, 0], who.covariate[:, 0]])
    with pytest.raises(InputDataError, match="covariate b does not vary among those at risk"):
        cox_null(who.exit, who.event, covariate=twice, covariate_name=["a", "b"])
    first = np.arange(20.0)
    with pytest.raises(InputDataError, match="did not converge"):
        cox_null(first + 1, first < 9, covariate=(first < 9).astype(float)[:, None],
                 covariate_name=["tells"])  # fmt: skip
