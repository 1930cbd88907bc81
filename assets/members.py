"""Members: samples of each contrast's cohorts, before relatives and ancestry are looked at."""

import pandas as pd

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.queries import read_query

_READS = ["core.sample_trait", "core.sample_qc"]


def members(work: OpenStudy, *, besides_contrasts: bool = False) -> pd.DataFrame:
    """Rows of comparison/member; with those of the cohorts that no contrast names, if asked."""
    sides = [
        (name, cohort, is_case, "ancestry" in contrast.strata, "sex" in contrast.strata)
        for name, contrast in work.study.contrasts.items()
        for is_case, cohorts in ((True, contrast.cases), (False, contrast.controls))
        for cohort in cohorts
    ]
    if besides_contrasts:
        sides += [("", cohort, False, False, False) for cohort in work.study.unused_cohorts]
    columns = ["contrast", "cohort", "is_case", "by_ancestry", "by_sex"]
    excluded = pd.DataFrame(work.study.excluded_samples.items(), columns=["sample_id", "reason"])
    return read_query(
        work.lake,
        "comparison/member",
        _READS,
        {
            "contrast_cohort": pd.DataFrame(sides, columns=columns),
            "excluded_sample": excluded.astype("string"),
        },
    )
