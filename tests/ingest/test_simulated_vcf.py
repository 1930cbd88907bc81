"""The simulated files of the benchmark: plain, and as callers write them."""

from pathlib import Path

import numpy as np
import pytest

from alsrev_dagster.ingest.genotype_file import Reading
from alsrev_dagster.ingest.genotype_rows import Rows
from alsrev_dagster.ingest.vcf_row import RowLook

simulated_vcf = pytest.importorskip("benchmarks.simulated_vcf", exc_type=ImportError)


def read(folder: Path, *, messy: bool, with_fields: bool) -> Rows:
    path = folder / "t.vcf.gz"
    how = {"with_fields": with_fields, "messy": messy, "seed": 2}
    simulated_vcf.write(path, n_sample=50, n_variant=1000, **how)
    reading = Reading(path)
    (block,) = reading.blocks()
    assert not reading.problems.all()
    assert reading.file is not None
    assert reading.file.n_record == 1000
    assert np.mean(block.genotype == 3) == pytest.approx(0.02 * messy, abs=0.005)
    assert block.count["n_star"] == pytest.approx(100 * messy, abs=40 * messy)
    return block.rows


@pytest.mark.parametrize("with_fields", [False, True])
def test_a_messy_file_has_what_callers_write_and_no_line_is_looked_at_with_care(
    tmp_path: Path, with_fields: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RowLook, "look", None)
    monkeypatch.setattr(RowLook, "look_at_fixed", None)
    plain = read(tmp_path, messy=False, with_fields=with_fields)
    messy = read(tmp_path, messy=True, with_fields=with_fields)
    assert messy.pos.tolist() == plain.pos.tolist()
    assert messy.ref.equals(plain.ref)
    assert 0 < messy.alt.to_pylist().count("<DEL>") < 30
    assert set(plain.qual) == {50}
    assert np.mean(messy.qual < 1e-4) == pytest.approx(0.1, abs=0.04)
