"""A new study's files: every key with its meaning and default, every table with its columns."""

import textwrap
from collections.abc import Iterator, Mapping

import yaml
from pydantic import BaseModel

from alsrev_dagster.ingest.clinical_table import input_columns
from alsrev_dagster.study import (
    Callset,
    ClinicalFiles,
    Contrast,
    Exclusion,
    ExternalFrequency,
    ExternalSummary,
    Locus,
    Recovery,
    RecoveryDefinition,
    Study,
)
from alsrev_dagster.vocabulary import table

_HEADING = """\
# A study of alsrev. Every key is here, with its meaning above it; optional keys show their
# default and may be removed. Paths are relative to this folder.
# 'alsrev validate' lists everything that does not fit, with the line.
"""

_TABLES = {
    "samples": "raw.sample",
    "participants": "raw.participant",
    "visits": "raw.visit",
    "biomarkers": "raw.biomarker",
}

_PLACEHOLDER = Study(
    study="my-study",
    genome_build="GRCh38",
    callsets={"joint": Callset(files="genotypes/*.vcf.gz", absent_sites="missing")},
    samples="samples.csv",
    participants="participants.csv",
    visits="visits.csv",
    biomarkers="biomarkers.csv",
    contrasts={"primary": Contrast(cases=("reversal",), controls=("typical",), strata=())},
    loci={},
    recovery=Recovery(preset="bedlack2016_large", custom=None),
)
"""What a user overwrites; everything else is the model's own default."""

_EXAMPLES: dict[str, object] = {
    "clinical": ClinicalFiles(format="proact", folder="clinical/"),
    "loci": {"A_LOCUS": Locus(gene="GENE", lead="chr1-1000000-A-G")},
    "missing_codes": ("-9999",),
    "external_frequency": ExternalFrequency(file="gnomad.tsv.gz", ancestry="EUR"),
    "summary_statistics": {
        "another_cohort": ExternalSummary(
            file="another_cohort.tsv.gz", description="ALS risk, 20,806 cases"
        )
    },
    "gene_sets": "gene_sets.symbols.gmt",
    "unused_cohorts": ("pilot",),
    "ignored_columns": ("height_cm",),
    "exclude": (Exclusion(samples=("a_sample_id",), reason="sequenced again"),),
    "custom": RecoveryDefinition(
        name="my_definition", min_gain_points=4, min_duration_days=365, max_gap_days=200
    ),
}
"""Shown as a comment beside a key that is empty by default."""


def study_template() -> str:
    """Return a ``study.yaml`` with every key, its meaning and its default."""
    return _HEADING + "\n".join(_model_lines(_PLACEHOLDER)) + "\n"


def csv_templates() -> dict[str, str]:
    """Return the header line of each clinical table, by file name."""
    files = {str(getattr(_PLACEHOLDER, key)): table(name) for key, name in _TABLES.items()}
    return {name: ",".join(input_columns(spec)) + "\n" for name, spec in files.items()}


def _model_lines(model: BaseModel) -> Iterator[str]:
    is_study = isinstance(model, Study)
    for name, field in type(model).model_fields.items():
        if is_study:
            yield ""
        must = "; required" if field.is_required() else ""
        yield from (f"# {line}" for line in textwrap.wrap(f"{field.description}{must}", 92))
        yield from _key_lines(name, getattr(model, name))
        if name in _EXAMPLES:
            example = "\n".join(_key_lines(name, _EXAMPLES[name]))
            yield from textwrap.indent(f"for example:\n{example}", "# ").splitlines()


def _key_lines(name: str, value: object) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield f"{name}:"
        yield from (f"  {line}" for line in _model_lines(value))
    elif isinstance(value, Mapping) and value:
        yield f"{name}:"
        for key, item in value.items():
            yield from (f"  {line}" for line in _key_lines(str(key), item))
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        plain = [item.model_dump(mode="json") for item in value]
        yield f"{name}: {_flow(plain)}"
    else:
        yield f"{name}: {_flow(list(value) if isinstance(value, tuple) else value)}"


def _flow(value: object) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000)
    return text.removesuffix("\n").removesuffix("\n...")
