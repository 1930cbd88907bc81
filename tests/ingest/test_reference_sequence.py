"""A FASTA by memory map: with an index and without, and what is wrong with one."""

import gzip
import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alsrev_dagster.ingest import reference_index
from alsrev_dagster.ingest.reference_index import contigs_of
from alsrev_dagster.ingest.reference_sequence import open_reference
from tests.ingest.made_reference import reference, write_fasta

SEQUENCES = {"1": "ACGTacgtNNRyACG", "chrX": "AC" * 40, "chrUn_KI270302v1": "TTT", "MT": "G"}


def _told(path: Path) -> str:
    found, problems = open_reference(path)
    assert found is None
    return "\n".join(map(str, problems))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("width", [1, 4, 5, 15, 80, 100])
def test_bases_are_those_written(tmp_path: Path, width: int, end: str) -> None:
    found = reference(tmp_path, SEQUENCES, width=width, end=end)
    assert {name: c.length for name, c in found.contigs.items()} == {
        "chr1": 15,
        "chrX": 80,
        "chrM": 1,
    }
    assert found.bases("chr1", 0, 15) == "ACGTACGTNNNNACG"
    assert found.bases("chrX", 3, 8) == "CACAC"
    assert found.bases("chrX", 79, 80) == "C"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.text("ACGTNacgt", max_size=50), min_size=1, max_size=6),
    st.integers(1, 30),
    st.data(),
)
def test_index_made_in_memory_is_the_one_written_down(
    tmp_path: Path, sequences: list[str], width: int, data: st.DataObject
) -> None:
    named = {f"chr{n}": sequence for n, sequence in enumerate(sequences, start=1)}
    path = write_fasta(tmp_path, named, width=width)
    step = data.draw(st.integers(1, 64))
    before, reference_index._STEP = reference_index._STEP, step
    try:
        found = contigs_of(np.fromfile(path, dtype=np.uint8))
    finally:
        reference_index._STEP = before
    text = path.read_text()
    for contig in found:
        sequence = named[contig.name]
        at = contig.places(np.arange(contig.length)).tolist()
        assert "".join(text[place] for place in at) == sequence


def _index(path: Path, *lines: str) -> None:
    index = Path(f"{path}.fai")
    index.write_text("".join(f"{line}\n" for line in lines))
    os.utime(index, ns=(path.stat().st_mtime_ns + 1,) * 2)


FITTING = "1\t15\t8\t10\t11", "chrX\t80\t36\t10\t11"


def test_index_is_used_when_it_is_not_older(tmp_path: Path) -> None:
    path = write_fasta(tmp_path, {"1": SEQUENCES["1"], "chrX": SEQUENCES["chrX"]}, width=10)
    _index(path, FITTING[0])
    assert set(open_reference(path)[0].contigs) == {"chr1"}  # type: ignore[union-attr]
    os.utime(f"{path}.fai", ns=(1, 1))
    assert set(open_reference(path)[0].contigs) == {"chr1", "chrX"}  # type: ignore[union-attr]


def test_index_beside_the_file_that_is_linked_to_is_used(tmp_path: Path) -> None:
    path = write_fasta(tmp_path, {"1": SEQUENCES["1"], "chrX": SEQUENCES["chrX"]}, width=10)
    _index(path, FITTING[0])
    link = tmp_path / "study.fa"
    link.symlink_to(path)
    assert set(open_reference(link)[0].contigs) == {"chr1"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "line",
    [
        "1\t14\t8\t10\t11",
        "1\t16\t8\t10\t11",
        "1\t15\t7\t10\t11",
        "1\t15\t8\t9\t10",
        "1\t15\t8\t10\t10",
        "1\t99\t8\t10\t11",
        "1\t0\t8\t10\t11",
        "2\t15\t8\t10\t11",
        "1\t80\t8\t10\t11",
    ],
)
def test_index_that_does_not_fit_is_told(tmp_path: Path, line: str) -> None:
    path = write_fasta(tmp_path, {"1": SEQUENCES["1"], "chrX": SEQUENCES["chrX"]}, width=10)
    _index(path, *FITTING)
    assert open_reference(path)[0] is not None
    _index(path, line)
    assert _told(path) == (
        f"ref.fa.fai: found another place or length of {line[0]} than the FASTA's; expected an "
        "index that fits the FASTA; make it again (samtools faidx) or delete it"
    )


@pytest.mark.parametrize("text", ["1\t15", "1\t15\t8\tten\t11", "not an index"])
def test_index_that_cannot_be_read_is_told(tmp_path: Path, text: str) -> None:
    path = write_fasta(tmp_path, SEQUENCES)
    _index(path, text)
    assert "ref.fa.fai: found an index that cannot be read; expected" in _told(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "found an empty file"),
        (b"ACGT\n", "found a file that does not start with '>'"),
        (b"##fileformat=VCFv4.2\n", "found a file that does not start with '>'"),
        (b">scaffold_1\nACGT\n", "found no human chromosome"),
        (b">chr1\nACGT\n>1\nACGT\n", "found chr1 more than once"),
        (b">chr1\nACGT\nAC\nACGT\n", "found lines of chr1 that are not of equal length"),
        (b">chr1\nACGT\nACGTA\n", "found lines of chr1 that are not of equal length"),
        (b">chr1\nACGT\n\nACGT\n", "found lines of chr1 that are not of equal length"),
        (gzip.compress(b">chr1\nACGT\n", mtime=0), r"unpack it \(bgzip -d ref\.fa\)"),
    ],
)
def test_what_is_not_a_reference_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "ref.fa"
    path.write_bytes(content)
    told = _told(path)
    assert told.startswith("ref.fa: found ")
    assert re.search(message, told)


def test_reference_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert _told(tmp_path / "ref.fa") == (
        "ref.fa: found no such file; expected the reference genome as a plain FASTA file; mend the "
        "path of the reference"
    )
    assert "found a folder or device" in _told(tmp_path)
