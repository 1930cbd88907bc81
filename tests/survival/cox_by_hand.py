"""Cox's partial likelihood written out person by person, to hold the compiled one to."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize, minimize_scalar

Floats = NDArray[np.float64]


def partial_likelihood(
    frame: pd.DataFrame, names: list[str], beta: Floats, *, is_efron: bool = True
) -> tuple[float, Floats]:
    """Log likelihood and information (k, k), within the columns site, weighted by weight."""
    total, information = 0.0, np.zeros((len(names), len(names)))
    for _, site in frame.groupby("site"):
        x, weight = site[names].to_numpy(float), site["weight"].to_numpy(float)
        entry, until = site["entry_months"].to_numpy(float), site["duration_months"].to_numpy(float)
        event = site["event"].to_numpy(bool)
        for t in np.unique(until[event]):
            tied = event & (until == t)
            for nth in range(tied.sum()):
                share = np.where((entry < t) & (t <= until), weight * np.exp(x @ beta), 0.0)
                if is_efron:
                    share = np.where(tied, share * (1 - nth / tied.sum()), share)
                p = share / share.sum()
                mean = p @ x
                total -= weight[tied].mean() * np.log(share.sum())
                information += weight[tied].mean() * ((x - mean).T * p) @ (x - mean)
            total += float(weight[tied] @ (x[tied] @ beta))
    return total, information


def penalised(frame: pd.DataFrame, names: list[str], beta: Floats, **ties: bool) -> float:
    """Firth's log likelihood."""
    total, information = partial_likelihood(frame, names, beta, **ties)
    sign, log_determinant = np.linalg.slogdet(information)
    return total + log_determinant / 2 if sign > 0 else -np.inf


def highest(
    frame: pd.DataFrame, names: list[str], *, fixed: dict[int, float], **ties: bool
) -> tuple[Floats, float]:
    """Penalised maximum over the coefficients that are not fixed, by a search without slopes."""
    free = [j for j in range(len(names)) if j not in fixed]

    def at(part: Floats) -> float:
        beta = np.zeros(len(names))
        beta[free] = part
        for j, value in fixed.items():
            beta[j] = value
        return min(-penalised(frame, names, beta, **ties), 1e10)

    if not free:
        return np.array(list(fixed.values())), -at(np.zeros(0))
    if len(free) == 1:
        one = minimize_scalar(lambda b: at(np.array([b])), bracket=(-0.1, 0.1), tol=1e-10)
        return np.array([fixed.get(j, one.x) for j in range(len(names))]), -float(one.fun)
    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 5000, "maxfev": 5000}
    found = minimize(at, np.zeros(len(free)), method="Nelder-Mead", options=options)
    best = np.zeros(len(names))
    best[free] = found.x
    for j, value in fixed.items():
        best[j] = value
    return best, -float(found.fun)


def profile_end(frame: pd.DataFrame, names: list[str], index: int, side: int, drop: float) -> float:
    """End of the profile interval of one coefficient, by bisection between whole searches."""
    best, top = highest(frame, names, fixed={})

    def excess(distance: float) -> float:
        value = best[index] + side * distance
        return 2 * (top - highest(frame, names, fixed={index: value})[1]) - drop

    far = 1.0
    while excess(far) < 0:
        far *= 2
    return float(best[index] + side * brentq(excess, 0.0, far, xtol=1e-5))


def cohort(seed: int, n: int = 60, *, carriers: float = 0.2) -> pd.DataFrame:
    """Tied times, delayed entry, two sites, a carrier status and two other covariates."""
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 6, n).astype(float)
    return pd.DataFrame(
        {
            "entry_months": entry,
            "duration_months": entry + rng.integers(1, 8, n),
            "event": rng.random(n) < 0.5,
            "carrier": rng.random(n) < carriers,
            "age": rng.normal(60, 10, n),
            "male": rng.random(n) < 0.5,
            "site": rng.choice(["a", "b"], n),
            "weight": 1.0,
        }
    )
