"""Gene sets in a GMT file: a name, what it is, and its genes; one set a line."""

import gzip
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from alsrev_dagster.errors import InputDataError, Problem, StudyError
from alsrev_dagster.files import file_sha256
from alsrev_dagster.ingest.suggestion import closest

_EXPECTED = "a name, a description and at least one gene, with tabs between (GMT)"
_N_SHOWN = 20


@dataclass(frozen=True)
class GeneSet:
    """One set as the gene list knows it."""

    name: str
    description: str
    """Second column: in MSigDB's files an address, in ours where the set is from."""
    genes: tuple[str, ...]
    """Known symbols, each once, in the file's order."""
    unknown: tuple[str, ...]
    """Symbols that the gene list has not: renamed, not protein-coding, or misspelt."""
    repeated: tuple[str, ...]
    """Symbols that stand more than once, kept once."""
    line: int

    @property
    def n_in_file(self) -> int:
        """Different symbols of the set in the file, unknown ones among them."""
        return len(self.genes) + len(self.unknown)


@dataclass(frozen=True)
class GeneSetFile:
    """Every set of one file."""

    sets: tuple[GeneSet, ...]
    source_file: str
    sha256: str
    """Of the file's bytes: a set's members depend on the release it is from."""

    def named(self, name: str) -> GeneSet:
        """Return a set by its name."""
        for gene_set in self.sets:
            if gene_set.name == name:
                return gene_set
        near = closest(name, [gene_set.name for gene_set in self.sets])
        hint = f"; did you mean {near!r}?" if near else ""
        raise InputDataError(
            f"gene set {name!r} is not in {self.source_file} ({len(self.sets)} sets): expected the "
            f"name of one of its sets, the first column{hint}"
        )


def read_gene_sets(path: Path, known_genes: Collection[str]) -> GeneSetFile:
    """Read a GMT file, plain or gzip; StudyError has every line that does not fit.

    Symbols that ``known_genes`` has not are kept apart and named, not guessed at: case counts.
    """
    problems: list[Problem] = []
    sets: dict[str, GeneSet] = {}
    known = set(known_genes)
    for line, text in _lines(path, problems):
        found = _parsed(path, (line, text), known, problems)
        if found is None:
            continue
        if found.name in sets:
            where = f"line {sets[found.name].line} too"
            problems.append(
                Problem(
                    f"{path.name}, line {line}",
                    f"the name {found.name!r}, which stands in {where}",
                    "a name for each set",
                    "rename one of them, or leave it out",
                )
            )
            continue
        sets[found.name] = found
    if not sets and not problems:
        problems.append(Problem(path.name, "no set", _EXPECTED, "give a GMT file with a set"))
    if problems:
        raise StudyError(_first(path, problems))
    return GeneSetFile(tuple(sets.values()), path.name, file_sha256(path))


def _lines(path: Path, problems: list[Problem]) -> Iterator[tuple[int, str]]:
    """Lines that are not empty, with their numbers; a file that is no text is a problem."""
    try:
        packed = path.read_bytes()
        raw = gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed
        text = raw.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError):
        problems.append(
            Problem(path.name, "no text that can be read", _EXPECTED, "give a GMT file (UTF-8)")
        )
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield number, line


def _parsed(
    path: Path, numbered: tuple[int, str], known: set[str], problems: list[Problem]
) -> GeneSet | None:
    line, text = numbered
    cells = [cell.strip() for cell in text.split("\t")]
    genes = [cell for cell in cells[2:] if cell]
    trouble = _trouble(cells, genes)
    if trouble is not None:
        problems.append(Problem(f"{path.name}, line {line}", *trouble))
        return None
    once = list(dict.fromkeys(genes))
    return GeneSet(
        name=cells[0],
        description=cells[1],
        genes=tuple(gene for gene in once if gene in known),
        unknown=tuple(gene for gene in once if gene not in known),
        repeated=tuple(gene for gene in once if genes.count(gene) > 1),
        line=line,
    )


def _trouble(cells: list[str], genes: list[str]) -> tuple[str, str, str] | None:
    """Return found, expected and what to do of a line that is no set; None for a sound one."""
    if len(cells) < 3:
        n = len(cells)
        return f"{n} column{'s' if n > 1 else ''}", _EXPECTED, "separate the columns with tabs"
    if not cells[0]:
        return "no name", _EXPECTED, "name the set in the first column"
    if not genes:
        return f"no gene in the set {cells[0]!r}", _EXPECTED, "list its genes, or leave it out"
    if all(gene.isdigit() for gene in genes):
        return (
            f"numbers for genes in the set {cells[0]!r}, such as {genes[0]}",
            "gene symbols",
            "take the file of symbols (MSigDB's name ends in .symbols.gmt)",
        )
    if any(" " in gene or "," in gene for gene in genes):
        return (
            f"several genes in one cell of the set {cells[0]!r}",
            "one symbol a cell",
            "separate the genes with tabs, not with spaces or commas",
        )
    return None


def _first(path: Path, problems: list[Problem]) -> list[Problem]:
    more = len(problems) - _N_SHOWN
    if more <= 0:
        return problems
    fix = "mend the first ones: the others may be alike"
    return [*problems[:_N_SHOWN], Problem(path.name, f"{more} more such lines", "none", fix)]
