"""A whole study whose genotypes are a PLINK fileset."""

from pathlib import Path

from typer.testing import CliRunner

from alsrev_dagster.cli import app
from alsrev_dagster.ingest import tables
from alsrev_dagster.ingest.inspection import Inspector
from alsrev_dagster.ingest.study_file import read_study
from alsrev_dagster.ingest.validate import validate
from alsrev_dagster.study import StudyFolder
from tests.builders import RECORDS, SAMPLES, VCF, write_study
from tests.ingest.made_plink import write_bed, write_pgen

CODE = {"0/0": 0, "0/1": 1, "1/1": 2, "./.": 3}


def _study(folder: Path, samples: tuple[str, ...] = SAMPLES, suffix: str = "bed") -> StudyFolder:
    """Write the tiny study with its records as a PLINK fileset, named by a pattern."""
    study = write_study(folder, files={VCF: None}, callsets={"joint": {"files": "genotypes/*"}})
    (folder / "genotypes").mkdir()
    cells = [record.split() for record in RECORDS]
    calls = [[CODE[call] for call in cell[5:]] for cell in cells]
    if suffix == "bed":
        bim = [f"{c} {rs} 0 {pos} {alt} {ref}" for c, pos, rs, ref, alt in _sites(cells)]
        write_bed(folder / "genotypes", calls, bim, [f"f {s} 0 0 0 -9" for s in samples])
    else:
        pvar = [" ".join(site) for site in _sites(cells)]
        write_pgen(
            folder / "genotypes",
            calls,
            pvar,
            ["#IID", *samples],
            meta="##note=a simulated cohort\n",
        )
    return study


def _sites(cells: list[list[str]]) -> list[tuple[str, str, str, str, str]]:
    return [(cell[0], cell[1], cell[2], cell[3], cell[4]) for cell in cells]


def test_study_is_sound_and_says_how_the_file_was_read(tmp_path: Path) -> None:
    folder = _study(tmp_path)
    told = CliRunner().invoke(app, ["validate", str(tmp_path)])
    assert told.exit_code == 0
    assert told.stdout.startswith("no problem found\nnote: t.bed: A1 (the .bim's fifth column)")
    study, inspector = read_study(folder), Inspector(tmp_path / "kept")
    (row,) = tables.callset(folder, study, inspector).to_dict("records")
    assert (row["path"], row["format"], row["n_record"]) == ("genotypes/t.bed", "bed", 5)
    files = [tmp_path / "genotypes" / f"t.{end}" for end in ("bed", "bim", "fam")]
    assert row["size_bytes"] == sum(path.stat().st_size for path in files)
    assert "REF is provisional" in row["note"]
    assert tuple(tables.callset_sample(folder, inspector)["sample_id"]) == SAMPLES


def test_sample_without_a_row_is_told_by_its_place_in_the_table(tmp_path: Path) -> None:
    problems = validate(_study(tmp_path, (*SAMPLES[:7], "vialZ"))).problems
    assert any("t.bed, sample 8 of t.fam: found a sample in no row" in str(p) for p in problems)
    assert not any("vialZ" in str(p) for p in problems)


def test_simulated_word_in_a_pvar_is_seen(tmp_path: Path) -> None:
    problems = validate(_study(tmp_path, suffix="pgen")).problems
    assert [
        "t.pgen, comment or header lines: found a file that says it is simulated" in str(p)
        for p in problems
    ] == [True]
