"""Every genotype of VCFs made at random, against cyvcf2's, read once and chromosome by chromosome."""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cyvcf2 import VCF, Writer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alsrev_dagster.ingest.call_filter import CallFilter
from alsrev_dagster.ingest.genotype_blocks import read_blocks
from alsrev_dagster.ingest.genotype_file import Reading, inspect
from alsrev_dagster.ingest.genotype_rows import VariantBlock, variant_ids
from tests.ingest.random_vcf import Call, RandomVcf, Record, vcfs

steady = settings(
    derandomize=True,
    deadline=None,
    max_examples=150,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
half_calls = st.sampled_from(["missing", "missing", "reference", "haploid"])

Variants = dict[str, tuple[object, ...]]
"""By variant_id: ID, FILTER, QUAL in 32 bits (None: none), and the codes."""


def _variants(blocks: Iterable[VariantBlock]) -> Variants:
    out: Variants = {}
    for block in blocks:
        rows = block.rows
        text = (variant_ids(block), rows.rsid, rows.filter)
        columns = (*(column.to_pylist() for column in text), rows.qual, block.genotype.tolist())
        for name, rsid, filters, qual, codes in zip(*columns, strict=True):
            assert name not in out
            out[name] = (rsid, filters, None if np.isnan(qual) else np.float32(qual), codes)
    return out


def _name(chrom: str, pos: int, ref: str, alt: str) -> str:
    ref = ref.upper()
    if alt.isalpha():
        alt = alt.upper()
        while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
            ref, alt = ref[:-1], alt[:-1]
        while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
            pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return f"{chrom}-{pos}-{ref}-{alt}"


def _code(call: list[int], allele: int, how: str) -> int:
    """Count copies of an allele in one call, as one reads it by eye."""
    if len(call) == 1:
        call = [call[0], call[0]]
    if call.count(-1) == 1 and how != "missing":
        known = max(call)
        call = [known, 0 if how == "reference" else known]
    return 3 if -1 in call else call.count(allele)


def _reference(path: Path, n_sample: int, how: str) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Read by cyvcf2's per-sample lists, copied while the record lives."""
    for record in VCF(str(path)):
        calls = [[-1]] * n_sample
        if "GT" in record.FORMAT:
            calls = [list(call[:-1]) for call in record.genotypes]
        filters = ";".join(record.FILTERS) or None
        qual = None if record.QUAL is None else np.float32(record.QUAL)
        for number, alt in enumerate(record.ALT, start=1):
            if alt not in ("*", "<*:DEL>"):
                codes = [_code(call, number, how) for call in calls]
                name = _name(record.CHROM, record.POS, record.REF, alt)
                yield name, (record.ID, filters, qual, codes)


def _ours(made: RandomVcf, path: Path, how: str) -> Variants:
    """Read once through, and again one chromosome at a time, which must be the same."""
    reading = Reading(
        path, call_filter=CallFilter(how), n_variant=3, n_group_byte=made.n_group_byte
    )
    once = _variants(reading.blocks())
    file = reading.file
    assert file is not None, reading.problems.all()
    assert file.n_record == len(made.records)
    again: Variants = {}
    for chrom in file.chromosomes:
        again |= _variants(
            read_blocks(file, [chrom], call_filter=CallFilter(how), n_group_byte=made.n_group_byte)
        )
    assert once == again
    return once


def _both(made: RandomVcf, how: str = "missing") -> tuple[Variants, Variants]:
    """Read a file by both readers; cyvcf2's htslib knows no phase of a first allele."""
    with tempfile.TemporaryDirectory() as folder:
        path, plain = Path(folder) / "t.vcf", Path(folder) / "plain.vcf"
        path.write_bytes(made.data())
        plain.write_bytes(made.data(with_lead=False))
        return _ours(made, path, how), dict(_reference(plain, made.n_sample, how))


@steady
@given(vcfs(), half_calls)
def test_every_genotype_is_that_of_cyvcf2(made: RandomVcf, how: str) -> None:
    ours, reference = _both(made, how)
    assert ours == reference


@settings(steady, max_examples=40)
@given(vcfs(), st.data())
def test_one_corrupted_cell_is_seen(made: RandomVcf, data: st.DataObject) -> None:
    with_variant = [
        (index, number)
        for index, record in enumerate(made.records)
        for number, alt in enumerate(record.alts, start=1)
        if record.keys.startswith("GT") and alt not in ("*", "<*:DEL>")
    ]
    if not with_variant:
        return
    index, number = data.draw(st.sampled_from(with_variant))
    sample = data.draw(st.integers(0, made.n_sample - 1))
    fields = made.records[index].calls[sample].fields

    def changed(call: Call) -> RandomVcf:
        record = made.records[index].with_call(sample, replace(call, fields=fields))
        records = (*made.records[:index], record, *made.records[index + 1 :])
        return replace(made, records=records)

    good, bad = changed(Call(("0", "0"))), changed(Call(("0", str(number))))
    ours, reference = _both(bad)[0], _both(good)[1]
    (name,) = [name for name in reference if ours[name] != reference[name]]
    differ = np.array(ours[name][3]) != np.array(reference[name][3])
    assert np.flatnonzero(differ).tolist() == [sample]


@settings(steady, max_examples=40)
@given(vcfs(), half_calls)
def test_bcf_gives_what_the_text_gives(made: RandomVcf, how: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, bcf = Path(folder) / "t.vcf", Path(folder) / "t.bcf"
        path.write_bytes(replace(made, packing="plain").data(with_lead=False))
        source = VCF(str(path))
        writer = Writer(str(bcf), source, mode="wb")
        for record in source:
            writer.write_record(record)
        writer.close()
        of_bcf = Reading(bcf, call_filter=CallFilter(how))
        assert _variants(of_bcf.blocks()) == _variants(
            Reading(path, call_filter=CallFilter(how)).blocks()
        )
        assert of_bcf.file is not None


PACKING = ["plain", "gzip", "bgzf"]


@pytest.mark.parametrize("packing", PACKING)
@pytest.mark.parametrize("n_group_byte", [1, 50, 1 << 22])
def test_header_alone_has_no_records(tmp_path: Path, packing: str, n_group_byte: int) -> None:
    made = RandomVcf(2, (), packing=packing, n_group_byte=n_group_byte)
    path = tmp_path / "t.vcf"
    path.write_bytes(made.data())
    reading = Reading(path, n_group_byte=n_group_byte)
    assert list(reading.blocks()) == []
    assert [p.found for p in reading.problems.all()] == ["a header and no records"]


@pytest.mark.parametrize("packing", PACKING)
def test_no_samples_are_told(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "t.vcf"
    path.write_bytes(RandomVcf(0, (), packing=packing).data())
    _, problems = inspect(path)
    assert [p.found for p in problems] == ["no samples"]


@pytest.mark.parametrize("packing", PACKING)
@pytest.mark.parametrize("n_group_byte", [1, 7, 1 << 22])
def test_one_byte_at_a_time(packing: str, n_group_byte: int) -> None:
    calls = tuple(Call(("0", str(number)), "|", fields=("7",)) for number in (10, 1, 0))
    alts = tuple("A" * n for n in range(2, 14))
    records = tuple(
        Record("chr1", pos, "A", alts, (".", ".", "PASS", "."), "GT:DP", calls)
        for pos in (10, 40, 80)
    )
    made = RandomVcf(3, records, "\r\n", False, packing, 1, n_group_byte)
    ours, reference = _both(made)
    assert ours == reference
    assert len(ours) == 3 * 12


def test_a_line_of_millions_of_bytes() -> None:
    note = (".", "9", "PASS", "NOTE=" + "\u00e9" * 6_000_000)
    rows = [
        Record("chr1", pos, "A", ("C",), note if pos == 2 else (".", ".", ".", "."), "GT", calls)
        for pos, calls in enumerate([(Call(("0", "1")),) * 5] * 3, start=1)
    ]
    ours, reference = _both(RandomVcf(5, tuple(rows), n_group_byte=1 << 16))
    assert ours == reference
