"""Control scan: control cohorts against one another, where nothing should be found."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.graph.assets import chromosome_asset, table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.association import exact_method, record_method, screen
from alsrev_dagster.stats.inflation import inflation
from alsrev_dagster.storage.lake import hash_of
from alsrev_dagster.storage.queries import read_query
from alsrev_dagster.storage.spread import spread
from alsrev_dagster.vocabulary import table
from assets.association import counted_tables, sound_p_values

_OWNER = "statistical-genetics"


@dataclass(frozen=True)
class ControlPair:
    """Two control cohorts, and their samples as a contrast: those of the first are its cases."""

    cohort_1: str
    cohort_2: str
    member: pd.DataFrame

    @property
    def names(self) -> dict[str, str]:
        """The two cohorts, as the tables name them."""
        return {"cohort_1": self.cohort_1, "cohort_2": self.cohort_2}

    @property
    def sizes(self) -> tuple[int, int]:
        """Samples of the first and of the second."""
        n_first = int(self.member["is_case"].sum())
        return n_first, len(self.member) - n_first

    @property
    def analysis_set_hash(self) -> str:
        """Hash of who is compared with whom."""
        rows = self.member[["sample_id", "is_case", "stratum"]].astype(str)
        return hash_of({"member": rows.sort_values("sample_id").to_numpy().tolist()})[:12]


def control_pairs(work: OpenStudy) -> Iterator[ControlPair]:
    """Every pair of control cohorts with samples in a common stratum, in the study's order."""
    frame = work.lake.frame("core.analysis_set").query("is_included and not is_case")
    used = set(frame["cohort"])
    cohorts = [c for contrast in work.study.contrasts.values() for c in contrast.controls]
    for first, second in combinations([c for c in dict.fromkeys(cohorts) if c in used], 2):
        member = _strata_alike(work, frame[frame["cohort"].isin([first, second])], first, second)
        member = member.assign(is_case=(member["cohort"] == first).astype("boolean"))
        n_side = member.groupby("stratum")["is_case"].transform("nunique")
        if (n_side == 2).any():
            yield ControlPair(first, second, member[n_side == 2])


