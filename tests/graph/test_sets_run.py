"""Genes, gene sets and summary statistics of others in a run, against tests by hand."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.ingest.gene_intervals import gene_bodies
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.provenance import meta_tables
from alsrev_dagster.study import StudyFolder
from assets import external_summary, pathway, sets
from assets.gene_reading import variants_by_gene, wanted_genes
from tests.builders import VCF, vcf_text, write_study
from tests.graph.at_work import run_here

GENE = "IGFBP7"
START, END = 57_030_773, 57_110_385
"""Of IGFBP7 on GRCh38 (GENCODE v32), as SCIENCE 1.4 has it."""
RECORDS = (
    "chr4 57030772 . G A 1/1 1/1 1/1 1/1 0/0 0/0 0/0 0/0",  # the base before the gene
    "chr4 57030773 . G A 0/1 0/0 0/0 0/0 0/0 0/0 0/0 0/0",  # its first base
    "chr4 57110321 rs1 G A 0/0 0/1 0/1 0/0 0/0 0/0 0/0 0/0",
    "chr4 57110385 . C T 0/0 0/0 0/0 0/0 0/0 0/0 0/0 0/0",  # its last, and nobody carries it
    "chr4 57110386 . C T 1/1 1/1 1/1 1/1 0/0 0/0 0/0 0/0",  # the base behind it
    "chr4 90000000 . G C 0/0 0/0 0/1 0/1 0/0 0/1 0/0 1/1",
)
TERMS = ("missense_variant", "missense_variant", "intron_variant", "", "", "")
SUMMARY = """\
chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\t\
effect_allele_frequency\tp_value\tn\n\
4\t57110321\tA\tG\t-0.5\t0.1\t0.2\t0.001\t1000\n\
4\t90000000\tG\tC\t0.25\t0.1\t0.9\t0.01\t1000\n\
4\t57110321\tA\tG\t0.5\t0.1\t0.2\t0.001\t1000\n\
4\tx\tA\tG\t0.5\t0.1\t0.2\t0.001\t1000\n"""
GMT = f"AXIS\tby hand\t{GENE}\tIGF1\tNOGENE\nOTHERS\t\tIGF1\tIGF2\n"
"""Lines of a GMT file: a gene that is declared, two that have no variant, one that is none."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> OpenStudy:
    folder = write_study(
        tmp_path_factory.mktemp("sets"),
        files={VCF: annotated(), "sets.gmt": GMT, "others.tsv": SUMMARY},
        gene_sets="sets.gmt",
        summary_statistics={"others": {"file": "others.tsv", "description": "made up"}},
        quality={"variant_call_rate_min": 0, "hwe_p_min": 0},
        sets={
            "masks": {
                "common": {"maf_max": 0.5, "weight": "equal"},
                "missense": {"maf_max": 0.5, "consequences": ["missense_variant"]},
                "never": {"maf_max": 0.5, "consequences": ["stop_gained"]},
            }
        },
    )
    run_here(folder)
    return OpenStudy(folder)


def annotated() -> str:
    """The VCF with consequences in SnpEff's ANN: the second missense is another gene's, which
    the first stops.
    """
    lines = vcf_text(RECORDS).splitlines()
    head = "##INFO=<ID=ANN,Number=.,Type=String,Description=\"Functional annotations: 'Allele | Annotation | Annotation_Impact | Gene_Name'\">"
    place = next(i for i, line in enumerate(lines) if line.startswith("#CHROM"))
    for i, term in enumerate(TERMS, start=place + 1):
        cells = lines[i].split("\t")
        gene = GENE if i == place + 2 else "ANOTHER"
        if term:
            cells[7] = f"ANN={cells[4]}|{term}|MODERATE|{gene}"
        if gene == GENE:
            cells[7] += f",{cells[4]}|stop_gained|HIGH|ANOTHER"
        lines[i] = "\t".join(cells)
    return "\n".join([*lines[:place], head, *lines[place:]]) + "\n"


def of_mask(work: OpenStudy, mask: str) -> pd.DataFrame:
    frame = work.lake.frame("result.set_test")
    return frame[(frame["gene"] == GENE) & (frame["mask"] == mask)].set_index("test")


def test_burden_is_that_of_every_way_to_choose_the_cases(made: OpenStudy) -> None:
    burden = of_mask(made, "common").loc["burden"]
    alleles = np.array([1, 1, 1, 0, 0, 0, 0, 0])
    seen = (alleles[:4].sum() - 1.5) ** 2
    sums = [(alleles[list(cases)].sum() - 1.5) ** 2 for cases in combinations(range(8), 4)]
    assert burden["p_value"] == pytest.approx(np.mean(np.array(sums) >= seen - 1e-9))
    assert (burden["n_variant"], burden["n_carrier_case"], burden["n_carrier_control"]) == (2, 3, 0)
    assert (burden["n_case"], burden["n_control"], burden["imputed_rate"]) == (4, 4, 0)
    # Fisher's exact test of 3 of 4 against 0 of 4, two-sided: 2 x 4 / 56
    assert burden["carrier_exact_p_value"] == pytest.approx(1 / 7)
    assert burden["allele_exact_p_value"] == pytest.approx(1 / 7)
    assert burden["odds_ratio"] == pytest.approx(21)  # (3 + 1/2)(4 + 1/2) / ((1 + 1/2)(1/2))
    assert pd.isna(burden["n_draw"])
    assert burden["method"] == "burden_every_labeling"


