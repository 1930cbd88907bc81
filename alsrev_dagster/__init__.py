"""alsrev: which variants go with recovery from ALS, as a Dagster data platform."""

__version__ = "0.1.0"
