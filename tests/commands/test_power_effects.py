"""Effects that ``alsrev power`` takes from leads: model, odds ratio and its source, frequency."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from alsrev_dagster.commands.power import Asked, needed, table_of, told
from alsrev_dagster.commands.power_effects import effects_of
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import StudyFolder
from alsrev_dagster.vocabulary import table
from tests.builders import write_study

ASKED = Asked(alphas=(0.05,), n_most=400)
COUNTS = ("hom_ref", "het", "hom_alt")
FILLED = {"TEXT": "x", "BOOLEAN": False}
"""What stands in columns that say nothing here, by type; in numbers 1."""
SMALL_P = {"additive": 1e-6, "dominant": 1e-5, "recessive": 1e-4}


def lead(
    case: tuple[int, int, int], control: tuple[int, int, int], **changed: Any
) -> list[dict[str, Any]]:
    """Rows of a lead under each genetic model, and what its correction says of them."""
    counts = {f"n_case_{g}": n for g, n in zip(COUNTS, case, strict=True)}
    counts |= {f"n_control_{g}": n for g, n in zip(COUNTS, control, strict=True)}
    p_value = {**SMALL_P, **changed.pop("p_value", {})}
    shared = {
        "contrast": "primary", "variant_id": "chr4-1-A-G", "is_declared": False,
        "odds_ratio": 60.0, "corrected_odds_ratio": 2.5, **counts, **changed,
    }  # fmt: skip
    return [{**shared, "genetic_model": m, "p_value": p} for m, p in p_value.items()]


def study_of(folder: Path, rows: list[dict[str, Any]]) -> StudyFolder:
    made = write_study(folder)
    lake = OpenStudy(made).lake
    for name in ("result.lead_variant", "result.lead_correction"):
        spec = table(name)
        other = {column.name: FILLED.get(column.type, 1) for column in spec.columns}
        other |= dict.fromkeys(spec.nullable)
        filled = [{**other, **row} for row in rows]
        columns = list(spec.column_names)
        lake.write(name, pd.DataFrame(filled, columns=columns).astype(object))
    return made


@pytest.mark.parametrize(
    ("best", "n_exposed"), [("additive", 12), ("dominant", 12), ("recessive", 2)]
)
def test_a_lead_is_taken_under_the_genetic_model_of_its_smallest_p(
    tmp_path: Path, best: str, n_exposed: int
) -> None:
    rows = lead((10, 6, 6), (88, 10, 2), p_value={best: 1e-9, "genotypic": 1e-12})
    (effect,), without = effects_of(study_of(tmp_path, rows), ())
    assert (effect.genetic_model, effect.n_control_carrier) == (best, n_exposed)
    assert effect.control_carrier_freq == n_exposed / 100
    assert without == {}


def test_what_no_control_has_is_given_a_frequency_and_said(tmp_path: Path) -> None:
    rows = lead((10, 6, 6), (90, 10, 0), p_value={"recessive": 1e-9})
    (effect,), without = effects_of(study_of(tmp_path, rows), ())
    assert effect.control_carrier_freq == 0.5 / 101
    frame = needed([effect], ASKED)
    assert "None of the controls exposed: their frequency is taken as 0.5 / (n + 1)." in told(
        frame, ASKED, without
    )
    assert "0.00495 (none)" in list(table_of(frame).columns[4].cells)


@pytest.mark.parametrize(
    ("changed", "odds_ratio", "source"),
    [
        ({}, 2.5, "corrected"),
        ({"corrected_odds_ratio": None}, 60.0, "estimated"),
        ({"is_declared": True, "corrected_odds_ratio": None}, 60.0, "estimated"),
    ],
)
def test_the_odds_ratio_is_the_corrected_one_where_there_is_one(
    tmp_path: Path, changed: dict[str, Any], odds_ratio: float, source: str
) -> None:
    folder = study_of(tmp_path, lead((10, 6, 6), (88, 10, 2), **changed))
    (effect,), _ = effects_of(folder, ())
    assert (effect.odds_ratio, effect.odds_ratio_source) == (odds_ratio, source)
    assert effect.naive_odds_ratio == 60.0
    given, _ = effects_of(folder, (3.0, 4.0))
    assert [(one.odds_ratio, one.odds_ratio_source) for one in given] == [
        (3.0, "given"), (4.0, "given"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "not known: odds ratio not corrected"),
        ({"is_declared": True}, "enough now"),
        ({"corrected_odds_ratio": 50.0}, "enough now"),
    ],
)
def test_enough_is_not_said_of_a_lead_whose_odds_ratio_is_too_large(
    tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    rows = lead((10, 6, 6), (88, 10, 2), **{"corrected_odds_ratio": None, **changed})
    effects, _ = effects_of(study_of(tmp_path, rows), ())
    frame = needed(effects, ASKED)
    assert [cell for column in table_of(frame).columns[-3:] for cell in column.cells] == [said] * 3
    is_sure = said == "enough now"
    assert set(frame["status"]) == {"enough" if is_sure else "uncorrected"}
    assert ("winner's curse" in told(frame, ASKED, {})) is not is_sure


@pytest.mark.parametrize(
    ("case", "control", "changed", "why"),
    [
        ((10, 6, 6), (0, 90, 10), {}, "every control is exposed"),
        ((10, 6, 6), (0, 0, 0), {}, "a side has no call"),
        ((10, 6, 6), (88, 10, 2), {"odds_ratio": None, "corrected_odds_ratio": None},
         "it has no odds ratio"),
    ],
)  # fmt: skip
def test_leads_without_an_effect_are_counted_by_reason(
    tmp_path: Path,
    case: tuple[int, int, int],
    control: tuple[int, int, int],
    changed: dict[str, Any],
    why: str,
) -> None:
    effects, without = effects_of(study_of(tmp_path, lead(case, control, **changed)), ())
    assert (effects, without) == ([], {why: 1})
    assert f"Not in the table: 1 lead(s), as {why}." in told(pd.DataFrame(), ASKED, without)
