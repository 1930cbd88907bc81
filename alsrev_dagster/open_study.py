"""A study at work: its folder, what it declares, its lake, its genotype files."""

from functools import cached_property

from alsrev_dagster.ingest.inspection import Inspector
from alsrev_dagster.ingest.study_file import read_study
from alsrev_dagster.storage.lake import Lake
from alsrev_dagster.study import Study, StudyFolder


class OpenStudy:
    """What every asset and command works on."""

    def __init__(self, folder: StudyFolder) -> None:
        self.folder = folder
        self.lake = Lake(folder.lake)
        self.inspector = Inspector(folder.state / "inspection")

    @cached_property
    def study(self) -> Study:
        """What ``study.yaml`` says; raises with every problem at once."""
        return read_study(self.folder)
