"""Compiling a kernel of survival analysis: three ways to take a sum."""

from pathlib import Path

from alsrev_dagster.compiling import Compiling

_ROOM = Compiling("survival", Path(__file__).parent)

compiled = _ROOM.exact
compiled_sums = _ROOM.sums
compiled_fused = _ROOM.fused
