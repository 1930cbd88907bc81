"""Firth with covariates and the saddlepoint, against numbers that others printed, and PLINK 2."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from alsrev_dagster.stats.design import NullDesign, null_design
from alsrev_dagster.stats.firth_model import firth_model
from alsrev_dagster.stats.logistic_detail import ordinary_fit, profile_interval
from alsrev_dagster.stats.logistic_null import null_model
from alsrev_dagster.stats.logistic_scan import LogisticScan, logistic_scan
from tests.published.plink_vcf import write_vcf

DATA = Path(__file__).parents[1] / "data" / "published"

# T1: logistf's output on sex2, as printed in the tests of jzluo/firthlogist: coefficient and
# profile interval. logistf stops up to 2e-7 before the maximum, so its digits are tested at 5e-7 and 1e-6.
PRINTED = {
    "intercept": (0.12025405, -0.8185591, 1.0731512),
    "age": (-1.10598131, -1.9737884, -0.3074251),
    "oc": (-0.06881673, -0.9414363, 0.7892020),
    "vic": (2.26887464, 1.2730216, 3.4354327),
    "vicl": (-2.11140817, -3.2608611, -1.1177350),
    "vis": (-0.78831694, -1.6080879, 0.0151847),
    "dia": (3.0960117, 0.7745682, 8.0302935),
}


def sex2(names: list[str]) -> tuple[NullDesign, pd.DataFrame]:
    counted = pd.read_csv(DATA / "logistf_sex2.csv", comment="#")
    n = counted[["n_case", "n_control"]].to_numpy().ravel()
    woman = counted.loc[np.repeat(counted.index, 2)].reset_index(drop=True)
    woman["is_case"] = np.tile([True, False], len(counted))
    woman = woman.loc[np.repeat(woman.index, n)].reset_index(drop=True)
    covariate = woman[names].to_numpy(dtype=float)
    return null_design(woman["is_case"].to_numpy(), covariate, names), woman


def test_every_coefficient_and_interval_of_sex2() -> None:
    names = list(PRINTED)[1:]
    design, woman = sex2(names)
    assert len(woman) == 239
    found = firth_model(design)
    assert found.name == tuple(PRINTED)
    expected = np.array(list(PRINTED.values()))
    np.testing.assert_allclose(found.beta, expected[:, 0], rtol=0, atol=5e-7)
    np.testing.assert_allclose(found.ci_lower, expected[:, 1], rtol=0, atol=1e-6)
    np.testing.assert_allclose(found.ci_upper, expected[:, 2], rtol=0, atol=1e-6)
    assert found.log_likelihood == pytest.approx(-132.5394, abs=5e-5)


@pytest.mark.parametrize("tested", list(PRINTED)[1:])
def test_each_covariate_of_sex2_as_if_it_were_a_variant(tested: str) -> None:
    """A scan's variant beside the other covariates: the same fit by the scan's own path."""
    design, woman = sex2([name for name in list(PRINTED)[1:] if name != tested])
    genotype = woman[tested].to_numpy(dtype=np.uint8)[None]
    model = null_model(design)
    found = logistic_scan(model, genotype, refine_p_max=1.0).firth
    interval = profile_interval(model, genotype)
    beta, lower, upper = PRINTED[tested]
    assert found.beta[0] == pytest.approx(beta, abs=5e-7)
    assert interval.ci_lower[0] == pytest.approx(lower, abs=1e-6)
    assert interval.ci_upper[0] == pytest.approx(upper, abs=1e-6)
    # All women with dia are cases: it separates by itself, and as a covariate of the others.
    assert (found.fit_status[0], found.separation[0]) == ("separated", int(tested == "dia"))


def table(case: list[int], control: list[int], model: str) -> LogisticScan:
    codes = np.repeat([0, 1, 2, 0, 1, 2], [*case, *control]).astype(np.uint8)
    is_case = np.repeat([True, False], [sum(case), sum(control)])
    none = np.empty((len(codes), 0))
    null = null_model(null_design(is_case, none, []))
    return logistic_scan(null, codes[None], model, refine_p_max=1.0)


def test_three_homozygous_cases_of_22_against_none_of_243() -> None:
    # T3: an identity; the P value in 40-digit decimals (test_stats_firth).
    found = table([19, 0, 3], [243, 0, 0], "recessive")
    assert found.firth.beta[0] == pytest.approx(4.470612626, abs=5e-9)
    assert found.firth.p_value[0] == pytest.approx(1.233421349201555e-4, rel=1e-8)
    assert (found.firth.fit_status[0], found.firth.separation[0]) == ("separated", 1)
    assert not found.score.has_root[0]
    assert np.isnan(found.score.saddlepoint_p[0])


def test_six_points() -> None:
    # T4: 2 log 7 (test_stats_firth).
    assert table([0, 3, 0], [3, 0, 0], "additive").firth.beta[0] == pytest.approx(
        2 * np.log(7), abs=1e-8
    )


def test_score_normal_and_saddlepoint_of_fixture_a() -> None:
    # T5, at the digits printed.
    found = table([10, 9, 3], [95, 8, 0], "additive")
    assert found.score.z[0] == pytest.approx(5.77867, abs=5e-6)
    assert found.score.normal_p[0] == pytest.approx(7.53e-9, abs=5e-12)
    assert found.score.saddlepoint_p[0] == pytest.approx(2.654e-7, abs=5e-11)
    assert np.exp(found.firth.beta[0]) == pytest.approx(11.0004, abs=5e-5)
    assert found.firth.p_value[0] == pytest.approx(3.486e-7, abs=5e-11)


def test_ordinary_likelihood_of_fixture_a() -> None:
    # T5: ML OR 11.9507 (Wald 4.097, 34.861), Wald p 5.579e-6.
    codes = np.repeat([0, 1, 2, 0, 1], [10, 9, 3, 95, 8]).astype(np.uint8)[None]
    is_case = np.arange(125) < 22
    found = ordinary_fit(null_model(null_design(is_case, np.empty((125, 0)), [])), codes)
    ends = np.exp(found.beta[0] + np.array([-1, 1]) * 1.959963985 * found.standard_error[0])
    assert np.exp(found.beta[0]) == pytest.approx(11.9507, abs=5e-5)
    assert ends == pytest.approx([4.097, 34.861], abs=5e-4)
    assert found.wald_p[0] == pytest.approx(5.579e-6, abs=5e-10)


def by_plink(folder: Path, codes: NDArray[np.uint8], covariate: NDArray[np.float64],
             is_case: NDArray[np.bool_]) -> pd.DataFrame:  # fmt: skip
    """Odds ratios, standard errors and statuses of PLINK 2's Firth regression."""
    write_vcf(folder / "in.vcf", codes)
    names = [f"p{i}" for i in range(len(is_case))]
    columns = [f"c{j}" for j in range(covariate.shape[1])]
    frame = pd.DataFrame(covariate, columns=columns)
    frame.insert(0, "#IID", names)
    frame.to_csv(folder / "covariate", sep="\t", index=False)
    frame[["#IID"]].assign(y=1 + is_case).to_csv(folder / "outcome", sep="\t", index=False)
    command = ["plink2", "--vcf", "in.vcf", "--glm", "firth", "hide-covar", "--covar", "covariate"]
    command += ["--pheno", "outcome", "--out", "out"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (path,) = folder.glob("out.*.firth")
    return pd.read_csv(path, sep="\t")


@pytest.mark.peer
def test_beta_and_standard_error_are_plinks_to_its_single_precision(tmp_path: Path) -> None:
    if shutil.which("plink2") is None:
        pytest.skip("found no plink2 on this machine")
    rng = np.random.default_rng(4)
    n = 265
    is_case = rng.permutation(n) < 22
    covariate = np.round(rng.normal(size=(n, 5)), 4)
    freq = rng.uniform(0.01, 0.5, (150, 1))
    codes = rng.binomial(2, freq, (150, n)).astype(np.uint8)
    plink = by_plink(tmp_path, codes, covariate, is_case)
    model = null_model(null_design(is_case, covariate, [f"c{j}" for j in range(5)]))
    found = logistic_scan(model, codes, refine_p_max=1.0).firth
    is_alt = (plink["A1"] == plink["ALT"]).to_numpy()
    beta = np.where(is_alt, 1, -1) * np.log(plink["OR"].to_numpy())
    is_told = plink["ERRCODE"].to_numpy() == "."
    assert is_told.sum() >= 140
    # A single-precision fit that ends some thousandths of a standard error before the maximum.
    error = plink["LOG(OR)_SE"].to_numpy()
    away = np.abs(found.beta - beta)[is_told] / error[is_told]
    assert away.max() < 2e-3
    assert np.median(away) < 1e-4
    np.testing.assert_allclose(found.standard_error[is_told], error[is_told], rtol=2e-4)
