"""Compile what reads genotypes ahead of its first use: part of setting up.

python -m alsrev_dagster.ingest.kernels.compile_kernels
"""

import struct
from pathlib import Path
from tempfile import TemporaryDirectory

from alsrev_dagster.ingest.call_filter import CallFilter
from alsrev_dagster.ingest.genotype_file import Reading
from alsrev_dagster.ingest.genotype_rows import variant_ids
from alsrev_dagster.ingest.reference_sequence import open_reference

_VCF = """##fileformat=VCFv4.2
##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta
chr1\t1\t.\tA\tC\t.\t.\tAF=0.5\tGT:DP\t0/1:9
"""
_FASTA = ">chr1\nACGT\n"
_PVAR = "#CHROM\tPOS\tID\tREF\tALT\nchr1\t1\t.\tA\tC\n"
_PGEN = b"l\x1b\x02" + struct.pack("<IIB", 1, 1, 0x40) + b"\x01"
"""One heterozygote at fixed width (PLINK 2's format, storage mode 2)."""


def main() -> None:
    """Read a record of each kind of file; what that compiles is kept."""
    with TemporaryDirectory() as folder:
        vcf, pgen, fasta = (Path(folder) / name for name in ("one.vcf", "one.pgen", "one.fa"))
        vcf.write_text(_VCF, encoding="utf-8")
        fasta.write_text(_FASTA, encoding="utf-8")
        pgen.write_bytes(_PGEN)
        pgen.with_suffix(".pvar").write_text(_PVAR, encoding="utf-8")
        pgen.with_suffix(".psam").write_text("#IID\na\n", encoding="utf-8")
        reference, _ = open_reference(fasta)
        text = Reading(
            vcf, call_filter=CallFilter(depth_min=1, call_depth=True), reference=reference
        )
        for reading in (text, Reading(pgen)):
            for block in reading.blocks():
                variant_ids(block)
            if reading.file is None:
                raise AssertionError(f"found {reading.problems.all()}; expected a sound file")


if __name__ == "__main__":
    main()
