"""Compile the loops of the statistics ahead of their first use: part of setting up.

python -m alsrev_dagster.stats.compile_kernels
"""

import numpy as np

from alsrev_dagster.packing import pack
from alsrev_dagster.stats.clump import clump_by_ld
from alsrev_dagster.stats.counts import packed_counts
from alsrev_dagster.stats.design import null_design
from alsrev_dagster.stats.exact import exact_conditional_p
from alsrev_dagster.stats.exact_odds_ratio import exact_odds_ratio
from alsrev_dagster.stats.firth import firth_logistic
from alsrev_dagster.stats.firth_model import firth_model
from alsrev_dagster.stats.hwe import hwe_exact
from alsrev_dagster.stats.kinship import king_matrix
from alsrev_dagster.stats.ld import prune, r2_within
from alsrev_dagster.stats.logistic_detail import genotypic_interval, ordinary_fit, profile_interval
from alsrev_dagster.stats.logistic_genotypic import genotypic_scan
from alsrev_dagster.stats.logistic_null import null_model
from alsrev_dagster.stats.logistic_scan import logistic_scan
from alsrev_dagster.stats.missingness import fisher_exact_p
from alsrev_dagster.stats.permutation import SmallestP
from alsrev_dagster.stats.polytomous_firth import polytomous_firth_test
from alsrev_dagster.stats.sample_tally import SampleTally, VariantKind
from alsrev_dagster.stats.samples_needed import samples_needed


def main() -> None:
    """Ask each of a small table; what that compiles is kept."""
    packed, n_sample = pack(np.array([[0, 1, 2, 3, 1], [0, 1, 1, 2, 1]], dtype=np.uint8)), 5
    chrom, pos, p_value = np.array(["chr1", "chr1"]), np.array([1, 2]), np.array([0.01, 0.02])
    king_matrix(packed, n_sample)
    prune(packed, n_sample, chrom, pos, window_bp=10, r2_max=0.5)
    r2_within(packed, n_sample, chrom, pos, window_bp=10)
    clump_by_ld(
        packed,
        n_sample,
        chrom,
        pos,
        p_value,
        lead_p_max=0.01,
        member_p_max=0.1,
        r2_above=0.5,
        window_bp=10,
    )
    counts = packed_counts(packed, np.ones((1, n_sample), dtype=np.bool_))[:, 0]
    hwe_exact(counts[:, :3])
    fisher_exact_p(counts)
    firth_logistic(counts[:1, None, :3], counts[1:, None, :3], (0, 1, 2))
    exact_odds_ratio(counts[:1, None, :3], counts[1:, None, :3], (0, 1, 2))
    samples_needed((2, 3), 0.5, 2.0, alpha=0.5, power=0.1, recruit="cases", n_most=5)
    polytomous_firth_test(counts[:1, None, None, :3].repeat(2, axis=1), (0, 1, 2))
    is_case, one = np.arange(n_sample) < 2, np.zeros(n_sample)
    SmallestP(is_case, one, labels=is_case[None], score=(0, 1, 2)).add(packed)
    exact_conditional_p(counts[:1, None, :3], counts[1:, None, :3], (0, 1, 2))
    no = np.zeros(2, dtype=np.bool_)
    model = null_model(null_design(np.arange(n_sample) < 2, np.empty((n_sample, 0)), []))
    for ask in (logistic_scan, genotypic_scan, profile_interval, genotypic_interval, ordinary_fit):
        ask(model, packed)
    firth_model(model.design)
    SampleTally(n_sample).add(packed, counts=counts, kind=VariantKind(True, no, no, no, no))


if __name__ == "__main__":
    main()
