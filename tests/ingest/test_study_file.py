"""What read_study says of a study.yaml that is not right."""

import re
from pathlib import Path

import pytest

from alsrev_dagster.errors import StudyError
from alsrev_dagster.ingest.study_file import read_study
from alsrev_dagster.study import Study, StudyFolder
from tests.builders import study_text, write_study

NAME_RULE = "a name of letters, digits, _ and -"

# text of study.yaml that is replaced, what replaces it, what is said
CHANGED = {
    "value outside its literals": (
        "genome_build: GRCh38", "genome_build: hg38",
        r"line 2, key genome_build: found 'hg38'; expected 'GRCh37' or 'GRCh38'",
    ),
    "unknown key": (
        "loci:", "locii:",
        r"line 16, key locii: found the unknown key locii; expected one of study, .*did you mean loci\?",
    ),
    "unknown key inside": (
        "cases:", "case:", r"line 12, key contrasts.primary.case: .*did you mean cases\?",
    ),
    "missing key": (
        "samples: samples.csv\n", "",
        r"line 1: found no key samples; expected the key samples; add 'samples: ...'",
    ),
    "missing key inside": (
        "    cases:\n    - StAR\n", "",
        r"line 11, key contrasts.primary: found no key cases",
    ),
    "text for a list": (
        "cases:\n    - StAR", "cases: StAR",
        r"line 12, key contrasts.primary.cases: found 'StAR'; expected a list; put square brackets",
    ),
    "empty list": (
        "cases:\n    - StAR", "cases: []",
        r"line 12, key contrasts.primary.cases: found nothing; expected at least 1",
    ),
    "bad name": ("study: tiny", "study: a b", rf"line 1, key study: found 'a b'; expected {NAME_RULE}"),
    "name that YAML reads as false": (
        "  joint:", "  NO:", r"line 4, key callsets.NO: .* expected a name that YAML reads as text",
    ),
    "path as a number": (
        "samples: samples.csv", "samples: 7", r"line 6, key samples: found 7; expected text; put it in",
    ),
    "files neither text nor list": (
        "genotypes/joint.*.vcf", "3",
        r"line 5, key callsets.joint.files: found 3; expected text, or a list of texts; write a path",
    ),
    "cohort on both sides": (
        "- PGB", "- StAR",
        r"line 11, key contrasts.primary: found cohort StAR is among both cases and controls",
    ),
    "malformed lead": (
        "chr4-57110321-G-A", "4:57110321",
        r"line 19, key loci.IGFBP7.lead: found '4:57110321'; expected chrom-pos-ref-alt",
    ),
    "empty section": (
        "contrasts:\n", "quality:\ncontrasts:\n",
        r"line 10, key quality: found nothing; expected keys with values",
    ),
    "duplicate key": (
        "samples:", "participants: other.csv\nsamples:",
        r"line 8, key participants: found a key that line 6 has given already; expected each key once",
    ),
    "duplicate key inside": (
        "    controls:", "    cases: [x]\n    controls:",
        r"line 14, key contrasts.primary.cases: found a key that line 12 has given already",
    ),
    "tab": ("loci:\n", "loci:\n\t", r"line 17, column 1: found text that is not YAML \(found character '\\t'"),
    "open bracket": ("- StAR", "- [StAR", r"line 14, column \d+: found text that is not YAML"),
    "object of Python": (
        "study: tiny", "study: !!python/name:os.system", r"line 1, column 8: found text that is not YAML",
    ),
    "control character": ("tiny", "ti\x07ny", r"line 1, column 10: .*a control character"),
}  # fmt: skip

# a setting, what is said
SET: dict[str, tuple[dict[str, object], str]] = {
    "code as a number": (
        {"missing_codes": [-9999]},
        r"line \d+, key missing_codes\[0\]: found -9999; expected text; put it in quotes",
    ),
    "threshold above 1": (
        {"quality": {"variant_call_rate_min": 95}},
        r"key quality.variant_call_rate_min: found 95; expected a number of at most 1",
    ),
    "threshold not a number": (
        {"quality": {"hwe_p_min": "low"}}, r"key quality.hwe_p_min: found 'low'; expected a number;"
    ),
    "fraction of a bp": (
        {"association": {"clump_bp": 1.5}}, r"key association.clump_bp: found 1.5; expected a whole number"
    ),
    "no definition": ({"recovery": {}}, r"key recovery: found give either preset or custom"),
    "simulated": ({"simulated": "perhaps"}, r"key simulated: found 'perhaps'; expected true or false"),
    "number as a key": ({"7": 1, "study": "tiny"}, r"key 7: found the unknown key 7"),
    "excluded without reason": (
        {"exclude": [{"samples": ["vialA"]}]}, r"key exclude\[0\]: found no key reason"
    ),
    "excluded as bare names": (
        {"exclude": ["vialA"]}, r"key exclude\[0\]: found text; expected keys with values"
    ),
    "excluded by key": (
        {"exclude": [{"vialA": "withdrew", "samples": [], "reason": "none"}]},
        r"key exclude\[0\]: found an unknown key; expected one of samples, reason;",
    ),
    "excluded number": (
        {"exclude": [{"samples": [1001], "reason": "withdrew"}]},
        r"key exclude\[0\].samples\[0\]: found something other than text; expected text; put it in",
    ),
}  # fmt: skip


