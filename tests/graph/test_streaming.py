"""A scan holds some chromosomes at a time, and says the same whatever it holds."""

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.open_study import OpenStudy
from assets import association, lead, reading
from tests.builders import RECORDS, VCF, vcf_text, write_study
from tests.graph.at_work import Made, run_here

CHROMOSOMES = ["chr4", "chr13"]


@pytest.fixture(scope="module")
def two_chromosomes(tmp_path_factory: pytest.TempPathFactory) -> Made:
    records = [*RECORDS, *(r.replace("chr4 57", "chr13 57") for r in RECORDS[1:4])]
    text = vcf_text(records)
    folder = write_study(tmp_path_factory.mktemp("two"), files={VCF: text})
    return run_here(folder, "result.association")


def test_what_is_held_at_a_time_changes_no_count(
    two_chromosomes: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = OpenStudy(two_chromosomes.folder)
    member = reading.members_of(work, "primary")
    ((tables, held),) = association.counted_tables(work, member, CHROMOSOMES)
    monkeypatch.setattr(association, "_N_VARIANT_HELD", 1)
    parts = [(t, h) for t, h in association.counted_tables(work, member, CHROMOSOMES) if h]
    assert [list(h) for _, h in parts] == [["chr4"], ["chr13"]]
    for part_tables, part in parts:
        for chrom, blocks in part.items():
            for one, other in zip(blocks, held[chrom], strict=True):
                assert one.variant_id.equals(other.variant_id)
                np.testing.assert_array_equal(part_tables[one.place], tables[other.place])


def test_a_scan_has_one_row_a_variant_in_the_order_of_the_genome(two_chromosomes: Made) -> None:
    work = OpenStudy(two_chromosomes.folder)
    found = reading.scan(work, "primary")
    frame = work.lake.frame("result.association").query("genetic_model == 'additive'")
    site = work.lake.frame("core.variant_qc", ["variant_id", "chrom", "pos"])
    expected = frame.merge(site, on="variant_id")[list(found.columns)]
    pd.testing.assert_frame_equal(found, expected.reset_index(drop=True), check_dtype=False)
    assert found["chrom"].tolist() == sorted(found["chrom"])


def test_leads_are_those_of_the_whole_scan(two_chromosomes: Made) -> None:
    work = OpenStudy(two_chromosomes.folder)
    best = work.lake.frame("result.association").groupby("variant_id")["p_value"].min()
    leads = lead._leads(work, "primary")
    assert best[leads["variant_id"].iloc[0]] == best.min()
