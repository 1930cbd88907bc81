"""Naive analyses beside right ones, on made-up people whose truth is known: docs/naive-analyses.md.

python docs/naive_analyses.py

draws the figures of that page anew, and prints its table. Every number is of simulated data.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.figures import render, style
from alsrev_dagster.survival.competing import cumulative_incidence
from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.cox_data import cox_data
from alsrev_dagster.survival.cox_fit import cox_fit
from alsrev_dagster.survival.interval_regression import interval_regression
from alsrev_dagster.survival.intervals import intervals
from alsrev_dagster.survival.joint_data import FixedDesign, JointData, joint_data
from alsrev_dagster.survival.joint_model import joint_model
from alsrev_dagster.survival.mixed_model import mixed_model
from alsrev_dagster.survival.nonparametric import event_free_curve
from alsrev_dagster.survival.one_thread import one_blas_thread
from alsrev_dagster.survival.person_slope import person_slopes
from alsrev_dagster.survival.time_varying import reversal_state_cox
from alsrev_dagster.survival.two_stage import two_stage

FloatArray = NDArray[np.float64]
Found = dict[str, float]
"""An estimate by the name of its analysis."""

FIGURES = Path(__file__).parent / "figures"
_SEED = 20240805


@dataclass(frozen=True)
class Lesson:
    """One mistake: what is estimated, what is true, and a study's estimates by analysis."""

    name: str
    title: str
    quantity: str
    truth: float
    study: Callable[[np.random.Generator], Found]
    n_study: int
    n_person: int
    is_ratio: bool = False
    """Averaged as logarithms."""

    def estimates(self) -> dict[str, FloatArray]:
        """Estimates of every simulated study, by analysis; the naive one first."""
        random = np.random.default_rng([_SEED, *self.name.encode()])
        with one_blas_thread():
            found = pd.DataFrame([self.study(random) for _ in range(self.n_study)])
        return {name: found[name].to_numpy() for name in found}


@cache
def summaries(lesson: Lesson) -> dict[str, tuple[float, float, float]]:
    """Mean of each analysis over all studies, and between what nine tenths of them lie."""
    found = {}
    for name, estimate in lesson.estimates().items():
        known = estimate[np.isfinite(estimate)]
        mean = np.exp(np.log(known).mean()) if lesson.is_ratio else known.mean()
        low, high = np.quantile(known, [0.05, 0.95])
        found[name] = (float(mean), float(low), float(high))
    return found


def immortal_time(random: np.random.Generator) -> Found:
    """Recovery changes nothing about death; who ever recovers is called so from the start."""
    n, end = 265, 60.0
    death, recovery = random.exponential(30, n), random.exponential(40, n)
    until = np.minimum(death, end)
    is_seen = recovery < until
    frame = pd.DataFrame(
        {
            "participant_id": [f"p{k}" for k in range(n)],
            "entry_months": 0.0,
            "duration_months": until,
            "event": death < end,
            "carrier": is_seen,
            "reversal_months": np.where(is_seen, recovery, np.nan),
        }
    )
    naive = cox_fit(cox_data(frame, ["carrier"]))
    state = reversal_state_cox(frame).model
    return {
        "ever recovered, from the start": float(naive.hazard_ratio[0]),
        "recovered, from then on": float(state.hazard_ratio[0]),
    }


def delayed_entry(random: np.random.Generator) -> Found:
    """Time is counted from onset, and who died before enrolment was never seen."""
    n = 600
    survival = 36 / np.log(2) ** (1 / 1.5) * random.weibull(1.5, n)
    entry = random.uniform(3, 36, n)
    seen = survival > entry
    until = np.minimum(survival, entry + 30)[seen]
    died = survival[seen] <= entry[seen] + 30
    return {
        "as if seen since onset": event_free_curve(until, died).median_months,
        "at risk since enrolment": event_free_curve(until, died, entry[seen]).median_months,
    }


