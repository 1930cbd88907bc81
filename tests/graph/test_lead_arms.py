"""What stands behind a lead: terms by arm, single cases, corrections, declared replications."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, fisher_exact

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.association import evidence
from alsrev_dagster.stats.power import detectable_effect
from alsrev_dagster.storage.packed_genotypes import packed_rows, write_genotypes
from alsrev_dagster.vocabulary import table
from assets import detectable, lead_arm, lead_strength, replicate
from assets.lead_condition import conditional
from assets.lead_genotypes import contrast_leads
from tests.builders import write_study
from tests.graph.at_work import Made

SIZES = {"StAR": 22, "PGB": 40, "TargetALS": 50, "third": 30}
N = sum(SIZES.values())
COHORT = np.repeat(list(SIZES), list(SIZES.values()))
NAME = "chr4-57110321-G-A"
NEAR = "chr4-57200000-C-T"
CODE = np.concatenate(
    [np.repeat([0, 1, 2], n) for n in ([10, 9, 3], [34, 6, 0], [42, 7, 1], [24, 6, 0])]
).astype(np.uint8)
OTHER = np.resize([0, 0, 1, 0, 2, 0, 0, 1, 3], N).astype(np.uint8)
MODELS = ("additive", "dominant", "recessive")
AGAIN = {
    "variant": NAME, "effect_allele": "A", "direction": "higher_in_cases",
    "genetic_model": "dominant", "contrast": "all",
    "discovery": {"cases": ["StAR"], "odds_ratio": 4.0},
}  # fmt: skip


def put(work: OpenStudy, name: str, frame: pd.DataFrame, shard: str = "") -> None:
    columns = list(table(name).column_names)
    work.lake.write(name, frame.reindex(columns=columns).astype(object), shard)


def made(
    tmp_path: Path,
    *,
    covariates: tuple[str, ...] = (),
    n_arm: int = 3,
    declared: dict[str, dict[str, object]] | None = None,
) -> OpenStudy:
    """A study of 22 cases and up to three arms, with two leads, as far as its leads."""
    arms = list(SIZES)[1 : 1 + n_arm]
    contrast = {"cases": ["StAR"], "controls": arms, "covariates": list(covariates)}
    declared = declared or {
        "again": AGAIN,
        "one_sided": {**AGAIN, "alternative": "one_sided", "test": "exact"},
        "published": {**AGAIN, "discovery": {"cases": "published", "odds_ratio": 4.0}},
        "turned": {
            **AGAIN, "effect_allele": "G", "direction": "lower_in_cases",
            "discovery": {"cases": "published", "odds_ratio": 0.25},
        },
        "absent": {**AGAIN, "variant": "chr4-5-G-A"},
    }  # fmt: skip
    work = OpenStudy(write_study(tmp_path, contrasts={"all": contrast}, replications=declared))
    used = np.isin(COHORT, ["StAR", *arms])
    sample = pd.DataFrame({"sample_id": [f"s{i:03d}" for i in range(N)], "cohort": COHORT})
    sample["participant_id"] = sample["sample_id"]
    put(
        work,
        "core.analysis_set",
        sample[used].assign(
            contrast="all",
            is_case=COHORT[used] == "StAR",
            stratum="all",
            weight=1.0,
            is_included=True,
            analysis_set_hash="h",
        ),
    )
    held = sample.assign(callset="joint", sample_index=range(N), is_listed=True)
    put(work, "raw.callset_sample", held)
    age = 40.0 + np.arange(N) * 7 % 31
    put(work, "core.sample_trait", sample.assign(sex="male", age_at_onset_years=age))
    put(work, "core.sample_pc", sample.assign(is_projected=False, n_variant=0))
    put(
        work,
        "result.confounding_mark",
        pd.DataFrame({"contrast": ["all"], "is_confounded": [False]}),
    )
    _put_genotypes(work, sample)
    _put_leads(work, used)
    return work


def _put_genotypes(work: OpenStudy, sample: pd.DataFrame) -> None:
    empty = dict.fromkeys(
        ("rsid", "filter", "qual", "info_allele_freq", "consequence", "consequence_by_gene")
    )
    site = [name.split("-") for name in (NAME, NEAR)]
    rows = pd.DataFrame(
        {
            "variant_id": [NAME, NEAR],
            "pos": [int(part[1]) for part in site],
            "ref": [part[2] for part in site],
            "alt": [part[3] for part in site],
        }
    ).assign(**empty)
    packed = pack(np.stack([CODE, OTHER]))
    write_genotypes(
        work.lake, [packed_rows("joint", "chr4", packed, rows.to_dict("list"))], "chr4/joint"
    )
    carrier = [
        sample.assign(variant_id=name, locus=name, dosage=pd.array(code, dtype="Int64")).assign(
            dosage=lambda f: f["dosage"].where(f["dosage"] < 3)
        )
        for name, code in ((NAME, CODE), (NEAR, OTHER))
    ]
    put(work, "core.carrier", pd.concat(carrier))


def _put_leads(work: OpenStudy, used: np.ndarray) -> None:  # type: ignore[type-arg]
    """Both variants under every model, with what the tests of the counts say."""
    is_case, rows = COHORT == "StAR", []
    for name, code in ((NAME, CODE), (NEAR, OTHER)):
        sides = [
            np.bincount(code[used & side], minlength=4)[None, None] for side in (is_case, ~is_case)
        ]
        called = dict(
            zip(
                [f"n_{s}_{g}" for s in ("case", "control")
                 for g in ("hom_ref", "het", "hom_alt", "missing")],
                np.concatenate([n[0, 0] for n in sides]).tolist(), strict=True,
            )
        )  # fmt: skip
        for model in MODELS:
            found = vars(evidence(sides[0][:, :, :3], sides[1][:, :, :3], model))
            rows.append(
                {
                    "contrast": "all", "locus": name, "variant_id": name, "genetic_model": model,
                    "is_declared": name == NEAR, "method": "logistic_firth_lrt",
                    "exact_method": "fisher_exact", "n_variant_tested": 2,
                    "analysis_set_hash": "h", "is_confounded": False, "missing_p_value": 1.0,
                    "is_bonferroni_significant": False, "is_genome_wide_significant": False,
                    "is_bh_significant": False, **called,
                    **{key: value[0] for key, value in found.items()},
                }
            )  # fmt: skip
    put(work, "result.lead_variant", pd.DataFrame(rows))
    put(work, "result.association", pd.DataFrame(rows), "chr4/all")


def arm_rows(work: OpenStudy, model: str = "dominant") -> pd.DataFrame:
    frame = pd.concat(
        part
        for leads in contrast_leads(work)
        for found, rows, place in leads.by_model()
        if found == model
        for part in lead_arm._frames(work, leads, found, (rows, place))
    )
    return frame[frame["variant_id"] == NAME].set_index("term")


def test_three_arms_have_every_term_with_its_samples(tmp_path: Path) -> None:
    rows = arm_rows(made(tmp_path))
    arms = list(SIZES)[1:]
    kinds = [f"{kind}:{arm}" for kind in ("alone", "arm", "without") for arm in arms]
    whole = ["combined", "common", "exact_conditional", "joint", "mantel_haenszel"]
    assert sorted(rows.index) == sorted([*kinds, *whole])
    assert (rows["n_case"] == 22).all()
    assert rows.loc["alone:PGB", "n_control"] == 40
    assert rows.loc["without:PGB", "n_control"] == 80
    assert (rows.loc[whole, "n_control"] == 120).all()
    assert rows.loc["common", "odds_ratio"] == pytest.approx(rows.loc["joint", "odds_ratio"], 0.02)
    assert rows["agreement_p_value"].notna().sum() == 2
    assert rows.loc["common", "agreement_p_value"] > 0.05


def test_two_arms_are_not_left_out_and_one_is_not_compared(tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()
    (tmp_path / "one").mkdir()
    two = arm_rows(made(tmp_path / "two", n_arm=2))
    assert not [term for term in two.index if term.startswith("without")]
    one = arm_rows(made(tmp_path / "one", n_arm=1))
    assert list(one.index) == ["joint", "mantel_haenszel", "exact_conditional"]


def test_covariates_of_the_contrast_are_adjusted_for_in_every_arm(tmp_path: Path) -> None:
    rows = arm_rows(made(tmp_path, covariates=("age_at_onset_years",)), "additive")
    for term in ("common", "arm:PGB", "alone:PGB", "without:PGB"):
        assert rows.loc[term, "method"].endswith("_adjusted")
        assert rows.loc[term, "covariates"] == "age_at_onset_years"
        assert rows.loc[term, "odds_ratio"] > 1
    assert rows.loc["exact_conditional", "covariates"] is None
    assert rows.loc["mantel_haenszel", "p_value"] < 0.05


def test_all_terms_together_are_a_table_of_the_vocabulary(tmp_path: Path) -> None:
    work = made(tmp_path)
    frames = [
        frame
        for leads in contrast_leads(work)
        for model, rows, place in leads.by_model()
        for frame in lead_arm._frames(work, leads, model, (rows, place))
    ]
    put(work, "result.lead_arm", pd.concat([f.astype(object) for f in frames]))
    keys = work.lake.frame("result.lead_arm")[list(table("result.lead_arm").key)]
    assert not keys.duplicated().any()
    assert len(keys) == 2 * len(MODELS) * 14


def test_covariates_leave_the_fewest_cases_unknown_and_the_range_known(tmp_path: Path) -> None:
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    work = made(tmp_path / "with", covariates=("age_at_onset_years",))
    (leads,) = contrast_leads(work)
    with_age = lead_strength._influence(work, leads)
    assert with_age["fragility"].isna().all()
    assert (with_age["p_value_min"] <= with_age["p_value_max"]).all()
    work = made(tmp_path / "without")
    (leads,) = contrast_leads(work)
    counted = lead_strength._influence(work, leads).set_index(["variant_id", "genetic_model"])
    assert counted.loc[(NAME, "dominant"), "alpha"] == 1e-4
    assert counted.loc[(NEAR, "dominant"), "alpha"] == 0.05
    assert counted["fragility"].notna().all()


def test_a_lead_is_tested_given_the_other_one_near_it(tmp_path: Path) -> None:
    work = made(tmp_path)
    leads = work.lake.frame("result.lead_variant")
    found = conditional(work, leads).set_index(["variant_id", "genetic_model"])
    assert set(found["conditioned_on"]) == {NAME, NEAR}
    assert found.loc[(NAME, "dominant"), "conditioned_on"] == NEAR
    assert found.loc[(NAME, "dominant"), "conditional_p_value"] < 0.01
    far = leads.assign(
        variant_id=leads["variant_id"].replace(NEAR, "chr5-57200000-C-T"),
    )
    assert conditional(work, far).empty


def test_each_declared_replication_has_its_answer(tmp_path: Path) -> None:
    work = made(tmp_path)
    chosen = work.lake.frame("result.association")
    rows = {
        name: replicate._row(work, name, item, chosen)
        for name, item in work.study.replications.items()
    }
    assert {name: row["replication_status"] for name, row in rows.items()} == {
        "again": "confirmed", "one_sided": "confirmed", "published": "confirmed",
        "turned": "confirmed", "absent": "not_tested",
    }  # fmt: skip
    assert [rows[n]["shares_cases"] for n in ("again", "published")] == [True, False]
    again, turned = rows["again"], rows["turned"]
    assert again["odds_ratio"] * turned["odds_ratio"] == pytest.approx(1)  # type: ignore[operator]
    assert again["ci_lower"] * turned["ci_upper"] == pytest.approx(1)  # type: ignore[operator]
    assert again["replication_power"] == pytest.approx(turned["replication_power"])
    greater = fisher_exact([[12, 10], [20, 100]], alternative="greater").pvalue
    assert rows["one_sided"]["p_value"] == pytest.approx(greater)
    assert rows["one_sided"]["n_control"] == 120
    put(work, "result.replication", pd.DataFrame(list(rows.values())))  # untested ones have a place


def test_a_lead_declared_as_found_in_these_cases_is_told(tmp_path: Path) -> None:
    work = made(tmp_path)
    found = lead_strength._found_in(work.study.replications.values())
    assert found == {NAME: {"StAR"}, "chr4-5-G-A": {"StAR"}}
    rows = lead_strength._corrections(work).set_index("variant_id")["shares_cases"]
    assert (rows.loc[NAME].all(), rows.loc[NEAR].any()) == (True, False)


def test_detectable_effects_are_of_what_the_genetic_model_asks_about(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        detectable._detectable(lead, 0.05, 0.8)
        for lead in made(tmp_path).lake.frame("result.lead_variant").to_dict("records")
    )
    mine = rows[rows["variant_id"] == NAME].set_index("genetic_model")
    # CODE has 19 heterozygotes and one homozygote among its 120 controls.
    assert mine["n_control_carrier"].to_dict() == {"additive": 20, "dominant": 20, "recessive": 1}
    of_one = detectable_effect(22, 120, 1, 0.05, 0.8)
    assert mine.loc["recessive", "minimum_detectable_odds_ratio"] == of_one.odds_ratio
    assert mine.loc["recessive", "minimum_case_carriers"] == of_one.carriers_needed
    assert mine.loc["recessive", "minimum_attainable_p_value"] == pytest.approx(
        fisher_exact([[4, 18], [0, 120]]).pvalue
    )


def test_q_values_are_those_of_scipy_over_every_test_of_the_contrast(made_tiny: Made) -> None:
    work = OpenStudy(made_tiny.folder)
    scanned = work.lake.frame("result.association")
    tested = scanned[~scanned["fit_status"].isin(["one_side_missing", "monomorphic"])]
    assert len(tested) < len(scanned), "a test of nothing is in no count"
    tested = tested.assign(q=false_discovery_control(tested["p_value"].astype(float)))
    leads = work.lake.frame("result.lead_variant")
    assert leads["n_variant_tested"].unique().tolist() == [
        tested.groupby("genetic_model").size().max()
    ]
    both = leads.merge(tested, on=["contrast", "variant_id", "genetic_model"])
    assert len(both) == leads["q_value"].notna().sum()
    assert both["q_value"].astype(float).to_numpy() == pytest.approx(both["q"].to_numpy())
    assert (leads["is_bh_significant"] == (leads["q_value"] <= 0.05).fillna(value=False)).all()
    for side in ("case", "control"):
        ref, het, alt = (leads[f"n_{side}_{g}"] for g in ("hom_ref", "het", "hom_alt"))
        expected = (het + 2 * alt) / (2 * (ref + het + alt))
        assert leads[f"{side}_alt_freq"].tolist() == pytest.approx(expected.tolist())


def test_a_variant_that_was_screened_alone_is_refuted_and_not_said_to_be_untested(
    tmp_path: Path,
) -> None:
    declared = {
        "again": {**AGAIN, "variant": NEAR, "effect_allele": "T"},
        "exact": {**AGAIN, "variant": NEAR, "effect_allele": "T", "test": "exact"},
    }
    work = made(tmp_path, covariates=("age_at_onset_years",), declared=declared)
    scanned = work.lake.frame("result.association")
    nothing = dict.fromkeys(("beta", "standard_error", "odds_ratio", "ci_lower", "ci_upper"))
    put(work, "result.association", scanned.assign(fit_status="screened", **nothing), "chr4/all")
    found = replicate._answers(work).set_index("replication")
    assert (found["p_value"] > 0.05).all()
    assert set(found["replication_status"]) <= {"refuted", "underpowered"}
    assert found.loc["again", "covariates"] == "age_at_onset_years"
    assert found.loc["again", "method"].endswith("_adjusted")
    assert found[["odds_ratio", "ci_lower", "ci_upper"]].notna().all(axis=None)
    exact = scanned.set_index(["variant_id", "genetic_model"])["exact_p_value"]
    assert found.loc["exact", "p_value"] == pytest.approx(exact[(NEAR, "dominant")])


@pytest.mark.parametrize(
    ("fit_status", "test", "status"),
    [
        ("not_converged", "exact", "confirmed"),
        ("monomorphic", "exact", "not_tested"),
        ("one_side_missing", "exact", "not_tested"),
        ("not_converged", "logistic_firth_lrt", "not_tested"),
    ],
)
def test_the_exact_test_answers_where_the_fit_failed(
    tmp_path: Path, fit_status: str, test: str, status: str
) -> None:
    work = made(tmp_path, declared={"again": {**AGAIN, "test": test}})
    nothing = dict.fromkeys(("beta", "odds_ratio", "ci_lower", "ci_upper"), float("nan"))
    scanned = work.lake.frame("result.association").assign(fit_status=fit_status, **nothing)
    item = work.study.replications["again"]
    assert replicate._row(work, "again", item, scanned)["replication_status"] == status
