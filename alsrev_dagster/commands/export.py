"""``alsrev export``: results to be given away, or files of samples for another program."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import alsrev_dagster
from alsrev_dagster.commands.export_individual_level import (
    Program,
    write_individual_level,
    write_lines,
)
from alsrev_dagster.commands.export_summary import AboutResults, write_gwas_ssf_parts
from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.ingest.suggestion import closest
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import StudyFolder
from alsrev_dagster.study_choices import ExportFormat
from alsrev_dagster.vocabulary import CHROMOSOMES

_PROGRAM: dict[str, Program] = {"plink": "plink2", "regenie": "regenie"}
N_COPY_MIN = 5
"""Copies of the minor allele below which a row is not given away: it points to a few people."""
_N_ROW = 200_000
"""Variants whose alleles are told apart, and written, at a time."""
_COUNTS = [
    f"n_{side}_{genotype}"
    for side in ("case", "control")
    for genotype in ("hom_ref", "het", "hom_alt")
]
_READ = [
    *("variant_id", "beta", "standard_error", "ci_lower", "ci_upper", "p_value", "method"),
    *_COUNTS,
]
WARNING = "INDIVIDUAL-LEVEL: these files name samples and their group; do not give them away"
WARNING_OF_FEW = (
    "INDIVIDUAL-LEVEL: rows of variants that one or a few persons carry are among these; who has a "
    "genome can see whether it is in the study, and on which side; do not give them away"
)


@dataclass(frozen=True)
class Wanted:
    """What is to be written."""

    format: ExportFormat
    contrast: str | None = None
    """The study's first when None."""
    genetic_model: str = "additive"
    technology: str = "NR"
    """How the samples were genotyped, in GWAS-SSF's metadata."""
    n_copy_min: int = N_COPY_MIN
    """Fewest copies of the minor allele that a row of results is written with; 0 for all rows."""


def export(folder: StudyFolder, out: Path, wanted: Wanted) -> dict[str, Any]:
    """Write one contrast's results, or its samples, to a folder; return what was written."""
    work = OpenStudy(folder)
    contrast = _contrast(work, wanted.contrast)
    if wanted.format == "gwas-ssf":
        return _results(work, out, contrast, wanted)
    return _samples(work, out, contrast, _PROGRAM[wanted.format])


def in_words(told: dict[str, Any]) -> str:
    """Say what was written, what was left out and what to beware of."""
    lines = [f"wrote {name}" for name in told["files"]]
    if "n_row" in told:
        lines.append(
            f"{told['n_row']:,} variants, {told['n_case']} cases, {told['n_control']} controls"
        )
        lines += [f"left out {n:,}: {reason}" for reason, n in told["left_out"].items()]
    else:
        lines.append(f"{told['n_case']} cases, {told['n_control']} controls")
        lines.append(f"{told['n_variant']:,} variants pass quality, for --extract")
    lines += [told["warning"]] if told["warning"] else []
    return "\n".join(lines)


def _contrast(work: OpenStudy, name: str | None) -> str:
    known = list(work.study.contrasts)
    if name is None or name in known:
        return name or known[0]
    near = closest(name, known)
    raise AlsrevError(
        f"--contrast {name}: found no such contrast in study.yaml; expected one of "
        f"{', '.join(known)}" + (f"; did you mean {near}?" if near else "; name one of them")
    )


