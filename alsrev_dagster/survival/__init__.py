"""Time-to-event models by carrier status; lifelines stands behind them.

Our words outside, lifelines' inside. No files, no Dagster.
"""