def test_bases_around_the_gene_are_none_of_it(made: OpenStudy) -> None:
    bodies = gene_bodies("GRCh38").set_index("gene")
    assert bodies.loc[GENE, ["start", "end"]].tolist() == [START, END]
    genes = wanted_genes(made)
    (found,) = variants_by_gene(made, "chr4", genes[genes["gene"] == GENE])
    assert (found.gene, len(found.genotype)) == (GENE, 3)


def test_consequence_of_another_gene_counts_for_none(made: OpenStudy) -> None:
    assert of_mask(made, "missense").loc["skat", "n_variant"] == 1
    assert of_mask(made, "never").empty


def test_mask_that_holds_nothing_is_told(made: OpenStudy) -> None:
    found = sets.every_mask_holds_some_gene.judge(made)
    assert not found.passed
    assert found.description == (
        "1 of 3 masks left every gene empty (expected 0); never: no gene has 1 variants of MAF at "
        "most 0.5 and such a consequence; 2 genes tested under the others"
    )


def test_gene_is_told_as_declared_and_of_a_set(made: OpenStudy) -> None:
    assert set(of_mask(made, "every_mask")["chosen_by"]) == {"declared_locus,gene_set"}


def test_gene_set_is_told_with_and_without_the_declared_gene(made: OpenStudy) -> None:
    frame = made.lake.frame("result.pathway_test").query("mask == 'common'")
    rows = frame.set_index(["gene_set", "gene_left_out"])
    assert list(rows.index) == [("AXIS", GENE), ("AXIS", "none"), ("OTHERS", "none")]
    whole, without = rows.loc[("AXIS", "none")], rows.loc[("AXIS", GENE)]
    assert whole["is_circular"]
    assert whole["circularity"].startswith("IGFBP7 led to the set: with it the test is circular")
    assert (whole["n_gene"], whole["n_gene_untested"], whole["n_gene_unknown"]) == (1, 1, 1)
    # Of 999 random labelings about 1 in 7 are as extreme.
    assert whole["self_contained_p_value"] == pytest.approx(1 / 7, abs=0.05)
    assert not without["is_circular"]
    assert (without["n_gene"], without["n_gene_untested"]) == (0, 1)
    assert pd.isna(without["self_contained_p_value"])


def test_symbols_that_are_no_gene_are_counted(made: OpenStudy) -> None:
    found = pathway.gene_symbols_are_known.judge(made)
    assert not found.passed
    assert found.description.startswith("1 of 5 genes of the sets are none of the list")
    assert found.description.endswith("AXIS: 1")


def test_lead_has_the_estimate_of_others_turned_to_alt(made: OpenStudy) -> None:
    raw = made.lake.frame("raw.summary_statistic").set_index("variant_id")
    assert raw["beta"].to_dict() == {"chr4-57110321-G-A": -0.5, "chr4-90000000-G-C": -0.25}
    assert raw["source_line"].tolist() == [2, 3]
    lead = made.lake.frame("result.lead_external").set_index("variant_id")
    row = lead.loc["chr4-57110321-G-A"]
    assert (row["external_beta"], row["external_n"], row["n_case"]) == (-0.5, 1000, 4)
    assert row["beta"] > 0
    assert not bool(row["is_same_direction"])
    assert not external_summary.others_point_the_same_way.judge(made).passed


def test_rows_that_do_not_fit_are_counted_by_reason(made: OpenStudy) -> None:
    found = external_summary.summary_rows_fit.judge(made)
    assert not found.passed
    assert found.description.startswith("2 of 4 rows were refused (expected 0)")
    assert "refused, others: not a number (1)" in found.description
    assert "repaired, others: effect allele was REF" in found.description


def test_every_file_is_among_the_inputs(made: OpenStudy) -> None:
    assert {"sets.gmt", "others.tsv"} <= set(meta_tables(made, "run")["meta.input"]["path"])


def test_page_tells_genes_sets_and_others(made: OpenStudy) -> None:
    page = made.folder.report.read_text(encoding="utf-8")
    section = page.partition('<section id="genes">')[2].partition("</section>")[0]
    for words in (GENE, "AXIS", "with it the test is circular", "made up", "missense"):
        assert words in section


@pytest.mark.parametrize(
    ("settings", "files", "told"),
    [
        ({"gene_sets": "no.gmt"}, {}, "a GMT file of gene sets"),
        ({"gene_sets": "../sets.gmt"}, {}, "a GMT file of gene sets"),
        ({"gene_sets": "sets.gmt"}, {"sets.gmt": "A B C\n"}, "with tabs between"),
        (
            {"summary_statistics": {"others": {"file": "no.tsv", "description": "made up"}}},
            {},
            "a file of summary statistics",
        ),
        (
            {"summary_statistics": {"others": {"file": "x.tsv", "description": "made up"}}},
            {"x.tsv": "a\tb\n1\t2\n"},
            "found a header that starts 'a",
        ),
    ],
)
def test_file_that_cannot_be_read_is_a_problem_of_the_study(
    tmp_path: Path, settings: dict[str, object], files: dict[str, str], told: str
) -> None:
    assert told in problems(write_study(tmp_path, files=files, **settings))


@pytest.mark.parametrize(
    ("sets", "told"),
    [
        ({"masks": {"every_mask": {}}}, "a name that stands for all masks"),
        ({"n_draws": [9_999, 999]}, "ever more"),
        ({"masks": {"rare": {"maf_max": 0.6}}}, "at most 0.5"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    tmp_path: Path, sets: dict[str, object], told: str
) -> None:
    assert told in problems(write_study(tmp_path, sets=sets))


def problems(folder: StudyFolder) -> str:
    from alsrev_dagster.ingest.validate import validate

    return "\n".join(str(problem) for problem in validate(folder).problems)
