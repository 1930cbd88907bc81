"""Sets: the variants of a gene tested together."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.gene_masks import escalated_gene_test
from alsrev_dagster.stats.set_genotypes import SetGenotypes
from alsrev_dagster.stats.set_tests import SetTest
from alsrev_dagster.study_sets import EVERY_MASK
from alsrev_dagster.vocabulary import CHROMOSOMES, table
from assets.gene_reading import (
    SET_TABLES,
    Compared,
    GeneVariants,
    each_compared,
    masked,
    unnamed_genes,
    variants_by_gene,
    wanted_genes,
)

_OWNER = "statistical-genetics"
_N_SCORE_MAX = 100_000_000
"""Scores (labelings x variants) of one gene that are held, 0.8 GB: a round beyond is not made."""
_N_SHOWN = 5
"""Genes that a check names."""
_OF_BURDEN = (
    "carrier_exact_p_value",
    "allele_exact_p_value",
    "odds_ratio",
    "ci_lower",
    "ci_upper",
    "fit_status",
)


@table_asset(
    "result.set_test",
    owner=_OWNER,
    reads=[*SET_TABLES, "result.lead_variant", "raw.gene_set"],
)
def set_test(work: OpenStudy) -> pd.DataFrame:
    """Burden, SKAT, SKAT-O, ACAT-V and their omnibus of each gene under each mask, in each
    contrast; P values by moving the labels of cases within strata.
    """
    genes, compared = wanted_genes(work), each_compared(work)
    rows = [
        row
        for chrom in CHROMOSOMES
        for row in _rows(work, chrom, genes[genes["chrom"] == chrom], compared)
    ]
    return pd.DataFrame(rows, columns=list(table("result.set_test").column_names))


def _rows(
    work: OpenStudy, chrom: str, genes: pd.DataFrame, compared: list[Compared]
) -> Iterator[dict[str, object]]:
    """Rows of one chromosome, a gene in all contrasts at a time."""
    why = genes.set_index("gene")["chosen_by"]
    for found in variants_by_gene(work, chrom, genes):
        for one in compared:
            for row in _tested(work, found, one):
                yield {**one.shared, "chosen_by": why[found.gene], **row}


def _tested(work: OpenStudy, found: GeneVariants, compared: Compared) -> list[dict[str, object]]:
    """Rows of one gene in one contrast; none where no mask holds enough variants."""
    genotypes, weights = masked(work, found, compared)
    if not weights:
        return []
    rule = work.study.sets
    made = escalated_gene_test(
        genotypes,
        weights,
        compared.null,
        n_draws=_rounds(rule.n_draws, len(genotypes.maf)),
        rng=compared.labels,
    )
    first = next(iter(made.masks.values())).resampled
    drawn = {
        "gene": found.gene,
        "chrom": found.chrom,
        "gene_start": found.start,
        "gene_end": found.end,
        "n_draw": None if first.is_exact else first.n_labeling - 1,
        "seed": None if first.is_exact else rule.seed,
    }
    way = "every_labeling" if first.is_exact else "drawn_labelings"
    rows = [
        {**drawn, "mask": name, **row}
        for name, test in made.masks.items()
        for row in _of_mask(test, way)
    ]
    whole = _counts_of_all(genotypes, compared.null.is_case)
    every = {"p_value": made.omnibus_p, "asymptotic_p_value": made.cauchy_p}
    method = f"omnibus_{way}"
    return [
        *rows,
        {**drawn, "mask": EVERY_MASK, "test": "omnibus", "method": method, **whole, **every},
    ]


def _rounds(n_draws: Sequence[int], n_variant: int) -> list[int]:
    """Rounds of labelings whose scores can be held; the first is always made."""
    fits = [n for n in n_draws[1:] if (n + 1) * n_variant <= _N_SCORE_MAX]
    return [n_draws[0], *fits]


def _of_mask(test: SetTest, way: str) -> list[dict[str, object]]:
    """Rows of one mask, a test each; what is of carriers and alleles stands beside the burden."""
    record, model, carrier = test.resampled, test.model, test.model.carrier
    ratio = [np.exp(value) for value in (carrier.beta, carrier.ci_lower, carrier.ci_upper)]
    exact = model.carrier_exact_p, model.burden_exact_p
    of_burden = dict(zip(_OF_BURDEN, (*exact, *ratio, carrier.fit_status), strict=True))
    by_test: dict[str, dict[str, object]] = {
        "burden": {
            "p_value": record.burden_p,
            "asymptotic_p_value": model.burden.p_value,
            **of_burden,
        },
        "skat": {"p_value": record.skat_p, "asymptotic_p_value": model.skat.p_value},
        "skat_o": {
            "p_value": record.skat_o_p,
            "asymptotic_p_value": model.skat_o_adjusted_p,
            "skat_o_rho": record.skat_o_rho,
        },
        "acat_v": {"p_value": record.acat_v_p},
        "omnibus": {
            "p_value": record.omnibus_p,
            "asymptotic_p_value": model.cauchy_p,
            "minimum_attainable_p_value": record.smallest_p,
        },
    }
    counts = {
        "n_variant": test.counts.n_variant,
        "n_carrier_case": test.counts.n_carrier_case,
        "n_carrier_control": test.counts.n_carrier_control,
        "imputed_rate": test.counts.imputed_rate,
    }
    return [
        {"test": name, "method": f"{name}_{way}", **counts, **row} for name, row in by_test.items()
    ]


def _counts_of_all(genotypes: SetGenotypes, is_case: NDArray[np.bool_]) -> dict[str, object]:
    """Counts over the variants of every mask together."""
    carrier = genotypes.carrier
    return {
        "n_variant": len(genotypes.maf),
        "n_carrier_case": int((carrier & is_case).sum()),
        "n_carrier_control": int((carrier & ~is_case).sum()),
        "imputed_rate": genotypes.imputed_rate,
    }


set_test_has_unique_key = key_check("result.set_test")


@table_check("result.set_test")
def set_p_values_are_probabilities(work: OpenStudy) -> Finding:
    """Every P value of record is in (0, 1], and every other in [0, 1] where there is one."""
    others = ["asymptotic_p_value", "carrier_exact_p_value", "allele_exact_p_value"]
    frame = work.lake.frame("result.set_test", ["p_value", *others])
    is_wrong = ~(frame["p_value"].gt(0) & frame["p_value"].le(1))
    for name in others:
        is_wrong |= frame[name].notna() & ~frame[name].between(0, 1)
    return none_of(int(is_wrong.sum()), len(frame), "rows have a P value that is none")


@table_check("result.set_test", blocking=False)
def every_mask_holds_some_gene(work: OpenStudy) -> Finding:
    """Each mask of sets.masks holds enough variants of some gene: one that holds none was never
    tested, for the files have no such consequence, or no variant so rare.
    """
    frame = work.lake.frame("result.set_test", ["gene", "mask"])
    masks, least = work.study.sets.masks, work.study.sets.n_variant_min
    empty = [name for name in masks if not (frame["mask"] == name).any()]
    lines = [
        f"{name}: no gene has {least} variants of MAF at most {masks[name].maf_max:g}"
        + (" and such a consequence" if masks[name].consequences else "")
        for name in empty
    ]
    n_gene = frame["gene"].nunique()
    found = none_of(len(empty), len(masks), "masks left every gene empty", n_gene=n_gene)
    genes = f"{n_gene} genes tested under the others"
    return Finding(found.passed, "; ".join([found.description, *lines, genes]), found.metadata)


@table_check("result.set_test", blocking=False)
def annotation_names_the_genes(work: OpenStudy) -> Finding:
    """The input's consequences are given for the genes that are tested by them, under the symbols
    of GENCODE: a mask takes no variant of a gene that the annotation calls otherwise.
    """
    genes = wanted_genes(work)
    each = [unnamed_genes(work, chrom, genes[genes["chrom"] == chrom]) for chrom in CHROMOSOMES]
    unnamed, n_gene = [gene for names, _ in each for gene in names], sum(n for _, n in each)
    found = none_of(len(unnamed), n_gene, "annotated genes are never named by the annotation")
    if found.passed:
        return found
    shown = ", ".join(unnamed[:_N_SHOWN]) + (", and more" if len(unnamed) > _N_SHOWN else "")
    said = f"{found.description}: {shown}; annotate with symbols of GENCODE v32"
    return Finding(found.passed, said, found.metadata)
