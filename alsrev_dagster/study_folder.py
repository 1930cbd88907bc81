"""The folder of a study: where its one file, what alsrev makes and what people open are."""

from pathlib import Path


class StudyFolder:
    """A folder with ``study.yaml``, its inputs, and what alsrev makes of them."""

    def __init__(self, path: Path | str) -> None:
        given = Path(path).expanduser().resolve()
        self.root = given.parent if given.name == "study.yaml" else given

    @property
    def study_file(self) -> Path:
        """The study's one file of configuration."""
        return self.root / "study.yaml"

    @property
    def state(self) -> Path:
        """Lake and Dagster's own files; 0700."""
        return self.root / ".alsrev"

    @property
    def lake(self) -> Path:
        """Parquet, written by assets."""
        return self.state / "lake"

    @property
    def dagster_home(self) -> Path:
        """Dagster's run history."""
        return self.state / "dagster"

    @property
    def results(self) -> Path:
        """What people open; 0700."""
        return self.root / "results"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file, individual level; 0600."""
        return self.results / "alsrev.duckdb"

    @property
    def report(self) -> Path:
        """The page; 0600."""
        return self.results / "report.html"
