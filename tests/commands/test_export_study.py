"""``alsrev export``: results of a study come back as they were, samples stay private."""

import json
import stat
from pathlib import Path

import numpy as np
import pytest
import yaml

from alsrev_dagster.commands.export import WARNING, WARNING_OF_FEW, _n_copy
from alsrev_dagster.commands.export_summary import (
    few_copies,
    write_gwas_ssf,
    write_gwas_ssf_parts,
)
from alsrev_dagster.errors import InputDataError
from alsrev_dagster.ingest.summary_statistics import read_summary_statistics
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import StudyFolder
from tests.builders import write_study
from tests.commands.test_cli import alsrev
from tests.commands.test_export import ABOUT, results
from tests.graph.at_work import run_here


def test_results_come_back_with_their_frequency_and_n(tiny: StudyFolder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = alsrev("export", tiny.root, "--out", out, "--json")
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    assert (found["n_case"], found["n_control"]) == (4, 4)
    data, beside = map(Path, found["files"])
    back = read_summary_statistics(data, genome_build="GRCh38").frame.set_index("variant_id")
    assert len(back) == found["n_row"]
    ours = OpenStudy(tiny).lake.frame("result.association").query("genetic_model == 'additive'")
    mine = ours.set_index("variant_id").loc[back.index]
    assert back["beta"].tolist() == mine["beta"].tolist()
    assert back["p_value"].tolist() == mine["p_value"].tolist()
    # 0/1 0/1 1/1 0/1 in cases, 0/0 0/0 0/1 0/0 in controls: six copies of sixteen
    lead = back.loc["chr4-57110321-G-A"]
    assert (lead["effect_allele_freq"], lead["n"]) == (6 / 16, 8)
    metadata = yaml.safe_load(beside.read_text(encoding="utf-8"))
    assert metadata["genome_assembly"] == "GRCh38"
    assert metadata["samples"][0]["case_count"] == 4
    assert metadata["minor_allele_freq_lower_limit"] == 5 / 16
    assert not {"vialA", "personA"} & set(data.read_text(errors="ignore").split())


def test_variants_that_a_few_carry_are_told_only_when_asked_for(
    tiny: StudyFolder, tmp_path: Path
) -> None:
    every, most = (
        alsrev("export", tiny.root, "--out", tmp_path / n, "--min-copies", n) for n in ("0", "9")
    )
    assert WARNING_OF_FEW in every.stdout.replace("\n", " ")
    assert most.exit_code == 1, "eight samples have no nine copies of a rarer allele"
    assert few_copies(9) in most.output.replace("\n", " ")
    found = json.loads(alsrev("export", tiny.root, "--out", tmp_path / "5", "--json").stdout)
    assert (found["min_copies"], found["left_out"][few_copies(5)] > 0) == (5, True)
    (whole,) = (tmp_path / "0").glob("*.gz")
    back = read_summary_statistics(whole, genome_build="GRCh38").frame
    assert len(back) == found["n_row"] + found["left_out"][few_copies(5)]
    notes = yaml.safe_load((tmp_path / "0" / f"{whole.name}-meta.yaml").read_text("utf-8"))
    assert WARNING_OF_FEW in notes["author_notes"]


def test_a_coded_genotype_that_few_persons_have_counts_as_few_copies() -> None:
    n = np.array([[90, 20, 1], [1, 20, 90], [0, 0, 9], [100, 3, 0]])
    assert _n_copy(n, "additive").tolist() == [22, 22, 0, 3]
    assert _n_copy(n, "dominant").tolist() == [21, 1, 0, 3]
    assert _n_copy(n, "recessive").tolist() == [1, 21, 0, 0]


def test_a_scan_that_only_screened_is_not_given_away(tmp_path: Path) -> None:
    contrast = {"primary": {"cases": ["StAR"], "controls": ["PGB"], "covariates": ["sex"]}}
    rule = {"genetic_models": ["additive"], "refine_p_max": 1e-9}
    folder = write_study(tmp_path / "s", contrasts=contrast, association=rule)
    made = run_here(folder, "result.association")
    found = alsrev("export", made.folder.root, "--out", tmp_path / "out")
    assert found.exit_code == 1
    said = found.output.replace("\n", " ")
    assert "variants that were screened and have no estimate (fit_status screened)" in said
    assert "set association.refine_p_max: 1 in study.yaml, run again, then export" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("program", "case"), [("plink", "2"), ("regenie", "1")])
def test_samples_are_private_and_said_to_be(
    tiny: StudyFolder, tmp_path: Path, program: str, case: str
) -> None:
    out = tmp_path / "out"
    told = alsrev("export", tiny.root, "--format", program, "--out", out)
    assert told.exit_code == 0, told.output
    assert WARNING in told.stdout.replace("\n", " ")
    assert "4 cases, 4 controls" in told.stdout
    path, variants = sorted(out.iterdir())
    study = OpenStudy(tiny).study.study
    assert path.name.startswith(f"individual_level_{study}.primary.phenotype.")
    assert variants.name == f"{study}.primary.variants.txt"
    tested = OpenStudy(tiny).lake.frame("result.association")["variant_id"]
    assert set(variants.read_text(encoding="utf-8").split()) == set(tested)
    assert f"{len(set(tested))} variants pass quality, for --extract" in told.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    assert {row[0] for row in rows if row[-1] == case} == {"vialA", "vialB", "vialC", "vialD"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--contrast", "primry"), "found no such contrast in study.yaml; expected one of primary"),
        (("--genetic-model", "genotypic"), "found that it was not tested"),
    ],
)
def test_what_is_not_there_is_refused(
    tiny: StudyFolder, tmp_path: Path, words: tuple[str, str], told: str
) -> None:
    found = alsrev("export", tiny.root, "--out", tmp_path / "out", *words)
    assert found.exit_code == 1
    assert told in found.output
    assert not (tmp_path / "out").exists()


def test_study_that_was_not_run_has_nothing_to_export(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "study")
    found = alsrev("export", folder.root, "--out", tmp_path / "out")
    assert found.exit_code == 1
    assert "expected the study to have been run" in found.output


def test_parts_make_the_same_file_as_the_whole(tmp_path: Path) -> None:
    frame = results().sort_values("chrom", key=lambda c: c.map({"chr4": 0, "chrX": 1, "chrM": 2}))
    whole = write_gwas_ssf(frame, tmp_path / "whole.tsv.gz", ABOUT)
    parts = (frame.iloc[[place]] for place in range(len(frame)))
    done = write_gwas_ssf_parts(parts, tmp_path / "parts.tsv.gz", ABOUT)
    assert done.n_row == 3
    assert done.data_file.read_bytes() == whole.data_file.read_bytes()


def test_parts_out_of_order_are_refused(tmp_path: Path) -> None:
    frame = results()  # chrX first, chr4 last
    parts = (frame.iloc[[place]] for place in range(len(frame)))
    with pytest.raises(InputDataError, match="expected parts in the order of the genome"):
        write_gwas_ssf_parts(parts, tmp_path / "parts.tsv", ABOUT)
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_can_be_written_is_refused(tmp_path: Path) -> None:
    frame = results().assign(beta=float("nan"))
    with pytest.raises(InputDataError, match="expected at least one; look at the table"):
        write_gwas_ssf(frame, tmp_path / "none.tsv", ABOUT)
    assert list(tmp_path.iterdir()) == []
