"""The external table of frequencies: read as gnomAD writes it, or refused with line and column."""

import gzip
from pathlib import Path

import pytest

from alsrev_dagster.ingest.external_frequency import external_frequency_problems, pieces
from alsrev_dagster.ingest.study_file import read_study
from tests.builders import write_study
from tests.ingest.told_problems import told

HEADER = "chrom,pos,ref,alt,allele_freq,allele_number\n"
NAMED = {"external_frequency": {"file": "gnomad.csv", "ancestry": "EUR"}}


def problems_of(folder: Path, text: str, name: str = "gnomad.csv") -> list[str]:
    study = write_study(
        folder, files={name: text}, external_frequency={"file": name, "ancestry": "EUR"}
    )
    return [str(p) for p in external_frequency_problems(study, read_study(study))]


def test_gnomads_names_tabs_and_gzip_are_read(tmp_path: Path) -> None:
    path = tmp_path / "af.tsv.gz"
    rows = ["##made up", "#CHROM\tPOS\tID\tREF\tALT\tAF\tAN", "4\t10\trs1\tg\ta\t0.25\t1000",
            "chr4\t20\t.\tCAA\tCA\t1e-3\t.", "chr4\t30\t.\tC\tT\t\t8", "HLA-A\t1\t.\tC\tT\t0.1\t8",
            "chr5\t7\t.\tC\tG\t0\t2"]  # fmt: skip
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.write("\n".join(rows) + "\n")
    first, second = pieces(path)
    assert first.frame["variant_id"].tolist() == ["chr4-10-G-A", "chr4-20-CA-C"]
    assert first.frame["allele_freq"].tolist() == [0.25, 1e-3]
    assert first.frame["allele_number"].isna().tolist() == [False, True]
    assert first.frame["source_line"].tolist() == [3, 4]
    assert (first.n_record, second.n_record) == (3, 1)
    assert second.chrom == "chr5"
    assert not first.problems


def test_a_sound_table_has_no_problem(tmp_path: Path) -> None:
    assert problems_of(tmp_path, HEADER + "chr4,57110321,G,A,0.2,1006\n") == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("chr4,x,G,A,0.2,10", "line 2, column pos: found no position; expected a whole number"),
        ("chr4,5,G,\"A,C\",0.2,10", "line 2, column alt: found alleles that are not bases; expected REF and one ALT"),
        ("chr4,5,G,<DEL>,0.2,10", "column alt"),
        ("chr4,5,G,A,1.2,10", "line 2, column allele_freq: found no frequency; expected a number in [0, 1]"),
        ("chr4,5,G,A,rare,10", "column allele_freq"),
        ("chr4,5,G,A,0.2,-3", "line 2, column allele_number: found no number of alleles; expected a whole number of at least 1"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_told_by_line_and_column(
    tmp_path: Path, row: str, said: str
) -> None:
    (problem,) = problems_of(tmp_path, HEADER + row + "\n")
    assert problem.startswith("gnomad.csv, line 2")
    assert said in problem


def test_many_bad_rows_are_counted(tmp_path: Path) -> None:
    found = problems_of(tmp_path, HEADER + "chr4,5,G,A,2,10\n" * 25)
    assert len(found) == 21
    assert found[-1].startswith("gnomad.csv: found 5 more such rows")


def test_a_chromosome_in_two_parts_is_refused(tmp_path: Path) -> None:
    text = HEADER + "chr4,5,G,A,0.2,10\nchr5,5,G,A,0.2,10\nchr4,9,G,A,0.2,10\n"
    (problem,) = problems_of(tmp_path, text)
    assert "found rows of chr4 again after those of chr5; expected the rows of a" in problem


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, "chrom,pos,ref,alt\n")
    assert "found no column allele_freq in its header; expected the columns chrom, pos" in problem
    (binary,) = problems_of(tmp_path, "chrom\n")
    assert "found no column pos, ref, alt, allele_freq" in binary


@pytest.mark.parametrize("name", ["none.csv", "../gnomad.csv", "/data/gnomad.csv"])
def test_a_table_that_is_not_there_or_outside_is_told_by_its_key(tmp_path: Path, name: str) -> None:
    (said,) = told(tmp_path, external_frequency={"file": name, "ancestry": "EUR"})
    assert said.startswith("study.yaml, key external_frequency.file: found")
    assert "which is no file inside the study's folder; expected a table of allele" in said
