"""The example study, from files to report: what the run says, leaves, and keeps to itself."""

import base64
import csv
import re
from pathlib import Path

import dagster as dg
import pytest

from alsrev_dagster.commands.summary import summary
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import StudyFolder
from alsrev_dagster.vocabulary import CHROMOSOMES, TABLES
from tests.graph.at_work import (
    EXAMPLE,
    NOTHING,
    Made,
    copy_inputs,
    dagster_texts,
    parquet_bytes,
    run_here,
    run_ids,
    sha256_of,
)

PICTURES = {
    "result.association": "QQ plot",
    "result.lead_variant": "Manhattan plot",
    "result.control_scan": "QQ plot of the negative control",
    "result.recovery_curve": "recovery curve",
    "result.trajectory": "trajectory",
    "core.variant_qc": "call rate of variants",
    "core.sample_qc": "call rate of samples",
    "core.quality_loss": "what quality control leaves out",
    "core.analysis_loss": "who is compared",
}
LARGEST_PICTURE = 50_000
"""Bytes: Dagster's SQLite grows by four times the payload of each materialisation."""


@pytest.fixture(scope="module")
def metadata(example: Made) -> dict[str, dict[str, dg.MetadataValue]]:
    """Metadata of the last materialisation of each asset, from Dagster's own history."""
    with dg.DagsterInstance.from_config(str(example.folder.dagster_home)) as instance:
        keys = instance.get_asset_keys()
        events = {key: instance.get_latest_materialization_event(key) for key in keys}
    return {
        ".".join(key.path): dict(event.asset_materialization.metadata)
        for key, event in events.items()
        if event is not None and event.asset_materialization is not None
    }


@pytest.fixture(scope="module")
def told(example: Made) -> str:
    """The answer in words."""
    return summary(example.folder)


def test_everything_was_made(example: Made) -> None:
    assert example.made
    assert "Made 72 tables and files." in example.printed
    assert example.folder.warehouse.is_file()
    assert example.folder.report.is_file()


def test_every_blocking_check_passed(example: Made) -> None:
    slips = OpenStudy(example.folder).lake.checks()
    blocking = [slip for slip in slips if slip.is_blocking]
    assert [f"{s.table_name} {s.check_name}" for s in blocking if not s.passed] == []
    assert len(blocking) > 40


def test_confounding_of_the_example_is_warned_of(example: Made) -> None:
    assert "case_status_is_not_a_technical_factor: 9 of 33 factors" in example.printed


def test_confounding_is_marked_on_every_result_row_figure_and_contrast_of_the_page(
    example: Made, told: str
) -> None:
    lake, said = OpenStudy(example.folder).lake, "tissue, batch, sequencing_site"
    marked = [name for name, spec in TABLES.items() if "is_confounded" in spec.column_names]
    assert len(marked) == 35
    for name in set(marked) - {"result.lead_external"}:
        frame = lake.frame(name, ["is_confounded", "confounded_by"])
        assert frame["is_confounded"].all(), name
        assert set(frame["confounded_by"]) == {said}, name
    page = example.folder.report.read_text(encoding="utf-8")
    n_figure = page.count("<figure>")
    of_no_case = (
        "Negative control: PGB against TargetALS</text>",
        "Table: core.quality_loss<",
        "Table: result.recovery_grid<",
    )
    assert [page.count(words) for words in of_no_case] == [1, 1, 1]
    assert page.count(f"CONFOUNDED: being a case goes with {said}") == n_figure - 3 > 10
    assert page.count("Confounded: cases and controls also differ in tissue, batch, seq") == 3
    assert "cases sent saliva, controls gave blood" in page
    assert told.count(f"  CONFOUNDED: being a case goes with {said}") == 3


def test_the_page_gives_the_inflation_of_each_contrast_with_its_n(example: Made) -> None:
    page = example.folder.report.read_text(encoding="utf-8")
    for n_control in (103, 140, 243):
        assert page.count(f"Genomic control in 22 cases and {n_control} controls: λGC = ") == 1
    assert page.count("a raw λGC near 1 says little") == 3


def test_the_controls_of_the_example_are_alike(example: Made) -> None:
    row = OpenStudy(example.folder).lake.frame("result.negative_control").iloc[0]
    assert (row["cohort_1"], row["n_sample_1"]) == ("PGB", 103)
    assert (row["cohort_2"], row["n_sample_2"]) == ("TargetALS", 140)
    assert row["n_variant_tested"] == 22_425  # 26 of 22,451 do not vary in the two cohorts
    assert 0.9 < row["lambda_gc"] < 1.1, "cohorts are drawn at random from one population"
    assert "control_cohorts_do_not_differ" not in example.printed


def test_no_lead_of_the_example_can_be_told_apart_from_how_it_was_sequenced(
    example: Made,
) -> None:
    said = "cannot be told apart from batch, sequencing_site, tissue"
    assert f"combined: 5 {said}; primary: 4 {said}; replication: 6 {said}" in example.printed


