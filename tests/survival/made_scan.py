"""People and genotypes for the Cox scan, and its numbers written out person by person."""

from dataclasses import dataclass

import numpy as np

from alsrev_dagster.packing import pack
from alsrev_dagster.survival.cox_null import CoxNull, cox_null
from alsrev_dagster.survival.risk import BoolArray, FloatArray, IntArray
from alsrev_dagster.survival.scan_genotypes import CODING, Genotypes

MISSING = 3


@dataclass(frozen=True)
class People:
    """Follow-up in whole months, so that times are tied."""

    entry: FloatArray
    exit: FloatArray
    event: BoolArray
    stratum: IntArray
    covariate: FloatArray

    @property
    def null(self) -> CoxNull:
        """The null model of them."""
        name = [f"c{j}" for j in range(self.covariate.shape[1])]
        return cox_null(
            self.exit,
            self.event,
            entry_months=self.entry,
            stratum=self.stratum,
            covariate=self.covariate,
            covariate_name=name,
        )

    def of(self, chosen: BoolArray | IntArray) -> "People":
        """Some of them, or all in another order."""
        return People(
            self.entry[chosen],
            self.exit[chosen],
            self.event[chosen],
            self.stratum[chosen],
            self.covariate[chosen],
        )


def people(
    seed: int, n: int = 60, *, n_covariate: int = 0, n_stratum: int = 3, share: float = 0.5
) -> People:
    """Draw some."""
    rng = np.random.default_rng(seed)
    entry = rng.integers(0, 8, n).astype(float)
    return People(
        entry,
        entry + rng.integers(1, 14, n),
        rng.random(n) < share,
        rng.integers(0, n_stratum, n),
        rng.normal(size=(n, n_covariate)) * [3.0, 0.5, 1.0][:n_covariate] + 7.0,
    )


def codes(seed: int, n_variant: int, n: int, *, missing: float = 0.1) -> np.ndarray:
    """Genotype codes 0 to 3 of strangers."""
    rng = np.random.default_rng(seed)
    freq = rng.uniform(0.02, 0.6, (n_variant, 1))
    code = (rng.random((2, n_variant, n)) < freq).sum(axis=0)
    code[rng.random(code.shape) < missing] = MISSING
    return code.astype(np.uint8)


def genotypes(code: np.ndarray, sample: IntArray | None = None) -> Genotypes:
    """The same packed, of everybody in order unless told."""
    place = np.arange(code.shape[1]) if sample is None else sample
    return Genotypes(pack(code), place)


def coded(code: np.ndarray, genetic_model: str) -> FloatArray:
    """Value of each code under a genetic model, NaN where missing."""
    return np.array([0.0, *CODING[genetic_model], np.nan])[code]


def steps(who: People, beta: float, value: FloatArray, log_weight: FloatArray) -> list[tuple]:
    """Efron's steps written out: chances of those left, their rows, and the row of the event."""
    weight, found = np.exp(log_weight + beta * value), []
    for one in np.unique(who.stratum):
        inside = who.stratum == one
        for t in np.unique(who.exit[who.event & inside]):
            at_risk = np.flatnonzero(inside & (who.entry < t) & (t <= who.exit))
            tied = np.flatnonzero(inside & who.event & (who.exit == t))
            for nth, row in enumerate(tied):
                left = weight[at_risk] * np.where(np.isin(at_risk, tied), 1 - nth / len(tied), 1.0)
                found.append((left, at_risk, row))
    return found


def log_likelihood(
    who: People, beta: float, value: FloatArray, log_weight: FloatArray
) -> tuple[float, float]:
    """Efron's partial log likelihood of one coefficient, and its information."""
    total, information = 0.0, 0.0
    for left, at_risk, row in steps(who, beta, value, log_weight):
        total += log_weight[row] + beta * value[row] - np.log(left.sum())
        chance, g = left / left.sum(), value[at_risk]
        information += chance @ g**2 - (chance @ g) ** 2
    return total, information


def score_terms(
    who: People, value: FloatArray, log_weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Score and information of genotype and covariates together, at a coefficient of 0."""
    x = np.column_stack([value, who.covariate])
    score, information = np.zeros(x.shape[1]), np.zeros((x.shape[1], x.shape[1]))
    for left, at_risk, row in steps(who, 0.0, value, log_weight):
        chance = left / left.sum()
        mean = chance @ x[at_risk]
        score += x[row] - mean
        information += (x[at_risk].T * chance) @ x[at_risk] - np.outer(mean, mean)
    return score, information


def z_written_out(who: People, value: FloatArray, null: CoxNull) -> float:
    """Z of the score test, complete cases, covariates taken one step on; NaN where none is."""
    called = ~np.isnan(value)
    log_weight = np.log(null.moment[:, 0])[called]
    score, information = score_terms(who.of(called), value[called], log_weight)
    cross, own = information[0, 1:], information[1:, 1:]
    by = np.linalg.solve(own, cross) if len(cross) else cross
    variance = information[0, 0] - cross @ by
    if not variance > 1e-9 * information[0, 0]:
        return float("nan")
    return float((score[0] - by @ score[1:]) / np.sqrt(variance))
