"""``alsrev ingest``: genotype files packed into shards of a lake, without a study."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from alsrev_dagster.arrow_arrays import numbers, repeated, texts
from alsrev_dagster.commands.ingest_place import put_in_place, recover_and_list
from alsrev_dagster.commands.ingest_record import record_of
from alsrev_dagster.errors import InputDataError, Problem, StudyError
from alsrev_dagster.files import file_sha256, make_private_folder, scratch, sweep
from alsrev_dagster.genotype_shard import write_shards
from alsrev_dagster.ingest.call_filter import CallFilter
from alsrev_dagster.ingest.call_filter_rules import filter_problems
from alsrev_dagster.ingest.genome_build import check_build
from alsrev_dagster.ingest.genotype_callset import callset_problems
from alsrev_dagster.ingest.genotype_file import GenotypeFile, Reading
from alsrev_dagster.ingest.inspection import fileset_sha256
from alsrev_dagster.ingest.plink_files import fileset_mark
from alsrev_dagster.ingest.reference_sequence import Reference, open_reference
from alsrev_dagster.ingest.study_reference import check_reference, without_other_m
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.schema import arrow_schema
from alsrev_dagster.study_choices import NAME_PATTERN, GenomeBuild
from alsrev_dagster.vocabulary import table


def ingest(
    files: Sequence[Path],
    out: Path,
    *,
    callset: str = "callset",
    call_filter: CallFilter,
    reference: Path | None = None,
    genome_build: GenomeBuild | None = None,
    tell: Callable[[str, int], None] = lambda *_: None,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Pack the files of one callset into the lake ``out``; what was read, as its record has it.

    All files or none: shards take their places when every file is sound. The same bytes
    give the same shards. With a reference genome (FASTA) indels are left-aligned. Files
    and reference are held against ``genome_build``, where one is given. ``say`` hears of
    an earlier ingest that did not end.
    """
    _check_name(callset)
    genome = _opened(reference, genome_build)
    make_private_folder(out)
    sweep(out)
    for name in recover_and_list(out):
        say(f"{out}: an earlier ingest of callset {name} did not end; make it again")
    with scratch(out) as beside, ThreadPoolExecutor(1) as pool:
        found, counts, hashes = [], dict[str, Counter[str]](), {}
        marks = {path: _mark(path) for path in files}
        for path in files:
            hashes[path] = pool.submit(_hash, path)
            reading = Reading(path, call_filter=call_filter, reference=genome)
            file, of_file = _pack(reading, callset, Lake(beside), tell)
            found.append(file)
            counts |= of_file
        _raise_unless_sound(callset, found, call_filter, genome_build)
        sha256 = [_sha256(f, marks[f.path], hashes[f.path].result()) for f in found]
        _write_samples(Lake(beside), callset, found[0])
        record = record_of(callset, call_filter, found, sha256, counts)
        record["genome_build"] = genome_build
        record["reference"] = genome and _of_reference(genome)
        _raise_if_changed(found)
        put_in_place(beside, out, callset, record)
    return record


def _check_name(callset: str) -> None:
    if not re.fullmatch(NAME_PATTERN, callset):
        raise InputDataError(
            f"--callset: found {callset!r}; expected letters, digits, _ and -, at most 64: it "
            "names a file; give another name"
        )


def _opened(path: Path | None, build: GenomeBuild | None) -> Reference | None:
    found, problems = (None, ()) if path is None else open_reference(path)
    if found is not None and build is not None:
        problems = tuple(_of_option(check_reference(found, build), build))
        found = without_other_m(found, build)
    if problems:
        raise StudyError(problems)
    return found


def _of_option(problems: Iterable[Problem], build: str) -> Iterator[Problem]:
    """Say of the build what is true without a study: it was given by an option."""
    for problem in problems:
        yield replace(
            problem,
            expected=f"{build}, as --genome-build says",
            fix="give the build that it is of, or lift it over",
        )


def _pack(
    reading: Reading, callset: str, lake: Lake, tell: Callable[[str, int], None]
) -> tuple[GenotypeFile, dict[str, Counter[str]]]:
    counts = write_shards(lake, callset, reading.blocks(), tell)
    if reading.file is None:
        raise StudyError(reading.problems.all())
    return reading.file, counts


def _mark(path: Path) -> tuple[int, ...]:
    """Mark of a file before anything is read; one that is not there has none."""
    try:
        return fileset_mark(path)
    except OSError:  # whoever reads it says so
        return ()


def _hash(path: Path) -> str:
    try:
        return fileset_sha256(path)
    except OSError:  # whoever reads it says so
        return ""


def _sha256(file: GenotypeFile, mark: tuple[int, ...], sha256: str) -> str:
    """Hash of the bytes that were read: a file is hashed beside its reading."""
    if mark != file.mark:
        raise _changed(file.name)
    return sha256


def _of_reference(reference: Reference) -> dict[str, str]:
    sha256 = file_sha256(reference.path)
    if reference.has_changed:
        raise _changed(reference.path.name)
    return {"file": reference.path.name, "sha256": sha256}


def _raise_if_changed(found: Sequence[GenotypeFile]) -> None:
    """Refuse files that are not the ones read and hashed; asked when all of them were."""
    for file in found:
        if fileset_mark(file.path) != file.mark:
            raise _changed(file.name)


def _changed(name: str) -> InputDataError:
    return InputDataError(
        f"{name}: found a file that changed while the callset was read; expected the same bytes "
        "from the first file's beginning to the last one's end; let whatever writes it end, and "
        "run again"
    )


def _raise_unless_sound(
    callset: str,
    found: Sequence[GenotypeFile],
    call_filter: CallFilter,
    build: GenomeBuild | None,
) -> None:
    problems = list(callset_problems({callset: tuple(found)}))
    options = {key: f"--{key.replace('_', '-')}" for key in asdict(call_filter)}
    problems += filter_problems(call_filter, found, options)
    for file in found if build is not None else ():
        problems += _of_option(check_build(file, str(build)), str(build))
    if problems:
        raise StudyError(problems)


def _write_samples(lake: Lake, callset: str, file: GenotypeFile) -> None:
    name, n = "raw.callset_sample", len(file.sample_ids)
    schema = arrow_schema(table(name))
    columns = {
        "callset": repeated(callset, n),
        "sample_index": numbers(np.arange(n)),
        "sample_id": texts(file.sample_ids),
        "is_listed": pa.nulls(n, pa.bool_()),  # there is no table of samples
    }
    arrays = [columns[field.name] for field in schema]
    lake.write_batches(name, [pa.Table.from_arrays(arrays, schema=schema)], callset)