@pytest.mark.parametrize("what", ["lead", "declared"])
@pytest.mark.parametrize("contrast", ["primary", "replication", "combined"])
def test_summary_gives_each_contrast_its_variants_with_counts_effect_and_both_p(
    told: str, contrast: str, what: str
) -> None:
    (block,) = [b for b in told.split("\n\n") if b.startswith(f"Contrast {contrast}, ")]
    n_tested = {"primary": 22157, "replication": 22265, "combined": 22451}[contrast]
    assert f"{n_tested} variants tested" in block.splitlines()[0]
    number, p_value = r"\d+\.\d\d", r"\d\.\d\de[-+]\d\d"
    said = re.search(
        rf"  {what} +chr\d+-\d+-[ACGT]+-[ACGT]+, \S.*; genotypes 0/1/2: "
        r"cases (\d+)/(\d+)/(\d+), controls (\d+)/(\d+)/(\d+)\n"
        rf"    additive   OR {number} \({number} to {number}\), Firth LRT p {p_value} "
        rf"\(below 5e-8: no\), exact p {p_value} \(exact_conditional_trend\), fit \w+",
        block,
    )
    assert said is not None, block
    n_control = {"primary": 103, "replication": 140, "combined": 243}[contrast]
    counts = [int(n) for n in said.groups()]
    assert sum(counts[:3]) == 22
    assert sum(counts[3:]) == n_control


def test_summary_gives_the_planted_effect_under_every_model(told: str) -> None:
    declared = told.partition("Contrast combined")[2].partition("declared chr4-57110321-G-A")[2]
    models = [line.split()[:3] for line in declared.splitlines()[1:4]]
    assert [words[0] for words in models] == ["additive", "dominant", "recessive"]
    assert models[1][2] == "6.58", "the README of the example says 6.6"


def test_summary_gives_the_planted_hazard_ratio_with_events_and_n(told: str) -> None:
    assert "Recovery by carrier status of IGFBP7 (chr4-57110321-G-A), bedlack2016_large" in told
    assert re.search(r"hazard ratio      3\.43 \(1\.71 to 6\.87\) \(above 1: faster recovery", told)
    assert "45 recoveries (32 in carriers) among 259 (96 carriers)" in told
    assert "cases were chosen because they recovered" in told


def test_summary_says_simulated_and_what_the_cohort_cannot_tell(told: str) -> None:
    assert told.startswith("Study reversal-study (SIMULATED DATA)\n")
    cannot = told.partition("What this cohort cannot tell\n")[2]
    assert "primary, at p < 5e-08: not even an odds ratio of a million at IGFBP7 would be" in cannot
    assert re.search(r"combined, at p < 0\.05: only odds ratios above \d", cannot)
    assert "do not replicate one another" in cannot


@pytest.mark.parametrize("here", ["above", "in it", "elsewhere"])
def test_summary_ends_with_paths_that_can_be_opened_from_here(
    example: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: str
) -> None:
    root = example.folder.root
    monkeypatch.chdir({"above": root.parent, "in it": root, "elsewhere": tmp_path}[here])
    folder = {"above": f"{root.name}/", "in it": "", "elsewhere": f"{root}/"}[here]
    shown = [line.split("  ") for line in summary(example.folder).splitlines()[-2:]]
    assert shown == [
        ["DuckDB", f"{folder}results/alsrev.duckdb"],
        ["Report", f"{folder}results/report.html"],
    ]
    assert all(Path(path).is_file() for _, path in shown)


def test_second_run_makes_nothing_says_so_and_records_no_run(example: Made) -> None:
    before = run_ids(example.folder)
    again = run_here(example.folder)
    assert not again.made
    first, *warnings = again.printed.splitlines()
    assert first == NOTHING
    assert warnings == example.printed.splitlines()[1:]
    assert len(warnings) >= 2
    assert run_ids(example.folder) == before


def test_dagster_shows_the_rows_of_every_table(
    example: Made, metadata: dict[str, dict[str, dg.MetadataValue]]
) -> None:
    lake = OpenStudy(example.folder).lake
    for name in sorted(set(metadata) - {"warehouse", "report"}):
        assert metadata[name]["dagster/row_count"].value == len(lake.frame(name)), name
    assert metadata["warehouse"]["n_table"].value == 74


