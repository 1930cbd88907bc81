"""``alsrev init``: a new study to fill in."""

from pathlib import Path

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.files import make_private_folder, replacing
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
    make_private_folder(folder / "genotypes")
    for name, text in texts.items():
        with replacing(folder / name) as path:
            path.write_text(text, encoding="utf-8")
    return [folder / name for name in texts]
