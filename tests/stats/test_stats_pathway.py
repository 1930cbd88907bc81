"""Pathways: LD stays in the null distribution, the regression is least squares."""

import numpy as np
import pytest
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.labelings import Labelings, labelings
from alsrev_dagster.stats.pathway import (
    Genes,
    gene_z,
    pathway_test,
)
from alsrev_dagster.stats.set_null import set_null
from alsrev_dagster.stats.set_statistics import set_statistics
from tests.stats.made_sets import made_gene, made_labels

RNG = np.random.default_rng
N_GENE = 30


def genes_of(rng: np.random.Generator, n: int = N_GENE) -> Genes:
    name = np.array([f"G{i}" for i in range(n)])
    return Genes(
        name, rng.gamma(2, 1e4, n), rng.integers(1, 40, n).astype(float), np.arange(n) // 5
    )


def drawn(rng: np.random.Generator, m: int = 400) -> tuple[Labelings, NDArray[np.float64]]:
    """Scores of genes that no label knows, neighbours in LD."""
    labels = Labelings(np.arange(1), np.zeros((m, 1), dtype=bool), np.full(m, 1 / m), False)
    value = rng.normal(size=(m, N_GENE))
    value[:, 1::5] = 0.9 * value[:, ::5] + 0.4 * value[:, 1::5]
    return labels, gene_z(labels, value)


def test_self_contained_counts_the_labelings_whose_sum_is_as_large() -> None:
    rng = RNG(1)
    labels, z = drawn(rng)
    member = np.arange(N_GENE) < 6
    found = pathway_test(labels, z, member, genes_of(rng))
    total = z[:, :6].sum(axis=1)
    assert found.self_contained_p == pytest.approx((total >= total[0] - 1e-9).mean())
    assert (found.n_gene, found.n_gene_other, found.n_gene_untested) == (6, 24, 0)


def test_competitive_is_generalised_least_squares() -> None:
    rng = RNG(2)
    labels, z = drawn(rng)
    genes, member = genes_of(rng), np.arange(N_GENE) % 3 == 0
    found = pathway_test(labels, z, member, genes)
    correlation = 0.95 * np.corrcoef(z.T) * (genes.block[:, None] == genes.block)
    np.fill_diagonal(correlation, 1)
    root = np.linalg.inv(np.linalg.cholesky(correlation))
    design = np.column_stack(
        [np.ones(N_GENE), member, np.log(genes.length_bp), np.log(genes.n_variant)]
    )
    beta, residual, _, _ = np.linalg.lstsq(root @ design, root @ z[0], rcond=None)
    inverse = np.linalg.inv((root @ design).T @ (root @ design))
    error = (residual[0] / (N_GENE - 4) * inverse[1, 1]) ** 0.5
    assert found.competitive_beta == pytest.approx(beta[1], rel=1e-9)
    assert found.competitive_standard_error == pytest.approx(error, rel=1e-9)


def test_both_tests_are_calibrated_under_ld() -> None:
    rng = RNG(3)
    member, found = np.arange(N_GENE) < 10, []
    for _ in range(200):
        labels, z = drawn(rng, m=200)
        test = pathway_test(labels, z, member, genes_of(rng))
        found.append([test.self_contained_p, test.competitive_p, test.competitive_resampled_p])
    passed = (np.array(found) <= 0.1).mean(axis=0)
    assert ((passed > 0.03) & (passed < 0.17)).all(), passed


def test_a_signal_everywhere_is_self_contained_and_not_competitive() -> None:
    rng = RNG(4)
    labels, z = drawn(rng)
    z[0] += 1.5
    found = pathway_test(labels, z, np.arange(N_GENE) < 10, genes_of(rng))
    assert found.self_contained_p < 0.01
    assert found.competitive_p > 0.05
    z[0, :10] += 1.5
    more = pathway_test(labels, z, np.arange(N_GENE) < 10, genes_of(RNG(4)))
    assert more.competitive_p < 0.01
    assert more.competitive_beta > found.competitive_beta


def test_genes_without_a_varying_variant_are_left_out_and_counted() -> None:
    rng = RNG(6)
    labels, z = drawn(rng)
    z[:, [0, 20]] = 0.0
    found = pathway_test(labels, z, np.arange(N_GENE) < 4, genes_of(rng))
    assert (found.n_gene, found.n_gene_untested, found.n_gene_other) == (3, 1, 25)
    few = pathway_test(labels, z, np.arange(N_GENE) < 2, genes_of(rng))
    assert np.isnan(few.competitive_p)
    assert few.n_gene == 1


def test_genes_of_samples_share_their_labelings() -> None:
    rng = RNG(7)
    null = set_null(made_labels(rng))
    parts = [made_gene(rng, n_variant=4) for _ in range(12)]
    everyone = np.ones(len(null.is_case), dtype=np.bool_)
    labels = labelings(null, everyone, n_draw=199, rng=rng)
    statistic = np.column_stack(
        [set_statistics(part, np.ones(part.mac.size), null, labels).omnibus for part in parts]
    )
    found = pathway_test(labels, gene_z(labels, statistic), np.arange(12) < 5, genes_of(rng, 12))
    assert 1 / 200 <= found.self_contained_p <= 1
    assert 0 < found.competitive_p < 1


def test_pathways_that_cannot_be_tested_are_refused() -> None:
    rng = RNG(8)
    labels, z = drawn(rng)
    genes, none = genes_of(rng), np.zeros(N_GENE, dtype=bool)
    with pytest.raises(InputDataError, match="none of 30 genes is of the pathway: expected at"):
        pathway_test(labels, z, none, genes)
    with pytest.raises(InputDataError, match="z has 29 genes, is_member 30 and the genes' cov"):
        pathway_test(labels, z[:, 1:], ~none, genes)
    short = Genes(genes.name, np.zeros(N_GENE), genes.n_variant, genes.block)
    with pytest.raises(InputDataError, match=r"smallest gene length or count of variants is 0\.0"):
        pathway_test(labels, z, ~none, short)
