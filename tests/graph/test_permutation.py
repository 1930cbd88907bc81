"""The scan under shuffled labels: its numbers are those of the association, and of each labelling."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.exact import exact_conditional_p
from assets import permutation
from assets.permuted import permuted_models, permuted_scans, shuffled
from assets.reading import member_genotypes, members_of
from tests.builders import write_study
from tests.graph.at_work import Made, run_here
from tests.graph.test_staleness import edit

CONTRASTS = ("primary", "replication", "combined")
SIDES, GENOTYPES = ("case", "control"), ("hom_ref", "het", "hom_alt")
SCORES = {"additive": (0, 1, 2), "dominant": (0, 1, 1), "recessive": (0, 0, 1)}


@pytest.fixture(scope="module")
def work(example: Made) -> OpenStudy:
    return OpenStudy(example.folder)


def association(work: OpenStudy, contrast: str, model: str) -> pd.DataFrame:
    counts = [f"n_{side}_{g}" for side in SIDES for g in GENOTYPES]
    columns = ["contrast", "genetic_model", "variant_id", "exact_p_value", *counts]
    frame = work.lake.frame("result.association", columns)
    return frame[(frame["contrast"] == contrast) & (frame["genetic_model"] == model)]


def common_p(frame: pd.DataFrame, model: str) -> pd.Series:
    """Exact P of variants of which 20 coded alleles, carriers or homozygotes are seen, and not."""
    n_ref, n_het, n_alt = (sum(frame[f"n_{side}_{g}"] for side in SIDES) for g in GENOTYPES)
    seen = {"additive": n_het + 2 * n_alt, "dominant": n_het + n_alt, "recessive": n_alt}[model]
    most = (n_ref + n_het + n_alt) * (2 if model == "additive" else 1)
    return frame.loc[(seen >= 20) & (most - seen >= 20), "exact_p_value"]


@pytest.mark.parametrize(
    ("n_case", "n_control", "is_there"), [(100, 300, True), (300, 100, True), (101, 101, False)]
)
def test_the_genotypic_model_is_shuffled_where_a_side_is_small(
    n_case: int, n_control: int, is_there: bool
) -> None:
    models = SimpleNamespace(genetic_models=("additive", "genotypic"))
    work = SimpleNamespace(study=SimpleNamespace(association=models))
    member = pd.DataFrame({"is_case": [True] * n_case + [False] * n_control})
    expected = ["additive", "genotypic"] if is_there else ["additive"]
    assert permuted_models(work, member) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("model", SCORES)
def test_the_true_labelling_is_the_scan_itself(work: OpenStudy, model: str) -> None:
    draws = work.lake.frame("result.permuted_scan").query("permutation == 0")
    for contrast in CONTRASTS:
        true = draws.query("contrast == @contrast and genetic_model == @model").iloc[0]
        frame = association(work, contrast, model)
        p_value = frame["exact_p_value"]
        assert true["n_variant"] == len(p_value)
        assert true["n_variant_filled"] == 0
        assert true["smallest_exact_p_value"] == pytest.approx(p_value.min(), rel=1e-9)
        common = common_p(frame, model)
        assert true["n_inflation_variant"] == len(common)
        expected = np.median(chi2.isf(common, 1)) / 0.4549364
        assert true["exact_lambda_gc"] == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("model", ["additive", "dominant"])
def test_a_shuffled_labelling_gives_the_smallest_p_value_counted_out(
    work: OpenStudy, model: str
) -> None:
    member = members_of(work, "primary")
    names = list(association(work, "primary", model)["variant_id"].iloc[::7])
    code = member_genotypes(work, "primary", names)
    label = shuffled(work, "primary", member)[2]
    sides = [
        np.stack([(code[:, side] == g).sum(axis=1) for g in range(3)], axis=1)[:, None]
        for side in (label, ~label)
    ]
    expected = exact_conditional_p(sides[0], sides[1], SCORES[model]).min()
    draws = work.lake.frame("result.permuted_scan").query(
        "contrast == 'primary' and genetic_model == @model and permutation == 3"
    )
    assert draws["smallest_exact_p_value"].item() <= expected * (1 + 1e-9)
    scan = permuted_scans(work, {"primary": member})["primary"].scans[model]
    assert draws["smallest_exact_p_value"].item() == pytest.approx(scan.smallest[2], rel=1e-12)


def test_thresholds_and_family_wise_p_values_are_counted_over_labellings(work: OpenStudy) -> None:
    draws = work.lake.frame("result.permuted_scan")
    for row in work.lake.frame("result.permutation").to_dict("records"):
        mine = draws[
            (draws["contrast"] == row["contrast"])
            & (draws["genetic_model"] == row["genetic_model"])
            & (draws["permutation"] > 0)
        ]
        smallest = np.sort(mine["smallest_exact_p_value"].to_numpy())
        n_as_small = (smallest <= row["smallest_exact_p_value"] * (1 + 1e-9)).sum()
        assert row["n_permutation"] == len(smallest) == 200
        assert row["family_wise_p_value"] == (n_as_small + 1) / 201
        assert row["family_wise_p_max"] == smallest[9]  # 10 / 201 is the last below 0.05
        assert row["family_wise_p_max_lower"] < smallest[9] < row["family_wise_p_max_upper"]
        inflation = mine["exact_lambda_gc"].dropna()
        assert row["n_inflation_permutation"] == len(inflation) == 100
        ends = [row[f"exact_lambda_{end}"] for end in ("lower", "median", "upper")]
        np.testing.assert_allclose(ends, np.quantile(inflation, [0.025, 0.5, 0.975]))


def test_leads_have_their_own_and_the_genomes_p_value(work: OpenStudy) -> None:
    found = work.lake.frame("result.lead_permutation")
    leads = work.lake.frame("result.lead_variant")
    key = ["contrast", "variant_id", "genetic_model"]
    both = found.merge(leads, on=key, suffixes=("", "_lead"), validate="1:1")
    assert len(both) == len(found) == len(leads)
    np.testing.assert_allclose(both["exact_p_value"], both["exact_p_value_lead"], rtol=1e-9)
    # The share of 200 labellings at least as extreme is near the exact P value itself.
    error = np.sqrt(both["exact_p_value"] * (1 - both["exact_p_value"]) / 200)
    gap = (both["permutation_p_value"] - both["exact_p_value"]).abs()
    assert (gap <= 4 * error + 1 / 200).all()
    assert (found["family_wise_p_value"] >= found["permutation_p_value"]).all()
    assert (found["any_model_family_wise_p_value"] >= found["family_wise_p_value"]).all()
    draws = work.lake.frame("result.permuted_scan").query("permutation > 0")
    row = found.sort_values("exact_p_value").iloc[0]
    of_any = draws[draws["contrast"] == row["contrast"]].groupby("permutation")
    n_as_small = (of_any["smallest_exact_p_value"].min() <= row["exact_p_value"] * (1 + 1e-9)).sum()
    assert row["any_model_family_wise_p_value"] == (n_as_small + 1) / 201


def test_control_cohorts_have_the_same_envelope(work: OpenStudy) -> None:
    frame = work.lake.frame("result.control_permutation").set_index("genetic_model")
    assert frame["n_sample_1"].unique().tolist() == [103]
    assert (frame["n_inflation_variant"] < frame["n_variant"]).all()
    assert (frame["exact_lambda_median"] > 0.5).all()
    assert permutation.inflation_between_controls_is_what_chance_gives.judge(work).passed
    assert permutation.inflation_is_what_chance_gives.judge(work).passed


def test_no_permutation_is_no_table_of_them(tmp_path: Path) -> None:
    folder = write_study(tmp_path, permutation={"n_permutation": 0})
    run_here(folder)
    lake = OpenStudy(folder).lake
    for name in ("permuted_scan", "permutation", "lead_permutation", "control_permutation"):
        assert lake.frame(f"result.{name}").empty
    assert len(lake.frame("result.association"))
    assert "What chance alone gives" not in folder.report.read_text(encoding="utf-8")


def test_more_permutations_leave_the_association_alone(tmp_path: Path) -> None:
    from alsrev_dagster.graph.plan import plan

    folder = write_study(tmp_path, permutation={"n_permutation": 3, "n_inflation": 1})
    run_here(folder, "result.permuted_scan", "result.association")
    draws = OpenStudy(folder).lake.frame("result.permuted_scan")
    assert draws.groupby("genetic_model").size().unique().tolist() == [4]
    edit(folder.study_file, "n_permutation: 3", "n_permutation: 4")
    stale = set(plan(OpenStudy(folder)).reasons)
    assert "result.permuted_scan" in stale
    assert "result.association" not in stale
