"""``alsrev power``: how many more cases or controls would let this study decide on an effect."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from rich.table import Table

from alsrev_dagster.commands.power_effects import Effect
from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.files import replacing
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.power import fisher_power
from alsrev_dagster.stats.samples_needed import Recruit, samples_needed
from alsrev_dagster.study import StudyFolder

_N_POINT = 32
_TITLES = (
    *("contrast", "variant", "model", "now", "exposed controls", "odds ratio", "its source"),
    *("naive", "P at most", "power now", "more cases", "more controls", "more of both"),
)
_CASES_SHOWN = 6
"""The figure shows so many times the cases of now."""


@dataclass(frozen=True)
class Asked:
    """What counts as decided, and how far one looks."""

    alphas: tuple[float, ...] = (0.05, 5e-8)
    power: float = 0.8
    n_most: int = 5_000
    """Samples in all that a cohort may have."""


def needed(effects: Sequence[Effect], asked: Asked) -> pd.DataFrame:
    """A row an effect, significance level and what is recruited: the smallest cohort found."""
    rows = [
        _row(effect, alpha, recruit, asked)
        for effect in effects
        for alpha in asked.alphas
        for recruit in get_args(Recruit)
    ]
    return pd.DataFrame(rows)


def _row(effect: Effect, alpha: float, recruit: Recruit, asked: Asked) -> dict[str, object]:
    cohort, baseline = (effect.n_case, effect.n_control), effect.control_carrier_freq
    found = samples_needed(
        cohort,
        baseline,
        effect.odds_ratio,
        alpha=alpha,
        power=asked.power,
        recruit=recruit,
        n_most=asked.n_most,
    )
    return {
        **asdict(effect),
        "alpha": alpha,
        "power_wanted": asked.power,
        "power_now": fisher_power(*cohort, baseline, effect.odds_ratio, alpha),
        "recruit": recruit,
        "status": "uncorrected" if _is_unsure(effect, found.status) else found.status,
        "n_case_more": found.n_case - effect.n_case,
        "n_control_more": found.n_control - effect.n_control,
        "power_then": found.power,
        "power_limit": found.power_limit,
    }


def _is_unsure(effect: Effect, status: str) -> bool:
    """Whether enough is said for an odds ratio that is too large, so that nothing is known."""
    return status == "enough" and effect.is_overstated


def table_of(frame: pd.DataFrame) -> Table:
    """One line an effect and significance level; what each way of recruiting would take."""
    made = Table()
    key = ["contrast", "variant_id", "odds_ratio", "alpha"]
    for title in _TITLES:
        made.add_column(title, no_wrap=True)
    for _, rows in frame.groupby(key, sort=False, dropna=False):
        first = rows.iloc[0]
        told = [_told(row) for row in rows.to_dict("records")]
        made.add_row(
            first["contrast"] or "",
            f"{first['variant_id'] or ''}{' (declared)' if first['is_declared'] else ''}",
            first["genetic_model"] or "",
            f"{first['n_case']} v {first['n_control']}",
            f"{first['control_carrier_freq']:.3g}{' (none)' * _is_none_exposed(first)}",
            f"{first['odds_ratio']:.3g}",
            str(first["odds_ratio_source"]),
            "" if pd.isna(first["naive_odds_ratio"]) else f"{first['naive_odds_ratio']:.3g}",
            f"{first['alpha']:g}",
            _power(first["power_now"]),
            *told,
        )
    return made


def _is_none_exposed(row: "pd.Series[Any]") -> bool:
    """Whether no control has what the effect is of."""
    return bool(pd.notna(row["n_control_carrier"]) and row["n_control_carrier"] == 0)


def _told(row: dict[object, object]) -> str:
    """How many more it takes; or that no number is enough, and what the power cannot exceed."""
    if row["status"] == "enough":
        return "enough now"
    if row["status"] == "uncorrected":
        return "not known: odds ratio not corrected"
    if row["status"] == "reached":
        more = {"case": row["n_case_more"], "control": row["n_control_more"]}
        named = [f"{n:,} {what}{'' if n == 1 else 's'}" for what, n in more.items() if n]
        return f"{', '.join(named)} (power {_power(row['power_then'])})"
    then, limit = float(str(row["power_then"])), float(str(row["power_limit"]))
    if row["recruit"] == "controls" and max(then, limit) < float(str(row["power_wanted"])):
        return f"unreachable without more cases: power stays at {_power(max(then, limit))}"
    return f"unreachable: power {_power(then)} with the most looked at"


def _power(value: object) -> str:
    power = float(str(value))
    return "below 0.01" if power < 0.01 else f"{power:.2f}"


def told(frame: pd.DataFrame, asked: Asked, left_out: dict[str, int]) -> str:
    """What the table rests on, and what is not in it."""
    lines = [
        f"Exact power of Fisher's two-sided test of carriers (recessive: of homozygotes), "
        f"{asked.power:.0%} wanted, cohorts of at most {asked.n_most:,} samples; with both, "
        "controls in the ratio of now. Each lead under the genetic model of its smallest P; "
        "additive: at the odds ratio of one allele."
    ]
    if len(frame):
        lines += [text for text, applies in _caveats(frame) if applies.any()]
    lines += [f"Not in the table: {n} lead(s), as {why}." for why, n in left_out.items()]
    return "\n".join(lines)


def _caveats(frame: pd.DataFrame) -> list[tuple[str, "pd.Series[bool]"]]:
    """What is to be said of some of the rows, and of which."""
    source, is_picked = frame["odds_ratio_source"], frame["is_declared"].eq(False)
    return [
        (
            "Corrected: for having been picked by its P (result.lead_correction); naive: before.",
            source == "corrected",
        ),
        (
            "A variant that leads because its P is small has an odds ratio that is too large "
            "(winner's curse); where it is not corrected, more is needed than is said, and whether "
            "there is enough now is not known.",
            (source == "estimated") & is_picked,
        ),
        (
            "A declared locus is taken at its odds ratio here: if these cases found it elsewhere, "
            "that is too large.",
            (source == "estimated") & ~is_picked,
        ),
        (
            "None of the controls exposed: their frequency is taken as 0.5 / (n + 1).",
            frame["n_control_carrier"].eq(0),
        ),
    ]


def write_figure(path: Path, study: Path | None, effects: Sequence[Effect], asked: Asked) -> None:
    """Write the figure of the first effect as SVG."""
    if path.suffix != ".svg" or not effects:
        raise AlsrevError(
            f"--figure {path.name}: found {len(effects)} effects to draw and the ending "
            f"{path.suffix!r}; expected one or more and .svg"
        )
    from alsrev_dagster.figures.render import svg

    simulated = study is not None and OpenStudy(StudyFolder(study)).study.simulated
    with replacing(path) as temporary:
        temporary.write_text(svg(figure_of(effects, asked, simulated=simulated)), encoding="utf-8")


def figure_of(effects: Sequence[Effect], asked: Asked, *, simulated: bool) -> Figure:
    """Power against the number of cases, of the first effect's cohort and its odds ratios."""
    from alsrev_dagster.figures.power import power

    first = effects[0]
    same = [e for e in effects if (e.contrast, e.variant_id) == (first.contrast, first.variant_id)]
    ratios = sorted({e.odds_ratio for e in same}) if len(same) > 1 else _around(first.odds_ratio)
    sizes = np.unique(np.geomspace(5, _CASES_SHOWN * first.n_case, _N_POINT).astype(int))
    rows = [
        {
            "odds_ratio": ratio,
            "alpha": alpha,
            "n_case": int(n),
            "power": fisher_power(
                int(n), first.n_control, first.control_carrier_freq, ratio, alpha
            ),
        }
        for ratio in ratios
        for alpha in asked.alphas
        for n in sizes
    ]
    return power(
        pd.DataFrame(rows),
        cohort=(first.n_case, first.n_control),
        control_carrier_freq=first.control_carrier_freq,
        wanted=asked.power,
        where=", ".join(name for name in (first.contrast, first.variant_id) if name),
        simulated=simulated,
    )


def _around(odds_ratio: float) -> list[float]:
    """The odds ratio, and others to see it by."""
    return sorted({2.0, 3.0, 5.0, 10.0, round(odds_ratio, 2)})
