"""Rows brought to one spelling by the reference: REF checked, indels left-aligned.

Nothing is swapped or flipped: a REF that is not the reference's is a problem, with what it
looks like.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alsrev_dagster.arrow_arrays import numbers, starts_and_bytes, texts
from alsrev_dagster.ingest import align_state, kernels
from alsrev_dagster.ingest.genotype_contig import canonical_chromosome
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.genotype_rows import Rows, Segment
from alsrev_dagster.ingest.reference_sequence import Reference

SHIFT_MAX_BP = 10_000
"""How far left an indel may move; rows wait until the records are that far ahead.

Ten times what bcftools norm sorts within by default (``--site-win 1000``), and still a few
megabytes of packed rows where a genome is densely called. Farther is refused, not misplaced.
"""

_N_SHOWN = 5
_N_BASE_SHOWN = 20
_WORDS = {
    align_state.SWAPPED: "{n:,} where ALT is (REF and ALT swapped)",
    align_state.FLIPPED: "{n:,} where REF of the other strand is",
    align_state.FLIPPED_AND_SWAPPED: "{n:,} where ALT of the other strand is",
    align_state.UNCLEAR: "{n:,} where both are, as at A/T and C/G (swapped or other strand: nobody "
    "can tell)",
    align_state.NONE: "{n:,} where none is",
}
"""What a REF that is not the reference's looks like."""


class Aligner:
    """Aligns the segments of one file to a reference; without one passes them on."""

    def __init__(self, reference: Reference | None, problems: ProblemList) -> None:
        self.reference, self.problems = reference, problems
        self._n_row = 0
        self._count = Counter[int]()
        self._names: dict[bool, list[str]] = {True: [], False: []}
        self._missing: dict[str, None] = {}

    @property
    def shift_max_bp(self) -> int:
        """How far left of its record a row may come to stand."""
        return SHIFT_MAX_BP if self.reference is not None else 0

    @property
    def found_fault(self) -> bool:
        """Whether ``tell`` has something to tell."""
        return bool(self._missing) or self._count.total() > 0

    def segments(self, segments: Iterable[Segment]) -> Iterator[Segment]:
        """Pass segments on, their rows aligned; ``count`` gains ``n_left_aligned``."""
        for segment in segments:
            chrom = canonical_chromosome(segment.contig)
            if self.reference is None or chrom is None:
                yield segment
            elif chrom not in self.reference.contigs:
                self._missing.setdefault(segment.contig)
                yield segment
            else:
                yield self._aligned(segment, chrom, self.reference)

    def _aligned(self, segment: Segment, chrom: str, reference: Reference) -> Segment:
        rows = segment.rows
        state, pos, n_moved = _compare(rows, reference, chrom)
        self._n_row += len(rows)
        if state.any():
            self._note(rows, chrom, state)
        moved = np.flatnonzero(pos != rows.pos)
        if not moved.size:
            return segment
        count = Counter(segment.count)
        count["n_left_aligned"] += len(moved)
        return replace(
            segment, rows=_moved(rows, reference, chrom, moved, pos, n_moved), count=count
        )

    def _note(self, rows: Rows, chrom: str, state: NDArray[np.uint8]) -> None:
        numbers, n = np.unique(state[state > align_state.FITS], return_counts=True)
        self._count.update(dict(zip(numbers.tolist(), n.tolist(), strict=True)))
        for is_far, names in self._names.items():
            here = (state > align_state.FITS) & ((state == align_state.TOO_FAR) == is_far)
            room = max(_N_SHOWN - len(names), 0)
            at = rows.take(np.flatnonzero(here)[:room])
            parts = zip(at.pos.tolist(), at.ref.to_pylist(), at.alt.to_pylist(), strict=True)
            names += [f"{chrom}-{pos}-{_short(ref)}-{_short(alt)}" for pos, ref, alt in parts]

    def tell(self) -> None:
        """Add what is wrong to the file's problems, once its rows have passed."""
        if self.reference is None:
            return
        name, n_far = self.reference.path.name, self._count.pop(align_state.TOO_FAR, 0)
        if self.reference.has_changed:
            self.problems.add(
                "",
                f"that {name}, its reference, changed while it was read",
                expected="the same bytes to the end",
                fix="let whatever writes it end, and run again",
                kind="a reference that changed",
            )
        if self._missing:
            self.problems.add(
                "",
                f"records on {', '.join(self._missing)}",
                expected=f"chromosomes that {name} has",
                fix="name the whole genome's FASTA as reference",
                kind="chromosomes that the reference lacks",
            )
        if n_far:
            self.problems.add(
                "",
                f"{_listed(n_far, 'indels', self._names[True])} that left-aligning moves by more "
                f"than {SHIFT_MAX_BP:,} bp",
                expected="indels near their left-most place",
                fix=f"normalise the file first (bcftools norm --fasta-ref {name})",
                kind="indels that move too far",
            )
        if self._count:
            self._tell_misfits(name)

    def _tell_misfits(self, name: str) -> None:
        n_misfit = self._count.total()
        kinds = [text.format(n=self._count[k]) for k, text in _WORDS.items() if self._count[k]]
        listed = _listed(n_misfit, f"of {self._n_row:,} variants", self._names[False])
        self.problems.add(
            "",
            f"{listed} whose REF is not the base of {name}: {', '.join(kinds)}",
            expected="the reference's bases as REF",
            fix="nothing is swapped or flipped for you, and A/T and C/G variants are never "
            "guessed: check the build and the reference, see bcftools norm --check-ref w, mend "
            "the file with bcftools +fixref",
            kind="REF alleles that are not the reference's",
        )


