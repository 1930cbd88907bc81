"""Compile the loops of survival analysis ahead of their first use: part of setting up.

python -m alsrev_dagster.survival.compile_kernels
"""

import numpy as np

from alsrev_dagster.packing import pack
from alsrev_dagster.survival.cox_null import cox_null
from alsrev_dagster.survival.cox_scan import cox_scan
from alsrev_dagster.survival.scan_genotypes import CODING, Genotypes


def main() -> None:
    """Ask each of a few people; what that compiles is kept."""
    null = cox_null(np.arange(1.0, 6.0), np.ones(5, dtype=np.bool_))
    code = np.array([[0, 1, 2, 3, 1]], dtype=np.uint8)
    cox_scan(null, Genotypes(pack(code), np.arange(5)), tuple(CODING), refine_p_max=1.0)


if __name__ == "__main__":
    main()
