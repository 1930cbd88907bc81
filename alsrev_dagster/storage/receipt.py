"""Receipts: what a table of the lake was made from, and what its checks found.

They decide what is unchanged. A receipt is torn up before its table is made again and
written after it, so a table without one counts as never made.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class _Slip:
    """A frozen record that lies beside a table as JSON."""

    def to_json(self) -> str:
        """Text that ``read`` understands."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Read one; None when there is none."""
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


@dataclass(frozen=True)
class Receipt(_Slip):
    """What was made, from what, by which run."""

    table_name: str
    partition: str
    run_id: str
    code_version: str
    input_key: str
    """Hash of code, packages, settings and the content of every input."""
    data_version: str
    """Hash of the content."""
    n_row: int
    counts: dict[str, int] = field(default_factory=dict)
    """What else was counted on the way: records read, alleles left out."""


@dataclass(frozen=True)
class CheckSlip(_Slip):
    """The last outcome of an asset check, and the content it is about."""

    table_name: str
    check_name: str
    check_key: str
    """Hash of the check's code and settings."""
    data_version: str
    run_id: str
    passed: bool
    is_blocking: bool
    description: str