def _short(allele: str) -> str:
    return allele if len(allele) <= _N_BASE_SHOWN else f"{allele[:_N_BASE_SHOWN]}..."


def _listed(n: int, what: str, names: list[str]) -> str:
    n_more = n - len(names)
    return f"{n:,} {what} ({', '.join(names)}{f' and {n_more:,} more' if n_more else ''})"


def _compare(
    rows: Rows, reference: Reference, chrom: str
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """State, place and shift of each row."""
    contig, n = reference.contigs[chrom], len(rows)
    lines = np.array([contig.offset, contig.n_base, contig.n_byte, contig.length], dtype=np.int64)
    state = np.zeros(n, dtype=np.uint8)
    pos, n_moved = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    if n:
        kernels.align(
            rows.pos,
            *starts_and_bytes(rows.ref),
            *starts_and_bytes(rows.alt),
            reference.text,
            lines,
            SHIFT_MAX_BP,
            state,
            pos,
            n_moved,
        )
    return state, pos if n else rows.pos, n_moved


def _moved(
    rows: Rows,
    reference: Reference,
    chrom: str,
    moved: NDArray[np.intp],
    pos: NDArray[np.int64],
    n_moved: NDArray[np.int64],
) -> Rows:
    """Rows with those that moved spelled at their new place."""
    at = rows.take(moved)
    ref, alt = [], []
    for index, old_ref, old_alt in zip(
        moved.tolist(), at.ref.to_pylist(), at.alt.to_pylist(), strict=True
    ):
        place, n_piece = int(pos[index]) - 1, len(old_alt) - len(old_ref)
        if n_piece < 0:
            bases = reference.bases(chrom, place, place + 1 - n_piece)
            ref.append(bases)
            alt.append(bases[0])
        else:
            anchor = reference.bases(chrom, place, place + 1)
            ref.append(anchor)
            alt.append(anchor + _turned(_inserted(old_ref, old_alt), int(n_moved[index])))
    here = np.arange(len(rows))
    here[moved] = len(rows) + np.arange(len(moved))
    return replace(
        rows,
        pos=pos,
        ref=pa.concat_arrays([rows.ref, texts(ref)]).take(numbers(here)),
        alt=pa.concat_arrays([rows.alt, texts(alt)]).take(numbers(here)),
    )


def _inserted(ref: str, alt: str) -> str:
    """Bases that ALT has beyond those it shares with REF, as the shift counts them."""
    n_right = 0
    while n_right < len(ref) and ref[-1 - n_right] == alt[-1 - n_right]:
        n_right += 1
    n_left = len(ref) - n_right
    return alt[n_left : len(alt) - n_right]


def _turned(piece: str, n: int) -> str:
    """Take bases from the right end to the left one, n times."""
    cut = len(piece) - n % len(piece)
    return piece[cut:] + piece[:cut]
