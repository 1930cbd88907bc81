"""A table of allele frequencies of others: gnomAD-style, one row an ALT allele."""

import gzip
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.callset_files import is_outside
from alsrev_dagster.ingest.genotype_alleles import trimmed
from alsrev_dagster.ingest.genotype_contig import canonical_chromosome
from alsrev_dagster.study import Study, StudyFolder

_ALIASES = {
    "chrom": ("chrom", "chr", "chromosome"),
    "pos": ("pos", "position"),
    "ref": ("ref",),
    "alt": ("alt",),
    "allele_freq": ("allele_freq", "af"),
    "allele_number": ("allele_number", "an"),
}
_OPTIONAL = ("allele_number",)
_EXPECTED_HEADER = (
    "the columns chrom, pos, ref, alt, allele_freq (and allele_number, if you have it)"
)
_MISSING = ("", ".", "NA", "nan")
_N_ROW = 200_000
_N_SHOWN = 20
_EXPECTED = {
    "pos": ("no position", "a whole number of at least 1", "mend the cell"),
    "alt": (
        "alleles that are not bases",
        "REF and one ALT in A, C, G, T or N",
        "write a row for each ALT allele (bcftools norm -m-any)",
    ),
    "allele_freq": ("no frequency", "a number in [0, 1]", "mend the cell, or leave it empty"),
    "allele_number": ("no number of alleles", "a whole number of at least 1", "leave it empty"),
}
"""What is found, expected and to be done, by the column that does not fit."""


@dataclass(frozen=True)
class Piece:
    """Rows of one chromosome that stand together, and what is wrong with others near them."""

    chrom: str
    frame: pd.DataFrame
    """variant_id, chrom, pos, ref, alt, allele_freq, allele_number, source_line."""
    n_record: int
    """Rows read, those without a frequency among them."""
    problems: tuple[Problem, ...]


def external_frequency_problems(folder: StudyFolder, study: Study) -> Iterator[Problem]:
    """Everything that keeps the external table from being read."""
    asked = study.external_frequency
    if asked is None:
        return
    path, where = folder.root / asked.file, "study.yaml, key external_frequency.file"
    if is_outside(asked.file) or not path.is_file():
        yield Problem(
            where,
            f"{asked.file!r}, which is no file inside the study's folder",
            "a table of allele frequencies, as a path relative to the folder",
            "mend the path, or link the file (ln -s FILE STUDY_FOLDER/)",
        )
        return
    problem = _header_problem(path)
    if problem is not None:
        yield problem
        return
    with closing(pieces(path)) as parts:
        yield from _row_problems(path, parts)


def _row_problems(path: Path, parts: Iterator[Piece]) -> Iterator[Problem]:
    """Rows that do not fit, the first of them by line; a chromosome that stands in two parts."""
    told, seen = 0, list[str]()
    for part in parts:
        if part.chrom in seen[:-1]:
            expected = "the rows of a chromosome one after the other"
            found = f"rows of {part.chrom} again after those of {seen[-1]}"
            yield Problem(path.name, found, expected, "sort the table by chromosome and position")
            return
        seen += [part.chrom] if [part.chrom] != seen[-1:] else []
        yield from part.problems[: max(0, _N_SHOWN - told)]
        told += len(part.problems)
    if told > _N_SHOWN:
        more = f"{told - _N_SHOWN} more such rows"
        yield Problem(path.name, more, "none", "mend the first ones: the others may be alike")


def pieces(path: Path) -> Generator[Piece, None, None]:
    """The rows of a sound table, some hundred thousand at a time and of one chromosome each."""
    n_before, separator, names = _header(path)
    columns = _known(names)
    with pd.read_csv(
        path,
        sep=separator,
        skiprows=n_before,
        header=None,
        names=names,
        usecols=list(columns.values()),
        dtype=str,
        keep_default_na=False,
        chunksize=_N_ROW,
        compression="infer",
    ) as reader:
        line = n_before + 1
        for chunk in reader:
            rows = pd.DataFrame({name: chunk[column] for name, column in columns.items()})
            rows["source_line"] = np.arange(line, line + len(rows))
            line += len(rows)
            for chrom, run in _runs(rows):
                yield _piece(path, chrom, run)


