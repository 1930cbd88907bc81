"""The checks of a table are one step: a part can be asked, and a broken one does little harm."""

import dataclasses

import dagster as dg
import pytest

from alsrev_dagster.graph import checks
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.resources import StudyResource
from alsrev_dagster.study import StudyFolder

NAME = "core.sample_qc"


def broken(work: OpenStudy) -> checks.Finding:
    raise KeyError("personA")


def asked(
    tiny: StudyFolder, monkeypatch: pytest.MonkeyPatch, *, is_blocking: bool
) -> dg.ExecuteInProcessResult:
    """Ask all checks of a table, of which the first of a kind is broken."""
    declared = list(checks.CHECKS[NAME])
    place = next(i for i, check in enumerate(declared) if check.is_blocking == is_blocking)
    declared[place] = dataclasses.replace(declared[place], judge=broken)
    monkeypatch.setitem(checks.CHECKS, NAME, declared)
    study = StudyResource(study_folder=str(tiny.root))
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [checks.checks_of(NAME)],
            selection=dg.AssetSelection.all_asset_checks(),
            resources={"study": study},
            instance=instance,
            raise_on_error=False,
        )


def test_one_that_only_warns_stops_nothing_when_it_breaks(
    tiny: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = asked(tiny, monkeypatch, is_blocking=False)
    assert result.success
    found = result.get_asset_check_evaluations()
    assert len(found) == len(checks.CHECKS[NAME])
    (told,) = [one.description for one in found if "could not be asked" in str(one.description)]
    assert "KeyError at test_check_steps.py" in str(told)
    assert "personA" not in str(told)
    left = [slip.description for slip in OpenStudy(tiny).lake.checks(NAME) if not slip.passed]
    assert told in left  # what `alsrev run` and `alsrev status` print


def test_a_blocking_one_that_breaks_fails_the_step_after_the_others_are_asked(
    tiny: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = asked(tiny, monkeypatch, is_blocking=True)
    assert not result.success
    assert len(result.get_asset_check_evaluations()) == len(checks.CHECKS[NAME]) - 1
