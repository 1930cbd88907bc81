"""Compiling a kernel of the statistics: three ways to take a sum."""

from pathlib import Path

from alsrev_dagster.compiling import Compiling

_ROOM = Compiling("statistics", Path(__file__).parent)

compiled = _ROOM.exact
compiled_sums = _ROOM.sums
compiled_fused = _ROOM.fused