def _results(work: OpenStudy, out: Path, contrast: str, wanted: Wanted) -> dict[str, Any]:
    model = wanted.genetic_model
    if model not in work.study.association.genetic_models:
        tested = ", ".join(work.study.association.genetic_models)
        raise AlsrevError(
            f"--genetic-model {model}: found that it was not tested; expected one of {tested} "
            "(association.genetic_models of study.yaml); name one of them, or add it and run"
        )
    if model == "genotypic":
        raise AlsrevError(
            "--genetic-model genotypic: found two estimates a variant; expected one, as GWAS-SSF "
            "holds; name additive, dominant or recessive"
        )
    if not any(work.lake.files("result.association", chrom) for chrom in CHROMOSOMES):
        raise AlsrevError(
            "result.association: found no row of it; expected the study to have been run; start "
            "with 'alsrev run STUDY'"
        )
    _require_estimates(work, contrast, model)
    member = _members(work, contrast)
    n_case = int(member["is_case"].sum())
    about = _about(work, contrast, member, wanted)
    path = out / f"{work.study.study}.{contrast}.{model}.gwas-ssf.tsv.gz"
    done = write_gwas_ssf_parts(_parts(work, contrast, model), path, about)
    warnings = (_confounded(work, contrast), "" if wanted.n_copy_min else WARNING_OF_FEW)
    return {
        "files": [str(done.data_file), str(done.metadata_file)],
        "contrast": contrast,
        "genetic_model": model,
        "n_row": done.n_row,
        "n_case": n_case,
        "n_control": len(member) - n_case,
        "left_out": dict(done.left_out),
        "min_copies": wanted.n_copy_min,
        "minor_allele_freq_lower_limit": about.minor_allele_freq_lower_limit,
        "warning": "\n".join(part for part in warnings if part),
    }


def _require_estimates(work: OpenStudy, contrast: str, model: str) -> None:
    """Raise where a scan with covariates fitted what its screen let through, and no other."""
    if not work.study.contrasts[contrast].covariates:
        return  # without them every variant is fitted
    where = [
        ("contrast", "==", contrast),
        ("genetic_model", "==", model),
        ("fit_status", "==", "screened"),
    ]
    n_screened = sum(
        len(work.lake.frame("result.association", ["variant_id"], partition=chrom, where=where))
        for chrom in CHROMOSOMES
    )
    if n_screened:
        raise AlsrevError(
            f"contrast {contrast}, {model} model: found {n_screened:,} variants that were screened "
            "and have no estimate (fit_status screened); expected one of each, as results of those "
            "with a small P alone are chosen by their P and mislead whoever pools them; set "
            "association.refine_p_max: 1 in study.yaml, run again, then export"
        )


def _parts(work: OpenStudy, contrast: str, model: str) -> Iterator[pd.DataFrame]:
    """Rows of one contrast and model, some of a chromosome at a time, in the order of the scan."""
    where = [("contrast", "==", contrast), ("genetic_model", "==", model)]
    for chrom in CHROMOSOMES:
        frame = work.lake.frame("result.association", _READ, partition=chrom, where=where)
        for start in range(0, len(frame), _N_ROW):
            yield _with_place(frame.iloc[start : start + _N_ROW], chrom, model)


def _with_place(frame: pd.DataFrame, chrom: str, model: str) -> pd.DataFrame:
    """Rows with place and alleles, and with frequency, n and fewest copies of the called."""
    place = frame["variant_id"].str.split("-", expand=True)
    n = frame[_COUNTS].to_numpy(dtype=np.int64)
    n_called = n.sum(axis=1)
    copies = n[:, 1] + 2 * n[:, 2] + n[:, 4] + 2 * n[:, 5]
    freq = np.divide(copies, 2 * n_called, out=np.full(len(n), np.nan), where=n_called > 0)
    kept = frame.drop(columns=[*_COUNTS, "variant_id"])
    return kept.assign(
        chrom=chrom,
        pos=place[1].astype(np.int64),
        ref=place[2],
        alt=place[3],
        effect_allele_freq=freq,
        n=n_called,
        n_copy=_n_copy(n[:, :3] + n[:, 3:], model),
    )


def _n_copy(n: NDArray[np.int64], model: str) -> NDArray[np.int64]:
    """Copies of the minor allele, or the persons of the rarer coded genotype if these are fewer.

    ``n`` are samples by genotype, shape (n_variant, 3).
    """
    n_called, copies = n.sum(axis=1), n[:, 1] + 2 * n[:, 2]
    fewest: NDArray[np.int64] = np.minimum(copies, 2 * n_called - copies)
    if model == "additive":
        return fewest
    coded = n[:, 2] if model == "recessive" else n[:, 1] + n[:, 2]
    rarer: NDArray[np.int64] = np.minimum(fewest, np.minimum(coded, n_called - coded))
    return rarer


