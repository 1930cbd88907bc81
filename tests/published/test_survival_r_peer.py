"""Hazards, curves and competing events against R's survival and cmprsk, where R is installed.

On made cohorts with the troubles of our field, and on data sets that come with lifelines. R
4.2.2, survival 3.5-3 and cmprsk 2.2-11 agree. Where they do not, by convention, is said at the
test. Numbers frozen from the same scripts are in test_survival_r_frozen.py.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from alsrev_dagster.survival.competing import cumulative_incidence
from alsrev_dagster.survival.cox_data import CoxData, cox_data
from alsrev_dagster.survival.cox_fit import cox_fit
from alsrev_dagster.survival.cox_likelihood import Ties, at, likelihood
from alsrev_dagster.survival.fine_gray import fine_gray
from alsrev_dagster.survival.gray import gray_test
from alsrev_dagster.survival.log_rank import TimeWeight, log_rank
from alsrev_dagster.survival.nonparametric import event_free_curve
from alsrev_dagster.survival.proportional_hazards import Transform, proportional_hazards_p
from alsrev_dagster.survival.rmst import restricted_mean_survival, restricted_mean_time_lost
from tests.published.r_peer import Floats, Told, ask_r, made, shipped, with_states

pytestmark = pytest.mark.peer

MADE = {
    "three": made(1, 265, 3),
    "eight": made(2, 265, 8),
    "many": made(3, 265, 22),
    "small": made(4, 40, 4),
    "tiny": made(5, 14, 3),
    "sparse": made(6, 120, 10, kind="sparse"),
    "separated": made(7, 265, 6, kind="separated"),
}
LATE = made(9, 80, 8)
LATE = LATE.assign(entry=LATE["entry"] + 8, exit=LATE["exit"] + 8)
COHORTS = MADE | shipped() | {"later": LATE, "states": with_states(made(8, 100, 10), 8)}
ONE_ROW_EACH = [name for name in COHORTS if name not in ("states", "heart")]
every_cohort = pytest.mark.parametrize("name", COHORTS)
every_whole_cohort = pytest.mark.parametrize("name", ONE_ROW_EACH)
late_or_not = pytest.mark.parametrize("entry", ["late", "prompt"])
both_ties = pytest.mark.parametrize("ties", ["efron", "breslow"])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("r")
    return ask_r("r_peer_events.R", ["survival", "cmprsk", "etm"], COHORTS, folder)


def close(found: object, expected: Floats, tolerance: float) -> None:
    np.testing.assert_allclose(np.asarray(found), expected, rtol=tolerance, atol=tolerance)


MODEL: dict[str, dict[str, object]] = {
    "cox": {},
    "cox strata": {"strata": ["site"]},
    "cox strata weight": {"strata": ["site"], "weight": "weight"},
    "cox strata cluster": {"strata": ["site"], "cluster": "family"},
    "cox weight cluster": {"weight": "weight", "cluster": "family"},
}


def rows_of(name: str, model: str) -> CoxData:
    frame = COHORTS[name].rename(columns={"entry": "entry_months", "exit": "duration_months"})
    frame = frame.assign(event=frame["code"] == 1)
    return cox_data(frame, ["x", "z"], participant="id", **MODEL[model])  # type: ignore[arg-type]


@both_ties
@pytest.mark.parametrize("model", MODEL)
@every_cohort
def test_cox(told: Told, name: str, model: str, ties: Ties) -> None:
    """Estimate, error, P, log likelihood, score and likelihood ratio test.

    R gives numbers of a model without a maximum, too, and warns; we give none.
    """
    data, numbers = rows_of(name, model), told[name, f"{model} {ties}"]
    fit = cox_fit(data, ties=ties)
    if name == "separated":
        assert fit.fit_status == "separated"
        assert numbers[0] < -15
        return
    assert fit.fit_status == "ok"
    coefficient, error, height, score, ratio_p, p = np.split(numbers, [2, 4, 6, 7, 8])
    close(fit.coefficient, coefficient, 5e-7)
    close(fit.standard_error, error, 5e-7)
    close([fit.log_likelihood_null, fit.log_likelihood], height, 1e-9)
    close(fit.p_value, p, 5e-7)
    null = at(likelihood(data, ties), np.zeros(2))
    close(null.score @ np.linalg.solve(null.information, null.score), score, 1e-9)
    close(chi2.sf(2 * (fit.log_likelihood - fit.log_likelihood_null), 2), ratio_p, 1e-9)


@both_ties
@pytest.mark.parametrize("transform", ["km", "identity"])
@pytest.mark.parametrize(
    ("model", "question"), [("cox strata", "zph"), ("cox strata weight", "zph weight")]
)
@every_cohort
def test_proportional_hazards(
    told: Told, name: str, model: str, question: str, transform: Transform, ties: Ties
) -> None:
    """cox.zph; not of ranks, which R takes among all rows and we among events."""
    data = rows_of(name, model)
    fit = cox_fit(data, ties=ties)
    if fit.fit_status == "ok":
        found = proportional_hazards_p(data, fit.coefficient, transform=transform, ties=ties)
        close(found, told[name, f"{question} {transform} {ties}"], 1e-6)


@every_cohort
def test_log_rank(told: Told, name: str) -> None:
    """With late entry against draws from risk sets (coxph, exact): survdiff has none."""
    d = COHORTS[name]
    until, event = d["exit"].to_numpy(), (d["code"] == 1).to_numpy()
    entry, x, site = d["entry"].to_numpy(), d["x"].to_numpy(), d["site"].to_numpy()
    late = log_rank(until, event, x, entry_months=entry)
    close(late.statistic, told[name, "log-rank late"][0], 1e-9)
    late = log_rank(until, event, x, entry_months=entry, stratum=site)
    close(late.statistic, told[name, "log-rank late strata"][0], 1e-9)
    for rho in (0, 1):
        weight = TimeWeight(rho, 0)
        found = log_rank(until, event, x, weight=weight)
        close(found.statistic, told[name, f"survdiff {rho}"][0], 1e-9)
        found = log_rank(until, event, x, stratum=site, weight=weight)
        close(found.statistic, told[name, f"survdiff strata {rho}"][0], 1e-9)
        found = log_rank(until, event, site, weight=weight)
        close(found.statistic, told[name, f"survdiff sites {rho}"][0], 1e-9)


def followed(name: str, entry: str) -> tuple[Floats, Floats, pd.Series]:
    d = COHORTS[name]
    since = d["entry"].to_numpy() * (entry == "late")
    return since, d["exit"].to_numpy(), d["code"]


@late_or_not
@every_whole_cohort
def test_curve(told: Told, name: str, entry: str) -> None:
    since, until, code = followed(name, entry)
    curve = event_free_curve(until, (code == 1).to_numpy(), since)
    assert curve.conditional_from_months == 0
    parts = (
        curve.duration_months,
        curve.event_free,
        curve.ci_lower,
        curve.ci_upper,
        curve.n_at_risk,
    )
    close(np.concatenate(parts), told[name, f"km {entry}"], 1e-9)


def test_curves_begin_anew_where_early_entrants_all_had_an_event(told: Told) -> None:
    """Three people leave by 8 months, when the others enter: R is asked of the others alone."""
    early = pd.DataFrame({"entry": [0.0, 0, 1], "exit": [3.0, 8, 8], "code": [1, 2, 1]})
    d = pd.concat([early, LATE])
    since, until, code = d["entry"].to_numpy(), d["exit"].to_numpy(), d["code"].to_numpy()
    curve = event_free_curve(until, code == 1, since)
    incidence = cumulative_incidence(until, code, since)
    assert incidence.conditional_from_months == 8
    parts = (incidence.duration_months, incidence.cumulative_incidence)
    close(np.concatenate(parts), told["later", "incidence late"], 1e-9)
    assert curve.conditional_from_months == 0  # the death at 8 left somebody without recovery


@late_or_not
@every_whole_cohort
def test_incidence(told: Told, name: str, entry: str) -> None:
    """Errors are etm's; and survfit's (infinitesimal jackknife) where nobody enters late."""
    since, until, code = followed(name, entry)
    curve = cumulative_incidence(until, code.to_numpy(), since)
    assert curve.conditional_from_months == 0
    found = np.concatenate([curve.duration_months, curve.cumulative_incidence])
    close(found, told[name, f"incidence {entry}"], 1e-9)
    close(curve.variance, told[name, f"etm {entry}"], 1e-9)
    if entry == "prompt":
        close(curve.variance**0.5, told[name, "incidence error prompt"], 1e-7)


@pytest.mark.parametrize("months", [6.0, 12.0])
@late_or_not
@every_whole_cohort
def test_restricted_means(told: Told, name: str, entry: str, months: float) -> None:
    since, until, code = followed(name, entry)
    free = restricted_mean_survival(until, (code > 0).to_numpy(), months, entry_months=since)
    lost = restricted_mean_time_lost(until, code.to_numpy(), months, entry_months=since)
    expected = told[name, f"mean {entry} {months:g}"]
    if free.fit_status == "ok" and np.isfinite(expected).all():
        close([free.mean_months, free.standard_error], expected, 1e-9)
        close(lost.mean_months, told[name, f"mean lost {entry} {months:g}"][0], 1e-9)


@both_ties
@pytest.mark.parametrize("weights", ["one", "sites"])
@late_or_not
@every_whole_cohort
def test_fine_gray(told: Told, name: str, entry: str, weights: str, ties: Ties) -> None:
    """finegray() and coxph(); not where an emptied risk set starts the weights anew."""
    since, until, code = followed(name, entry)
    covariate = COHORTS[name][["x", "z"]].to_numpy(dtype=float)
    site = COHORTS[name]["site"].to_numpy() if weights == "sites" else None
    fit = fine_gray(
        until,
        code.to_numpy(),
        covariate,
        entry_months=since,
        stratum=site,
        weight_stratum=site,
        cluster=COHORTS[name]["family"].to_numpy(),
        ties=ties,
    )
    expected = told[name, f"fine-gray {entry} {ties} {weights}"]
    if fit.fit_status != "ok":
        assert name == "separated"
        return
    if fit.conditional_from_months > 0:
        assert entry == "late"
        return
    errors = [fit.wald(variance).standard_error for variance in ("robust", "model")]
    height = [fit.log_likelihood_null, fit.log_likelihood]
    close(np.concatenate([fit.coefficient, *errors, height]), expected, 1e-6)


@every_whole_cohort
def test_gray(told: Told, name: str) -> None:
    d = COHORTS[name]
    until, code, site = d["exit"].to_numpy(), d["code"].to_numpy(), d["site"].to_numpy()
    causes = np.unique(code[code > 0]).tolist()
    for question, group, stratum in (
        ("gray", d["x"].to_numpy(), None),
        ("gray strata", d["x"].to_numpy(), site),
        ("gray sites", site, None),
    ):
        found = [gray_test(until, code, group, cause=c, stratum=stratum).statistic for c in causes]
        close(found, told[name, question], 1e-9)


@pytest.mark.parametrize("weights", ["one", "sites"])
@every_whole_cohort
def test_crr(told: Told, name: str, weights: str) -> None:
    """Times moved apart; of errors with several censoring groups see fine_gray's notes."""
    d = COHORTS[name]
    until = d["exit"] + (np.argsort(np.lexsort((d["id"], d["exit"]))) + 1) * 1e-6
    site = d["site"].to_numpy() if weights == "sites" else None
    covariate = d[["x", "z"]].to_numpy(dtype=float)
    fit = fine_gray(until.to_numpy(), d["code"].to_numpy(), covariate, weight_stratum=site)
    expected = told[name, f"crr {weights}"]
    if fit.fit_status == "ok" and len(expected) > 1:
        close(fit.coefficient, expected[:2], 1e-6)
        error = fit.wald("fine_gray").standard_error
        close(error, expected[2:4], 1e-6 if weights == "one" else 0.05)
        close([fit.log_likelihood_null, fit.log_likelihood], expected[4:], 1e-8)
