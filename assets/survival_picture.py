"""Pictures of the survival scan: along the genome, and observed against expected P values."""

from typing import Any

import pandas as pd

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.queries import read_query


def scan_of(work: OpenStudy, event: str) -> pd.DataFrame:
    """The scan of one event under the first genetic model, with positions."""
    wanted = {"event": event, "genetic_model": work.study.survival.scan.genetic_models[0]}
    return read_query(work.lake, "scan/survival_model", ["result.survival_scan"], wanted)


def manhattan_picture(work: OpenStudy) -> object:
    """P values of the first event along the genome; None where nothing is scanned."""
    from alsrev_dagster.figures.survival_scan import survival_manhattan

    events = work.study.survival.scan.events
    frame = scan_of(work, events[0]) if events else pd.DataFrame()
    if frame.empty:
        return None
    return survival_manhattan(
        frame,
        threshold=work.study.association.genome_wide_alpha,
        simulated=work.study.simulated,
    )


def survival_figures(work: OpenStudy) -> dict[str, Any]:
    """QQ plot of each event of the scan, by the page's names."""
    from alsrev_dagster.figures.survival_scan import survival_qq

    drawn = dict[str, Any]()
    inflation = work.lake.frame("result.survival_inflation")
    for event in work.study.survival.scan.events:
        frame = scan_of(work, event)
        if frame.empty:
            continue
        mine = inflation[inflation["event"] == event].head(1)
        drawn[f"survival_qq:{event}"] = survival_qq(frame, mine, simulated=work.study.simulated)
    return drawn