def _runs(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows of one chromosome that stand together; those on other contigs are left out."""
    contig = {name: canonical_chromosome(str(name)) for name in rows["chrom"].unique()}
    kept = rows.assign(chrom=rows["chrom"].map(contig)).dropna(subset=["chrom"])
    place = (kept["chrom"] != kept["chrom"].shift()).cumsum()
    for _, run in kept.groupby(place, sort=False):
        yield str(run["chrom"].iloc[0]), run


def _piece(path: Path, chrom: str, rows: pd.DataFrame) -> Piece:
    """Type the rows of one chromosome; rows without a frequency are left out."""
    known = rows[~rows["allele_freq"].isin(_MISSING)]
    number = known.get("allele_number", pd.Series("", index=known.index, dtype=object))
    number = number.where(~number.isin(_MISSING))
    typed = known.assign(
        pos=pd.to_numeric(known["pos"], errors="coerce"),
        ref=known["ref"].str.upper(),
        alt=known["alt"].str.upper(),
        allele_freq=pd.to_numeric(known["allele_freq"], errors="coerce"),
        allele_number=pd.to_numeric(number, errors="coerce"),
    )
    is_whole = typed["allele_number"].mod(1).eq(0) & typed["allele_number"].ge(1)
    wrong = {
        "pos": ~(typed["pos"].mod(1).eq(0) & typed["pos"].ge(1)),
        "alt": ~(typed["ref"].str.fullmatch("[ACGTN]+") & typed["alt"].str.fullmatch("[ACGTN]+")),
        "allele_freq": ~typed["allele_freq"].between(0, 1),
        "allele_number": number.notna() & ~is_whole,
    }
    problems = tuple(
        Problem(f"{path.name}, line {line}, column {name}", *_EXPECTED[name])
        for name, is_wrong in wrong.items()
        for line in typed.loc[is_wrong, "source_line"]
    )
    sound = typed[~pd.concat(wrong, axis=1).any(axis=1)].astype({"pos": np.int64})
    return Piece(chrom, _named(sound, chrom), len(rows), problems)


def _named(rows: pd.DataFrame, chrom: str) -> pd.DataFrame:
    """Rows with the names that alsrev gives variants: without the bases that alleles share."""
    is_long = (rows["ref"].str.len() > 1) & (rows["alt"].str.len() > 1)
    if is_long.any():
        pos, ref, alt = zip(
            *(
                trimmed(int(p), str(r), str(a))
                for p, r, a in zip(rows["pos"], rows["ref"], rows["alt"], strict=True)
            ),
            strict=True,
        )
        rows = rows.assign(pos=pos, ref=ref, alt=alt)
    name = chrom + "-" + rows["pos"].astype(str) + "-" + rows["ref"] + "-" + rows["alt"]
    named = rows.assign(chrom=chrom, variant_id=name)
    columns = ["variant_id", "chrom", "pos", "ref", "alt"]
    return named[[*columns, "allele_freq", "allele_number", "source_line"]]


def _header_problem(path: Path) -> Problem | None:
    try:
        _, _, names = _header(path)
    except (UnicodeDecodeError, OSError, EOFError):
        found, fix = "bytes that are no text", "write it as CSV or TSV, plain or gzip"
        return Problem(path.name, found, _EXPECTED_HEADER, fix)
    missing = [n for n in _ALIASES if n not in _OPTIONAL and n not in _known(names)]
    if not missing:
        return None
    found = f"no column {', '.join(missing)} in its header"
    return Problem(path.name, found, _EXPECTED_HEADER, "name the columns so, or as gnomAD (AF, AN)")


def _header(path: Path) -> tuple[int, str, list[str]]:
    """Lines up to and with the header, the separator, and the names as they are written."""
    opener: Any = gzip.open if path.suffix in (".gz", ".bgz") else open
    with opener(path, "rt", encoding="utf-8-sig") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.startswith("##"):
                text = line.rstrip("\r\n")
                separator = "\t" if "\t" in text else ","
                return number, separator, text.split(separator)
    return 0, ",", []


def _known(names: list[str]) -> Mapping[str, str]:
    """Our name of a column, and how the file writes it."""
    plain = {name.strip().lstrip("#").lower(): name for name in reversed(names)}
    return {
        ours: plain[alias]
        for ours, aliases in _ALIASES.items()
        for alias in reversed(aliases)
        if alias in plain
    }
