"""Statistics: arrays in, arrays or frozen dataclasses out.

Imports numpy, scipy and ``errors``, nothing else of ours. No tables, no files, no Dagster.
"""
