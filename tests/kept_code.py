"""Asking compiled code in a process of its own, of a checkout, with a cache of its own."""

import os
import subprocess
import sys
from pathlib import Path


def asked(question: str, checkout: Path, cache: Path) -> list[str]:
    """Run some Python; return the words that it prints."""
    environment = {**os.environ, "PYTHONPATH": str(checkout), "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", question],
        capture_output=True, text=True, check=True, cwd=checkout, env=environment,
    )  # fmt: skip
    return done.stdout.split()
