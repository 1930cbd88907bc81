"""Names of contigs: which are chromosomes, and which are known to be something else.

Chromosomes are spelled ``chr1`` to ``chr22``, ``chrX``, ``chrY``, ``chrM``. Read as the
same, in any case: without ``chr``, ``MT`` for ``M``, and PLINK's 23 (X), 24 (Y) and 26
(MT). PLINK's 25 and XY (the pseudo-autosomal part of X, kept apart) are not: their
records would fall between those of X. Accessions (``NC_000001.11``) are not either.
"""

import re
from functools import cache

from alsrev_dagster.vocabulary import CHROMOSOMES

_ALIAS = {"MT": "M", "23": "X", "24": "Y", "26": "M"}

_NON_PRIMARY = re.compile(
    r"""
    .*_(random|alt|fix|decoy|hap\d+) | .*decoy.* | (chr)?Un_.* |
    HLA[-_*].* | (chr)?EBV.* | NC_007605.* | hs3[78]d\d* | phiX.* | NC_001422.* |
    (GL|KI|KB|KE|KN|KQ|KV|KZ|ML|MU|JH|JTFH|JPKZ|GJ|KK|QLB?)\d+([.v]\d+)? | N[TW]_\d+(\.\d+)? |
    CMV | HBV | HCV-\d | HIV-\d | KSHV | HTLV-\d | MCV | SV40 | HPV.*
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Unplaced, alternate, patch, decoy, HLA and viral contigs of the common references."""


@cache
def canonical_chromosome(contig: str) -> str | None:
    """Chromosome that a contig's name stands for; None when it is not one.

    Examples
    --------
    >>> [canonical_chromosome(name) for name in ("4", "CHR4", "MT", "23", "chr1_KI270706v1_random")]
    ['chr4', 'chr4', 'chrM', 'chrX', None]
    """
    bare = contig.upper().removeprefix("CHR")
    name = f"chr{_ALIAS.get(bare, bare)}"
    return name if name in CHROMOSOMES else None


@cache
def is_left_out(contig: str) -> bool:
    """Whether the contig is known and not a chromosome: its records are counted, not read."""
    return _NON_PRIMARY.fullmatch(contig) is not None
