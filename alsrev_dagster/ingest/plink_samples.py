"""The table of samples of a PLINK fileset: IIDs of a .psam or .fam, in order."""

from collections import defaultdict
from pathlib import Path

from alsrev_dagster.ingest.genotype_problem import ProblemList

_FAM = ("#FID", "IID", "PAT", "MAT", "SEX", "PHENO1")
_N_FAM_MIN = 5
_WRITE_AGAIN = "write the fileset again with plink2"


def read_samples(path: Path, problems: ProblemList) -> tuple[str, ...]:
    """Return the IID of each sample; what is wrong goes to ``problems`` (of this file)."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        problems.add(
            "",
            "bytes that are not UTF-8 text",
            expected="UTF-8",
            fix="convert the file with iconv --to-code UTF-8",
            kind="lines that are not UTF-8",
        )
        return ()
    columns, n_header = _header(path, lines)
    if "IID" not in columns:
        problems.add(
            f"line {n_header}",
            "a header without IID",
            expected="#IID, or #FID and IID, as its first columns",
            fix=_WRITE_AGAIN,
            kind="no IID",
        )
        return ()
    rows = [line.split() for line in lines[n_header:]]
    _check_shape(rows, len(columns), n_header, problems)
    iid = columns.index("IID")
    line_of = {n: row[iid] for n, row in enumerate(rows, start=n_header + 1) if len(row) > iid}
    _check_each_once(line_of, problems)
    return tuple(line_of.values())


def _header(path: Path, lines: list[str]) -> tuple[list[str], int]:
    """Names of the columns, and the lines they and the comments before them take."""
    n_header = 0
    for line in lines:
        if not line.startswith("#"):
            break
        n_header += 1
        if line.startswith(("#FID", "#IID")) and path.suffix.lower() != ".fam":
            return line.lstrip("#").split(), n_header
    if n_header:
        return [], n_header
    n_column = len(lines[0].split()) if lines else len(_FAM)
    names = [name.lstrip("#") for name in _FAM][:n_column]
    return [*names, *[""] * (max(n_column, _N_FAM_MIN) - len(names))], 0


def _check_shape(
    rows: list[list[str]], n_column: int, n_header: int, problems: ProblemList
) -> None:
    if not rows:
        problems.add(
            "", "no samples", expected="a line a sample", fix=_WRITE_AGAIN, kind="no samples"
        )
    for line, row in enumerate(rows, start=n_header + 1):
        if len(row) != n_column:
            problems.add(
                f"line {line}",
                f"{len(row)} columns" if row else "an empty line",
                expected=f"{n_column} columns, as in the {'header' if n_header else 'first line'}",
                fix="copy or write the file again: the row is cut or joined with another",
                kind="rows with the wrong number of columns",
            )


def _check_each_once(line_of: dict[int, str], problems: ProblemList) -> None:
    lines: dict[str, list[int]] = defaultdict(list)
    for line, iid in line_of.items():
        lines[iid].append(line)
    for found in lines.values():
        if len(found) > 1:
            problems.add(
                f"lines {', '.join(map(str, found))}",
                "the same IID in all of them",
                expected="each IID once: it is the sample_id, and FID is not read",
                fix="rename (plink2 --update-ids) or drop (plink2 --remove) all but one",
                kind="duplicate sample names",
            )
