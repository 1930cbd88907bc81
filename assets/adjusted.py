"""Adjusted: the scan of a contrast with covariates, block by block."""

from collections.abc import Iterator, Sequence

import pandas as pd

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.adjusted_association import Refinement, adjusted_evidence
from alsrev_dagster.stats.association import exact_method
from alsrev_dagster.stats.logistic_null import NullModel
from alsrev_dagster.stats.tally import counts_over_strata, group_counts
from alsrev_dagster.vocabulary import table
from assets.audit import mark_of
from assets.covariates import covariate_model, covariate_names
from assets.reading import members_of, passing_blocks, sample_axis, sides_of


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
    columns = list(table("result.association").column_names)
    refinement = Refinement(rule.refine_p_max, rule.interval_p_max)
    groups, names = sides_of(work, member), pd.Index(sample_axis(work).sample_id)
    place = names.get_indexer(pd.Index(member["sample_id"]))
    shared = {
        "contrast": contrast,
        "covariates": covariate_names(work, contrast),
        "analysis_set_hash": member["analysis_set_hash"].iloc[0],
        **mark_of(work, contrast),
    }
    for block, passes in passing_blocks(work, [chrom]):
        variant_id = block.variant.loc[passes, "variant_id"].reset_index(drop=True)
        genotype = block.genotype[passes]
        tables = group_counts(genotype, groups)
        counts = tables[:, 0, :, :3], tables[:, 1, :, :3]
        parts = []
        for genetic_model in rule.genetic_models:
            found, method = adjusted_evidence(
                model, genotype[:, place], counts, genetic_model, refinement
            )
            parts.append(
                pd.DataFrame({"variant_id": variant_id, **counts_over_strata(tables)}).assign(
                    genetic_model=genetic_model,
                    method=method,
                    exact_method=exact_method(genetic_model, tables.shape[2]),
                    **vars(found),
                )
            )
        frame = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
        yield frame.assign(**shared)[columns]
