"""What a row is to the reference, and how a reference is read."""

import numpy as np

FITS, SWAPPED, FLIPPED, FLIPPED_AND_SWAPPED, UNCLEAR, NONE, TOO_FAR = range(7)
"""What a row is to the reference: REF is its bases; ALT is; REF of the other strand is; ALT of
the other strand is; both of the first two; none of them; REF fits and its place is too far."""

BASE = np.full(256, 78, dtype=np.uint8)
"""Capital of each base; N (78) for every other letter, as bcftools norm reads a reference."""
for _base in b"ACGT":
    BASE[_base] = BASE[_base + 32] = _base
