"""Columns of a .pvar or .bim, as the compiled pass tells them."""

N_ROLE = 8
(CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO) = range(N_ROLE)
"""Columns that are read, wherever the file has them."""
