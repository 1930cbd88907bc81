"""Adjusted: the scan of a contrast with covariates, block by block."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.adjusted_association import Refinement, adjusted_evidence
from alsrev_dagster.stats.association import exact_method
from alsrev_dagster.stats.logistic_null import NullModel
from alsrev_dagster.stats.tally import counts_over_strata, group_counts, sides_by_stratum
from alsrev_dagster.vocabulary import table
from assets.audit import mark_of
from assets.covariates import covariate_model, covariate_names
from assets.reading import (
    member_genotypes,
    members_of,
    passing_blocks,
    sample_axis,
    sides_of,
)


def write_adjusted(work: OpenStudy, contrast: str, chromosomes: Sequence[str]) -> dict[str, int]:
    """Write the rows of a contrast with covariates; return how many of each chromosome."""
    member = members_of(work, contrast)
    model = covariate_model(work, contrast, member)
    return {
        chrom: work.lake.write_frames(
            "result.association", _rows(work, contrast, chrom, model), f"{chrom}/{contrast}"
        )
        for chrom in chromosomes
    }


def _rows(work: OpenStudy, contrast: str, chrom: str, model: NullModel) -> Iterator[pd.DataFrame]:
    """Rows of one chromosome, the genetic models of a variant together."""
    member, rule = members_of(work, contrast), work.study.association
    refinement = Refinement(rule.refine_p_max, rule.interval_p_max)
    groups, names = sides_of(work, member), pd.Index(sample_axis(work).sample_id)
    place = names.get_indexer(pd.Index(member["sample_id"]))
    for block, passes in passing_blocks(work, [chrom]):
        genotype = block.genotype[passes]
        called = group_counts(genotype, groups), genotype[:, place]
        frame = _block(work, contrast, model, called, refinement)
        variant_id = block.variant.loc[passes, "variant_id"].to_numpy()
        yield _placed(frame, variant_id)


def refitted(work: OpenStudy, contrast: str, variant_id: Sequence[str]) -> pd.DataFrame:
    """Rows of some variants, each with Firth's test and its interval whatever the screen said."""
    member = members_of(work, contrast)
    everyone, is_case = np.ones(len(member), np.bool_), member["is_case"].to_numpy(np.bool_)
    groups = sides_by_stratum(everyone, is_case, member["stratum"].to_numpy(dtype=object))
    genotype, model = (
        member_genotypes(work, contrast, variant_id),
        covariate_model(work, contrast, member),
    )
    called = group_counts(genotype, groups), genotype
    frame = _block(work, contrast, model, called, Refinement(1.0, 1.0, is_wanted=True))
    return _placed(frame, np.asarray(variant_id, dtype=object))


def _block(
    work: OpenStudy,
    contrast: str,
    model: NullModel,
    called: tuple[NDArray[np.int64], NDArray[np.uint8]],
    refinement: Refinement,
) -> pd.DataFrame:
    """Rows of one block: ``called`` are its tables by stratum and the members' codes."""
    tables, genotype = called
    counts = tables[:, 0, :, :3], tables[:, 1, :, :3]
    parts = []
    for genetic_model in work.study.association.genetic_models:
        found, method = adjusted_evidence(model, genotype, counts, genetic_model, refinement)
        parts.append(
            pd.DataFrame(counts_over_strata(tables)).assign(
                genetic_model=genetic_model,
                method=method,
                exact_method=exact_method(genetic_model, tables.shape[2]),
                **vars(found),
            )
        )
    return pd.concat(parts).assign(
        contrast=contrast,
        covariates=covariate_names(work, contrast),
        analysis_set_hash=members_of(work, contrast)["analysis_set_hash"].iloc[0],
        **mark_of(work, contrast),
    )


def _placed(frame: pd.DataFrame, variant_id: NDArray[np.object_]) -> pd.DataFrame:
    """Rows with their variants, the genetic models of a variant together."""
    ordered = frame.assign(variant_id=variant_id[frame.index]).sort_index(kind="stable")
    return ordered.reset_index(drop=True)[list(table("result.association").column_names)]
