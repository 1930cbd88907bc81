"""Every table and every column, once: type, unit, one line of meaning.

Writing a table checks against it; DuckDB comments, the data dictionary and Dagster's
column schemas are made from it. No values, no logic of any room.
"""

from alsrev_dagster.vocabulary.columns import COLUMNS, Column
from alsrev_dagster.vocabulary.tables import MARK, TABLES, Table, table

__all__ = [
    "CHROMOSOMES",
    "COLUMNS",
    "MARK",
    "SEX_LINKED_CHROMOSOMES",
    "TABLES",
    "Column",
    "Table",
    "table",
]

SEX_LINKED_CHROMOSOMES = ("chrX", "chrY", "chrM")
CHROMOSOMES = (*(f"chr{number}" for number in range(1, 23)), *SEX_LINKED_CHROMOSOMES)
"""Every chromosome, spelled the one way, in order: the partitions of the genotypes."""
