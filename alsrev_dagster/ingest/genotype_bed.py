"""Calls of a PLINK 1 .bed, a block of variants at a time.

Layout: three bytes, then two bits a sample, four samples a byte, the lowest bits first
(https://www.cog-genomics.org/plink/1.9/formats#bed). A1 is ALT here, A2 is REF.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.packing import n_byte

_MAGIC_BYTE = 3
_CODE = (2, 3, 1, 0)
"""Packed code of 00 (homozygous A1), 01 (missing), 10 (heterozygous), 11 (homozygous A2)."""

PROVISIONAL = (
    "A1 (the .bim's fifth column) is read as ALT and A2 as REF, as PLINK 2 does; PLINK 1 "
    "writes the minor allele as A1 unless told to keep the order, so REF is provisional"
)


def _recode() -> NDArray[np.uint8]:
    """Our byte for each byte of a .bed."""
    byte = np.arange(256)
    codes = np.array(_CODE)[np.stack([byte >> shift & 3 for shift in (0, 2, 4, 6)])]
    table: NDArray[np.uint8] = (codes << np.array([6, 4, 2, 0])[:, None]).sum(axis=0)
    return table.astype(np.uint8)


_RECODED = _recode()


class BedCalls:
    """Calls of a .bed of so many samples."""

    def __init__(self, path: Path, n_sample: int) -> None:
        self._stream, self._n_sample = path.open("rb"), n_sample
        self.n_variant = (path.stat().st_size - _MAGIC_BYTE) // n_byte(n_sample)
        """Variants that the file's size makes room for."""

    def packed(self, variant: NDArray[np.int64], alt: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Packed calls of variants (rising places, one ALT each), a row each."""
        width, first = n_byte(self._n_sample), int(variant[0])
        n = int(variant[-1]) + 1 - first
        self._stream.seek(_MAGIC_BYTE + first * width)
        data = np.frombuffer(self._stream.read(n * width), dtype=np.uint8).reshape(n, width)
        packed = _RECODED[data[variant - first] if len(variant) < n else data]
        if self._n_sample % 4:
            packed[:, -1] &= np.uint8(0xFF << 2 * (4 - self._n_sample % 4) & 0xFF)
        return packed

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
