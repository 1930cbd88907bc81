"""The unit of time of everything that is modelled."""

DAYS_PER_MONTH = 30.4375
"""Mean length of a month: 365.25 / 12 days."""
