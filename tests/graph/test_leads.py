"""What leads a contrast: the best of each clump, whatever its P where nothing is better."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.packing import pack
from alsrev_dagster.storage.packed_genotypes import packed_rows, write_genotypes
from alsrev_dagster.vocabulary import table
from assets import lead
from tests.builders import write_study

N_CASE, N_CONTROL = 6, 14
N = N_CASE + N_CONTROL
FIRST = [2, 1, 1, 2, 1, 0] + [0] * 14
POS = [1_000, 2_000, 3_000, 9_000_000]
GENOTYPE = [FIRST, FIRST, [0, 1] * 10, FIRST]
"""The second is the first again, the third another, the last the first again, far away."""


def put(work: OpenStudy, name: str, frame: pd.DataFrame, shard: str = "") -> None:
    columns = list(table(name).column_names)
    work.lake.write(name, frame.reindex(columns=columns).astype(object), shard)


@pytest.fixture
def work(tmp_path: Path) -> OpenStudy:
    made = OpenStudy(
        write_study(tmp_path, contrasts={"primary": {"cases": ["StAR"], "controls": ["PGB"]}})
    )
    sample = pd.DataFrame({"sample_id": [f"s{i:02d}" for i in range(N)]})
    put(
        made,
        "core.analysis_set",
        sample.assign(
            contrast="primary",
            participant_id=sample["sample_id"],
            cohort="x",
            is_case=[i < N_CASE for i in range(N)],
            stratum="all",
            weight=1.0,
            is_included=True,
            analysis_set_hash="h",
        ),
    )
    held = sample.assign(callset="joint", sample_index=range(N), is_listed=True)
    put(made, "raw.callset_sample", held)
    site = {"variant_id": [f"chr1-{p}-A-G" for p in POS], "pos": POS, "ref": "A", "alt": "G"}
    packed = pack(np.array(GENOTYPE, dtype=np.uint8))
    empty = dict.fromkeys(
        ("rsid", "filter", "qual", "info_allele_freq", "consequence", "consequence_by_gene")
    )
    rows = pd.DataFrame(site).assign(**empty).to_dict("list")
    write_genotypes(made.lake, [packed_rows("joint", "chr1", packed, rows)], "chr1/joint")
    return made


def leads(work: OpenStudy, *p_value: float) -> dict[str, int]:
    frame = pd.DataFrame({"variant_id": [f"chr1-{p}-A-G" for p in POS], "p_value": p_value})
    counts = {name: 0 for name in table("result.association").column_names if name[:2] == "n_"}
    frame = frame.assign(
        **counts,
        contrast="primary",
        genetic_model="additive",
        method="m",
        exact_p_value=1.0,
        exact_method="e",
        fit_status="ok",
        analysis_set_hash="h",
        is_confounded=False,
    )
    put(work, "result.association", frame, "chr1/primary")
    found = lead._leads(work, "primary")
    return {
        name.split("-")[1]: int(n)
        for name, n in zip(found["variant_id"], found["n_clump"], strict=True)
    }


def test_a_variant_in_ld_with_a_better_one_nearby_does_not_lead(work: OpenStudy) -> None:
    assert leads(work, 1e-6, 1e-7, 1e-5, 1e-5) == {"2000": 2, "3000": 1, "9000000": 1}


def test_the_best_variant_leads_even_when_it_is_not_good(work: OpenStudy) -> None:
    assert leads(work, 0.5, 0.4, 0.9, 1.0) == {"2000": 1}


def test_nothing_leads_where_nothing_differs(work: OpenStudy) -> None:
    assert leads(work, 1.0, 1.0, 1.0, 1.0) == {}


def test_of_equals_above_the_threshold_one_leads_and_nobody_joins_it(work: OpenStudy) -> None:
    assert leads(work, 0.01, 0.2, 0.01, 0.01) == {"1000": 1}
