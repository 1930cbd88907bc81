"""Allele frequency of the controls against a table of others."""

import numpy as np
from numpy.typing import NDArray


def frequency_z(
    allele_count: NDArray[np.int64],
    allele_number: NDArray[np.int64],
    external_freq: NDArray[np.float64],
    external_number: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Standardised difference of an allele frequency from that of an external table.

    Parameters
    ----------
    allele_count, allele_number
        ALT alleles and all alleles called, shape (n,).
    external_freq
        Frequency of ALT in the table, in [0, 1].
    external_number
        Alleles that it rests on; NaN where the table does not say: it then counts as known
        without error.

    Returns
    -------
    NDArray[np.float64]
        (p - q) / sqrt(r (1 - r) (1/m + 1/n)), p and q being the two frequencies from m and n
        alleles and r that of both together [1]_; without n, (p - q) / sqrt(q (1 - q) / m).
        Above 0: more ALT than the table has. 0 where both are 0, or both 1; NaN where nothing
        is called, and where q is 0 or 1 without n and p is not.

    Notes
    -----
    It takes alleles for independent: inbreeding, and descent other than the table's, make it
    larger. At few alleles a normal z is rough: read it with the counts.

    References
    ----------
    .. [1] Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed.,
       equation 3.5, without the continuity correction.

    Examples
    --------
    >>> z = frequency_z(np.array([30]), np.array([100]), np.array([0.2]), np.array([400.0]))
    >>> round(float(z[0]), 4)
    2.1592
    """
    has_number = np.isfinite(external_number)
    m, n = allele_number.astype(np.float64), np.where(has_number, external_number, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = allele_count / m
        together = (allele_count + external_freq * n) / (m + n)
        rate = np.where(has_number, together, external_freq)
        z: NDArray[np.float64] = (p - external_freq) / np.sqrt(rate * (1 - rate) * (1 / m + 1 / n))
    return np.where(
        (p == external_freq) & ~np.isfinite(z), 0.0, np.where(np.isfinite(z), z, np.nan)
    )
