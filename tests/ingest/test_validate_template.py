"""The files of a new study fit the readers that will read them."""

from pathlib import Path

from pydantic import BaseModel

from alsrev_dagster.ingest.study_file import read_study
from alsrev_dagster.ingest.template import csv_templates, study_template
from alsrev_dagster.ingest.validate import validate
from alsrev_dagster.study import (
    Association,
    Audit,
    Checks,
    Quality,
    RecoveryDefinition,
    Study,
    Survival,
)
from tests.builders import samples_text, vcf_text, write_study


def test_the_template_is_a_study_with_every_default(tmp_path: Path) -> None:
    study = read_study(write_study(tmp_path, files={"study.yaml": study_template()}))
    assert study.quality == Quality()
    assert study.association == Association()
    assert study.audit == Audit()
    assert study.survival == Survival()
    assert study.checks == Checks()
    assert not study.exclude
    assert not study.missing_codes
    assert study.recovery.definition.name == "bedlack2016_large"


def test_every_key_stands_in_the_template_below_its_meaning() -> None:
    text = study_template()
    words = " ".join(line.lstrip("# ").strip() for line in text.splitlines())
    models: list[type[BaseModel]] = [
        Study,
        Quality,
        Association,
        Audit,
        Survival,
        Checks,
        RecoveryDefinition,
    ]
    for model in models:
        for name, field in model.model_fields.items():
            assert f"{name}:" in text
            assert str(field.description) in words


def test_the_commented_examples_are_valid_too(tmp_path: Path) -> None:
    text = study_template().replace("exclude: []\n# for example:\n# exclude", "exclude")
    text = text.replace("missing_codes: []\n# for example:\n# missing_codes", "missing_codes")
    text = text.replace("ignored_columns: []\n# for example:\n# ignored", "ignored")
    text = text.replace("preset: bedlack2016_large", "preset: null").replace("  custom: null\n", "")
    text = text.replace("  # custom:\n", "  custom:\n").replace("  #   ", "    ")
    study = read_study(write_study(tmp_path, files={"study.yaml": text}))
    assert study.exclude[0].reason == "sequenced again"
    assert study.ignored_columns == ("height_cm",)
    assert study.recovery.definition.name == "my_definition"


def test_a_study_made_of_the_templates_lacks_only_its_data(tmp_path: Path) -> None:
    files = {"study.yaml": study_template(), **csv_templates()}
    found = validate(write_study(tmp_path, files=files))
    assert found.study is not None
    assert {p.found for p in found.problems if p.where.endswith(".csv")} == {"no rows"}


def test_filled_templates_are_a_sound_study(tmp_path: Path) -> None:
    text = study_template().replace("*.vcf.gz", "*.vcf")
    samples = samples_text().replace("StAR", "reversal").replace("PGB", "typical")
    files = {"study.yaml": text, "samples.csv": samples, "genotypes/joint.chr4.vcf": vcf_text()}
    assert validate(write_study(tmp_path, files=files)).problems == ()
