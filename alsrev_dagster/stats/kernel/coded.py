"""Packed genotypes as coded values."""

from alsrev_dagster.stats.kernel.compiled import compiled


@compiled
def fill_coded(packed, row, of_code, value):
    """Fill the coded value of each sample of some rows; ``of_code`` says what codes 0 to 3 are."""
    for i in range(len(row)):
        for sample in range(value.shape[1]):
            right = 6 - 2 * (sample % 4)
            value[i, sample] = of_code[(packed[row[i], sample // 4] >> right) & 3]
