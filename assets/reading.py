"""Reading: genotypes as blocks over all callsets, and one scan, for the assets that need them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.tally import sides_by_stratum
from alsrev_dagster.storage.chosen_genotypes import chosen_genotypes
from alsrev_dagster.storage.genotypes import GenotypeBlock, SampleAxis, genotype_blocks
from alsrev_dagster.storage.queries import read_query
from alsrev_dagster.vocabulary import CHROMOSOMES, SEX_LINKED_CHROMOSOMES

AUTOSOMES = tuple(chrom for chrom in CHROMOSOMES if chrom not in SEX_LINKED_CHROMOSOMES)


def left_out(work: OpenStudy) -> frozenset[str]:
    """Samples that weigh in nothing: under exclude, or in no row of the table of samples."""
    held = work.lake.frame("raw.callset_sample", ["sample_id", "is_listed"])
    unlisted = held.loc[~held["is_listed"].fillna(True).astype(bool), "sample_id"]
    return frozenset([*work.study.excluded_samples, *unlisted])


def with_sampling_day(work: OpenStudy) -> pd.DataFrame:
    """Participants with the earliest known sampling_day of their samples that weigh in something.

    Reads raw.participant and raw.sample.
    """
    sample = work.lake.frame("raw.sample", ["sample_id", "participant_id", "sampling_day"])
    used = sample[~sample["sample_id"].isin(list(work.study.excluded_samples))]
    earliest = used.groupby("participant_id")["sampling_day"].min()
    person = work.lake.frame("raw.participant")
    return person.assign(sampling_day=person["participant_id"].map(earliest).astype("Int64"))


def sample_axis(work: OpenStudy) -> SampleAxis:
    """Samples in the order in which blocks hold them, without those that are left out."""
    axis = SampleAxis.of(work.lake.frame("raw.callset_sample"), left_out=left_out(work))
    if not axis.sample_id:
        n_held = sum(axis.n_by_callset.values())
        raise InputDataError(
            f"samples: found none left of {n_held} in the genotype files; expected some that are "
            "in the table of samples and not under exclude; mend the table's sample_id, or exclude "
            "fewer in study.yaml"
        )
    return axis


def sides_of(work: OpenStudy, member: pd.DataFrame) -> NDArray[np.bool_]:
    """Samples of each side and stratum, shape (2, n_stratum, n_sample)."""
    names = list(sample_axis(work).sample_id)
    of_axis = member.set_index("sample_id").reindex(names)
    return sides_by_stratum(
        np.isin(names, member["sample_id"].to_numpy(dtype=str)),
        of_axis["is_case"].fillna(False).to_numpy(dtype=np.bool_),
        of_axis["stratum"].to_numpy(dtype=object),
    )


def blocks(
    work: OpenStudy, chrom: str, filters_kept: Sequence[str] = ("PASS",)
) -> Iterator[GenotypeBlock]:
    """Read one chromosome; sites that a callset lacks are what the study says."""
    if work.lake.files("raw.genotype", chrom):
        axis = sample_axis(work)
        absent = {name: callset.absent_sites for name, callset in work.study.callsets.items()}
        yield from genotype_blocks(work.lake, chrom, axis, absent, filters_kept=filters_kept)


def passing_blocks(
    work: OpenStudy, chromosomes: Sequence[str] = CHROMOSOMES, *, besides: str = ""
) -> Iterator[tuple[GenotypeBlock, NDArray[np.bool_]]]:
    """Read chromosomes, each block with the variants that pass variant quality.

    ``besides`` is a filter_reason whose variants are wanted as well.
    """
    for chrom in chromosomes:
        for block, qc in judged_blocks(work, chrom, ["filter_reason"]):
            is_wanted = qc["filter_reason"].isna() | (qc["filter_reason"] == besides)
            yield block, is_wanted.to_numpy(dtype=np.bool_)


def judged_blocks(
    work: OpenStudy, chrom: str, columns: Sequence[str]
) -> Iterator[tuple[GenotypeBlock, pd.DataFrame]]:
    """Read a chromosome, each block with its rows of core.variant_qc: both are in one order."""
    qc = work.lake.frame("core.variant_qc", columns, partition=chrom)
    start = 0
    for block in blocks(work, chrom):
        stop = start + len(block.site)
        yield block, qc.iloc[start:stop]
        start = stop


def member_genotypes(
    work: OpenStudy, contrast: str, variant_id: Sequence[str]
) -> NDArray[np.uint8]:
    """Codes 0-3 of some variants in the samples that a contrast compares, in the order of their
    rows in :func:`compared`; shape (n_variant, n_sample).
    """
    axis, member = sample_axis(work), members_of(work, contrast)
    absent = {name: callset.absent_sites for name, callset in work.study.callsets.items()}
    code = chosen_genotypes(work.lake, axis, variant_id, absent)
    place = pd.Index(axis.sample_id).get_indexer(pd.Index(member["sample_id"]))
    return code[:, place]


def members_of(work: OpenStudy, contrast: str) -> pd.DataFrame:
    """Samples that the tests of one contrast rest on."""
    frame = compared(work)
    return frame[frame["contrast"] == contrast]


def compared(work: OpenStudy) -> pd.DataFrame:
    """Included samples of the strata that hold cases and controls: those that tests rest on."""
    member = work.lake.frame("core.analysis_set").query("is_included")
    n_side = member.groupby(["contrast", "stratum"])["is_case"].transform("nunique")
    return member[n_side == 2]


def scan(work: OpenStudy, contrast: str) -> pd.DataFrame:
    """One contrast under the first genetic model, with positions; variants with calls of both
    sides.
    """
    model = work.study.association.genetic_models[0]
    wanted = {"contrast": contrast, "genetic_model": model}
    return read_query(work.lake, "scan/one_model", ["result.association"], wanted)


def share(fraction: float) -> str:
    """Write a fraction as a share: 10%."""
    return f"{100 * fraction:g}%"


def first_row(
    work: OpenStudy, name: str, reads: Iterable[str], parameters: Mapping[str, object] | None = None
) -> dict[str, int]:
    """The one row of counts of a query over tables too large to hold."""
    row = read_query(work.lake, name, reads, parameters).iloc[0]
    return {str(column): int(value) for column, value in row.items()}
