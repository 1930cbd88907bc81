"""Stages of ALS estimated from ALSFRS-R items: King's and MiToS.

An item that is missing makes a stage NULL only when the stage turns on it: the logic
is three-valued (Kleene), so one lost item settles a domain whatever the others are.
Stages are not forced to be monotone: people who recover go back.
"""

import pandas as pd


def kings_stage(item: pd.DataFrame) -> pd.Series:
    """King's stage 0-4 from ALSFRS-R (Balendra 2014, doi 10.3109/21678421.2014.897357).

    Stage 1-3 counts the regions involved: bulbar (items 1-3 below 12), upper limb (4 and
    5 below 8), lower limb (item 8 below 4; item 9 is not used). Stage 4 is gastrostomy
    (item 5b scored), or R1 of 0, or R3 below 4. Stage 0 is kept as 0. ``item`` has the
    columns q1..q4, q5, q6..q9, r1..r3 (Int64) and has_gastrostomy.
    """
    return _kings(item, lower_limb=item["q8"] < 4, is_failing=(item["r1"] == 0) | (item["r3"] < 4))


def kings_stage_recoded(item: pd.DataFrame, total: pd.Series) -> pd.Series:
    """King's stage with 0 recoded to 1 where something is lost: a total below 48.

    What public pipelines do with visits in which only items 6, 7, 9 or R are abnormal. NULL where
    the stage is 0 and the total unknown.
    """
    stage = kings_stage(item)
    is_zero = (stage == 0).fillna(False).astype(bool)
    return stage.mask(is_zero, (total < 48).astype("Int64"))


def kings_stage_manera(item: pd.DataFrame) -> pd.Series:
    """King's stage by another convention (Manera 2019, as public importers code it).

    Lower limb is items 8 and 9 below 8; stage 4 is gastrostomy or R1 below 4, or (ours, as in
    every convention) R3 below 4.
    """
    lower_limb = (item["q8"] < 4) | (item["q9"] < 4)
    return _kings(item, lower_limb=lower_limb, is_failing=(item["r1"] < 4) | (item["r3"] < 4))


def _kings(item: pd.DataFrame, *, lower_limb: pd.Series, is_failing: pd.Series) -> pd.Series:
    """Count the regions; 4 with a gastrostomy or failing respiration."""
    bulbar = (item["q1"] < 4) | (item["q2"] < 4) | (item["q3"] < 4)
    upper_limb = (item["q4"] < 4) | (item["q5"] < 4)
    is_four = item["has_gastrostomy"].astype("boolean") | is_failing
    stage = _count((bulbar, upper_limb, lower_limb)).mask(is_four.fillna(False).astype(bool), 4)
    return stage.mask(is_four.isna().astype(bool), pd.NA)


def mitos_stage(item: pd.DataFrame) -> pd.Series:
    """MiToS stage 0-4: one for each domain lost (Chio 2015, JNNP 86:38).

    Movement: item 8 or item 6 at most 1. Swallowing: item 3 at most 1. Communicating:
    item 1 AND item 4 at most 1. Breathing: R1 at most 1 or R3 at most 2.
    """
    movement = (item["q8"] <= 1) | (item["q6"] <= 1)
    swallowing = item["q3"] <= 1
    communicating = (item["q1"] <= 1) & (item["q4"] <= 1)
    breathing = (item["r1"] <= 1) | (item["r3"] <= 2)
    return _count((movement, swallowing, communicating, breathing))


def _count(domains: tuple[pd.Series, ...]) -> pd.Series:
    """How many are true; NULL when one is unknown."""
    first, *rest = (domain.astype("Int64") for domain in domains)
    for domain in rest:
        first = first + domain
    return first
