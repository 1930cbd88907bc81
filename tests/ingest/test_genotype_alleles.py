"""Codes and alleles of one record: haploid, half, phased and multiallelic calls."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from alsrev_dagster.ingest.genotype_alleles import (
    CallError,
    allele_rows,
    check_calls,
    genotype_codes,
    trimmed,
)

BASES = st.text("ACGT", min_size=1, max_size=6)
CALL = st.lists(st.integers(-1, 3), min_size=1, max_size=2)


def _array(calls: list[list[int]]) -> NDArray[np.int16]:
    width = max(map(len, calls))
    return np.array([[*call, -2][:width] for call in calls], dtype=np.int16)


def _by_hand(call: list[int], allele: int) -> int:
    if -1 in call:
        return 3
    copies = sum(number == allele for number in call)
    return 2 * copies if len(call) == 1 else copies


@given(st.lists(CALL, min_size=1, max_size=8), st.integers(1, 3))
def test_codes_are_those_counted_by_hand(calls: list[list[int]], allele: int) -> None:
    expected = [_by_hand(call, allele) for call in calls]
    assert genotype_codes(_array(calls), allele).tolist() == expected


@given(st.lists(CALL, min_size=1, max_size=8), st.integers(1, 3))
def test_order_of_the_two_alleles_does_not_matter(calls: list[list[int]], allele: int) -> None:
    turned = [call[::-1] for call in calls]
    np.testing.assert_array_equal(
        genotype_codes(_array(calls), allele), genotype_codes(_array(turned), allele)
    )


@pytest.mark.parametrize(
    ("call", "code"),
    [
        *[([0, 0], 0), ([0, 1], 1), ([1, 1], 2), ([1, 2], 1), ([2, 2], 0)],
        *[([0], 0), ([1], 2), ([2], 0)],
        *[([-1], 3), ([-1, -1], 3), ([0, -1], 3), ([-1, 1], 3)],
    ],
)
def test_codes_of_the_first_alt(call: list[int], code: int) -> None:
    assert genotype_codes(_array([call, [0, 0]]), 1).tolist() == [code, 0]


@given(st.integers(1, 100), BASES, BASES)
def test_trimmed_alleles_share_neither_end_and_say_the_same(pos: int, ref: str, alt: str) -> None:
    new_pos, new_ref, new_alt = trimmed(pos, ref, alt)
    left = new_pos - pos
    right = len(ref) - left - len(new_ref)
    assert ref == ref[:left] + new_ref + ref[len(ref) - right :]
    assert alt == ref[:left] + new_alt + ref[len(ref) - right :]
    assert new_ref
    assert new_alt
    if min(len(new_ref), len(new_alt)) > 1:
        assert new_ref[0] != new_alt[0]
        assert new_ref[-1] != new_alt[-1]


@pytest.mark.parametrize(
    ("given_alleles", "expected"),
    [
        (("A", "C"), (10, "A", "C")),
        (("a", "c"), (10, "A", "C")),
        (("CAG", "CTG"), (11, "A", "T")),
        (("CA", "CAA"), (10, "C", "CA")),
        (("GTT", "G"), (10, "GTT", "G")),
        (("AT", "GC"), (10, "AT", "GC")),
        (("AC", "<DEL>"), (10, "AC", "<DEL>")),
        (("A", "A[chr2:5["), (10, "A", "A[chr2:5[")),
        (("A", "A."), (10, "A", "A.")),
    ],
)
def test_trimmed_alleles(given_alleles: tuple[str, str], expected: tuple[int, str, str]) -> None:
    assert trimmed(10, *given_alleles) == expected


def test_spanning_deletion_is_no_row_and_counts_as_another_allele() -> None:
    calls = np.array([[0, 1], [1, 2], [2, 2]], dtype=np.int16)
    rows = allele_rows(10, ("A", "C", "*"), calls, 3)
    assert [(row.alt, row.genotype.tolist()) for row in rows] == [("C", [1, 1, 0])]


def test_record_without_calls_is_missing_throughout() -> None:
    (row,) = allele_rows(10, ("A", "C"), None, 4)
    assert row.genotype.tolist() == [3, 3, 3, 3]


def test_calls_that_cannot_be_are_refused() -> None:
    with pytest.raises(CallError, match="found GT 0/1/1; expected one or two alleles"):
        check_calls(np.array([[0, 1, 1], [0, 0, -2]], dtype=np.int16), 1)
    with pytest.raises(CallError, match=r"found GT \./2; expected allele numbers up to 1") as told:
        check_calls(np.array([[0, 1], [-1, 2], [2, -2]], dtype=np.int16), 1)
    assert told.value.sample == 1
    with pytest.raises(CallError, match="found GT 0/-31073; expected allele numbers up to 1"):
        check_calls(np.array([[0, -31073]], dtype=np.int16), 1)
    check_calls(np.array([[0, 1, -2], [0, -2, -2]], dtype=np.int16), 1)
