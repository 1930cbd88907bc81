"""Firth's Cox fit of genotype and covariates together, for the leads of a scan."""

from collections.abc import Sequence

import numpy as np

from alsrev_dagster.packing import MISSING, unpack
from alsrev_dagster.survival.cox_data import CoxData
from alsrev_dagster.survival.cox_model import CoxModel
from alsrev_dagster.survival.cox_null import CoxNull
from alsrev_dagster.survival.firth_cox import firth_cox
from alsrev_dagster.survival.firth_scan import CoxFirth
from alsrev_dagster.survival.risk import FloatArray, IntArray
from alsrev_dagster.survival.scan_genotypes import Genotypes, coding_of, each_part
from alsrev_dagster.survival.separation import separation_direction

_GENOTYPE = "genotype"


def joint_scan(
    null: CoxNull, genotype: Genotypes, row: IntArray, genetic_model: str, *, n_thread: int = 2
) -> CoxFirth:
    """Firth's fit of genotype and covariates together, of the variants at ``row``.

    Parameters
    ----------
    null
        Null model: strata, delayed entry, covariates.
    genotype
        Packed genotypes and the participants' places in them.
    row
        Variants that are fitted: milliseconds each.
    genetic_model
        Key of ``CODING``.
    n_thread
        Threads; results are the same for any number of them.

    Returns
    -------
    CoxFirth
        Of the genotype alone: :func:`firth_cox` of those with a call. ``fit_status`` may be
        ``collinear`` too. ``separation`` is 0 where covariates separate, and not the genotype.

    Notes
    -----
    The likelihood ratio is 2 (l*(all) - l*(covariates alone)) with the penalty of the whole model
    in both [1]_; the interval is that of the profile. The genotype's estimate carries what the
    covariates give way; the fit with an offset does not.

    References
    ----------
    .. [1] Heinze & Schemper (2001), Biometrics 57:114-119, section 2.

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> from alsrev_dagster.survival.cox_null import cox_null
    >>> months, age = np.arange(1.0, 9.0), np.array([[6.0, 3, 5, 2, 1, 4, 7, 0]]).T
    >>> null = cox_null(months, np.ones(8, dtype=np.bool_), covariate=age, covariate_name=["age"])
    >>> code = np.array([[1, 0, 1, 0, 0, 1, 0, 3]], dtype=np.uint8)
    >>> fit = joint_scan(null, Genotypes(pack(code), np.arange(8)), np.array([0]), "dominant")
    >>> str(fit.fit_status[0]), round(float(np.exp(fit.coefficient[0])), 3)
    ('ok', 1.662)
    """
    het, hom = coding_of(null, genotype, [genetic_model])[0]
    everybody = _rows_of(null)
    value = np.array([0.0, het, hom, np.nan])
    place, n_held = genotype.sample[everybody.place], 4 * genotype.packed.shape[1]
    found = dict[int, tuple[CoxModel, int]]()

    def fit(part: slice) -> None:
        (code,) = unpack(genotype.rows(row[part]), n_held)[:, place]
        x = np.column_stack([value[code], everybody.covariate])
        data = everybody.with_covariate(x).of(code != MISSING)
        model = firth_cox(data, terms=(_GENOTYPE,))
        is_apart = model.fit_status == "separated"
        found[part.start] = model, separation_direction(data, _GENOTYPE) if is_apart else 0

    each_part(len(row), fit, n_thread, n_at_once=1)
    return _told([found[at] for at in range(len(row))])


def _rows_of(null: CoxNull) -> CoxData:
    """Everybody at risk at some event, the number of an event time standing for its month."""
    at_risk = np.flatnonzero(null.last > null.first)
    entry: FloatArray = null.first.astype(np.float64) - 0.5
    leaving = np.where(null.has_event, null.place, null.last - 0.5).astype(np.float64)
    stratum = null.stratum[at_risk]
    order = at_risk[np.lexsort((at_risk, ~null.has_event[at_risk], leaving[at_risk], stratum))]
    return CoxData(
        name=(_GENOTYPE, *(f"covariate_{j}" for j in range(null.covariate.shape[1]))),
        covariate=null.covariate[order],
        entry_months=entry[order],
        duration_months=leaving[order],
        event=null.has_event[order],
        stratum=null.stratum[order],
        weight=np.ones(len(order)),
        cluster=order,
        participant=order,
        is_weighted=False,
        is_clustered=False,
        place=order,
    )


def _told(found: Sequence[tuple[CoxModel, int]]) -> CoxFirth:
    """Columns of the genotype's own numbers."""

    def of_genotype(name: str) -> FloatArray:
        return np.array([getattr(model, name)[0] for model, _ in found], dtype=np.float64)

    return CoxFirth(
        coefficient=of_genotype("coefficient"),
        standard_error=of_genotype("standard_error"),
        ci_lower=np.log(of_genotype("ci_lower")),
        ci_upper=np.log(of_genotype("ci_upper")),
        p_value=of_genotype("p_value"),
        fit_status=np.array([model.fit_status for model, _ in found], dtype=np.str_),
        separation=np.array([direction for _, direction in found], dtype=np.float64),
        is_joint=np.full(len(found), True),
    )
