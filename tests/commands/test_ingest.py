"""`alsrev ingest`: shards of sound files, all or none, the same for the same bytes."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from alsrev_dagster.cli import app
from alsrev_dagster.commands.ingest import ingest
from alsrev_dagster.errors import InputDataError
from alsrev_dagster.genotype_shard import write_shards
from alsrev_dagster.ingest.call_filter import CallFilter
from alsrev_dagster.ingest.genotype_file import Reading
from alsrev_dagster.storage.lake import Lake
from tests.ingest.made_plink import write_bed
from tests.ingest.made_reference import write_fasta
from tests.ingest.made_vcf import DATA, bgzf, row, vcf_text, write_vcf

FILES = ["hapmap2_ceu_igfbp7.vcf.gz", "hail_sample2_300.vcf.gz", "kg_highcov_chr12_60.bcf"]


def packed(files: list[Path], out: Path, *options: str) -> tuple[int, str]:
    """Run the command; exit code, and what it prints."""
    result = CliRunner().invoke(app, ["ingest", *map(str, files), "--out", str(out), *options])
    return result.exit_code, result.output


def shards(out: Path) -> dict[str, str]:
    paths = sorted(path for path in out.rglob("*") if path.is_file())
    return {str(p.relative_to(out)): sha256(p.read_bytes()).hexdigest() for p in paths}


@pytest.mark.parametrize("name", FILES)
def test_the_same_bytes_give_the_same_shards(tmp_path: Path, name: str) -> None:
    for folder in ("one", "two"):
        assert packed([DATA / name], tmp_path / folder)[0] == 0
    assert shards(tmp_path / "one") == shards(tmp_path / "two")
    before = shards(tmp_path / "one")
    assert packed([DATA / name], tmp_path / "one")[0] == 0
    assert shards(tmp_path / "one") == before


def test_packing_changes_no_shard(tmp_path: Path) -> None:
    rows = [row(pos=pos) for pos in range(1, 9_000)]
    for name, data in (
        ("a.vcf", vcf_text(rows).encode()),
        ("b.vcf", bgzf(vcf_text(rows).encode())),
    ):
        (tmp_path / name).write_bytes(data)
        assert packed([tmp_path / name], tmp_path / f"{name}.lake")[0] == 0
    one, two = (shards(tmp_path / f"{name}.lake") for name in ("a.vcf", "b.vcf"))
    assert one["raw/genotype/chr1/callset.parquet"] == two["raw/genotype/chr1/callset.parquet"]


@pytest.mark.parametrize("name", FILES[:2])
@pytest.mark.parametrize("is_packed", [False, True])
def test_the_size_of_what_is_read_at_once_changes_no_shard(
    tmp_path: Path, name: str, is_packed: bool
) -> None:
    text, path = gzip.decompress((DATA / name).read_bytes()), tmp_path / "t.vcf"
    path.write_bytes(bgzf(text, 3000) if is_packed else text)
    made = []
    for n_group_byte in (500, 20_000, 1 << 22):
        out = tmp_path / str(n_group_byte)
        reading = Reading(path, n_group_byte=n_group_byte)
        counts = write_shards(Lake(out), "callset", reading.blocks())
        assert reading.problems.all() == ()
        made.append((shards(out), counts))
    assert made[0][0]
    assert made[1:] == made[:1] * 2


def test_what_was_read_is_told_and_recorded(tmp_path: Path) -> None:
    rows = [
        row("0/1 0/."),
        row("0/1 1", pos=11, alt="C,*"),
        row("0/0 0/0", pos=12, alt="."),
        row("1 2", pos=13, format="DP"),
        row(chrom="GL000207.1"),
    ]
    path = write_vcf(tmp_path, rows)
    code, told = packed([path], tmp_path / "out")
    assert code == 0
    assert "3 variants of 2 samples, from 4 records on 1 chromosome(s)" in told
    for line in (
        "1 records on other contigs left out",
        "1 records without an ALT allele, not kept",
        "1 * and <*> alleles, not kept",
        "1 records without GT, every call missing",
        "1 calls with one allele missing, read as missing",
    ):
        assert line in told
    _, as_json = packed([path], tmp_path / "out", "--json", "--callset", "joint")
    record = json.loads(as_json)
    assert record == json.loads((tmp_path / "out" / "ingest.joint.json").read_text())
    assert record["files"][0]["sha256"] == sha256(path.read_bytes()).hexdigest()
    assert record["chromosomes"]["chr1"]["n_row"] == 3


def test_duckdb_reads_the_shards(tmp_path: Path) -> None:
    assert packed([DATA / "hapmap2_ceu_igfbp7.vcf.gz"], tmp_path)[0] == 0
    shard = tmp_path / "raw" / "genotype" / "chr4" / "callset.parquet"
    with duckdb.connect() as db:
        found = db.execute(
            "SELECT count(*), count(DISTINCT variant_id), min(octet_length(packed)) FROM read_parquet(?)",
            [str(shard)],
        ).fetchone()
    assert found == (168, 168, 15)


def test_files_are_private(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert packed([DATA / FILES[0]], out)[0] == 0
    for path in (out, *out.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


@pytest.mark.parametrize("before", [False, True])
def test_one_broken_file_leaves_everything_as_it_was(tmp_path: Path, before: bool) -> None:
    good = write_vcf(tmp_path, [row()], name="good.vcf")
    bad = write_vcf(
        tmp_path, [row(chrom="chr2"), row("0/9 0/0", chrom="chr2", pos=11)], name="bad.vcf"
    )
    out = tmp_path / "out"
    if before:
        assert packed([DATA / FILES[0]], out)[0] == 0
    stood = shards(out)
    code, told = packed([good, bad], out)
    assert code == 1
    assert "bad.vcf, line 5, column 10: found GT '0/9'; expected allele numbers up to 1" in told
    assert shards(out) == stood


def test_files_that_do_not_fit_together_are_refused(tmp_path: Path) -> None:
    one = write_vcf(tmp_path, [row()], name="one.vcf")
    two = write_vcf(tmp_path, [row()], name="two.vcf", samples="a b")
    code, told = packed([one, two], tmp_path / "out")
    assert code == 1
    assert "two.vcf: found records of chr1, as in one.vcf" in told
    assert "two.vcf: found 2 other samples" in told
    assert shards(tmp_path / "out") == {}


def test_shards_of_an_earlier_ingest_do_not_stay_beside_new_ones(tmp_path: Path) -> None:
    assert packed([DATA / "hapmap2_ceu_igfbp7.vcf.gz"], tmp_path)[0] == 0
    assert packed([DATA / "hail_sample2_300.vcf.gz"], tmp_path)[0] == 0
    held = sorted(path.parent.name for path in tmp_path.rglob("callset.parquet"))
    assert held == ["callset_sample", "chr22"]


def test_a_missing_file_is_told_without_a_traceback(tmp_path: Path) -> None:
    code, told = packed([tmp_path / "none.vcf"], tmp_path / "out")
    assert code == 1
    assert "none.vcf: found no such file; expected a whole genotype file" in told
    assert "Traceback" not in told


@pytest.mark.parametrize("name", ["../elsewhere", "a b", "", "x" * 65])
def test_a_callset_that_cannot_name_a_file_is_refused(tmp_path: Path, name: str) -> None:
    code, told = packed([DATA / FILES[0]], tmp_path / "out", "--callset", name)
    assert code == 1
    assert "expected letters, digits, _ and -, at most 64: it names a file" in " ".join(
        told.split()
    )
    assert list(tmp_path.iterdir()) == []


_COMMAND = (
    "import sys; from pathlib import Path; "
    "from alsrev_dagster.commands.ingest import ingest; "
    "from alsrev_dagster.ingest.call_filter import CallFilter; "
)


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    rows = [row(pos=pos) for pos in range(1, 30_000)]
    path = write_vcf(tmp_path, rows)
    out = tmp_path / "out"
    code = _COMMAND + (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000)); "
        "from alsrev_dagster.errors import AlsrevError\n"
        "try: ingest([Path(sys.argv[1])], Path(sys.argv[2]), call_filter=CallFilter())\n"
        "except AlsrevError as error: print(error)"
    )
    command = [sys.executable, "-c", code, str(path), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "callset.parquet: found no room to write it (" in done.stdout
    assert "free some and run again: nothing half-written is kept" in done.stdout
    assert shards(out) == {}


def test_a_killed_ingest_leaves_what_was_there_and_is_swept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert packed([DATA / FILES[0]], out)[0] == 0
    stood = shards(out)
    code = _COMMAND + (
        "import os, signal; ingest([Path(sys.argv[1])], Path(sys.argv[2]), call_filter=CallFilter(), "
        "tell=lambda *_: os.kill(os.getpid(), signal.SIGKILL))"
    )
    command = [sys.executable, "-c", code, str(DATA / FILES[1]), str(out)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    left = {name: value for name, value in shards(out).items() if not name.startswith(".")}
    assert left == stood
    assert packed([DATA / FILES[0]], out)[0] == 0
    assert shards(out) == stood


def test_indels_are_left_aligned_by_a_reference(tmp_path: Path) -> None:
    path = write_vcf(tmp_path, [row(pos=11, ref="ACA", alt="A")])
    assert (
        "  indels are trimmed only, not left-aligned: no --reference was given"
        in packed([path], tmp_path / "plain")[1]
    )
    fasta = write_fasta(tmp_path, {"1": "AAAAGCACACACAT"})
    code, told = packed([path], tmp_path / "out", "--reference", str(fasta))
    assert code == 0
    assert "  1 indels moved to their left-most place" in told
    assert "not left-aligned" not in told
    shard = tmp_path / "out/raw/genotype/chr1/callset.parquet"
    assert duckdb.sql(f"SELECT variant_id FROM '{shard}'").fetchall() == [("chr1-5-GCA-G",)]
    record = json.loads((tmp_path / "out/ingest.callset.json").read_text())
    digest = sha256(fasta.read_bytes()).hexdigest()
    assert record["reference"] == {"file": "ref.fa", "sha256": digest}


def test_a_reference_that_is_none_stops_the_ingest(tmp_path: Path) -> None:
    path = write_vcf(tmp_path, [row()])
    code, told = packed([path], tmp_path / "out", "--reference", str(tmp_path / "no.fa"))
    assert code != 0
    assert "found no such file" in " ".join(told.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("name", "while_reading"), [("r1.vcf", "chr2"), ("r2.vcf", "chr1")])
def test_a_file_that_changes_under_the_ingest_is_refused(
    tmp_path: Path, name: str, while_reading: str
) -> None:
    rows = {f"r{i}.vcf": row(chrom=f"chr{i}", ref="G") for i in (1, 2)}
    files = [write_vcf(tmp_path, [rows[file]], name=file) for file in rows]

    def tell(chrom: str, _: int) -> None:
        if chrom == while_reading:
            time.sleep(0.1)  # a file is hashed beside its reading
            path = tmp_path / name
            path.write_text(path.read_text().replace("0/1", "1/1"))

    said = f"{name}: found a file that changed while the callset was read; expected the same bytes"
    with pytest.raises(InputDataError, match=said):
        ingest(files, tmp_path / "out", call_filter=CallFilter(), tell=tell)
    assert shards(tmp_path / "out") == {}


def test_a_reference_that_changes_while_it_is_hashed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fasta = write_fasta(tmp_path, {"1": "AAAAGCACACACAT"})
    path = write_vcf(tmp_path, [row(pos=11, ref="ACA", alt="A")])

    def hashed(path: Path) -> str:
        path.write_text(path.read_text().replace("ref", "REF") + "\n")
        return "hash"

    monkeypatch.setattr("alsrev_dagster.commands.ingest.file_sha256", hashed)
    with pytest.raises(InputDataError, match=r"ref\.fa: found a file that changed while"):
        ingest([path], tmp_path / "out", call_filter=CallFilter(), reference=fasta)
    assert shards(tmp_path / "out") == {}


def test_an_ingest_leaves_the_umask_of_its_caller(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        ingest([DATA / FILES[0]], tmp_path / "out", call_filter=CallFilter())
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    for path in (tmp_path / "out").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


def test_notes_and_haploid_calls_are_told_and_recorded(tmp_path: Path) -> None:
    rows = [row("0/1 1"), row("1 0", chrom="chrX")]
    told = packed([write_vcf(tmp_path, rows)], tmp_path / "out")[1]
    assert "  1 haploid calls outside X, Y and M, read as 0 or 2 copies, never 1" in told
    code, told = packed([write_bed(tmp_path)], tmp_path / "bed")
    assert code == 0
    (file,) = json.loads((tmp_path / "bed/ingest.callset.json").read_text())["files"]
    assert "is read as ALT and A2 as REF" in " ".join(file["notes"])
    for note in file["notes"]:
        assert f"  note: t.bed: {note}" in told


def test_the_build_is_checked_where_it_is_given(tmp_path: Path) -> None:
    path = write_vcf(tmp_path, [row()], meta="##contig=<ID=chr1,length=248956422>\n")
    out = tmp_path / "out"
    told = packed([path], out)[1]
    assert "  build not checked: no --genome-build was given" in told
    assert json.loads((out / "ingest.callset.json").read_text())["genome_build"] is None
    code, told = packed([path], out, "--genome-build", "GRCh38")
    assert code == 0
    assert "build not checked" not in told
    assert json.loads((out / "ingest.callset.json").read_text())["genome_build"] == "GRCh38"
    code, told = packed([path], tmp_path / "other", "--genome-build", "GRCh37")
    assert code == 1
    assert (
        "t.vcf: found contig lengths in the header of GRCh38: chr1 248,956,422; expected GRCh37, "
        "as --genome-build says; give the build that it is of, or lift it over"
    ) in " ".join(told.split())
    assert shards(tmp_path / "other") == {}


def test_the_reference_is_held_against_the_build(tmp_path: Path) -> None:
    fasta = write_fasta(tmp_path, {"1": "AAAAGCACACACAT"})
    options = ("--reference", str(fasta), "--genome-build", "GRCh38")
    code, told = packed([write_vcf(tmp_path, [row()])], tmp_path / "out", *options)
    assert code == 1
    assert (
        "ref.fa: found contig lengths of neither build: chr1 14; expected GRCh38, as "
        "--genome-build says"
    ) in " ".join(told.split())
