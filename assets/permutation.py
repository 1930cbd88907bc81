"""Permutation: what chance alone gives with these genotypes and so few cases."""

from collections.abc import Hashable, Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.permutation import TIE_TOLERANCE, genome_wide_threshold, permutation_p
from alsrev_dagster.vocabulary import MARK, table
from assets.audit import mark_of
from assets.control_scan import control_pairs
from assets.permuted import (
    GENOTYPES,
    METHOD,
    PermutedScan,
    permuted_models,
    permuted_scans,
    smallest_p,
)
from assets.reading import member_genotypes, members_of

_OWNER = "statistical-genetics"
_COVERED, _SD_COVERED = 0.95, 1.96
"""Share of shuffled factors that an envelope holds, and its half width in standard deviations."""
_ROUNDING = 0.002
"""To which an inflation factor is known."""
_QUANTILES = {"lower": 0.025, "median": 0.5, "upper": 0.975}


@table_asset("result.permuted_scan", owner=_OWNER, reads=GENOTYPES)
def permuted_scan(work: OpenStudy) -> pd.DataFrame:
    """The smallest exact P value of all variants, and their inflation, under the true labels and
    under labels shuffled within strata; no rows where permutation.n_permutation is 0.
    """
    members = {name: members_of(work, name) for name in work.study.contrasts}
    parts = [
        _draws(name, model, scan).assign(seed=work.study.permutation.seed)
        for name, scan in permuted_scans(work, members).items()
        for model in scan.scans
    ]
    columns = list(table("result.permuted_scan").column_names)
    return pd.concat(parts)[columns] if parts else work.lake.empty_frame("result.permuted_scan")


def _draws(name: str, model: str, found: PermutedScan) -> pd.DataFrame:
    """Rows of one contrast and genetic model: labelling 0 is the true one."""
    scan = found.scans[model]
    smallest = np.concatenate([[found.smallest[model]], scan.smallest])
    inflation = np.full(len(smallest), np.nan)
    inflation[: scan.inflation.n_labelling] = scan.inflation.lambda_gc()
    return pd.DataFrame({"permutation": np.arange(len(smallest))}).assign(
        contrast=name,
        genetic_model=model,
        n_variant=found.n_variant,
        n_variant_filled=scan.n_filled,
        n_inflation_variant=scan.inflation.n_variant,
        smallest_exact_p_value=smallest,
        exact_lambda_gc=inflation,
        exact_method=found.method_of(model),
        analysis_set_hash=found.member["analysis_set_hash"].iloc[0],
    )


@table_asset(
    "result.permutation",
    owner=_OWNER,
    reads=["result.permuted_scan", "result.confounding_mark"],
)
def permutation(work: OpenStudy) -> pd.DataFrame:
    """The P value below which a variant stands over the genome, the smallest one seen beside it,
    and the inflation that chance alone gives.
    """
    draws, alpha = work.lake.frame("result.permuted_scan"), work.study.association.bonferroni_alpha
    rows = [
        {**_summary(mine, alpha), **mark_of(work, str(contrast))}
        for (contrast, _), mine in draws.groupby(["contrast", "genetic_model"], sort=False)
    ]
    return pd.DataFrame(rows, columns=list(table("result.permutation").column_names))


def _summary(draws: pd.DataFrame, alpha: float) -> dict[str, Any]:
    """What the labellings of one contrast and genetic model say."""
    seen, permuted = draws.iloc[0], draws.iloc[1:]
    smallest = permuted["smallest_exact_p_value"].to_numpy(dtype=np.float64)
    found = genome_wide_threshold(smallest, alpha)
    p_value = seen["smallest_exact_p_value"]
    return {
        **{name: seen[name] for name in draws.columns if name != "permutation"},
        "n_permutation": found.n_permutation,
        "family_wise_alpha": alpha,
        "family_wise_p_max": found.p_value or None,
        "family_wise_p_max_lower": found.ci_lower,
        "family_wise_p_max_upper": found.ci_upper,
        "family_wise_p_value": _family_wise(smallest, np.array([p_value]))[0],
        **_envelope(permuted["exact_lambda_gc"].to_numpy(dtype=np.float64)),
        "method": METHOD,
    }


