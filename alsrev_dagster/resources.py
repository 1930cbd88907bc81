"""What an asset is given: the study it works on."""

import os
from pathlib import Path

import dagster as dg

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study import StudyFolder

STUDY_VARIABLE = "ALSREV_STUDY"
"""Environment variable that names the study's folder."""


class StudyResource(dg.ConfigurableResource[OpenStudy]):
    """The study's folder; empty means the environment variable ``ALSREV_STUDY``."""

    study_folder: str = ""

    def open(self) -> OpenStudy:
        """Open the study."""
        value = self.study_folder or os.environ.get(STUDY_VARIABLE, "")
        if not value:
            raise AlsrevError(
                f"{STUDY_VARIABLE}: found no value; expected the folder of a study; start with "
                "'alsrev ui STUDY' or 'alsrev run STUDY', or set the variable"
            )
        return OpenStudy(StudyFolder(Path(value)))
