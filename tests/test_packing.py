"""Packing: every genotype comes back, and lies where the SQL macros look."""

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alsrev_dagster.packing import n_byte, pack, unpack
from alsrev_dagster.storage.queries import FIRST_MACROS, query

_genotypes = st.tuples(st.integers(0, 6), st.integers(1, 40)).flatmap(
    lambda shape: arrays(np.uint8, shape, elements=st.integers(0, 3))
)


@given(_genotypes)
def test_what_is_packed_comes_back(genotype: np.ndarray) -> None:
    packed = pack(genotype)
    assert packed.shape == (len(genotype), n_byte(genotype.shape[1]))
    np.testing.assert_array_equal(unpack(packed, genotype.shape[1]), genotype)


def test_the_first_sample_is_in_the_highest_bits() -> None:
    assert pack(np.array([[2, 1, 0, 3, 1]], dtype=np.uint8)).tolist() == [[0b10010011, 0b01000000]]


@pytest.mark.parametrize("seed", [0, 1])
def test_sql_macros_read_what_was_packed(seed: int) -> None:
    genotype = np.random.default_rng(seed).integers(0, 4, size=(1, 23)).astype(np.uint8)
    with duckdb.connect() as db:
        for macro in FIRST_MACROS:
            db.execute(query(macro))
        read = [
            db.execute(
                "SELECT genotype_code($p, $i), dosage($p, $i)",
                {"p": pack(genotype)[0].tobytes(), "i": place},
            ).fetchone()
            for place in range(23)
        ]
    assert read == [(int(g), None if g == 3 else int(g)) for g in genotype[0]]
