"""Principal components of 1000 Genomes people by PLINK 2: what wrote kg3_common_100.*.

`python -m tests.published.plink_pca VCF TABLE` takes 20 people of each superpopulation and every
fourth common SNV from the file of tests/data/genotypes/README.md, and writes all anew.
"""

import gzip
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.published.plink_vcf import write_vcf

DATA = Path(__file__).parents[1] / "data" / "published"
GENOTYPE, SCORES = DATA / "kg3_common_100.tsv.gz", DATA / "kg3_common_100.eigenvec.tsv"
N_PC = 4


def people() -> pd.DataFrame:
    """Superpopulation and codes 0-2, one digit a SNV, of each person."""
    return pd.read_csv(GENOTYPE, sep="\t", dtype=str)


def codes_of(table: pd.DataFrame) -> NDArray[np.uint8]:
    """Codes of shape (n_variant, n_sample)."""
    return np.array([list(text) for text in table["genotype"]]).astype(np.uint8).T


def by_plink(codes: NDArray[np.uint8]) -> pd.DataFrame:
    """Eigenvectors as PLINK prints them, a row a person, and a last row of eigenvalues."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_vcf(folder / "in.vcf", codes)
        command = ["plink2", "--vcf", "in.vcf", "--pca", str(N_PC), "--out", "out"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        vector = pd.read_csv(folder / "out.eigenvec", sep="\t").iloc[:, -N_PC:]
        value = np.loadtxt(folder / "out.eigenval")
    vector.columns = pd.Index([f"pc{k + 1}" for k in range(N_PC)])
    return pd.concat([vector, pd.DataFrame([value], columns=vector.columns)], ignore_index=True)


def take(vcf: Path, table: Path) -> pd.DataFrame:
    """Some people and common SNVs of the whole file."""
    with gzip.open(vcf, "rt") as file:
        rows = [line.split() for line in file if not line.startswith("##")]
    label = pd.read_csv(table, sep="\t").set_index("sample")["superpopulation"]
    label = label.reindex(rows[0][9:])
    chosen = [
        i for _, group in label.groupby(label) for i in label.index.get_indexer(group.index[:20])
    ]
    calls = np.array([[int(c[0]) + int(c[2]) for c in row[9:]] for row in rows[1:]], dtype=np.uint8)
    part = calls[:, chosen]
    freq = part.mean(axis=1) / 2
    part = part[(freq >= 0.05) & (freq <= 0.95)][::4]
    text = ["".join(map(str, column)) for column in part.T]
    return pd.DataFrame({"superpopulation": label.iloc[chosen].to_numpy(), "genotype": text})


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2])).to_csv(GENOTYPE, sep="\t", index=False)
    by_plink(codes_of(people())).to_csv(SCORES, sep="\t", index=False)
