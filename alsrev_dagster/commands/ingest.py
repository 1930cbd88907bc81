"""``alsrev ingest``: genotype files packed into shards of a lake, without a study."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa

from alsrev_dagster.commands.ingest_place import put_in_place, recover_and_list
from alsrev_dagster.errors import InputDataError, StudyError
from alsrev_dagster.files import file_sha256, make_private_folder, scratch, sweep
from alsrev_dagster.genotype_shard import write_shards
from alsrev_dagster.ingest.call_filter import CallFilter
from alsrev_dagster.ingest.genotype_callset import callset_problems
from alsrev_dagster.ingest.genotype_file import GenotypeFile, Reading
from alsrev_dagster.ingest.inspection import fileset_sha256
from alsrev_dagster.ingest.plink_files import fileset_mark
from alsrev_dagster.ingest.reference_sequence import Reference, open_reference
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.schema import arrow_schema
from alsrev_dagster.study_values import NAME_PATTERN
from alsrev_dagster.vocabulary import table


def ingest(
    files: Sequence[Path],
    out: Path,
    *,
    callset: str = "callset",
    call_filter: CallFilter,
    reference: Path | None = None,
    tell: Callable[[str, int], None] = lambda *_: None,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Pack the files of one callset into the lake ``out``; what was read, as its record has it.

    All files or none: shards take their places when every file is sound. The same bytes
    give the same shards. With a reference genome (FASTA) indels are left-aligned. ``say``
    hears of an earlier ingest that did not end.
    """
    _check_name(callset)
    genome = _opened(reference)
    make_private_folder(out)
    sweep(out)
    for name in recover_and_list(out):
        say(f"{out}: an earlier ingest of callset {name} did not end; make it again")
    with scratch(out) as beside, ThreadPoolExecutor(1) as pool:
        hashes = {path: pool.submit(_hashed, path) for path in files}
        found, counts = [], dict[str, Counter[str]]()
        for path in files:
            reading = Reading(path, call_filter=call_filter, reference=genome)
            file, of_file = _pack(reading, callset, Lake(beside), tell)
            found.append(file)
            counts |= of_file
        _raise_unless_one_callset(callset, found)
        sha256 = [_sha256(file, *hashes[file.path].result()) for file in found]
        _write_samples(Lake(beside), callset, found[0])
        record = _record(callset, call_filter, found, sha256, counts)
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


def _opened(path: Path | None) -> Reference | None:
    found, problems = (None, ()) if path is None else open_reference(path)
    if problems:
        raise StudyError(problems)
    return found


def _pack(
    reading: Reading, callset: str, lake: Lake, tell: Callable[[str, int], None]
) -> tuple[GenotypeFile, dict[str, Counter[str]]]:
    counts = write_shards(lake, callset, reading.blocks(), tell)
    if reading.file is None:
        raise StudyError(reading.problems.all())
    return reading.file, counts


def _hashed(path: Path) -> tuple[tuple[int, ...], str]:
    """Mark of a file before it is hashed, and its hash; a file that is not there has none."""
    try:
        return fileset_mark(path), fileset_sha256(path)
    except OSError:  # whoever reads it says so
        return (), ""


def _sha256(file: GenotypeFile, mark: tuple[int, ...], sha256: str) -> str:
    """Hash of the bytes that were read: files are hashed ahead of the reading."""
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


def _raise_unless_one_callset(callset: str, found: Sequence[GenotypeFile]) -> None:
    problems = list(callset_problems({callset: tuple(found)}))
    if problems:
        raise StudyError(problems)


def _write_samples(lake: Lake, callset: str, file: GenotypeFile) -> None:
    n = len(file.sample_ids)
    columns = {"callset": [callset] * n, "sample_index": range(n), "sample_id": file.sample_ids}
    name = "raw.callset_sample"
    schema = arrow_schema(table(name))
    arrays = [pa.array(list(columns[field.name]), field.type) for field in schema]
    lake.write_batches(name, [pa.Table.from_arrays(arrays, schema=schema)], callset)


def _record(
    callset: str,
    call_filter: CallFilter,
    found: Sequence[GenotypeFile],
    sha256: Sequence[str],
    counts: dict[str, Counter[str]],
) -> dict[str, Any]:
    files = [
        {"file": file.path.name, "format": file.format, "sha256": digest, "n_record": file.n_record,
         "n_left_out": file.n_left_out, "n_without_gt": file.n_without_gt}
        for file, digest in zip(found, sha256, strict=True)
    ]  # fmt: skip
    return {
        "callset": callset,
        "n_sample": len(found[0].sample_ids),
        "calls": asdict(call_filter),
        "files": files,
        "chromosomes": {chrom: dict(sorted(count.items())) for chrom, count in counts.items()},
    }


def in_words(record: dict[str, Any], out: Path) -> str:
    """Say what was packed, what was not, and where it is."""
    total = sum((Counter(count) for count in record["chromosomes"].values()), Counter[str]())
    n_left_out = sum(file["n_left_out"] for file in record["files"])
    n_without_gt = sum(file["n_without_gt"] for file in record["files"])
    lines = [
        f"{total['n_row']:,} variants of {record['n_sample']:,} samples, from "
        f"{total['n_record']:,} records on {len(record['chromosomes'])} chromosome(s), in {out}"
    ]
    told = {
        "records on other contigs left out": n_left_out,
        "records without an ALT allele, not kept": total["n_no_alt"],
        "* alleles, not kept": total["n_star"],
        "records without GT, every call missing": n_without_gt,
        f"calls with one allele missing, read as {record['calls']['half_calls']}": total[
            "n_half_call"
        ],
        "indels moved to their left-most place": total["n_left_aligned"],
        "calls read as missing for their genotype quality": total["n_low_genotype_quality"],
        "calls read as missing for their depth": total["n_low_depth"],
        "calls read as missing for their allele balance": total["n_low_allele_balance"],
    }
    lines += [f"  {n:,} {what}" for what, n in told.items() if n]
    if record["reference"] is None:
        lines.append("  indels are trimmed only, not left-aligned: no --reference was given")
    return "\n".join(lines)