def test_dagster_shows_the_counts_of_each_chromosome(example: Made) -> None:
    lake = OpenStudy(example.folder).lake
    with dg.DagsterInstance.from_config(str(example.folder.dagster_home)) as instance:
        events = instance.fetch_materializations(dg.AssetKey(["raw", "genotype"]), limit=25).records
    shown = {e.partition_key: e.asset_materialization.metadata for e in events}
    assert set(shown) == set(CHROMOSOMES)
    for chrom, told in shown.items():
        receipt = lake.receipt("raw.genotype", chrom)
        assert told["dagster/partition_row_count"].value == receipt.n_row, chrom
        assert told["dagster/row_count"].value == 22_508, chrom
    assert sum(told["n_record"].value for told in shown.values() if "n_record" in told) == 22_508


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("core.variant_qc", "filter_reason"),
        ("core.sample_qc", "filter_reason"),
        ("core.analysis_set", "exclusion_reason"),
        ("core.outcome", "exclusion_reason"),
    ],
)
def test_dagster_shows_what_is_left_out_by_reason(
    example: Made, metadata: dict[str, dict[str, dg.MetadataValue]], name: str, reason: str
) -> None:
    expected = OpenStudy(example.folder).lake.frame(name)[reason].value_counts().to_dict()
    assert metadata[name]["left_out"].value == expected


@pytest.mark.parametrize("name", PICTURES)
def test_dagster_shows_a_small_picture(
    name: str, metadata: dict[str, dict[str, dg.MetadataValue]]
) -> None:
    markdown = str(metadata[name]["picture"].value)
    found = re.fullmatch(r"!\[[^\]]+\]\(data:image/png;base64,([A-Za-z0-9+/=]+)\)\s*", markdown)
    assert found, f"{name}: no picture in {markdown[:80]}"
    assert base64.b64decode(found[1]).startswith(b"\x89PNG\r\n")
    assert len(markdown) < LARGEST_PICTURE


def identifiers(root: Path) -> list[str]:
    """Every sample_id and participant_id of a study."""
    lines = (root / "samples.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    return sorted({row[key] for row in rows for key in ("sample_id", "participant_id")})


def named_in(text: str, names: list[str]) -> set[str]:
    """Which names stand in a text as words, pictures left out."""
    words = set(re.findall(r"[A-Za-z0-9_-]+", re.sub(r"base64,[A-Za-z0-9+/=\\n]+", "", text)))
    return words & set(names)


def test_dagster_keeps_no_identifier(example: Made) -> None:
    names, texts = identifiers(example.folder.root), dagster_texts(example.folder)
    assert len(names) == 2 * 265
    events = "".join(text for path, text in texts.items() if path.startswith("history/runs/"))
    assert "AssetMaterializationPlannedEvent" in events or "ASSET_MATERIALIZATION" in events
    assert "case_status_is_not_a_technical_factor" in events
    assert {path: found for path, text in texts.items() if (found := named_in(text, names))} == {}


def test_search_for_identifiers_finds_one_that_is_there() -> None:
    assert named_in('{"description": "sample HG00096 is odd"}', ["HG00096"]) == {"HG00096"}


def test_what_people_are_shown_has_no_identifier(example: Made, told: str) -> None:
    names = identifiers(example.folder.root)
    page = example.folder.report.read_text(encoding="utf-8")
    assert named_in(page, names) == set()
    assert named_in(told + example.printed, names) == set()


def test_report_is_self_contained_and_says_simulated(example: Made) -> None:
    page = example.folder.report.read_text(encoding="utf-8")
    assert "simulated" in page.lower()
    assert page.count("<svg") > 10
    outside = re.findall(r"(?:src|href)=[\"'](?!#|data:)([^\"']+)", page)
    assert outside == []


def test_state_is_private(example: Made) -> None:
    made = [example.folder.state, example.folder.results]
    everything = [*made, *(path for folder in made for path in folder.rglob("*"))]
    folders = {oct(p.stat().st_mode & 0o777) for p in everything if p.is_dir()}
    files = {oct(p.stat().st_mode & 0o777) for p in everything if p.is_file()}
    assert len(everything) > 300
    assert folders == {"0o700"}
    assert files == {"0o600"}


def assert_same_again(made: Made, folder: StudyFolder) -> None:
    """Run a study's input files in another folder, and compare every byte."""
    again = run_here(copy_inputs(made.folder.root, folder.root))
    assert again.made
    assert again.printed == made.printed
    assert parquet_bytes(folder) == parquet_bytes(made.folder)
    assert len(parquet_bytes(folder)) > 60
    assert sha256_of(folder.report) == sha256_of(made.folder.report)
    answers = [summary(one).partition("DuckDB  ")[0] for one in (folder, made.folder)]
    assert answers[0] == answers[1]


def test_same_files_give_the_same_bytes_again(made_tiny: Made, tmp_path: Path) -> None:
    assert_same_again(made_tiny, StudyFolder(tmp_path / made_tiny.folder.root.name))


@pytest.mark.long
def test_the_example_gives_the_same_bytes_again(example: Made, tmp_path: Path) -> None:
    assert_same_again(example, StudyFolder(tmp_path / example.folder.root.name))


def test_example_in_the_checkout_is_what_is_tested(example: Made) -> None:
    for path in sorted(EXAMPLE.glob("*.csv")):
        assert sha256_of(path) == sha256_of(example.folder.root / path.name)
