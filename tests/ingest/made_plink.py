"""Tiny PLINK filesets, written where a test can be read beside them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pgenlib

BED_CODE = {0: 3, 1: 2, 2: 0, 3: 1}
"""Two bits of a .bed for copies of A1 (3: missing)."""
CALLS = [[0, 1, 2, 3, 1], [2, 2, 0, 0, 3], [1, 0, 3, 0, 2]]
IIDS = ["vialA", "vialB", "vialC", "vialD", "vialE"]
BIM = ["1 rs1 0 10 C A", "1 rs2 0 20 G T", "X . 0 5 T TA"]
PVAR = ["1 10 rs1 A C", "1 20 rs2 T G", "X 5 . TA T"]


def write_bed(
    folder: Path,
    calls: Sequence[Sequence[int]] = CALLS,
    bim: Sequence[str] = BIM,
    fam: Sequence[str] | None = None,
) -> Path:
    """Write t.bed, t.bim and t.fam; ``calls`` count A1, 3 is missing."""
    data = bytearray(b"\x6c\x1b\x01")
    for line in calls:
        for start in range(0, len(line), 4):
            four = [BED_CODE[code] << 2 * i for i, code in enumerate(line[start : start + 4])]
            data.append(sum(four))
    lines = [f"fam1 {iid} 0 0 0 -9" for iid in IIDS] if fam is None else fam
    (folder / "t.fam").write_text("".join(f"{line}\n" for line in lines))
    (folder / "t.bim").write_text("".join(line.replace(" ", "\t") + "\n" for line in bim))
    (folder / "t.bed").write_bytes(bytes(data))
    return folder / "t.bed"


def write_pgen(
    folder: Path,
    calls: Sequence[Sequence[int]] = CALLS,
    pvar: Sequence[str] = PVAR,
    psam: Sequence[str] | None = None,
    meta: str = "",
    columns: str = "#CHROM POS ID REF ALT",
) -> Path:
    """Write t.pgen, t.pvar and t.psam; ``calls`` count ALT, 3 is missing."""
    path = folder / "t.pgen"
    codes = np.array(calls, dtype=np.int8)
    codes[codes == 3] = -9
    with pgenlib.PgenWriter(
        str(path).encode(), codes.shape[1], variant_ct=len(codes), nonref_flags=False
    ) as writer:
        for line in codes:
            writer.append_biallelic(np.ascontiguousarray(line))
    lines = ["#IID SEX", *(f"{iid} NA" for iid in IIDS)] if psam is None else psam
    (folder / "t.psam").write_text("".join(line.replace(" ", "\t") + "\n" for line in lines))
    rows = [columns, *pvar]
    text = "".join(line.replace(" ", "\t") + "\n" for line in rows)
    (folder / "t.pvar").write_text(meta + text)
    return path
