"""Lead condition: each lead tested again, given the best other lead of its neighbourhood."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.conditional import conditional_p
from alsrev_dagster.stats.genetic_model import SCORE
from assets.covariates import covariate_design
from assets.reading import member_genotypes, members_of

_COLUMNS = {
    "contrast": "string",
    "variant_id": "string",
    "genetic_model": "string",
    "conditioned_on": "string",
    "conditional_p_value": "float64",
}


def conditional(work: OpenStudy, leads: pd.DataFrame) -> pd.DataFrame:
    """Rows of contrast, variant_id, genetic_model, conditioned_on, conditional_p_value; none of a
    lead that has no other near it.
    """
    rows = [
        (contrast, *row)
        for contrast, mine in leads.groupby("contrast", sort=False)
        for row in _of_contrast(work, str(contrast), mine)
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)


def _of_contrast(
    work: OpenStudy, contrast: str, leads: pd.DataFrame
) -> Iterator[tuple[str, str, str, float]]:
    neighbour = _neighbours(leads, work.study.association.conditional_bp)
    if not neighbour:
        return
    member, variants = members_of(work, contrast), sorted({*neighbour, *neighbour.values()})
    code = dict(zip(variants, member_genotypes(work, contrast, variants), strict=True))
    design = covariate_design(work, contrast, member)
    models = [str(model) for model in dict.fromkeys(leads["genetic_model"]) if model in SCORE]
    for variant, other in neighbour.items():
        found = conditional_p(design, code[variant], code[other], models)
        for model, p_value in zip(models, found, strict=True):
            yield variant, model, other, float(p_value)


def _neighbours(leads: pd.DataFrame, window_bp: int) -> dict[str, str]:
    """Of each lead the best other one on its chromosome within the window, where there is one."""
    best = leads.groupby("variant_id", sort=True)["p_value"].min().sort_values(kind="stable")
    place = {str(v): (str(v).split("-")[0], int(str(v).split("-")[1])) for v in best.index}
    found = {}
    for variant, (chrom, pos) in place.items():
        near = (
            other
            for other, (on, at) in place.items()
            if other != variant and on == chrom and np.abs(at - pos) <= window_bp
        )
        other = next(near, None)
        if other is not None:
            found[variant] = other
    return found
