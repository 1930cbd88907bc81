"""``alsrev ui``: the guarded UI of a study, started on a tidy run history."""

import os
from collections.abc import Callable

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.study import StudyFolder
from alsrev_dagster.ui.home import dagster_environment, prepare_home
from alsrev_dagster.ui.serve import serve


def ui(
    folder: StudyFolder, *, port: int, read_only: bool, token: bool, announce: Callable[[str], None]
) -> None:
    """Serve the UI until it is stopped; runs that were killed no longer count as going."""
    if not folder.study_file.is_file():
        raise AlsrevError(
            f"{folder.study_file}: found no such file; expected a study; "
            "'alsrev init DIR' writes a new one"
        )
    prepare_home(folder)
    os.environ.update(dagster_environment(folder))
    if not read_only:
        _bury_the_dead(folder)
    serve(folder, port=port, read_only=read_only, token=token, announce=announce)


def _bury_the_dead(folder: StudyFolder) -> None:
    import dagster as dg

    from alsrev_dagster.graph.alive import bury_the_dead

    with dg.DagsterInstance.get() as instance:
        bury_the_dead(folder.state, instance)
