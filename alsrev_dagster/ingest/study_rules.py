"""What ``study.yaml`` says that the table of samples cannot bear out."""

from collections.abc import Iterator

import pandas as pd

from alsrev_dagster.errors import Problem
from alsrev_dagster.ingest.clinical_file import N_SHOWN
from alsrev_dagster.ingest.clinical_table import problems_of
from alsrev_dagster.ingest.suggestion import closest
from alsrev_dagster.study import Study


def contrast_problems(study: Study, sample: pd.DataFrame) -> Iterator[Problem]:
    """Cohorts that no sample has, and sides of a contrast without samples."""
    used = _used(study, sample)
    for name, contrast in study.contrasts.items():
        yield from _side_problems(f"contrasts.{name}.cases", contrast.cases, sample, used)
        yield from _side_problems(f"contrasts.{name}.controls", contrast.controls, sample, used)
    yield from _unknown_cohorts("unused_cohorts", study.unused_cohorts, sample)


def stratum_problems(
    study: Study, sample: pd.DataFrame, participant: pd.DataFrame
) -> Iterator[Problem]:
    """Columns that a contrast is stratified by, and some sample of it lacks."""
    person = participant.dropna(subset=["participant_id"]).drop_duplicates("participant_id")
    person = person.set_index("participant_id")
    for name, contrast in study.contrasts.items():
        used = _used(study, sample)
        inside = used[used["cohort"].isin(contrast.cases + contrast.controls)]
        of_person = person.reindex(inside["participant_id"])
        for column in contrast.strata:
            has_value = of_person[column].notna().to_numpy()
            if column == "sex":  # the sample's own, or its participant's
                has_value |= inside["sex"].notna().to_numpy()
            yield from _without(column, name, inside[~has_value])


def _used(study: Study, sample: pd.DataFrame) -> pd.DataFrame:
    return sample[~sample["sample_id"].isin(list(study.excluded_samples))]


def _side_problems(
    key: str, cohorts: tuple[str, ...], sample: pd.DataFrame, used: pd.DataFrame
) -> Iterator[Problem]:
    unknown = list(_unknown_cohorts(key, cohorts, sample))
    yield from unknown
    if not unknown and not used["cohort"].isin(cohorts).any():
        yield Problem(
            f"study.yaml, key {key}",
            "no sample left after exclude",
            "at least one sample on each side",
            "exclude fewer samples, or remove the contrast",
        )


def _unknown_cohorts(key: str, cohorts: tuple[str, ...], sample: pd.DataFrame) -> Iterator[Problem]:
    n_sample = sample["cohort"].value_counts()
    # A cohort of one may be an identifier in the wrong column: it is not repeated.
    known = [str(cohort) for cohort, n in n_sample.items() if n > 1]
    for index, cohort in enumerate(cohorts):
        if cohort not in n_sample.index:
            near = closest(cohort, known)
            fix = (
                f"did you mean {near}?" if near else "mend the name here or in the table of samples"
            )
            where, found = (
                f"study.yaml, key {key}[{index}]",
                f"cohort {cohort}, which no sample has",
            )
            yield Problem(where, found, "a cohort of the table of samples", fix)


def unused_cohort_problems(study: Study, sample: pd.DataFrame) -> list[Problem]:
    """Cohorts of samples that no contrast names: these would be left out of everything unsaid.

    One problem a cohort, at its first row. Its name is not repeated: it may be an
    identifier in the wrong column.
    """
    problems = problems_of(sample)
    allowed = study.compared_cohorts | set(study.unused_cohorts)
    used = _used(study, sample).dropna(subset=["cohort"])
    named = [cohort for cohort in sorted(study.compared_cohorts) if used["cohort"].eq(cohort).any()]
    for cohort, rows in used[~used["cohort"].isin(list(allowed))].groupby("cohort", sort=False):
        near = closest(str(cohort), named)
        mend = f"did you mean {near}? mend the spelling" if near else "mend the spelling"
        problems.add(
            f"line {rows['source_line'].iloc[0]}, column cohort",
            f"a cohort of {len(rows)} sample(s) that no contrast names",
            expected=f"one of {', '.join(sorted(study.compared_cohorts))}",
            fix=f"{mend}, add the cohort to a contrast or to unused_cohorts in study.yaml, or list "
            "the sample(s) under exclude",
            kind="cohorts that no contrast names",
            n_shown=N_SHOWN,
        )
    return list(problems.all())


def _without(column: str, contrast: str, rows: pd.DataFrame) -> tuple[Problem, ...]:
    problems = problems_of(rows)
    for line in rows["source_line"]:
        problems.add(
            f"line {line}",
            f"a sample of contrast {contrast} without {column}, its own or its participant's",
            expected=f"{column} for every sample: the contrast is stratified by it",
            fix=f"fill {column}, list the sample under exclude, or remove {column} from strata",
            kind=f"samples of contrast {contrast} without {column}",
            n_shown=N_SHOWN,
        )
    return problems.all()


def repeated_lead_problems(study: Study) -> Iterator[Problem]:
    """Loci that declare a variant which another declares."""
    first: dict[str, str] = {}
    for name, locus in study.loci.items():
        if locus.lead in first:
            yield Problem(
                f"study.yaml, loci.{name}.lead",
                f"{locus.lead}, which loci.{first[locus.lead]} declares",
                "each variant in one locus",
                "remove one of the two: a result names a variant once",
            )
        first.setdefault(locus.lead, name)


def exclusion_problems(study: Study, known: set[str]) -> Iterator[Problem]:
    """Name excluded samples that are neither in the table of samples nor in a genotype file."""
    seen: dict[str, str] = {}
    for index, item in enumerate(study.exclude):
        for place, sample_id in enumerate(item.samples):
            key = f"exclude[{index}].samples[{place}]"
            where = f"study.yaml, key {key}"
            if sample_id in seen:
                found, fix = f"the same sample as {seen[sample_id]}", "remove one of the two"
                yield Problem(where, found, "each sample once, with one reason", fix)
            elif sample_id not in known:
                found = "a sample that is in no row of the table of samples and in no genotype file"
                fix = "mend its spelling, or remove it from exclude"
                yield Problem(where, found, "a sample of the study", fix)
            seen.setdefault(sample_id, key)


def undeclared_callset_problems(study: Study, sample: pd.DataFrame) -> list[Problem]:
    """Rows of samples whose callset ``study.yaml`` does not have."""
    problems = problems_of(sample)
    given = sample["callset"].notna() & ~sample["callset"].isin(list(study.callsets))
    for line in sample.loc[given, "source_line"]:
        problems.add(
            f"line {line}, column callset",
            "a callset that study.yaml does not declare",
            expected=f"one of {', '.join(study.callsets)}",
            fix="mend the cell, or declare the callset under callsets in study.yaml",
            kind="rows of callsets that study.yaml does not declare",
            n_shown=N_SHOWN,
        )
    return list(problems.all())