def _family_wise(
    smallest: NDArray[np.float64], p_value: NDArray[np.float64]
) -> NDArray[np.float64]:
    """P values over the genome of some exact P values."""
    n_as_small = np.searchsorted(np.sort(smallest), p_value * (1 + TIE_TOLERANCE), "right")
    return permutation_p(n_as_small.astype(np.int64), len(smallest))


def _envelope(permuted: NDArray[np.float64]) -> dict[str, Any]:
    """Quantiles of the inflation factor under permuted labels, and how many these are."""
    permuted = permuted[~np.isnan(permuted)]
    known = len(permuted) > 0
    ends = {
        f"exact_lambda_{name}": float(np.quantile(permuted, share)) if known else None
        for name, share in _QUANTILES.items()
    }
    return {**ends, "n_inflation_permutation": len(permuted)}


@table_asset(
    "result.lead_permutation",
    owner=_OWNER,
    reads=["result.lead_variant", "result.permuted_scan", *GENOTYPES],
)
def lead_permutation(work: OpenStudy) -> pd.DataFrame:
    """Each lead under the same shuffled labels: by its own exact P value, and beside the smallest
    of all variants.
    """
    leads, draws = work.lake.frame("result.lead_variant"), work.lake.frame("result.permuted_scan")
    drawn = draws[draws["permutation"] > 0]
    if leads.empty or drawn.empty:
        return work.lake.empty_frame("result.lead_permutation")
    parts = [
        _lead_rows(work, str(contrast), mine, drawn[drawn["contrast"] == contrast])
        for contrast, mine in leads.groupby("contrast", sort=False)
    ]
    return pd.concat(parts)


def _lead_rows(
    work: OpenStudy, contrast: str, leads: pd.DataFrame, draws: pd.DataFrame
) -> pd.DataFrame:
    """Rows of the leads of one contrast."""
    names, member = list(leads["variant_id"].unique()), members_of(work, contrast)
    code = dict(zip(names, member_genotypes(work, contrast, names), strict=True))
    of_any = draws.groupby("permutation")["smallest_exact_p_value"].min().to_numpy()
    rows = []
    for lead in leads[leads["genetic_model"].isin(draws["genetic_model"])].to_dict("records"):
        model = str(lead["genetic_model"])
        drawn = draws[draws["genetic_model"] == model]
        own = smallest_p(work, contrast, member, model, 0)
        p_value = own.add(pack(code[lead["variant_id"]][None]))
        smallest = drawn["smallest_exact_p_value"].to_numpy(dtype=np.float64)
        rows.append(
            {
                **_kept(lead),
                "exact_p_value": p_value[0],
                "n_permutation": len(drawn),
                "permutation_p_value": own.adjusted_p(p_value)[0],
                "family_wise_p_value": _family_wise(smallest, p_value)[0],
                "any_model_family_wise_p_value": _family_wise(of_any, p_value)[0],
                "n_variant": drawn["n_variant"].iloc[0],
                "method": METHOD,
                "seed": drawn["seed"].iloc[0],
            }
        )
    return pd.DataFrame(rows, columns=list(table("result.lead_permutation").column_names))


def _kept(lead: Mapping[Hashable, Any]) -> dict[str, Any]:
    """What a row takes over of its lead."""
    key = ("contrast", "locus", "variant_id", "genetic_model")
    return {name: lead[name] for name in (*key, "exact_method", "analysis_set_hash", *MARK)}


@table_asset("result.control_permutation", owner=_OWNER, reads=GENOTYPES)
def control_permutation(work: OpenStudy) -> pd.DataFrame:
    """Inflation of each pair of control cohorts, beside that of labels shuffled between the two."""
    pairs = {f"{pair.cohort_1} v {pair.cohort_2}": pair for pair in control_pairs(work)}
    rows = []
    for name, found in permuted_scans(work, {n: p.member for n, p in pairs.items()}).items():
        n_first, n_second = pairs[name].sizes
        for model, scan in found.scans.items():
            inflation = scan.inflation.lambda_gc()
            rows.append(
                {
                    **pairs[name].names,
                    "genetic_model": model,
                    "n_sample_1": n_first,
                    "n_sample_2": n_second,
                    "n_variant": found.n_variant,
                    "n_variant_filled": scan.n_filled,
                    "n_inflation_variant": scan.inflation.n_variant,
                    "exact_lambda_gc": inflation[0],
                    **_envelope(inflation[1:]),
                    "exact_method": found.method_of(model),
                    "method": METHOD,
                    "seed": work.study.permutation.seed,
                    "analysis_set_hash": pairs[name].analysis_set_hash,
                }
            )
    return pd.DataFrame(rows, columns=list(table("result.control_permutation").column_names))


