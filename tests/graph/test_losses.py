"""What is left out is counted by reason, and the study's own words stay in the table."""

from collections import Counter

import pandas as pd
import pytest

from alsrev_dagster.graph.losses import counted, has_reasons, left_out, total
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.receipt import Receipt
from alsrev_dagster.study import StudyFolder


def receipt(**counts: int) -> Receipt:
    return Receipt("core.variant_qc", "chr4", "run", "code", "key", "version", 9, counts)


def test_reasons_are_counted_without_the_studys_own_words() -> None:
    reason = ["excluded: vialA withdrew", None, "excluded: see letter", "sex unknown"]
    found = left_out(pd.DataFrame({"exclusion_reason": reason}))
    assert found == {"left out: excluded": 2, "left out: sex unknown": 1}
    assert left_out(pd.DataFrame({"day": [1]})) == Counter()
    assert left_out(pd.DataFrame({"filter_reason": [None, None]})) == Counter()


def test_frames_are_passed_on_and_counted() -> None:
    count = Counter[str]()
    frames = [pd.DataFrame({"filter_reason": [text, None]}) for text in ("low", "low", "hwe")]
    assert [len(frame) for frame in counted(iter(frames), count)] == [2, 2, 2]
    assert count == {"left out: low": 2, "left out: hwe": 1}


def test_partitions_add_up() -> None:
    one = receipt(**{"left out: low": 2, "n_row": 9, "left out: hwe": 1})
    assert total([one, receipt(n_row=9), one]) == {"low": 4, "hwe": 2}


@pytest.mark.parametrize(
    ("name", "has"),
    [("core.variant_qc", True), ("core.outcome", True), ("raw.visit", False), ("report", False)],
)
def test_tables_with_reasons_are_known(name: str, has: bool) -> None:
    assert has_reasons(name) is has


def test_receipts_of_a_run_hold_the_losses(tiny: StudyFolder) -> None:
    lake = OpenStudy(tiny).lake
    for name, partition, column in (
        ("core.variant_qc", "chr4", "filter_reason"),
        ("core.sample_qc", "", "filter_reason"),
        ("core.unrelated_sample", "", "exclusion_reason"),
        ("core.analysis_set", "", "exclusion_reason"),
        ("core.outcome", "", "exclusion_reason"),
    ):
        made = lake.receipt(name, partition)
        assert made is not None
        assert total([made]) == lake.frame(name)[column].value_counts().to_dict(), name
        assert made.n_row == len(lake.frame(name))
    assert total([r for r in lake.receipts() if r.table_name == "core.variant_qc"])
