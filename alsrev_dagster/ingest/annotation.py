"""What a VCF says of its variants beside the calls: consequence and gene (VEP, SnpEff), INFO/AF."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from alsrev_dagster.ingest.genotype_alleles import SPANNING

_FORMAT = re.compile(r"(?:Format:\s*|')([\w ]+(?:\s*\|\s*[^|'\"]+)+)")
"""Names of the fields, in the Description of CSQ and ANN."""

_IMPACTS = ("HIGH", "MODERATE", "LOW", "MODIFIER")
"""VEP's and SnpEff's words, the gravest first."""

_NAMES = {
    "allele": ("allele",),
    "consequence": ("consequence", "annotation"),
    "impact": ("impact", "annotation_impact"),
    "gene": ("symbol", "gene_name"),
    "number": ("allele_num",),
}
"""Fields that are read, by VEP's and by SnpEff's name of them."""


@dataclass(frozen=True)
class AnnotationKeys:
    """INFO keys of a file that say something of its variants."""

    has_allele_freq: bool = False
    """AF, with a value an ALT allele."""
    key: str = ""
    """CSQ (VEP) or ANN (SnpEff); empty for neither."""
    place: tuple[tuple[str, int], ...] = ()
    """Place of each field of ``_NAMES`` that the key has."""


NO_KEYS = AnnotationKeys()


def annotation_keys(info: Mapping[str, str]) -> AnnotationKeys:
    """Find the keys among the header's INFO lines, given as text by ID."""
    has_freq = "Number=A" in info.get("AF", "")
    found = {key: _places(info.get(key, "")) for key in ("CSQ", "ANN")}
    usable = [key for key, place in found.items() if "consequence" in place]
    for key in sorted(usable, key=lambda key: "allele" not in found[key]):
        return AnnotationKeys(has_freq, key, tuple(sorted(found[key].items())))
    return AnnotationKeys(has_freq)


def _places(line: str) -> dict[str, int]:
    """Place of each field that is read, in a header line of CSQ or ANN."""
    named = _FORMAT.search(line)
    fields = [text.strip(" '\"").lower() for text in named[1].split("|")] if named else []
    return {
        name: fields.index(word)
        for name, words in _NAMES.items()
        for word in words
        if word in fields
    }


Consequence = tuple[str | None, str | None]
"""Consequence terms as they stand (joined by &), and those by gene (:func:`consequence_of`)."""

BETWEEN_GENES, AFTER_SYMBOL = ";", ":"
"""What joins the genes of a variant, and a gene's symbol and its terms."""


def consequence_of(
    value: str, keys: AnnotationKeys, ref: str, alts: list[str], number: int
) -> Consequence:
    """Consequence of one ALT (``number`` counts from 1), and of it in each gene.

    Both are of the gravest entry, the first of those as grave; genes stand as SYMBOL:terms, the
    gravest first, joined by ``;``, and entries of no gene as :terms. An entry is of an ALT by its
    ALLELE_NUM, else by the allele as SnpEff spells it (ALT) or as VEP does (without the base that
    all alleles start with, ``-`` for nothing). Entries that name no allele are of the record's
    only ALT, or of none.
    """
    place = dict(keys.place)
    spelled = _spellings(ref, alts, number)
    gravest: dict[str, tuple[int, int, str]] = {}
    for at, entry in enumerate(value.split(",")):
        field = entry.split("|")
        if len(field) <= max(place.values()):
            continue
        if "number" in place and field[place["number"]]:
            is_own = field[place["number"]] == str(number)
        elif "allele" in place:
            is_own = field[place["allele"]] in spelled
        else:
            is_own = len(alts) == 1
        impact = field[place["impact"]] if "impact" in place else ""
        rank = _IMPACTS.index(impact) if impact in _IMPACTS else len(_IMPACTS)
        gene = field[place["gene"]] if "gene" in place else ""
        if is_own and (gene not in gravest or rank < gravest[gene][0]):
            gravest[gene] = rank, at, field[place["consequence"]]
    if not gravest:
        return None, None
    ordered = sorted((rank, at, gene, terms) for gene, (rank, at, terms) in gravest.items())
    genes = [f"{gene}{AFTER_SYMBOL}{terms}" for _, _, gene, terms in ordered if terms]
    return ordered[0][3] or None, BETWEEN_GENES.join(genes) or None


def by_gene(text: str) -> dict[str, str]:
    """Terms by gene symbol, "" for no gene, of the second value of :func:`consequence_of`.

    Examples
    --------
    >>> by_gene("IGFBP7:missense_variant&splice_region_variant;REST:intron_variant")["REST"]
    'intron_variant'
    """
    pairs = (part.rpartition(AFTER_SYMBOL) for part in text.split(BETWEEN_GENES))
    return {symbol: terms for symbol, _, terms in pairs}


def _spellings(ref: str, alts: list[str], number: int) -> set[str]:
    alt = alts[number - 1]
    starts = {allele[:1] for allele in (ref, *alts) if allele not in SPANNING}
    is_shared = len(starts) == 1 and any(len(allele) != len(ref) for allele in alts)
    return {alt, alt[1:] or "-"} if is_shared else {alt}
