"""Where variants lie: the nearest gene, genes' bodies, and the pseudo-autosomal regions of chrX."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.ingest.genome_build import (
    PSEUDOAUTOSOMAL_X,
    PSEUDOAUTOSOMAL_Y,
    genes,
)


def nearest_gene(variant_ids: Iterable[str], build: str) -> pd.DataFrame:
    """Rows of variant_id, gene, gene_distance_bp, genes_overlapping; NULL where there is none.

    The gene whose interval is nearest, 0 bp inside it; of several, the one that starts
    first; and all that the position lies in. Protein-coding genes of GENCODE v32 only.
    """
    by_chrom = {str(chrom): frame for chrom, frame in genes(build).groupby("chrom")}
    rows = []
    for variant_id in variant_ids:
        chrom, pos = variant_id.split("-")[:2]
        rows.append((variant_id, *_nearest(by_chrom.get(chrom), int(pos))))
    types = {
        "variant_id": "string",
        "gene": "string",
        "gene_distance_bp": "Int64",
        "genes_overlapping": "string",
    }
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def _nearest(intervals: pd.DataFrame | None, pos: int) -> tuple[str | None, int | None, str | None]:
    if intervals is None:
        return None, None, None
    before, after = intervals["start"] - pos, pos - intervals["end"]
    distance = np.maximum(np.maximum(before, after), 0)
    near = intervals.assign(distance=distance).sort_values(["distance", "start", "gene"])
    best, inside = near.iloc[0], near.loc[near["distance"] == 0, "gene"]
    return str(best["gene"]), int(best["distance"]), ", ".join(inside.astype(str)) or None


def gene_bodies(build: str) -> pd.DataFrame:
    """Rows of chrom, gene, start, end: a row a symbol and chromosome, in the list's order.

    A symbol that GENCODE gives to two genes of one chromosome spans both: their variants are
    tested together. Genes of the pseudo-autosomal regions stand on X and on Y.
    """
    by_symbol = genes(build).groupby(["chrom", "gene"], sort=False, as_index=False)
    return by_symbol.agg(start=("start", "min"), end=("end", "max"))


def is_x_outside_par(chrom: str, pos: "pd.Series[int]", build: str) -> NDArray[np.bool_]:
    """Whether each position is on chrX outside its pseudo-autosomal regions."""
    return _outside(chrom == "chrX", pos, PSEUDOAUTOSOMAL_X[build])


def is_y_outside_par(chrom: str, pos: "pd.Series[int]", build: str) -> NDArray[np.bool_]:
    """Whether each position is on chrY outside its pseudo-autosomal regions."""
    return _outside(chrom == "chrY", pos, PSEUDOAUTOSOMAL_Y[build])


def _outside(
    is_here: bool, pos: "pd.Series[int]", regions: tuple[tuple[int, int], ...]
) -> NDArray[np.bool_]:
    outside: NDArray[np.bool_] = np.full(len(pos), is_here)
    for start, end in regions:
        outside &= ~pos.between(start, end).to_numpy()
    return outside
