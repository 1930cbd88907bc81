"""HapMap genotypes across IGFBP7, and what PLINK 1.9 and 2 say of them.

`python -m tests.stats.plink_ld` writes tests/data/ld/*.tsv anew.
"""

import gzip
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

DATA = Path(__file__).parents[1] / "data"
STORED = DATA / "ld"
WINDOW_BP = 2_000
PRUNE = {"window_bp": 20_000, "r2_max": 0.5}
CLUMP = {"lead_p_max": 1e-3, "member_p_max": 0.05, "r2_above": 0.5, "window_bp": 10_000}


def hapmap(share_missing: float = 0.0) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Codes 0-3 of 168 SNVs in 60 people, and positions; a share of the calls made missing."""
    with gzip.open(DATA / "genotypes" / "hapmap2_ceu_igfbp7.vcf.gz", "rt") as file:
        rows = [line.split() for line in file if not line.startswith("#")]
    genotype = np.array([[int(c[0]) + int(c[2]) for c in row[9:]] for row in rows], dtype=np.uint8)
    is_lost = np.random.default_rng(1).random(genotype.shape) < share_missing
    genotype[is_lost] = 3
    return genotype, np.array([int(row[1]) for row in rows])


def p_values(n_variant: int) -> NDArray[np.float64]:
    """P values from 1e-8 to 1, of four digits each."""
    drawn = 10 ** -np.random.default_rng(3).uniform(0, 8, n_variant)
    return np.array([float(f"{p:.3e}") for p in drawn])


def _write_vcf(path: Path, genotype: NDArray[np.uint8], pos: NDArray[np.int64]) -> None:
    words = np.array(["0/0", "0/1", "1/1", "./."])
    names = "\t".join(f"p{i}" for i in range(genotype.shape[1]))
    lines = ["##fileformat=VCFv4.2", "##contig=<ID=4>"]
    lines.append(f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}")
    for i, (place, calls) in enumerate(zip(pos, genotype, strict=True)):
        lines.append(f"4\t{place}\tv{i}\tA\tC\t.\t.\t.\tGT\t" + "\t".join(words[calls]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _plink(folder: Path, *words: str) -> None:
    command = ["plink1.9", "--vcf", "in.vcf", "--double-id", "--keep-allele-order", *words]
    subprocess.run([*command, "--out", "out"], cwd=folder, check=True, capture_output=True)


def _place(names: "pd.Series[str]") -> "pd.Series[int]":
    return names.str.removeprefix("v").astype(int)


def pairs_by_plink(share_missing: float) -> pd.DataFrame:
    """Places, r2 of dosages, r2 of haplotypes and D' of each pair within the window."""
    with TemporaryDirectory() as name:
        folder, parts = Path(name), []
        _write_vcf(folder / "in.vcf", *hapmap(share_missing))
        wide = ("--ld-window", "999", "--ld-window-kb", f"{WINDOW_BP // 1000}")
        for words in (("--r2",), ("--r2", "dprime-signed")):
            _plink(folder, *words, *wide, "--ld-window-r2", "0")
            parts.append(pd.read_csv(folder / "out.ld", sep=r"\s+"))
    dosage, haplotype = parts
    return pd.DataFrame(
        {
            "first": _place(dosage["SNP_A"]),
            "second": _place(dosage["SNP_B"]),
            "r2": dosage["R2"],
            "haplotype_r2": haplotype["R2"],
            "d_prime": haplotype["DP"],
        }
    )


def kept_by_plink(share_missing: float) -> pd.DataFrame:
    """Places of the variants that pruning keeps."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        _write_vcf(folder / "in.vcf", *hapmap(share_missing))
        kb, r2 = int(PRUNE["window_bp"] // 1000), PRUNE["r2_max"]
        _plink(folder, "--indep-pairwise", f"{kb}kb", "1", f"{r2}")
        text = (folder / "out.prune.in").read_text(encoding="utf-8")
    return pd.DataFrame({"kept": _place(pd.Series(text.split()))})


def clumps_by_plink(share_missing: float) -> pd.DataFrame:
    """Variant and its lead, a row a variant of a clump."""
    genotype, pos = hapmap(share_missing)
    with TemporaryDirectory() as name:
        folder = Path(name)
        _write_vcf(folder / "in.vcf", genotype, pos)
        p = [f"v{i} {p:.3e}" for i, p in enumerate(p_values(len(pos)))]
        (folder / "in.assoc").write_text("\n".join(["SNP P", *p]) + "\n", encoding="utf-8")
        rule = ["--clump-p1", f"{CLUMP['lead_p_max']}", "--clump-p2", f"{CLUMP['member_p_max']}"]
        rule += ["--clump-r2", f"{CLUMP['r2_above']}", "--clump-kb", "10"]
        _plink(folder, "--clump", "in.assoc", *rule)
        found = pd.read_csv(folder / "out.clumped", sep=r"\s+")
    rows = [
        (int(member.partition("(")[0][1:]), int(lead[1:]))
        for lead, others in zip(found["SNP"], found["SP2"], strict=True)
        for member in [lead, *others.replace("NONE", "").split(",")]
        if member
    ]
    return pd.DataFrame(sorted(rows), columns=["variant", "lead"])


def hardy_by_plink(share_missing: float) -> pd.DataFrame:
    """Genotype counts, exact P and mid-P of HWE of each variant, by PLINK 2."""
    with TemporaryDirectory() as name:
        folder, parts = Path(name), []
        _write_vcf(folder / "in.vcf", *hapmap(share_missing))
        for words, file in (
            (("--geno-counts",), "gcount"),
            (("--hardy",), "hardy"),
            (("--hardy", "midp"), "hardy"),
        ):
            command = ["plink2", "--vcf", "in.vcf", *words, "--out", "out"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
            parts.append(pd.read_csv(folder / f"out.{file}", sep="\t"))
    count, exact, mid = parts
    columns = ["HOM_REF_CT", "HET_REF_ALT_CTS", "TWO_ALT_GENO_CTS", "MISSING_CT"]
    named = dict(zip(columns, ["n_hom_ref", "n_het", "n_hom_alt", "n_missing"], strict=True))
    table = count[columns].rename(columns=named)
    return table.assign(hwe_p=exact["P"], hwe_mid_p=mid["MIDP"])


MADE = {
    f"hapmap_{name}{suffix}": (make, share)
    for name, make in (
        ("r2", pairs_by_plink),
        ("kept", kept_by_plink),
        ("clump", clumps_by_plink),
        ("hardy", hardy_by_plink),
    )
    for suffix, share in (("", 0.0), ("_missing", 0.1))
}
"""Stored tables, by name, and what makes each."""


def stored(name: str) -> pd.DataFrame:
    """A stored table."""
    return pd.read_csv(STORED / f"{name}.tsv", sep="\t")


def main() -> None:
    """Write every stored table."""
    for name, (make, share) in MADE.items():
        make(share).to_csv(STORED / f"{name}.tsv", sep="\t", index=False)


if __name__ == "__main__":
    main()
