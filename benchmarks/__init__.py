"""Measurements, printed with the machine and versions; never tests."""
