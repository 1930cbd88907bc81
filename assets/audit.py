"""Audit: what else differs between cases and controls than being one."""

import numpy as np
import pandas as pd

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.stats.alignment import freeman_halton_p, overlap

_TECHNICAL = ("callset", "tissue", "batch", "sequencing_site")
_PERSONAL = ("ancestry", "sex")
_N_NAMED_MAX, _N_SAMPLE_NAMED_MIN = 6, 5
_SEED = 20240229


def audited_factors(strata: tuple[str, ...]) -> list[str]:
    """Factors that are asked about: those that a contrast is stratified by are not."""
    return [*_TECHNICAL, *(factor for factor in _PERSONAL if factor not in strata)]


def aligned_with_case_status(work: OpenStudy) -> list[str]:
    """Factors whose values go with being a case, a line each with its numbers.

    A factor is aligned when the sides share no value of it, or when their overlap and the
    exact P are both at most the study's thresholds.
    """
    known = _factors(work)
    lines = []
    for name, contrast in work.study.contrasts.items():
        frame = known[known["contrast"] == name]
        for factor in audited_factors(contrast.strata):
            told = _alignment(work, frame.dropna(subset=[factor]), factor)
            lines += [f"{name}: {factor} is aligned with case status ({told})"] if told else []
    return lines


def _factors(work: OpenStudy) -> pd.DataFrame:
    """Included samples with their factors."""
    member = work.lake.frame("core.analysis_set").query("is_included")
    sample = work.lake.frame("raw.sample", ["sample_id", *_TECHNICAL])
    sex = work.lake.frame("core.sample_sex", ["sample_id", "sex"])
    ancestry = work.lake.frame("raw.participant", ["participant_id", "ancestry"])
    joined = member.merge(sample, on="sample_id").merge(sex, on="sample_id")
    return joined.merge(ancestry, on="participant_id")


def _alignment(work: OpenStudy, known: pd.DataFrame, factor: str) -> str:
    """What each side has, and the numbers, if these make the factor aligned; else nothing."""
    rule, side = work.study.quality, known["is_case"]
    values = [set(known.loc[side == is_case, factor]) for is_case in (True, False)]
    if not all(values):
        return ""
    n = pd.crosstab(known[factor], known["is_case"])
    case, control = (n[is_case].to_numpy(dtype=np.int64) for is_case in (True, False))
    shared = overlap(case, control)
    p_value = freeman_halton_p(case, control, np.random.default_rng(_SEED))
    is_strong = shared <= rule.confounding_overlap_max and p_value <= rule.confounding_p_max
    if shared > 0 and not is_strong:
        return ""
    cases, controls = (_named(known, factor, found) for found in values)
    return (
        f"cases {cases}; controls {controls}; overlap {shared:.2f}, exact P {p_value:.1e}, "
        f"{case.sum()} cases, {control.sum()} controls"
    )


def _named(known: pd.DataFrame, factor: str, values: set[str]) -> str:
    """The values by name where each stands for several samples: one's own may name a person."""
    n_sample = known[factor].value_counts()
    if len(values) <= _N_NAMED_MAX and all(n_sample[v] >= _N_SAMPLE_NAMED_MIN for v in values):
        return ", ".join(sorted(values))
    return f"{len(values)} values"
