"""Exports: what goes out comes back equal, keeps to the standard, and says what is of persons."""

import gzip
import shutil
import stat
import subprocess
from dataclasses import replace
from datetime import date
from hashlib import md5
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from alsrev_dagster.commands.export_individual_level import write_individual_level, write_lines
from alsrev_dagster.commands.export_summary import (
    INCOMPLETE,
    NO_CHROMOSOME,
    NOT_BASES,
    AboutResults,
    few_copies,
    write_gwas_ssf,
)
from alsrev_dagster.errors import InputDataError
from alsrev_dagster.ingest.summary_statistics import read_summary_statistics

ABOUT = AboutResults(
    genome_assembly="GRCh38",
    trait_description=("recovery from ALS",),
    n_case=22,
    n_control=243,
    genotyping_technology=("Whole-genome sequencing",),
    sample_ancestry_category=("European",),
    analysis_software="alsrev 0.1.0",
    last_modified=date(2026, 1, 2),
    adjusted_covariates=("ancestry stratum",),
)
P_TINY = float(np.finfo(np.float64).tiny)


def results() -> pd.DataFrame:
    """Three variants out of order, a deletion and the mitochondrial genome among them."""
    beta = np.array([1.25, -0.5, 0.1 + 0.2])
    error = np.array([0.5, 0.25, 1 / 3])
    return pd.DataFrame(
        {
            "variant_id": ["chrX-5-C-T", "chrM-7-A-G", "chr4-57110321-GA-G"],
            "chrom": ["chrX", "chrM", "chr4"],
            "pos": [5, 7, 57110321],
            "ref": ["C", "A", "GA"],
            "alt": ["T", "G", "G"],
            "beta": beta,
            "standard_error": error,
            "effect_allele_freq": [0.001, 0.4, 0.9999],
            "ci_lower": np.exp(beta - 2 * error),
            "ci_upper": np.exp(beta + 2 * error),
            "p_value": [0.01, 1.0, 4.7e-6],
            "n": [265, 264, 265],
            "rsid": ["rs12", None, "."],
            "method": ["logistic_firth_lrt"] * 3,
        }
    )


@pytest.mark.parametrize("name", ["out.tsv", "out.tsv.gz"])
def test_what_goes_out_comes_back_equal(tmp_path: Path, name: str) -> None:
    sent = results()
    done = write_gwas_ssf(sent, tmp_path / name, ABOUT)
    found = read_summary_statistics(done.data_file, genome_build="GRCh38")
    assert (found.refused, found.left_out, found.repaired, found.problems) == ({}, {}, {}, ())
    order = ["chr4-57110321-GA-G", "chrX-5-C-T", "chrM-7-A-G"]
    assert found.frame["variant_id"].tolist() == order
    expected = sent.set_index("variant_id").loc[order]
    for column in ("beta", "standard_error", "effect_allele_freq", "p_value", "n", "method"):
        assert found.frame[column].tolist() == expected[column].tolist()
    for column in ("ci_lower", "ci_upper"):
        np.testing.assert_allclose(found.frame[column], expected[column], rtol=1e-14)
    again = write_gwas_ssf(sent, tmp_path / f"again-{name}", ABOUT)
    assert again.data_file.read_bytes() == done.data_file.read_bytes()


def test_columns_and_values_are_those_of_the_standard(tmp_path: Path) -> None:
    done = write_gwas_ssf(results(), tmp_path / "out.tsv", ABOUT)
    header, first, *_, last = done.data_file.read_text().splitlines()
    assert header.split("\t") == [
        "chromosome", "base_pair_location", "effect_allele", "other_allele", "beta",
        "standard_error", "effect_allele_frequency", "p_value", "ci_upper", "ci_lower", "rsid",
        "variant_id", "n", "ref_allele", "method",
    ]  # fmt: skip
    assert first.split("\t")[:4] == ["4", "57110321", "G", "GA"]
    assert first.split("\t")[10:14] == ["#NA", "4_57110321_GA_G", "265", "OA"]
    assert last.split("\t")[0] == "25"
    told = yaml.safe_load(done.metadata_file.read_text())
    assert done.metadata_file.name == "out.tsv-meta.yaml"
    assert told["data_file_md5sum"] == md5(done.data_file.read_bytes()).hexdigest()  # noqa: S324
    assert told["samples"][0]["sample_size"] == 265
    assert (told["samples"][0]["case_count"], told["samples"][0]["control_count"]) == (22, 243)
    assert (told["file_type"], told["data_file_name"]) == ("GWAS-SSF v1.0", "out.tsv")
    assert (told["coordinate_system"], told["genome_assembly"]) == ("1-based", "GRCh38")
    assert (told["is_sorted"], told["is_harmonised"]) == (True, False)
    assert told["date_metadata_last_modified"] == date(2026, 1, 2)
    assert "ontology_mapping" not in told