def competing_death(random: np.random.Generator) -> Found:
    """Who died cannot recover; one less Kaplan-Meier lets them go on."""
    n, end = 265, 48.0
    recovery, death = random.exponential(100, n), random.exponential(30, n)
    until = np.minimum(np.minimum(recovery, death), end)
    code = np.where(until == end, 0, np.where(recovery < death, 1, 2))
    return {
        "1 - Kaplan-Meier": 1 - event_free_curve(until, code == 1).at(36),
        "Aalen-Johansen": cumulative_incidence(until, code).at(36),
    }


def first_seen(random: np.random.Generator) -> Found:
    """Carriers are visited every 9 months, the others every 3; both recover alike."""
    n, end = 265, 54.0
    carrier = np.arange(n) % 3 == 0
    every = np.where(carrier, 9.0, 3.0)
    time = random.exponential(20, n)
    right = np.ceil(time / every) * every
    is_seen = right <= end
    left = np.where(is_seen, right - every, end)
    dated = intervals(np.where(is_seen, right, end), np.where(is_seen, right, np.inf))
    between = intervals(left, np.where(is_seen, right, np.inf))
    asked = {"dated to the visit that saw it": dated, "between two visits": between}
    return {
        name: interval_regression(seen, carrier, distribution="weibull").time_ratio
        for name, seen in asked.items()
    }


_SLOPE, _ASSOCIATION = -1.2, -0.1


@dataclass(frozen=True)
class _Scores:
    """Made-up courses until death, and follow-up."""

    visits: Visits
    until_months: FloatArray
    died: NDArray[np.bool_]


def _scores(
    random: np.random.Generator, *, noise_sd: float, every_months: float, association: float
) -> _Scores:
    """Courses are straight; the hazard of death rises as the true score falls."""
    n, end, step = 150, 30.0, 0.25
    level, slope = random.normal(40, 3, n), random.normal(_SLOPE, 0.6, n)
    grid = np.arange(step / 2, end, step)
    hazard = 0.008 * np.exp(association * (level[:, None] + slope[:, None] * grid - 40))
    lived = np.cumsum(hazard * step, axis=1) < random.exponential(1, (n, 1))
    death = lived.sum(axis=1) * step
    until, died = np.maximum(np.minimum(death, end), step / 2), death < end
    person, months = (
        side.ravel() for side in np.meshgrid(np.arange(n), np.arange(0, end, every_months))
    )
    is_seen = months <= until[person]
    person, months = person[is_seen], months[is_seen]
    noise = random.normal(0, noise_sd, len(months))
    score = level[person] + slope[person] * months + noise
    return _Scores(Visits(score, months, person), until, died)


def fast_decliners_die(random: np.random.Generator) -> Found:
    """Who is still seen after two years declined slowly."""
    made = _scores(random, noise_sd=2.0, every_months=3.0, association=_ASSOCIATION)
    visits, last = made.visits, made.visits.person[made.visits.months == 24]
    number = np.cumsum(np.isin(np.arange(len(made.died)), last)) - 1
    left = visits.of(np.isin(visits.person, last))
    still_seen = Visits(left.score, left.months, number[left.person])
    line = _straight()(visits.months, visits.person)
    mixed = mixed_model(visits.score, line, line, visits.person)
    return {
        "those seen at 24 months": float(np.mean(person_slopes(still_seen).least_squares)),
        "mixed model, all visits": float(mixed.coefficient[1]),
        "joint model with death": float(joint_model(_joint(made)).fixed.value[1]),
    }


def predicted_course(random: np.random.Generator) -> Found:
    """A course predicted from few noisy scores is taken for the true one."""
    made = _scores(random, noise_sd=5.0, every_months=6.0, association=_ASSOCIATION)
    data = _joint(made)
    return {
        "two-stage": float(two_stage(data).association.value[0]),
        "joint model": float(joint_model(data).association.value[0]),
    }


def _joint(made: _Scores) -> JointData:
    nothing = np.empty((len(made.died), 0))
    return joint_data(made.visits, _straight(), nothing, made.until_months, made.died)


def _straight() -> FixedDesign:
    return lambda months, person: np.column_stack([np.ones(len(months)), months])


