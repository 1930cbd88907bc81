"""Relatives and outliers of ancestry: counts, and the sentences that tell them."""

from collections.abc import Mapping
from dataclasses import dataclass

from alsrev_dagster.report import numerals

_WORDS = {
    "duplicate": "of one genome",
    "first_degree": "of the first degree",
    "second_degree": "of the second degree",
    "third_degree": "of the third degree",
    "unnamed": "with the kinship of relatives that chance may have made",
}


@dataclass(frozen=True)
class Descent:
    """Relatives and outliers of ancestry among the used samples, as counts."""

    n_pair: Mapping[str, int]
    """Pairs by relationship, closest first."""
    n_left_out: int
    """Samples left out for a relative, or another sample of the person, that is used."""
    n_placed: int
    """Samples with principal components; 0 where too few places tell them."""
    n_outlier: int
    outliers_are_left_out: bool

    def told(self) -> list[str]:
        """Sentences for the page."""
        pairs = [f"{_counted(n, 'pair')} {_WORDS[name]}" for name, n in self.n_pair.items()]
        lost = _counted(self.n_left_out, "sample")
        relatives = (
            f"Relatives, by KING-robust kinship: {', '.join(pairs) or 'no pair'}; {lost} left out "
            "because another of the person, genome or family is used."
        )
        return [relatives, self._outliers()]

    def _outliers(self) -> str:
        if not self.n_placed:
            return "Ancestry was not judged from genotypes: too few places, or none asked for."
        treated = "left out" if self.outliers_are_left_out else "kept"
        return (
            f"Ancestry, by principal components: {numerals.count(self.n_outlier)} of "
            f"{_counted(self.n_placed, 'sample')} lie apart from all others, and are {treated}."
        )


def _counted(n: int, what: str) -> str:
    return f"{numerals.count(n)} {what}" if n == 1 else f"{numerals.count(n)} {what}s"
