"""Every model of recovery, survival and course for three loci and three codings of 265 people.

    python -m benchmarks.survival_models

The example study with two more loci declared is run, one visit is removed, and two runs that
follow are timed, each with its start: of the models and what they are made from, then of the rest
that comes from visits, with the DuckDB file and the page. Prints a table; `RESULTS.md` holds the
last one.
"""

import platform
import shutil
import tempfile
from pathlib import Path

import duckdb

from alsrev_dagster.versions import package_versions
from benchmarks.demo import EXAMPLE, drop_last_line, run

_N_MORE = 2
_ASKED_S = 60.0
_MODELS = (
    "recovery_curve", "survival_curve", "milestone_curve", "interval_curve", "curve_test",
    "restricted_mean", "recovery_model", "survival_model", "hazard_by_time", "reversal_state",
    "trajectory_model", "cafs",
)  # fmt: skip


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "study"
        shutil.copytree(EXAMPLE, study, ignore=shutil.ignore_patterns(".alsrev", "results"))
        run(study)
        _declare_more(study)
        run(study)
        drop_last_line(study / "visits.csv")
        models, rest = run(study, *(f"result.{name}" for name in _MODELS)), run(study)
        rows = _n_row(study)
    print("| what | measured | asked |\n|---|---:|---:|")
    print(f"| every model, 3 loci x 3 codings x 265 people, s | {models:.1f} | {_ASKED_S:.0f} |")
    print(f"| the rest of what comes from visits, s | {rest:.1f} | |")
    for name, n in rows.items():
        print(f"| rows of result.{name} | {n:,} | |")
    versions = ", ".join(f"{name} {value}" for name, value in package_versions().items())
    print(f"\n{platform.machine()}; {versions}")


def _declare_more(study: Path) -> None:
    """Declare the common variants of the smallest exact P as loci too."""
    with duckdb.connect(str(study / "results" / "alsrev.duckdb"), read_only=True) as db:
        found = db.execute(
            """
            SELECT variant_id, any_value(gene) AS gene
            FROM result.lead_variant
            WHERE NOT is_declared AND gene IS NOT NULL
            GROUP BY variant_id ORDER BY min(exact_p_value), variant_id LIMIT ?
            """,
            [_N_MORE],
        ).fetchall()
    file = study / "study.yaml"
    lines = [f"  MORE_{i}: {{gene: {gene}, lead: {v}}}" for i, (v, gene) in enumerate(found)]
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("loci:\n", "loci:\n" + "\n".join(lines) + "\n"), encoding="utf-8")


def _n_row(study: Path) -> dict[str, int]:
    with duckdb.connect(str(study / "results" / "alsrev.duckdb"), read_only=True) as db:
        counts = [db.execute(f"SELECT count(*) FROM result.{name}").fetchone() for name in _MODELS]  # noqa: S608
    return {name: count[0] for name, count in zip(_MODELS, counts, strict=True) if count}


if __name__ == "__main__":
    main()
