"""External summary: summary statistics of others, and what they say of the leads."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from alsrev_dagster.files import file_sha256
from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.ingest import tables
from alsrev_dagster.ingest.summary_statistics import SummaryStatistics, read_summary_statistics
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.tally import GENOTYPES, SIDES
from alsrev_dagster.vocabulary import MARK, table

_REFUSED = "refused"
_told: dict[str, Counter[str]] = {}
"""What became of the rows of a study's files, from when they are read until it is written down."""


def _files(work: OpenStudy, _: str) -> Mapping[str, str]:
    names = [asked.file for asked in work.study.summary_statistics.values()]
    if not all((work.folder.root / name).is_file() for name in names):
        tables.sound(work.folder, work.inspector)  # says what is wrong with the study
    return {name: file_sha256(work.folder.root / name) for name in names}


def _counts(work: OpenStudy) -> Mapping[str, int]:
    return _told.pop(str(work.folder.root), Counter[str]())


@table_asset(
    "raw.summary_statistic",
    owner="data-management",
    reads=["raw.genotype"],
    files=_files,
    settings=("summary_statistics", "genome_build"),
    kinds=("tsv", "parquet"),
    counts=_counts,
)
def summary_statistic(work: OpenStudy) -> pd.DataFrame:
    """Summary statistics of others, typed, the effect allele turned to ALT; rows refused, left
    out and repaired are counted by reason. No rows where the study names no file.
    """
    asked, parts, count = work.study.summary_statistics, [], Counter[str]()
    if asked:
        tables.sound(work.folder, work.inspector)
    known = work.lake.frame("raw.genotype", ["variant_id"])["variant_id"] if asked else ()
    for source, one in asked.items():
        found = read_summary_statistics(
            work.folder.root / one.file,
            genome_build=work.study.genome_build,
            known_variants=set(known),
        )
        count.update(_by_reason(source, found))
        parts.append(found.frame.assign(source=source, source_file=one.file))
    _told[str(work.folder.root)] = count
    spec = table("raw.summary_statistic")
    if not parts:
        return work.lake.empty_frame(spec.name)
    return pd.concat(parts, ignore_index=True)[list(spec.column_names)]


def _by_reason(source: str, found: SummaryStatistics) -> dict[str, int]:
    """Rows of a file by what became of them, and why."""
    kinds = {_REFUSED: found.refused, "not wanted": found.left_out, "repaired": found.repaired}
    return {
        f"{kind}, {source}: {reason}": n
        for kind, by_reason in kinds.items()
        for reason, n in by_reason.items()
    }


@table_asset(
    "result.lead_external",
    owner="statistical-genetics",
    reads=["raw.summary_statistic", "result.lead_variant"],
)
def lead_external(work: OpenStudy) -> pd.DataFrame:
    """The estimate of others beside each lead that they have, by variant_id, and whether it goes
    the same way; ours is additive where that is tested.
    """
    leads, model = work.lake.frame("result.lead_variant"), _model(work)
    mine = leads[leads["genetic_model"] == model]
    wanted = ("variant_id", "in", sorted(set(mine["variant_id"])))
    others = work.lake.frame("raw.summary_statistic", where=[wanted] if len(mine) else None)
    renamed = others[["source", "variant_id", "effect_allele_freq"]].assign(
        **{
            f"external_{name}": others[name]
            for name in ("beta", "standard_error", "p_value", "n", "method")
        }
    )
    kept = ["contrast", "variant_id", "locus", "genetic_model", "beta", "p_value"]
    counts = {f"n_{side}": _called(mine, side) for side in SIDES}
    joined = (
        mine[[*kept, "analysis_set_hash", *MARK]].assign(**counts).merge(renamed, on="variant_id")
    )
    product = joined["beta"] * joined["external_beta"]
    direction = product.gt(0).astype("boolean").mask(product.isna() | product.eq(0))
    spec = table("result.lead_external")
    made = joined.assign(is_same_direction=direction)[list(spec.column_names)]
    return made.sort_values(list(spec.key), ignore_index=True)


def _model(work: OpenStudy) -> str:
    models = work.study.association.genetic_models
    return "additive" if "additive" in models else models[0]


def _called(leads: pd.DataFrame, side: str) -> "pd.Series[int]":
    """Samples of one side with a call."""
    return leads[[f"n_{side}_{g}" for g in GENOTYPES[:3]]].sum(axis=1).astype(np.int64)


summary_statistic_has_unique_key = key_check("raw.summary_statistic")
lead_external_has_unique_key = key_check("result.lead_external")


@table_check("raw.summary_statistic", blocking=False)
def summary_rows_fit(work: OpenStudy) -> Finding:
    """No row of the summary statistics of others was refused; those repaired are told."""
    receipt = work.lake.receipt("raw.summary_statistic")
    counts = {name: n for name, n in (receipt.counts if receipt else {}).items() if ": " in name}
    n_wrong = sum(n for name, n in counts.items() if name.startswith(_REFUSED))
    n_all = n_wrong + (receipt.n_row if receipt else 0)
    found = none_of(n_wrong, n_all, "rows were refused")
    lines = [f"{name} ({n})" for name, n in counts.items()]
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)


@table_check("result.lead_external", blocking=False)
def others_point_the_same_way(work: OpenStudy) -> Finding:
    """No lead that others found at P 0.05 goes the other way there: alleles may be swapped, the
    trait another, or the lead a chance.
    """
    frame = work.lake.frame("result.lead_external").query("external_p_value <= 0.05")
    is_other = ~frame["is_same_direction"].fillna(True).astype(bool)
    lines = [
        f"{row['contrast']}, {row['source']}: {row['variant_id']}"
        for row in frame[is_other].to_dict("records")
    ]
    found = none_of(int(is_other.sum()), len(frame), "leads go the other way in others at P 0.05")
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)
