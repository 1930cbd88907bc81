"""A study: one typed object read from ``study.yaml``.

Every threshold of the analysis lives here and in the parts (``study_genotype``,
``study_audit``, ``study_comparison``, ``study_recovery``, ``study_outcome``, ``study_sets``), with its
unit, its default and where that comes from. What a key means is its ``description``; ``alsrev init``
writes those into a new study.
"""

from typing import Any, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from alsrev_dagster.study_arms import Discovery, Replication
from alsrev_dagster.study_audit import Audit, AuditFactor, ExternalFrequency
from alsrev_dagster.study_checks import Checks
from alsrev_dagster.study_choices import GenomeBuild, TimeOrigin
from alsrev_dagster.study_clinical import ClinicalFiles
from alsrev_dagster.study_comparison import Ancestry, Match, Relatedness
from alsrev_dagster.study_course import Trajectory
from alsrev_dagster.study_folder import StudyFolder
from alsrev_dagster.study_genotype import (
    Association,
    Callset,
    Contrast,
    Exclusion,
    Locus,
    Permutation,
    Quality,
)
from alsrev_dagster.study_outcome import Survival
from alsrev_dagster.study_recovery import (
    RECOVERY_PRESETS,
    Recovery,
    RecoveryDefinition,
    RecoveryGrid,
    RecoveryRate,
)
from alsrev_dagster.study_sets import ExternalSummary, Mask, Sets
from alsrev_dagster.study_values import CohortName, Name, Section, each_once

__all__ = [
    "RECOVERY_PRESETS",
    "Ancestry",
    "Association",
    "Audit",
    "AuditFactor",
    "Callset",
    "Checks",
    "ClinicalFiles",
    "Contrast",
    "Discovery",
    "Exclusion",
    "ExternalFrequency",
    "ExternalSummary",
    "Locus",
    "Mask",
    "Match",
    "Quality",
    "Recovery",
    "RecoveryDefinition",
    "RecoveryGrid",
    "RecoveryRate",
    "Relatedness",
    "Replication",
    "Sets",
    "Study",
    "StudyFolder",
    "Survival",
    "TimeOrigin",
    "settings_of",
]


