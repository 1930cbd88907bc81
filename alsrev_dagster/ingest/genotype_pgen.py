"""Hard calls of a PLINK 2 .pgen through pgenlib, a block of variants at a time."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.ingest.kernels import pack_int8
from alsrev_dagster.ingest.pgen_header import PgenError
from alsrev_dagster.packing import n_byte


class PgenCalls:
    """Hard calls of a .pgen; raises PgenError where pgenlib cannot open or read it."""

    def __init__(
        self, path: Path, n_sample: int, n_variant: int, n_alt: NDArray[np.int64] | None = None
    ) -> None:
        """``n_alt`` (ALTs of each variant) is needed where calls are of a second ALT."""
        import pgenlib  # slow to start, and needed for a .pgen alone

        self.n_variant, self._n_sample = n_variant, n_sample
        self._has_first_alone = n_alt is None
        offsets = None
        if n_alt is not None:
            offsets = np.concatenate([[0], np.cumsum(n_alt + 1)]).astype(np.uintp)
        try:
            self._reader = pgenlib.PgenReader(
                os.fsencode(path), n_sample, variant_ct=n_variant, allele_idx_offsets=offsets
            )
        except RuntimeError as error:
            raise PgenError("a file that pgenlib cannot open") from error

    def packed(self, variant: NDArray[np.int64], alt: NDArray[np.int32]) -> NDArray[np.uint8]:
        """Packed calls: of each variant (rising places) the copies of one of its ALTs."""
        packed = np.empty((len(variant), n_byte(self._n_sample)), dtype=np.uint8)
        for number in np.unique(alt):
            row = np.flatnonzero(alt == number)
            codes = np.empty((len(row), self._n_sample), dtype=np.int8)
            if number > 1 and self._has_first_alone:
                # Without allele numbers pgenlib must not be asked for a later ALT.
                self._read(variant[row].astype(np.uint32), codes, 1)
                codes[codes > 0] = 0
            else:
                self._read(variant[row].astype(np.uint32), codes, int(number))
            pack_int8(codes, row, packed)
        return packed

    def _read(self, variant: NDArray[np.uint32], codes: NDArray[np.int8], number: int) -> None:
        try:
            self._reader.read_list(variant, codes, allele_idx=number)
        except RuntimeError as error:
            first, last = int(variant[0]) + 1, int(variant[-1]) + 1
            found = f"a record that pgenlib cannot read, among variants {first:,} to {last:,}"
            raise PgenError(found) from error

    def close(self) -> None:
        """Close the file."""
        self._reader.close()
