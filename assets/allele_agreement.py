"""How often two spell the alleles of a position alike, and how they differ where they do not."""

from collections import Counter
from collections.abc import Iterable, Sequence

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.queries import read_query

_DISAGREEMENTS = {
    "n_swapped": "with REF and ALT swapped",
    "n_flipped": "on the other strand",
    "n_flipped_and_swapped": "on the other strand and swapped",
    "n_ambiguous": "at A/T or C/G, where swapped and other strand cannot be told apart",
    "n_other": "with other alleles",
}
"""How two can differ in REF at one position."""


def spellings(
    work: OpenStudy, query: str, reads: Sequence[str], chromosomes: Iterable[str]
) -> Counter[str]:
    """Counts of a query by chromosome, added up: ``n_shared``, and the ways to differ."""
    count = Counter[str]()
    for chrom in chromosomes:
        found = read_query(work.lake, query, reads, partition=chrom)
        count.update({str(name): int(n) for name, n in found.iloc[0].items()})
    return count


def in_words(count: Counter[str]) -> list[str]:
    """Say each way to differ that there is, with its number."""
    return [f"{count[name]} {words}" for name, words in _DISAGREEMENTS.items() if count[name]]
