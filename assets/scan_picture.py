"""Pictures of a scan: observed against expected P values, and P values along the genome."""

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.inflation import lambda_gc
from assets.reading import scan


def qq_picture(work: OpenStudy) -> object:
    """QQ plot of the first contrast, first genetic model."""
    from alsrev_dagster.figures.qq import qq

    frame = scan(work, next(iter(work.study.contrasts)))
    return qq(frame, lambda_gc(frame["p_value"].to_numpy()), simulated=work.study.simulated)


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
