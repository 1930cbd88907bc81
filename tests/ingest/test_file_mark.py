"""A file that changed under the reader is told, also where its mtime was set back."""

import os
import time
from pathlib import Path

import pytest

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.ingest.genotype_file import Reading, check_mark
from alsrev_dagster.ingest.plink_files import fileset_mark
from tests.ingest.made_plink import write_bed
from tests.ingest.made_vcf import row, sound, write_vcf


def rewrite(path: Path, old: str, new: str) -> None:
    """Change a file in place, with the size and mtime it had."""
    stat = path.stat()
    with path.open("r+") as stream:
        text = stream.read().replace(old, new)
        stream.seek(0)
        stream.write(text)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert path.stat().st_size == stat.st_size


def test_a_change_whose_mtime_was_set_back_is_told(tmp_path: Path) -> None:
    path = write_vcf(tmp_path, [row(), row(chrom="chr2")])
    file = sound(path)
    reading = Reading(path, n_variant=1)
    blocks = reading.blocks()
    next(blocks)
    time.sleep(0.02)  # the kernel's clock of file times ticks every few milliseconds
    rewrite(path, "0/1", "1/1")
    assert len(list(blocks)) == 1
    (problem,) = reading.problems.all()
    assert "a file that changed while it was read" in str(problem)
    with pytest.raises(InputDataError, match="a file that changed since it was inspected"):
        check_mark(file)


def test_a_fileset_has_the_mark_of_each_of_its_files(tmp_path: Path) -> None:
    path = write_bed(tmp_path)
    before = fileset_mark(path)
    time.sleep(0.02)
    rewrite(tmp_path / "t.fam", "vialA", "vialF")
    assert fileset_mark(path) != before
