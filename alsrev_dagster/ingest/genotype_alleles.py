"""One record as biallelic rows: trimmed alleles, and genotype codes 0-3 of each."""

from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

MISSING = 3
"""Code of a missing call, as in the packed genotypes."""

SPANNING = frozenset({"*", "<*:DEL>", "<*>"})
"""ALT alleles that are no variant of their own: deleted by a record further up, or any other."""

_DIPLOID = 2
_NO_ALLELE = -2


class CallError(ValueError):
    """Calls of one record that are not those of a haploid or diploid genome."""

    def __init__(self, found: str, expected: str, sample: int) -> None:
        self.found, self.expected = found, expected
        self.sample = sample
        """Place of the first such call among the samples."""
        super().__init__(f"found {found}; expected {expected}")


@dataclass(frozen=True, eq=False)
class AlleleRow:
    """One ALT allele of a record; ``genotype`` has one code per sample."""

    pos: int
    ref: str
    alt: str
    genotype: NDArray[np.uint8]


def trimmed(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Return position and alleles without the bases they share, in capitals.

    Shared bases go from the right end first, then from the left, one base of each
    allele always staying. Nothing is shifted: left-aligning needs the reference
    sequence. Symbolic alleles and breakends stay as they are.

    Examples
    --------
    >>> trimmed(10, "CAG", "CTG")
    (11, 'A', 'T')
    >>> trimmed(10, "CAA", "CA")
    (10, 'CA', 'C')
    >>> trimmed(10, "C", "<DEL>")
    (10, 'C', '<DEL>')
    """
    ref = ref.upper()
    if not alt.isalpha():
        return pos, ref, alt
    alt = alt.upper()
    n_right = 0
    n_most = min(len(ref), len(alt)) - 1
    while n_right < n_most and ref[-1 - n_right] == alt[-1 - n_right]:
        n_right += 1
    ref, alt = ref[: len(ref) - n_right], alt[: len(alt) - n_right]
    n_left = 0
    n_most = min(len(ref), len(alt)) - 1
    while n_left < n_most and ref[n_left] == alt[n_left]:
        n_left += 1
    return pos + n_left, ref[n_left:], alt[n_left:]


def check_calls(alleles: NDArray[np.int16], n_alt: int) -> None:
    """Raise CallError where ploidy is above 2 or an allele number has no ALT.

    ``alleles`` has one row per sample and one column per allele: -1 missing, -2 none.
    """
    if alleles.shape[1] > _DIPLOID and (alleles[:, _DIPLOID:] != _NO_ALLELE).any():
        _refuse(alleles, (alleles[:, _DIPLOID:] != _NO_ALLELE).any(axis=1), "one or two alleles")
    if alleles.size and (alleles.max() > n_alt or alleles.min() < _NO_ALLELE):
        is_bad = ((alleles > n_alt) | (alleles < _NO_ALLELE)).any(axis=1)
        _refuse(alleles, is_bad, f"allele numbers up to {n_alt}, the ALT alleles of the record")


def _refuse(alleles: NDArray[np.int16], is_bad: ArrayLike, expected: str) -> NoReturn:
    """Raise CallError with the first of the bad calls, as text."""
    sample = int(np.argmax(is_bad))
    numbers = [number for number in alleles[sample].tolist() if number != _NO_ALLELE]
    call = "/".join("." if number == -1 else str(number) for number in numbers)
    raise CallError(f"GT {call}", expected, sample)


def genotype_codes(
    alleles: NDArray[np.int16], allele: int, half_calls: str = "missing"
) -> NDArray[np.uint8]:
    """Code the calls as copies of one allele: 0, 1, 2, and 3 for missing.

    A call with one allele missing is missing, or, as ``half_calls`` says, the other allele
    with the reference one (``reference``) or with itself (``haploid``). Any other allele
    counts as not this one. A haploid call is coded as the homozygous one.
    """
    first = alleles[:, 0]
    second = alleles[:, 1] if alleles.shape[1] > 1 else np.full_like(first, _NO_ALLELE)
    second = np.where(second == _NO_ALLELE, first, second)
    if half_calls != "missing":
        is_half = (first < 0) != (second < 0)
        other = np.maximum(first, second)
        fill = other if half_calls == "haploid" else np.zeros_like(other)
        first, second = np.where(is_half, other, first), np.where(is_half, fill, second)
    codes: NDArray[np.uint8] = (first == allele).astype(np.uint8) + (second == allele)
    codes[(first < 0) | (second < 0)] = MISSING
    return codes


def odd_calls(alleles: NDArray[np.int16]) -> dict[str, int]:
    """Count the calls with one allele missing, and the haploid ones."""
    first = alleles[:, 0]
    second = alleles[:, 1] if alleles.shape[1] > 1 else np.full_like(first, _NO_ALLELE)
    is_haploid = second == _NO_ALLELE
    return {
        "n_half_call": int((((first < 0) != (second < 0)) & ~is_haploid).sum()),
        "n_haploid_call": int((is_haploid & (first >= 0)).sum()),
    }


def allele_rows(
    pos: int,
    alleles: tuple[str, ...],
    calls: NDArray[np.int16] | None,
    n_sample: int,
    half_calls: str = "missing",
) -> list[AlleleRow]:
    """Split a record (REF first) into one row per ALT allele that is a variant.

    Without calls (a record with no GT) every code is missing.
    """
    if calls is not None:
        check_calls(calls, len(alleles) - 1)
    rows = []
    for number, alt in enumerate(alleles[1:], start=1):
        if alt in SPANNING:
            continue
        codes = (
            np.full(n_sample, MISSING, dtype=np.uint8)
            if calls is None
            else genotype_codes(calls, number, half_calls)
        )
        rows.append(AlleleRow(*trimmed(pos, alleles[0], alt), codes))
    return rows
