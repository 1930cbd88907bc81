"""Which genetic model of result.detectable_effect is shown: the best, of declared loci dominant."""

import pandas as pd
import pytest

from alsrev_dagster.report.shown_effects import shown_effects

MODELS = ("additive", "dominant", "recessive")


def effects(*models: str) -> pd.DataFrame:
    rows = [("primary", "v", model, alpha) for model in models for alpha in (0.05, 5e-8)]
    return pd.DataFrame(rows, columns=["contrast", "variant_id", "genetic_model", "alpha"])


def leads(*p_values: float, is_declared: bool = False) -> pd.DataFrame:
    rows = [("primary", "v", m, p) for m, p in zip(MODELS, p_values, strict=True)]
    columns = ["contrast", "variant_id", "genetic_model", "p_value"]
    return pd.DataFrame(rows, columns=columns).assign(is_declared=is_declared)


@pytest.mark.parametrize(
    ("held", "found", "expected"),
    [
        (MODELS, leads(0.1, 0.2, 0.01), "recessive"),
        (MODELS, leads(0.001, 0.2, 0.01), "additive"),
        (MODELS, leads(0.1, 0.2, 0.01, is_declared=True), "dominant"),
        (("additive", "recessive"), leads(0.1, 0.2, 0.01, is_declared=True), "recessive"),
        (MODELS, leads(float("nan"), float("nan"), 0.5), "recessive"),
    ],
)
def test_one_genetic_model_of_each_lead_is_shown_at_every_level(
    held: tuple[str, ...], found: pd.DataFrame, expected: str
) -> None:
    shown = shown_effects(effects(*held), found)
    assert list(shown["genetic_model"]) == [expected, expected]
    assert list(shown["alpha"]) == [0.05, 5e-8]


def test_no_row_stays_no_row() -> None:
    assert shown_effects(effects(), leads(0.1, 0.2, 0.3)).empty
