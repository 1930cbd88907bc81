"""Files broken at random, byte by byte: told or read right, never an exception or a crash."""

import gzip
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from alsrev_dagster.ingest.genotype_file import Reading
from alsrev_dagster.ingest.genotype_rows import variant_ids
from tests.ingest.made_vcf import DATA, bgzf, row, vcf_text

_DEADLINE_SECOND = 20.0
_CALLS = ("0/1 0/0 1|1 ./. 0/1", "0 1 . 0 1", "0/0 0/0 0/1 1/1 0/0", "./1 0/. 2/1 0|2 2/2")


def _sound_text(n_row: int = 24) -> bytes:
    meta = "".join(f"##contig=<ID=chr{name},length=90000>\n" for name in (1, 2, "X"))
    rows = [
        row(
            _CALLS[n % 4],
            chrom=("chr1", "chr2", "chrX")[n * 3 // n_row],
            pos=100 * n + 100,
            id=f"rs{n}",
            alt="C,GT" if n % 4 == 3 else "C",
            qual=("30", ".", "1e3", "12.5")[n % 4],
            filter=("PASS", "q10;s50", ".")[n % 3],
            info="DP=8;NOTE=caf\u00e9",
        )
        for n in range(n_row)
    ]
    return vcf_text(rows, " ".join(f"vial{n}" for n in range(5)), meta).encode()


def _broken(data: bytes, seed: int, *, first: int = 0) -> bytes:
    """Change, drop or add bytes at a few places, or cut the rest off."""
    chance, out = random.Random(seed), bytearray(data)  # noqa: S311 - no secret
    for _ in range(chance.choice([1, 1, 2, 5])):
        at, n = chance.randrange(first, len(out)), chance.randrange(1, 5)
        how = chance.choice(["bit", "byte", "text", "drop", "add", "cut"])
        if how == "bit":
            out[at] ^= 1 << chance.randrange(8)
        elif how == "byte":
            out[at] = chance.randrange(256)
        elif how == "text":
            out[at] = chance.choice(b'\t\n\r:/|.,;#0129ACGT<>*"=')
        elif how == "drop":
            del out[at : at + n]
        elif how == "add":
            out[at:at] = chance.randbytes(n)
        elif len(out) > first + 40:
            del out[max(at, first + 20) :]
    return bytes(out)


def _read(path: Path) -> dict[str, list[int]] | None:
    """Read a file; None where problems are told, which must say something."""
    started = time.monotonic()
    reading = Reading(path, n_group_byte=500)
    codes: dict[str, list[int]] = {}
    for block in reading.blocks():
        codes |= dict(zip(variant_ids(block).to_pylist(), block.genotype.tolist(), strict=True))
    assert time.monotonic() - started < _DEADLINE_SECOND
    problems = reading.problems.all()
    assert (reading.file is None) == bool(problems)
    assert all(problem.where and problem.found for problem in problems)
    assert "vial" not in "\n".join(map(str, problems)), "a problem names a sample"
    return None if problems else codes


def _name(chrom: str, pos: int, ref: str, alt: str) -> str:
    if alt.isalpha():
        while min(len(ref), len(alt)) > 1 and ref[-1] == alt[-1]:
            ref, alt = ref[:-1], alt[:-1]
        while min(len(ref), len(alt)) > 1 and ref[0] == alt[0]:
            pos, ref, alt = pos + 1, ref[1:], alt[1:]
    bare = chrom.upper().removeprefix("CHR")
    return f"chr{ {'MT': 'M', '23': 'X', '24': 'Y', '26': 'M'}.get(bare, bare) }-{pos}-{ref}-{alt}"


def _code(call: str, number: int) -> int:
    alleles = call.split(":")[0].replace("|", "/").removeprefix("/").split("/")
    if "." in alleles:
        return 3
    return [int(allele) for allele in alleles * (3 - len(alleles))].count(number)


def _by_text(data: bytes) -> dict[str, list[int]]:
    """Read the rows of a text cell by cell."""
    codes = {}
    for line in data.decode().split("\n"):
        cells = line.removesuffix("\r").split("\t")
        if line.startswith("#") or len(cells) < 10:
            continue
        alts = cells[4].split(",") if cells[4] != "." else []
        has_gt = cells[8].split(":")[0] == "GT"
        for number, alt in enumerate(alts, start=1):
            if alt not in ("*", "<*:DEL>"):
                alt = alt.upper() if alt.isalpha() else alt
                name = _name(cells[0], int(cells[1]), cells[3].upper(), alt)
                codes[name] = [_code(call, number) if has_gt else 3 for call in cells[9:]]
    return codes


@pytest.mark.parametrize("packing", ["plain", "gzip", "bgzf"])
def test_text_broken_anywhere_is_told_or_read_as_it_stands(
    tmp_path: Path, packing: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Broken before it is packed: no checksum helps."""
    sound, n_read, path = _sound_text(), 0, tmp_path / "t.vcf"
    for seed in range(300):
        data = _broken(sound, seed)
        packed = {"plain": data, "gzip": gzip.compress(data, 1), "bgzf": bgzf(data, 700)}
        path.write_bytes(packed[packing])
        codes = _read(path)
        if codes is not None:
            n_read += 1
            assert codes == _by_text(data), seed
    assert 20 < n_read < 250
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("packing", ["gzip", "bgzf"])
def test_packing_broken_anywhere_is_told_or_harmless(
    tmp_path: Path, packing: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Checksums see all but bytes of the packing that mean nothing (a gzip's time or name)."""
    sound, path = _sound_text(), tmp_path / "t.vcf.gz"
    packed = bgzf(sound, 700) if packing == "bgzf" else gzip.compress(sound)
    for seed in range(300):
        path.write_bytes(_broken(packed, seed))
        codes = _read(path)
        assert codes is None or codes == _by_text(sound), seed
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("packing", ["gzip", "bgzf"])
def test_packed_file_cut_at_any_byte_is_told(tmp_path: Path, packing: str) -> None:
    sound, path = _sound_text(8), tmp_path / "t.vcf.gz"
    packed = bgzf(sound, 300) if packing == "bgzf" else gzip.compress(sound)
    path.write_bytes(packed)
    assert _read(path) == _by_text(sound)
    for cut in range(len(packed)):
        path.write_bytes(packed[:cut])
        assert _read(path) is None, cut


@pytest.mark.parametrize("n_sample", [1, 5])
def test_plain_text_cut_anywhere_but_at_a_line_end_is_told(tmp_path: Path, n_sample: int) -> None:
    """Cut behind a line end, nothing shows that lines are missing: that is read as it stands."""
    path = tmp_path / "t.vcf"
    calls = " ".join(["0/0", "0/1", "1|1", "./.", "0/1"][-n_sample:])
    rows = [row(calls, pos=pos) for pos in (10, 20, 3000)]
    sound = vcf_text(rows, " ".join("abcde"[:n_sample])).encode()
    first = sound.index(b"chr1")
    for cut in range(len(sound)):
        path.write_bytes(sound[:cut])
        is_at_line_end = sound[cut : cut + 1] == b"\n" or sound[cut - 1 : cut] == b"\n"
        assert (_read(path) is not None) == (is_at_line_end and cut > first + 1), cut


_INSPECT_ALL = """
import sys
from pathlib import Path
from alsrev_dagster.ingest.genotype_file import inspect
for name in sys.argv[1:]:
    file, problems = inspect(Path(name))
    print(name, "read" if file else "told" if problems else "NOTHING", flush=True)
"""


@pytest.mark.parametrize("is_packed", [False, True])
def test_broken_bcf_crashes_nothing(tmp_path: Path, is_packed: bool) -> None:
    """BCF goes to htslib: in a process of its own, whose end would be seen."""
    sound = gzip.decompress((DATA / "kg_highcov_chr12_60.bcf").read_bytes())
    first = 9 + int.from_bytes(sound[5:9], "little")
    sound = sound[: first + 30_000]
    names = []
    for seed in range(100):
        data = _broken(sound, seed, first=first if seed % 3 else 0)
        path = tmp_path / f"{seed}.bcf"
        path.write_bytes(bgzf(data, 20_000) if is_packed else data)
        names.append(str(path))
    run = subprocess.run(
        [sys.executable, "-c", _INSPECT_ALL, *names],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert [line.split()[0] for line in run.stdout.splitlines()] == names
    assert "NOTHING" not in run.stdout


def test_damaged_or_cut_bcf_is_told(tmp_path: Path) -> None:
    """A checksum of BGZF sees every damage of the file as it was written."""
    source, path = DATA / "kg_highcov_chr12_60.bcf", tmp_path / "t.bcf"
    sound, codes = source.read_bytes(), _read(source)
    assert codes
    for seed in range(60):
        path.write_bytes(_broken(sound, seed))
        assert _read(path) in (None, codes), seed
    for cut in range(100, len(sound), 997):
        path.write_bytes(sound[:cut])
        assert _read(path) is None, cut
