"""Regions of long-range LD: the published list, and the same genes inside in both builds."""

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.ingest.chromosome_lengths import LENGTHS
from alsrev_dagster.ingest.genome_build import genes
from alsrev_dagster.ingest.long_range_ld import LONG_RANGE_LD, is_in_long_range_ld

# Regions as lifted to GRCh38 elsewhere (Genomics England's siteqc, after the University of
# Michigan's list): those of the 24 that lift in one piece, both ends.
LIFTED = {
    ("chr1", 47534328, 51534328), ("chr2", 133742429, 137242430), ("chr2", 182135273, 189135274),
    ("chr3", 47458510, 49962567), ("chr3", 83450849, 86950850), ("chr5", 98664296, 101164296),
    ("chr5", 129664307, 132664308), ("chr5", 136164311, 139164311), ("chr6", 139678863, 142178863),
    ("chr8", 110987771, 113987771), ("chr12", 109062195, 111562196), ("chr20", 33412194, 35912078),
}  # fmt: skip


def test_list_has_24_regions_in_order_within_their_chromosomes() -> None:
    assert set(LONG_RANGE_LD["GRCh38"]) > LIFTED
    for build, regions in LONG_RANGE_LD.items():
        assert len(regions) == 24
        for chrom, first, last in regions:
            assert 0 < first < last < LENGTHS[build][chrom]
            assert 2e6 < last - first < 15e6


def ends_moved(chrom: str, pos: int) -> int:
    """A position of GRCh37 on GRCh38, moved as the nearest gene whose ends moved alike."""
    both = [
        frame[frame["chrom"] == chrom].drop_duplicates("gene", keep=False).set_index("gene")
        for frame in (genes("GRCh37"), genes("GRCh38"))
    ]
    joined = both[0].join(both[1], rsuffix="_new", how="inner")
    moved = joined["start_new"] - joined["start"]
    joined = joined[moved == joined["end_new"] - joined["end"]].assign(moved=moved)
    away = np.minimum((joined["start"] - pos).abs(), (joined["end"] - pos).abs())
    return int(pos + joined.loc[away.idxmin(), "moved"])


@pytest.mark.parametrize("place", range(24))
def test_ends_move_between_builds_as_the_genes_beside_them(place: int) -> None:
    old, new = (LONG_RANGE_LD[build][place] for build in ("GRCh37", "GRCh38"))
    assert old[0] == new[0]
    for before, after in zip(old[1:], new[1:], strict=True):
        assert abs(ends_moved(old[0], before) - after) <= 1


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_hla_is_inside_and_igfbp7_is_not(build: str) -> None:
    place = genes(build).drop_duplicates("gene").set_index("gene")
    for gene, expected in (("HLA-A", True), ("HLA-DRB1", True), ("IGFBP7", False)):
        row: pd.Series[int] = place.loc[gene]
        pos = np.array([row["start"], row["end"]])
        assert is_in_long_range_ld(str(row["chrom"]), pos, build).tolist() == [expected] * 2
