"""Lead arm: each lead against pooled controls and against each arm, and what the arms share."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats import arm_terms
from alsrev_dagster.stats.arm_term import NUMBERS, Term
from alsrev_dagster.stats.genetic_model import SCORE
from alsrev_dagster.stats.logistic_null import NullModel
from alsrev_dagster.stats.polytomous_design import polytomous_firth_design
from alsrev_dagster.stats.polytomous_firth import polytomous_firth
from alsrev_dagster.vocabulary import MARK, table
from assets.covariates import COVARIATE_TABLES, covariate_design, covariate_model, covariate_names
from assets.lead_genotypes import LEAD_TABLES, ContrastLeads, contrast_leads

_OWNER = "statistical-genetics"
_KEPT = ["contrast", "locus", "variant_id", "genetic_model", "analysis_set_hash", *MARK]
_JOINT = ("beta", "standard_error", "odds_ratio", "ci_lower", "ci_upper", "p_value")
_UNADJUSTED = ("mantel_haenszel", "exact_conditional")
_N_ARM_FOR_LEAVING_OUT = 3


@table_asset("result.lead_arm", owner=_OWNER, reads=[*LEAD_TABLES, *COVARIATE_TABLES])
def lead_arm(work: OpenStudy) -> pd.DataFrame:
    """What stands behind each lead: the joint row of record, its stratified asymptotic and exact
    forms, and, where several control cohorts share the cases, each arm's odds ratio by one
    multinomial model, whether the arms agree, and what the estimate is without each of them.
    """
    parts = [
        frame
        for leads in contrast_leads(work)
        for model, rows, place in leads.by_model()
        for frame in _frames(work, leads, model, (rows, place))
    ]
    if not parts:
        return work.lake.empty_frame("result.lead_arm")
    spec = table("result.lead_arm")
    frame = pd.concat([part.astype({"fit_status": object}) for part in parts])
    return frame[list(spec.column_names)].sort_values(list(spec.key), ignore_index=True)


def _frames(
    work: OpenStudy,
    leads: ContrastLeads,
    genetic_model: str,
    of_model: tuple[pd.DataFrame, NDArray[np.int64]],
) -> Iterator[pd.DataFrame]:
    """Rows of each term of the leads of one contrast under one genetic model."""
    rows, place = of_model
    names = covariate_names(work, leads.contrast)
    kept = rows[_KEPT].reset_index(drop=True)
    yield _joint(rows)
    for term in _terms(work, leads, genetic_model, place):
        numbers = {name: value for name, value in vars(term).items() if name != "name"}
        covariates = None if term.name in _UNADJUSTED else names
        yield kept.assign(term=term.name, covariates=covariates, **numbers)


def _joint(rows: pd.DataFrame) -> pd.DataFrame:
    """The row of record again: cases against pooled controls."""
    called = {
        f"n_{side}": sum(rows[f"n_{side}_{g}"] for g in ("hom_ref", "het", "hom_alt"))
        for side in ("case", "control")
    }
    lacking: dict[str, Any] = {name: np.nan for name in NUMBERS if name not in _JOINT}
    kept = rows[[*_KEPT, *_JOINT, "method", "covariates", "fit_status"]]
    return kept.assign(term="joint", **called, **lacking)


def _terms(
    work: OpenStudy, leads: ContrastLeads, genetic_model: str, place: NDArray[np.int64]
) -> Iterator[Term]:
    """Every term but the joint one."""
    counts = leads.n_group[place]
    pooled = counts[:, 0], counts[:, 1:].sum(axis=1)
    yield arm_terms.mantel_haenszel_term(*pooled, genetic_model)
    yield arm_terms.exact_term(*pooled, genetic_model)
    if len(leads.arms) < 2:
        return
    yield from _polytomous(work, leads, genetic_model, place)
    alone = [
        _against(work, leads, f"alone:{arm}", genetic_model, (place, (arm,))) for arm in leads.arms
    ]
    yield from alone
    yield arm_terms.combined_term(alone)
    if len(leads.arms) >= _N_ARM_FOR_LEAVING_OUT:
        for arm in leads.arms:
            others = tuple(other for other in leads.arms if other != arm)
            yield _against(work, leads, f"without:{arm}", genetic_model, (place, others))


def _polytomous(
    work: OpenStudy, leads: ContrastLeads, genetic_model: str, place: NDArray[np.int64]
) -> list[Term]:
    """Terms of the multinomial model, adjusted as the contrast is."""
    counts, score = leads.n_group[place], SCORE[genetic_model]
    if not work.study.contrasts[leads.contrast].covariates:
        return arm_terms.polytomous_terms(polytomous_firth(counts, score), counts, leads.arms)
    design = covariate_design(work, leads.contrast, leads.member)
    group = leads.groups.any(axis=1).argmax(axis=0)
    coded = np.array([*score, np.nan])[leads.code[place]]
    fit = polytomous_firth_design(group, coded, design.basis[1:].T)
    return arm_terms.polytomous_terms(fit, counts, leads.arms, is_adjusted=True)


def _against(
    work: OpenStudy,
    leads: ContrastLeads,
    name: str,
    genetic_model: str,
    chosen: tuple[NDArray[np.int64], tuple[str, ...]],
) -> Term:
    """Cases against some of the arms, adjusted as the contrast is."""
    place, arms = chosen
    is_arm = [arm in arms for arm in leads.arms]
    counts = leads.n_group[place]
    sides = counts[:, 0], counts[:, 1:][:, is_arm].sum(axis=1)
    if not work.study.contrasts[leads.contrast].covariates:
        return arm_terms.firth_term(name, *sides, genetic_model)
    is_used = np.asarray(leads.groups[[True, *is_arm]].any(axis=(0, 1)), dtype=np.bool_)
    model = _model_of(work, leads.contrast, leads.member.iloc[np.flatnonzero(is_used)])
    genotype = leads.code[place][:, is_used]
    return arm_terms.adjusted_term(name, model, genotype, sides=sides, genetic_model=genetic_model)


def _model_of(work: OpenStudy, contrast: str, member: pd.DataFrame) -> NullModel | None:
    """Null model of some of a contrast's samples; None where the covariates cannot be fitted."""
    try:
        return covariate_model(work, contrast, member)
    except InputDataError:
        return None


lead_arm_has_unique_key = key_check("result.lead_arm")


@table_check("result.lead_arm", blocking=False)
def arms_agree_on_the_leads(work: OpenStudy) -> Finding:
    """No lead's odds ratio differs between the control arms of its contrast, at
    audit.control_p_max, by the multinomial model: the cases are the same, so the controls differ.
    """
    common = work.lake.frame("result.lead_arm").query("term == 'common'")
    known = common.dropna(subset=["agreement_p_value"])
    apart = known[known["agreement_p_value"] <= work.study.audit.control_p_max]
    key = ["contrast", "variant_id"]
    lines = [
        f"{row['contrast']}: {row['variant_id']} {row['genetic_model']} "
        f"P {row['agreement_p_value']:.1e}"
        for row in apart.to_dict("records")
    ]
    n_all = len(known[key].drop_duplicates())
    found = none_of(len(apart[key].drop_duplicates()), n_all, "leads differ between control arms")
    nothing = ["no contrast has two control cohorts"] if common.empty else []
    said = "; ".join([found.description, *lines, *nothing])
    return Finding(found.passed, said, found.metadata)
