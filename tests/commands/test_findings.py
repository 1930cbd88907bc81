"""What a run says of a study that is sound and still cannot be analysed as asked."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from alsrev_dagster.commands.standing import standing
from alsrev_dagster.commands.summary import _detectable, summary
from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import StudyFolder
from assets import quality
from tests.builders import (
    RECORDS,
    SAMPLES,
    VCF,
    participants_text,
    samples_text,
    vcf_text,
    write_study,
)
from tests.graph.at_work import NOTHING, run_here

X_SITES = range(5_000_000, 5_000_060)


def without_onset() -> str:
    header, *rows = participants_text().splitlines()
    place = header.split(",").index("onset_day")
    cells = [row.split(",") for row in rows]
    return "\n".join([header, *(",".join([*c[:place], "", *c[place + 1 :]]) for c in cells)]) + "\n"


def x_records(calls: Iterable[str]) -> list[str]:
    return [f"chrX {pos} . A G {' '.join(calls)}" for pos in X_SITES]


def test_a_run_says_what_it_could_not_do_and_why(tmp_path: Path) -> None:
    loci = {
        "ELSEWHERE": {"gene": "IGFBP7", "lead": "chr4-57110322-G-A"},
        "UNCALLED": {"gene": "IGFBP7", "lead": "chr4-57140000-T-TA"},
    }
    folder = write_study(tmp_path, loci=loci, files={"participants.csv": without_onset()})
    printed = run_here(folder).printed
    assert (
        "2 of 2 declared variants were not tested (expected 0); ELSEWHERE: chr4-57110322-G-A is in "
        "no genotype file, by that position, REF and ALT; UNCALLED: chr4-57140000-T-TA is left "
        "out: call_rate below 0.95"
    ) in printed
    assert "no_two_samples_are_one_genome: 3 pruned SNVs in 2 stretches of 1 Mb" in printed
    assert "(expected 100 or more): no pair was judged" in printed
    assert (
        "most_participants_are_at_risk: 8 of 8 participants are not at risk of recovery (expected "
        "at most 10%): 8 origin day unknown"
    ) in printed


@pytest.fixture(scope="module")
def undeclared(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A study that declares a variant with its alleles swapped, and none that its files have."""
    loci = {"IGFBP7": {"gene": "IGFBP7", "lead": "chr4-57110321-A-G"}}
    folder = write_study(tmp_path_factory.mktemp("undeclared"), loci=loci)
    return run_here(folder, "warehouse").folder


def test_alleles_of_a_declared_variant_that_stand_swapped_in_a_file_are_told(
    undeclared: StudyFolder,
) -> None:
    told = standing(OpenStudy(undeclared).lake).warned
    assert told["result.lead_variant declared_loci_are_tested"] == (
        "1 of 1 declared variants were not tested (expected 0); IGFBP7: chr4-57110321-A-G is in no "
        "genotype file, by that position, REF and ALT; chr4-57110321-G-A, its alleles swapped, is"
    )


def test_the_answer_is_of_the_leads_that_were_found_where_no_declared_one_was_tested(
    undeclared: StudyFolder,
) -> None:
    told = summary(undeclared)
    assert (
        "\n\nDeclared loci: 1 of 1 declared variants were not tested (expected 0); IGFBP7: " in told
    )
    assert "Recovery by carrier status of chr4-57110321-G-A (chr4-57110321-G-A)" in told
    assert "no model" not in told
    assert re.search(r"primary, at p < 0\.05: .* chr4-57110321-G-A.* \(4 cases, 4 controls", told)


def test_an_empty_side_of_a_contrast_is_told_with_its_reasons(tmp_path: Path) -> None:
    records = [re.sub(r"( [01]/[01]| \./\.){4}", " ./." * 4, record, count=1) for record in RECORDS]
    study = write_study(
        tmp_path,
        files={VCF: vcf_text(records)},
        quality={"variant_call_rate_min": 0.2},
        exclude=[{"samples": [SAMPLES[0]], "reason": "withdrew: see letter"}],
    )
    told = r"contrasts_have_both_sides: 1 of 2 sides of contrasts are empty .*; primary: 4 cases left out \(3 call_rate below 0.95, 1 excluded\)"
    with pytest.raises(AlsrevError, match=told):
        run_here(study, "result.association")


def with_ancestry(*ancestry: str) -> str:
    header, *rows = participants_text().splitlines()
    pairs = zip(rows, ancestry, strict=True)
    return "\n".join([header, *(row.replace(",EUR,", f",{name},") for row, name in pairs)]) + "\n"


BY_ANCESTRY = {"primary": {"cases": ["StAR"], "controls": ["PGB"], "strata": ["ancestry"]}}


