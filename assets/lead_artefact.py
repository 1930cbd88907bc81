"""Lead artefact: what else than being a case could make each lead."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from alsrev_dagster.graph.checks import Finding, none_of, table_check
from alsrev_dagster.open_study import OpenStudy

_KEY = ["contrast", "variant_id"]
_Judge = Callable[["pd.Series[float]"], "pd.Series[bool]"]


@table_check("result.lead_variant", blocking=False)
def leads_are_alike_among_controls(work: OpenStudy) -> Finding:
    """No lead differs between two control cohorts, by the same test, at audit.control_p_max: what
    moves it there may move it in cases.
    """
    return _told(
        work, "control_p_value", _is_small(work), ("differ between control cohorts", "P {:.1e}")
    )


@table_check("result.lead_variant", blocking=False)
def leads_are_missing_alike(work: OpenStudy) -> Finding:
    """No lead lacks calls more often on one side, at audit.control_p_max: where a call is made
    may depend on its genotype.
    """
    what = "have missing calls that go with being a case"
    return _told(work, "missing_p_value", _is_small(work), (what, "P {:.1e}"))


@table_check("result.lead_variant", blocking=False)
def leads_are_read_alike(work: OpenStudy) -> Finding:
    """No lead is read audit.depth_ratio_max times as deep in cases as in controls, or the reverse,
    each beside its callset's typical depth: reads that pile up, or are lost, make false calls.
    """
    most = work.study.audit.depth_ratio_max
    return _told(
        work,
        "depth_ratio",
        lambda ratio: np.abs(np.log(ratio)) >= np.log(most),
        ("are read at another depth in cases", "ratio {:.2f}"),
        why="no callset of its own gives a depth on a side",
    )


@table_check("result.lead_variant", blocking=False)
def leads_have_the_external_frequency(work: OpenStudy) -> Finding:
    """No lead's frequency in controls is audit.external_z_max standard errors or more from that of
    the external table: their calls, or their descent, would be others.
    """
    if work.study.external_frequency is None:
        why = "the study names no external table"
    else:
        why = "not in the table, no control called, or never seen by a table of unknown size"
    return _told(
        work,
        "external_z",
        lambda z: z.abs() >= work.study.audit.external_z_max,
        ("are far from the external table in controls", "z {:.1f}"),
        why=why,
    )


def _is_small(work: OpenStudy) -> _Judge:
    return lambda p_value: p_value <= work.study.audit.control_p_max


def _told(
    work: OpenStudy, column: str, is_told: _Judge, words: tuple[str, str], *, why: str = ""
) -> Finding:
    """Finding of the leads whose number in a column is told, and how many have none, and why.

    Of several genetic models the smallest number stands: only P values differ by model.
    """
    leads, (what, number) = work.lake.frame("result.lead_variant"), words
    n_lead = len(leads[_KEY].drop_duplicates())
    known = leads.dropna(subset=[column]).groupby(_KEY, sort=False)[column].min()
    told = known[is_told(known)].reset_index()
    lines = [
        f"{row['contrast']}: {row['variant_id']} {number.format(row[column])}"
        for row in told.to_dict("records")
    ]
    n_unjudged = n_lead - len(known)
    found = none_of(len(told), n_lead, f"leads {what}", n_unjudged=n_unjudged)
    unjudged = f"{n_unjudged} could not be judged" + (f": {why}" if why else "")
    said = [found.description, *([unjudged] if n_unjudged else []), *lines]
    return Finding(found.passed, "; ".join(said), found.metadata)
