"""What INFO says of variants, as columns of rows: AF and consequences."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from alsrev_dagster.arrow_arrays import texts
from alsrev_dagster.ingest import kernels
from alsrev_dagster.ingest import line_layout as layout
from alsrev_dagster.ingest.annotation import AnnotationKeys, Consequence, consequence_of
from alsrev_dagster.ingest.genotype_rows import no_text


@dataclass(frozen=True, eq=False)
class InfoText:
    """Lines of a text, where their REF, ALT and INFO stand, and the rows they have."""

    text: NDArray[np.uint8]
    place: NDArray[np.int32]
    """One entry a line, with starts of columns as ``line_layout`` has them."""
    flag: NDArray[np.uint8]
    row_line: NDArray[np.int32]
    row_alt: NDArray[np.int32]

    def allele_freq(self, keys: AnnotationKeys) -> NDArray[np.float64]:
        """Return INFO/AF of each row's ALT; NaN where there is none."""
        freq = np.full(len(self.row_line), np.nan)
        if keys.has_allele_freq:
            start, stop = self._values("AF")
            kernels.read_numbers(self.text, start, stop, self.row_line, self.row_alt, freq)
        return freq

    def consequences(self, keys: AnnotationKeys) -> tuple[pa.StringArray, pa.StringArray]:
        """Return consequences of each row, and by gene; null where the line says nothing."""
        n = len(self.row_line)
        if not keys.key:
            return no_text(n), no_text(n)
        start, stop = self._values(keys.key)
        found: list[Consequence] = []
        for line, number in zip(self.row_line.tolist(), self.row_alt.tolist(), strict=True):
            if start[line] < 0:
                found.append((None, None))
                continue
            at = self.place[line]
            ref = self._cell(at[layout.REF], at[layout.ALT] - 1)
            alts = self._cell(at[layout.ALT], at[layout.QUAL] - 1).split(",")
            value = self._cell(start[line], stop[line])
            found.append(consequence_of(value, keys, ref, alts, number))
        gravest, by_gene = zip(*found, strict=True) if found else ((), ())
        return texts(gravest), texts(by_gene)

    def _cell(self, start: int, stop: int) -> str:
        return bytes(self.text[start:stop]).decode(errors="replace")

    def _values(self, key: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Where the value of an INFO key starts and stops in each line; -1 where it is not."""
        start, stop = (np.empty(len(self.flag), dtype=np.int32) for _ in range(2))
        letters = np.frombuffer(key.encode(), dtype=np.uint8)
        kernels.find_values(self.text, self.place, self.flag, letters, start, stop)
        return start, stop
