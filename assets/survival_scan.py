"""Survival scan: every variant against time to recovery and to death."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from alsrev_dagster.arrow_arrays import repeated
from alsrev_dagster.graph.assets import chromosome_asset, table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.packing import pack
from alsrev_dagster.storage.chosen_genotypes import chosen_genotypes
from alsrev_dagster.storage.queries import read_query
from alsrev_dagster.survival.cox_scan import cox_scan
from alsrev_dagster.survival.scan_genotypes import Genotypes
from alsrev_dagster.survival.scan_inflation import ScanInflation, scan_inflation
from alsrev_dagster.survival.scan_rows import scan_columns
from alsrev_dagster.vocabulary import table
from assets.permutation import outside_envelope
from assets.reading import first_row, passing_blocks, sample_axis
from assets.scanned import SCANNED_TABLES, Scanned, scanned_events
from assets.survival_picture import manhattan_picture

_OWNER = "statistical-genetics"
_SCAN = "result.survival_scan"


@chromosome_asset(
    _SCAN,
    owner=_OWNER,
    reads=["raw.genotype", "core.variant_qc", *SCANNED_TABLES],
    picture=manhattan_picture,
)
def survival_scan(work: OpenStudy, chromosomes: Sequence[str]) -> dict[str, Counter[str]]:
    """Cox score test with saddlepoint of every variant that passes quality, and Firth's Cox fit of
    the promising ones: time to recovery (cause-specific) and survival, delayed entry, strata.
    """
    people = list(scanned_events(work))
    counts = {}
    for chrom in chromosomes:
        n_row = work.lake.write_columns(_SCAN, _rows(work, people, chrom), chrom)
        counts[chrom] = Counter(n_row=n_row)
    return counts


def _rows(work: OpenStudy, people: Sequence[Scanned], chrom: str) -> Iterator[Mapping[str, object]]:
    """Columns of a chromosome, block by block, each event apart, a variant's models together."""
    rule = work.study.survival.scan
    models = pa.array(rule.genetic_models)
    for block, passes in passing_blocks(work, [chrom]):
        packed, row = block.packed[passes], np.repeat(np.flatnonzero(passes), len(models))
        named = {
            "variant_id": block.site["variant_id"].take(pa.array(row)),
            "genetic_model": models.take(pa.array(np.arange(len(row)) % len(models))),
        }
        for who in people:
            genotype = Genotypes(packed, who.place)
            found = cox_scan(
                who.null,
                genotype,
                rule.genetic_models,
                refine_p_max=rule.refine_p_max,
                joint_p_max=rule.joint_p_max,
            )
            told = scan_columns(found, rule.genetic_models)
            yield {**named, **told, **_alike(who.said, len(row))}


def _alike(said: Mapping[str, object], n: int) -> dict[str, object]:
    """What all of n rows say, as columns."""
    return {
        name: repeated(value, n) if isinstance(value, str) else np.full(n, value, dtype=object)
        for name, value in said.items()
    }


@table_asset(
    "result.survival_inflation",
    owner=_OWNER,
    reads=["raw.genotype", "core.variant_qc", *SCANNED_TABLES],
)
def survival_inflation(work: OpenStudy) -> pd.DataFrame:
    """Inflation of the survival scan on variants drawn from all, beside that of genotypes shuffled
    among the participants of a stratum.
    """
    rule, packed = work.study.survival.scan, _drawn(work)
    rows = []
    for who in scanned_events(work):
        found = scan_inflation(
            who.null,
            Genotypes(packed, who.place),
            rule.genetic_models,
            n_permutation=rule.n_permutation,
            generator=np.random.default_rng([rule.seed, *who.event.encode()]),
        )
        shared = {
            **who.said,
            "n": who.null.n,
            "n_event": who.null.n_event,
            "n_variant": len(packed),
            "n_permutation": rule.n_permutation,
            "method": "cox_score",
            "seed": rule.seed,
        }
        rows += [
            {**shared, "genetic_model": model, **_envelope(found, place)}
            for place, model in enumerate(rule.genetic_models)
        ]
    return pd.DataFrame(rows, columns=list(table("result.survival_inflation").column_names))


