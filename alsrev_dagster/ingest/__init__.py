"""Reading input files: genotypes (cyvcf2) and clinical tables.

The only room that opens an input file. It says what it dropped and why. No Dagster, no
DuckDB, no statistics.
"""
