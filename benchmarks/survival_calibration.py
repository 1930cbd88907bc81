"""How often P values of the Cox scan are as small as they say, under shuffled genotypes."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from alsrev_dagster.packing import pack
from alsrev_dagster.survival.cox_null import CoxNull, cox_null
from alsrev_dagster.survival.cox_scan import cox_scan
from alsrev_dagster.survival.firth_scan import firth_scan
from alsrev_dagster.survival.permutation_scan import permutation_scan
from alsrev_dagster.survival.scan_genotypes import Genotypes
from alsrev_dagster.survival.scan_rows import scan_columns
from alsrev_dagster.survival.score_scan import score_scan

_N, _N_VARIANT = 265, 1_000
_MAC = (1, 2, 3, 4, 5, 10, 20)
_ALPHA = np.array([0.05, 0.01, 0.001])
_GRID = np.linspace(-40, 40, 16_001)
_FARTHEST = 18.0
_Floats = NDArray[np.float64]


def calibrate(n_cohort: int, rng: np.random.Generator) -> None:
    """Print the rates of each test over thresholds, by events and minor allele count."""
    for label, n_event, is_apart in (("22 of 265", 22, False), ("60 of 265", 60, False),
                                     ("22 of 265, 18 of them in 22", 22, True)):  # fmt: skip
        print(f"\n{label}: rate / alpha at {', '.join(f'{a:g}' for a in _ALPHA)}\n")
        print("| minor alleles | normal | risk sets | residuals | Firth | exact | of record |")
        print("|---:|---:|---:|---:|---:|---:|---:|")
        cohorts = [_cohort(n_event, is_apart, rng) for _ in range(n_cohort)]
        for mac in _MAC:
            found = [_rates(null, _strewn(mac, rng)) for null in cohorts]
            rate = np.mean(found, axis=0) / _ALPHA
            told = (", ".join(f"{value:.2f}" for value in row) for row in rate)
            print(f"| {mac} | {' | '.join(told)} |", flush=True)


def _cohort(n_event: int, is_apart: bool, rng: np.random.Generator) -> CoxNull:
    """People seen every three months; the events anywhere, or most in a small stratum."""
    entry = np.floor(rng.gamma(2, 8, _N))
    event, stratum = np.zeros(_N, dtype=np.bool_), np.zeros(_N, dtype=np.int64)
    event[rng.choice(_N, n_event, replace=False)] = True
    if is_apart:
        stratum = np.repeat([0, 1, 2], [22, 103, 140])
        event = np.isin(np.arange(_N), [*range(18), 25, 72, 134, 215])
    exit_months = entry + 3 * np.ceil(rng.gamma(2, 6, _N))
    return cox_null(exit_months, event, entry_months=entry, stratum=stratum)


def _strewn(mac: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    code = np.zeros((_N_VARIANT, _N), dtype=np.uint8)
    for row in code:
        np.add.at(row, rng.choice(2 * _N, mac, replace=False) // 2, 1)
    return code


def _rates(null: CoxNull, code: NDArray[np.uint8]) -> _Floats:
    """Shares of P values at most each alpha, shape (n_test, n_alpha)."""
    genotype = Genotypes(pack(code), np.arange(_N))
    score = score_scan(null, genotype)
    fit = firth_scan(null, genotype, np.arange(len(code)), "additive", with_interval=False)
    firth = np.nan_to_num(fit.p_value, nan=1.0)
    normal = np.nan_to_num(score.normal_p[:, 0], nan=1.0)
    of_risk_sets = np.where(score.has_root[:, 0], score.screen_p[:, 0], firth)
    of_residuals = _of_residuals(null, code)
    of_residuals = np.where(np.isnan(of_residuals), firth, of_residuals)
    exact = permutation_scan(null, genotype, np.ones((len(code), 1), dtype=np.bool_))[:, 0]
    record = scan_columns(cox_scan(null, genotype), ("additive",))["p_value"]
    tests = (normal, of_risk_sets, of_residuals, firth, exact, record)
    return np.array([[(p <= alpha).mean() for alpha in _ALPHA] for p in tests])


def _of_residuals(null: CoxNull, code: NDArray[np.uint8]) -> _Floats:
    """P value by the generating function of residuals drawn within strata (Bi et al. 2020)."""
    score, variance, parts = np.zeros(len(code)), np.zeros(len(code)), []
    for residual, count, centred, seen in _by_stratum(null, code):
        score += seen
        variance += residual.var() * (count * centred**2).sum(axis=1)
        if residual.var() > 1e-12:
            parts.append((count, centred, _cumulants(residual)))
    z = np.abs(score) / np.sqrt(np.maximum(variance, 1e-12))
    found, far = 2 * norm.sf(z), np.flatnonzero(z >= 2)
    chosen = [(count[far], centred[far], cumulant) for count, centred, cumulant in parts]
    up, down = (_tail(chosen, np.abs(score[far]), sign) for sign in (1.0, -1.0))
    near = np.where(score[far] > 0, up, down)
    found[far] = np.where(near > 0, np.minimum(up + down, 1.0), np.nan)
    return np.asarray(found, dtype=np.float64)


def _by_stratum(null: CoxNull, code: NDArray[np.uint8]) -> Iterator[tuple[_Floats, ...]]:
    """Residuals, people by genotype, centred dosages, and the score, of each stratum."""
    for one in np.unique(null.stratum):
        inside = null.stratum == one
        residual = null.martingale[inside]
        count = np.stack([(code[:, inside] == k).sum(axis=1) for k in range(3)], axis=1)
        mean = (count * np.arange(3)).sum(axis=1) / len(residual)
        centred = np.arange(3) - mean[:, None]
        yield residual, count.astype(np.float64), centred, code[:, inside] @ residual


def _cumulants(residual: _Floats) -> tuple[_Floats, _Floats, _Floats]:
    """Empirical cumulant generating function on the grid, and its first two derivatives."""
    tilt = np.exp(np.outer(_GRID, residual - residual.mean()))
    total = tilt.mean(axis=1)
    first = (tilt * residual).mean(axis=1) / total
    return np.log(total), first, (tilt * residual**2).mean(axis=1) / total - first**2


def _tail(parts: list[tuple[_Floats, ...]], size: _Floats, sign: float) -> _Floats:
    """Probability of a score this large on one side; 0 beyond the grid."""

    def summed(t: _Floats) -> list[_Floats]:
        sums = [np.zeros(len(size)) for _ in range(3)]
        for count, centred, cumulant in parts:
            at = sign * centred * t[:, None]
            for order in range(3):
                value = np.interp(at, _GRID, cumulant[order])
                sums[order] += (count * (sign * centred) ** order * value).sum(axis=1)
        return sums

    low, high = np.zeros(len(size)), np.full(len(size), _FARTHEST)
    has_root = summed(high)[1] > size
    for _ in range(45):
        middle = (low + high) / 2
        is_below = summed(middle)[1] < size
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    t = (low + high) / 2
    value, _, second = summed(t)
    w = np.sqrt(np.maximum(2 * (t * size - value), 1e-300))
    v = t * np.sqrt(np.maximum(second, 1e-300))
    return np.where(has_root, norm.sf(w + np.log(v / w) / w), 0.0)
