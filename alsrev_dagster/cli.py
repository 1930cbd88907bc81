"""The command line: ``alsrev init``, ``validate``, ``run`` and the others."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from alsrev_dagster.cli_app import STDERR, STDOUT, WIDE, JsonOption, StudyArgument, app, for_users
from alsrev_dagster.errors import AlsrevError, StudyError
from alsrev_dagster.study_choices import GenomeBuild, HalfCalls
from alsrev_dagster.study_folder import StudyFolder

__all__ = ["app"]


def _below_half(share: float) -> float:
    """Refuse a half, which no call reaches that is not exactly balanced; as study.yaml does."""
    if share >= 0.5:
        raise typer.BadParameter(f"found {share:g}; expected less than 0.5; 0.2 is usual")
    return share


@app.command()
@for_users
def init(folder: Annotated[Path, typer.Argument(help="new folder", show_default=False)]) -> None:
    """Write a new study: study.yaml with every key explained, and empty tables."""
    from alsrev_dagster.commands.init import init as write

    for path in write(folder):
        STDOUT.print(f"wrote {path}", markup=False)


@app.command()
@for_users
def validate(study: StudyArgument, as_json: JsonOption = False) -> None:
    """List everything that is wrong with a study, at once."""
    from alsrev_dagster.ingest.validate import validate as look
    from alsrev_dagster.open_study import OpenStudy

    work = OpenStudy(StudyFolder(study))
    found = look(work.folder, work.inspector)
    if as_json:
        told = {
            "problems": [vars(problem) for problem in found.problems],
            "n_missing_code": dict(found.n_missing_code),
            **found.notes_as_json(),
        }
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    else:
        for file, what in found.left_out.items():
            STDOUT.print(f"{file}: left out {what}", markup=False)
        for callset, n in found.n_unlisted.items():
            STDOUT.print(
                f"callset {callset}: left out {n:,} sample(s), not in the table of samples"
            )
        if not found.problems:
            STDOUT.print("no problem found")
            for held in (one for files in found.genotype_files.values() for one in files):
                for note in held.notes:
                    STDOUT.print(f"note: {held.name}: {note}", markup=False)
        STDOUT.print(found.told_missing_codes(), markup=False, end="")
        STDOUT.print(found.told_notes(), markup=False, end="")
    if found.problems:
        if as_json:
            raise typer.Exit(1)
        raise StudyError(found.problems)


@app.command()
@for_users
def ingest(
    files: Annotated[
        list[Path],
        typer.Argument(help="genotype files of one callset: the genome, or a chromosome each"),
    ],
    out: Annotated[Path, typer.Option(help="folder of the shards; made when it is not there")],
    callset: Annotated[str, typer.Option(help="name of the callset")] = "callset",
    reference: Annotated[
        Path | None,
        typer.Option(help="plain FASTA: REF must fit it, indels are left-aligned"),
    ] = None,
    genome_build: Annotated[
        GenomeBuild | None,
        typer.Option(
            help="build that the files must be of; not checked without", show_default=False
        ),
    ] = None,
    half_calls: Annotated[
        HalfCalls, typer.Option(help="what a call with one allele missing (0/.) is read as")
    ] = "missing",
    genotype_quality_min: Annotated[
        float, typer.Option(min=0, max=99, help="Phred; a call with GQ below is read as missing")
    ] = 0,
    depth_min: Annotated[
        float, typer.Option(min=0, help="reads; a call with DP below is read as missing")
    ] = 0,
    allele_balance_min: Annotated[
        float,
        typer.Option(
            min=0,
            max=0.5,
            callback=_below_half,
            help="share of reads; a heterozygous call with less is read as missing",
        ),
    ] = 0,
    call_depth: Annotated[
        bool,
        typer.Option(
            "--call-depth",
            help="also read mean depth (DP), genotype quality (GQ) and allele balance (AD)",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Pack genotype files into Parquet shards, without a study."""
    from alsrev_dagster.commands.ingest import ingest as pack
    from alsrev_dagster.commands.ingest_record import in_words
    from alsrev_dagster.ingest.call_filter import CallFilter

    os.umask(0o077)
    calls = CallFilter(half_calls, genotype_quality_min, depth_min, allele_balance_min, call_depth)
    with STDERR.status("reading") as status:
        found = pack(
            files,
            out,
            callset=callset,
            call_filter=calls,
            reference=reference,
            genome_build=genome_build,
            tell=lambda chrom, n_row: status.update(f"{chrom}: {n_row:,} variants"),
            say=lambda told: STDERR.print(told, markup=False),
        )
    if as_json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
    else:
        STDOUT.print(in_words(found, out), markup=False)


