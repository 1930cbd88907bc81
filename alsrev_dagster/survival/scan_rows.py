"""What a Cox scan says of each variant, as columns: which P value is of record, by which test."""

from collections.abc import Mapping, Sequence

import numpy as np

from alsrev_dagster.survival.cox_scan import CoxScan
from alsrev_dagster.survival.risk import FloatArray
from alsrev_dagster.survival.score_scan import SADDLEPOINT_Z

FIRTH, FIRTH_OFFSET = "cox_firth_lrt", "cox_firth_lrt_offset"
SADDLEPOINT, SCORE = "cox_saddlepoint", "cox_score"
PERMUTATION = "cox_permutation_exact"
SCREENED = "screened"
"""fit_status of a variant that was not fitted: its P of record is the screen's."""

_GENOTYPE = ("hom_ref", "het", "hom_alt")
_FITTED = ("hazard_ratio", "ci_lower", "ci_upper", "firth_p_value", "separation")


def scan_columns(found: CoxScan, genetic_models: Sequence[str]) -> Mapping[str, np.ndarray]:
    """Columns of ``result.survival_scan``, the genetic models of a variant one after the other.

    Notes
    -----
    The P of record is the largest of Firth's likelihood ratio, the saddlepoint and the exact
    permutation, of those that are there. Each of the first two alone is too small more often than
    it says. The exact one, of one to four carriers, is not; but it takes a carrier's long follow-up
    without an event for a rare thing in itself, which says nothing where follow-up goes with
    genotype for another reason: the other two weigh the events that were expected. Where a variant
    was not fitted it is the screen's P; where nothing is tested it is 1.

    That the screen chooses which variants are permuted costs no level: where it does not, its own P
    stands, which is not below the threshold it chooses by. So for any alpha up to that threshold a
    P of record of at most alpha is an exact P of at most alpha, where one to four carry and there
    are no covariates.
    """
    n, n_model = found.score.z.shape
    fitted = {name: np.full((n, n_model), np.nan) for name in _FITTED}
    status, firth_method = found.score.fit_status.astype(object), np.full((n, n_model), None)
    status[~np.isnan(found.score.z)] = SCREENED
    for place, model in enumerate(genetic_models):
        row, fit = found.row[model], found.firth[model]
        status[row, place] = fit.fit_status
        is_apart = fit.fit_status == "separated"
        firth_method[row, place] = np.where(fit.is_joint, FIRTH, FIRTH_OFFSET)
        values = (
            np.exp(fit.coefficient),
            np.exp(fit.ci_lower),
            np.exp(fit.ci_upper),
            fit.p_value,
            np.where(is_apart, fit.separation, np.nan),
        )
        for name, value in zip(_FITTED, values, strict=True):
            fitted[name][row, place] = value
    firth_method[np.isnan(fitted["firth_p_value"])] = None
    p_value, method = _of_record(found, fitted["firth_p_value"], firth_method)
    each = {
        "score_z": found.score.z,
        "score_p_value": found.score.normal_p,
        "saddlepoint_p_value": found.score.saddlepoint_p,
        "permutation_p_value": found.permutation_p,
        "firth_method": firth_method,
        "p_value": p_value,
        "method": method,
        "fit_status": status,
        **fitted,
    }
    return {**_counts(found, n_model), **{name: value.ravel() for name, value in each.items()}}


def _of_record(
    found: CoxScan, firth_p: FloatArray, firth_method: np.ndarray
) -> tuple[FloatArray, np.ndarray]:
    """P of record of each variant and model, and the test behind it."""
    score = found.score
    is_far = np.abs(score.z) >= SADDLEPOINT_Z
    screen_method = np.where(is_far & score.has_root, SADDLEPOINT, SCORE)
    is_fitted = ~np.isnan(firth_p)
    takes_screen = score.has_root & (score.screen_p >= np.where(is_fitted, firth_p, 0.0))
    takes_screen |= ~is_fitted
    p_value = np.where(takes_screen, score.screen_p, firth_p)
    method = np.where(takes_screen, screen_method, firth_method).astype(object)
    is_exact = found.permutation_p >= p_value
    return np.fmax(p_value, found.permutation_p), np.where(is_exact, PERMUTATION, method)


def _counts(found: CoxScan, n_model: int) -> dict[str, np.ndarray]:
    """Participants and events by genotype, repeated for each genetic model."""
    n, event = found.score.n_by_code, found.score.n_event_by_code
    columns = {
        "n": n[:, :3].sum(axis=1),
        "n_event": event[:, :3].sum(axis=1),
        **{f"n_{name}": n[:, code] for code, name in enumerate((*_GENOTYPE, "missing"))},
        **{f"n_event_{name}": event[:, code] for code, name in enumerate(_GENOTYPE)},
    }
    return {name: np.repeat(value, n_model) for name, value in columns.items()}
