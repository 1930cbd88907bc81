"""The compiled reader of numbers against Python's own."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alsrev_dagster.ingest.kernels.vcf_number import read_number


def read(text: str) -> tuple[float, bool]:
    data = np.frombuffer(f"x{text}\t".encode(), dtype=np.uint8)
    value, is_exact = read_number(data, 1, 1 + len(text.encode()))
    return float(value), bool(is_exact)


NUMBER = st.from_regex(
    r"[+-]?([0-9]{1,20}\.?[0-9]{0,4}|\.[0-9]{1,20})([eE][+-]?[0-9]{1,3})?", fullmatch=True
)


@settings(deadline=None)  # compiled on first use
@given(NUMBER)
def test_what_is_read_exactly_is_what_python_reads(text: str) -> None:
    value, is_exact = read(text)
    if is_exact:
        assert value == float(text)
    elif not math.isinf(float(text)):
        assert value == pytest.approx(float(text), rel=1e-12, abs=1e-300)


@pytest.mark.parametrize(
    "text", ["5.1e-05", "1.40373E-15", "1e+3", "-2", "0e999", "30", ".5", "7."]
)
def test_numbers_as_callers_write_them_are_read_exactly(text: str) -> None:
    assert read(text) == (float(text), True)


@pytest.mark.parametrize("text", ["5.123456789012345678", "1e-30", "123456789012345678"])
def test_a_number_that_takes_more_than_64_bits_is_not_exact(text: str) -> None:
    assert read(text) == (pytest.approx(float(text)), False)


@pytest.mark.parametrize(
    "text", ["", "-", "+", "e5", ".e5", "1e", "1e+", "1.2.3", "nan", "1e5x", "..", "1 "]
)
def test_what_is_no_number_in_digits_is_nan_and_not_exact(text: str) -> None:
    value, is_exact = read(text)
    assert math.isnan(value)
    assert not is_exact


def test_a_dot_is_no_number_exactly() -> None:
    value, is_exact = read(".")
    assert math.isnan(value)
    assert is_exact
