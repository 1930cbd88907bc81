"""Compile what reads genotypes ahead of its first use: part of setting up.

python -m alsrev_dagster.ingest.kernels.compile_kernels
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from alsrev_dagster.ingest.genotype_file import inspect

_TEXT = """##fileformat=VCFv4.2
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta
chr1\t1\t.\tA\tC\t.\t.\t.\tGT\t0/1
"""


def main() -> None:
    """Read a record; what that compiles is kept."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "one.vcf"
        path.write_text(_TEXT, encoding="utf-8")
        inspect(path)


if __name__ == "__main__":
    main()
