"""Compiling a kernel of the clinical room."""

from pathlib import Path

from alsrev_dagster.compiling import Compiling

compiled = Compiling("clinical", Path(__file__).parent).exact
