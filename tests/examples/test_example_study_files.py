"""The committed example study: real genotypes, and tables that say they are simulated."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from cyvcf2 import VCF
from simulation import SimulatedStudy, cohort_rng, draw_cohort
from simulation.files import csv_texts
from simulation.genotypes import CONTIG_LENGTH, write_vcf
from simulation.planted import COHORT_SIZE, LEAD_VARIANT

from alsrev_dagster.study import Study
from alsrev_dagster.vocabulary import table

SEED = 2024
N_SITE = 22_508
TABLES = {
    "samples": "raw.sample",
    "participants": "raw.participant",
    "visits": "raw.visit",
    "biomarkers": "raw.biomarker",
}
NOT_THERE = {
    "onset_earliest_day",
    "onset_latest_day",
    "has_died",
    "q10",
    "alsfrs_total",
    "sampling_day",
}
"""Optional columns of older scales and of what is known in part: the example has none of it."""
ITEMS_EXCEPT_5 = ["q1", "q2", "q3", "q4", "q6", "q7", "q8", "q9", "r1", "r2", "r3"]


@pytest.fixture(scope="module")
def fresh(dosage: pd.Series) -> SimulatedStudy:
    return draw_cohort(dosage, cohort_rng(SEED))


@pytest.fixture(scope="module")
def tables(example: Path) -> dict[str, pd.DataFrame]:
    return {name: pd.read_csv(example / f"{name}.csv", skiprows=1) for name in TABLES}


@pytest.mark.parametrize("name", TABLES)
def test_committed_table_is_a_fresh_simulation(
    name: str, example: Path, fresh: SimulatedStudy
) -> None:
    committed = (example / f"{name}.csv").read_bytes()
    assert committed == csv_texts(fresh, SEED)[name].encode()


def test_same_seed_draws_the_same_study_and_another_does_not(
    dosage: pd.Series, fresh: SimulatedStudy
) -> None:
    again = csv_texts(draw_cohort(dosage, cohort_rng(SEED)), SEED)
    other = csv_texts(draw_cohort(dosage, cohort_rng(SEED + 1)), SEED)
    assert again == csv_texts(fresh, SEED)
    assert all(again[name] != other[name] for name in TABLES)


@pytest.mark.parametrize("name", ["study.yaml", *(f"{name}.csv" for name in TABLES)])
def test_first_line_says_simulated(name: str, example: Path) -> None:
    first_line = (example / name).read_text().partition("\n")[0]
    assert first_line.startswith("# simulated: ")


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_those_of_the_vocabulary(name: str, tables: dict[str, pd.DataFrame]) -> None:
    names = [c for c in table(TABLES[name]).column_names if not c.startswith("source_")]
    expected = [name for name in names if name not in NOT_THERE]
    assert list(tables[name].columns) == expected


def test_study_file_is_valid_and_says_simulated(example: Path) -> None:
    study = Study.model_validate(yaml.safe_load((example / "study.yaml").read_text()))
    assert study.simulated
    assert study.loci["IGFBP7"].lead == LEAD_VARIANT
    assert study.recovery.definition.name == "bedlack2016_large"


def test_cohorts_have_the_published_sizes(tables: dict[str, pd.DataFrame]) -> None:
    samples = tables["samples"]
    assert samples["cohort"].value_counts().to_dict() == COHORT_SIZE
    assert samples["participant_id"].is_unique
    assert set(samples["participant_id"]) == set(tables["participants"]["participant_id"])


def test_genotypes_are_polymorphic_sites_of_the_samples(
    example: Path, tables: dict[str, pd.DataFrame]
) -> None:
    n_site = 0
    for chrom in CONTIG_LENGTH:
        reader = VCF(str(example / "genotypes" / f"joint.{chrom}.vcf.gz"), gts012=True)
        assert reader.samples == tables["samples"]["sample_id"].tolist()
        for record in reader:
            assert chrom == record.CHROM
            assert record.num_unknown == 0
            assert 0 < record.gt_types.sum() < 2 * len(reader.samples)
            n_site += 1
    assert n_site == N_SITE


def test_genotype_files_say_build_and_origin(example: Path) -> None:
    for chrom, length in CONTIG_LENGTH.items():
        path = example / "genotypes" / f"joint.{chrom}.vcf.gz"
        header = VCF(str(path)).raw_header
        assert header.startswith("##fileformat=VCFv4.2\n")
        assert f"##contig=<ID={chrom},length={length}>" in header
        assert "1000 Genomes Project phase 3" in header
        assert "real genotypes, unchanged" in header
        assert path.read_bytes()[12:16] == b"BC\x02\x00", f"{path.name} is not block-gzipped"


def test_genotypes_are_written_to_the_same_bytes(example: Path, tmp_path: Path) -> None:
    committed = example / "genotypes" / "joint.chr21.vcf.gz"
    lines = gzip.decompress(committed.read_bytes()).decode().splitlines()
    samples = next(line for line in lines if line.startswith("#CHROM")).split("\t")[9:]
    records = [line for line in lines if not line.startswith("#")]
    for name in ("first.vcf.gz", "second.vcf.gz"):
        write_vcf(tmp_path / name, samples, records)
    first = (tmp_path / "first.vcf.gz").read_bytes()
    assert first == (tmp_path / "second.vcf.gz").read_bytes()
    assert gzip.decompress(first) == gzip.decompress(committed.read_bytes())


def test_licence_of_the_genotypes_stands_beside_them(example: Path) -> None:
    text = (example / "genotypes" / "LICENSE.peddy.txt").read_text()
    assert "Permission is hereby granted" in text


def test_days_are_in_the_order_of_life(tables: dict[str, pd.DataFrame]) -> None:
    people = tables["participants"].set_index("participant_id")
    day = tables["visits"].groupby("participant_id")["day"].agg(["min", "max"])
    day = day.reindex(people.index)
    assert day.notna().all(axis=None), "everybody is seen at least once"
    assert (people["onset_day"] <= people["diagnosis_day"]).all()
    assert (people["diagnosis_day"] <= people["enrolment_day"]).all()
    assert (people["enrolment_day"] <= day["min"]).all()
    assert (day["max"] <= people["last_contact_day"]).all()
    assert not (day["max"] >= people["death_day"]).any()
    assert not (day["max"] >= people["tracheostomy_day"]).any()
    assert not (people["last_contact_day"] > people["death_day"]).any()
    assert not tables["visits"].duplicated(["participant_id", "day"]).any()


def test_items_are_scored_0_to_4_and_sum_to_the_total(fresh: SimulatedStudy) -> None:
    visits = fresh.visits
    assert not (visits["q5a"].notna() & visits["q5b"].notna()).any()
    item = visits[ITEMS_EXCEPT_5].assign(q5=visits["q5a"].fillna(visits["q5b"]))
    assert (item.isna() | ((item >= 0) & (item <= 4))).all(axis=None)
    total = item.sum(axis=1, skipna=False)
    pd.testing.assert_series_equal(visits["alsfrsr_total"], total, check_names=False)
    assert 0.01 < total.isna().mean() < 0.06


def test_decline_is_that_of_a_clinical_population(dosage: pd.Series) -> None:
    """About 0.9 points a month (PRECISION-ALS: 0.89), in the first year after enrolment."""
    slope = []
    for seed in range(5):
        study = draw_cohort(dosage, cohort_rng(seed))
        controls = study.samples.loc[study.samples["cohort"] != "StAR", "participant_id"]
        visits = study.visits[study.visits["day"] <= 400].dropna(subset=["alsfrsr_total"])
        visits = visits[visits["participant_id"].isin(controls)]
        for _, seen in visits.groupby("participant_id"):
            if len(seen) >= 3:
                points = seen["alsfrsr_total"].to_numpy(dtype=float)
                slope.append(np.polyfit(seen["day"] / 30.4375, points, 1)[0])
    assert np.median(slope) == pytest.approx(-0.85, abs=0.15)
