"""The HTML page, from tables and figures.

Computes nothing and reads no file but its template.
"""
