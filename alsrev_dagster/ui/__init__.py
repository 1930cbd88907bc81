"""The Dagster UI behind a guard.

Nothing about genetics; only who may ask the web server what.
"""
