"""Genotypes of a few chosen variants, wherever in the genome they lie."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.packing import MISSING, unpack
from alsrev_dagster.storage.genotypes import SampleAxis
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.queries import read_query


def chosen_genotypes(
    lake: Lake, axis: SampleAxis, variant_id: Sequence[str], absent_sites: Mapping[str, str]
) -> NDArray[np.uint8]:
    """Codes 0-3 of some variants, shape (n_variant, n_sample), samples in the order of the axis.

    A variant that a callset does not hold is missing in its samples, or reference where
    ``absent_sites`` says so.
    """
    wanted = pd.DataFrame({"variant_id": pd.Series(list(variant_id), dtype="string")})
    found = read_query(lake, "lead/genotype", ["raw.genotype"], {"wanted": wanted})
    place = pd.Series(range(len(wanted)), index=wanted["variant_id"])
    parts = []
    for callset, n_sample in axis.n_by_callset.items():
        absent = 0 if absent_sites[callset] == "reference" else MISSING
        code = np.full((len(wanted), n_sample), absent, dtype=np.uint8)
        rows = found[found["callset"] == callset]
        if len(rows):
            packed = np.array([np.frombuffer(row, dtype=np.uint8) for row in rows["packed"]])
            code[place[rows["variant_id"]].to_numpy(dtype=np.int64)] = unpack(packed, n_sample)
        parts.append(code)
    return np.concatenate(parts, axis=1)[:, axis.used]
