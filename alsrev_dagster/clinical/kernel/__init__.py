"""Compiled loops over visits: plain numbers and arrays, no checks, no messages.

Numba infers their types. Shapes are checked by the functions around them; what a number means
is said there too.
"""
