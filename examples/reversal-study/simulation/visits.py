"""Visits: days and ALSFRS-R items, as they would be written down."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation import planted
from simulation.course import Course, Floats, FollowUp
from simulation.people import Texts

Ints = NDArray[np.int_]
Flags = NDArray[np.bool_]

ITEMS = ("q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8", "q9", "r1", "r2", "r3")
VISIT_COLUMNS = (
    "participant_id", "day", "q1", "q2", "q3", "q4", "q5a", "q5b", "q6", "q7", "q8", "q9",
    "r1", "r2", "r3", "alsfrsr_total",
)  # fmt: skip
_N_ITEM, _MAX_ITEM = len(ITEMS), 4
_MAX_TOTAL = _N_ITEM * _MAX_ITEM
_Q3, _Q5 = ITEMS.index("q3"), ITEMS.index("q5")

_REGION = np.repeat(["bulbar", "fine_motor", "gross_motor", "respiratory"], 3)
_REGION_DELAY = {
    "bulbar": {"bulbar": 0.0, "fine_motor": 1.6, "gross_motor": 2.0, "respiratory": 2.6},
    "limb": {"bulbar": 2.0, "fine_motor": 0.0, "gross_motor": 0.4, "respiratory": 2.4},
}
"""When a region begins to be lost, in the time one item takes to lose a point: it spreads
from where it began, and breathing is last."""
_DELAY_SD, _LOSS_TIME_SD = 0.5, 0.6
_MOST_BLANK_ITEMS = 3


def draw_visits(
    participant_id: Texts,
    onset_site: Texts,
    course: Course,
    follow_up: FollowUp,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """One row per visit, in the order of participant and day."""
    day, seen = _draw_days(follow_up, rng)
    noise = rng.normal(0.0, planted.TOTAL_RESIDUAL_SD, size=day.shape)
    total = np.rint(course.total(day) + noise).clip(0, _MAX_TOTAL).astype(int)
    score = _item_scores(_draw_order_of_loss(onset_site, rng), total)
    score = _disagree(score, rng)
    has_gastrostomy = _draw_gastrostomy(score, seen, rng)
    blank = _draw_blank_items(day.shape, rng)
    table = pd.DataFrame(np.ma.array(score, mask=blank)[seen].filled(-1), columns=list(ITEMS))
    items = table.astype("Int64").mask(table < 0)
    tube = pd.Series(has_gastrostomy[seen])
    items["q5a"], items["q5b"] = items["q5"].mask(tube), items["q5"].where(tube)
    items["alsfrsr_total"] = pd.Series(total[seen], dtype="Int64").mask(np.any(blank[seen], axis=1))
    items["participant_id"] = np.repeat(participant_id, seen.sum(axis=1))
    items["day"] = day[seen].astype(int)
    return items[list(VISIT_COLUMNS)].sort_values(["participant_id", "day"], ignore_index=True)


def _draw_days(follow_up: FollowUp, rng: np.random.Generator) -> tuple[Floats, Flags]:
    """Scheduled days of each participant, and which of them became a visit."""
    interval, widest = planted.VISIT_INTERVAL_DAYS, planted.VISIT_JITTER_MAX_DAYS
    n_visit = int(planted.FOLLOW_UP_MONTHS[1] * planted.DAYS_PER_MONTH // interval) + 1
    shape = (follow_up.death_day.size, n_visit)
    jitter = rng.normal(0.0, planted.VISIT_JITTER_SD_DAYS, size=shape).clip(-widest, widest)
    day = np.arange(n_visit) * interval + np.rint(jitter)
    day[:, 0] = rng.integers(0, planted.FIRST_VISIT_WITHIN_DAYS, size=shape[0], endpoint=True)
    attended = rng.random(shape) >= planted.VISIT_MISSED_FRACTION
    attended[:, 0] = True
    return day, attended & (day <= follow_up.last_visit_by[:, None])


def _draw_order_of_loss(onset_site: Texts, rng: np.random.Generator) -> Ints:
    """Item that each of the 48 points of a participant belongs to, first lost first."""
    delay = np.array([[_REGION_DELAY[site][region] for region in _REGION] for site in onset_site])
    delay = delay + rng.normal(0.0, _DELAY_SD, size=delay.shape)
    point = np.arange(_MAX_ITEM) + rng.normal(0.0, _LOSS_TIME_SD, (*delay.shape, _MAX_ITEM))
    lost_at = (delay[:, :, None] + point).reshape(onset_site.size, _MAX_TOTAL)
    item: Ints = np.argsort(lost_at, axis=1, kind="stable") // _MAX_ITEM
    return item


def _item_scores(order: Ints, total: Ints) -> Ints:
    """Items (participants x visits x 12) when ``48 - total`` points are lost in order."""
    is_item = order[:, :, None] == np.arange(_N_ITEM)
    lost = np.zeros((order.shape[0], _MAX_TOTAL + 1, _N_ITEM), dtype=int)
    lost[:, 1:] = np.cumsum(is_item, axis=1)
    score: Ints = _MAX_ITEM - np.take_along_axis(lost, (_MAX_TOTAL - total)[:, :, None], axis=1)
    return score


def _disagree(score: Ints, rng: np.random.Generator) -> Ints:
    """Move one point between two items at some visits, where both allow it."""
    shape = score.shape[:2]
    pair = np.argsort(rng.random(score.shape), axis=2, kind="stable")[:, :, :2]
    value = np.take_along_axis(score, pair, axis=2)
    moves = rng.random(shape) < planted.ITEM_DISAGREEMENT_FRACTION
    moves &= (value[:, :, 0] < _MAX_ITEM) & (value[:, :, 1] > 0)
    moved = score.copy()
    np.put_along_axis(moved, pair, value + moves[:, :, None] * np.array([1, -1]), axis=2)
    return moved


def _draw_gastrostomy(score: Ints, seen: Flags, rng: np.random.Generator) -> Flags:
    """Whether the participant has a gastrostomy at each visit: from the visit after the need."""
    wants = rng.random(len(score)) < planted.GASTROSTOMY_FRACTION
    need: Flags = (score[:, :, _Q3] <= 1) & seen & wants[:, None]
    tube: Flags = np.zeros(seen.shape, dtype=np.bool_)
    tube[:, 1:] = np.cumsum(need, axis=1)[:, :-1] > 0
    return tube


def _draw_blank_items(shape: tuple[int, ...], rng: np.random.Generator) -> Flags:
    """Items left blank, at a few visits."""
    n_blank = rng.integers(1, _MOST_BLANK_ITEMS, size=shape, endpoint=True)
    n_blank *= rng.random(shape) < planted.VISIT_INCOMPLETE_FRACTION
    place = np.argsort(rng.random((*shape, _N_ITEM)), axis=2, kind="stable")
    blank: Flags = place < n_blank[:, :, None]
    return blank
