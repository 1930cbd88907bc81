"""Pathway: sets of genes, as a GMT file names them, and whether a set carries a signal."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.files import file_sha256
from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.ingest import tables
from alsrev_dagster.ingest.gene_intervals import gene_bodies
from alsrev_dagster.ingest.set_files import study_gene_sets
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.labelings import Labelings, labelings
from alsrev_dagster.stats.pathway import Genes, PathwayTest, gene_z
from alsrev_dagster.stats.pathway import pathway_test as tested
from alsrev_dagster.stats.set_statistics import set_statistics
from alsrev_dagster.vocabulary import CHROMOSOMES, table
from assets.gene_reading import SET_TABLES, Compared, each_compared, masked, variants_by_gene

_OWNER = "statistical-genetics"
_NONE = "none"
Floats = NDArray[np.float64]


def _file(work: OpenStudy, _: str) -> Mapping[str, str]:
    name = work.study.gene_sets
    if name is None:
        return {}
    path = work.folder.root / name
    if not path.is_file():
        tables.sound(work.folder, work.inspector)  # says what is wrong with the study
    return {name: file_sha256(path)}


@table_asset(
    "raw.gene_set",
    owner="data-management",
    files=_file,
    settings=("gene_sets", "genome_build"),
    kinds=("gmt", "parquet"),
)
def gene_set(work: OpenStudy) -> pd.DataFrame:
    """The study's sets of genes, a row a gene of each; no rows without a file."""
    if work.study.gene_sets is None:
        return work.lake.empty_frame("raw.gene_set")
    tables.sound(work.folder, work.inspector)
    held = study_gene_sets(work.folder, work.study)
    rows = [
        {
            "gene_set": one.name,
            "gene": gene,
            "is_known": gene in one.genes,
            "gene_set_description": one.description or None,
            "source_file": work.study.gene_sets,
            "source_line": one.line,
        }
        for one in (held.sets if held else ())
        for gene in (*one.genes, *one.unknown)
    ]
    return pd.DataFrame(rows, columns=list(table("raw.gene_set").column_names))


@table_asset("result.pathway_test", owner=_OWNER, reads=[*SET_TABLES, "raw.gene_set"])
def pathway_test(work: OpenStudy) -> pd.DataFrame:
    """Self-contained and competitive test of each gene set, with and without the genes of
    declared loci; on labelings that all genes share.
    """
    sets = work.lake.frame("raw.gene_set")
    if sets.empty:
        return work.lake.empty_frame("result.pathway_test")
    genes = _genes(work, set(sets.loc[sets["is_known"].astype(bool), "gene"]))
    scans = [_Scan.of(one, work.study.sets.n_draw_gene_set) for one in each_compared(work)]
    for chrom in CHROMOSOMES:
        for found in variants_by_gene(work, chrom, genes[genes["chrom"] == chrom]):
            for scan in scans:
                genotypes, weights = masked(work, found, scan.compared)
                for mask, weight in weights.items():
                    is_in = ~np.isnan(weight)
                    made = set_statistics(
                        genotypes.take(is_in), weight[is_in], scan.compared.null, scan.labels
                    )
                    gene = (found.gene, found.end - found.start + 1, int(is_in.sum()), chrom)
                    scan.held.setdefault(mask, []).append((gene, made.omnibus))
    rows = [row for scan in scans for row in _rows(work, scan, sets)]
    spec = table("result.pathway_test")
    frame = pd.DataFrame(rows, columns=list(spec.column_names))
    return frame.sort_values(list(spec.key), ignore_index=True)


@dataclass(frozen=True)
class _Scan:
    """One contrast: its labelings, and by mask each gene with its omnibus in all of them."""

    compared: Compared
    labels: Labelings
    held: dict[str, list[tuple[tuple[str, int, int, str], Floats]]] = field(default_factory=dict)

    @classmethod
    def of(cls, compared: Compared, n_draw: int) -> "_Scan":
        null, labels = compared.null, compared.labels
        everyone = np.ones(len(null.is_case), dtype=np.bool_)
        return cls(compared, labelings(null, everyone, n_draw=n_draw, rng=labels))


def _genes(work: OpenStudy, members: set[str]) -> pd.DataFrame:
    """Genes of the sets, and others drawn at random among those with enough passing variants."""
    bodies = gene_bodies(work.study.genome_build)
    is_rich = pd.Series(False, index=bodies.index)
    for chrom, mine in bodies.groupby("chrom"):
        qc = work.lake.frame("core.variant_qc", ["pos", "filter_reason"], partition=str(chrom))
        pos = np.sort(qc.loc[qc["filter_reason"].isna(), "pos"].to_numpy(dtype=np.int64))
        n = np.searchsorted(pos, mine["end"], "right") - np.searchsorted(pos, mine["start"], "left")
        is_rich[mine.index] = n >= work.study.sets.n_variant_min
    is_member = bodies["gene"].isin(members)
    others = bodies[is_rich & ~is_member]
    n_drawn = min(work.study.sets.n_background_gene, len(others))
    rng = np.random.default_rng(work.study.sets.seed)
    drawn = others.iloc[np.sort(rng.choice(len(others), n_drawn, replace=False))]
    return pd.concat([bodies[is_member], drawn])


