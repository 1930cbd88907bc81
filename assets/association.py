"""Association: every variant's evidence in each contrast."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.graph.assets import chromosome_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.association import evidence, exact_method, record_method
from alsrev_dagster.stats.tally import (
    TableTally,
    counts_over_strata,
    group_counts,
)
from alsrev_dagster.storage.spread import Placed, spread
from assets.adjusted import write_adjusted
from assets.audit import mark_of
from assets.covariates import COVARIATE_TABLES
from assets.reading import first_row, members_of, passing_blocks, sides_of
from assets.scan_picture import qq_picture

_OWNER = "statistical-genetics"
_N_VARIANT_HELD = 1_000_000
"""Variants whose places are held before their rows are written."""


@chromosome_asset(
    "result.association",
    owner=_OWNER,
    reads=[
        "raw.genotype",
        "raw.callset_sample",
        "core.variant_qc",
        "core.analysis_set",
        *COVARIATE_TABLES,
        "result.confounding_mark",
    ],
    picture=qq_picture,
)
def association(work: OpenStudy, chromosomes: Sequence[str]) -> dict[str, Counter[str]]:
    """Firth and exact evidence of every variant that passes quality, for each contrast and
    genetic model; no variant is dropped for a low count.
    """
    n_row = Counter[str]()
    for name, contrast in work.study.contrasts.items():
        write = write_adjusted if contrast.covariates else _write_counted
        n_row.update(write(work, name, chromosomes))
    for chrom in chromosomes:
        work.lake.keep_only("result.association", chrom, work.study.contrasts)
    return {chrom: Counter(n_row=n_row[chrom]) for chrom in chromosomes}


def _write_counted(work: OpenStudy, contrast: str, chromosomes: Sequence[str]) -> dict[str, int]:
    """Write the rows of a contrast without covariates: each distinct table is solved once."""
    member, n_row = members_of(work, contrast), dict[str, int]()
    for tables, held in counted_tables(work, member, chromosomes):
        solved = _evidence_rows(work, contrast, member, tables)
        for chrom, blocks in held.items():
            n_model = len(work.study.association.genetic_models)
            rows = spread("result.association", solved, blocks, n_row_each=n_model)
            shard = f"{chrom}/{contrast}"
            n_row[chrom] = work.lake.write_batches("result.association", rows, shard)
    return n_row


def counted_tables(
    work: OpenStudy, member: pd.DataFrame, chromosomes: Sequence[str]
) -> Iterator[tuple[NDArray[np.int64], dict[str, list[Placed]]]]:
    """Distinct tables of some chromosomes, and each variant's place among them.

    Chromosomes are counted together until they hold a million variants: what is distinct is
    solved once, and no more than that is held at a time.
    """
    groups = sides_of(work, member)
    tally, held = TableTally.of_groups(groups), dict[str, list[Placed]]()
    for chrom in chromosomes:
        held[chrom] = [
            Placed.of(
                block.variant.loc[passes, "variant_id"],
                tally.add(group_counts(block.genotype[passes], groups)),
            )
            for block, passes in passing_blocks(work, [chrom])
        ]
        if tally.n_counted >= _N_VARIANT_HELD:
            yield tally.tables(), held
            tally, held = TableTally.of_groups(groups), {}
    yield tally.tables(), held


def _evidence_rows(
    work: OpenStudy, contrast: str, member: pd.DataFrame, tables: NDArray[np.int64]
) -> pd.DataFrame:
    """What is said of each table, its genetic models together; of no variant yet."""
    parts = [
        pd.DataFrame(counts_over_strata(tables)).assign(
            genetic_model=model,
            method=record_method(model),
            exact_method=exact_method(model, tables.shape[2]),
            **vars(evidence(tables[:, 0, :, :3], tables[:, 1, :, :3], model)),
        )
        for model in work.study.association.genetic_models
    ]
    frame = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    return frame.assign(
        contrast=contrast,
        covariates=None,
        analysis_set_hash=member["analysis_set_hash"].iloc[0],
        **mark_of(work, contrast),
    )


def sound_p_values(work: OpenStudy, scan: str) -> Finding:
    """Finding that every P value of a scan is in (0, 1], but for fits that did not converge."""
    found = first_row(work, "check/p_value", [scan], {"scan": scan})
    told = "rows have a P value outside (0, 1]"
    return none_of(found["n_wrong"], found["n_row"], told, n_not_converged=found["n_not_converged"])


association_has_unique_key = key_check("result.association")


@table_check("result.association")
def p_values_are_probabilities(work: OpenStudy) -> Finding:
    """Every P value is in (0, 1]; one of record is missing only where the fit did not converge."""
    return sound_p_values(work, "result.association")


@table_check("result.association")
def counts_add_up(work: OpenStudy) -> Finding:
    """Counts by genotype of each row add up to the cases and controls that are compared."""
    reads = ["result.association", "core.analysis_set"]
    found = first_row(work, "check/count_by_genotype", reads)
    return none_of(found["n_wrong"], found["n_row"], "rows do not add up to the analysis set")


@table_check("result.association")
def every_passing_variant_is_tested(work: OpenStudy) -> Finding:
    """Each variant that passes quality has a row for every contrast and genetic model."""
    scan = "result.association"
    found = first_row(work, "check/tested", [scan, "core.variant_qc"], {"scan": scan})
    n_contrast, n_model = len(work.study.contrasts), len(work.study.association.genetic_models)
    n_expected, n_row = found["n_passing"] * n_contrast * n_model, found["n_row"]
    return none_of(abs(n_expected - n_row), n_expected, "rows are missing or too many")
