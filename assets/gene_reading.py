"""Gene reading: which genes are tested and why, their variants, and what makes a set of them."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.annotation import by_gene
from alsrev_dagster.ingest.gene_intervals import gene_bodies, nearest_gene
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.packing import MISSING
from alsrev_dagster.stats.labelings import shared_labels
from alsrev_dagster.stats.set_genotypes import SetGenotypes, set_genotypes
from alsrev_dagster.stats.set_null import SetNull, set_null
from alsrev_dagster.stats.set_weights import (
    beta_weight,
    equal_weight,
    in_mask,
    madsen_browning_weight,
)
from alsrev_dagster.storage.genotypes import GenotypeBlock
from assets.audit import mark_of
from assets.covariates import COVARIATE_TABLES, covariate_names, covariate_values
from assets.reading import members_of, passing_blocks, sample_axis

SET_TABLES = (
    "raw.genotype",
    "raw.callset_sample",
    "core.variant_qc",
    "core.analysis_set",
    *COVARIATE_TABLES,
    "result.confounding_mark",
)
"""What a test of a set of variants is made from."""
_WEIGHT = {
    "beta": beta_weight,
    "madsen_browning": madsen_browning_weight,
    "equal": equal_weight,
}
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Compared:
    """A contrast as a set test takes it."""

    contrast: str
    place: NDArray[np.int64]
    """Of each sample of the null model on the axis of the genotypes."""
    null: SetNull
    labels: Mapping[int, NDArray[np.bool_]]
    """Random labels of each round, which all genes share."""
    shared: Mapping[str, object]
    """Columns that every row of the contrast has."""


@dataclass(frozen=True)
class GeneVariants:
    """Variants of one gene's body that pass quality, in every used sample."""

    gene: str
    chrom: str
    start: int
    end: int
    genotype: NDArray[np.uint8]
    """Codes 0-3, shape (n_variant, n_sample)."""
    consequence: NDArray[np.str_]
    """Terms that concern this gene; empty where there are none, or no mask asks."""


def each_compared(work: OpenStudy) -> list[Compared]:
    """Contrasts that compare somebody, with their null model of strata and covariates."""
    names = pd.Index(sample_axis(work).sample_id)
    found = []
    for contrast in work.study.contrasts:
        member = members_of(work, contrast)
        if len(member):
            place = names.get_indexer(pd.Index(member["sample_id"])).astype(np.int64)
            shared = {
                "contrast": contrast,
                "n_case": int(member["is_case"].sum()),
                "n_control": int((~member["is_case"].astype(bool)).sum()),
                "covariates": covariate_names(work, contrast),
                "analysis_set_hash": member["analysis_set_hash"].iloc[0],
                **mark_of(work, contrast),
            }
            null = _null(work, contrast, member)
            found.append(Compared(contrast, place, null, _labels(work, null), shared))
    return found


def _labels(work: OpenStudy, null: SetNull) -> dict[int, NDArray[np.bool_]]:
    rule = work.study.sets
    rounds = sorted({*rule.n_draws, rule.n_draw_gene_set})
    return shared_labels(null, rounds, np.random.default_rng(rule.seed))


def _null(work: OpenStudy, contrast: str, member: pd.DataFrame) -> SetNull:
    is_case = member["is_case"].to_numpy(dtype=np.bool_)
    stratum = pd.factorize(member["stratum"], sort=True)[0].astype(np.int64)
    return set_null(is_case, stratum, covariate_values(work, contrast, member))


def wanted_genes(work: OpenStudy) -> pd.DataFrame:
    """Rows of chrom, gene, start, end, chosen_by: what ``sets.genes`` asks for."""
    bodies = gene_bodies(work.study.genome_build)
    leads = work.lake.frame("result.lead_variant", ["variant_id", "is_declared"])
    found = leads.loc[~leads["is_declared"].astype(bool), "variant_id"].unique()
    members = work.lake.frame("raw.gene_set", ["gene", "is_known"])
    why = {
        "declared_locus": {locus.gene for locus in work.study.loci.values()},
        "lead": set(nearest_gene(found, work.study.genome_build)["gene"].dropna()),
        "gene_set": set(members.loc[members["is_known"].astype(bool), "gene"]),
    }
    if work.study.sets.genes == "all":
        why["all"] = set(bodies["gene"])
    chosen = bodies["gene"].map(
        {
            gene: ",".join(name for name, genes in why.items() if gene in genes)
            for gene in set[str]().union(*why.values())
        }
    )
    return bodies.assign(chosen_by=chosen).dropna(subset=["chosen_by"])


def variants_by_gene(work: OpenStudy, chrom: str, genes: pd.DataFrame) -> Iterator[GeneVariants]:
    """Genes of one chromosome with the variants of their bodies; those without any are left out.

    The chromosome is read once; variants are held as long as a gene that has them is unfinished.
    """
    waiting = genes.sort_values(["start", "end", "gene"]).to_dict("records")
    held: list[_Held] = []
    terms = _terms(work, chrom)
    for block, passes in passing_blocks(work, [chrom]) if waiting else ():
        held.append(_Held.of(block, passes & _in_some(block.pos, waiting)))
        last = int(block.pos[-1])
        done = [gene for gene in waiting if gene["end"] < last]
        yield from _finished(done, held, terms)
        waiting = [gene for gene in waiting if gene["end"] >= last]
        first = min((gene["start"] for gene in waiting), default=last)
        held = [part for part in held if part.last >= first]
    yield from _finished(waiting, held, terms)