def told(folder: Path, text: str | bytes) -> str:
    """Return what is said of a study.yaml that must have problems."""
    (folder / "study.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(StudyError) as caught:
        read_study(StudyFolder(folder))
    said = str(caught.value)
    assert "vialA" not in said
    assert "1001" not in said
    return said


def test_the_tiny_study_is_read(tmp_path: Path) -> None:
    study = read_study(write_study(tmp_path))
    assert isinstance(study, Study)
    assert study.callsets["joint"].patterns == ("genotypes/joint.*.vcf",)


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_line_is_told_with_its_number_and_key(tmp_path: Path, name: str) -> None:
    old, new, expected = CHANGED[name]
    assert old in study_text()
    assert re.search(expected, told(tmp_path, study_text().replace(old, new, 1)))


@pytest.mark.parametrize("name", SET)
def test_a_wrong_setting_is_told_with_its_key(tmp_path: Path, name: str) -> None:
    settings, expected = SET[name]
    assert re.search(expected, told(tmp_path, study_text(**settings)))


def test_a_key_that_is_a_number_is_told(tmp_path: Path) -> None:
    assert "key 7: found 7; expected a key that is text" in told(tmp_path, study_text() + "7: 1\n")


def test_a_wrong_item_is_told_once_and_not_as_an_empty_list_too(tmp_path: Path) -> None:
    said = told(tmp_path, study_text().replace("- PGB", "- ' PGB'"))
    assert said.startswith("1 problem(s)")
    assert "key contrasts.primary.controls[0]: found ' PGB'; expected printable text of at" in said
    assert "no blank at either end, and not every_cohort; rename the cohort here and in the" in said


@pytest.mark.parametrize("name", ["Target ALS", "Köln, Süd", "x" * 64])
def test_a_cohort_may_have_any_printable_name(tmp_path: Path, name: str) -> None:
    contrasts = {"primary": {"cases": ["StAR"], "controls": [name]}}
    study = read_study(write_study(tmp_path, contrasts=contrasts))
    assert study.contrasts["primary"].controls == (name,)


@pytest.mark.parametrize("name", ["", "x" * 65, "a\tb", "a\u200bb"])
def test_a_cohort_name_that_cannot_be_read_back_is_refused(tmp_path: Path, name: str) -> None:
    contrasts = {"primary": {"cases": ["StAR"], "controls": [name]}}
    assert "expected printable text of at most 64" in told(
        tmp_path, study_text(contrasts=contrasts)
    )


def test_a_contrast_still_has_a_name_that_may_stand_in_a_path(tmp_path: Path) -> None:
    contrasts = {"my contrast": {"cases": ["StAR"], "controls": ["PGB"]}}
    assert NAME_RULE in told(tmp_path, study_text(contrasts=contrasts))


def test_several_problems_are_told_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    text = study_text(simulated=3).replace("GRCh38", "hg19").replace("visits:", "visit:")
    assert [
        re.sub(r": found.*", "", line) for line in told(tmp_path, text).splitlines()[1:]
    ] == [
        "  - study.yaml, line 2, key genome_build",
        "  - study.yaml, line 8, key visit",
        "  - study.yaml, line 20, key simulated",
    ]  # fmt: skip


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"study\.yaml: found no such file; .*'alsrev init'"):
        read_study(StudyFolder(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "found no keys; expected keys such as"),
        (b"# only a comment\n", "found no keys"),
        (b"- a\n- b\n", "found something other than keys with values"),
        (b"study: a\nother: \xff\n", "study.yaml, line 2: found a byte that is not UTF-8"),
        (b"a: 1\n---\nb: 2\n", "line 2, column 1: .*a single document"),
        (b"study: *vialA\n", "line 1, column 8: .*undefined alias"),
    ],
)
def test_a_file_that_is_no_study_is_told(tmp_path: Path, text: bytes, expected: str) -> None:
    assert re.search(expected, told(tmp_path, text))


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    text = "\ufeff" + study_text().replace("\n", "\r\n")
    assert read_study(write_study(tmp_path, files={"study.yaml": text})).study == "tiny"
