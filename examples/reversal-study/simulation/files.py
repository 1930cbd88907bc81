"""The study's CSV files, each of which says on its first line that it is simulated."""

from pathlib import Path

import pandas as pd

from simulation.study import SimulatedStudy

_MEANING = {
    "samples": "cohort, sex, tissue, batch and site of real 1000 Genomes genomes are made up",
    "participants": "nobody in this table exists",
    "visits": "nobody was ever scored: ALSFRS-R items and totals are drawn at random",
    "biomarkers": "no blood was drawn: levels are drawn at random",
}


def csv_text(name: str, table: pd.DataFrame, seed: int) -> str:
    """Return the text of one CSV file."""
    first_line = (
        f"# simulated: {_MEANING[name]}; seed {seed}, examples/reversal-study/simulate.py\n"
    )
    return first_line + table.to_csv(index=False, lineterminator="\n")


def csv_texts(study: SimulatedStudy, seed: int) -> dict[str, str]:
    """Return the text of each CSV file by its name without suffix."""
    return {name: csv_text(name, getattr(study, name), seed) for name in _MEANING}


def write_tables(study: SimulatedStudy, seed: int, folder: Path) -> None:
    """Write the four CSV files into ``folder``."""
    for name, text in csv_texts(study, seed).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