def single_visit(random: np.random.Generator) -> Found:
    """Nobody recovers: everybody declines, and scores scatter by 2 points."""
    n, months = 265, np.arange(0, 37, 3.0)
    slope = random.normal(-0.6, 0.3, (n, 1))
    score = np.round(40 + slope * months + random.normal(0, 2, (n, len(months)))).clip(0, 48)
    gain = score[:, 1:] - np.minimum.accumulate(score, axis=1)[:, :-1] >= 4
    n_run = 5  # a visit and four more: twelve months
    run = np.lib.stride_tricks.sliding_window_view(score, n_run, axis=1)[:, 1:]
    lowest = np.minimum.accumulate(score, axis=1)[:, : run.shape[1]]
    lasting = (run.min(axis=2) - lowest >= 4).any(axis=1)
    return {
        "4 points at one visit": float(gain.any(axis=1).mean()),
        "4 points, lasting a year": float(lasting.mean()),
    }


_INCIDENCE = 0.01 / (0.01 + 1 / 30) * (1 - np.exp(-36 * (0.01 + 1 / 30)))

LESSONS = (
    Lesson(
        "immortal-time", "Immortal time", "hazard ratio of death", 1.0, immortal_time,
        n_study=40, n_person=265, is_ratio=True,
    ),
    Lesson(
        "delayed-entry", "Delayed entry", "median survival, months", 36.0, delayed_entry,
        n_study=200, n_person=600,
    ),
    Lesson(
        "competing-death", "Death competes", "recovered by 36 months, fraction",
        float(_INCIDENCE), competing_death, n_study=200, n_person=265,
    ),
    Lesson(
        "first-seen", "A visit is not the event", "time to recovery, carriers / others", 1.0,
        first_seen, n_study=40, n_person=265, is_ratio=True,
    ),
    Lesson(
        "survivors", "Slopes of survivors", "mean slope, points/month", _SLOPE,
        fast_decliners_die, n_study=16, n_person=150,
    ),
    Lesson(
        "single-visit", "One visit is noise", "called recovered, fraction", 0.0, single_visit,
        n_study=100, n_person=265,
    ),
    Lesson(
        "two-stage", "Two stages", "log hazard ratio of death a point", _ASSOCIATION,
        predicted_course, n_study=24, n_person=150,
    ),
)  # fmt: skip


def draw(lesson: Lesson) -> str:
    """SVG: what each analysis finds over all studies, and the truth."""
    found = summaries(lesson)
    words = style.Words(
        title=lesson.title,
        subtitle=f"{lesson.n_study} simulated studies of {lesson.n_person} people",
        table="none; made by docs/naive_analyses.py",
        notes=("Dot: mean; bar: nine tenths of the studies; line: the truth.",),
    )
    room = style.Frame(plot_height=0.36 * len(found) + 0.1, left=2.3, below=0.5)
    with style.applied():
        figure, axes = style.canvas(words, simulated=True, frame=room)
        axes.axvline(lesson.truth, color=style.GUIDE, lw=1.2, zorder=1)
        for place, (mean, low, high) in enumerate(reversed(found.values())):
            colour = style.HIGHLIGHT if place == len(found) - 1 else style.CARRIER
            axes.plot([low, high], [place, place], color=colour, lw=2.2, zorder=2)
            axes.plot([mean], [place], "o", color=colour, ms=5, zorder=3)
        axes.set_yticks(range(len(found)), list(reversed(found)))
        axes.set_ylim(-0.6, len(found) - 0.4)
        axes.set_xlabel(lesson.quantity)
        return render.svg(figure)


def line(lesson: Lesson) -> str:
    """Row of the page's table."""
    found = summaries(lesson)
    cells = "; ".join(f"{name} {mean:.3f}" for name, (mean, _, _) in found.items())
    return f"| {lesson.title} | {lesson.quantity} | {lesson.truth:.3f} | {cells} |"


def main() -> None:
    """Draw every figure, and say the table."""
    FIGURES.mkdir(exist_ok=True)
    for lesson in LESSONS:
        (FIGURES / f"naive-{lesson.name}.svg").write_text(draw(lesson), encoding="utf-8")
        sys.stdout.write(line(lesson) + "\n")


if __name__ == "__main__":
    main()
