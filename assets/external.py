"""External: the controls' allele frequencies against those of others."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

import numpy as np
import pandas as pd

from alsrev_dagster.files import file_sha256
from alsrev_dagster.graph.assets import chromosome_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.ingest import tables
from alsrev_dagster.ingest.external_frequency import Piece, pieces
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.external_frequency import frequency_z
from alsrev_dagster.vocabulary import CHROMOSOMES, table
from assets.allele_agreement import in_words, spellings

_OWNER = "statistical-genetics"
_OTHER_BUILD_SHARE = 0.1
"""Share of differing REF above which the table looks like one of another build: by chance alone
two thirds would differ."""


def _file(work: OpenStudy, _: str) -> Mapping[str, str]:
    asked = work.study.external_frequency
    if asked is None:
        return {}
    path = work.folder.root / asked.file
    if not path.is_file():
        tables.sound(work.folder, work.inspector)  # says what is wrong with the study
    return {asked.file: file_sha256(path)}


@chromosome_asset(
    "raw.external_allele",
    owner="data-management",
    reads=["raw.genotype"],
    files=_file,
    kinds=("csv", "parquet"),
)
def external_allele(work: OpenStudy, chromosomes: Sequence[str]) -> dict[str, Counter[str]]:
    """The study's table of allele frequencies of others, at the positions of its genotypes; no
    rows without one. Rows elsewhere are counted (n_elsewhere), and so are all (n_record).
    """
    counts = {chrom: Counter(n_row=0) for chrom in chromosomes}
    for chrom in chromosomes:
        work.lake.keep_only("raw.external_allele", chrom, [])
    asked = work.study.external_frequency
    if asked is None:
        return counts
    tables.sound(work.folder, work.inspector)
    found = pieces(work.folder.root / asked.file)
    for chrom, parts in groupby(found, key=attrgetter("chrom")):
        if chrom in counts:
            rows = _at_positions(work, chrom, parts, counts[chrom])
            n_row = work.lake.write_frames("raw.external_allele", rows, chrom)
            counts[chrom]["n_row"] = n_row
    return counts


def _at_positions(
    work: OpenStudy, chrom: str, parts: Iterator[Piece], count: Counter[str]
) -> Iterator[pd.DataFrame]:
    """Rows of one chromosome at positions that some genotype has."""
    pos = work.lake.frame("raw.genotype", ["pos"], partition=chrom)["pos"].to_numpy(np.int64)
    for part in parts:
        kept = part.frame[np.isin(part.frame["pos"], pos)]
        count.update(n_record=part.n_record, n_elsewhere=len(part.frame) - len(kept))
        yield kept[list(table("raw.external_allele").column_names)]


@chromosome_asset(
    "result.external_frequency",
    owner=_OWNER,
    reads=["raw.external_allele", "result.association"],
)
def external_frequency(work: OpenStudy, chromosomes: Sequence[str]) -> dict[str, Counter[str]]:
    """Allele frequency of each contrast's controls against the external table, with its z."""
    counts = {}
    for chrom in chromosomes:
        external = work.lake.frame("raw.external_allele", partition=chrom)
        work.lake.keep_only("result.external_frequency", chrom, [])
        rows = (_against(work, chrom, c, external) for c in work.study.contrasts)
        n_row = 0
        if len(external):
            n_row = work.lake.write_frames("result.external_frequency", rows, chrom)
        counts[chrom] = Counter(n_row=n_row)
    return counts


def _against(work: OpenStudy, chrom: str, contrast: str, external: pd.DataFrame) -> pd.DataFrame:
    """Rows of one chromosome and contrast, of the variants that the table has."""
    model = work.study.association.genetic_models[0]
    counted = ["n_control_hom_ref", "n_control_het", "n_control_hom_alt"]
    tested = work.lake.frame(
        "result.association",
        ["contrast", "variant_id", "genetic_model", *counted, "analysis_set_hash"],
        partition=chrom,
        where=[("contrast", "==", contrast), ("genetic_model", "==", model)],
    )
    renamed = external[["variant_id", "allele_freq", "allele_number"]].rename(
        columns={
            "allele_freq": "external_allele_freq",
            "allele_number": "external_allele_number",
        }
    )
    joined = tested.merge(renamed, on="variant_id")
    n = joined[counted].to_numpy(dtype=np.int64)
    number, count = 2 * n.sum(axis=1), n[:, 1] + 2 * n[:, 2]
    number_known = joined["external_allele_number"].to_numpy(dtype=np.float64, na_value=np.nan)
    freq = joined["external_allele_freq"].to_numpy(dtype=np.float64)
    asked = work.study.external_frequency
    made = joined.assign(
        n_control_called=n.sum(axis=1),
        allele_count=count,
        allele_number=number,
        allele_freq=pd.Series(count / np.where(number > 0, number, 1)).where(number > 0),
        external_ancestry=asked.ancestry if asked else "",
        external_z=frequency_z(count, number, freq, number_known),
    )
    return made[list(table("result.external_frequency").column_names)]


external_allele_has_unique_key = key_check("raw.external_allele")
external_frequency_has_unique_key = key_check("result.external_frequency")


@table_check("raw.external_allele", blocking=False)
def external_alleles_agree(work: OpenStudy) -> Finding:
    """The external table has the study's variants with the same REF, on the same build."""
    if work.study.external_frequency is None:
        return Finding(True, "the study names no external table")
    known = [chrom for chrom in CHROMOSOMES if work.lake.files("raw.external_allele", chrom)]
    reads = ["raw.genotype", "raw.external_allele"]
    count = spellings(work, "check/external_agreement", reads, known)
    n_shared = count.pop("n_shared", 0)
    n_wrong, n_all = count.total(), count.total() + n_shared
    lines = in_words(count)
    if n_all == 0 or n_wrong > _OTHER_BUILD_SHARE * n_all:
        lines.append(f"the table looks like one of another build than {work.study.genome_build}")
    what = "variants of the external table differ in REF from the study's"
    numbers = {"n_shared": n_shared, **count}
    found_words = none_of(n_wrong, n_all, what, **numbers)
    passed = found_words.passed and n_all > 0
    return Finding(passed, "; ".join([found_words.description, *lines]), found_words.metadata)


@table_check("result.external_frequency", blocking=False)
def controls_have_the_external_frequency(work: OpenStudy) -> Finding:
    """No variant's frequency in controls is audit.external_z_max standard errors or more from the
    external one; many that are mean other descent, or other calls.
    """
    asked, z_max = work.study.external_frequency, work.study.audit.external_z_max
    if asked is None:
        return Finding(True, "the study names no external table")
    frame = work.lake.frame("result.external_frequency", ["contrast", "external_z"])
    known = frame.dropna(subset=["external_z"])
    far = known[known["external_z"].abs() >= z_max]
    n_far = far.groupby("contrast", sort=False).size()
    lines = [f"{contrast}: {n} variants" for contrast, n in n_far.items()]
    what = f"frequencies in controls are {z_max:g} standard errors or more from {asked.ancestry}'s"
    found = none_of(len(far), len(known), what)
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)
