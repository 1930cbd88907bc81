"""Relatedness: the SNVs that tell it, pairs of relatives, and the largest set without any."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.graph.assets import chromosome_asset, table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.ingest.long_range_ld import is_in_long_range_ld
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.packing import n_byte
from alsrev_dagster.stats.kinship import DEGREES
from alsrev_dagster.stats.ld import prune
from alsrev_dagster.stats.relatedness import (
    N_PLACE_MIN,
    n_independent,
    n_place,
    n_place_needed,
    related_pairs,
)
from alsrev_dagster.stats.unrelated import largest_unrelated
from alsrev_dagster.storage.pruned_genotypes import pruned_genotypes
from alsrev_dagster.vocabulary import table
from assets.members import members
from assets.reading import AUTOSOMES, judged_blocks, sample_axis

_OWNER = "statistical-genetics"
_SAME_PERSON = 1.0
"""How close two samples of one participant are: closer than any kinship."""


def _common(work: OpenStudy, chrom: str, n_sample: int) -> tuple[pd.DataFrame, NDArray[np.uint8]]:
    """Common SNVs of an autosome that pass quality, and their packed calls; none of others."""
    site_columns = ["variant_id", "chrom", "pos"]
    sites = [work.lake.empty_frame("core.pruned_variant")[site_columns]]
    calls = [np.empty((0, n_byte(n_sample)), dtype=np.uint8)]
    columns, least = ["is_snv", "maf", "filter_reason"], work.study.quality.common_maf_min
    for block, qc in judged_blocks(work, chrom, columns) if chrom in AUTOSOMES else ():
        is_used = (qc["filter_reason"].isna() & qc["is_snv"] & (qc["maf"] >= least)).fillna(False)
        here = is_used.to_numpy(dtype=np.bool_)
        sites.append(block.variant.loc[here, site_columns])
        calls.append(block.packed[here])
    return pd.concat(sites, ignore_index=True), np.concatenate(calls)


@chromosome_asset(
    "core.pruned_variant",
    owner=_OWNER,
    reads=["raw.genotype", "raw.callset_sample", "core.variant_qc"],
)
def pruned_variant(work: OpenStudy, chromosomes: Sequence[str]) -> dict[str, Counter[str]]:
    """Common autosomal SNVs that pass quality, pruned for LD, with the calls of the used samples:
    what kinship and principal components rest on.
    """
    counts, n_sample = {}, len(sample_axis(work).sample_id)
    for chrom in chromosomes:
        site, packed = _common(work, chrom, n_sample)
        rule, pos = work.study.relatedness, site["pos"].to_numpy(dtype=np.int64)
        keep = prune(
            packed,
            n_sample,
            site["chrom"].to_numpy(dtype=str),
            pos,
            window_bp=rule.prune_window_bp,
            r2_max=rule.prune_r2_max,
        )
        is_inside = is_in_long_range_ld(chrom, pos, work.study.genome_build)
        rows = site.assign(is_in_long_range_ld=is_inside)[keep]
        rows = rows.assign(packed_used=[row.tobytes() for row in packed[keep]])
        n_row = work.lake.write("core.pruned_variant", rows, chrom)
        counts[chrom] = Counter(n_row=n_row, n_common=len(site))
    return counts


def _places(work: OpenStudy) -> pd.DataFrame:
    return work.lake.frame("core.pruned_variant", ["chrom", "pos"])


@table_asset("core.kinship", owner=_OWNER, reads=["core.pruned_variant", "raw.callset_sample"])
def kinship(work: OpenStudy) -> pd.DataFrame:
    """Pairs of samples with the kinship of the third degree or closer, by KING-robust on the pruned
    SNVs; none where these lie in too few places, no degree where strangers may pass it.
    """
    axis, places = sample_axis(work), _places(work)
    is_judged = n_place(places["chrom"], places["pos"]) >= N_PLACE_MIN
    pairs = related_pairs(
        lambda: pruned_genotypes(work.lake) if is_judged else (),
        len(axis.sample_id),
        n_independent(places["chrom"], places["pos"]),
    )
    names = np.array(axis.sample_id, dtype=object)
    return pd.DataFrame(
        {
            "sample_id_1": names[pairs.first],
            "sample_id_2": names[pairs.second],
            "n_variant": pairs.n_variant,
            "kinship": pairs.kinship,
            "relationship": pairs.relationship,
        }
    )


def _candidates(work: OpenStudy) -> pd.DataFrame:
    """Samples that quality lets into some contrast, or that are in none, with what ranks them."""
    member = members(work, besides_contrasts=True).query("quality_reason.isna()")
    return (
        member.assign(
            is_compared=member["contrast"] != "",
            is_one=1,
            call_rate=(member["call_rate"] * 1e9).round(),
        )
        .groupby(["sample_id", "participant_id"], as_index=False)[
            ["is_case", "is_compared", "is_one", "call_rate"]
        ]
        .max()
    )


def _reason(pair: pd.DataFrame, same: float) -> "pd.Series[str]":
    degree = pair["relationship"].str.replace("_", " ")
    relative = degree.fillna("close") + " relative of a sample that is used"
    return relative.mask(pair["kinship"] > same, "duplicate of a sample that is used")


def _related(work: OpenStudy, candidate: pd.DataFrame) -> pd.DataFrame:
    """Pairs of candidates of which only one may be used: places, kinship and the reason."""
    place = pd.Series(candidate.index, index=candidate["sample_id"])
    rule, same = work.study.relatedness, work.study.quality.duplicate_kinship_min
    pair = work.lake.frame("core.kinship")
    is_named = pair["relationship"].notna() & (pair["kinship"] > rule.kinship_max)
    pair = pair[is_named | (pair["kinship"] > same)]
    relatives = pd.DataFrame(
        {
            "first": pair["sample_id_1"].map(place),
            "second": pair["sample_id_2"].map(place),
            "kinship": pair["kinship"],
            "relationship": pair["relationship"],
            "reason": _reason(pair, same),
        }
    ).dropna(subset=["first", "second"])
    people = [
        (i, j, None, None, "another sample of the participant is used")
        for _, index in candidate.groupby("participant_id").groups.items()
        for i, j in combinations(index, 2)
    ]
    one = pd.DataFrame(people, columns=relatives.columns).astype(relatives.dtypes.to_dict())
    return one if relatives.empty else pd.concat([one, relatives], ignore_index=True)


@table_asset(
    "core.unrelated_sample",
    owner=_OWNER,
    reads=["core.kinship", "core.sample_trait", "core.sample_qc"],
)
def unrelated_sample(work: OpenStudy) -> pd.DataFrame:
    """Samples that pass quality, without a reason when in the largest set of which no two are of
    one participant or genome, or related: cases first, those compared, most of them, best called.
    """
    return unrelated_rows(work)


def unrelated_rows(work: OpenStudy, left_out: Iterable[str] = ()) -> pd.DataFrame:
    """Rows of core.unrelated_sample, as if some samples had not been there."""
    candidate = _candidates(work)
    candidate = candidate[~candidate["sample_id"].isin(list(left_out))].reset_index(drop=True)
    pair = _related(work, candidate)
    found = largest_unrelated(
        pair["first"].to_numpy(dtype=np.int64),
        pair["second"].to_numpy(dtype=np.int64),
        pair["kinship"].fillna(_SAME_PERSON).to_numpy(dtype=np.float64),
        candidate[["is_case", "is_compared", "is_one", "call_rate"]].to_numpy(dtype=np.int64),
    )
    why = pair.reindex(found.pair).reset_index(drop=True)
    here = np.arange(len(candidate))
    other = why["first"].where(why["first"] != here, why["second"])
    names = candidate["sample_id"].reindex(other).reset_index(drop=True)
    rows = candidate[["sample_id", "participant_id"]].assign(
        exclusion_reason=why["reason"],
        relative_sample_id=names,
        kinship=why["kinship"],
        relationship=why["relationship"],
        is_exact=found.is_exact,
    )
    return rows[list(table("core.unrelated_sample").column_names)]


pruned_variant_has_unique_key = key_check("core.pruned_variant")
kinship_has_unique_key = key_check("core.kinship")
unrelated_sample_has_unique_key = key_check("core.unrelated_sample")


@table_check("core.kinship", blocking=False)
def no_two_samples_are_one_genome(work: OpenStudy) -> Finding:
    """No pair of samples is a duplicate or an identical twin; one of two is left out."""
    pairs, places = work.lake.frame("core.kinship"), _places(work)
    n = n_place(places["chrom"], places["pos"])
    if n < N_PLACE_MIN:
        told = f"{len(places)} pruned SNVs in {n} stretches of 1 Mb (expected {N_PLACE_MIN} or more"
        return Finding(False, f"{told}): no pair was judged", {"n_place": n})
    n_sample = len(sample_axis(work).sample_id)
    duplicate = int((pairs["kinship"] > work.study.quality.duplicate_kinship_min).sum())
    n_pair = n_sample * (n_sample - 1) // 2
    n_related = int(pairs["relationship"].notna().sum())
    return none_of(duplicate, n_pair, "pairs are duplicates", n_related=n_related)


@table_check("core.kinship", blocking=False)
def relatives_are_told_from_strangers(work: OpenStudy) -> Finding:
    """Every pair with the kinship of relatives has its degree: places enough to exclude chance."""
    pairs, places = work.lake.frame("core.kinship"), _places(work)
    n = n_independent(places["chrom"], places["pos"])
    unnamed = int(pairs["relationship"].isna().sum())
    found = none_of(unnamed, len(pairs), "pairs like relatives may be strangers", n_place=n)
    needed = ", ".join(f"{n_place_needed(limit):,} to name {name}" for limit, name in DEGREES[1:])
    told = f"{found.description}: {n:,} independent places, {needed.replace('_', ' ')}"
    return Finding(found.passed, told, found.metadata)


@table_check("core.unrelated_sample")
def every_sample_left_out_has_a_relative_that_is_kept(work: OpenStudy) -> Finding:
    """A sample has a reason and the sample it is left out for, which is kept; or neither."""
    frame = work.lake.frame("core.unrelated_sample")
    kept = set(frame.loc[frame["exclusion_reason"].isna(), "sample_id"])
    is_out, named = frame["exclusion_reason"].notna(), frame["relative_sample_id"]
    wrong = (is_out != named.notna()) | (is_out & ~named.isin(kept))
    n_pruned = int((~frame["is_exact"]).sum())
    told = "samples have a reason without a relative that is kept, or the reverse"
    return none_of(int(wrong.sum()), len(frame), told, n_in_large_families=n_pruned)
