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


def unlisted_samples(study: Study, files: Files, sample: pd.DataFrame) -> dict[str, set[str]]:
    """Samples by callset that the study leaves out because no row of the table has them.

    Those that it names under exclude are left out for that reason, and not among them.
    """
    known = {*sample["sample_id"].dropna(), *study.excluded_samples}
    return {
        name: set(held[0].sample_ids) - known
        for name, held in files.items()
        if held and study.callsets[name].unlisted_samples == "exclude"
    }


def unlisted_problems(study: Study, files: Files, sample: pd.DataFrame) -> list[Problem]:
    """Name samples of genotype files without a row of that callset, unless they are excluded."""
    unlisted = unlisted_samples(study, files, sample)
    listed = {name: set(rows["sample_id"]) for name, rows in sample.groupby("callset")}
    anywhere = set(sample["sample_id"])
    out: list[Problem] = []
    for name, held in files.items():
        left_out = unlisted.get(name, set())
        for file in held[:1]:
            problems = ProblemList(file.name)
            for index, sample_id in enumerate(file.sample_ids):
                is_excused = sample_id in study.excluded_samples or sample_id in left_out
                if sample_id in listed.get(name, ()) or is_excused:
                    continue
                found, fix = _without_a_row(study, name, is_elsewhere=sample_id in anywhere)
                problems.add(
                    file.sample_place(index),
                    found,
                    expected="a row for every sample, or its name under exclude in study.yaml",
                    fix=fix,
                    kind="samples without a row",
                    n_shown=N_SHOWN,
                )
            out += problems.all()
    return out


def _without_a_row(study: Study, callset: str, *, is_elsewhere: bool) -> tuple[str, str]:
    """What was found of a sample without a row of its callset, and what to do."""
    add = f"add a row of callset {callset}"
    if is_elsewhere:
        found = f"a sample that has a row, but not one of callset {callset}"
        return found, f"{add}, or list it under exclude with the reason"
    found = f"a sample in no row of {study.samples}"
    all_of_them = f"give callset {callset} 'unlisted_samples: exclude'"
    return found, (
        f"{add}, list it under exclude with the reason, or {all_of_them}, which leaves all such "
        "samples out"
    )


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


def repeated_sample_problems(study: Study, files: Files, sample: pd.DataFrame) -> Iterator[Problem]:
    """Name samples of two callsets that are called the same, unless they are left out."""
    first: dict[str, str] = {}
    unlisted = unlisted_samples(study, files, sample)
    for name, held in files.items():
        problems = ProblemList(held[0].name if held else "")
        for index, sample_id in enumerate(held[0].sample_ids if held else ()):
            place = held[0].sample_place(index)
            left_out = sample_id in study.excluded_samples or sample_id in unlisted.get(name, ())
            if sample_id in first and not left_out:
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
