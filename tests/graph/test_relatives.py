"""Relatives, ancestry and matching, each asset's own function on tables made up for it."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.packing import pack
from assets import ancestry, comparison, matching, relatedness
from tests.builders import write_study
from tests.graph.test_one_genome_once import put, reasons, rows_of

N_CASE, N_CONTROL, N_REFERENCE = 8, 40, 30
N = N_CASE + N_CONTROL + N_REFERENCE
COHORT = ["StAR"] * N_CASE + ["PGB"] * N_CONTROL + ["kg"] * N_REFERENCE
SAMPLE = [f"s{i:02d}" for i in range(N)]
LABEL = ["north", "south"]
MATCH = {"ratio": 2, "caliper": 0.6, "n_pc": 1, "exact": ["sex"]}
Pair = tuple[int, int, float, str | None]
RELATIVES: list[Pair] = [
    (0, 8, 0.25, "first_degree"),
    (9, 10, 0.25, "first_degree"),
    (11, 12, 0.06, None),
]


def population(place: int) -> int:
    """Cases are of the south; controls and reference people of both in turn."""
    return 1 if place < N_CASE else place % 2


def genotype(n_variant: int = 1200) -> NDArray[np.uint8]:
    rng = np.random.default_rng(1)
    base = rng.uniform(0.2, 0.8, (n_variant, 1))
    freq = np.clip(base + rng.choice([-1, 1], (n_variant, 1)) * [0, 0.18], 0.05, 0.95)
    return rng.binomial(2, freq[:, [population(i) for i in range(N)]]).astype(np.uint8)


def write_tables(
    work: OpenStudy, n_variant: int = 1200, relatives: list[Pair] | None = None
) -> None:
    """Everything that the assets read, as if made before."""
    pos = np.arange(1, n_variant + 1) * 100_000
    calls = [row.tobytes() for row in pack(genotype(n_variant))]
    put(
        work,
        "core.pruned_variant",
        pd.DataFrame({"pos": pos, "packed_used": calls}).assign(
            variant_id=[f"chr1-{p}-A-C" for p in pos], chrom="chr1", is_in_long_range_ld=False
        ),
    )
    sample = pd.DataFrame({"sample_id": SAMPLE, "participant_id": SAMPLE, "cohort": COHORT})
    sex = ["female" if i % 4 < 2 else "male" for i in range(N)]
    label = [LABEL[population(i)] for i in range(N)]
    put(work, "core.sample_trait", sample.assign(sex=sex, ancestry=label))
    put(work, "core.sample_qc", sample[["sample_id"]].assign(call_rate=0.99))
    held = pd.DataFrame({"sample_id": SAMPLE, "sample_index": range(N)})
    put(work, "raw.callset_sample", held.assign(callset="joint", is_listed=True))
    pair = pd.DataFrame(
        relatives or RELATIVES, columns=["first", "second", "kinship", "relationship"]
    )
    names = {
        f"sample_id_{k}": [SAMPLE[i] for i in pair[c]] for k, c in ((1, "first"), (2, "second"))
    }
    put(work, "core.kinship", pair.assign(**names))


def make(work: OpenStudy) -> None:
    for name, asset in (
        ("core.unrelated_sample", relatedness.unrelated_sample),
        ("core.sample_pc", ancestry.sample_pc),
        ("core.principal_component", ancestry.principal_component),
        ("core.analysis_set", comparison.analysis_set),
        ("result.balance", matching.balance),
    ):
        work.lake.write(name, rows_of(asset, work))


def study(folder: Path, match: dict[str, object] | None = None, **settings: object) -> OpenStudy:
    contrast = {"cases": ["StAR"], "controls": ["PGB"], **({"match": match} if match else {})}
    rule = {"n_pc": 2, "reference_cohorts": ["kg"], "n_neighbour": 5}
    given = {"unused_cohorts": ["kg"], "ancestry": rule, **settings}
    return OpenStudy(write_study(folder, contrasts={"primary": contrast}, **given))


@pytest.fixture(scope="module")
def matched(tmp_path_factory: pytest.TempPathFactory) -> OpenStudy:
    """A study whose contrast is matched, with everything made."""
    work = study(tmp_path_factory.mktemp("matched"), MATCH)
    write_tables(work)
    make(work)
    return work


def test_a_case_stays_and_its_relative_goes_by_name(matched: OpenStudy) -> None:
    rows = matched.lake.frame("core.unrelated_sample").set_index("sample_id")
    out = rows[rows["exclusion_reason"].notna()]
    assert out["exclusion_reason"].unique().tolist() == [
        "first degree relative of a sample that is used"
    ]
    assert out["relative_sample_id"].to_dict() == {"s08": "s00", "s10": "s09"}
    assert rows["is_exact"].all()
    assert len(rows) == N
    found = reasons(matched, "primary")
    assert found["s08"] == found["s10"] == "first degree relative of a sample that is used"
    assert comparison.nobody_is_used_twice.judge(matched).passed


def test_the_check_finds_a_family_that_is_used_twice(matched: OpenStudy, tmp_path: Path) -> None:
    work = study(tmp_path)
    write_tables(work)
    make(work)
    rows = work.lake.frame("core.analysis_set")
    rows["is_included"] |= rows["sample_id"] == "s08"
    work.lake.write("core.analysis_set", rows)
    found = comparison.nobody_is_used_twice.judge(work)
    assert not found.passed
    assert found.description.startswith("1 of 47 samples in use")


@pytest.mark.parametrize(("limit", "n_out"), [(0.0442, 2), (0.0884, 2), (0.3, 0)])
def test_the_study_says_how_close_is_too_close(tmp_path: Path, limit: float, n_out: int) -> None:
    # a pair that may be of strangers (no degree) is left in, whatever its kinship
    work = study(tmp_path, relatedness={"kinship_max": limit})
    write_tables(work)
    frame = rows_of(relatedness.unrelated_sample, work)
    assert frame["exclusion_reason"].notna().sum() == n_out


def test_components_are_of_the_unrelated_and_tell_populations_apart(matched: OpenStudy) -> None:
    pc = matched.lake.frame("core.sample_pc").set_index("sample_id")
    projected = pc.index[pc["is_projected"].astype(bool)]
    assert set(projected) == {"s08", "s10", *SAMPLE[-N_REFERENCE:]}
    south = np.array([population(i) == 1 for i in range(N)])
    assert (pc["pc1"][south] > 0).all() != (pc["pc1"][~south] > 0).all()
    assert pc["pc3"].isna().all()
    component = matched.lake.frame("core.principal_component")
    assert component["component"].tolist() == [1, 2]
    fitted = pc[~pc["is_projected"].astype(bool)]
    np.testing.assert_allclose(component["eigenvalue"], (fitted[["pc1", "pc2"]] ** 2).sum())
    assert component["n_sample"].unique().tolist() == [N_CASE + N_CONTROL - 2]
    assert component["variance_share"].is_monotonic_decreasing


def test_labels_are_those_of_the_reference_nearby(matched: OpenStudy) -> None:
    pc = matched.lake.frame("core.sample_pc")
    assert pc["ancestry_inferred"].tolist() == [LABEL[population(i)] for i in range(N)]
    assert pc["neighbour_share"].mean() > 0.95


def test_controls_stand_beside_cases_like_them(matched: OpenStudy) -> None:
    rows = matched.lake.frame("core.analysis_set").set_index("sample_id")
    used = rows[rows["is_included"].astype(bool)]
    case, control = used[used["is_case"]], used[~used["is_case"].astype(bool)]
    assert control["matched_set"].isin(case["matched_set"]).all()
    assert control["matched_set"].value_counts().max() <= MATCH["ratio"]
    assert control["match_distance"].max() <= MATCH["caliper"]
    assert case["match_distance"].isna().all()
    assert {population(SAMPLE.index(name)) for name in control.index} == {1}
    sex = matched.lake.frame("core.sample_trait").set_index("sample_id")["sex"]
    by_set = used.assign(sex=sex.reindex(used.index)).groupby("matched_set")["sex"].nunique()
    assert by_set.eq(1).all()
    reason = rows.loc[~rows["is_included"].astype(bool), "exclusion_reason"].value_counts()
    assert set(reason.index) <= {
        "not matched to a case", "no control within the caliper",
        "first degree relative of a sample that is used",
    }  # fmt: skip
    assert comparison.every_sample_is_in_or_out_for_a_reason.judge(matched).passed


def test_balance_is_better_after_matching(matched: OpenStudy) -> None:
    rows = matched.lake.frame("result.balance").set_index(["covariate", "stage"])
    before, after = (rows.loc[("pc1", stage)] for stage in ("eligible", "compared"))
    assert abs(before["standardised_difference"]) > 1
    assert abs(after["standardised_difference"]) < abs(before["standardised_difference"]) / 4
    assert (before["n_case"], before["n_control"]) == (8, 38)
    assert after["n_control"] <= 16
    assert abs(rows.loc[("ancestry=south", "compared"), "mean_control"] - 1) < 1e-12
    found = matching.matching_balances_the_sides.judge(matched)
    assert found.metadata["n_all"] == 1


def test_a_contrast_without_match_uses_everybody_and_has_one_stage(tmp_path: Path) -> None:
    work = study(tmp_path)
    write_tables(work)
    make(work)
    rows = work.lake.frame("core.analysis_set")
    assert rows["matched_set"].isna().all()
    assert rows["is_included"].sum() == N_CASE + N_CONTROL - 2
    assert work.lake.frame("result.balance")["stage"].unique().tolist() == ["compared"]


def test_outliers_are_told_and_left_out_where_asked(tmp_path: Path) -> None:
    rule = {"n_pc": 2, "outlier_sd_max": 1.5}
    for is_out in (False, True):
        ancestry_rule = {**rule, "exclude_outliers": is_out}
        work = study(tmp_path / str(is_out), ancestry=ancestry_rule)
        write_tables(work)
        make(work)
        pc = work.lake.frame("core.sample_pc").set_index("sample_id")
        outlier = set(pc.index[pc["is_outlier"].astype(bool)])
        found = {
            name for name, why in reasons(work, "primary").items() if why == "outlier of ancestry"
        }
        assert outlier & set(SAMPLE[: N_CASE + N_CONTROL])
        assert found <= outlier
        assert bool(found) == is_out
        told = ancestry.no_sample_is_an_outlier_of_ancestry.judge(work)
        assert not told.passed
        assert ("left out" if is_out else "kept") in told.description


def test_too_few_places_give_no_components_and_a_match_on_them_is_refused(tmp_path: Path) -> None:
    work = study(tmp_path, MATCH)
    write_tables(work, n_variant=500)  # 51 stretches of 1 Mb
    with pytest.raises(
        InputDataError, match="primary is matched on 1 principal components, and 46 of 46"
    ):
        make(work)
    assert work.lake.frame("core.sample_pc")["pc1"].isna().all()
    assert len(work.lake.frame("core.principal_component")) == 0
    found = ancestry.samples_have_principal_components.judge(work)
    assert "51 stretches of 1 Mb (expected 100 or more)" in found.description


def test_one_family_leaves_one_and_no_components(tmp_path: Path) -> None:
    work = study(tmp_path)
    everybody = [
        (i, j, 0.25, "first_degree") for i, j in combinations(range(N_CASE + N_CONTROL), 2)
    ]
    write_tables(work, relatives=everybody)
    kept = rows_of(relatedness.unrelated_sample, work).query("exclusion_reason.isna()")["sample_id"]
    assert kept.tolist() == ["s00", *SAMPLE[-N_REFERENCE:]]
    with pytest.raises(
        InputDataError, match=r"n_pc is 2, and 1 unrelated samples .* have 0 principal"
    ):
        make(work)
    assert work.lake.files("core.sample_pc") == []


def test_no_components_are_made_where_none_are_asked_for(tmp_path: Path) -> None:
    work = study(tmp_path, ancestry={"n_pc": 0})
    write_tables(work)
    make(work)
    assert work.lake.frame("core.sample_pc")["pc1"].isna().all()
    assert ancestry.samples_have_principal_components.judge(work).passed
