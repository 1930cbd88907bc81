"""Statistics: arrays in, arrays or frozen dataclasses out.

Imports numpy, scipy, numba, ``errors`` and ``packing``, nothing else of ours. No tables, no
files, no Dagster.
"""
