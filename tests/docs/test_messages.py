"""The messages that docs/run-your-own-study.md quotes are those that validate gives."""

from pathlib import Path
from typing import Any

import pytest

from alsrev_dagster.ingest.validate import validate
from tests.builders import VCF, samples_text, vcf_text, write_study

PAGE = Path(__file__).parents[2] / "docs" / "run-your-own-study.md"
MISTAKES: dict[str, dict[str, Any]] = {
    "a key misspelled": {"replace": {"study.yaml": [("contrasts:", "contrast:")]}},
    "the other build": {"genome_build": "GRCh37", "loci": {}},
    "a path outside": {"callsets": {"joint": {"files": "/data/joint.vcf.gz"}}},
    "a stranger": {"replace": {"samples.csv": [("personA", "personZ")]}},
    "a cohort misspelled": {"replace": {"samples.csv": [("joint,StAR", "joint,star")]}},
    "a total": {"replace": {"visits.csv": [(",42\n", ",41\n")]}},
    "a code": {"replace": {"participants.csv": [("-400,-100,0,", "-400,-100,-9999,")]}},
    "a date": {"replace": {"visits.csv": [("personA,90,", "personA,2021-03-04,")]}},
    "a sample without a row": {
        "files": {"samples.csv": "\n".join(samples_text().splitlines()[:-1]) + "\n"}
    },
    "simulated": {"files": {VCF: vcf_text(meta="##fileformat=VCFv4.2\n##source=simulated\n")}},
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_quoted_message_is_the_real_one(tmp_path: Path, name: str) -> None:
    page = " ".join(PAGE.read_text(encoding="utf-8").split())
    problems = validate(write_study(tmp_path, **MISTAKES[name])).problems
    assert problems
    for problem in problems:
        assert str(problem) in page
