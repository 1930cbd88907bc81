"""Made-up genotypes of genes, for the tests of sets."""

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.stats.set_genotypes import SetGenotypes, set_genotypes

N_CASE, N_CONTROL = 22, 243


def made_gene(
    rng: np.random.Generator, *, n_variant: int = 8, share_missing: float = 0.0
) -> SetGenotypes:
    """Rare variants of one gene in 265 samples, the second in LD with the first."""
    n_sample = N_CASE + N_CONTROL
    freq = np.minimum(rng.beta(0.5, 20, size=n_variant) + 0.002, 0.4)
    dosage = (rng.random((n_sample, 2, n_variant)) < freq).sum(axis=1).astype(np.float64)
    if n_variant > 1:
        dosage[:, 1] = np.where(rng.random(n_sample) < 0.8, dosage[:, 0], dosage[:, 1])
    dosage[rng.random(dosage.shape) < share_missing] = np.nan
    found = set_genotypes(dosage)
    return found.take(found.mac > 0)


def made_labels(rng: np.random.Generator) -> NDArray[np.bool_]:
    """Labels of 22 cases and 243 controls that know nothing of the genotypes."""
    return rng.permutation(np.arange(N_CASE + N_CONTROL) < N_CASE)