class Study(Section):
    """Everything that a study declares."""

    study: Name = Field(description="short name of the study")
    simulated: bool = Field(
        False, description="true when any input is simulated: every page and figure then says so"
    )
    genome_build: GenomeBuild = Field(
        description="GRCh37 or GRCh38; checked against the files, never assumed"
    )
    reference: str | None = Field(
        None, description="plain FASTA, or a link to one: REF must fit it, indels are left-aligned"
    )
    callsets: dict[Name, Callset] = Field(
        min_length=1, description="genotype files called together, by name"
    )
    samples: str = Field(
        description="CSV: sample_id, participant_id, callset, cohort, sex, tissue, batch, sequencing_site, sampling_day"
    )
    participants: str | None = Field(
        None,
        description="CSV: participant_id, sex, ..., and the day columns; required without clinical",
    )
    visits: str | None = Field(
        None,
        description="CSV: participant_id, day, q1..q4, q5a, q5b, q6..q9, r1, r2, r3, alsfrsr_total; required without clinical",
    )
    biomarkers: str | None = Field(
        None, description="CSV: participant_id, day, analyte, value, unit"
    )
    clinical: ClinicalFiles | None = Field(
        None,
        description="files of a public resource as they were downloaded, in place of participants, visits and biomarkers",
    )
    missing_codes: tuple[str, ...] = Field(
        (),
        description="cell values that mean 'missing' in your tables, such as '-9999'; none is assumed",
    )
    ignored_columns: tuple[str, ...] = Field(
        (),
        description="columns of your tables that alsrev does not know and shall not read; none is assumed",
    )
    exclude: tuple[Exclusion, ...] = Field(
        (),
        description="samples left out of every comparison and model, with the reason; their data stay in the tables: for a withdrawn consent remove the sample from the input files",
    )
    external_frequency: ExternalFrequency | None = Field(
        None, description="allele frequencies of others; the controls' are held against them"
    )
    summary_statistics: dict[Name, ExternalSummary] = Field(
        default_factory=dict,
        description="summary statistics of others, by name: each lead's estimate there stands beside ours",
    )
    gene_sets: str | None = Field(
        None,
        description="GMT file: sets of genes by symbol (MSigDB's .symbols.gmt); without one no gene set is tested. Members change with the release: keep the file, its SHA-256 stands among the inputs",
    )
    contrasts: dict[Name, Contrast] = Field(
        min_length=1, description="cases against controls, by name"
    )
    unused_cohorts: tuple[CohortName, ...] = Field(
        (),
        description="cohorts that no contrast names, on purpose; any other cohort outside the contrasts is a problem",
    )
    loci: dict[Name, Locus] = Field(default_factory=dict, description="loci named before the data")
    replications: dict[Name, Replication] = Field(
        default_factory=dict,
        description="what is to be replicated, with test, alpha and power, named before the data",
    )
    quality: Quality = Field(Quality(), description="thresholds of quality control")
    relatedness: Relatedness = Field(Relatedness(), description="who is related")
    ancestry: Ancestry = Field(Ancestry(), description="principal components of ancestry")
    audit: Audit = Field(Audit(), description="what else may differ between cases and controls")
    association: Association = Field(Association(), description="what is tested")
    permutation: Permutation = Field(Permutation(), description="the scan under shuffled labels")
    sets: Sets = Field(Sets(), description="tests of genes, and of sets of genes")
    recovery: Recovery = Field(
        Recovery(preset="bedlack2016_large"), description="the recovery phenotype"
    )
    recovery_rate: RecoveryRate = Field(
        RecoveryRate(), description="how many recover, and how many would by noise alone"
    )
    recovery_grid: RecoveryGrid = Field(
        RecoveryGrid(), description="definitions beside it: how counts and effects move with them"
    )
    survival: Survival = Field(Survival(), description="time-to-event models")
    trajectory: Trajectory = Field(Trajectory(), description="courses of function, and stages")
    checks: Checks = Field(Checks(), description="where a check that only warns begins to")

    _no_repeats = field_validator("unused_cohorts")(each_once)

    @model_validator(mode="after")
    def _clinical_tables_are_named_one_way(self) -> Self:
        own = {"participants": self.participants, "visits": self.visits}
        given = [name for name, path in (*own.items(), ("biomarkers", self.biomarkers)) if path]
        if self.clinical is not None and given:
            raise PydanticCustomError("clinical_way", "{key} beside clinical", {"key": given[0]})
        lacking = [name for name, path in own.items() if not path]
        if self.clinical is None and lacking:
            found = "no key {key}, and no key clinical in its place"
            raise PydanticCustomError("clinical_way", found, {"key": lacking[0]})
        return self

    @model_validator(mode="after")
    def _unused_cohorts_are_unused(self) -> Self:
        both = sorted(self.compared_cohorts & set(self.unused_cohorts))
        if both:
            raise ValueError(f"cohort {both[0]} under unused_cohorts and in a contrast")
        return self

    @model_validator(mode="after")
    def _reference_cohorts_are_unused(self) -> Self:
        used = sorted(set(self.ancestry.reference_cohorts) - set(self.unused_cohorts))
        if used:
            raise ValueError(
                f"cohort {used[0]} under ancestry.reference_cohorts and not under unused_cohorts"
            )
        return self

    @model_validator(mode="after")
    def _matching_has_its_components(self) -> Self:
        for name, contrast in self.contrasts.items():
            if contrast.match and contrast.match.n_pc > self.ancestry.n_pc:
                raise ValueError(
                    f"contrasts.{name}.match.n_pc {contrast.match.n_pc}, which is more than"
                    f" ancestry.n_pc {self.ancestry.n_pc}"
                )
        return self

    @model_validator(mode="after")
    def _covariates_are_made(self) -> Self:
        made = {f"pc{k}" for k in range(1, self.ancestry.n_pc + 1)}
        for name, contrast in self.contrasts.items():
            lacking = [c for c in contrast.covariates if c.startswith("pc") and c not in made]
            if lacking:
                raise ValueError(
                    f"contrasts.{name}.covariates {lacking[0]}, which is more than ancestry.n_pc"
                    f" {self.ancestry.n_pc}"
                )
            both = [c for c in contrast.covariates if c in contrast.strata]
            if both:
                raise ValueError(
                    f"contrasts.{name}: {both[0]} is among both strata and covariates; one of them"
                    " is enough"
                )
        return self

    @model_validator(mode="after")
    def _sampling_fractions_are_of_every_cohort(self) -> Self:
        given = self.survival.sampling_fractions
        odd = sorted(set(given) ^ set(self.compared_cohorts)) if given else []
        if odd:
            raise ValueError(
                f"survival.sampling_fractions with {odd[0]} in only one of it and the contrasts"
            )
        return self

    @model_validator(mode="after")
    def _scan_covariates_are_made(self) -> Self:
        made = {f"pc{k}" for k in range(1, self.ancestry.n_pc + 1)}
        named = self.survival.scan.covariates
        lacking = [c for c in named if c.startswith("pc") and c not in made]
        if lacking:
            raise ValueError(
                f"survival.scan.covariates {lacking[0]}, which is more than ancestry.n_pc"
                f" {self.ancestry.n_pc}"
            )
        return self

    @model_validator(mode="after")
    def _replications_name_what_is_tested(self) -> Self:
        models = self.association.genetic_models
        for name, item in self.replications.items():
            if item.contrast not in self.contrasts:
                raise ValueError(
                    f"replications.{name}.contrast {item.contrast}, which is no contrast of the"
                    f" study ({', '.join(self.contrasts)})"
                )
            if item.genetic_model not in models:
                raise ValueError(
                    f"replications.{name}.genetic_model {item.genetic_model}, which is not in"
                    f" association.genetic_models ({', '.join(models)})"
                )
        return self

    @model_validator(mode="after")
    def _audit_names_what_is_declared(self) -> Self:
        for what, named, known in (
            ("acknowledged", self.audit.acknowledged, self.contrasts),
            ("callers", self.audit.callers, self.callsets),
        ):
            unknown = sorted(set(named) - set(known))
            if unknown:
                kind = "contrast" if what == "acknowledged" else "callset"
                raise ValueError(
                    f"audit.{what} of {unknown[0]}, which is no {kind} of the study"
                    f" ({', '.join(known)})"
                )
        return self

    @property
    def excluded_samples(self) -> dict[str, str]:
        """Reason of exclusion by sample_id."""
        return {sample: item.reason for item in self.exclude for sample in item.samples}

    @property
    def compared_cohorts(self) -> frozenset[str]:
        """Cohorts that some contrast names."""
        return frozenset(
            cohort for item in self.contrasts.values() for cohort in (*item.cases, *item.controls)
        )

    @property
    def control_cohorts(self) -> frozenset[str]:
        """Cohorts that are controls of some contrast."""
        return frozenset(one for item in self.contrasts.values() for one in item.controls)


def settings_of(study: Study, sections: frozenset[str]) -> dict[str, Any]:
    """The named sections of a study as plain values, for hashing; of presets, their numbers."""
    plain = study.model_dump(mode="json")
    plain["recovery"] = study.recovery.definition.model_dump(mode="json")
    presets = {name: one.model_dump(mode="json") for name, one in RECOVERY_PRESETS.items()}
    for name in ("recovery_rate", "survival"):
        plain[name] = plain[name] | {"presets": presets}
    return {name: plain[name] for name in sorted(sections)}
