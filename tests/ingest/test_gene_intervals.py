"""Nearest genes and pseudo-autosomal regions, against coordinates printed elsewhere."""

import pandas as pd
import pytest

from alsrev_dagster.ingest.gene_intervals import is_x_outside_par, nearest_gene


@pytest.mark.parametrize(
    ("build", "variant_id", "gene", "distance"),
    [
        # GENCODE v32: IGFBP7 is 4:57,030,773-57,110,385 on GRCh38, 57,896,939-57,976,551 on GRCh37.
        ("GRCh38", "chr4-57110321-G-A", "IGFBP7", 0),
        ("GRCh38", "chr4-57110385-G-A", "IGFBP7", 0),
        ("GRCh38", "chr4-57110386-G-A", "IGFBP7", 1),
        ("GRCh37", "chr4-57976552-G-A", "IGFBP7", 1),
        # GRIP1 begins at 66,347,431, inside HELB, which begins first.
        ("GRCh38", "chr12-66347431-A-C", "HELB", 0),
        ("GRCh38", "chr12-67069162-A-C", "GRIP1", 0),
    ],
)
def test_the_nearest_gene_is_found_with_its_distance(
    build: str, variant_id: str, gene: str, distance: int
) -> None:
    row = nearest_gene([variant_id], build).iloc[0]
    assert (row["gene"], row["gene_distance_bp"]) == (gene, distance)


def test_a_chromosome_without_genes_gives_null() -> None:
    row = nearest_gene(["chrZ-5-A-C"], "GRCh38").iloc[0]
    assert row["variant_id"] == "chrZ-5-A-C"
    assert pd.isna(row["gene"])
    assert pd.isna(row["gene_distance_bp"])


def test_x_outside_the_pseudo_autosomal_regions() -> None:
    pos = pd.Series([10_000, 10_001, 2_781_479, 2_781_480, 155_701_383])
    assert is_x_outside_par("chrX", pos, "GRCh38").tolist() == [True, False, False, True, False]
    assert not is_x_outside_par("chr4", pos, "GRCh38").any()


def test_every_gene_that_overlaps_is_named() -> None:
    # RPS10-NUDT3 is a read-through of RPS10 and NUDT3
    found = nearest_gene(["chr6-34300000-A-C", "chr4-57110321-G-A", "chr1-1-A-C"], "GRCh38")
    told = found["genes_overlapping"].tolist()
    assert {"NUDT3", "RPS10-NUDT3"} <= set(told[0].split(", "))
    assert told[1] == "IGFBP7"
    assert found["genes_overlapping"].isna().tolist() == [False, False, True]