def test_rows_without_what_is_mandatory_are_counted(tmp_path: Path) -> None:
    frame = pd.concat([results()] * 2, ignore_index=True)
    frame.loc[0, "p_value"] = np.nan
    frame.loc[1, "alt"] = "<DEL>"
    frame.loc[2, "chrom"] = "chrUn_1"
    done = write_gwas_ssf(frame, tmp_path / "out.tsv", ABOUT)
    assert done.n_row == 3
    assert done.left_out == {NO_CHROMOSOME: 1, NOT_BASES: 1, INCOMPLETE: 1}


def test_a_p_value_below_every_double_turns_the_column_to_logarithms(tmp_path: Path) -> None:
    frame = results().assign(neg_log10_p=[2.0, 0.0, 412.25])
    frame["p_value"] = [0.01, 1.0, P_TINY]
    done = write_gwas_ssf(frame, tmp_path / "out.tsv", ABOUT)
    assert done.data_file.read_text().split("\n")[0].split("\t")[7] == "neg_log_10_p_value"
    found = read_summary_statistics(done.data_file, genome_build="GRCh38").frame
    assert found["neg_log10_p"].tolist() == [412.25, 2.0, 0.0]
    assert found["p_value"].tolist() == pytest.approx([P_TINY, 0.01, 1.0])


def test_rare_alleles_are_told_as_the_limit(tmp_path: Path) -> None:
    about = AboutResults(**{**vars(ABOUT), "minor_allele_freq_lower_limit": 0.01})
    done = write_gwas_ssf(results(), tmp_path / "out.tsv", about)
    found = read_summary_statistics(done.data_file, genome_build="GRCh38").frame
    assert found["effect_allele_freq"].tolist() == [0.99, 0.01, 0.4]
    assert yaml.safe_load(done.metadata_file.read_text())["minor_allele_freq_lower_limit"] == 0.01


def test_a_packed_file_has_no_time_in_it(tmp_path: Path) -> None:
    done = write_gwas_ssf(results(), tmp_path / "out.tsv.gz", ABOUT)
    assert done.data_file.read_bytes()[4:8] == b"\0\0\0\0"
    plain = write_gwas_ssf(results(), tmp_path / "out.tsv", ABOUT)
    assert gzip.decompress(done.data_file.read_bytes()) == plain.data_file.read_bytes()


def test_results_that_may_not_or_cannot_go_out_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputDataError, match="have the column 'sample_id': expected rows of vari"):
        write_gwas_ssf(results().assign(sample_id="x"), tmp_path / "out.tsv", ABOUT)
    with pytest.raises(InputDataError, match="have no column beta, p_value: expected chrom, pos"):
        write_gwas_ssf(results().drop(columns=["beta", "p_value"]), tmp_path / "o.tsv", ABOUT)
    with pytest.raises(InputDataError, match=r"'out\.csv': expected a name ending in \.tsv or"):
        write_gwas_ssf(results(), tmp_path / "out.csv", ABOUT)
    odd = AboutResults(**{**vars(ABOUT), "sex": "both"})
    with pytest.raises(
        InputDataError, match="sex is 'both' and minor_allele_freq_lower_limit None"
    ):
        write_gwas_ssf(results(), tmp_path / "out.tsv", odd)
    assert list(tmp_path.iterdir()) == []


def test_rows_of_a_few_persons_are_left_out_and_counted_in_the_metadata(tmp_path: Path) -> None:
    about = replace(ABOUT, n_copy_min=5, author_notes="Ours.")
    done = write_gwas_ssf(results().assign(n_copy=[4, 5, 6]), tmp_path / "out.tsv", about)
    assert (done.n_row, done.left_out) == (2, {few_copies(5): 1})
    assert "\nX\t" not in done.data_file.read_text().replace("23\t", "X\t")
    metadata = yaml.safe_load(done.metadata_file.read_text(encoding="utf-8"))
    assert metadata["author_notes"] == f"Ours. Left out 1: {few_copies(5)}."
    with pytest.raises(InputDataError, match="the results have no column n_copy: expected chrom"):
        write_gwas_ssf(results(), tmp_path / "out.tsv", about)


