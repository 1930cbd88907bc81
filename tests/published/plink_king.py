"""Kinship of ten HapMap samples by PLINK 2: what wrote plink2_king_genesis_10.tsv.

`python -m tests.published.plink_king` writes it anew.
"""

import gzip
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.published.plink_vcf import write_vcf

DATA = Path(__file__).parents[1] / "data" / "published"
STORED = DATA / "plink2_king_genesis_10.tsv"


def genotype() -> NDArray[np.uint8]:
    """Codes 0-3 of 20,000 SNVs in ten people, shape (n_variant, n_sample)."""
    with gzip.open(DATA / "genesis_hapmap_10_genotype.tsv.gz", "rt") as file:
        rows = [line.split() for line in file][1:]
    return np.array([list(calls) for _, calls in rows]).astype(np.uint8).T


def by_plink(codes: NDArray[np.uint8]) -> pd.DataFrame:
    """Places of each pair, and its counts and kinship as PLINK prints them."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_vcf(folder / "in.vcf", codes)
        command = [
            "plink2",
            "--vcf",
            "in.vcf",
            "--make-king-table",
            "cols=id,nsnp,kinship",
            "--out",
            "out",
        ]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        found = pd.read_csv(folder / "out.kin0", sep="\t")
    pair = found[["IID2", "#IID1"]].apply(lambda ids: ids.str.removeprefix("p").astype(int))
    rows = pd.DataFrame(
        {
            "first": pair.min(axis=1),
            "second": pair.max(axis=1),
            "n_variant": found["NSNP"],
            "kinship": found["KINSHIP"],
        }
    )
    return rows.sort_values(["first", "second"], ignore_index=True)


if __name__ == "__main__":
    by_plink(genotype()).to_csv(STORED, sep="\t", index=False)
