"""Summary statistics of three programs in one table: orientation, repairs, refusals, with lines."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.ingest import summary_told as reason
from alsrev_dagster.ingest.summary_statistics import (
    COLUMNS,
    SummaryStatistics,
    read_summary_statistics,
)
from tests.ingest.made_summary import (
    PLINK_FIRTH,
    PLINK_OMIT_REF,
    REGENIE_ROWS,
    SSF_EXAMPLE,
    SSF_HEADER,
    write,
)

P_TINY = float(np.finfo(np.float64).tiny)


def read(path: Path, **asked: Any) -> SummaryStatistics:
    return read_summary_statistics(path, genome_build="GRCh38", **asked)


def test_plink_rows_are_of_alt_and_other_terms_left_out(tmp_path: Path) -> None:
    found = read(write(tmp_path, "a.recovery.glm.logistic.hybrid", PLINK_FIRTH))
    frame = found.frame.set_index("variant_id")
    assert frame.index.tolist() == [
        "chr4-100-A-G", "chr4-200-CTT-C", "chr4-300-G-C", "chr4-300-G-T", "chr4-400-A-T",
        "chrX-3000000-G-A",
    ]  # fmt: skip
    assert {str(t) for t in found.frame.dtypes} <= set(COLUMNS.values())
    assert list(found.frame) == list(COLUMNS)
    assert (found.format, found.n_row) == ("plink2", 7)
    assert found.left_out == {reason.OTHER_TERM: 1}
    assert (found.refused, found.problems) == ({}, ())
    assert found.repaired == {reason.TURNED: 1}
    first = frame.loc["chr4-100-A-G"]
    assert first["beta"] == pytest.approx(np.log(1.27864))
    assert first[["ci_lower", "ci_upper", "p_value", "n", "source_line"]].tolist() == [
        0.465402, 3.51293, 0.633591, 80, 2,
    ]  # fmt: skip
    assert frame["method"].tolist() == ["plink2_firth_wald"] * 4 + [
        "plink2_logistic_wald",
        "plink2_firth_wald",
    ]


def test_a_row_of_ref_turned_is_what_plink_prints_with_omit_ref(tmp_path: Path) -> None:
    turned = read(write(tmp_path, "a.glm.firth", PLINK_FIRTH)).frame.iloc[4]
    as_alt = read(write(tmp_path, "b.glm.firth", PLINK_OMIT_REF)).frame.iloc[0]
    assert turned["variant_id"] == as_alt["variant_id"] == "chr4-400-A-T"
    assert (turned["effect_allele"], turned["other_allele"]) == ("T", "A")
    assert turned["beta"] == pytest.approx(as_alt["beta"], abs=1e-5)  # PLINK's six digits
    assert turned["odds_ratio"] == pytest.approx(0.703576, abs=1e-5)
    assert turned["effect_allele_freq"] == pytest.approx(0.725)
    assert turned[["ci_lower", "ci_upper"]].tolist() == pytest.approx([1 / 3.32363, 1 / 0.607811])
    assert np.isnan(as_alt["effect_allele_freq"])
    assert as_alt["method"] == "plink2_firth_wald"


def test_plink_beta_and_logarithms(tmp_path: Path) -> None:
    text = (
        "#CHROM\tPOS\tID\tREF\tALT\tA1\tTEST\tOBS_CT\tBETA\tSE\tZ_STAT\tNEG_LOG10_P\tERRCODE\n"
        "4\t1\ta\tA\tG\tG\tADD\t265\t-1.5\t0.4\t-3.7\t350.5\t.\n"
        "4\t2\tb\tA\tG\tG\tADD\t265\tNA\tNA\tNA\tNA\tCONST_ALLELE\n"
        "Un_1\t3\tc\tA\tG\tG\tADD\t265\t1\t0.4\t2.5\t2\t.\n"
    )
    found = read(write(tmp_path, "x.glm.logistic.gz", text))
    (row,) = found.frame.to_dict("records")
    assert (row["beta"], row["neg_log10_p"], row["p_value"]) == (-1.5, 350.5, P_TINY)
    assert found.left_out == {reason.PROGRAM_ERROR: 1, reason.OTHER_CONTIG: 1}
    assert found.repaired == {reason.LOGARITHM_KEPT: 1}


def test_regenie_rows_take_allele1_for_alt_unless_the_study_knows_better(tmp_path: Path) -> None:
    path = write(tmp_path, "out_Y1.regenie", REGENIE_ROWS)
    found = read(path)
    assert found.frame["variant_id"].tolist() == [
        "chr1-1001-A-G",
        "chr1-1002-C-T",
        "chrX-1003-G-GA",
    ]
    assert found.frame["p_value"].tolist() == pytest.approx([10**-0.133163, 10**-0.233077, P_TINY])
    assert found.frame["neg_log10_p"].tolist() == [0.133163, 0.233077, 402.49291]
    assert found.left_out == {reason.PROGRAM_ERROR: 1}
    assert found.refused == {"alleles": 1}
    assert found.repaired == {reason.REF_UNKNOWN: 3, reason.LOGARITHM_KEPT: 1}
    assert str(found.problems[0]).startswith(
        "out_Y1.regenie, line 6: found alleles that are not bases; expected A, C, G, T in both"
    )
    better = read(path, known_variants={"chr1-1001-A-G", "chr1-1002-T-C"})
    assert better.frame["variant_id"].tolist()[:2] == ["chr1-1001-A-G", "chr1-1002-T-C"]
    assert better.frame["beta"].tolist()[:2] == [0.0775674, -0.131068]
    assert better.repaired[reason.REF_UNKNOWN] == 1
    assert better.repaired[reason.TURNED] == 1


def test_the_example_of_the_standard(tmp_path: Path) -> None:
    found = read(write(tmp_path, "0000123.tsv", SSF_EXAMPLE))
    assert found.frame["variant_id"].tolist() == [
        "chr1-869388-A-G", "chr1-205813916-G-C", "chr2-70478797-T-TG", "chr7-8458030-TC-T",
        "chrX-24173186-C-A",
    ]  # fmt: skip
    assert found.frame["beta"].tolist() == [0.016619, 0.0089589, -0.0187528, 0.0184003, 0.00387762]
    assert found.frame["effect_allele_freq"].iloc[0] == pytest.approx(0.002779)
    assert found.frame["p_value"].tolist() == [0.1, 9.7e-3, 3.5e-30, 5.7e-76, 2.3e-8]
    assert found.repaired == {reason.TURNED: 4}
    assert found.frame["method"].eq("gwas_ssf").all()


def test_odds_ratios_and_the_error_of_an_odds_ratio_and_chromosome_25(tmp_path: Path) -> None:
    header = SSF_HEADER.replace("beta", "odds_ratio").replace(
        "variant_id\trsid", "ci_lower\tci_upper"
    )
    low, high = np.exp(np.log(3) - 1.959964 * 0.5), np.exp(np.log(3) + 1.959964 * 0.5)
    rows = (
        f"25\t100\tG\tA\t3.0\t1.5\t0.1\t0.03\t{low}\t{high}\tOA\n"
        f"26\t101\tG\tA\t3.0\t0.5\t0.1\t0.03\t{low}\t{high}\tOA\n"
    )
    found = read(write(tmp_path, "or.tsv", header + rows))
    assert found.frame["variant_id"].tolist() == ["chrM-100-A-G", "chrM-101-A-G"]
    assert found.frame["standard_error"].tolist() == pytest.approx([0.5, 0.5])
    assert found.frame["beta"].tolist() == pytest.approx([np.log(3)] * 2)
    assert found.repaired == {reason.ERROR_OF_RATIO: 1}


def test_p_values_that_no_double_holds(tmp_path: Path) -> None:
    rows = "".join(
        f"1\t{i}\tA\tG\t0.1\t0.1\t0.5\t{p}\tx\t#NA\tOA\n"
        for i, p in enumerate(["2.5E-400", "0", "1"], start=1)
    )
    frame = read(write(tmp_path, "p.tsv", SSF_HEADER + rows)).frame
    assert frame["p_value"].tolist() == [P_TINY, P_TINY, 1.0]
    assert frame["neg_log10_p"].iloc[0] == pytest.approx(400 - np.log10(2.5), abs=1e-10)
    assert np.isnan(frame["neg_log10_p"].iloc[1])
    assert frame["neg_log10_p"].iloc[2] == 0.0


def test_every_row_that_does_not_fit_is_told_by_its_line(tmp_path: Path) -> None:
    wrong = {
        "1\t0\tA\tG\t0.1\t0.1\t0.5\t0.1": "found no position; expected a whole number of at",
        "1\t5\tA\tG\tbig\t0.1\t0.5\t0.1": "found text in a column of numbers; expected a number",
        "1\t6\tA\t<DEL>\t0.1\t0.1\t0.5\t0.1": "found alleles that are not bases; expected",
        "1\t7\tA\tA\t0.1\t0.1\t0.5\t0.1": "found an effect allele that is the other one; exp",
        "1\t8\tA\tG\t0.1\t0\t0.5\t0.1": "found a standard error that is not above 0; expected",
        "1\t9\tA\tG\t0.1\t0.1\t50\t0.1": "found a frequency outside [0, 1]; expected a fraction",
        "1\t10\tA\tG\t0.1\t0.1\t0.5\t1.5": "found a P value outside [0, 1]; expected a number",
    }
    text = SSF_HEADER + "".join(f"{row}\tx\t#NA\tOA\n" for row in wrong)
    text += "\n1\t11\tA\tG\t#NA\t0.1\t0.5\t0.1\tx\t#NA\tOA\n"
    text += "1\t12\tA\tG\t0.1\t0.1\t0.5\t0.1\tx\t#NA\tOA\n" * 2
    found = read(write(tmp_path, "w.tsv", text))
    assert found.frame["source_line"].tolist() == [11]
    assert found.left_out == {reason.EMPTY_LINE: 1, reason.NO_ESTIMATE: 1}
    assert sum(found.refused.values()) == 8
    for line, (said, start) in enumerate(
        zip(found.problems, wrong.values(), strict=False), start=2
    ):
        assert str(said).startswith(f"w.tsv, line {line}: {start}")
    assert str(found.problems[7]).startswith("w.tsv, line 12: found a variant for the second time")
    assert found.n_row == sum(
        (sum(found.left_out.values()), sum(found.refused.values()), len(found.frame))
    )


def test_shared_bases_are_cut_and_positions_counted_from_one(tmp_path: Path) -> None:
    row = "1\t99\tCAT\tCAG\t0.1\t0.1\t0.5\t0.1\tx\t#NA\tOA\n"
    path = write(tmp_path, "z.tsv", SSF_HEADER + row, coordinate_system="0-based")
    found = read(path)
    assert found.frame["variant_id"].tolist() == ["chr1-102-G-T"]
    assert found.repaired == {reason.TRIMMED: 1, "position counted from 0: counted from 1": 1}


@given(
    st.lists(
        st.tuples(st.floats(-9, 9), st.floats(0.01, 5), st.floats(0, 1)), min_size=1, max_size=9
    )
)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_swapping_the_alleles_negates_beta_and_turns_back(
    tmp_path: Path, values: list[tuple[float, float, float]]
) -> None:
    of_alt, of_ref = SSF_HEADER, SSF_HEADER
    for i, (beta, error, freq) in enumerate(values, start=1):
        rest = "0.1\tx\t#NA"
        of_alt += f"1\t{i}\tA\tG\t{beta!r}\t{error!r}\t{freq!r}\t{rest}\tOA\n"
        of_ref += f"1\t{i}\tG\tA\t{-beta!r}\t{error!r}\t{1 - freq!r}\t{rest}\tEA\n"
    one, other = (read(write(tmp_path, "s.tsv", text)) for text in (of_alt, of_ref))
    assert one.frame["beta"].tolist() == [beta for beta, _, _ in values]
    pd.testing.assert_frame_equal(one.frame, other.frame, rtol=1e-12)
    assert (one.repaired, other.repaired) == ({}, {reason.TURNED: len(values)})


def test_metadata_of_another_build_or_another_file(tmp_path: Path) -> None:
    other = write(tmp_path, "a.tsv", SSF_EXAMPLE, genome_assembly="GRCh37")
    with pytest.raises(
        InputDataError, match=r"key genome_assembly: found 'GRCh37'; expected GRCh38"
    ):
        read(other)
    same = write(tmp_path, "b.tsv", SSF_EXAMPLE, genome_assembly="hg38", data_file_md5sum="00ff")
    (problem,) = read(same).problems
    assert str(problem).startswith("b.tsv-meta.yaml, key data_file_md5sum: found 00ff")
    (tmp_path / "b.tsv-meta.yaml").write_text("a: [")
    with pytest.raises(InputDataError, match=r"b\.tsv-meta\.yaml, line \d: found no YAML"):
        read(same)
    (tmp_path / "b.tsv-meta.yaml").write_text("- a")
    with pytest.raises(
        InputDataError, match=r"b\.tsv-meta\.yaml: found no keys; expected the meta"
    ):
        read(same)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\tb\n", r"x\.tsv, line 1: found a header that starts 'a\\tb'; expected GWAS-SSF"),
        (SSF_HEADER.replace("beta", "hazard_ratio"), "line 1: found hazard ratios; expected log"),
        (SSF_HEADER.replace("beta", "z"), "found no column beta or odds_ratio; expected one of"),
        (SSF_HEADER.replace("\tp_value", ""), "found no column p_value or neg_log_10_p_value; exp"),
        (SSF_HEADER.replace("rsid", "beta"), "found the column 'beta' twice; expected each once"),
    ],
)
def test_files_that_are_none_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputDataError, match=said):
        read(write(tmp_path, "x.tsv", text))


def test_rows_with_more_or_fewer_cells_are_told(tmp_path: Path) -> None:
    row = SSF_EXAMPLE.splitlines()[1]
    text = SSF_HEADER + "1\t2\n" + row + "\tmore\n" + row + "\r\n"
    found = read(write(tmp_path, "x.tsv", text))
    assert found.frame["source_line"].tolist() == [4]
    assert found.refused == {"cells": 2}
    assert [p.where for p in found.problems] == ["x.tsv, line 2", "x.tsv, line 3"]


def test_a_file_cut_short_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "x.tsv.gz", SSF_HEADER + "x" * 200_000)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputDataError, match=r"found (bytes|no text) that can"):
        read(path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.tsv").write_bytes(b"\x1f\x8b\x00")
    with pytest.raises(InputDataError, match=r"x\.tsv: found no text that can be read; expected"):
        read(tmp_path / "x.tsv")


def test_a_file_without_rows_is_an_empty_table(tmp_path: Path) -> None:
    found = read(write(tmp_path, "x.tsv", SSF_HEADER))
    assert (len(found.frame), found.n_row, list(found.frame)) == (0, 0, list(COLUMNS))
