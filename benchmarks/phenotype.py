"""Scores and recovery of as many people as PRO-ACT has, made up.

    python -m benchmarks.phenotype [--people 11675] [--visits 9]

Times core.alsfrsr and core.outcome, and the rates beside noise, from frames to frames: files are
not read. The compiled loops are asked of two people first.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

from alsrev_dagster.clinical import compile_kernels
from alsrev_dagster.clinical.alsfrsr import alsfrsr
from alsrev_dagster.clinical.recovery import outcome
from alsrev_dagster.clinical.recovery_rate import counted, horizons
from alsrev_dagster.study import RECOVERY_PRESETS, RecoveryRate
from alsrev_dagster.versions import package_versions
from alsrev_dagster.vocabulary import table

_ITEMS = ("q1", "q2", "q3", "q4", "q5a", "q6", "q7", "q8", "q9", "r1", "r2", "r3")
_MONTHS = (6, 12, 18)
Made = TypeVar("Made")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=11_675)
    options.add_argument("--visits", type=int, default=9)
    given = options.parse_args(arguments)
    compile_kernels.main()
    participant, visit = _people(given.people), _visits(given.people, given.visits)
    definition = RECOVERY_PRESETS["bedlack2016_large"]
    scored, score_seconds = _timed(lambda: alsfrsr(visit, participant))
    found, seconds = _timed(lambda: outcome(scored, participant, definition, "onset"))
    questions = [q for d in RECOVERY_PRESETS.values() for q in horizons(d, _MONTHS)]
    settings = RecoveryRate(n_simulation=20)
    rows, rate_seconds = _timed(lambda: list(counted(scored, participant, questions, settings)))
    print("| what | rows | wall (s) |\n|---|---:|---:|")
    print(f"| core.alsfrsr | {len(scored):,} visits | {score_seconds:.2f} |")
    print(f"| core.outcome | {len(found):,} people | {seconds:.2f} |")
    print(f"| both | | {score_seconds + seconds:.2f} |")
    print(f"| rates, 20 cohorts of noise | {len(rows)} questions | {rate_seconds:.2f} |")
    print(f"\nRecovered: {int(found['event_recovery'].sum()):,} of {len(found):,}")
    versions = ", ".join(f"{name} {value}" for name, value in package_versions().items())
    print(f"{platform.machine()}, {os.cpu_count()} cores; {versions}")


def _people(n: int) -> pd.DataFrame:
    """raw.participant: onset one to three years before the first visit, some who died."""
    rng = np.random.default_rng(1)
    died = rng.random(n) < 0.3
    frame = pd.DataFrame(
        {
            "participant_id": [f"p{i:05d}" for i in range(n)],
            "onset_day": -rng.integers(365, 1_095, n),
            "enrolment_day": 0,
            "death_day": pd.array(np.where(died, rng.integers(300, 900, n), -1), dtype="Int64"),
        }
    )
    frame.loc[frame["death_day"] < 0, "death_day"] = pd.NA
    frame = frame.reindex(columns=list(table("raw.participant").column_names))
    days = [name for name in frame.columns if name.endswith("_day")]
    return frame.astype(dict.fromkeys(days, "Int64"))


def _visits(n: int, n_visit: int) -> pd.DataFrame:
    """raw.visit: a straight decline and scatter, spread over the items."""
    rng = np.random.default_rng(2)
    day = 60 * np.arange(n_visit) + rng.integers(-5, 6, (n, n_visit)) * (np.arange(n_visit) > 0)
    slope = np.minimum(rng.normal(-0.89, 0.5, (n, 1)), 0)
    course = 38 + slope * day / 30.4375 + 1.5 * rng.standard_normal(day.shape)
    total = np.clip(np.rint(course), 0, 48).astype(np.int64).ravel()
    lost, items = 48 - total, {}
    for place, name in enumerate(_ITEMS):
        share = lost // (len(_ITEMS) - place)
        items[name], lost = 4 - share, lost - share
    frame = pd.DataFrame(
        {
            "participant_id": np.repeat([f"p{i:05d}" for i in range(n)], n_visit),
            "day": day.ravel(),
            **items,
        }
    )
    frame = frame.reindex(columns=list(table("raw.visit").column_names))
    return frame.astype(dict.fromkeys((*_ITEMS, "q5b", "q10"), "Int64"))


def _timed(make: Callable[[], Made]) -> tuple[Made, float]:
    start = time.perf_counter()
    made = make()
    return made, time.perf_counter() - start


if __name__ == "__main__":
    main()
