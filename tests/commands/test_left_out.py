"""Samples under exclude weigh in nothing, also where two callsets have their name."""

import pytest

from alsrev_dagster.commands.sql import rows_of
from alsrev_dagster.open_study import OpenStudy
from tests.builders import RECORDS, SAMPLES, samples_text, vcf_text, write_study
from tests.graph.at_work import run_here

LATER = "genotypes/later.vcf"
N_USED = len(SAMPLES)
DECLARED = "chr4-57110321-G-A"


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> OpenStudy:
    """The tiny study with a second callset: a new sample, and vialA under the same name.

    It lacks the declared variant, and takes what it lacks for reference.
    """
    calls = [" ".join([*record.split()[:5], "1/1 1/1"]) for record in RECORDS[1:]]
    study = write_study(
        tmp_path_factory.mktemp("left-out"),
        callsets={
            "joint": {"files": "genotypes/joint.*.vcf"},
            "later": {"files": LATER, "absent_sites": "reference"},
        },
        exclude=[{"samples": ["vialA"], "reason": "sequenced twice"}],
        files={
            LATER: vcf_text(calls, ["vialI", "vialA"]),
            "samples.csv": samples_text() + "vialI,personA,later,StAR,,blood,,\n",
        },
    )
    assert run_here(study, "warehouse").made
    return OpenStudy(study)


def test_quality_counts_neither_of_the_two(work: OpenStudy) -> None:
    qc = work.lake.frame("core.variant_qc").set_index("variant_id")
    counts = qc.loc[DECLARED, ["n_hom_ref", "n_het", "n_hom_alt", "n_missing"]]
    # vialB to vialH: 3 hom-ref, 3 het, 1 hom-alt; vialI: taken for hom-ref
    assert counts.tolist() == [4, 3, 1, 0]
    assert (qc[["n_hom_ref", "n_het", "n_hom_alt", "n_missing"]].sum(axis=1) == N_USED).all()


@pytest.mark.parametrize("name", ["core.sample_qc", "core.carrier"])
def test_tables_of_samples_have_neither_of_the_two(work: OpenStudy, name: str) -> None:
    assert set(work.lake.frame(name)["sample_id"]) == {*SAMPLES[1:], "vialI"}


def test_the_reason_stands_in_the_analysis_set(work: OpenStudy) -> None:
    frame = work.lake.frame("core.analysis_set").set_index("sample_id")
    assert frame.loc["vialA", "exclusion_reason"] == "excluded: sequenced twice"
    assert frame.loc["vialI", "is_included"]


def test_genotype_of_reads_the_files_and_carrier_what_the_study_takes_for_reference(
    work: OpenStudy,
) -> None:
    rows = rows_of(work.folder, f"SELECT callset, sample_id, dosage FROM genotype_of('{DECLARED}')")
    assert set(rows["callset"]) == {"joint"}
    assert list(rows["sample_id"]) == list(SAMPLES)
    carrier = work.lake.frame("core.carrier").set_index(["variant_id", "sample_id"])
    assert carrier.loc[(DECLARED, "vialI"), "dosage"] == 0
