"""Cox models against what R's survival prints.

Printed in the reference outputs of R's survival (tests/*.Rout.save of version 3.8, made by R
4.5 unstable of 2024) unless another source is named beside the number. Data: lung, heart of R's
survival as they ship with lifelines (load_lung, load_stanford_heart_transplants), and two files
here. Tolerances are half of the last digit printed.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_lung, load_rossi, load_stanford_heart_transplants
from scipy.stats import chi2

from alsrev_dagster.survival.cox_data import CoxData, cox_data
from alsrev_dagster.survival.cox_fit import cox_fit
from alsrev_dagster.survival.cox_likelihood import Ties, at, likelihood, residuals
from alsrev_dagster.survival.cox_model import CoxModel
from alsrev_dagster.survival.proportional_hazards import proportional_hazards_p

DATA = Path(__file__).parents[1] / "data" / "published"


def lung(*complete: str) -> pd.DataFrame:
    frame = load_lung().dropna(subset=list(complete))
    return frame.assign(entry_months=0.0, duration_months=frame["time"], event=frame["status"] == 1)


def heart() -> pd.DataFrame:
    frame = load_stanford_heart_transplants()
    return frame.assign(entry_months=frame["start"], duration_months=frame["stop"])


def bladder() -> pd.DataFrame:
    frame = pd.read_csv(DATA / "bladder_1989.csv", comment="#")
    return frame.assign(entry_months=0.0, duration_months=frame["stop"])


def printed(model: CoxModel, *rows: tuple[float, ...], digits: float) -> None:
    """Coefficient, standard error and, if there, P value of each row as R prints them."""
    assert model.fit_status == "ok"
    found = np.column_stack([model.coefficient, model.standard_error, model.p_value])
    for one, row in zip(found, rows, strict=True):
        np.testing.assert_allclose(one[:2], row[:2], atol=digits, rtol=0)
        np.testing.assert_allclose(one[2 : len(row)], row[2:], rtol=6e-3)


def test_lung_three_covariates() -> None:
    """coxph(Surv(time, status) ~ age + sex + ph.ecog, lung): printed in many tutorials."""
    model = cox_fit(cox_data(lung("ph.ecog"), ["age", "sex", "ph.ecog"]))
    assert (model.n, model.n_event) == (227, 164)
    printed(
        model,
        (0.011067, 0.009267, 0.232416),
        (-0.552612, 0.167739, 0.000986),
        (0.463728, 0.113577, 4.45e-05),
        digits=5e-7,
    )
    np.testing.assert_allclose(model.hazard_ratio, [1.011128, 0.575445, 1.589991], atol=5e-7)
    np.testing.assert_allclose(model.ci_lower, [0.9929, 0.4142, 1.2727], atol=5e-5)
    np.testing.assert_allclose(model.ci_upper, [1.0297, 0.7994, 1.9864], atol=5e-5)


def test_lung_two_covariates() -> None:
    """coxph(Surv(time, status) ~ age + sex, lung) and coxph(... ~ ph.ecog + age, lung)."""
    model = cox_fit(cox_data(lung(), ["age", "sex"]))
    printed(model, (0.017045, 0.009223, 0.06459), (-0.513219, 0.167458, 0.00218), digits=5e-7)
    ratio = 2 * (model.log_likelihood - model.log_likelihood_null)
    assert ratio == pytest.approx(14.12, abs=5e-3)
    other = cox_fit(cox_data(lung("ph.ecog"), ["ph.ecog", "age"]))
    printed(other, (0.443485, 0.115831, 0.000129), (0.011281, 0.009319, 0.226082), digits=5e-7)
    ratio = 2 * (other.log_likelihood - other.log_likelihood_null)
    assert chi2.sf(ratio, 2) == pytest.approx(7.279e-05, abs=5e-9)


def test_rossi_seven_covariates() -> None:
    """coxph(Surv(week, arrest) ~ fin + ... + prio), to 7 digits in lifelines' tests."""
    frame = load_rossi()
    frame = frame.assign(
        entry_months=0.0, duration_months=frame["week"], event=frame["arrest"] == 1
    )
    names = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
    model = cox_fit(cox_data(frame, names))
    expected = [-0.3794222, -0.0574377, 0.3138998, -0.1497957, -0.4337039, -0.0848711, 0.0914971]
    np.testing.assert_allclose(model.coefficient, expected, atol=6e-8)
    within = cox_fit(cox_data(frame, [n for n in names if n != "race"], strata=["race"]))
    expected = [-0.3788, -0.0576, -0.1427, -0.4388, -0.0858, 0.0922]
    np.testing.assert_allclose(within.coefficient, expected, atol=6e-5)


