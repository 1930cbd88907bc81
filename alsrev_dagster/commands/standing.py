"""What the checks last found wrong, and whether it stops a run."""

from collections.abc import Mapping
from dataclasses import dataclass

from alsrev_dagster.storage.lake import Lake


@dataclass(frozen=True)
class Standing:
    """Findings of the checks that did not pass, by ``table check``, in name order."""

    failed: Mapping[str, str]
    """Of checks that stop a run."""
    warned: Mapping[str, str]
    """Of checks that stop nothing."""


def standing(lake: Lake) -> Standing:
    """Read what each check of a lake last found, whichever run asked it."""
    failed, warned = dict[str, str](), dict[str, str]()
    for slip in lake.checks():
        if not slip.passed:
            kind = failed if slip.is_blocking else warned
            kind[f"{slip.table_name} {slip.check_name}"] = slip.description
    return Standing(failed, warned)
