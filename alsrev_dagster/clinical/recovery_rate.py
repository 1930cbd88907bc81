"""How many recovered of those followed for long enough, and how many would by noise alone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.clinical.noise import (
    NoiseModel,
    confirmed_days,
    noise_model,
    with_overrides,
    without_recovery,
)
from alsrev_dagster.clinical.recovery import definition_hash, is_at_risk, recovery_series
from alsrev_dagster.clinical.sustained import rule_of, sustained_gain
from alsrev_dagster.clinical.visit_series import IntArray, VisitSeries
from alsrev_dagster.months import DAYS_PER_MONTH
from alsrev_dagster.study import RecoveryDefinition, RecoveryRate

BoolArray = NDArray[np.bool_]

METHOD = "share_of_followed_beside_simulated_decline"


@dataclass(frozen=True)
class Asked:
    """A definition, and the time from the first visit by which it is to be met; None is ever."""

    definition: RecoveryDefinition
    horizon_months: float | None = None

    @property
    def until_days(self) -> int | None:
        """Horizon in whole days: 6 months are 183, 12 are 365, 18 are 548."""
        return None if self.horizon_months is None else round(self.horizon_months * DAYS_PER_MONTH)

    @property
    def needed_days(self) -> int:
        """Follow-up without which a person is not counted: such that the event can be seen.

        A gain is seen after the first visit at the earliest, so that its duration must be less
        than the follow-up; a plateau may start at the first visit.
        """
        return self._least_days if self.until_days is None else self.until_days

    @property
    def can_be_met(self) -> bool:
        """Whether anybody can meet the definition by then."""
        return self.needed_days >= self._least_days

    @property
    def _least_days(self) -> int:
        return self.definition.min_duration_days + (self.definition.kind == "gain")


@dataclass(frozen=True)
class Counted:
    """What was found of one question; arrays have an entry a person of ``participant_id``."""

    asked: Asked
    participant_id: NDArray[np.object_]
    is_at_risk: BoolArray
    is_recovered: BoolArray
    lost: dict[str, int]
    """People not at risk by the reason, in the order in which it is asked for."""
    noise: NoiseModel | None
    n_false: IntArray
    """People at risk who recovered in each cohort simulated; empty where none could be."""

    def row(self) -> dict[str, object]:
        """The numbers, as columns of a table."""
        n, seen = int(self.is_at_risk.sum()), int((self.is_at_risk & self.is_recovered).sum())
        return {
            "definition_hash": definition_hash(self.asked.definition),
            "scale": self.asked.definition.scale,
            "n_participant": n + sum(self.lost.values()),
            **self.lost,
            "n_followed": n,
            "n_recovered": seen,
            "recovered_rate": seen / n if n else np.nan,
            **_noise_columns(self.n_false, n, seen),
            "residual_sd": self.noise.residual_sd if self.noise else np.nan,
            "slope_mean_per_month": self.noise.slope_mean_per_month if self.noise else np.nan,
            "slope_sd_per_month": self.noise.slope_sd_per_month if self.noise else np.nan,
            "method": METHOD,
        }


def _noise_columns(n_false: IntArray, n: int, seen: int) -> dict[str, object]:
    """Mean, its Monte Carlo error, 95% range and tail of the cohorts simulated."""
    if not n or not len(n_false):
        names = ("expected_false_rate", "monte_carlo_error", "noise_p_value")
        return {**dict.fromkeys(names, np.nan), "n_false_lower": pd.NA, "n_false_upper": pd.NA}
    error = n_false.std(ddof=1) / np.sqrt(len(n_false)) / n
    return {
        "expected_false_rate": n_false.mean() / n,
        "monte_carlo_error": error,
        "n_false_lower": int(np.quantile(n_false, 0.025, method="lower")),
        "n_false_upper": int(np.quantile(n_false, 0.975, method="higher")),
        "noise_p_value": (1 + int((n_false >= seen).sum())) / (1 + len(n_false)),
    }


def horizons(definition: RecoveryDefinition, months: Iterable[float]) -> list[Asked]:
    """Questions of one definition by horizon; none where nobody could meet it by then.

    Examples
    --------
    >>> year = RecoveryDefinition(name="a", min_gain_points=4, min_duration_days=365)
    >>> [asked.until_days for asked in horizons(year, (6, 12, 18))]
    [548]
    """
    each = [Asked(definition, month) for month in months]
    return [asked for asked in each if asked.can_be_met]


def counted(
    alsfrsr: pd.DataFrame,
    participant: pd.DataFrame,
    questions: Sequence[Asked],
    settings: RecoveryRate | None,
) -> Iterator[Counted]:
    """Count each question, beside the same visits of people who only decline.

    The expected false recoveries are of the same people at risk: n_simulation cohorts with their
    visits, first scores and series, a decline each (see ``noise``), and the definition applied to
    the simulated scores as to the real ones. Questions of one scale and rule for gastrostomy share
    the simulated scores, and come one after the other. Without settings nothing is simulated.
    """
    kinds = [(q.definition.scale, q.definition.gastrostomy) for q in questions]
    for kind in dict.fromkeys(kinds):
        mine = [q for q, own in zip(questions, kinds, strict=True) if own == kind]
        series = recovery_series(alsfrsr, participant, mine[0].definition)
        yield from _of_series(series, participant, mine, settings)


def _of_series(
    series: VisitSeries,
    participant: pd.DataFrame,
    questions: Sequence[Asked],
    settings: RecoveryRate | None,
) -> Iterator[Counted]:
    at_risk = [_is_counted(series, asked) for asked in questions]
    model, n_false = None, [np.empty(0, dtype=np.int64)] * len(questions)
    if settings is not None:
        model = _model(series, settings, questions[0].definition.score_max)
    if settings is not None and model is not None:
        n_false = _simulated(series, questions, at_risk, model, settings)
    observed = {
        d.name: sustained_gain(series, d).confirmation_day
        for d in (asked.definition for asked in questions)
    }
    ended = _ended_day(series, participant)
    for asked, counts, of_risk in zip(questions, n_false, at_risk, strict=True):
        day = observed[asked.definition.name]
        yield Counted(
            asked=asked,
            participant_id=series.participant_id,
            is_at_risk=of_risk,
            is_recovered=_is_met(day, asked),
            lost=_lost(series, asked, ended, len(participant)),
            noise=model,
            n_false=counts,
        )


def _model(series: VisitSeries, settings: RecoveryRate, score_max: int) -> NoiseModel | None:
    """The cohort's noise, or the study's own numbers in its place."""
    chosen = {
        "residual_sd": settings.residual_sd,
        "slope_mean_per_month": settings.slope_mean_per_month,
        "slope_sd_per_month": settings.slope_sd_per_month,
    }
    model = noise_model(series, score_max=score_max)
    if model is None and all(value is not None for value in chosen.values()):
        model = NoiseModel(0.0, 0.0, 0.0)
    return None if model is None else with_overrides(model, **chosen)


def _is_counted(series: VisitSeries, asked: Asked) -> BoolArray:
    """Whether each person is followed for so long, from a first total the definition takes."""
    is_long = series.followed_days >= asked.needed_days
    return is_long & is_at_risk(series.baseline, asked.definition)


def _is_met(confirmation_day: IntArray, asked: Asked) -> BoolArray:
    """Whether an event is confirmed in time."""
    until = np.iinfo(np.int64).max if asked.until_days is None else asked.until_days
    return (confirmation_day >= 0) & (confirmation_day <= until)


def _simulated(
    series: VisitSeries,
    questions: Sequence[Asked],
    at_risk: Sequence[BoolArray],
    model: NoiseModel,
    settings: RecoveryRate,
) -> list[IntArray]:
    """How many at risk seem to recover in each cohort simulated, for each question."""
    rng = np.random.default_rng(settings.seed)
    rules = {asked.definition.name: rule_of(asked.definition) for asked in questions}
    found: list[list[IntArray]] = [[] for _ in questions]
    for total in without_recovery(
        series,
        model,
        rng,
        n_simulation=settings.n_simulation,
        score_max=questions[0].definition.score_max,
    ):
        day = {name: confirmed_days(series, total, rule) for name, rule in rules.items()}
        for counts, asked, of_risk in zip(found, questions, at_risk, strict=True):
            met = _is_met(day[asked.definition.name], asked)
            counts.append((met & of_risk).sum(axis=1))
    return [np.concatenate(counts) for counts in found]


def _ended_day(series: VisitSeries, participant: pd.DataFrame) -> NDArray[np.float64]:
    """Day since the first visit of death or tracheostomy; infinite where neither is known."""
    days = participant.set_index("participant_id")[["death_day", "tracheostomy_day"]]
    first = days.astype("Float64").min(axis=1).reindex(series.participant_id)
    ended = first.fillna(np.inf).to_numpy(dtype=np.float64)
    return ended - series.first_day


def _lost(
    series: VisitSeries, asked: Asked, ended: NDArray[np.float64], n_participant: int
) -> dict[str, int]:
    """People not counted, each for one reason."""
    is_inside = is_at_risk(series.baseline, asked.definition)
    is_short = is_inside & (series.followed_days < asked.needed_days)
    has_ended = is_short & (ended < asked.needed_days)
    return {
        "n_without_visit": n_participant - len(series.participant_id),
        "n_outside_baseline": int((~is_inside).sum()),
        "n_ended_before": int(has_ended.sum()),
        "n_lost_before": int((is_short & ~has_ended).sum()),
    }
