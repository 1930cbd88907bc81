"""The inspector looks once, looks again when the file changes, and keeps nothing of a bad file."""

import os
from pathlib import Path
from typing import Any

import pytest

from alsrev_dagster.ingest import inspection
from alsrev_dagster.ingest.inspection import Inspector, folder_mark
from alsrev_dagster.ingest.tables import sound
from tests.builders import VCF, write_study


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Paths that were really inspected."""
    paths: list[Path] = []
    inspect = inspection.inspect

    def counted(path: Path, **settings: Any) -> object:
        paths.append(path)
        return inspect(path, **settings)

    monkeypatch.setattr(inspection, "inspect", counted)
    return paths


def test_a_file_is_looked_into_once_until_it_changes(tmp_path: Path, seen: list[Path]) -> None:
    folder = write_study(tmp_path)
    vcf = folder.root / VCF
    first = Inspector(tmp_path / "kept").look(vcf)
    again = Inspector(tmp_path / "kept").look(vcf)
    assert first == again
    assert len(seen) == 1
    stat = vcf.stat()
    vcf.write_text(vcf.read_text() + "\n".join([]))
    os.utime(vcf, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # the change time tells all the same
    Inspector(tmp_path / "kept").look(vcf)
    assert len(seen) == 2


def test_a_bad_file_is_looked_into_every_time(tmp_path: Path, seen: list[Path]) -> None:
    folder = write_study(tmp_path)
    vcf = folder.root / VCF
    vcf.write_text("not a VCF\n")
    for _ in range(2):
        file, problems = Inspector(tmp_path / "kept")(vcf)
        assert file is None
        assert problems
    assert len(seen) == 2


def test_what_is_kept_is_private(tmp_path: Path) -> None:
    folder = write_study(tmp_path)
    Inspector(tmp_path / "kept").look(folder.root / VCF)
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "kept").iterdir()} == {0o600}


def test_the_folder_mark_changes_with_an_input_and_not_with_results(tmp_path: Path) -> None:
    folder = write_study(tmp_path)
    before = folder_mark(folder)
    folder.results.mkdir()
    (folder.results / "report.html").write_text("page")
    assert folder_mark(folder) == before
    (folder.root / "visits.csv").write_text("changed")
    assert folder_mark(folder) != before


def test_a_study_that_may_only_be_read_is_looked_into_every_time(
    tmp_path: Path, seen: list[Path]
) -> None:
    vcf = write_study(tmp_path / "study").root / VCF
    (tmp_path / "closed").write_text("in the way of a folder\n", encoding="utf-8")
    for _ in range(2):
        assert Inspector(tmp_path / "closed" / "kept").look(vcf).file is not None
    assert len(seen) == 2


def test_a_file_that_left_the_study_is_forgotten_with_its_samples(tmp_path: Path) -> None:
    folder = write_study(tmp_path / "study")
    inspector = Inspector(folder.state / "inspection")
    sound(folder, inspector)
    (kept,) = (folder.state / "inspection").iterdir()
    (folder.root / VCF).rename((folder.root / VCF).with_name("joint.renamed.vcf"))
    sound(folder, inspector)
    (other,) = (folder.state / "inspection").iterdir()
    assert other != kept
