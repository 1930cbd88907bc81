"""Pictures of a scan: observed against expected P values, and P values along the genome."""

import pandas as pd

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.inflation import Inflation, inflation
from assets.reading import compared, scan


def qq_picture(work: OpenStudy) -> object:
    """QQ plot of the first contrast, first genetic model."""
    from alsrev_dagster.figures.qq import qq

    contrast = next(iter(work.study.contrasts))
    frame = scan(work, contrast)
    found = inflation_of(work, contrast, frame)
    return qq(frame, found.lambda_gc, found.lambda_1000, simulated=work.study.simulated)


def inflation_of(work: OpenStudy, contrast: str, frame: pd.DataFrame) -> Inflation:
    """Inflation of a scan of one contrast, in the samples that it compares."""
    member = compared(work).query("contrast == @contrast")
    n_case = int(member["is_case"].sum())
    return inflation(frame["p_value"].to_numpy(), n_case, len(member) - n_case)


def manhattan_picture(work: OpenStudy) -> object:
    """Manhattan plot of the first contrast, first genetic model."""
    from alsrev_dagster.figures.manhattan import manhattan

    contrast = next(iter(work.study.contrasts))
    leads = work.lake.frame("result.lead_variant").query("contrast == @contrast")
    return manhattan(
        scan(work, contrast),
        leads,
        threshold=work.study.association.genome_wide_alpha,
        simulated=work.study.simulated,
    )
