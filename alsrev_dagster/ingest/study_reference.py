"""The reference genome that a study names: opened once, and held against the declared build."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from alsrev_dagster.errors import Problem
from alsrev_dagster.files import mark_of
from alsrev_dagster.ingest.callset_files import is_outside
from alsrev_dagster.ingest.chromosome_lengths import LENGTHS, UCSC_HG19_M
from alsrev_dagster.ingest.genome_build import fits_elsewhere
from alsrev_dagster.ingest.reference_sequence import Reference, open_reference
from alsrev_dagster.study_folder import StudyFolder

if TYPE_CHECKING:  # annotations alone: reading genotypes starts without pydantic
    from alsrev_dagster.study import Study

_opened: dict[tuple[object, ...], Reference] = {}


def study_reference(
    folder: StudyFolder, study: "Study"
) -> tuple[Reference | None, tuple[Problem, ...]]:
    """Return the study's reference when it names a sound one, and what is wrong with it.

    A sound one stays open while the process lasts and the file stays the same.
    """
    if study.reference is None or is_outside(study.reference):
        return None, ()  # a path outside is told with the others
    path = folder.root / study.reference
    key = (path, mark_of(path), study.genome_build)
    if key in _opened:
        return _opened[key], ()
    reference, problems = open_reference(path)
    if reference is None:
        return None, problems
    wrong = tuple(check_reference(reference, study.genome_build))
    if wrong:
        return None, wrong
    _opened.clear()
    _opened[key] = without_other_m(reference, study.genome_build)
    return _opened[key], ()


def check_reference(reference: Reference, build: str) -> Iterator[Problem]:
    """Compare the lengths of a reference's contigs with those of a build."""
    lengths = {chrom: c.length for chrom, c in without_other_m(reference, build).contigs.items()}
    wrong = {chrom: n for chrom, n in lengths.items() if n != LENGTHS[build][chrom]}
    found = fits_elsewhere("contig lengths", wrong, build)
    if found:
        expected = f"{build}, the study's genome_build"
        fix = "name the FASTA of that build under reference in study.yaml, or mend genome_build"
        yield Problem(reference.path.name, found, expected, fix)


def without_other_m(reference: Reference, build: str) -> Reference:
    """Leave the older chrM of UCSC's hg19 out: records on chrM then find no reference."""
    m = reference.contigs.get("chrM")
    if build != "GRCh37" or m is None or m.length != UCSC_HG19_M:
        return reference
    return replace(reference, contigs={k: c for k, c in reference.contigs.items() if k != "chrM"})
