"""``alsrev init``: a new study to fill in."""

from pathlib import Path

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.ingest.template import csv_templates, study_template


def init(folder: Path) -> list[Path]:
    """Write study.yaml and tables with their headers; never over a file that is there."""
    texts = {"study.yaml": study_template(), **csv_templates()}
    there = [name for name in texts if (folder / name).exists()]
    if there:
        raise AlsrevError(
            f"{folder}: found {', '.join(there)} already; expected a folder without; choose "
            "another folder, or move them away"
        )
    (folder / "genotypes").mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]
