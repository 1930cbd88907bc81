"""What is compiled: passes over text and calls that know only arrays.

The functions below are the room's doors; what lies behind them is imported by the compiler
alone (``build``), since numba is slow to start.
"""

from alsrev_dagster.ingest.kernels.kept import Kernel

align = Kernel("vcf_align", "align")
find_values = Kernel("vcf_info", "find_values")
gather = Kernel("vcf_gather", "gather")
mask_calls = Kernel("vcf_filter", "mask_calls")
name_variants = Kernel("vcf_gather", "name_variants")
pack_int8 = Kernel("plink_kernel", "pack_int8")
read_lines = Kernel("vcf_kernel", "read_lines")
read_numbers = Kernel("vcf_info", "read_numbers")
read_table = Kernel("plink_kernel", "read_table")
see_fields = Kernel("vcf_depth", "see_fields")
tally_calls = Kernel("vcf_depth", "tally_calls")

__all__ = [
    "align",
    "find_values",
    "gather",
    "mask_calls",
    "name_variants",
    "pack_int8",
    "read_lines",
    "read_numbers",
    "read_table",
    "see_fields",
    "tally_calls",
]
