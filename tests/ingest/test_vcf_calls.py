"""Each pass over calls against a slow reading of the same text, bit for bit."""

import re
import signal
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alsrev_dagster.ingest import line_layout as layout
from alsrev_dagster.ingest.kernels import vcf_calls
from alsrev_dagster.ingest.text_chunk import PADDING
from alsrev_dagster.packing import n_byte, pack

HALF_CALLS = (layout.HALF_MISSING, layout.HALF_REFERENCE, layout.HALF_HAPLOID)
PAIRS = ["0/0", "0|0", "0/1", "1|0", "1|1", "1/1", "./.", ".|."]
ODD = ["0", "1", ".", "0/.", ".|1", "1|.", "./0", "/0/1", "|1|0", "|1", "/.", "00/01", "01"]
BAD = ["", "/", "0/", "/0/", "2/0", "0|2", "0/10", "0/1/1", "x", "0x0", "0/-", "1/1 ", "..", "0 0"]
ENDS = ["\n", "\r\n", "\t0/1\n", ":1\n", ":1\r\n", "\r", " \n"]
BEYOND = ["", "0/0\t0/1\t1/1\t0/0\t" * 20, "chr1\t5\t.\tA\tC\t.\t.\t.\tGT\t0/0\t" * 9, "\n" * 99]
FIELDS = ["", ":", ":3", ":3,4:7:99:0,99,1034", ":" + "8" * 70, ":0/1:1|1", ":.", "::"]
_CALL = re.compile(rb"[/|]?(\.|\d+)(?:[/|](\.|\d+))?(?=[\t:\n]|\r\n)")
_START = 5
"""Where the calls start in the texts: at no multiple of anything."""


@dataclass
class Read:
    """What a pass gives: the place of the end, and unless it is -1 the odd calls and the calls."""

    end: int
    n_odd: list[int]
    calls: list[tuple[int, int]]

    def codes(self, allele: int, half_call: int) -> list[int]:
        """Count the copies of an allele in each call."""
        return [_code(call, allele, half_call) for call in self.calls]


_REFUSED = Read(-1, [], [])


def _code(call: tuple[int, int], allele: int, half_call: int) -> int:
    first, second = call
    if second == -2:
        second = first
    if (first == -1) != (second == -1) and half_call != layout.HALF_MISSING:
        known = max(first, second)
        first, second = known, known if half_call == layout.HALF_HAPLOID else 0
    return 3 if -1 in (first, second) else [first, second].count(allele)


def _slowly(text: bytes, n_sample: int, n_alt: int, *, has_fields: bool) -> Read:
    """Read a line call by call with a regular expression."""
    at, n_odd, calls = _START, [0, 0], []
    for sample in range(n_sample):
        found = _CALL.match(text, at)
        if not found:
            return _REFUSED
        numbers = [-1 if word == b"." else int(word) for word in found.groups() if word]
        if max(numbers) > n_alt:
            return _REFUSED
        n_odd[0] += len(numbers) == 2 and numbers.count(-1) == 1
        n_odd[1] += len(numbers) == 1 and numbers[0] >= 0
        calls.append((numbers[0], (*numbers, -2)[1]))
        at = found.end()
        if has_fields and text[at : at + 1] == b":":
            at = min(place for place in (text.find(b"\t", at), text.find(b"\n", at)) if place > 0)
        if sample < n_sample - 1 and text[at : at + 1] != b"\t":
            return _REFUSED
        at += 1
    return Read(at - 1, n_odd, calls)


