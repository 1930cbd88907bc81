"""Loss: what quality control leaves out, each record, variant and sample once."""

import pandas as pd

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.queries import run_query
from assets.quality import sample_rule, variant_rule
from assets.reading import first_row

_OWNER = "statistical-genetics"


def _loss_picture(work: OpenStudy) -> object:
    from alsrev_dagster.figures.waterfall import waterfall

    return waterfall(work.lake.frame("core.quality_loss"), simulated=work.study.simulated)


@table_asset(
    "core.quality_loss",
    owner=_OWNER,
    reads=["raw.callset", "raw.callset_sample", "core.variant_qc", "core.sample_qc"],
    kinds=("duckdb", "sql", "parquet"),
    picture=_loss_picture,
)
def quality_loss(work: OpenStudy) -> pd.DataFrame:
    """What quality control leaves out step by step, from the input to what passes."""
    rule = work.study.quality
    reasons = {"variant": variant_rule(rule).reasons, "sample": sample_rule(rule).reasons}
    steps = [
        (what, 10 + step, reason)
        for what, texts in reasons.items()
        for step, reason in enumerate(texts)
    ]
    excluded = pd.DataFrame({"sample_id": list(work.study.excluded_samples)}, dtype="string")
    return run_query(
        work.lake,
        "core.quality_loss",
        reads=["raw.callset", "raw.callset_sample", "core.variant_qc", "core.sample_qc"],
        parameters={
            "reason_step": pd.DataFrame(steps, columns=["what", "place", "loss_reason"]),
            "excluded_sample": excluded,
        },
    )


quality_loss_has_unique_key = key_check("core.quality_loss")


@table_check("core.quality_loss")
def losses_add_up_to_the_input(work: OpenStudy) -> Finding:
    """Each step starts with what the one before left, and the last leaves what passes quality."""
    told = first_row(
        work,
        "check/quality_loss",
        ["core.quality_loss", "raw.callset_sample", "core.variant_qc", "core.sample_qc"],
    )
    what = "steps of losses do not add up, from the input to what passes quality"
    return none_of(told["n_wrong"], told["n_step"], what)