def test_a_contrast_whose_sides_share_no_stratum_stops_the_run(tmp_path: Path) -> None:
    people = with_ancestry(*["EUR"] * 4, *["AFR"] * 4)
    study = write_study(tmp_path, files={"participants.csv": people}, contrasts=BY_ANCESTRY)
    told = r"contrasts_have_a_stratum_with_both_sides: 1 of 1 contrasts have no stratum .*; primary: 4 cases and 4 controls share none of 2 strata"
    with pytest.raises(AlsrevError, match=told):
        run_here(study, "result.association")


def test_samples_of_a_stratum_without_the_other_side_are_counted_and_in_no_n(
    tmp_path: Path,
) -> None:
    people = with_ancestry("AFR", *["EUR"] * 5, "SAS", "EUR")
    study = write_study(tmp_path, files={"participants.csv": people}, contrasts=BY_ANCESTRY)
    made = run_here(study, "result.detectable_effect")
    assert (
        "every_stratum_has_both_sides: 2 of 8 samples are in a stratum without the other side, and "
        "in no test (expected 0); primary: 1 cases and 1 controls"
    ) in made.printed
    effect = OpenStudy(made.folder).lake.frame("result.detectable_effect")
    assert set(zip(effect["n_case"], effect["n_control"], strict=True)) == {(3, 3)}


def two_callsets() -> dict[str, str]:
    """A, B, E and F called apart from C, D, G and H; the third variant is of the first alone."""
    first, second = [[SAMPLES[i] for i in places] for places in ((0, 1, 4, 5), (2, 3, 6, 7))]
    sites = ["chr4 57110321 rs1 G A 0/1 0/1 0/0 0/0", "chr4 90000000 . G C 0/0 0/1 0/0 0/1"]
    private = "chr4 57120000 . C T 0/1 0/1 0/0 0/0"
    rows = []
    for i, row in enumerate(samples_text().splitlines()[1:]):
        is_first = SAMPLES[i] in first
        cohort = ("StAR" if i < 4 else "PGB") + ("" if is_first else "2")
        row = row.replace(",joint,", ",one," if is_first else ",two,")
        rows.append(re.sub(",(StAR|PGB),", f",{cohort},", row))
    return {
        VCF: None,
        "genotypes/one.vcf": vcf_text([sites[0], private, sites[1]], first),
        "genotypes/two.vcf": vcf_text(sites, second),
        "samples.csv": "\n".join([samples_text().splitlines()[0], *rows]) + "\n",
    }


def test_a_variant_of_one_callset_is_tested_within_it_and_said_to_be_missing_across(
    tmp_path: Path,
) -> None:
    contrasts = {
        "within": {"cases": ["StAR"], "controls": ["PGB"]},
        "across": {"cases": ["StAR"], "controls": ["PGB2"]},
    }
    callsets = {name: {"files": f"genotypes/{name}.vcf"} for name in ("one", "two")}
    study = write_study(
        tmp_path,
        files=two_callsets(),
        contrasts=contrasts,
        callsets=callsets,
        unused_cohorts=["StAR2"],
        loci={},
        audit={"acknowledged": {"across": {"callset": "called apart on purpose"}}},
    )
    lake = OpenStudy(run_here(study, "result.lead_variant").folder).lake
    assert lake.frame("core.variant_qc")["filter_reason"].isna().all()
    assert lake.frame("core.sample_qc")["call_rate"].tolist() == [1.0] * 8
    rows = lake.frame("result.association").query("variant_id == 'chr4-57120000-C-T'")
    status = rows[rows["genetic_model"] == "dominant"].set_index("contrast")["fit_status"]
    assert status.to_dict() == {"within": "separated", "across": "one_side_missing"}
    leads = lake.frame("result.lead_variant").groupby("contrast")["n_variant_tested"].max()
    assert leads.to_dict() == {"within": 3, "across": 2}


def test_nothing_leads_where_nothing_varies(tmp_path: Path) -> None:
    files = {VCF: vcf_text([f"chr4 57110321 rs1 G A{' 0/1' * 8}"])}
    made = run_here(write_study(tmp_path, files=files, loci={}, quality={"hwe_p_min": 0.0}))
    assert made.made
    assert OpenStudy(made.folder).lake.frame("result.lead_variant").empty
    page = made.folder.report.read_text(encoding="utf-8")
    assert "No variant leads: 1 variants passed quality" in page


def test_a_study_of_chromosome_x_alone_runs_and_says_that_nothing_was_tested(
    tmp_path: Path,
) -> None:
    files = {VCF: vcf_text(x_records(["1", "0/1"] * 4))}
    made = run_here(write_study(tmp_path, files=files, loci={}))
    assert made.made
    page = " ".join(made.folder.report.read_text(encoding="utf-8").split())
    said = "No variant was tested (60: chrX, chrY and chrM are not tested: ploidy differs by sex)."
    assert f'<h3>Contrast: primary</h3> <p class="answer">{said}</p>' in page
    assert run_here(made.folder).printed.strip().startswith(NOTHING)