def _array(text: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(text + bytes(PADDING), dtype=np.uint8)


def _packed(codes: list[int]) -> list[int]:
    row: list[int] = pack(np.array([codes], dtype=np.uint8))[0].tolist()
    return row


def _check_one_alt(text: bytes, n_sample: int, half_call: int, *, has_fields: bool) -> Read:
    """Compare the pass over calls of one ALT, which must write all of its bytes and no other."""
    expected = _slowly(text, n_sample, 1, has_fields=has_fields)
    room = np.full(n_byte(n_sample) + 2, 0xAB, dtype=np.uint8)
    n_odd = np.zeros(2, dtype=np.int32)
    read = vcf_calls.field_calls if has_fields else vcf_calls.plain_calls
    end = read(_array(text), _START, n_sample, room[1:-1], half_call, n_odd)
    assert end == expected.end, text
    assert room[[0, -1]].tolist() == [0xAB, 0xAB]
    if end >= 0:
        assert n_odd.tolist() == expected.n_odd, text
        assert room[1:-1].tolist() == _packed(expected.codes(1, half_call)), text
    return expected


def _check_alleles(text: bytes, n_sample: int, n_alt: int, half_call: int) -> Read:
    """Compare the pass over calls of any ALTs, and the packing of each of them."""
    expected = _slowly(text, n_sample, n_alt, has_fields=True)
    room = np.full((n_sample + 2, 2), 77, dtype=np.int32)
    n_odd = np.zeros(2, dtype=np.int32)
    alleles = room[1:-1]
    end = vcf_calls.any_calls(_array(text), _START, n_sample, n_alt, alleles, n_odd)
    assert end == expected.end, text
    assert (room[[0, -1]] == 77).all()
    if end >= 0:
        assert n_odd.tolist() == expected.n_odd, text
        assert alleles.tolist() == [list(call) for call in expected.calls], text
        for allele in range(1, n_alt + 1):
            packed = np.full(n_byte(n_sample), 0xAB, dtype=np.uint8)
            vcf_calls.pack_alleles(alleles, n_sample, allele, half_call, packed)
            assert packed.tolist() == _packed(expected.codes(allele, half_call)), text
    return expected


def _check(calls: list[str], end: str, half_call: int, beyond: str, n_more: int = 0) -> None:
    """Compare all passes over a line that has calls for all samples, or some fewer or more."""
    text = ("x" * _START + "\t".join(calls) + end + beyond).encode()
    text += b"" if text.endswith(b"\n") else b"\n"
    n_sample = max(len(calls) + n_more, 1)
    _check_one_alt(text, n_sample, half_call, has_fields=False)
    _check_one_alt(text, n_sample, half_call, has_fields=True)
    _check_alleles(text, n_sample, 1, half_call)
    _check_alleles(text, n_sample, 3, half_call)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("n_sample", range(1, 71))
def test_any_number_of_calls_and_any_end(n_sample: int, end: str) -> None:
    calls = [PAIRS[sample * sample % 8] for sample in range(n_sample)]
    for n_more in (0, 1, -1, 16, -16):
        _check(calls, end, layout.HALF_MISSING, BEYOND[(n_sample + n_more) % 4], n_more)


@pytest.mark.parametrize("call", [*PAIRS, *ODD, *BAD, "0/0:9", ".:9", "0/.:9"])
def test_an_odd_call_at_every_place(call: str) -> None:
    for place in range(37):
        for half_call in HALF_CALLS:
            calls = [PAIRS[(sample + place) % 8] for sample in range(37)]
            calls[place] = call
            _check(calls, "\n", half_call, BEYOND[place % 4])


@pytest.mark.parametrize("call", [*PAIRS, *ODD])
def test_calls_that_are_all_alike(call: str) -> None:
    for n_sample in (1, 16, 17, 18, 33, 64, 70):
        for half_call in HALF_CALLS:
            _check([call] * n_sample, "\n", half_call, "")


@pytest.mark.parametrize("n_fields", range(90))
def test_fields_of_any_length(n_fields: int) -> None:
    """So that tabs fall on every byte of what is looked at at once."""
    for call in ("0/1", ".", "1|."):
        calls = [f"{call}:{'7' * (n_fields + sample % 3)}" for sample in range(21)]
        text = ("x" * _START + "\t".join(calls) + "\n").encode()
        read = _check_one_alt(text, 21, layout.HALF_MISSING, has_fields=True)
        assert read.end == len(text) - 1
        _check_alleles(text, 21, 2, layout.HALF_MISSING)


@pytest.mark.parametrize("n_alt", [0, 2, 8, 9, 10, 12, 200])
def test_alleles_of_several_digits(n_alt: int) -> None:
    numbers = [*range(min(n_alt, 13) + 1), n_alt]
    for n_sample in (5, 17, 33, 50):
        calls = [f"{numbers[i % len(numbers)]}/{numbers[-i % len(numbers)]}" for i in range(40)]
        line = "\t".join([*calls, *calls][:n_sample])
        text = f"{'x' * _START}{line}\n".encode()
        assert _check_alleles(text, n_sample, n_alt, layout.HALF_MISSING).end > 0
        too_high = text.replace(b"/0", b"/%d" % (n_alt + 1), 1)
        assert _check_alleles(too_high, n_sample, n_alt, layout.HALF_MISSING).end == -1


@st.composite
def _line(draw: st.DrawFn) -> list[str]:
    """Mostly pairs, with odd calls here and there, or everywhere."""
    n_sample = draw(st.integers(1, 70))
    pool = draw(
        st.sampled_from([PAIRS, PAIRS[:3], [*PAIRS, *ODD[:3]], [*PAIRS, *ODD], [*PAIRS, "2/3"]])
    )
    calls = [pool[byte % len(pool)] for byte in draw(st.binary(min_size=70, max_size=70))]
    calls = calls[:n_sample]
    strange = st.sampled_from([*ODD, *BAD, *PAIRS])
    for place in draw(st.lists(st.integers(0, n_sample - 1), max_size=3)):
        calls[place] = draw(strange)
    if draw(st.booleans()):
        fields = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=4))
        calls = [call + fields[index % len(fields)] for index, call in enumerate(calls)]
    return calls


