"""The lake: whole or not at all, the same bytes again, private, and typed."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from alsrev_dagster.errors import AlsrevError, InputDataError
from alsrev_dagster.files import replacing, scratch, sweep
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.storage.queries import connect, distinct_count, key_count, read_query, run_query
from alsrev_dagster.storage.receipt import CheckSlip, Receipt
from alsrev_dagster.storage.schema import arrow_table
from alsrev_dagster.storage.warehouse import read_only
from alsrev_dagster.vocabulary import table


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def kinship(*pairs: tuple[str, str, float]) -> pd.DataFrame:
    rows = [(a, b, 100, k, "duplicate") for a, b, k in pairs]
    columns = ["sample_id_1", "sample_id_2", "n_variant", "kinship", "relationship"]
    return pd.DataFrame(rows, columns=columns)


def test_a_table_comes_back_as_it_was(lake: Lake) -> None:
    assert lake.write("core.kinship", kinship(("a", "b", 0.5), ("a", "c", 0.25))) == 2
    back = lake.frame("core.kinship")
    assert back["kinship"].tolist() == [0.5, 0.25]
    assert back["n_variant"].dtype == "Int64"


def test_a_table_that_was_never_made_has_columns_and_no_rows(lake: Lake) -> None:
    assert list(lake.frame("core.kinship")) == list(kinship())
    assert lake.frame("core.kinship", ["kinship"]).empty


def test_the_same_content_has_the_same_bytes(lake: Lake) -> None:
    lake.write("core.kinship", kinship(("a", "b", 0.5)))
    first = lake.path("core.kinship").read_bytes(), lake.data_version("core.kinship")
    lake.write("core.kinship", kinship(("a", "b", 0.5)))
    assert (lake.path("core.kinship").read_bytes(), lake.data_version("core.kinship")) == first


def test_files_and_folders_are_private(lake: Lake) -> None:
    lake.write("core.kinship", kinship(("a", "b", 0.5)))
    assert lake.path("core.kinship").stat().st_mode & 0o777 == 0o600
    assert lake.root.stat().st_mode & 0o777 == 0o700


def test_a_write_that_fails_leaves_the_old_table_and_nothing_else(lake: Lake) -> None:
    lake.write("core.kinship", kinship(("a", "b", 0.5)))
    before = lake.path("core.kinship").read_bytes()

    def frames() -> object:
        yield kinship(("a", "c", 0.3))
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        lake.write_frames("core.kinship", frames())
    assert lake.path("core.kinship").read_bytes() == before
    assert [p.name for p in lake.root.rglob("*") if p.is_file()] == ["kinship.parquet"]


@pytest.mark.parametrize("n_before", [0, 1, 5])
def test_a_batch_that_cannot_be_written_ends_the_making_of_others(
    lake: Lake, n_before: int
) -> None:
    """Batches are written beside the making of the next: no more than two ahead."""
    sound = arrow_table(table("core.kinship"), kinship(("a", "b", 0.5)))
    made = []

    def batches() -> Iterator[pa.Table]:
        for number in range(100):
            made.append(number)
            yield sound if number != n_before else sound.select(["kinship"])

    with pytest.raises(ValueError, match="schema"):
        lake.write_batches("core.kinship", batches())
    assert len(made) <= n_before + 2
    assert not [path for path in lake.root.rglob("*") if path.is_file()]


def test_batches_keep_their_order(lake: Lake) -> None:
    frames = [kinship(("a", str(number), number / 200)) for number in range(100)]
    assert lake.write_frames("core.kinship", frames) == 100
    file = pq.ParquetFile(lake.path("core.kinship"))
    assert file.num_row_groups == 100
    assert file.read()["kinship"].to_pylist() == [number / 200 for number in range(100)]


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_is_not(
    tmp_path: Path,
) -> None:
    dead = tmp_path / ".table.parquet.999999999.tmp"
    dead.write_text("half")
    (tmp_path / ".alsrev.duckdb.999999999.tmp.wal").write_text("half")
    with replacing(tmp_path / "living.txt") as living:
        assert sweep(tmp_path) == 2
        assert living.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["living.txt"]


def test_a_spill_of_a_killed_process_is_swept_whole(tmp_path: Path) -> None:
    dead = tmp_path / "spill" / ".abc.999999999.tmp"
    dead.mkdir(parents=True)
    (dead / "duckdb_temp_storage").write_text("people")
    with scratch(tmp_path / "spill") as living:
        assert living.stat().st_mode & 0o777 == 0o700
        assert sweep(tmp_path) == 1
        assert list((tmp_path / "spill").iterdir()) == [living]
    assert list((tmp_path / "spill").iterdir()) == []


LARGE = "SELECT count(*), max(b) FROM (SELECT a, hash(a)::VARCHAR b FROM range(3_000_000) t(a) ORDER BY b)"


def test_what_memory_cannot_hold_is_spilled_below_the_lake_and_nowhere_else(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with connect(lake) as db:
        db.execute("SET memory_limit = '60MB'; SET threads = 1")
        db.execute(LARGE)
        (spill,) = lake.spill.iterdir()
        assert list(spill.iterdir())
        assert spill.stat().st_mode & 0o777 == lake.spill.stat().st_mode & 0o777 == 0o700
    assert list(lake.spill.iterdir()) == []
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("with_lake", [True, False])
def test_a_reader_spills_below_the_lake_or_not_at_all(
    lake: Lake, tmp_path: Path, with_lake: bool
) -> None:
    path = tmp_path / "results" / "some.duckdb"
    path.parent.mkdir()
    duckdb.connect(str(path)).close()
    with read_only(path, lake if with_lake else None) as db:
        (place,) = db.execute("SELECT current_setting('temp_directory')").fetchone() or ("?",)
        assert Path(place).parent == lake.spill if with_lake else place == ""
        for refused in ("SET temp_directory = '.'", "FROM read_csv('/etc/hostname')"):
            with pytest.raises(duckdb.Error):
                db.execute(refused)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kinship": ["high"]}, "column kinship: found a value that is not DOUBLE"),
        ({"kinship": [None]}, "column kinship: found 1 NULL; expected none"),
        ({"extra": [1]}, "found columns .*'extra'.*; expected"),
    ],
)
def test_a_frame_that_does_not_fit_the_vocabulary_is_refused(
    lake: Lake, change: dict[str, list[object]], message: str
) -> None:
    with pytest.raises(InputDataError, match=message):
        lake.write("core.kinship", kinship(("a", "b", 0.5)).assign(**change))


def test_shards_without_an_input_are_removed(lake: Lake) -> None:
    for callset in ("old", "new"):
        lake.write("result.association", lake.frame("result.association"), f"chr4/{callset}")
    lake.keep_only("result.association", "chr4", ["new"])
    assert [p.name for p in lake.files("result.association", "chr4")] == ["new.parquet"]


def test_receipts_and_check_slips_come_back(lake: Lake) -> None:
    receipt = Receipt("raw.genotype", "chr4", "run", "code", "key", "version", 7)
    lake.leave_receipt(receipt)
    slip = CheckSlip("raw.genotype", "has_key", "key", "version", "run", False, True, "3 of 7")
    lake.leave_check(slip)
    assert lake.receipt("raw.genotype", "chr4") == receipt
    assert lake.receipts() == [receipt]
    assert lake.checks("raw.genotype") == [slip]
    lake.tear_receipt("raw.genotype", "chr4")
    assert lake.receipt("raw.genotype", "chr4") is None


def test_a_repeated_key_is_counted(lake: Lake) -> None:
    lake.write("core.kinship", kinship(("a", "b", 0.5), ("a", "b", 0.4), ("a", "c", 0.3)))
    assert key_count(lake, "core.kinship") == (3, 2)


def test_a_query_reads_the_lake_and_frames_and_is_typed(lake: Lake) -> None:
    sample = pd.DataFrame(
        {
            "sample_id": ["s1", "s2", "s3", "s4"],
            "participant_id": ["p1", "p2", "p3", "p3"],
            "cohort": ["A", "B", "B", "B"],
            "sex": None,
            "ancestry": None,
            "age_at_onset_years": None,
        }
    )
    lake.write("core.sample_trait", sample)
    lake.write("core.sample_qc", sample_qc(s1=1.0, s2=1.0, s3=0.97, s4=0.99))
    columns = ["contrast", "cohort", "is_case", "by_ancestry", "by_sex"]
    sides = [("c", "A", True, False, False), ("c", "B", False, False, False)]
    member = read_query(
        lake,
        "comparison/member",
        ["core.sample_trait", "core.sample_qc"],
        {
            "contrast_cohort": pd.DataFrame(sides, columns=columns),
            "excluded_sample": pd.DataFrame({"sample_id": [], "reason": []}, dtype="string"),
        },
    )
    assert member["quality_reason"].isna().all()
    reason = pd.Series([None, "duplicate", None, None], dtype="string")
    unmatched = pd.DataFrame({"contrast": ["c"], "sample_id": ["s3"], "unmatched_reason": ["far"]})
    matched = unmatched.assign(matched_set=pd.NA, match_distance=0.5)
    made = run_query(
        lake,
        "core.analysis_set",
        reads=[],
        parameters={
            "member": member.assign(exclusion_reason=reason),
            "matched": matched.astype({"matched_set": "Int64", "unmatched_reason": "string"}),
        },
    )
    found = made.set_index("sample_id")["exclusion_reason"].to_dict()
    assert found == {"s1": None, "s2": "duplicate", "s3": "far", "s4": None}
    assert made.set_index("sample_id").loc["s4", "weight"] == 1.0


def sample_qc(**call_rate: float) -> pd.DataFrame:
    from alsrev_dagster.vocabulary import table

    frame = pd.DataFrame({"sample_id": list(call_rate), "call_rate": list(call_rate.values())})
    counts = dict.fromkeys(["n_called", "n_missing", "n_het", "n_hom_alt", "n_singleton"], 0)
    frame = frame.assign(**counts)
    return frame.reindex(columns=list(table("core.sample_qc").column_names))


@pytest.mark.parametrize("below", ["results", "results/deeper"])
def test_a_folder_that_cannot_be_written_to_is_told_in_words(tmp_path: Path, below: str) -> None:
    (tmp_path / "results").write_text("in the way\n", encoding="utf-8")
    told = f"{Path(below).name}: found Not a directory; expected a folder that alsrev can write to"
    with pytest.raises(AlsrevError, match=told), replacing(tmp_path / below / "report.html"):
        pass


def test_keys_counted_in_parts_are_those_counted_at_once(lake: Lake) -> None:
    pairs = [(f"s{i % 40}", f"t{i % 7}") for i in range(200)]
    frame = pd.DataFrame(pairs, columns=["sample_id_1", "sample_id_2"]).assign(
        n_variant=1, kinship=0.1, relationship="third_degree"
    )
    lake.write("core.kinship", frame)
    assert key_count(lake, "core.kinship") == (200, len(set(pairs)))
    both = ["sample_id_1", "sample_id_2"]
    assert distinct_count(lake, "core.kinship", both, n_row_at_once=9) == len(set(pairs))
    assert distinct_count(lake, "core.kinship", ["sample_id_2"], n_row_at_once=9) == 7
    assert lake.n_row("core.kinship") == 200


def test_a_part_or_the_rows_of_a_condition_can_be_read(lake: Lake) -> None:
    row = {"carrier": True, "sample_id": "s", "participant_id": "p", "cohort": "c"}
    for chrom, dosage in (("chr1", 1), ("chr2", 2)):
        frame = pd.DataFrame(
            [{"locus": "L", "variant_id": f"{chrom}-1-A-G", "dosage": dosage, **row}]
        )
        lake.write("core.carrier", frame[list(table("core.carrier").column_names)], chrom)
    assert lake.frame("core.carrier", ["dosage"], partition="chr2")["dosage"].tolist() == [2]
    found = lake.frame("core.carrier", ["variant_id"], where=[("dosage", "==", 1)])
    assert found["variant_id"].tolist() == ["chr1-1-A-G"]
    assert lake.frame("core.carrier", where=[("dosage", "==", 7)]).empty
