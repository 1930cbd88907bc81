"""Where tables live: the lake (Parquet), the warehouse (DuckDB) and the SQL files.

The only room that opens DuckDB, Parquet or ``sql/``. No Dagster, no statistics.
"""
