"""What cannot be true of genotype files and the table of samples together."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.clinical_file import N_SHOWN
from alsrev_dagster.ingest.clinical_table import problems_of
from alsrev_dagster.ingest.genotype_callset import Files
from alsrev_dagster.ingest.genotype_file import GenotypeFile
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.genotype_stream import READ_ERRORS, open_bytes
from alsrev_dagster.ingest.plink_files import members
from alsrev_dagster.ingest.plink_variants import head_lines
from alsrev_dagster.study import Study

_SIMULATED = re.compile(r"(?<!not )\bsimulated\b", re.IGNORECASE)
_DEFINITION = ("##INFO", "##FORMAT", "##FILTER", "##ALT", "##contig")
_HEADER_BYTE = 1 << 20


def unlisted_problems(study: Study, files: Files, sample: pd.DataFrame) -> list[Problem]:
    """Name samples of genotype files without a row of that callset, unless they are excluded."""
    listed = {name: set(rows["sample_id"]) for name, rows in sample.groupby("callset")}
    anywhere = set(sample["sample_id"])
    out: list[Problem] = []
    for name, held in files.items():
        for file in held[:1]:
            problems = ProblemList(file.name)
            for index, sample_id in enumerate(file.sample_ids):
                if sample_id in listed.get(name, ()) or sample_id in study.excluded_samples:
                    continue
                found = f"a sample that has a row, but not one of callset {name}"
                problems.add(
                    file.sample_place(index),
                    found if sample_id in anywhere else f"a sample in no row of {study.samples}",
                    expected="a row for every sample, or its name under exclude in study.yaml",
                    fix=f"add a row of callset {name}, or list it under exclude with the reason",
                    kind="samples without a row",
                    n_shown=N_SHOWN,
                )
            out += problems.all()
    return out


def without_genotype_problems(study: Study, files: Files, sample: pd.DataFrame) -> list[Problem]:
    """Rows of samples that no file of their callset has, unless they are excluded."""
    problems = problems_of(sample)
    for name, held in files.items():
        known = {*study.excluded_samples, *(held[0].sample_ids if held else ())}
        rows = sample[(sample["callset"] == name) & sample["sample_id"].notna()]
        for line in rows.loc[~rows["sample_id"].isin(list(known)), "source_line"]:
            problems.add(
                f"line {line}, column sample_id",
                f"a sample that no file of callset {name} has",
                expected="a sample of the callset's files, spelled as there",
                fix="mend the spelling or the callset, or remove the row",
                kind="rows of samples without genotypes",
                n_shown=N_SHOWN,
            )
    return list(problems.all())


def repeated_sample_problems(study: Study, files: Files) -> Iterator[Problem]:
    """Name samples of two callsets that are called the same, unless they are excluded."""
    first: dict[str, str] = {}
    for name, held in files.items():
        problems = ProblemList(held[0].name if held else "")
        for index, sample_id in enumerate(held[0].sample_ids if held else ()):
            place = held[0].sample_place(index)
            if sample_id in first and sample_id not in study.excluded_samples:
                problems.add(
                    place,
                    f"the same sample name as in {first[sample_id]}",
                    expected="each sample in one callset",
                    fix="rename one (bcftools reheader --samples), or list the name under exclude, "
                    "which leaves both out",
                    kind=f"samples of callset {name} that another callset has too",
                    n_shown=N_SHOWN,
                )
            first.setdefault(sample_id, f"{held[0].name}, {place}")
        yield from problems.all()


def simulated_problems(
    study: Study, comments: Mapping[str, Iterable[str]], files: Iterable[GenotypeFile]
) -> Iterator[Problem]:
    """Files that say they are simulated, in a study that does not."""
    if study.simulated:
        return
    named = {**comments, **{file.name: _header_lines(file.path) for file in files}}
    for name, lines in named.items():
        if any(_SIMULATED.search(line) for line in lines):
            yield Problem(
                f"{name}, comment or header lines",
                "a file that says it is simulated",
                "measured data only, since study.yaml does not say simulated: true",
                "add 'simulated: true' to study.yaml; every page and figure then says so",
            )


def _header_lines(path: Path) -> list[str]:
    """Header lines of a VCF, BCF or .pvar that are prose rather than definitions."""
    try:
        if path.suffix.lower() == ".pgen":
            return _prose(line for member in members(path)[1:-1] for line in head_lines(member))
        with open_bytes(path) as stream:
            start = stream.read(_HEADER_BYTE)
    except (OSError, *READ_ERRORS):
        return []
    return _prose(start.partition(b"\n#CHROM")[0].decode("utf-8", errors="replace").splitlines())


def _prose(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if line.startswith("##") and not line.startswith(_DEFINITION)]