def _members(work: OpenStudy, contrast: str) -> pd.DataFrame:
    from assets.reading import members_of

    member = members_of(work, contrast)
    if member.empty:
        raise AlsrevError(
            f"contrast {contrast}: found nobody that is compared; expected the study to have been "
            "run, with cases and controls in a stratum; start with 'alsrev run STUDY'"
        )
    return member


def _about(work: OpenStudy, contrast: str, member: pd.DataFrame, wanted: Wanted) -> AboutResults:
    study, n_case = work.study, int(member["is_case"].sum())
    trait = work.lake.frame("core.sample_trait", ["sample_id", "ancestry"])
    mine = trait[trait["sample_id"].isin(member["sample_id"])]["ancestry"]
    least = wanted.n_copy_min
    said = (
        "SIMULATED DATA." if study.simulated else "",
        f"Contrast {contrast}, {wanted.genetic_model} model.",
        _confounded(work, contrast),
        "" if least else f"{WARNING_OF_FEW}.",
    )
    settled = study.contrasts[contrast]
    strata = tuple(f"{name} stratum" for name in settled.strata)
    return AboutResults(
        genome_assembly=study.genome_build,
        trait_description=("recovery from amyotrophic lateral sclerosis",),
        n_case=n_case,
        n_control=len(member) - n_case,
        genotyping_technology=(wanted.technology,),
        sample_ancestry_category=tuple(sorted(set(mine.dropna()))) or ("NR",),
        analysis_software=f"alsrev {alsrev_dagster.__version__}",
        last_modified=_last_made(work),
        adjusted_covariates=(*settled.covariates, *strata),
        minor_allele_freq_lower_limit=min(least / (2 * len(member)), 0.49) if least else None,
        n_copy_min=least,
        author_notes=" ".join(part for part in said if part),
    )


def _confounded(work: OpenStudy, contrast: str) -> str:
    marks = work.lake.frame("result.confounding_mark").set_index("contrast")
    if contrast not in marks.index or not marks.loc[contrast, "is_confounded"]:
        return ""
    return f"CONFOUNDED: being a case goes with {marks.loc[contrast, 'confounded_by']}."


def _last_made(work: OpenStudy) -> date:
    """Day on which the newest part of the scan was written: equal results, equal file."""
    times = [path.stat().st_mtime for path in work.lake.files("result.association")]
    return date.fromtimestamp(max(times))


def _samples(work: OpenStudy, out: Path, contrast: str, program: Program) -> dict[str, Any]:
    from assets.covariates import covariate_values

    member = _members(work, contrast)
    frame = member[["sample_id", "is_case"]].reset_index(drop=True)
    value = covariate_values(work, contrast, member)
    for place, name in enumerate(work.study.contrasts[contrast].covariates):
        frame[name] = value[:, place] if value is not None else np.nan
    for place, stratum in enumerate(sorted(set(member["stratum"]))[1:], start=2):
        frame[f"stratum_{place}"] = (member["stratum"] == stratum).to_numpy(dtype=np.int64)
    whose = f"{work.study.study}.{contrast}"
    done = write_individual_level(frame, out, program=program, name=whose)
    variants = out / f"{whose}.variants.txt"
    n_variant = write_lines(_passing(work), variants)
    paths = (done.phenotype, done.covariate, variants)
    return {
        "files": [str(path) for path in paths if path is not None],
        "n_variant": n_variant,
        "contrast": contrast,
        "n_case": done.n_case,
        "n_control": done.n_control,
        "warning": WARNING,
    }


def _passing(work: OpenStudy) -> Iterator["pd.Series[str]"]:
    """Names of the variants that pass quality, those that are tested, a chromosome at a time."""
    for chrom in CHROMOSOMES:
        columns = ["variant_id", "filter_reason"]
        frame = work.lake.frame("core.variant_qc", columns, partition=chrom)
        yield frame.loc[frame["filter_reason"].isna(), "variant_id"]
