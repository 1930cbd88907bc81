"""Calls as the VCF that PLINK is given."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_WORDS = np.array(["0/0", "0/1", "1/1", "./."])


def write_vcf(path: Path, codes: NDArray[np.uint8]) -> None:
    """Write codes 0-3, shape (n_variant, n_sample), as SNVs of chromosome 1 in people p0, p1, ..."""
    names = [f"p{i}" for i in range(codes.shape[1])]
    head = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *names]
    lines = ["##fileformat=VCFv4.2", "##contig=<ID=1>", "\t".join(head)]
    lines += [
        "\t".join(["1", str(i + 1), ".", "A", "C", ".", ".", ".", "GT", *_WORDS[calls]])
        for i, calls in enumerate(codes)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
