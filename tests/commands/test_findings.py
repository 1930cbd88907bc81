"""What a run says of a study that is sound and still cannot be analysed as asked."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from alsrev_dagster.commands.summary import _detectable, summary
from alsrev_dagster.errors import AlsrevError
from tests.builders import RECORDS, SAMPLES, VCF, participants_text, vcf_text, write_study
from tests.graph.at_work import run_here

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
    assert "no_two_samples_are_one_genome: 4 common SNVs in 2 stretches of 1 Mb" in printed
    assert "(expected 100 or more): no pair was judged" in printed
    assert (
        "most_participants_are_at_risk: 8 of 8 participants are not at risk of recovery (expected "
        "at most 10%): 8 origin day unknown"
    ) in printed


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
        run_here(study)


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
        "(4 cases, 4 controls, fisher_exact)"
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
        ("every_control_carries", "every control carries IGFBP7: cases cannot carry it more often"),
        ("no_calls", "a side has no call at IGFBP7"),
    ],
)
def test_each_status_of_a_detectable_effect_is_told_apart(status: str, expected: str) -> None:
    row = {
        "locus": "IGFBP7",
        "detectable_status": status,
        "minimum_detectable_odds_ratio": 46.04 if status == "ok" else None,
        "minimum_case_carriers": 7,
        "power": 0.8,
    }
    assert _detectable(row) == expected


def test_another_sex_is_told_by_line_until_the_sample_is_left_out(tmp_path: Path) -> None:
    calls = ["1", "0/1"] * 4  # males and females as the table of samples has them
    swapped = ["0/1", *calls[1:]]
    files = {VCF: vcf_text([*RECORDS, *x_records(swapped)])}
    study = write_study(tmp_path, files=files)
    with pytest.raises(
        AlsrevError, match=r"sex_agrees: 1 of 8 .*: samples.csv, line 2; mend"
    ) as said:
        run_here(study)
    assert not [name for name in SAMPLES if name in str(said.value)]
    left_out = [{"samples": [SAMPLES[0]], "reason": "another sex"}]
    assert run_here(write_study(tmp_path, files=files, exclude=left_out)).made