def _strata_alike(work: OpenStudy, frame: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Samples of two cohorts, each once: in the strata of a contrast that has both, or else of
    two contrasts that are stratified alike; in one stratum where there are none.
    """
    of = {
        cohort: [n for n, c in work.study.contrasts.items() if cohort in c.controls]
        for cohort in (first, second)
    }
    common = [name for name in of[first] if name in of[second]]
    one, other = (common[0], common[0]) if common else (of[first][0], of[second][0])
    is_alike = work.study.contrasts[one].strata == work.study.contrasts[other].strata
    mine = ((frame["cohort"] == first) & (frame["contrast"] == one)) | (
        (frame["cohort"] == second) & (frame["contrast"] == other)
    )
    return frame[mine] if is_alike else frame[mine].assign(stratum="all")


def _picture(work: OpenStudy) -> object:
    """QQ plot of the first pair, first genetic model."""
    found = work.lake.frame("result.control_scan", ["cohort_1"])
    return None if found.empty else next(iter(control_qq_figures(work).values()))


@chromosome_asset(
    "result.control_scan",
    owner=_OWNER,
    reads=["raw.genotype", "raw.callset_sample", "core.variant_qc", "core.analysis_set"],
    picture=_picture,
)
def control_scan(work: OpenStudy, chromosomes: Sequence[str]) -> dict[str, Counter[str]]:
    """Every pair of control cohorts as if one were the cases: a negative control of the scan.

    What differs between controls is batch, laboratory or descent, and moves cases as well. No
    rows where the study has one control cohort.
    """
    n_row, n_model = Counter[str](), len(work.study.association.genetic_models)
    shards = []
    for place, pair in enumerate(control_pairs(work), start=1):
        shards.append(f"pair{place}")
        for tables, held in counted_tables(work, pair.member, chromosomes):
            solved = _screened(work, pair, tables)
            for chrom, blocks in held.items():
                rows = spread("result.control_scan", solved, blocks, n_row_each=n_model)
                shard = f"{chrom}/{shards[-1]}"
                n_row[chrom] += work.lake.write_batches("result.control_scan", rows, shard)
    for chrom in chromosomes:
        work.lake.keep_only("result.control_scan", chrom, shards)
    return {chrom: Counter(n_row=n_row[chrom]) for chrom in chromosomes}


def _screened(work: OpenStudy, pair: ControlPair, tables: NDArray[np.int64]) -> pd.DataFrame:
    """What is said of each table, its genetic models together; of no variant yet."""
    counts, over_strata = tables[:, :, :, :3], tables.sum(axis=2)
    shared = {
        f"{name}_{place + 1}": value
        for place in (0, 1)
        for name, value in (
            ("n_called", over_strata[:, place, :3].sum(axis=1)),
            ("allele_count", over_strata[:, place, 1] + 2 * over_strata[:, place, 2]),
        )
    }
    parts = [
        pd.DataFrame(shared).assign(
            genetic_model=model,
            method=record_method(model),
            exact_method=exact_method(model, tables.shape[2]),
            **vars(screen(counts[:, 0], counts[:, 1], model)),
        )
        for model in work.study.association.genetic_models
    ]
    frame = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
    return frame.assign(analysis_set_hash=pair.analysis_set_hash, **pair.names)


@table_asset(
    "result.negative_control",
    owner=_OWNER,
    reads=["result.control_scan", "core.analysis_set"],
)
def negative_control(work: OpenStudy) -> pd.DataFrame:
    """Inflation of the scan of each pair of control cohorts, and how many variants differ."""
    rows = [row for pair in control_pairs(work) for row in _negative_rows(work, pair)]
    return pd.DataFrame(rows, columns=list(table("result.negative_control").column_names))


def _negative_rows(work: OpenStudy, pair: ControlPair) -> list[dict[str, object]]:
    rule = work.study.association
    p_values = {model: _p_values(work, pair, model) for model in rule.genetic_models}
    n_test = sum(len(p) for p in p_values.values())
    p_max = rule.bonferroni_alpha / n_test if n_test else float("nan")
    rows = []
    for model, p_value in p_values.items():
        known = p_value[~np.isnan(p_value)]
        found = inflation(p_value, *pair.sizes)
        rows.append(
            {
                **pair.names,
                "genetic_model": model,
                "n_sample_1": found.n_case,
                "n_sample_2": found.n_control,
                "n_variant_tested": len(p_value),
                "lambda_gc": found.lambda_gc,
                "lambda_1000": found.lambda_1000,
                "bonferroni_p_max": p_max,
                "n_below_bonferroni": int((known < p_max).sum()),
                "least_p_value": known.min() if len(known) else None,
                "method": record_method(model),
                "analysis_set_hash": pair.analysis_set_hash,
            }
        )
    return rows


def _p_values(work: OpenStudy, pair: ControlPair, model: str) -> NDArray[np.float64]:
    wanted = {**pair.names, "genetic_model": model}
    frame = read_query(work.lake, "scan/control_pair", ["result.control_scan"], wanted)
    return frame["p_value"].to_numpy(dtype=np.float64)


def control_qq_figures(work: OpenStudy) -> dict[str, Any]:
    """QQ plot of each pair under the first genetic model, by the page's names."""
    from alsrev_dagster.figures.control_qq import control_qq

    model, drawn = work.study.association.genetic_models[0], dict[str, Any]()
    for pair in control_pairs(work):
        p_value = _p_values(work, pair, model)
        found = inflation(p_value, *pair.sizes)
        drawn[f"control_qq:{pair.cohort_1}:{pair.cohort_2}"] = control_qq(
            p_value,
            (found.lambda_gc, found.lambda_1000),
            cohorts=(pair.cohort_1, pair.cohort_2),
            n_sample=pair.sizes,
            genetic_model=model,
            method=record_method(model),
            simulated=work.study.simulated,
        )
    return drawn


control_scan_has_unique_key = key_check("result.control_scan")
negative_control_has_unique_key = key_check("result.negative_control")


@table_check("result.control_scan")
def control_p_values_are_probabilities(work: OpenStudy) -> Finding:
    """Every P value is in (0, 1]; one of record is missing only where the fit did not converge."""
    return sound_p_values(work, "result.control_scan")


@table_check("result.negative_control", blocking=False)
def control_cohorts_do_not_differ(work: OpenStudy) -> Finding:
    """No variant differs between two control cohorts after correction for all that are tested:
    where some do, batch, laboratory or descent makes variants differ, and so it may in cases.
    """
    frame = work.lake.frame("result.negative_control")
    by_pair = frame.groupby(["cohort_1", "cohort_2"], sort=False)
    n_wrong, n_all = int(frame["n_below_bonferroni"].sum()), int(frame["n_variant_tested"].sum())
    lines = [
        f"{first} v {second}: {', '.join(map(_said, rows.to_dict('records')))}"
        for (first, second), rows in by_pair
    ]
    found = none_of(n_wrong, n_all, "tests between control cohorts are below Bonferroni's P")
    n_cohort = len({c for contrast in work.study.contrasts.values() for c in contrast.controls})
    why = "are not both left in one stratum" if n_cohort > 1 else "is one only"
    nothing = [f"control cohorts: {n_cohort}, which {why}, so there is no negative control"]
    return Finding(
        found.passed, "; ".join([found.description, *(lines or nothing)]), found.metadata
    )


def _said(row: dict[object, object]) -> str:
    return (
        f"{row['genetic_model']} {row['n_below_bonferroni']} variants, lambda "
        f"{row['lambda_gc']:.2f}"
    )
