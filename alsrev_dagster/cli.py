"""The command line: ``alsrev init``, ``validate``, ``run`` and the others."""

import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from alsrev_dagster.errors import AlsrevError, StudyError
from alsrev_dagster.study_choices import ExportFormat, GenomeBuild, HalfCalls
from alsrev_dagster.study_folder import StudyFolder

app = typer.Typer(
    help="Which variants go with recovery from ALS: genotypes to DuckDB to recovery models.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
StudyArgument = Annotated[Path, typer.Argument(help="folder with study.yaml", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON, for a program")]

_out = Console(highlight=False, soft_wrap=True)
_wide = Console(highlight=False, markup=False, width=1_000_000)
"""For tables: as wide as they are, whatever the terminal, and never cut."""
_err = Console(highlight=False, soft_wrap=True, stderr=True)


def _for_users(command: Callable[..., None]) -> Callable[..., None]:
    """A user's mistake ends with its text and exit code 1, never with a traceback."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except AlsrevError as error:
            _err.print(str(error), markup=False)
            raise typer.Exit(1) from None

    return wrapped


def _below_half(share: float) -> float:
    """Refuse a half, which no call reaches that is not exactly balanced; as study.yaml does."""
    if share >= 0.5:
        raise typer.BadParameter(f"found {share:g}; expected less than 0.5; 0.2 is usual")
    return share


@app.command()
@_for_users
def init(folder: Annotated[Path, typer.Argument(help="new folder", show_default=False)]) -> None:
    """Write a new study: study.yaml with every key explained, and empty tables."""
    from alsrev_dagster.commands.init import init as write

    for path in write(folder):
        _out.print(f"wrote {path}", markup=False)


@app.command()
@_for_users
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
        }
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    else:
        for file, what in found.left_out.items():
            _out.print(f"{file}: left out {what}", markup=False)
        for callset, n in found.n_unlisted.items():
            _out.print(f"callset {callset}: left out {n:,} sample(s), not in the table of samples")
        if not found.problems:
            _out.print("no problem found")
            for held in (one for files in found.genotype_files.values() for one in files):
                for note in held.notes:
                    _out.print(f"note: {held.name}: {note}", markup=False)
        _out.print(found.told_missing_codes(), markup=False, end="")
    if found.problems:
        if as_json:
            raise typer.Exit(1)
        raise StudyError(found.problems)


@app.command()
@_for_users
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
    with _err.status("reading") as status:
        found = pack(
            files,
            out,
            callset=callset,
            call_filter=calls,
            reference=reference,
            genome_build=genome_build,
            tell=lambda chrom, n_row: status.update(f"{chrom}: {n_row:,} variants"),
            say=lambda told: _err.print(told, markup=False),
        )
    if as_json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
    else:
        _out.print(in_words(found, out), markup=False)


@app.command()
@_for_users
def run(study: StudyArgument) -> None:
    """Make everything that is stale, from the input files to the report."""
    from alsrev_dagster.commands.run import run as make
    from alsrev_dagster.commands.summary import summary

    folder = StudyFolder(study)
    make(folder, _out)
    _out.print(summary(folder), markup=False)


@app.command()
@_for_users
def status(study: StudyArgument, as_json: JsonOption = False) -> None:
    """Say what is stale and why, and which checks failed or warned; change nothing."""
    from alsrev_dagster.commands.status import status as look

    found = look(StudyFolder(study))
    if as_json:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return
    for table, reason in found["stale"].items():
        _out.print(f"stale   {table}: {reason}", markup=False)
    for word in ("failed", "warned"):
        for check, told in found[f"{word}_checks"].items():
            _out.print(f"{word}  {check}: {told}", markup=False)
    n = {name: len(items) for name, items in found.items()}
    failed, warned = n["failed_checks"], n["warned_checks"]
    _out.print(f"{n['stale']} stale, {failed} failed check(s), {warned} warning(s)")


@app.command()
@_for_users
def report(study: StudyArgument) -> None:
    """Print the answer in words, and where the page is."""
    from alsrev_dagster.commands.summary import summary

    _out.print(summary(StudyFolder(study)), markup=False)


@app.command()
@_for_users
def calibrate(
    study: StudyArgument,
    permutations: Annotated[
        int, typer.Option(min=2, help="labellings, shuffled within strata, of each contrast")
    ] = 100,
    contrast: Annotated[str, typer.Option(help="this contrast alone", show_default=False)] = "",
    as_json: JsonOption = False,
) -> None:
    """Say how often each test is wrong under shuffled labels, on the study's own genotypes."""
    from alsrev_dagster.commands.calibrate import calibrate as look
    from alsrev_dagster.commands.calibrate import n_variant_to_do, tables_of, told
    from alsrev_dagster.commands.sql import json_of

    os.umask(0o077)
    folder = StudyFolder(study)
    with Progress(console=_err, transient=True) as progress:
        task = progress.add_task("reading", total=n_variant_to_do(folder, contrast))
        frame, path = look(
            folder,
            n_permutation=permutations,
            contrast=contrast,
            tell=lambda name, n: progress.update(task, description=name, advance=n),
        )
    if as_json:
        sys.stdout.write(json_of(frame) + "\n")
        return
    for table in tables_of(frame):
        _wide.print(table)
    _out.print(told(frame), markup=False)
    _out.print(f"every test: {path}", markup=False)


@app.command()
@_for_users
def power(
    study: Annotated[
        Path | None,
        typer.Argument(help="folder with study.yaml; its loci and leads", show_default=False),
    ] = None,
    cases: Annotated[int | None, typer.Option(min=1, help="cases of now")] = None,
    controls: Annotated[int | None, typer.Option(min=1, help="controls of now")] = None,
    carrier_freq: Annotated[
        float | None, typer.Option(help="carriers among controls, a fraction")
    ] = None,
    odds_ratio: Annotated[
        list[float] | None,
        typer.Option(help="of carrying; may be repeated; without it each lead's own"),
    ] = None,
    alpha: Annotated[
        list[float] | None, typer.Option(help="P at most; may be repeated; 0.05 and 5e-8")
    ] = None,
    wanted: Annotated[float, typer.Option(help="power that is wanted, a fraction")] = 0.8,
    most: Annotated[int, typer.Option(min=2, help="samples in all to look at")] = 5_000,
    figure: Annotated[
        Path | None, typer.Option(help="SVG to write: power by number of cases")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say how many more cases or controls would decide on an effect."""
    from alsrev_dagster.commands import power as asked_of
    from alsrev_dagster.commands.sql import json_of

    left_out = dict[str, int]()
    if study is not None and (cases or controls or carrier_freq):
        raise AlsrevError(
            "power: found a study and --cases, --controls or --carrier-freq beside it; expected "
            "one or the other; a study's leads have their own numbers"
        )
    if study is None:
        effects = asked_of.effects_given(cases, controls, carrier_freq, odds_ratio or [])
    else:
        effects, left_out = asked_of.effects_of(StudyFolder(study), odds_ratio or [])
    asked = asked_of.Asked(tuple(alpha or asked_of.Asked.alphas), wanted, most)
    with _err.status("looking for cohorts"):
        frame = asked_of.needed(effects, asked)
    if figure is not None:
        asked_of.write_figure(figure, study, effects, asked)
    if as_json:
        sys.stdout.write(json_of(frame) + "\n")
        return
    _wide.print(asked_of.table_of(frame))
    _out.print(asked_of.told(frame, asked, left_out), markup=False)


@app.command()
@_for_users
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
            _out.print(f"{name:32} {question}", markup=False)
        return
    if as_json and as_csv:
        raise AlsrevError("--json and --csv: found both; expected one form of the answer; drop one")
    found = rows_of(StudyFolder(study), query)
    if as_json:
        sys.stdout.write(json_of(found) + "\n")
    elif as_csv:
        sys.stdout.write(csv_of(found))
    else:
        _wide.print(table_of(found), count_of(found), sep="\n")


@app.command()
@_for_users
def export(
    study: StudyArgument,
    out: Annotated[Path, typer.Option(help="folder of the files; made when it is not there")],
    file_format: Annotated[
        ExportFormat,
        typer.Option(
            "--format",
            help="gwas-ssf: results, to be given away; plink, regenie: phenotype and covariates "
            "of each sample, not to be",
        ),
    ] = "gwas-ssf",
    contrast: Annotated[
        str | None, typer.Option(help="of study.yaml; its first by default", show_default=False)
    ] = None,
    genetic_model: Annotated[
        str, typer.Option(help="of the results: additive, dominant or recessive")
    ] = "additive",
    technology: Annotated[
        str, typer.Option(help="how samples were genotyped, for the metadata; NR: not reported")
    ] = "NR",
    as_json: JsonOption = False,
) -> None:
    """Write results as GWAS-SSF, or a contrast's samples for PLINK 2 or REGENIE."""
    from alsrev_dagster.commands.export import Wanted, in_words
    from alsrev_dagster.commands.export import export as write

    os.umask(0o077)
    asked = Wanted(file_format, contrast, genetic_model, technology)
    told = write(StudyFolder(study), out, asked)
    if as_json:
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    else:
        _out.print(in_words(told), markup=False)


@app.command()
@_for_users
def ui(
    study: StudyArgument,
    port: Annotated[int, typer.Option(help="port on 127.0.0.1; 0 takes a free one")] = 3000,
    read_only: Annotated[bool, typer.Option(help="look, start nothing")] = False,
    token: Annotated[bool, typer.Option(help="ask for a token, printed with the address")] = False,
) -> None:
    """Open the Dagster UI of a study on 127.0.0.1, behind a guard."""
    from alsrev_dagster.commands.ui import ui as start

    folder = StudyFolder(study)
    start(folder, port=port, read_only=read_only, token=token, announce=_out.print)
