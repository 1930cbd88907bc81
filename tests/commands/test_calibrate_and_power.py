"""``alsrev calibrate`` and ``alsrev power``: what they print, write and refuse."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from alsrev_dagster.commands import calibrate, calibrate_words
from alsrev_dagster.commands.power import Asked, needed
from alsrev_dagster.commands.power_effects import effects_given
from alsrev_dagster.stats.calibration import MAC_STRATA, TESTS, THRESHOLDS
from alsrev_dagster.stats.power import fisher_power
from alsrev_dagster.study import StudyFolder
from tests.builders import write_study
from tests.commands.test_cli import alsrev
from tests.conftest import copy_of
from tests.graph.at_work import Made
from tests.graph.test_staleness import edit

TYPED = ("--cases", 22, "--controls", 243, "--carrier-freq", 0.27)


@pytest.fixture(scope="module")
def calibrated(example: Made, tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyFolder, str]:
    """A copy of the example, calibrated in one contrast, and what was printed."""
    folder = copy_of(example.folder, tmp_path_factory.mktemp("calibrated") / "study")
    told = alsrev("calibrate", folder.root, "--contrast", "replication", "--permutations", 20)
    assert told.exit_code == 0, told.output
    return folder, told.stdout


def test_every_rate_is_in_the_file_with_what_it_rests_on(
    calibrated: tuple[StudyFolder, str],
) -> None:
    frame = pd.read_csv(calibrated[0].results / calibrate.FILE_NAME)
    assert len(frame) == 3 * len(TESTS) * len(MAC_STRATA) * len(THRESHOLDS)
    assert not frame.isna().drop(columns="covariates").any().any()
    assert set(frame["n_case"]) == {22}
    assert set(frame["n_control"]) == {140}
    assert set(frame["n_permutation"]) == {20}
    key = ["genetic_model", "test", "mac_stratum", "threshold"]
    assert not frame.duplicated(key).any()
    n = frame.drop_duplicates(["genetic_model", "mac_stratum"]).groupby("genetic_model")
    assert (
        n["n_variant"].sum() == 2 * frame.query("mac_stratum == 'all'")["n_variant"].max()
    ).all()


def test_tests_of_record_are_judged_in_words(calibrated: tuple[StudyFolder, str]) -> None:
    folder, printed = calibrated
    told = " ".join(printed.split())
    frame = pd.read_csv(folder.results / calibrate.FILE_NAME)
    wrong = frame[frame["is_anti_conservative"]]
    assert "exact" not in set(wrong["test"])
    assert "exact test (beside it): not anti-conservative in any of 72 rates" in told
    # One carrier in 162, among the cases in 22 of them: P just below 0.05.
    assert "replication additive, MAC 1, P <= 0.05: 0.1" in told
    of_firth = wrong[wrong["test"] == "firth_lrt"]
    assert set(of_firth["mac_stratum"]) == {"1"}
    assert set(of_firth["threshold"]) == {0.05}
    assert "believe a lead where both hold" in told


@pytest.mark.parametrize(
    ("changed", "is_told"),
    [
        ({}, True),
        ({"covariates": "sex"}, False),
        ({"n_stratum": 2}, False),
        ({"n_case": 400}, False),
        ({"n_control": 4_000}, False),
    ],
)
def test_what_was_enumerated_is_told_of_contrasts_like_it_only(
    calibrated: tuple[StudyFolder, str], changed: dict[str, object], is_told: bool
) -> None:
    frame = pd.read_csv(calibrated[0].results / calibrate.FILE_NAME, keep_default_na=False)
    told = calibrate_words.told(frame.assign(**changed))
    assert ("1.12 of alpha at 22 v 140" in told) is is_told
    assert "About 1 in 40 rates" in told
    assert "tests/" not in told


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ("[genotypic]", "found only genotypic in association.genetic_models; expected one or more"),
        ("[additive, genotypic]", "genotypic: not calibrated."),
    ],
)
def test_the_genotypic_model_is_said_not_to_be_calibrated(
    made_tiny: Made, tmp_path: Path, models: str, said: str
) -> None:
    folder = copy_of(made_tiny.folder, tmp_path / "study")
    text = yaml.safe_load(folder.study_file.read_text(encoding="utf-8"))
    text.setdefault("association", {})["genetic_models"] = yaml.safe_load(models)
    folder.study_file.write_text(yaml.safe_dump(text), encoding="utf-8")
    told = alsrev("calibrate", folder.root, "--permutations", 2)
    assert said in " ".join(told.output.split())
    assert told.exit_code == (1 if models == "[genotypic]" else 0)


def test_the_same_seed_gives_the_same_file(calibrated: tuple[StudyFolder, str]) -> None:
    folder, _ = calibrated
    before = (folder.results / calibrate.FILE_NAME).read_bytes()
    words = ("calibrate", folder.root, "--contrast", "replication", "--permutations", 20)
    told = alsrev(*words, "--json")
    assert (folder.results / calibrate.FILE_NAME).read_bytes() == before
    assert len(json.loads(told.stdout)) == 360
    assert (folder.results / calibrate.FILE_NAME).stat().st_mode & 0o077 == 0


def test_covariates_stay_with_the_labels(
    example: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of(example.folder, tmp_path / "study")
    old = "primary:     {cases: [StAR], controls: [PGB]}"
    edit(folder.study_file, old, old.replace("}", ", covariates: [sex, pc1]}"))
    few = [(block, passes) for block, passes in _first_blocks(folder)]
    monkeypatch.setattr("assets.reading.passing_blocks", lambda work: iter(few))
    told = alsrev("calibrate", folder.root, "--contrast", "primary", "--permutations", 3, "--json")
    assert told.exit_code == 0, told.output
    frame = pd.DataFrame(json.loads(told.stdout))
    assert set(frame["covariates"]) == {"sex, pc1"}
    of_all = frame.query("mac_stratum == 'all' and genetic_model == 'additive'")
    by_test = of_all.set_index(["test", "threshold"])["type_1_error"]
    assert 0.005 < by_test["firth_lrt", 0.05] < 0.08
    assert by_test["exact", 0.05] < by_test["exact_mid_p", 0.05]


def _first_blocks(folder: StudyFolder) -> list:
    from alsrev_dagster.open_study import OpenStudy
    from assets.reading import passing_blocks

    found = []
    for block, passes in passing_blocks(OpenStudy(folder), ["chr21"]):
        passes = passes.copy()
        passes[400:] = False
        found.append((block, passes))
    return found[:1]


def test_a_study_that_was_not_run_or_has_no_such_contrast_is_told(
    tmp_path: Path, made_tiny: Made
) -> None:
    folder = write_study(tmp_path)
    told = alsrev("calibrate", folder.root)
    assert told.exit_code == 1
    assert "found no genotypes that were read" in told.stderr
    assert "start with 'alsrev run STUDY'" in told.stderr
    told = alsrev("calibrate", made_tiny.folder.root, "--contrast", "other")
    assert "contrast 'other': found no such one in study.yaml; expected one of primary" in (
        " ".join(told.stderr.split())
    )
    told = alsrev("power", folder.root)
    assert "power: found no leads; expected the study to have been run" in told.stderr


def test_samples_needed_are_told_with_the_power_they_give() -> None:
    frame = needed(effects_given(22, 243, 0.27, [3.0]), Asked(alphas=(0.05,)))
    rows = frame.set_index("recruit")
    # Found by stats/samples_needed.py, whose tests hold it to enumeration.
    assert rows.loc["cases", ["status", "n_case_more", "n_control_more"]].tolist() == [
        "reached", 11, 0,
    ]  # fmt: skip
    assert rows.loc["cases", "power_then"] == pytest.approx(fisher_power(33, 243, 0.27, 3.0, 0.05))
    assert rows.loc["cases", "power_now"] == pytest.approx(fisher_power(22, 243, 0.27, 3.0, 0.05))
    assert rows.loc["controls", "status"] == "unreachable"
    assert rows.loc["controls", "power_limit"] < 0.8


def test_power_is_told_without_a_study(tmp_path: Path) -> None:
    figure = tmp_path / "power.svg"
    told = alsrev("power", *TYPED, "--odds-ratio", 3, "--odds-ratio", 10, "--figure", figure)
    assert told.exit_code == 0, told.output
    assert "11 cases (power 0.81)" in told.stdout
    assert "unreachable without more cases: power stays at 0.68" in told.stdout
    assert "enough now" in told.stdout
    assert figure.read_text(encoding="utf-8").startswith("<svg")


def test_power_is_told_of_the_leads_of_a_study(example: Made) -> None:
    words = ("power", example.folder.root, "--odds-ratio", 4, "--alpha", 0.05, "--json")
    frame = pd.DataFrame(json.loads(alsrev(*words).stdout))
    assert frame["contrast"].drop_duplicates().tolist() == ["primary", "replication", "combined"]
    mine = frame[(frame["contrast"] == "combined") & frame["is_declared"]].iloc[0]
    assert mine["control_carrier_freq"] == pytest.approx(79 / 243)
    assert mine["power_now"] == pytest.approx(fisher_power(22, 243, 79 / 243, 4.0, 0.05))
    told = alsrev("power", example.folder.root, "--alpha", 0.05)
    assert "Not in the table" not in told.stdout
    said = " ".join(told.stdout.split())
    assert "their frequency is taken as 0.5 / (n + 1)" in said
    rows = pd.DataFrame(json.loads(alsrev(*words[:2], "--alpha", 0.05, "--json").stdout))
    picked = rows[~rows["is_declared"].astype(bool)]
    assert set(picked["odds_ratio_source"]) <= {"corrected", "estimated"}
    assert not ((picked["odds_ratio_source"] == "estimated") & (picked["status"] == "enough")).any()
    corrected = picked[picked["odds_ratio_source"] == "corrected"]
    nearer, naive = (np.abs(np.log(corrected[n])) for n in ("odds_ratio", "naive_odds_ratio"))
    assert (nearer <= naive + 1e-9).all()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "found neither a study nor all of --cases, --controls, --carrier-freq"),
        (TYPED, "found neither a study nor all of"),
        ((*TYPED[:-1], 27, "--odds-ratio", 3), "outside (0, 1) are {'control_carrier_freq': 27.0}"),
        ((*TYPED, "--odds-ratio", 3, "--figure", "power.png"), "the ending '.png'; expected one"),
        (("study", *TYPED), "found a study and --cases, --controls or --carrier-freq beside it"),
    ],
)
def test_what_power_cannot_answer_is_told(words: tuple[object, ...], message: str) -> None:
    told = alsrev("power", *words)
    assert told.exit_code == 1
    assert message in " ".join(told.stderr.split())
