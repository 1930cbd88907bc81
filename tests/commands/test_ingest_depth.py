"""`alsrev ingest --call-depth`: depths and qualities stand in the shards, where they are asked."""

import gzip
import json
from pathlib import Path

import duckdb
import numpy as np
import pytest
from cyvcf2 import VCF

from alsrev_dagster.genotype_shard import write_shards
from alsrev_dagster.ingest.call_filter import CallFilter
from alsrev_dagster.ingest.genotype_file import Reading
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.packed_genotypes import read_sample_sum
from tests.commands.test_ingest import packed, shards
from tests.ingest.made_plink import write_pgen
from tests.ingest.made_vcf import DATA, bgzf, row, write_vcf
from tests.ingest.test_call_depth import META

REAL = DATA / "kg_highcov_chr12_60.bcf"
COLUMNS = (
    "n_depth, mean_depth, n_genotype_quality, mean_genotype_quality, n_het_read, allele_balance"
)


def rows_of(out: Path, callset: str = "callset") -> list[tuple[float | None, ...]]:
    shard = next(out.glob(f"raw/genotype/*/{callset}.parquet"))
    with duckdb.connect() as db:
        query = f"SELECT {COLUMNS} FROM read_parquet(?) ORDER BY pos, ref, alt"
        return db.execute(query, [str(shard)]).fetchall()


def test_means_stand_beside_the_genotypes_with_their_counts(tmp_path: Path) -> None:
    rows = [
        row("0/1:9,1:10:30 0/1:6,4:12:.", format="GT:AD:DP:GQ"),
        row("0/0:.:.:. ./.:0,0:5:5", format="GT:AD:DP:GQ", pos=11),
    ]
    path = write_vcf(tmp_path, rows, meta=META)
    assert packed([path], tmp_path / "out", "--call-depth")[0] == 0
    assert rows_of(tmp_path / "out") == [(2, 11.0, 1, 30.0, 20, 0.25), (0, None, 0, None, 0, None)]
    sums = read_sample_sum(Lake(tmp_path / "out"), "chr1/callset")
    assert sums is not None
    assert sums.tolist() == [[1, 10, 1, 30], [1, 12, 0, 0]]
    record = json.loads((tmp_path / "out" / "ingest.callset.json").read_text())
    assert record["calls"]["call_depth"] is True


def test_without_the_option_they_are_null(tmp_path: Path) -> None:
    for callset, path in (("bcf", REAL), ("pgen", write_pgen(tmp_path))):
        assert packed([path], tmp_path / "out", "--callset", callset)[0] == 0
        assert set(rows_of(tmp_path / "out", callset)) == {(None,) * 6}
    assert read_sample_sum(Lake(tmp_path / "out"), "chr12/bcf") is None
    assert read_sample_sum(Lake(tmp_path / "out"), "chr12/none") is None


def test_genotypes_are_those_without_the_option(tmp_path: Path) -> None:
    for name, options in (("off", ()), ("on", ("--call-depth",))):
        assert packed([REAL], tmp_path / name, *options)[0] == 0
    off, on = (Lake(tmp_path / name).frame("raw.genotype") for name in ("off", "on"))
    columns = [name for name in on.columns if name not in COLUMNS.split(", ")]
    assert on[columns].equals(off[columns])
    assert (on["n_depth"] > 0).all()


def test_callsets_with_and_without_are_one_table(tmp_path: Path) -> None:
    assert packed([REAL], tmp_path, "--callset", "one", "--call-depth")[0] == 0
    assert packed([REAL], tmp_path, "--callset", "two")[0] == 0
    frame = Lake(tmp_path).frame("raw.genotype", partition="chr12")
    n = frame.groupby("callset")["mean_depth"].count()
    assert n["one"] == len(frame) // 2
    assert n["two"] == 0
    assert Lake(tmp_path).n_file_of_other_schema("raw.genotype") == 0


@pytest.mark.parametrize("is_packed", [False, True])
def test_the_size_of_what_is_read_at_once_changes_no_shard(tmp_path: Path, is_packed: bool) -> None:
    source = VCF(str(REAL))
    text = (source.raw_header + "".join(map(str, source))).encode()
    path = tmp_path / "t.vcf"
    path.write_bytes(bgzf(text, 3000) if is_packed else text)
    made = []
    for n_group_byte in (20_000, 1 << 22):
        out = tmp_path / str(n_group_byte)
        calls = CallFilter(call_depth=True)
        reading = Reading(path, call_filter=calls, n_group_byte=n_group_byte)
        write_shards(Lake(out), "callset", reading.blocks())
        assert reading.problems.all() == ()
        made.append(shards(out))
    assert made[0]
    assert made[0] == made[1]
    sums = read_sample_sum(Lake(tmp_path / "20000"), "chr12/callset")
    assert sums is not None
    assert sums.shape == (60, 4)
    assert np.all(sums[:, 0] > 0)


def test_a_cut_file_leaves_no_sums(tmp_path: Path) -> None:
    path = tmp_path / "t.vcf.gz"
    path.write_bytes(gzip.compress(write_vcf(tmp_path, [row()], meta=META).read_bytes())[:-6])
    assert packed([path], tmp_path / "out", "--call-depth")[0] == 1
    assert shards(tmp_path / "out") == {}