def samples() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sample_id": ["S1", "S2", "S3"],
            "is_case": pd.array([True, False, None], dtype="boolean"),
            "pc1": [0.5, -0.25, np.nan],
            "is_female": [True, False, True],
        }
    )


def test_files_for_plink_and_regenie_have_their_codes_and_are_private(tmp_path: Path) -> None:
    plink = write_individual_level(samples(), tmp_path / "a", program="plink2", name="s.primary")
    regenie = write_individual_level(
        samples(), tmp_path / "a", program="regenie", name="s.primary", phenotype="y1"
    )
    assert plink.phenotype.name == "individual_level_s.primary.phenotype.plink2.txt"
    assert plink.phenotype.read_text() == "#IID\trecovery\nS1\t2\nS2\t1\nS3\tNA\n"
    assert regenie.phenotype.read_text() == "FID\tIID\ty1\nS1\tS1\t1\nS2\tS2\t0\nS3\tS3\tNA\n"
    assert plink.covariate is not None
    assert plink.covariate.read_text() == (
        "#IID\tpc1\tis_female\nS1\t0.5\t1.0\nS2\t-0.25\t0.0\nS3\tNA\t1.0\n"
    )
    for path in (tmp_path / "a").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.name.startswith("individual_level_")
    assert (plink.n_case, plink.n_control, plink.n_missing) == (1, 1, 1)
    bare = samples()[["sample_id", "is_case"]]
    again = write_individual_level(bare, tmp_path / "a", program="plink2", name="s.primary")
    assert again.covariate is None
    assert not plink.covariate.exists(), "one of another run would be used by mistake"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sample_id": ["S1", "S 2", "S3"]}, "row 2 of the samples has a sample_id that is empty"),
        ({"sample_id": ["S1", "S2", "S1"]}, "row 3 of the samples repeats a sample_id: expected"),
        ({"site": ["a", "b", "c"]}, "the covariate 'site' is text: expected numbers; make one"),
        ({"pc-2": [1, 2, 3]}, "the name 'pc-2': expected a letter, then letters, digits and und"),
    ],
)
def test_files_a_program_would_misread_are_refused_by_row(
    tmp_path: Path, change: dict[str, list[object]], said: str
) -> None:
    with pytest.raises(InputDataError, match=said) as error:
        write_individual_level(samples().assign(**change), tmp_path, program="plink2", name="s.c")
    assert "S1" not in str(error.value)
    with pytest.raises(InputDataError, match="the samples have no column is_case: expected"):
        write_individual_level(samples()[["sample_id"]], tmp_path, program="regenie", name="s.c")


@pytest.mark.peer
def test_plink_reads_the_files_and_its_results_come_back(tmp_path: Path) -> None:
    program = shutil.which("plink2")
    if program is None:
        pytest.skip("plink2 is not installed")
    rng = np.random.default_rng(3)
    ids = [f"S{i:03d}" for i in range(100)]
    dosage = rng.integers(0, 3, 100)
    calls = "\t".join(["0/0", "0/1", "1/1"][d] for d in dosage)
    header = "##fileformat=VCFv4.2\n##contig=<ID=4>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"
    vcf = tmp_path / "a.vcf"
    vcf.write_text(header + "\t".join(ids) + f"\n4\t100\tv\tA\tG\t.\t.\t.\tGT\t{calls}\n")
    frame = pd.DataFrame(
        {"sample_id": ids, "is_case": np.arange(100) < 30, "pc1": rng.normal(size=100)}
    )
    made = write_individual_level(frame, tmp_path, program="plink2", name="s.c")
    listed = tmp_path / "variants.txt"
    assert write_lines([pd.Series(["chr4-99-A-G"]), pd.Series(["chr4-100-A-G"])], listed) == 2
    subprocess.run(
        [program, "--vcf", vcf, "--output-chr", "chrM", "--set-all-var-ids", "@-#-$r-$a",
         "--extract", listed, "--pheno", made.phenotype, "--covar", str(made.covariate),
         "--glm", "hide-covar", "cols=+a1freq", "--out", tmp_path / "out"],
        check=True, capture_output=True,
    )  # fmt: skip
    (written,) = tmp_path.glob("out.recovery.glm.*")
    (row,) = read_summary_statistics(written, genome_build="GRCh38").frame.to_dict("records")
    assert row["variant_id"] == "chr4-100-A-G"
    assert row["n"] == 100
    assert row["effect_allele_freq"] == pytest.approx(dosage.mean() / 2)