def test_a_variant_that_no_control_carries_has_no_odds_ratio_but_could_be_seen(
    tmp_path: Path,
) -> None:
    case_only = "chr4 57110321 rs1 G A 0/1 0/1 1/1 0/1 0/0 0/0 0/0 0/0"
    folder = write_study(tmp_path, files={VCF: vcf_text([case_only, *RECORDS[1:]])})
    run_here(folder)
    told = summary(folder)
    begins = "at p < {}: no control carries IGFBP7, so no odds ratio has a baseline; "
    assert (
        begins.format("0.05") + "4 or more carriers among cases would be seen "
        "(4 cases, 4 controls, fisher_exact, dominant)"
    ) in told
    assert begins.format("5e-08") + "not even all cases would be seen (4 cases" in told
    page = " ".join(folder.report.read_text(encoding="utf-8").split())
    assert "(no baseline: no control carries it)</td> <td" in page


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("ok", "only odds ratios above 46.0 at IGFBP7 would be seen with 80% power"),
        (
            "unreachable",
            "not even an odds ratio of a million at IGFBP7 would be seen with 80% power",
        ),
        (
            "no_control_carrier",
            "no control carries IGFBP7, so no odds ratio has a baseline; 7 or more carriers "
            "among cases would be seen",
        ),
        ("every_control_carries", "every control carries IGFBP7: cases cannot be so more often"),
        ("no_calls", "a side has no call at IGFBP7"),
    ],
)
def test_each_status_of_a_detectable_effect_is_told_apart(status: str, expected: str) -> None:
    row = {
        "locus": "IGFBP7",
        "genetic_model": "dominant",
        "detectable_status": status,
        "minimum_detectable_odds_ratio": 46.04 if status == "ok" else None,
        "minimum_case_carriers": 7,
        "power": 0.8,
    }
    assert _detectable(row) == expected
    recessive = _detectable({**row, "genetic_model": "recessive"})
    assert recessive == expected.replace("carries IGFBP7", "is homozygous at IGFBP7").replace(
        "more carriers", "more homozygotes"
    )


def test_another_sex_is_told_by_line_until_the_sample_is_left_out(tmp_path: Path) -> None:
    calls = ["1", "0/1"] * 4  # males and females as the table of samples has them
    swapped = ["0/1", *calls[1:]]
    files = {VCF: vcf_text([*RECORDS, *x_records(swapped)])}
    study = write_study(tmp_path, files=files)
    with pytest.raises(
        AlsrevError, match=r"sex_agrees: 1 of 8 .*: samples.csv, line 2; mend"
    ) as said:
        run_here(study, "result.association")
    stopped, _, warned = str(said.value).partition("\nwarnings, which stop nothing:\n")
    assert len(re.findall("^  - ", stopped, re.MULTILINE)) == 1
    assert "  - core.sample_qc sex_agrees: 1 of 8 " in stopped
    assert "  - raw.genotype indels_are_left_aligned: 1 of 1 indels are trimmed only" in warned
    assert not [name for name in SAMPLES if name in str(said.value)]
    found = standing(OpenStudy(study).lake)
    assert list(found.failed) == ["core.sample_qc sex_agrees"]
    assert "raw.genotype indels_are_left_aligned" in found.warned
    left_out = [{"samples": [SAMPLES[0]], "reason": "another sex"}]
    mended = write_study(tmp_path, files=files, exclude=left_out)
    assert run_here(mended, "result.association").made


def test_sex_of_the_participant_is_the_samples_where_it_has_none(tmp_path: Path) -> None:
    swapped = ["0/1", *(["1", "0/1"] * 4)[1:]]
    samples = samples_text().replace(",male,", ",,").replace(",female,", ",,")
    files = {VCF: vcf_text([*RECORDS, *x_records(swapped)]), "samples.csv": samples}
    with pytest.raises(AlsrevError, match=r"sex_agrees: 1 of 8 .*: samples.csv, line 2; mend"):
        run_here(write_study(tmp_path, files=files), "core.sample_qc")


def test_a_check_of_sex_without_a_sex_to_compare_says_so(tiny: StudyFolder) -> None:
    found = quality.sex_agrees.judge(OpenStudy(tiny))
    assert found.passed
    assert found.description == (
        "no sample could be judged: of 8 samples 8 have a sex in the tables and chrX or chrY tells "
        "the sex of 0 (they need 50 polymorphic and 20 variants outside the PARs)"
    )