def _rows(work: OpenStudy, scan: _Scan, sets: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows of one contrast: every mask, every set, with and without declared genes of the set."""
    rule, declared = work.study.sets, [locus.gene for locus in work.study.loci.values()]
    shared = {**scan.compared.shared, "n_draw": rule.n_draw_gene_set, "seed": rule.seed}
    for mask in rule.masks:
        held = scan.held.get(mask, [])
        z, genes = _z(scan.labels, held)
        for name, rows in sets.groupby("gene_set", sort=False):
            known = set(rows.loc[rows["is_known"].astype(bool), "gene"])
            mine = [gene for gene in dict.fromkeys(declared) if gene in known]
            for left_out in _choices(mine):
                found = _of_set(scan.labels, (z, genes), known, left_out)
                is_circular, words = _circularity(genes, mine, left_out)
                yield {
                    **shared,
                    "gene_set": name,
                    "mask": mask,
                    "gene_left_out": ",".join(left_out) or _NONE,
                    "n_gene_in_file": len(rows),
                    "n_gene_unknown": len(rows) - len(known),
                    "n_gene_untested": len(known - set(left_out)) - found["n_gene"],
                    **found,
                    "is_circular": is_circular,
                    "circularity": words,
                    "method": "omnibus_drawn_labelings",
                }


def _choices(declared: list[str]) -> list[tuple[str, ...]]:
    """Leave out none, each by itself, and all together."""
    each = list(combinations(declared, 1))
    return [(), *each, *([tuple(declared)] if len(declared) > 1 else [])]


def _z(
    labels: Labelings, held: list[tuple[tuple[str, int, int, str], Floats]]
) -> tuple[Floats, Genes]:
    """Normal score of each gene in each labeling, and what the competitive test adjusts for."""
    name, length, n_variant, chrom = (
        zip(*(gene for gene, _ in held), strict=True) if held else ((), (), (), ())
    )
    statistic = np.array([omnibus for _, omnibus in held]).reshape(-1, len(labels.probability)).T
    genes = Genes(
        np.array(name, dtype=np.str_),
        np.array(length, dtype=np.float64),
        np.array(n_variant, dtype=np.float64),
        np.array([CHROMOSOMES.index(c) for c in chrom], dtype=np.int64),
    )
    return (gene_z(labels, statistic) if held else statistic), genes


def _of_set(
    labels: Labelings, held: tuple[Floats, Genes], known: set[str], left_out: tuple[str, ...]
) -> dict[str, Any]:
    """What the tests say of one set without some genes; nothing where no gene was tested."""
    z, genes = held
    kept = ~np.isin(genes.name, list(left_out))
    is_member = np.isin(genes.name[kept], list(known))
    rest = Genes(genes.name[kept], genes.length_bp[kept], genes.n_variant[kept], genes.block[kept])
    if not is_member.any():
        return {"n_gene": 0, "n_gene_other": int(kept.sum())}
    return _columns(tested(labels, z[:, kept], is_member, rest))


def _columns(found: PathwayTest) -> dict[str, Any]:
    return {
        "n_gene": found.n_gene,
        "n_gene_other": found.n_gene_other,
        "self_contained_p_value": found.self_contained_p if found.n_gene else None,
        "competitive_p_value": found.competitive_p,
        "competitive_resampled_p_value": found.competitive_resampled_p,
        "competitive_beta": found.competitive_beta,
        "competitive_standard_error": found.competitive_standard_error,
    }


def _circularity(genes: Genes, declared: list[str], left_out: tuple[str, ...]) -> tuple[bool, str]:
    """Whether a declared gene is among those tested, and the same in words."""
    inside = [gene for gene in declared if gene not in left_out and gene in genes.name]
    if inside:
        these = ", ".join(inside)
        return True, f"{these} led to the set: with it the test is circular, only without it counts"
    if left_out:
        return False, f"without {', '.join(left_out)}, which led to the set: this row counts"
    return False, "no declared gene is among the tested genes of the set"


gene_set_has_unique_key = key_check("raw.gene_set")
pathway_test_has_unique_key = key_check("result.pathway_test")


@table_check("raw.gene_set", blocking=False)
def gene_symbols_are_known(work: OpenStudy) -> Finding:
    """Each gene of the sets is a protein-coding gene of GENCODE v32: others, renamed or of
    another kind, are left out of the tests.
    """
    frame = work.lake.frame("raw.gene_set")
    unknown = frame[~frame["is_known"].astype(bool)]
    count = Counter(unknown["gene_set"])
    lines = [f"{name}: {n}" for name, n in count.most_common(5)]
    found = none_of(len(unknown), len(frame), "genes of the sets are none of the list")
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)


@table_check("result.pathway_test")
def pathway_p_values_are_probabilities(work: OpenStudy) -> Finding:
    """Every P value is in (0, 1], and there is one of record wherever a gene was tested."""
    names = ["self_contained", "competitive", "competitive_resampled"]
    frame = work.lake.frame("result.pathway_test")
    is_wrong = frame["self_contained_p_value"].isna() & (frame["n_gene"] > 0)
    for column in (f"{name}_p_value" for name in names):
        p_value = frame[column]
        is_wrong |= p_value.notna() & ~(p_value.gt(0) & p_value.le(1))
    return none_of(int(is_wrong.sum()), len(frame), "rows have a P value that is none")


@table_check("result.pathway_test", blocking=False)
def most_genes_of_a_set_are_tested(work: OpenStudy) -> Finding:
    """At least half of the known genes of each set have enough variants under some mask."""
    frame = work.lake.frame("result.pathway_test").query("gene_left_out == 'none'")
    best = frame.sort_values("n_gene").drop_duplicates(["contrast", "gene_set"], keep="last")
    few = best[2 * best["n_gene"] < best["n_gene"] + best["n_gene_untested"]]
    lines = [
        f"{row['contrast']}, {row['gene_set']}: {row['n_gene']} of "
        f"{row['n_gene'] + row['n_gene_untested']}"
        for row in few.to_dict("records")
    ]
    found = none_of(len(few), len(best), "gene sets have less than half of their genes tested")
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)
