"""Lines of a VCF as compiled passes tell them: where columns are, and what is odd."""

N_COLUMN = 11
"""Offsets of a line: start of CHROM to FORMAT (0-8), of the calls (9), end of the line (10)."""

(CHROM, POS, ID, REF, ALT, QUAL, FILTER, INFO, FORMAT, CALLS, END) = range(N_COLUMN)

ODD_SHAPE = 1
"""Too few or too many columns, an empty line, or one that starts with ``#``."""
ODD_POS = 2
ODD_ALLELE = 4
"""REF that is not all of A, C, G, T, N; ALT that is neither such nor ``*`` nor symbolic, or is
REF, or that a gVCF has; no ALT, but END in INFO."""
ODD_QUAL = 8
"""QUAL that is neither ``.`` nor a number that 64 bits hold exactly, digits and power of ten."""
ODD_FORMAT = 16
"""FORMAT that does not start with GT: every call is missing."""
ODD_CALL = 32
"""A GT that is not one or two allele numbers of the record, or ``.``; a call with more fields than
FORMAT has keys, or with a control character."""

ODD_FIELD = 64
"""ID, FILTER, INFO or FORMAT that is empty, a FILTER that is no list of names, LEN in FORMAT, a
control character before the calls."""

HALF_MISSING, HALF_REFERENCE, HALF_HAPLOID = range(3)
"""What a call with one missing allele means: nothing; the other is REF; the other is alike."""
