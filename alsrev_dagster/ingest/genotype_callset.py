"""Files of one callset that do not fit together."""

from collections.abc import Iterator, Mapping

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.genotype_file import GenotypeFile

Files = Mapping[str, tuple[GenotypeFile, ...]]
"""Sound genotype files by callset."""


def callset_problems(files: Files) -> Iterator[Problem]:
    """Chromosomes held twice in a callset, and files whose samples are not the first file's."""
    for name, held in files.items():
        first_with: dict[str, str] = {}
        for file in held:
            for chrom in file.chromosomes:
                if chrom in first_with:
                    found = f"records of {chrom}, as in {first_with[chrom]}"
                    fix = "join the two files (bcftools concat), or make the pattern narrower"
                    expected = f"each chromosome in one file of callset {name}"
                    yield Problem(file.name, found, expected, fix)
                first_with.setdefault(chrom, file.name)
            if file.sample_ids != held[0].sample_ids:
                yield _other_samples(name, file, held[0])


def _other_samples(callset: str, file: GenotypeFile, first: GenotypeFile) -> Problem:
    n_here, n_first = len(file.sample_ids), len(first.sample_ids)
    if set(file.sample_ids) == set(first.sample_ids):
        found = "the samples in another order"
    elif n_here != n_first:
        found = f"{n_here} samples, where {first.name} has {n_first}"
    else:
        found = f"{n_here - len(set(file.sample_ids) & set(first.sample_ids))} other samples"
    return Problem(
        file.name,
        found,
        f"the samples of {first.name}, in the same order: both are of callset {callset}",
        "write the file again with bcftools view --samples-file, or make it a callset of its own",
    )