permuted_scan_has_unique_key = key_check("result.permuted_scan")
permutation_has_unique_key = key_check("result.permutation")
lead_permutation_has_unique_key = key_check("result.lead_permutation")
control_permutation_has_unique_key = key_check("result.control_permutation")


@table_check("result.permuted_scan")
def every_labelling_is_there(work: OpenStudy) -> Finding:
    """Each contrast and genetic model has the true labelling and every shuffled one, with a P
    value in (0, 1].
    """
    frame = work.lake.frame("result.permuted_scan")
    n_permutation = work.study.permutation.n_permutation
    members = (members_of(work, name) for name in work.study.contrasts)
    n_scan = sum(len(permuted_models(work, member)) for member in members)
    n_expected = n_scan * (n_permutation + 1) if n_permutation else 0
    is_sound = frame["smallest_exact_p_value"].between(0, 1, inclusive="right")
    n_wrong = abs(n_expected - len(frame)) + int((~is_sound).sum())
    return none_of(n_wrong, n_expected, "labellings are missing, or have no P value in (0, 1]")


@table_check("result.permutation", blocking=False)
def inflation_is_what_chance_gives(work: OpenStudy) -> Finding:
    """The inflation of each scan is what shuffled labels give, at 5% over all scans: above it
    something else than being a case makes many variants differ.
    """
    found = outside_envelope(work.lake.frame("result.permutation"), ["contrast"])
    adjusted = [name for name, contrast in work.study.contrasts.items() if contrast.covariates]
    if not adjusted:
        return found
    said = (
        f"{found.description}; what is judged of {', '.join(adjusted)} is the exact test, which is "
        "not adjusted for covariates: not the P values of record"
    )
    return Finding(found.passed, said, found.metadata)


@table_check("result.control_permutation", blocking=False)
def inflation_between_controls_is_what_chance_gives(work: OpenStudy) -> Finding:
    """The inflation of control cohorts against one another is what shuffled labels give, at 5%
    over all scans: above it batch, laboratory or descent makes many variants differ.
    """
    frame = work.lake.frame("result.control_permutation")
    return outside_envelope(frame, ["cohort_1", "cohort_2"])


def outside_envelope(
    frame: pd.DataFrame,
    named_by: list[str],
    *,
    factor: str = "exact_lambda",
    shuffled: str = "labels",
) -> Finding:
    """Finding of the scans whose inflation lies beyond its envelope, widened for their number:
    shuffled factors are nearly normal, being medians of many. ``factor`` names the columns.
    """
    seen, middle = frame[f"{factor}_gc"], frame[f"{factor}_median"]
    lower, upper = frame[f"{factor}_lower"], frame[f"{factor}_upper"]
    widening = NormalDist().inv_cdf(1 - (1 - _COVERED) / 2 / max(len(frame), 1)) / _SD_COVERED
    half = (upper - lower) / 2 * widening
    is_outside = ((seen - middle).abs() > half + _ROUNDING).fillna(False).astype(bool)
    lines = [
        f"{' v '.join(str(row[name]) for name in named_by)}, {row['genetic_model']}: "
        f"{row[f'{factor}_gc']:.3f}, shuffled {row[f'{factor}_lower']:.3f} to "
        f"{row[f'{factor}_upper']:.3f}"
        for row in frame[is_outside].to_dict("records")
    ]
    told = f"scans have an inflation that shuffled {shuffled} do not give (5% over all scans)"
    found = none_of(len(lines), len(frame), told)
    return Finding(found.passed, "; ".join([found.description, *lines]), found.metadata)
