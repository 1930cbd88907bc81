"""Checks of the records of one genotype file, in the order they stand in it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.ingest.chromosome_lengths import LONGEST
from alsrev_dagster.ingest.genotype_advice import BCFTOOLS, Advice
from alsrev_dagster.ingest.genotype_contig import canonical_chromosome, is_left_out
from alsrev_dagster.ingest.genotype_header import Header
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.vocabulary import CHROMOSOMES

_BASES = re.compile(r"[ACGTNacgtn]+")
_ALT = re.compile(
    r"""[ACGTNacgtn]+ | \* | <[^<>\s,]+> | \.[ACGTNacgtn]+ | [ACGTNacgtn]+\. |
    [ACGTNacgtn.]+[\[\]][^\[\]\s]+[\[\]] | [\[\]][^\[\]\s]+[\[\]][ACGTNacgtn.]+""",
    re.VERBOSE,
)
"""One ALT allele: bases, spanning deletion, symbolic, single breakend, breakend."""

_POS_MAX = 2**31 - 1
_GVCF_FIX = (
    "a gVCF is one sample's intermediate file, whose blocks stand for stretches of reference: "
    "genotype the gVCFs of all samples together (GATK GenotypeGVCFs, GLnexus, gvcfgenotyper) "
    "and give the joint VCF"
)

Start = tuple[int, int, int]
"""Offset into the file, bytes to pass over once unpacked, and lines before."""


@dataclass
class SiteScan:
    """Counts of the records seen so far, and the checks of where each one stands."""

    header: Header
    problems: ProblemList
    advice: Advice = BCFTOOLS
    n_record: int = 0
    n_left_out: int = 0
    n_without_gt: int = 0
    fields_seen: set[str] = field(default_factory=set)
    """Of ``CALL_FIELDS`` those that the FORMAT of any record has; looked for until each declared
    one is found."""
    n_record_of: dict[str, int] = field(default_factory=dict)
    last_pos: dict[str, int] = field(default_factory=dict)
    spelling: dict[str, str] = field(default_factory=dict)
    contigs: set[str] = field(default_factory=set)
    start_of: dict[str, Start] = field(default_factory=dict)
    """Where a chromosome's first record can be read again."""
    _last_chrom: str = ""

    def records(
        self,
        contig: str,
        pos: NDArray[np.int64],
        place: Callable[[int], str],
        begin: Callable[[], Start | None] = lambda: None,
    ) -> None:
        """Count records of one contig that follow one another, and check where they stand.

        ``place`` names one of them, by its number; ``begin`` says where the first can be
        read again.
        """
        chrom = canonical_chromosome(contig)
        if chrom is not None and chrom not in self.n_record_of:
            start = begin()
            if start is not None:
                self.start_of[chrom] = start
        if self._are_plain(chrom, contig, pos):
            self._count(chrom, contig, pos)
            return
        for index, position in enumerate(pos.tolist()):
            self.site(place(index), contig, position)

    def _are_plain(self, chrom: str | None, contig: str, pos: NDArray[np.int64]) -> bool:
        """Whether nothing is wrong with any of these records' places."""
        is_inside = pos.min() > 0 and pos.max() <= self._limit(chrom)
        if chrom is None:
            return is_inside and is_left_out(contig)
        last = self.last_pos.get(chrom, 0)
        follows = chrom == self._last_chrom or not last
        is_sorted = pos[0] >= last and bool((pos[1:] >= pos[:-1]).all())
        return is_inside and follows and is_sorted and self.spelling.get(chrom, contig) == contig

    def _count(self, chrom: str | None, contig: str, pos: NDArray[np.int64]) -> None:
        self.contigs.add(contig)
        if chrom is None:
            self.n_left_out += len(pos)
            self._last_chrom = ""
            return
        self.n_record_of[chrom] = self.n_record_of.get(chrom, 0) + len(pos)
        self.spelling[chrom], self.last_pos[chrom] = contig, int(pos[-1])
        self._last_chrom = chrom

    def _limit(self, chrom: str | None) -> int:
        """Return the last position that a chromosome may have (None: any other contig)."""
        lengths = self.header.contig_lengths
        return _POS_MAX if chrom is None else lengths.get(chrom, LONGEST[chrom])

    def site(self, place: str, contig: str, pos: int) -> None:
        """Count a record and check its contig and position."""
        self.contigs.add(contig)
        chrom = canonical_chromosome(contig)
        if chrom is None:
            self._not_a_chromosome(place, contig)
        else:
            self._check_order(place, chrom, contig, pos)
        limit = self._limit(chrom)
        if not 0 < pos <= limit:
            is_known = chrom is None or chrom in self.header.contig_lengths
            of = "the contig" if is_known else f"{chrom} on the build where it is longest"
            self.problems.add(
                place,
                f"POS {pos} on {contig}",
                expected=f"1 to {limit:,}, the length of {of}",
                fix="write the file again from its source; check which genome build it is on",
                kind="positions outside their contig",
            )

    def _not_a_chromosome(self, place: str, contig: str) -> None:
        if is_left_out(contig):
            self.n_left_out += 1
            self._last_chrom = ""
            return
        self.problems.add(
            place,
            f"contig {contig[:40]!r}",
            expected="a human chromosome (1-22, X, Y, M, with or without chr) or a known "
            "unplaced, alternate or decoy contig",
            fix=self.advice.contig,
            kind="records on contigs that are not human",
        )

    def _check_order(self, place: str, chrom: str, contig: str, pos: int) -> None:
        self.n_record_of[chrom] = self.n_record_of.get(chrom, 0) + 1
        if self.spelling.setdefault(chrom, contig) != contig:
            self.problems.add(
                place,
                f"contig {contig!r}, which further up is {self.spelling[chrom]!r}",
                expected=f"one name for {chrom}",
                fix=self.advice.spelling,
                kind="records on contigs named two ways",
            )
        last = self.last_pos.get(chrom, 0)
        if chrom != self._last_chrom and last:
            self._unsorted(place, f"{contig} again, after other chromosomes")
        elif pos < last:
            self._unsorted(place, f"POS {pos} after {last} on {contig}")
        self.last_pos[chrom] = max(last, pos)
        self._last_chrom = chrom

    def _unsorted(self, place: str, found: str) -> None:
        self.problems.add(
            place,
            found,
            expected="records of a chromosome together and sorted by position",
            fix=self.advice.sort,
            kind="unsorted records",
        )

    def alleles(
        self, place: str, ref: str, alts: list[str], *, has_end: bool, has_len: bool = False
    ) -> None:
        """Check REF and the ALT alleles (none: ALT is ``.``); END is in INFO, LEN in FORMAT."""
        is_block = has_end and (not alts or "<*>" in alts)
        if "<NON_REF>" in alts or alts == ["<*>"] or is_block or has_len:
            self.problems.add(
                place,
                "a gVCF record (ALT <NON_REF>, ALT <*> alone, or a reference block with END= "
                "or LEN)",
                expected="a VCF of called variants",
                fix=_GVCF_FIX,
                kind="gVCF records",
                n_shown=1,
            )
        if not _BASES.fullmatch(ref):
            self.problems.add(
                place,
                f"REF {ref[:20]!r}",
                expected="bases A, C, G, T or N",
                fix=self.advice.ref,
                kind="REF alleles that are not bases",
            )
        for alt in alts:
            if not _ALT.fullmatch(alt) or alt.upper() == ref.upper():
                self.problems.add(
                    place,
                    f"ALT {alt[:20]!r} with REF {ref[:20]!r}",
                    expected="bases A, C, G, T or N other than REF, '*', <symbolic> or a breakend",
                    fix="write the file again from its source",
                    kind="ALT alleles that are not alleles",
                )

    def finish(self) -> None:
        """Check what only the whole file shows."""
        if self.n_record and self.n_without_gt == self.n_record:
            self.problems.add(
                "",
                f"no GT in the FORMAT of any record ({self.n_record:,} records without GT)",
                expected="genotype calls in GT",
                fix="give called genotypes; likelihoods and dosages alone are not read",
                kind="no genotypes",
            )
        if not self.n_record:
            self.problems.add(
                "",
                "a header and no records",
                expected="at least one record",
                fix="check how the file was made",
                kind="no records",
            )

    @property
    def chromosomes(self) -> tuple[str, ...]:
        """Chromosomes with records, in canonical order."""
        return tuple(chrom for chrom in CHROMOSOMES if chrom in self.n_record_of)
