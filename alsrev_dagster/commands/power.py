"""``alsrev power``: how many more cases or controls would let this study decide on an effect."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from rich.table import Table

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.files import replacing
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.firth import firth_test
from alsrev_dagster.stats.power import fisher_power
from alsrev_dagster.stats.samples_needed import Recruit, samples_needed
from alsrev_dagster.stats.tally import GENOTYPES, SIDES
from alsrev_dagster.study import StudyFolder

_N_POINT = 32
_CASES_SHOWN = 6
"""The figure shows so many times the cases of now."""


@dataclass(frozen=True)
class Effect:
    """An effect of carrying, and the cohort of now in which it is looked for."""

    contrast: str | None
    variant_id: str | None
    is_declared: bool | None
    n_case: int
    n_control: int
    control_carrier_freq: float
    odds_ratio: float


@dataclass(frozen=True)
class Asked:
    """What counts as decided, and how far one looks."""

    alphas: tuple[float, ...] = (0.05, 5e-8)
    power: float = 0.8
    n_most: int = 5_000
    """Samples in all that a cohort may have."""


def effects_of(
    folder: StudyFolder, odds_ratios: Sequence[float]
) -> tuple[list[Effect], dict[str, int]]:
    """Effects of a study's loci and leads, and how many of these have no baseline, by reason.

    Without odds ratios each has its own, Firth's of carriers; what led for its small P has one
    that is too large.
    """
    work = OpenStudy(folder)
    if not work.lake.files("result.lead_variant"):
        raise AlsrevError(
            "power: found no leads; expected the study to have been run, or --cases, --controls, "
            "--carrier-freq and --odds-ratio without a study; start with 'alsrev run STUDY'"
        )
    leads = work.lake.frame("result.lead_variant").drop_duplicates(["contrast", "variant_id"])
    place = {name: i for i, name in enumerate(work.study.contrasts)}
    leads = leads.sort_values("contrast", key=lambda c: c.map(place), kind="stable")
    found: list[Effect] = []
    without = {"no control carries it": 0, "every control carries it": 0}
    for lead in leads.to_dict("records"):
        case, control = (
            np.array([[[lead[f"n_{side}_{g}"] for g in GENOTYPES[:3]]]], dtype=np.int64)
            for side in SIDES
        )
        n_control, n_carrier = int(control.sum()), int(control[0, 0, 1:].sum())
        if n_carrier in (0, n_control):
            without["every control carries it" if n_carrier else "no control carries it"] += 1
            continue
        own = float(np.exp(firth_test(case, control, (0, 1, 1)).beta[0]))
        found += [
            Effect(
                contrast=str(lead["contrast"]),
                variant_id=str(lead["variant_id"]),
                is_declared=bool(lead["is_declared"]),
                n_case=int(case.sum()),
                n_control=n_control,
                control_carrier_freq=n_carrier / n_control,
                odds_ratio=odds_ratio,
            )
            for odds_ratio in (odds_ratios or [own])
        ]
    return found, {why: n for why, n in without.items() if n}


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
        Effect(None, None, None, n_case, n_control, control_carrier_freq, odds_ratio)
        for odds_ratio in odds_ratios
    ]


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
        "status": found.status,
        "n_case_more": found.n_case - effect.n_case,
        "n_control_more": found.n_control - effect.n_control,
        "power_then": found.power,
        "power_limit": found.power_limit,
    }


def table_of(frame: pd.DataFrame) -> Table:
    """One line an effect and significance level; what each way of recruiting would take."""
    made = Table()
    key = ["contrast", "variant_id", "odds_ratio", "alpha"]
    titles = ("contrast", "variant", "now", "carriers in controls", "odds ratio", "P at most")
    more = ("more cases", "more controls", "more of both")
    for title in (*titles, "power now", *more):
        made.add_column(title, no_wrap=True)
    for _, rows in frame.groupby(key, sort=False, dropna=False):
        first = rows.iloc[0]
        told = [_told(row) for row in rows.to_dict("records")]
        made.add_row(
            first["contrast"] or "",
            f"{first['variant_id'] or ''}{' (declared)' if first['is_declared'] else ''}",
            f"{first['n_case']} v {first['n_control']}",
            f"{first['control_carrier_freq']:.3g}",
            f"{first['odds_ratio']:.3g}",
            f"{first['alpha']:g}",
            _power(first["power_now"]),
            *told,
        )
    return made


def _told(row: dict[object, object]) -> str:
    """How many more it takes; or that no number is enough, and what the power cannot exceed."""
    if row["status"] == "enough":
        return "enough now"
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
        f"Exact power of Fisher's two-sided test of carriers, {asked.power:.0%} wanted, cohorts of "
        f"at most {asked.n_most:,} samples; with both, controls in the ratio of now."
    ]
    if "is_declared" in frame and (frame["is_declared"] == False).any():  # noqa: E712  None too
        lines.append(
            "A variant that leads because its P is small has an odds ratio that is too large "
            "(winner's curse): it would take more than is said here."
        )
    lines += [f"Not in the table: {n} lead(s), as {why}." for why, n in left_out.items()]
    return "\n".join(lines)


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