def _drawn(work: OpenStudy) -> NDArray[np.uint8]:
    """Packed genotypes of the variants that the inflation is of."""
    rule, axis = work.study.survival.scan, sample_axis(work)
    wanted = {"mac_min": rule.inflation_mac_min, "n_variant": rule.inflation_n_variant}
    names = read_query(work.lake, "scan/survival_drawn", ["core.variant_qc"], wanted)
    absent = {name: callset.absent_sites for name, callset in work.study.callsets.items()}
    return pack(chosen_genotypes(work.lake, axis, list(names["variant_id"]), absent))


def _envelope(found: ScanInflation, place: int) -> dict[str, object]:
    """Inflation of one genetic model, and quantiles of it under shuffles."""
    shuffled = [one[place] for one in found.permuted if not np.isnan(one[place])]
    ends = np.quantile(shuffled, [0.025, 0.5, 0.975]) if shuffled else [None] * 3
    return {
        "n_inflation_variant": found.n_variant[place],
        "lambda_gc": found.lambda_gc[place],
        **dict(zip(("lambda_lower", "lambda_median", "lambda_upper"), ends, strict=True)),
    }


survival_scan_has_unique_key = key_check(_SCAN)
survival_inflation_has_unique_key = key_check("result.survival_inflation")


@table_check(_SCAN)
def survival_p_values_are_probabilities(work: OpenStudy) -> Finding:
    """Every P value of record is in (0, 1], and every hazard ratio inside its interval."""
    found = first_row(work, "check/survival_scan", [_SCAN])
    told = "rows have a P value outside (0, 1], or a hazard ratio outside its interval"
    return none_of(found["n_wrong_number"], found["n_row"], told)


@table_check(_SCAN)
def survival_counts_add_up(work: OpenStudy) -> Finding:
    """Participants and events by genotype add up to n and n_event, no more events than people."""
    found = first_row(work, "check/survival_scan", [_SCAN])
    return none_of(found["n_wrong_count"], found["n_row"], "rows have counts that do not add up")


@table_check(_SCAN)
def every_passing_variant_is_scanned(work: OpenStudy) -> Finding:
    """Each variant that passes quality has a row for every event and genetic model."""
    found = first_row(work, "check/tested", [_SCAN, "core.variant_qc"], {"scan": _SCAN})
    n_event = sum(1 for _ in scanned_events(work))
    n_model = len(work.study.survival.scan.genetic_models)
    n_expected = found["n_passing"] * n_event * n_model
    return none_of(abs(n_expected - found["n_row"]), n_expected, "rows are missing or too many")


@table_check("result.survival_inflation", blocking=False)
def survival_scans_have_events_enough(work: OpenStudy) -> Finding:
    """Each scan rests on checks.events_per_term_min events a term (genotype and covariates)."""
    frame = work.lake.frame("result.survival_inflation").drop_duplicates("event")
    least = work.study.checks.events_per_term_min * (1 + len(work.study.survival.scan.covariates))
    few = frame[frame["n_event"] < least]
    found = none_of(len(few), len(frame), f"scans rest on fewer than {least} events")
    lines = [f"{row['event']}: {row['n_event']} of {row['n']}" for row in few.to_dict("records")]
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)


@table_check("result.survival_inflation", blocking=False)
def survival_inflation_is_what_chance_gives(work: OpenStudy) -> Finding:
    """The inflation of each scan is what shuffled genotypes give, at 5% over all scans: beyond it
    something else than chance (descent, batch, follow-up that goes with genotype) moves many
    variants.
    """
    frame = work.lake.frame("result.survival_inflation")
    return outside_envelope(frame, ["event"], factor="lambda", shuffled="genotypes")
