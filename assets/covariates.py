"""Covariates: what the model of a contrast adjusts for, of the samples that it compares."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.design import NullDesign, null_design
from alsrev_dagster.stats.logistic_null import NullModel, null_model
from assets.reading import compared

COVARIATE_TABLES = ("core.sample_trait", "core.sample_pc")
"""Where covariates come from."""
_OF_TRAIT = ("sex", "age_at_onset_years")


def covariate_model(work: OpenStudy, contrast: str, member: pd.DataFrame) -> NullModel:
    """Null model of a contrast, covariates and strata; samples in the order of ``member``."""
    try:
        return null_model(covariate_design(work, contrast, member))
    except InputDataError as error:
        raise InputDataError(f"contrasts.{contrast}.covariates: {error}") from error


def covariate_values(
    work: OpenStudy, contrast: str, member: pd.DataFrame
) -> NDArray[np.float64] | None:
    """Covariates of a contrast, a row a sample in the order of ``member``; None without any.

    They can be fitted, or it is said why they cannot.
    """
    name = work.study.contrasts[contrast].covariates
    if not name:
        return None
    covariate_model(work, contrast, member)
    return _values(work, member)[list(name)].to_numpy(dtype=np.float64)


def covariate_names(work: OpenStudy, contrast: str) -> str | None:
    """Names of the covariates, comma separated; None without any."""
    return ", ".join(work.study.contrasts[contrast].covariates) or None


def covariate_design(work: OpenStudy, contrast: str, member: pd.DataFrame) -> NullDesign:
    """Return the design of a contrast after checking that it can be fitted."""
    name = work.study.contrasts[contrast].covariates
    value = _values(work, member)[list(name)].to_numpy(dtype=np.float64)
    stratum, is_case = member["stratum"].to_numpy(dtype=str), member["is_case"].to_numpy(np.bool_)
    strata = stratum if len(set(stratum)) > 1 else None
    return null_design(is_case, value, name, stratum=strata)


def _values(work: OpenStudy, member: pd.DataFrame) -> pd.DataFrame:
    """Every covariate there is, a row a sample in the order of ``member``; sex is 1 for female."""
    trait = work.lake.frame("core.sample_trait", ["sample_id", *_OF_TRAIT]).set_index("sample_id")
    is_female = (trait["sex"] == "female").astype(float).where(trait["sex"].notna())
    pc = work.lake.frame("core.sample_pc").set_index("sample_id").filter(regex=r"^pc\d+$")
    joined = trait.assign(sex=is_female).join(pc)
    return joined.reindex(member["sample_id"]).astype(float)


def values_of(work: OpenStudy, member: pd.DataFrame, names: Sequence[str]) -> NDArray[np.float64]:
    """Some covariates, a row a sample in the order of ``member``; NaN where one is not known."""
    return _values(work, member)[list(names)].to_numpy(dtype=np.float64)


def adjusted(work: OpenStudy) -> Iterator[tuple[str, pd.DataFrame]]:
    """Contrasts with covariates, and whom each compares."""
    member = compared(work)
    for name, contrast in work.study.contrasts.items():
        if contrast.covariates:
            yield name, member[member["contrast"] == name]
