"""Commands about tests and results: ``alsrev calibrate``, ``power``, ``courses``, ``export``."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from alsrev_dagster.cli_app import STDERR, STDOUT, WIDE, JsonOption, StudyArgument, app, for_users
from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.study_choices import ExportFormat
from alsrev_dagster.study_folder import StudyFolder


@app.command()
@for_users
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
    from alsrev_dagster.commands.calibrate import (
        n_variant_to_do,
        not_calibrated,
        tables_of,
    )
    from alsrev_dagster.commands.calibrate_words import told
    from alsrev_dagster.commands.sql import json_of

    os.umask(0o077)
    folder = StudyFolder(study)
    with Progress(console=STDERR, transient=True) as progress:
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
        WIDE.print(table)
    STDOUT.print(told(frame), markup=False)
    if left_out := not_calibrated(folder):
        STDOUT.print(left_out, markup=False)
    STDOUT.print(f"every test: {path}", markup=False)


@app.command()
@for_users
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
    from alsrev_dagster.commands import power_effects
    from alsrev_dagster.commands.sql import json_of

    left_out = dict[str, int]()
    if study is not None and (cases or controls or carrier_freq):
        raise AlsrevError(
            "power: found a study and --cases, --controls or --carrier-freq beside it; expected "
            "one or the other; a study's leads have their own numbers"
        )
    if study is None:
        effects = power_effects.effects_given(cases, controls, carrier_freq, odds_ratio or [])
    else:
        effects, left_out = power_effects.effects_of(StudyFolder(study), odds_ratio or [])
    asked = asked_of.Asked(tuple(alpha or asked_of.Asked.alphas), wanted, most)
    with STDERR.status("looking for cohorts"):
        frame = asked_of.needed(effects, asked)
    if figure is not None:
        asked_of.write_figure(figure, study, effects, asked)
    if as_json:
        sys.stdout.write(json_of(frame) + "\n")
        return
    WIDE.print(asked_of.table_of(frame))
    STDOUT.print(asked_of.told(frame, asked, left_out), markup=False)


@app.command()
@for_users
def courses(
    study: StudyArgument,
    out: Annotated[Path, typer.Option(help="SVG to write, readable by its owner alone")],
    variant: Annotated[
        str,
        typer.Option(help="variant_id or locus; the first declared by default", show_default=False),
    ] = "",
) -> None:
    """Draw every person's ALSFRS-R over time by carrier group, with the fitted means: private."""
    from alsrev_dagster.commands.courses import write_courses

    os.umask(0o077)
    STDOUT.print(write_courses(StudyFolder(study), variant, out), markup=False)


@app.command()
@for_users
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
    min_copies: Annotated[
        int,
        typer.Option(
            min=0,
            help="gwas-ssf: leave out variants with fewer copies of the minor allele, which point "
            "to a few persons; 0 writes all, and is then individual-level",
        ),
    ] = 5,
    as_json: JsonOption = False,
) -> None:
    """Write results as GWAS-SSF, or a contrast's samples for PLINK 2 or REGENIE."""
    from alsrev_dagster.commands.export import Wanted, in_words
    from alsrev_dagster.commands.export import export as write

    os.umask(0o077)
    asked = Wanted(file_format, contrast, genetic_model, technology, min_copies)
    told = write(StudyFolder(study), out, asked)
    if as_json:
        sys.stdout.write(json.dumps(told, indent=1) + "\n")
    else:
        STDOUT.print(in_words(told), markup=False)
