"""Records of a BCF through cyvcf2: quiet, guarded, and by index where that is safe."""

from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.ingest.call_filter import CallFilter

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

    def format(self, field: str) -> NDArray[np.generic] | None:
        """Values of a FORMAT field, one row a sample; None where the record lacks it."""


def open_records(
    path: Path, region: str | None = None, *, shown: str = ""
) -> Generator[Record, None, None]:
    """Yield the records of the file, or of one contig by its index; messages call it ``shown``."""
    name = shown or path.name
    with closing(_open(path, name)) as vcf:
        yield from _guarded(name, vcf if region is None else vcf(region))


def failed_calls(
    record: Record, alleles: NDArray[np.int16], call_filter: CallFilter
) -> NDArray[np.int8]:
    """Index of the first of ``call_filter.REASONS`` that a call fails; -1 for none.

    ``alleles`` has one row a sample: allele numbers, -1 missing, -2 none.
    """
    failed = np.full(len(alleles), -1, dtype=np.int8)
    if not call_filter.asks_for_fields:
        return failed
    if call_filter.allele_balance_min:
        share = _allele_balance(record, alleles)
        failed[share < call_filter.allele_balance_min] = 2
    for index, (name, least) in enumerate(
        (("GQ", call_filter.genotype_quality_min), ("DP", call_filter.depth_min))
    ):
        values = field_values(record, name)
        if least and values is not None:
            is_first = (failed < 0) | (failed > index)
            failed[is_first & (values[:, 0] < least)] = index
    failed[(alleles < 0).all(axis=1)] = -1
    return failed


def field_values(record: Record, field: str) -> NDArray[np.float64] | None:
    """Values of a FORMAT field; NaN where missing."""
    if field not in record.FORMAT:
        return None
    found = record.format(field)
    if found is None or found.dtype.kind not in "if":
        return None
    values = found.astype(np.float64)
    values[values < 0] = np.nan  # htslib's "missing" and "end of vector" are far below 0
    return values


def _allele_balance(record: Record, alleles: NDArray[np.int16]) -> NDArray[np.float64]:
    """Reads of the rarer allele of each heterozygous call, of both; NaN elsewhere."""
    share = np.full(len(alleles), np.nan)
    reads = field_values(record, "AD")
    if reads is None or alleles.shape[1] != 2:
        return share
    called = (alleles >= 0).all(axis=1) & (alleles[:, 0] != alleles[:, 1])
    is_het = called & (alleles.max(axis=1) < reads.shape[1])
    two = np.take_along_axis(reads[is_het], alleles[is_het].astype(np.intp), axis=1)
    total = two.sum(axis=1)
    share[is_het] = two.min(axis=1) / np.where(total > 0, total, np.nan)
    return share


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
    from cyvcf2 import VCF  # slow to start, and most files are text, which needs it at the end
    from cyvcf2.cyvcf2 import set_htslib_log_level

    set_htslib_log_level(0)  # what htslib warns of on stderr, inspect has told already
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
