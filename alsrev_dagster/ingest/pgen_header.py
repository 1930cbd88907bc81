"""The header of a PLINK 2 .pgen: its counts, its size, and what its records hold.

Read here, beside pgenlib, so that a file that breaks off is known before it is opened
(PGEN format, draft of PLINK 2: https://github.com/chrchang/plink-ng/tree/master/pgen_spec).
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1 << 16
"""Variants of a block of the header."""
_FIXED = {2: 0, 3: 2, 4: 4}
"""Storage modes of records of one width: bytes a sample beside its two bits."""
_VARIABLE, _EXTENDED = 0x10, 0x11
_MULTIALLELIC, _DOSAGE = 0x08, 0x60
_ALL_PROVISIONAL = 2


@dataclass(frozen=True)
class PgenHeader:
    """What a .pgen says of itself."""

    n_variant: int | None = None
    """None in PLINK 1's layout, which has no counts."""
    n_sample: int | None = None
    n_byte: int | None = None
    """Size the file must have."""
    has_tail: bool = False
    """The file may be longer: extensions follow."""
    is_multiallelic: bool = False
    """Some calls are of a second ALT or a later one."""
    n_dosage: int = 0
    """Variants with dosages beside their hard calls."""
    ref_is_provisional: bool = False
    """Of every variant: REF was not known to be the reference allele."""


class PgenError(Exception):
    """A .pgen header that cannot be used; ``found`` says why."""

    def __init__(self, found: str) -> None:
        self.found = found
        super().__init__(found)


def read_pgen_header(path: Path) -> PgenHeader:
    """Read it; raises PgenError where it breaks off or is of a kind that is not read."""
    with path.open("rb") as stream:
        mode = _take(stream, 3)[2]
        if mode == 1:
            return PgenHeader(ref_is_provisional=True)
        counts = np.frombuffer(_take(stream, 8), dtype="<u4").tolist()
        control = _take(stream, 1)[0]
        is_provisional = control >> 6 == _ALL_PROVISIONAL
        if mode in _FIXED:
            return _fixed(mode, control, *counts, is_provisional=is_provisional)
        if mode not in (_VARIABLE, _EXTENDED) or control & 8:
            raise PgenError(f"a storage mode that is not read (bytes {mode:#04x}, {control:#04x})")
        return _variable(stream, mode, control, *counts)


def _take(stream: BinaryIO, n: int) -> bytes:
    data = stream.read(n)
    if len(data) < n:
        raise PgenError("a header that breaks off")
    return data


def _fixed(
    mode: int, control: int, n_variant: int, n_sample: int, *, is_provisional: bool
) -> PgenHeader:
    flags = (n_variant + 7) // 8 if control >> 6 == 3 else 0
    width = (n_sample + 3) // 4 + _FIXED[mode] * n_sample
    return PgenHeader(
        n_variant,
        n_sample,
        12 + flags + n_variant * width,
        n_dosage=n_variant if _FIXED[mode] else 0,
        ref_is_provisional=is_provisional,
    )


def _variable(
    stream: BinaryIO, mode: int, control: int, n_variant: int, n_sample: int
) -> PgenHeader:
    n_block = (n_variant + _BLOCK - 1) // _BLOCK
    if not n_block or n_block * 8 > os.fstat(stream.fileno()).st_size:
        raise PgenError("a header that breaks off" if n_block else "no variants")
    start = np.frombuffer(_take(stream, 8 * n_block), dtype="<u8").tolist()
    is_multiallelic, n_dosage, end = False, 0, start[0]
    for block, at in enumerate(start):
        if at != end:
            raise PgenError("a header whose offsets contradict the lengths of its records")
        n = min(_BLOCK, n_variant - block * _BLOCK)
        kind, n_byte = _block(stream, control, n)
        is_multiallelic |= bool((kind & _MULTIALLELIC).any())
        n_dosage += int((kind & _DOSAGE > 0).sum())
        end = at + n_byte
    return PgenHeader(
        n_variant,
        n_sample,
        end,
        has_tail=mode == _EXTENDED,
        is_multiallelic=is_multiallelic,
        n_dosage=n_dosage,
        ref_is_provisional=control >> 6 == _ALL_PROVISIONAL,
    )


def _block(stream: BinaryIO, control: int, n: int) -> tuple[NDArray[np.uint8], int]:
    """Kinds of a block's records, and their bytes together."""
    if control & 4:
        kind = np.frombuffer(_take(stream, n), dtype=np.uint8)
    else:
        pairs = np.frombuffer(_take(stream, (n + 1) // 2), dtype=np.uint8)
        kind = np.stack([pairs & 15, pairs >> 4], axis=1).ravel()[:n]
    width = 1 + (control & 3)
    length = np.frombuffer(_take(stream, n * width), dtype=np.uint8).reshape(n, width)
    total = length.astype(np.int64).sum(axis=0) @ (256 ** np.arange(width, dtype=np.int64))
    _take(stream, n * (control >> 4 & 3) + ((n + 7) // 8 if control >> 6 == 3 else 0))
    return kind, int(total)
