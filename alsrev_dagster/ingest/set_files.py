"""Files of sets that a study names: gene sets, summary statistics of others; there, and sound."""

from collections.abc import Iterator

from alsrev_dagster.errors import AlsrevError, Problem, StudyError
from alsrev_dagster.ingest.callset_files import is_outside
from alsrev_dagster.ingest.gene_set import GeneSetFile, read_gene_sets
from alsrev_dagster.ingest.genome_build import genes
from alsrev_dagster.ingest.summary_format import layout_of
from alsrev_dagster.study import Study, StudyFolder

_LINK = "mend the path, or link the file (ln -s FILE STUDY_FOLDER/)"


def set_file_names(study: Study) -> list[str]:
    """Paths that a study names, relative to its folder, each once."""
    named = [study.gene_sets, *(asked.file for asked in study.summary_statistics.values())]
    return list(dict.fromkeys(name for name in named if name is not None))


def study_gene_sets(folder: StudyFolder, study: Study) -> GeneSetFile | None:
    """Gene sets of a study that names a file; None without one."""
    if study.gene_sets is None:
        return None
    return read_gene_sets(folder.root / study.gene_sets, set(genes(study.genome_build)["gene"]))


def set_file_problems(folder: StudyFolder, study: Study) -> Iterator[Problem]:
    """Everything that keeps gene sets and summary statistics from being read, but their rows."""
    if study.gene_sets is not None:
        found = _absent(folder, "gene_sets", study.gene_sets, "a GMT file of gene sets")
        yield from found or _unsound_gene_sets(folder, study)
    for name, asked in study.summary_statistics.items():
        key, what = f"summary_statistics.{name}.file", "a file of summary statistics"
        found = _absent(folder, key, asked.file, what)
        yield from found
        if not found:
            try:
                layout_of(folder.root / asked.file)
            except AlsrevError as error:
                expected = "GWAS-SSF, PLINK 2 (.glm.logistic) or REGENIE, known by its header"
                fix = "write it as one of them"
                yield Problem(f"study.yaml, key {key}", str(error), expected, fix)


def _absent(folder: StudyFolder, key: str, path: str, what: str) -> list[Problem]:
    if not is_outside(path) and (folder.root / path).is_file():
        return []
    found = f"{path!r}, which is no file inside the study's folder"
    expected = f"{what}, as a path relative to the folder"
    return [Problem(f"study.yaml, key {key}", found, expected, _LINK)]


def _unsound_gene_sets(folder: StudyFolder, study: Study) -> Iterator[Problem]:
    try:
        study_gene_sets(folder, study)
    except StudyError as error:
        yield from error.problems