@settings(derandomize=True, deadline=None, max_examples=800, database=None)
@given(
    _line(),
    st.sampled_from(ENDS),
    st.sampled_from(HALF_CALLS),
    st.sampled_from(BEYOND),
    st.sampled_from([0, 0, 0, 1, -1, 5, 17]),
)
def test_any_line_is_read_as_it_is_slowly(
    calls: list[str], end: str, half_call: int, beyond: str, n_more: int
) -> None:
    _check(calls, end, half_call, beyond, n_more)


@settings(derandomize=True, deadline=None, max_examples=300, database=None)
@given(_line(), st.binary(min_size=1, max_size=3), st.integers(0, 400), st.sampled_from(HALF_CALLS))
def test_any_bytes_anywhere_are_read_as_they_are_slowly(
    calls: list[str], strange: bytes, at: int, half_call: int
) -> None:
    text = bytearray(("x" * _START + "\t".join(calls) + "\n").encode())
    place = _START + at % (len(text) - _START)
    text[place : place + len(strange)] = strange
    broken = bytes(text) + b"\n"
    for has_fields in (False, True):
        _check_one_alt(broken, len(calls), half_call, has_fields=has_fields)
    _check_alleles(broken, len(calls), 3, half_call)


def test_the_slow_reading_is_that_of_the_specification() -> None:
    """Genotypes as VCF 4.4, section 1.6.2, writes them, counted by eye."""
    text = b"xxxxx0/1\t1|1\t./.\t1\t0/.\t.\n"
    read = _slowly(text, 6, 1, has_fields=False)
    assert (read.end, read.n_odd) == (len(text) - 1, [1, 1])
    assert [read.codes(1, how) for how in HALF_CALLS] == [
        [1, 2, 3, 2, 3, 3],
        [1, 2, 3, 2, 0, 3],
        [1, 2, 3, 2, 0, 3],
    ]


_AT_THE_EDGE = """
import ctypes, mmap, sys
import numpy as np
from alsrev_dagster.ingest.kernels import vcf_calls
from alsrev_dagster.ingest.text_chunk import PADDING
size = 4 * mmap.PAGESIZE
room = mmap.mmap(-1, size + mmap.PAGESIZE)
address = ctypes.addressof(ctypes.c_char.from_buffer(room))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.mprotect(ctypes.c_void_p(address + size), ctypes.c_size_t(mmap.PAGESIZE), 0) == 0
bytes_of_room = np.frombuffer(room, dtype=np.uint8)[:size]
text = bytes_of_room.view()
text.flags.writeable = False
packed, alleles, n_odd = np.zeros(40, np.uint8), np.zeros((160, 2), np.int32), np.zeros(2, np.int32)
for end in (b"\\n", b"\\r\\n"):
    for call in (b"0/1", b"0", b"./.", b"0/0:3", b"0|1:" + b"8" * 60):
        for n_call in range(1, 70):
            line = b"\\t".join([call] * n_call) + end
            at = size - PADDING - len(line)
            bytes_of_room[at : at + len(line)] = np.frombuffer(line, dtype=np.uint8)
            for n in (n_call, n_call + 1, n_call + 16, n_call + 90):
                vcf_calls.plain_calls(text, at, n, packed, 0, n_odd)
                vcf_calls.field_calls(text, at, n, packed, 0, n_odd)
                vcf_calls.any_calls(text, at, n, 2, alleles, n_odd)
                vcf_calls.missing_calls(text, at, n)
print("read", flush=True)
import os
os._exit(0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="protects a page of memory as Linux does")
def test_nothing_beyond_the_padding_is_looked_at() -> None:
    """In a process of its own, which would end at the first byte too far."""
    run = subprocess.run(
        [sys.executable, "-c", _AT_THE_EDGE], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "read\n", "")


def test_the_edge_is_guarded() -> None:
    """The test above would see a pass that goes too far."""
    further = _AT_THE_EDGE.replace("size - PADDING - len(line)", "size - len(line)")
    run = subprocess.run([sys.executable, "-c", further], capture_output=True, check=False)
    assert run.returncode == -signal.SIGSEGV


def test_codes_of_a_line_lie_in_the_order_of_samples() -> None:
    """Each sample alone carries ALT, and its two bits alone are set."""
    n_sample = 70
    for sample in range(n_sample):
        calls = ["0/0"] * n_sample
        calls[sample] = "0/1"
        text = ("x" * _START + "\t".join(calls) + "\n").encode()
        packed = np.zeros(n_byte(n_sample), dtype=np.uint8)
        n_odd = np.zeros(2, dtype=np.int32)
        vcf_calls.plain_calls(_array(text), _START, n_sample, packed, 0, n_odd)
        assert np.flatnonzero(np.unpackbits(packed)).tolist() == [2 * sample + 1]
