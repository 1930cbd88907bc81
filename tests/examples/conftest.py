"""The example study: its folder, and its simulation as an import."""

import sys
from pathlib import Path

import pandas as pd
import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "reversal-study"
sys.path.insert(0, str(EXAMPLE))


@pytest.fixture(scope="session")
def example() -> Path:
    return EXAMPLE


@pytest.fixture(scope="session")
def dosage(example: Path) -> pd.Series:
    from simulation.genotypes import read_dosage
    from simulation.planted import LEAD_VARIANT

    return read_dosage(example / "genotypes" / "joint.chr4.vcf.gz", LEAD_VARIANT)
