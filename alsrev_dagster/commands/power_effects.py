"""Effects that ``alsrev power`` asks about: those of a study's leads, or typed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.genetic_model import SCORE
from alsrev_dagster.study import StudyFolder

OddsRatioSource = Literal["corrected", "estimated", "given"]
"""Corrected for having been picked by its P, as it was estimated, or typed in."""

_KEY = ["contrast", "variant_id", "genetic_model"]
_COUNTS = ("hom_ref", "het", "hom_alt")
_NO_CALL = "a side has no call"
_EVERY = "every control is exposed"
_NO_RATIO = "it has no odds ratio"


@dataclass(frozen=True)
class Effect:
    """An effect of carrying (recessive: of being homozygous), and the cohort of now in which it
    is looked for.
    """

    contrast: str | None
    variant_id: str | None
    genetic_model: str | None
    """Of the smallest P of the lead."""
    is_declared: bool | None
    n_case: int
    n_control: int
    n_control_carrier: int | None
    """Carriers among the controls; of the recessive model homozygotes."""
    control_carrier_freq: float
    """Their share; where there is none (0 + 0.5) / (n + 1)."""
    odds_ratio: float
    naive_odds_ratio: float | None
    """As estimated, not corrected."""
    odds_ratio_source: OddsRatioSource

    @property
    def is_overstated(self) -> bool:
        """Whether it was picked by its P, and its odds ratio is not corrected for that."""
        return self.odds_ratio_source == "estimated" and self.is_declared is False


def effects_of(
    folder: StudyFolder, odds_ratios: Sequence[float]
) -> tuple[list[Effect], dict[str, int]]:
    """Effects of a study's loci and leads under the genetic model of their smallest P, and how
    many leads have none, by reason.

    Without odds ratios each has its own: corrected where it was picked by its P.
    """
    found: list[Effect] = []
    without = dict.fromkeys((_NO_CALL, _EVERY, _NO_RATIO), 0)
    for lead in _best(OpenStudy(folder)):
        effects = _effects(lead, odds_ratios)
        if isinstance(effects, str):
            without[effects] += 1
        else:
            found += effects
    return found, {why: n for why, n in without.items() if n}


def _best(work: OpenStudy) -> list[dict[Any, Any]]:
    """Row of each lead with the smallest P but of the genotypic model, contrasts as declared."""
    if not work.lake.files("result.lead_variant"):
        raise AlsrevError(
            "power: found no leads; expected the study to have been run, or --cases, --controls, "
            "--carrier-freq and --odds-ratio without a study; start with 'alsrev run STUDY'"
        )
    leads = work.lake.frame("result.lead_variant")
    leads = leads[leads["genetic_model"].isin(list(SCORE))].reset_index(drop=True)
    best = leads.sort_values("p_value", kind="stable", na_position="last")
    best = best.drop_duplicates(["contrast", "variant_id"]).sort_index()
    place = {name: i for i, name in enumerate(work.study.contrasts)}
    best = best.sort_values("contrast", key=lambda c: c.map(place), kind="stable")
    if not work.lake.files("result.lead_correction"):
        return best.assign(corrected_odds_ratio=np.nan).to_dict("records")
    corrected = work.lake.frame("result.lead_correction", [*_KEY, "corrected_odds_ratio"])
    return best.merge(corrected, on=_KEY, how="left").to_dict("records")


def _effects(lead: Mapping[Any, Any], odds_ratios: Sequence[float]) -> list[Effect] | str:
    """Effects of a lead, one an odds ratio; or why there is none."""
    case, control = ([int(lead[f"n_{side}_{g}"]) for g in _COUNTS] for side in ("case", "control"))
    model, n_case, n_control = str(lead["genetic_model"]), sum(case), sum(control)
    n_exposed = control[2] if model == "recessive" else control[1] + control[2]
    if not (n_case and n_control):
        return _NO_CALL
    if n_exposed == n_control:
        return _EVERY
    given: list[tuple[float, OddsRatioSource]] = [(ratio, "given") for ratio in odds_ratios]
    made = [
        Effect(
            contrast=str(lead["contrast"]),
            variant_id=str(lead["variant_id"]),
            genetic_model=model,
            is_declared=bool(lead["is_declared"]),
            n_case=n_case,
            n_control=n_control,
            n_control_carrier=n_exposed,
            control_carrier_freq=n_exposed / n_control if n_exposed else 0.5 / (n_control + 1),
            odds_ratio=ratio,
            naive_odds_ratio=None if pd.isna(lead["odds_ratio"]) else float(lead["odds_ratio"]),
            odds_ratio_source=source,
        )
        for ratio, source in given or _own(lead)
    ]
    return made or _NO_RATIO


def _own(lead: Mapping[Any, Any]) -> list[tuple[float, OddsRatioSource]]:
    """A lead's odds ratio, corrected if it is not declared and can be; none without an estimate."""
    if not lead["is_declared"] and pd.notna(lead["corrected_odds_ratio"]):
        return [(float(lead["corrected_odds_ratio"]), "corrected")]
    return [] if pd.isna(lead["odds_ratio"]) else [(float(lead["odds_ratio"]), "estimated")]


def effects_given(
    n_case: int | None,
    n_control: int | None,
    control_carrier_freq: float | None,
    odds_ratios: Sequence[float],
) -> list[Effect]:
    """Effects that were typed in; raises when one of the four is missing."""
    if n_case is None or n_control is None or control_carrier_freq is None or not odds_ratios:
        raise AlsrevError(
            "power: found neither a study nor all of --cases, --controls, --carrier-freq and "
            "--odds-ratio; expected one or the other; for instance 'alsrev power --cases 22 "
            "--controls 243 --carrier-freq 0.27 --odds-ratio 3'"
        )
    return [
        Effect(
            *(None, None, None, None),
            n_case=n_case,
            n_control=n_control,
            n_control_carrier=None,
            control_carrier_freq=control_carrier_freq,
            odds_ratio=odds_ratio,
            naive_odds_ratio=None,
            odds_ratio_source="given",
        )
        for odds_ratio in odds_ratios
    ]