@dataclass(frozen=True)
class _Held:
    """Variants of a block that some gene still needs."""

    variant_id: NDArray[np.object_]
    pos: NDArray[np.int64]
    genotype: NDArray[np.uint8]

    @property
    def last(self) -> int:
        return int(self.pos[-1]) if len(self.pos) else -1

    @classmethod
    def of(cls, block: GenotypeBlock, is_kept: NDArray[np.bool_]) -> "_Held":
        name = block.variant["variant_id"].to_numpy(dtype=object)[is_kept]
        # No call is unpacked for a block that no gene needs.
        kept = block.genotype[is_kept] if is_kept.any() else np.empty((0, 0), dtype=np.uint8)
        return cls(name, block.pos[is_kept], kept)


def _in_some(pos: NDArray[np.int64], genes: list[dict[Hashable, Any]]) -> NDArray[np.bool_]:
    """Whether each position lies in one of the genes."""
    change = np.zeros(len(pos) + 1, dtype=np.int64)
    start = np.array([gene["start"] for gene in genes], dtype=np.int64)
    end = np.array([gene["end"] for gene in genes], dtype=np.int64)
    np.add.at(change, np.searchsorted(pos, start, side="left"), 1)
    np.add.at(change, np.searchsorted(pos, end, side="right"), -1)
    return np.asarray(np.cumsum(change)[:-1] > 0)


def _finished(
    genes: list[dict[Hashable, Any]], held: list[_Held], terms: pd.DataFrame | None
) -> Iterator[GeneVariants]:
    for gene in genes:
        start, end, name = int(gene["start"]), int(gene["end"]), str(gene["gene"])
        inside = [(part, (part.pos >= start) & (part.pos <= end)) for part in held]
        parts = [(part, here) for part, here in inside if here.any()]
        if parts:
            variant_id = np.concatenate([part.variant_id[here] for part, here in parts])
            genotype = np.concatenate([part.genotype[here] for part, here in parts])
            of_gene = _of_gene(terms, variant_id, name)
            yield GeneVariants(name, str(gene["chrom"]), start, end, genotype, of_gene)


def _terms(work: OpenStudy, chrom: str) -> pd.DataFrame | None:
    """Consequences by gene, and place, by variant_id; None where no mask asks for any."""
    if not any(mask.consequences for mask in work.study.sets.masks.values()):
        return None
    columns = ["variant_id", "pos", "consequence_by_gene"]
    frame = work.lake.frame("raw.genotype", columns, partition=chrom)
    known = frame.dropna(subset=["consequence_by_gene"])
    return known.drop_duplicates("variant_id").set_index("variant_id")


def _of_gene(
    terms: pd.DataFrame | None, variant_id: NDArray[np.object_], gene: str
) -> NDArray[np.str_]:
    """Terms of each variant in this gene; those that the input gives for no gene at all count."""
    if terms is None:
        return np.full(len(variant_id), "", dtype=np.str_)
    known = terms.reindex(variant_id)
    named = [
        by_gene(text) if isinstance(text, str) else {} for text in known["consequence_by_gene"]
    ]
    return np.array([terms.get(gene, terms.get("", "")) for terms in named], dtype=np.str_)


def unnamed_genes(work: OpenStudy, chrom: str, genes: pd.DataFrame) -> tuple[list[str], int]:
    """Genes of one chromosome that the input's consequences name nowhere on it, and of how many:
    those with some variant in their body whose consequence is given by gene.
    """
    terms = _terms(work, chrom)
    if terms is None:
        return [], 0
    symbols = [set(by_gene(text)) - {""} for text in terms["consequence_by_gene"]]
    pos = np.sort(terms["pos"].to_numpy()[[bool(named) for named in symbols]])
    known = set[str]().union(*symbols)
    start, stop = (
        np.searchsorted(pos, genes[end] + more) for end, more in (("start", 0), ("end", 1))
    )
    annotated = [str(gene) for gene in genes["gene"][stop > start]]
    return [gene for gene in annotated if gene not in known], len(annotated)


def masked(
    work: OpenStudy, found: GeneVariants, compared: Compared
) -> tuple[SetGenotypes, dict[str, Floats]]:
    """Genotypes of the variants that some mask holds, and by mask the weight of each (NaN: out).

    A mask with fewer than ``sets.n_variant_min`` variants that vary is left out.
    """
    code = found.genotype[:, compared.place]
    is_varying = ((code == 1) | (code == 2)).any(axis=1) & (code < 2).any(axis=1)
    code = code[is_varying]
    dosage = np.where(code == MISSING, np.nan, code).T
    genotypes = set_genotypes(dosage.astype(np.float64))
    terms, weights = found.consequence[is_varying], dict[str, Floats]()
    for name, mask in work.study.sets.masks.items():
        is_in = in_mask(terms, genotypes.maf, consequences=mask.consequences, maf_max=mask.maf_max)
        if is_in.sum() >= work.study.sets.n_variant_min:
            weight = np.full(len(is_in), np.nan)
            weight[is_in] = _WEIGHT[mask.weight](genotypes.maf[is_in])
            weights[name] = weight
    none = np.zeros(len(terms), dtype=np.bool_)
    is_used = np.logical_or.reduce([none, *(~np.isnan(weight) for weight in weights.values())])
    return genotypes.take(is_used), {name: weight[is_used] for name, weight in weights.items()}
