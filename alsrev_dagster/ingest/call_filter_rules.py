"""Call filters that were asked for and cannot work on the files."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.call_filter import ALL_CALLS, CallFilter, call_filter_of
from alsrev_dagster.ingest.genotype_file import GenotypeFile
from alsrev_dagster.ingest.plink_files import PLINK_FORMATS

if TYPE_CHECKING:  # annotations alone: reading genotypes starts without pydantic
    from alsrev_dagster.study import Study

_FIELDS = {"genotype_quality_min": "GQ", "depth_min": "DP", "allele_balance_min": "AD"}
_NOT_IN_PLINK = {
    "half_calls": "half calls",
    "genotype_quality_min": "genotype qualities",
    "depth_min": "depths",
    "allele_balance_min": "reads of alleles",
}


def study_filter_problems(
    study: "Study", files: Mapping[str, Sequence[GenotypeFile]]
) -> Iterator[Problem]:
    """Settings of a study's callsets that their files cannot follow."""
    for name, callset in study.callsets.items():
        where = {key: f"study.yaml, callsets.{name}.{key}" for key in _NOT_IN_PLINK}
        yield from filter_problems(call_filter_of(callset), files.get(name, ()), where)


def filter_problems(
    call_filter: CallFilter, files: Sequence[GenotypeFile], where: Mapping[str, str]
) -> Iterator[Problem]:
    """Settings that a callset's files cannot follow; ``where`` is what each one is called."""
    plink = [file for file in files if file.format in PLINK_FORMATS]
    for key, what in _NOT_IN_PLINK.items():
        asked, usual = getattr(call_filter, key), getattr(ALL_CALLS, key)
        if asked == usual:
            continue
        if plink:
            yield Problem(
                where[key],
                f"{_shown(asked)} with a PLINK file ({_named(plink)})",
                _shown(usual),
                f"PLINK keeps no {what}; leave the setting out, or give the VCF or BCF",
            )
        if key in _FIELDS:
            yield from _lacking(where[key], _shown(asked), _FIELDS[key], files)


def _lacking(
    where: str, asked: str, field: str, files: Sequence[GenotypeFile]
) -> Iterator[Problem]:
    """Tell of a field that is asked for and that a header does not declare, or no record has."""
    files = [file for file in files if file.format not in PLINK_FORMATS]
    declared = [file for file in files if field in file.call_fields]
    if unheld := [file for file in declared if field not in file.call_fields_seen]:
        yield Problem(
            where,
            f"{asked}, but {field} is declared and no record has it ({_named(unheld)})",
            f"{field} in the FORMAT of records of every file, or 0",
            f"leave the setting out, or give files with {field}: without it every call is kept",
        )
    if of := [file for file in files if field not in file.call_fields]:
        yield Problem(
            where,
            f"{asked}, but no FORMAT {field} in the header ({_named(of)})",
            f"##FORMAT=<ID={field},...> in every file, or 0",
            f"leave the setting out, or give files with {field}: without it every call is kept",
        )


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _named(files: Sequence[GenotypeFile]) -> str:
    n_more = len(files) - 1
    return files[0].name + (f" and {n_more} more" if n_more else "")
