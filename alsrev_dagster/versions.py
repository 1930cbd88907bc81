"""Versions of what the numbers rest on."""

import sys
from functools import cache
from importlib.metadata import version

_PACKAGES = (
    "cyvcf2",
    "duckdb",
    "lifelines",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
)


@cache
def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages that numbers and figures come from."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    return {"python": python, **{name: version(name) for name in _PACKAGES}}
