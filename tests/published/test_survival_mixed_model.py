"""The linear mixed model against what lme4, lmerTest, nlme and MixedModels.jl print."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.survival.carrier_course import likelihood_ratio_p
from alsrev_dagster.survival.mixed_model import MixedFit, mixed_model

DATA = Path(__file__).parents[1] / "data" / "published"


def sleepstudy(method: str, *, since_day: int = 0, n_fixed: int = 2) -> MixedFit:
    frame = pd.read_csv(DATA / "sleepstudy.csv", comment="#")
    frame = frame[frame["days"] >= since_day]
    design = np.column_stack([np.ones(len(frame)), frame["days"]])
    person = pd.factorize(frame["subject"])[0].astype(np.int64)
    fixed, score = design[:, :n_fixed], frame["reaction"].to_numpy()
    return mixed_model(score, fixed, design, person, method=method)  # type: ignore[arg-type]


def close(found: object, printed: object, digit: float) -> None:
    np.testing.assert_allclose(np.asarray(found), np.asarray(printed), atol=digit / 2, rtol=0)


def test_sleepstudy_by_reml_is_what_lme4_prints() -> None:
    """lmer(Reaction ~ Days + (Days | Subject), sleepstudy), in the help page ?lmer."""
    fit = sleepstudy("reml")
    assert fit.fit_status == "ok"
    close(fit.coefficient, [251.405, 10.467], 1e-3)
    close(fit.standard_error, [6.825, 1.546], 1e-3)
    close(
        fit.random_sd, [24.741, 5.922], 2e-3
    )  # lme4's search stops at 24.7406, MixedModels' at 24.7405
    close(fit.correlation, 0.066, 1e-3)  # .07 printed; .066 with three digits
    close(fit.residual_sd, 25.592, 1e-3)
    close(-2 * fit.log_likelihood, 1743.6, 0.1)


def test_sleepstudy_from_the_second_day_is_what_lme4_prints() -> None:
    """lmer(Reaction ~ Days + (Days | Subject), sleepstudy, subset = Days >= 2): ?sleepstudy."""
    fit = sleepstudy("reml", since_day=2)
    close(fit.coefficient, [245.10, 11.44], 1e-2)
    close(fit.random_sd, [31.507, 6.766], 2e-3)
    close(fit.correlation, -0.25, 1e-2)
    close(fit.residual_sd, 25.526, 1e-3)


def test_sleepstudy_degrees_of_freedom_are_what_lmertest_prints() -> None:
    """LmerTest 3: Days 10.467 se 1.546 df 17.000 t 6.771 p 3.26e-06; (Intercept) df 17.000."""
    fit = sleepstudy("reml")
    close(fit.degrees_of_freedom, [17.0, 17.0], 1e-3)
    close(fit.coefficient[1] / fit.standard_error[1], 6.771, 1e-3)


def test_sleepstudy_by_ml_is_what_mixedmodels_prints() -> None:
    """MixedModels.jl, fit(MixedModel, @formula(reaction ~ 1 + days + (1 + days | subj)), ...)."""
    fit = sleepstudy("ml")
    close(-2 * fit.log_likelihood, 1751.9393, 1e-4)
    close(fit.coefficient[0], 251.405, 1e-3)
    close(fit.coefficient[1], 10.4673, 1e-4)
    close(fit.standard_error, [6.63226, 1.50224], 5e-5)
    close(fit.random_sd, [23.7806, 5.7168], 1e-4)
    close(fit.residual_sd, 25.5918, 1e-4)
    close(fit.correlation, 0.08, 0.01)


@pytest.fixture(scope="module")
def orthodont() -> pd.DataFrame:
    return pd.read_csv(DATA / "orthodont.csv", comment="#")


def orthodont_fit(frame: pd.DataFrame, terms: list[str], *, slope: bool) -> MixedFit:
    frame = frame.assign(one=1.0, female=frame["sex"].eq("Female").astype(float))
    frame["female_age"] = frame["female"] * frame["age"]
    random = frame[["one", "age"] if slope else ["one"]].to_numpy(dtype=float)
    person = pd.factorize(frame["subject"])[0].astype(np.int64)
    return mixed_model(
        frame["distance"].to_numpy(), frame[terms].to_numpy(dtype=float), random, person
    )


def test_orthodont_with_random_slope_is_what_nlme_prints(orthodont: pd.DataFrame) -> None:
    """lme(distance ~ age, Orthodont): Pinheiro & Bates (2000), section 1.4 (and nlme's ?lme)."""
    fit = orthodont_fit(orthodont, ["one", "age"], slope=True)
    close(fit.log_likelihood, -221.3183, 1e-4)
    close(fit.random_sd, [2.3270, 0.2264], 1e-4)
    close(fit.correlation, -0.609, 1e-3)
    close(fit.residual_sd, 1.3100, 1e-4)
    close(fit.coefficient, [16.761111, 0.660185], 1e-6)
    close(fit.standard_error, [0.7752, 0.0713], 1e-4)


def test_orthodont_with_random_intercept_is_what_nlme_prints(orthodont: pd.DataFrame) -> None:
    """lme(distance ~ age + Sex, Orthodont, random = ~ 1)."""
    fit = orthodont_fit(orthodont, ["one", "age", "female"], slope=False)
    close(fit.log_likelihood, -218.7563, 1e-4)
    close(fit.random_sd, [1.807425], 1e-6)
    close(fit.residual_sd, 1.431592, 1e-6)
    close(fit.coefficient, [17.706713, 0.660185, -2.321023], 1e-6)
    close(fit.standard_error, [0.8339225, 0.0616059, 0.7614168], 1e-7)
    close(fit.degrees_of_freedom[1:], [80.0, 25.0], 1e-2)  # balanced: 108 - 27 - 1, and 27 - 2


def test_orthodont_with_sex_by_age_is_what_nlme_prints(orthodont: pd.DataFrame) -> None:
    """lme(distance ~ age * Sex, Orthodont): the model that carrier x time is, too."""
    fit = orthodont_fit(orthodont, ["one", "age", "female", "female_age"], slope=True)
    close(fit.coefficient, [16.340625, 0.784375, 1.032102, -0.304830], 1e-6)
    close(fit.standard_error, [1.0185, 0.0860, 1.5957, 0.1347], 1e-4)
    close(fit.degrees_of_freedom, [25.0] * 4, 1e-3)


def test_liver_cirrhosis_is_what_nlme_prints() -> None:
    """lme(log(serBilir) ~ drug * year, random = ~ year | id, data = pbc2) of JM 1.5-2.

    pbc2 is pbcseq with years of 365.24 days. nlme stops at 0.9985874 and 0.1722100, where its
    likelihood is flat to the digits that it prints.
    """
    frame = pd.read_csv(DATA / "pbcseq.csv", comment="#")
    year, drug = frame["day"].to_numpy() / 365.24, frame["trt"].to_numpy(dtype=float)
    random = np.column_stack([np.ones(len(frame)), year])
    fixed = np.column_stack([random[:, 0], drug, year, drug * year])
    person = pd.factorize(frame["id"])[0].astype(np.int64)
    fit = mixed_model(np.log(frame["bili"].to_numpy()), fixed, random, person)
    close(fit.log_likelihood, -1534.737, 1e-3)
    close(fit.coefficient, [0.56303, -0.13325, 0.17975, -0.00441], 1e-5)
    close(fit.standard_error, [0.08255, 0.11611, 0.01782, 0.02490], 1e-5)
    close(fit.random_sd, [0.99860, 0.17221], 4e-5)
    close(fit.correlation, 0.417, 1e-3)
    close(fit.residual_sd, 0.34893, 1e-5)


def test_likelihood_ratio_of_days_is_what_lme4_prints() -> None:
    """anova(lmer(Reaction ~ 1 + (Days | Subject)), lmer(Reaction ~ Days + (Days | Subject))).

    Refitted by ML: Chisq 23.537, Df 1, Pr(>Chisq) 1.226e-06.
    """
    larger, smaller = sleepstudy("ml"), sleepstudy("ml", n_fixed=1)
    close(2 * (larger.log_likelihood - smaller.log_likelihood), 23.537, 1e-3)
    close(likelihood_ratio_p(larger, smaller), 1.226e-06, 1e-9)


def test_slopes_that_vary_a_little_are_not_called_alike() -> None:
    """A search that touches a variance of 0 must not stay there: the deviance is level at it.

    R 4.2.2, lme4 1.1-31: lmer(y ~ months * carrier + (months | person), d, control =
    lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-11))); lme of nlme 3.1-162 agrees.
    """
    rng, n = np.random.default_rng(1), 24
    months, person = np.tile(np.arange(0.0, 36, 6), n), np.repeat(np.arange(n), 6)
    carrier = (person < 4).astype(float)
    course = 40 - 0.5 * months + rng.normal(size=n)[person] * 5
    course += rng.normal(size=n)[person] * 0.1 * months
    score = (course + rng.normal(size=6 * n) * 3).clip(0, 48).round()
    design = np.column_stack([np.ones(6 * n), months, carrier, months * carrier])
    fit = mixed_model(score, design, design[:, :2], person)
    assert fit.fit_status == "ok"
    assert fit.log_likelihood == pytest.approx(-389.6031589, abs=1e-7)
    np.testing.assert_allclose(
        fit.coefficient, [40.3952380952, -0.4985714286, 0.7476190476, -0.2026190476], atol=1e-9
    )
    np.testing.assert_allclose(
        fit.standard_error, [0.919503, 0.02929191, 2.252313, 0.07175024], rtol=2e-6
    )
    np.testing.assert_allclose(fit.random_sd, [3.500029, 0.05514147], rtol=2e-5)
    assert fit.correlation == pytest.approx(-0.37300, abs=1e-5)
    assert fit.residual_sd == pytest.approx(2.982522, abs=2e-6)
