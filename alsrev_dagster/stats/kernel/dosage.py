"""Packed genotypes as standardised dosages of some samples."""

import numpy as np

from alsrev_dagster.stats.kernel.compiled import compiled


@compiled
def _code(packed, row, sample):
    return (packed[row, sample // 4] >> np.uint8(6 - 2 * (sample % 4))) & np.uint8(3)


@compiled
def fill_allele_freq(packed, sample, allele_freq):
    """Frequency of ALT of each variant among the samples given; NaN without a call."""
    for row in range(len(packed)):
        n_called, n_alt = 0, 0
        for i in range(len(sample)):
            code = _code(packed, row, sample[i])
            if code < 3:
                n_called += 1
                n_alt += code
        allele_freq[row] = n_alt / (2 * n_called) if n_called else np.nan


@compiled
def fill_standardised(packed, sample, allele_freq, value):
    """(dosage - 2p) / sqrt(2p(1 - p)) of each variant and sample; 0 where a call is missing."""
    of_code = np.zeros(4)
    for row in range(len(packed)):
        p = allele_freq[row]
        for code in range(3):
            of_code[code] = (code - 2 * p) / np.sqrt(2 * p * (1 - p))
        for i in range(len(sample)):
            value[row, i] = of_code[_code(packed, row, sample[i])]