@app.command()
@for_users
def run(
    study: StudyArgument,
    table: Annotated[
        list[str] | None,
        typer.Option(
            help="make this table or file (result.association, report), and what it is made from, "
            "alone; may be given again",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make everything that is stale, from the input files to the report."""
    from alsrev_dagster.commands.run import run as make
    from alsrev_dagster.commands.summary import summary

    folder = StudyFolder(study)
    make(folder, STDOUT, table or ())
    if not table:
        STDOUT.print(summary(folder), markup=False)


@app.command()
@for_users
def status(study: StudyArgument, as_json: JsonOption = False) -> None:
    """Say what is stale and why, and which checks failed or warned; change nothing."""
    from alsrev_dagster.commands.status import status as look

    found = look(StudyFolder(study))
    if as_json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return
    for table, reason in found["stale"].items():
        STDOUT.print(f"stale   {table}: {reason}", markup=False)
    for word in ("failed", "warned"):
        for check, told in found[f"{word}_checks"].items():
            STDOUT.print(f"{word}  {check}: {told}", markup=False)
    n = {name: len(items) for name, items in found.items()}
    failed, warned = n["failed_checks"], n["warned_checks"]
    STDOUT.print(f"{n['stale']} stale, {failed} failed check(s), {warned} warning(s)")


@app.command()
@for_users
def report(study: StudyArgument) -> None:
    """Print the answer in words, and where the page is."""
    from alsrev_dagster.commands.summary import summary

    STDOUT.print(summary(StudyFolder(study)), markup=False)


@app.command()
@for_users
def sql(
    study: StudyArgument,
    query: Annotated[
        str, typer.Argument(help="SQL, or the name of a cookbook query; none lists the cookbook")
    ] = "",
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="print CSV, every row and digit")] = False,
) -> None:
    """Ask the DuckDB file a question, read-only."""
    from alsrev_dagster.commands.sql import cookbook, count_of, csv_of, json_of, rows_of, table_of

    if not query:
        for name, question in cookbook().items():
            STDOUT.print(f"{name:32} {question}", markup=False)
        return
    if as_json and as_csv:
        raise AlsrevError("--json and --csv: found both; expected one form of the answer; drop one")
    found = rows_of(StudyFolder(study), query)
    if as_json:
        sys.stdout.write(json_of(found) + "\n")
    elif as_csv:
        sys.stdout.write(csv_of(found))
    else:
        WIDE.print(table_of(found), count_of(found), sep="\n")


@app.command()
@for_users
def ui(
    study: StudyArgument,
    port: Annotated[int, typer.Option(help="port on 127.0.0.1; 0 takes a free one")] = 3000,
    read_only: Annotated[bool, typer.Option(help="look, start nothing")] = False,
    token: Annotated[bool, typer.Option(help="ask for a token, printed with the address")] = False,
) -> None:
    """Open the Dagster UI of a study on 127.0.0.1, behind a guard."""
    from alsrev_dagster.commands.ui import ui as start

    folder = StudyFolder(study)
    start(folder, port=port, read_only=read_only, token=token, announce=STDOUT.print)


from alsrev_dagster import cli_analysis  # noqa: E402, F401  adds its commands after these
