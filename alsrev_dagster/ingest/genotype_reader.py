"""Records of a VCF or BCF through cyvcf2: quiet, guarded, and by index where that is safe."""

from collections.abc import Collection, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from cyvcf2 import VCF
from cyvcf2.cyvcf2 import set_htslib_log_level
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError

set_htslib_log_level(0)  # what htslib warns of on stderr, inspect has told already

_N_THREAD = 2
_INDEX_SUFFIXES = (".csi", ".tbi")


class Genotypes(Protocol):
    """Calls of one record."""

    def array(self) -> NDArray[np.int16]:
        """Allele numbers (-1 missing, -2 no allele) and, last, the phase."""


class Record(Protocol):
    """One record, as cyvcf2 names its parts."""

    CHROM: str
    POS: int
    REF: str
    ALT: list[str]
    ID: str | None
    QUAL: float | None
    FILTERS: list[str]
    FORMAT: list[str]
    INFO: Any
    genotype: Genotypes


def open_records(
    path: Path, contigs: Collection[str], region: str | None = None, *, shown: str = ""
) -> Generator[Record, None, None]:
    """Yield the records of the file, or of one contig by its index.

    ``contigs`` are all contigs that have records: those that the header forgets are
    added to it. Without that, htslib 1.2x marks the first record of such a contig as
    faulty, and cyvcf2 then lets a record through that could not be parsed. Messages call
    the file ``shown``.
    """
    name = shown or path.name
    with closing(_open(path, name)) as vcf:
        known = set(vcf.seqnames)
        for contig in sorted(set(contigs) - known):
            vcf.add_to_header(f"##contig=<ID={contig}>")
        yield from _guarded(name, vcf if region is None else vcf(region))


def sample_ids(path: Path, shown: str = "") -> tuple[str, ...]:
    """Return the samples of the file, in order; messages call it ``shown``."""
    with closing(_open(path, shown or path.name)) as vcf:
        return tuple(vcf.samples)


def n_indexed(path: Path) -> int | None:
    """Return how many records the index counts; None without one as new as the file."""
    indexes = [index for suffix in _INDEX_SUFFIXES if (index := Path(f"{path}{suffix}")).is_file()]
    age = path.stat().st_mtime_ns
    if not indexes or any(index.stat().st_mtime_ns < age for index in indexes):
        return None
    try:
        with closing(_open(path, path.name)) as vcf:
            return int(vcf.num_records)
    except Exception:  # cyvcf2 raises several kinds for an index that it cannot use
        return None


def _open(path: Path, name: str) -> Any:
    try:
        return VCF(str(path), threads=_N_THREAD)
    except Exception as error:  # cyvcf2 raises bare Exception
        raise InputDataError(
            f"{name}: found a file that htslib cannot open ({error}); expected VCF or BCF; "
            "write it again with bcftools view"
        ) from error


def _guarded(name: str, records: Any) -> Iterator[Record]:
    """Pass records on; a record that cannot be read is an InputDataError, never the end."""
    iterator, n_read, last = iter(records), 0, "the header"
    while True:
        try:
            record = next(iterator)
        except StopIteration:
            return
        except Exception as error:  # cyvcf2 raises bare Exception
            raise InputDataError(
                f"{name}, record {n_read + 1} (after {last}): found a record that htslib "
                "cannot read; expected fields as the VCF specification has them; see it with "
                "bcftools view, and write the file again from its source"
            ) from error
        n_read += 1
        last = f"{record.CHROM}:{record.POS}"
        yield record
