"""Pictures of a scan: observed against expected P values, and P values along the genome."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.calibration import MAC_STRATA, mac_stratum
from alsrev_dagster.stats.exact_null import exact_null_quantiles
from alsrev_dagster.stats.genetic_model import SCORE
from alsrev_dagster.stats.inflation import Inflation, inflation
from alsrev_dagster.stats.tally import GENOTYPES, SIDES
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


def exact_by_mac(
    work: OpenStudy, contrast: str, frame: pd.DataFrame
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Expected and observed exact P of a scan, sorted, by minor allele count; nothing where there
    are strata, whose counts the scan does not hold, or the model has no score.
    """
    model = work.study.association.genetic_models[0]
    n_stratum = compared(work).query("contrast == @contrast")["stratum"].nunique()
    if model not in SCORE or n_stratum != 1:
        return {}
    case, control = (
        frame[[f"n_{side}_{g}" for g in GENOTYPES[:3]]].to_numpy(dtype=np.int64) for side in SIDES
    )
    count, n_case = case + control, case.sum(axis=1)
    n_alt = count[:, 1] + 2 * count[:, 2]
    place = mac_stratum(np.minimum(n_alt, 2 * count.sum(axis=1) - n_alt))
    p_value = frame["exact_p_value"].to_numpy(dtype=np.float64)
    return {
        name: (
            exact_null_quantiles(count[mine], n_case[mine], SCORE[model]),
            np.sort(p_value[mine]),
        )
        for i, name in enumerate(MAC_STRATA[:-1])
        for mine in [place == i]
    }


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