def test_two_small_data_sets_of_the_manual() -> None:
    """example(coxph): strata, and start-stop rows, with ties."""
    one = pd.DataFrame(
        {
            "duration_months": [4, 3, 1, 1, 2, 2, 3],
            "event": [1, 1, 1, 0, 1, 1, 0],
            "x": [0, 2, 1, 1, 1, 0, 0],
            "sex": [0, 0, 0, 0, 1, 1, 1],
        }
    ).assign(entry_months=0.0)
    model = cox_fit(cox_data(one, ["x"], strata=["sex"]))
    printed(model, (0.8023, 0.8224, 0.329), digits=5e-5)
    two = pd.DataFrame(
        {
            "entry_months": [1, 2, 5, 2, 1, 7, 3, 4, 8, 8],
            "duration_months": [2, 3, 6, 7, 8, 9, 9, 9, 14, 17],
            "event": [1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
            "x": [1, 0, 0, 1, 0, 1, 1, 1, 0, 0],
        }
    )
    printed(cox_fit(cox_data(two, ["x"])), (-0.02111, 0.79518, 0.979), digits=5e-6)


def test_recurrences_in_start_stop_rows() -> None:
    """coxph(Surv(start, stop, event) ~ rx + size + number, cluster = id, bladder2, "breslow")."""
    frame = bladder()
    before = frame.groupby("id")["stop"].shift(fill_value=0)
    rows = frame.assign(entry_months=before.astype(float))[frame["stop"] > before]
    assert (len(rows), rows["event"].sum()) == (178, 112)
    data = cox_data(rows, ["rx", "size", "number"], participant="id", cluster="id")
    model = cox_fit(data, ties="breslow")
    printed(
        model,
        (-0.45979, 0.25801, 0.07474),
        (-0.04256, 0.07555, 0.57317),
        (0.17164, 0.06131, 0.00512),
        digits=5e-6,
    )
    of = likelihood(data, "breslow")
    naive = np.linalg.inv(at(of, model.coefficient).information) / np.outer(of.scale, of.scale)
    np.testing.assert_allclose(np.diag(naive) ** 0.5, [0.19996, 0.06903, 0.04733], atol=5e-6)
    ratio = 2 * (model.log_likelihood - model.log_likelihood_null)
    assert ratio == pytest.approx(16.77, abs=5e-3)


def test_heart_transplant_with_efron_ties() -> None:
    """coxph(Surv(start, stop, event) ~ age + transplant + surgery + year, heart): lifelines' tests."""
    data = cox_data(heart(), ["age", "year", "surgery", "transplant"], participant="id")
    printed(
        cox_fit(data),
        (0.0272, 0.0137),
        (-0.1463, 0.0705),
        (-0.6372, 0.3672),
        (-0.0103, 0.3138),
        digits=5.1e-5,
    )


@pytest.mark.parametrize(
    ("ties", "rows"),
    [
        # coxph(Surv(stop, event) ~ (rx + size + number) * strata(enum), cluster = id, bladder1)
        (
            "efron",
            [
                (-0.52598, 0.31524, 0.09521),
                (0.06961, 0.08863, 0.43220),
                (0.23818, 0.07459, 0.00141),
                (-0.10633, 0.33396, 0.75018),
                (-0.14737, 0.11409, 0.19646),
                (-0.10125, 0.11759, 0.38920),
                (-0.17251, 0.39868, 0.66523),
                (-0.28345, 0.15220, 0.06255),
                (-0.06467, 0.12035, 0.59101),
                (-0.10945, 0.50636, 0.82886),
                (-0.27607, 0.18904, 0.14418),
                (0.09429, 0.11973, 0.43097),
            ],
        ),
        # the same with ties = "breslow"
        (
            "breslow",
            [
                (-0.51762, 0.30750, 0.09231),
                (0.06789, 0.08529, 0.42602),
                (0.23599, 0.07208, 0.00106),
                (-0.10182, 0.32654, 0.75518),
                (-0.14401, 0.11190, 0.19812),
                (-0.09843, 0.11439, 0.38951),
                (-0.18226, 0.39162, 0.64165),
                (-0.27920, 0.15115, 0.06472),
                (-0.06616, 0.11672, 0.57083),
                (-0.13317, 0.49680, 0.78865),
                (-0.27106, 0.18563, 0.14422),
                (0.09280, 0.11754, 0.42982),
            ],
        ),
    ],
)
def test_bladder_tumours_with_a_robust_variance(ties: Ties, rows: list[tuple[float, ...]]) -> None:
    frame, names = bladder(), ["rx", "size", "number"]
    for number in (2, 3, 4):
        for name in ("rx", "size", "number"):
            frame[f"{name}_{number}"] = frame[name] * (frame["enum"] == number)
            names.append(f"{name}_{number}")
    model = cox_fit(cox_data(frame, names, strata=["enum"], cluster="id"), ties=ties)
    assert model.method == "cox_robust_wald"
    printed(model, *rows, digits=5e-6)


def test_karnofsky_score_fades_over_time() -> None:
    """Veteran: coxph(... ~ karno + age + trt), and after survSplit(cut = c(60, 120))."""
    men = pd.read_csv(DATA / "veteran_1980.csv", comment="#")
    men = men.assign(entry_months=0.0, duration_months=men["time"], event=men["status"] == 1)
    whole = cox_fit(cox_data(men, ["karno", "age", "trt"]))
    assert whole.coefficient[0] == pytest.approx(-0.034443897, abs=5e-10)
    part = []
    for number, (start, stop) in enumerate([(0, 60), (60, 120), (120, np.inf)]):
        inside = men[men["duration_months"] > start]
        part.append(
            inside.assign(
                man=inside.index,
                period=number,
                entry_months=float(start),
                duration_months=np.minimum(inside["duration_months"], stop),
                event=inside["event"] & (inside["duration_months"] <= stop),
                later=inside["karno"] * (number == 1),
                last=inside["karno"] * (number == 2),
            )
        )
    rows = pd.concat(part)
    names = ["karno", "later", "last", "age", "trt"]
    split = cox_fit(cox_data(rows, names, strata=["period"], participant="man"))
    first, second, third = split.coefficient[:3]
    found = [first, first + second, first + third]
    np.testing.assert_allclose(found, [-0.049176157, -0.011031558, -0.007629841], atol=5e-10)


def weighted_nine() -> CoxData:
    """testw1 of survival's tests/doweight.R: weights, and deaths tied with a censoring."""
    frame = pd.DataFrame(
        {
            "duration_months": [1, 1, 2, 2, 2, 2, 3, 4, 5],
            "event": [1, 0, 1, 1, 1, 0, 0, 1, 0],
            "x": [2, 0, 1, 1, 0, 1, 0, 1, 0],
            "weight": [1, 2, 3, 4, 3, 2, 1, 2, 1],
        }
    )
    return cox_data(frame.assign(entry_months=0.0), ["x"], weight="weight")


@pytest.mark.parametrize(
    ("ties", "coefficient", "error", "score"),
    [
        (
            "breslow",
            0.8596,
            0.7131,
            "0.88681615 0.02497653 0.03608964 0.03608964 -0.54297652 -0.12528780 "
            "0.29564605 -0.09476911 0.58400064",
        ),
        (
            "efron",
            0.8726,
            0.7126,
            "0.88116056 0.02477248 0.06057806 0.06057806 -0.59724033 -0.16737066 "
            "0.38040295 -0.13750290 0.66631324",
        ),
    ],
)
def test_weights_and_score_residuals(
    ties: Ties, coefficient: float, error: float, score: str
) -> None:
    """coxph(Surv(time, status) ~ x, testw1, weights = wt); resid(fit, type = "score")."""
    data = weighted_nine()
    model, of = cox_fit(data, ties=ties), likelihood(data, ties)
    assert model.coefficient[0] == pytest.approx(coefficient, abs=5e-5)
    _, found = residuals(of, model.coefficient, data.event)
    as_given = found[np.argsort(data.place), 0]
    np.testing.assert_allclose(as_given, [float(x) for x in score.split()], atol=6e-8)
    naive = model.standard_error[0] ** 2 / ((found[:, 0] * data.weight) ** 2).sum()
    assert naive**0.25 == pytest.approx(error, abs=5e-5)  # robust = naive (sum of squares) naive


def test_martingale_residuals_with_efron_ties() -> None:
    """Efron fit of testw1: resid(fit, type = "mart")."""
    data = weighted_nine()
    model = cox_fit(data)
    found, _ = residuals(likelihood(data), model.coefficient, data.event)
    text = """0.85334536 -0.02560716 0.32265266 0.32265266 0.71696234 -1.07772629
        -0.45034077 -0.90490339 -0.79598658"""
    as_given = found[np.argsort(data.place)]
    np.testing.assert_allclose(as_given, [float(x) for x in text.split()], atol=6e-9)


def small(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns).assign(entry_months=0.0, event=True)


def test_robust_error_with_strata_and_clusters_where_lifelines_is_off() -> None:
    """R's numbers as quoted in lifelines' tests, which lifelines meets to 1% or not at all."""
    var2, var3 = [0.184677, 0.071893, 1.364646, 0.098375, 1.663092, 0.5], [1, 2, 3, 2, 1, 2]
    months = [7.335846, 5.269797, 11.684092, 12.678458, 6.601666, 8.0]
    sites = [1, 1, 2, 2, 2, 1]
    frame = small(a=var2, b=var3, duration_months=months, site=sites, who=[0, 1, 2, 3, 4, 5])
    # coxph(Surv(T, E) ~ strata(var1) + var2 + var3, robust = TRUE): 1.076, 0.680
    model = cox_fit(cox_data(frame, ["a", "b"], strata=["site"], cluster="who"))
    np.testing.assert_allclose(model.standard_error, [1.076, 0.680], atol=5e-4)
    # coxph(Surv(T, E) ~ strata(var1) + var2, robust = TRUE): 2.78649; lifelines fails (xfail)
    five = cox_fit(cox_data(frame[:5], ["a"], strata=["site"], cluster="who"))
    assert five.standard_error[0] == pytest.approx(2.78649, abs=5e-6)
    # coxph(Surv(T, E) ~ var1 + var2 + cluster(id)): 5.9752, 4.0683
    shared = frame[:5].assign(family=[1, 1, 2, 3, 4], g=[1, 1, 2, 2, 2])
    model = cox_fit(cox_data(shared, ["g", "a"], cluster="family"))
    np.testing.assert_allclose(model.standard_error, [5.9752, 4.0683], atol=1e-4)


def test_influence_and_robust_variance_with_weights() -> None:
    """coxph(Surv(T, E) ~ var1 + var2, weights = var3, robust = TRUE)$naive.var, in lifelines' tests."""
    frame = small(
        a=[0.209325, 0.693919, 0.443804, 0.065636, 0.386294],
        b=[0.184677, 0.071893, 1.364646, 0.098375, 1.663092],
        duration_months=[1, 2, 3, 4, 5],
        weight=[2, 2, 2, 1, 2],
    )
    model = cox_fit(cox_data(frame, ["a", "b"], weight="weight"))
    np.testing.assert_allclose(model.coefficient, [1.431, -1.277], atol=5e-4)
    np.testing.assert_allclose(model.standard_error, [2.094, 0.452], atol=5e-4)
    of = likelihood(cox_data(frame, ["a", "b"], weight="weight"))
    naive = np.linalg.inv(at(of, model.coefficient).information) / np.outer(of.scale, of.scale)
    expected = [[3.5439245, -0.3549099], [-0.3549099, 0.4499553]]
    np.testing.assert_allclose(naive, expected, atol=5e-7)


def test_proportional_hazards_of_lung_and_of_rows_that_start_late() -> None:
    """cox.zph(coxph(Surv(time, status) ~ age + sex, lung)) and of heart ~ age + surgery.

    Chi-squares of R 4.5.3 with survival 3.8-12, as quoted to 15 digits in the tests of a Python
    port (a covariate with 1e6 added, which changes none of them).
    """
    of_lung = cox_data(lung(), ["age", "sex"])
    found = proportional_hazards_p(of_lung, cox_fit(of_lung).coefficient, transform="km")
    statistic = [0.209202826364685, 2.607671703535354, 2.770785375936977]
    np.testing.assert_allclose(found, chi2.sf(statistic, [1, 1, 2]), rtol=1e-8)
    of_heart = cox_data(heart(), ["age", "surgery"], participant="id")
    found = proportional_hazards_p(of_heart, cox_fit(of_heart).coefficient, transform="km")
    statistic = [0.895379349131291, 0.098297108901689, 0.993221043716714]
    np.testing.assert_allclose(found, chi2.sf(statistic, [1, 1, 2]), rtol=1e-8)
