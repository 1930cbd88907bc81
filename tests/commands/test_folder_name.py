"""Folders of a study whose name somebody else takes for a pattern."""

from pathlib import Path

import pytest

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.study import StudyFolder
from alsrev_dagster.ui.home import prepare_home


@pytest.mark.parametrize("name", ["study [2]", "study*", "which?"])
def test_a_path_that_dagster_would_take_for_a_pattern_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(
        AlsrevError, match=r"found '\[', '\*' or '\?' in the folder's path; .*rename"
    ):
        prepare_home(StudyFolder(tmp_path / name))
    assert not list((tmp_path / name).iterdir())


@pytest.mark.parametrize("name", ["it's a study", 'two "words"', "Köln ÄÖ", "a;b&c $HOME"])
def test_any_other_path_holds_the_settings(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    home = prepare_home(StudyFolder(tmp_path / name))
    assert "telemetry: {enabled: false}" in (home / "dagster.yaml").read_text(encoding="utf-8")
