"""Chromosomes of a sound genotype file, read again as blocks of biallelic variants."""

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby, takewhile

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.ingest.call_filter import ALL_CALLS, CallFilter
from alsrev_dagster.ingest.genotype_advice import Advice
from alsrev_dagster.ingest.genotype_align import Aligner
from alsrev_dagster.ingest.genotype_bcf import BcfReader
from alsrev_dagster.ingest.genotype_chromosome import Chromosome
from alsrev_dagster.ingest.genotype_contig import canonical_chromosome
from alsrev_dagster.ingest.genotype_file import GenotypeFile, check_mark, tell_duplicates
from alsrev_dagster.ingest.genotype_header import Header
from alsrev_dagster.ingest.genotype_plink import PlinkReader
from alsrev_dagster.ingest.genotype_problem import ProblemList
from alsrev_dagster.ingest.genotype_reader import n_indexed
from alsrev_dagster.ingest.genotype_rows import Segment, VariantBlock
from alsrev_dagster.ingest.genotype_scan import SiteScan, Start
from alsrev_dagster.ingest.genotype_text import TextReader
from alsrev_dagster.ingest.plink_files import PLINK_FORMATS
from alsrev_dagster.ingest.reference_sequence import Reference
from alsrev_dagster.ingest.text_stream import GROUP_BYTE


def read_blocks(
    file: GenotypeFile,
    chromosomes: Collection[str],
    *,
    call_filter: CallFilter = ALL_CALLS,
    n_variant: int | None = None,
    reference: Reference | None = None,
    n_group_byte: int = GROUP_BYTE,
) -> Iterator[VariantBlock]:
    """Read chromosomes (canonical names) of a sound file in blocks of ``n_variant`` rows.

    Where that is not said a block has a few MB. Starts at a chromosome where the file lets
    it. Indels are left-aligned where there is a reference, that of the inspection. What is
    found to be wrong now is an InputDataError, told when the chromosome has been read: what
    came before is then not to be kept.
    """
    check_mark(file)
    problems = ProblemList(file.name)
    header = Header(
        sample_ids=file.sample_ids, info=dict(file.info), call_fields=set(file.call_fields)
    )
    sites = SiteScan(header, problems)
    wanted = [chrom for chrom in file.chromosomes if chrom in chromosomes]
    aligner = Aligner(reference, problems)
    text = TextReader(file.path, sites, call_filter=call_filter, n_group_byte=n_group_byte)
    for segments in _runs(file, text, wanted):
        yield from _blocks_again(file, segments, wanted, aligner, n_variant, sites.advice)
    check_mark(file)


def _blocks_again(
    file: GenotypeFile,
    segments: Iterable[Segment],
    wanted: Collection[str],
    aligner: Aligner,
    n_variant: int | None,
    advice: Advice,
) -> Iterator[VariantBlock]:
    left, most = set(wanted), aligner.shift_max_bp
    for chrom, of_chrom in groupby(segments, lambda s: canonical_chromosome(s.contig)):
        if chrom is None or chrom not in left:
            continue
        chromosome = Chromosome(chrom, len(file.sample_ids), n_variant, shift_max_bp=most)
        yield from chromosome.blocks(aligner.segments(of_chrom))
        _check_count(file, chromosome)
        tell_duplicates(chromosome, aligner.problems, advice)
        aligner.tell()
        _raise(aligner.problems)
        left.remove(chrom)
        if not left:
            return


def _runs(file: GenotypeFile, text: TextReader, wanted: list[str]) -> Iterator[Iterator[Segment]]:
    """Yield the segments of the wanted chromosomes, from as few places as the file allows."""
    if file.format == "bcf":
        bcf = BcfReader(file.path, text.sites, call_filter=text.call_filter)
        by_index = len(wanted) < len(file.chromosomes) and n_indexed(file.path) == file.n_record
        regions = [file.spelling[chrom] for chrom in wanted] if by_index else [None]
        yield from (bcf.segments(region) for region in regions)
        return
    if file.format in PLINK_FORMATS:
        yield from _plink_runs(file, text.sites, wanted)
        return
    if len(wanted) == len(file.chromosomes) or not set(wanted) <= set(file.start_of):
        text.sites.header = Header()
        yield text.segments()
        return
    yield from (_until_other(text.segments(file.start_of[chrom]), chrom) for chrom in wanted)


def _plink_runs(
    file: GenotypeFile, sites: SiteScan, wanted: list[str]
) -> Iterator[Iterator[Segment]]:
    is_all = len(wanted) == len(file.chromosomes) or not set(wanted) <= set(file.start_of)
    starts = [None] if is_all else [file.start_of[chrom] for chrom in wanted]
    for start, of_start in zip(starts, [wanted] if is_all else [[c] for c in wanted], strict=True):
        sites.header = Header()
        yield _or_raise(PlinkReader(file.path, file.format, sites), start, of_start)


def _or_raise(reader: PlinkReader, start: Start | None, wanted: list[str]) -> Iterator[Segment]:
    """Yield segments; what is wrong is told before anything is made of their number."""
    yield from reader.segments(start, wanted)
    _raise(reader.problems)


def _until_other(segments: Iterator[Segment], chrom: str) -> Iterator[Segment]:
    return takewhile(lambda s: canonical_chromosome(s.contig) == chrom, segments)


def _check_count(file: GenotypeFile, chromosome: Chromosome) -> None:
    expected = file.n_record_of[chromosome.chrom]
    if chromosome.n_record != expected:
        raise InputDataError(
            f"{file.name}: found {chromosome.n_record:,} records on {chromosome.chrom}; "
            f"expected {expected:,}, as counted when the file was inspected; make its index again "
            "(bcftools index --force) or delete it, and run again"
        )


def _raise(problems: ProblemList) -> None:
    if problems:
        raise InputDataError("\n".join(map(str, problems.all())))
