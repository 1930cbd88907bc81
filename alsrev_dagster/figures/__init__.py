"""A result table in, a figure out.

Computes nothing, so a figure cannot disagree with its table.
"""
