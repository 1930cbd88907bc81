"""Simulated VCFs with real linkage disequilibrium (msprime), as BGZF."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import msprime
import numpy as np
from numpy.typing import NDArray

_LENGTH = 248_956_422
"""Of chr1, GRCh38."""
_N_E = 10_000
_N_IN_STRETCH, _STRETCH_BP = 40_000, 10_000_000
"""Variants of a stretch, and its length."""
_RECOMBINATION = 1e-8
_BASES = "ACGT"
_BLOCK_BYTE = 65_280
_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_HEADER = """##fileformat=VCFv4.2
##source=simulated with msprime: no person's genotypes
##contig=<ID=chr1,length=248956422>
##FILTER=<ID=PASS,Description="All filters passed">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Reads of each allele">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Reads">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Phred-scaled likelihoods">
"""
_N_FIELD_TEXT = 4096
"""Different texts of AD:DP:GQ:PL by genotype."""
_DELETION = '##ALT=<ID=DEL,Description="Deletion">\n'
_STAR_RATE, _SYMBOLIC_RATE, _EXPONENT_RATE, _MISSING_RATE = 0.1, 0.01, 0.1, 0.02
_ALLELES = np.frombuffer(b"012.", dtype=np.uint8)
"""Letters of the alleles 0, 1 and 2, and of -1."""


def write(
    path: Path,
    *,
    n_sample: int,
    n_variant: int,
    with_fields: bool,
    messy: bool = False,
    seed: int = 1,
) -> None:
    """Write a VCF of exactly ``n_variant`` variants on chr1, GT alone or GT:AD:DP:GQ:PL.

    A ``messy`` one is as callers write them: a tenth of the records with ALT ``X,*``, one in a
    hundred ``<DEL>``, QUAL with an exponent in a tenth, 2% of the calls missing.
    """
    rng, mess = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    with path.open("wb") as stream:
        blocks = _Bgzf(stream)
        names = "\t".join(f"simulated{index}" for index in range(n_sample))
        columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
        header = _HEADER + _DELETION if messy else _HEADER
        blocks.write(f"{header}{columns}\t{names}\n".encode())
        texts = _field_texts(rng) if with_fields else None
        keys = "GT:AD:DP:GQ:PL" if with_fields else "GT"
        for number, (pos, calls) in enumerate(_variants(n_sample, n_variant, seed)):
            first = int(rng.integers(4))
            ref, alt = _BASES[first], _BASES[(first + int(rng.integers(1, 4))) % 4]
            qual = "50"
            if messy:
                alt, qual, calls = _messy(alt, calls, mess)
            head = f"chr1\t{pos}\trs{number}\t{ref}\t{alt}\t{qual}\tPASS\t.\t{keys}\t"
            cells = _cells(calls) if texts is None else _cells_with_fields(calls, texts, rng)
            blocks.write(head.encode() + cells + b"\n")
        blocks.close()


def _messy(
    alt: str, calls: NDArray[np.int8], rng: np.random.Generator
) -> tuple[str, str, NDArray[np.int8]]:
    """ALT, QUAL and calls as callers write them: allele 2 is ``*``, -1 missing."""
    calls, kind = calls.copy(), rng.random()
    if kind < _STAR_RATE:
        alt = f"{alt},*"
        calls[rng.random(calls.shape) < _MISSING_RATE] = 2
    elif kind < _STAR_RATE + _SYMBOLIC_RATE:
        alt = "<DEL>"
    calls[rng.random(len(calls)) < _MISSING_RATE] = -1
    has_exponent = rng.random() < _EXPONENT_RATE
    return alt, f"{10 ** rng.uniform(-14, -5):.5e}" if has_exponent else "50", calls


def _variants(n_sample: int, n_variant: int, seed: int) -> Iterator[tuple[int, NDArray[np.int8]]]:
    """Positions, and both alleles of every sample: stretches simulated apart, one after another.

    The time that a stretch takes grows with the square of its length.
    """
    n_stretch = max(1, n_variant // _N_IN_STRETCH)
    sizes = [n_variant // n_stretch + (i < n_variant % n_stretch) for i in range(n_stretch)]
    length = _LENGTH // n_stretch if n_stretch > 24 else _STRETCH_BP
    for index, size in enumerate(sizes):
        for pos, calls in _stretch(n_sample, size, length, seed + index):
            yield index * length + pos, calls


def _stretch(
    n_sample: int, n_variant: int, length: int, seed: int
) -> Iterator[tuple[int, NDArray[np.int8]]]:
    """Positions from 1 on, and both alleles of every sample."""
    trees = msprime.sim_ancestry(
        n_sample,
        sequence_length=length,
        recombination_rate=_RECOMBINATION,
        population_size=_N_E,
        random_seed=seed,
    )
    n_expected = 4 * _N_E * length * sum(1 / i for i in range(1, 2 * n_sample))
    model = msprime.BinaryMutationModel()
    rate = (1.15 + 5 / n_variant**0.5) * n_variant / n_expected
    trees = msprime.sim_mutations(trees, rate=rate, random_seed=seed, model=model)
    n_written = 0
    for variant in trees.variants():
        if variant.num_alleles == 2 and n_written < n_variant:
            n_written += 1
            yield int(variant.site.position) + 1, variant.genotypes.reshape(-1, 2)
    if n_written < n_variant:
        raise ValueError(f"found {n_written} sites; expected {n_variant}: raise the rate")


def _cells(calls: NDArray[np.int8]) -> bytes:
    text = np.full((len(calls), 4), ord("\t"), dtype=np.uint8)
    text[:, 0], text[:, 1], text[:, 2] = _ALLELES[calls[:, 0]], ord("|"), _ALLELES[calls[:, 1]]
    return text.tobytes()[:-1]


def _field_texts(rng: np.random.Generator) -> list[list[bytes]]:
    """Plausible AD:DP:GQ:PL of each dosage."""
    return [[_field_text(rng, dosage) for _ in range(_N_FIELD_TEXT)] for dosage in range(3)]


def _field_text(rng: np.random.Generator, dosage: int) -> bytes:
    depth, quality = int(rng.poisson(30)), int(rng.integers(20, 99))
    alt = (0, int(rng.binomial(depth, 0.5)), depth)[dosage]
    likelihoods = [(0, 1, 11), (9, 0, 10), (11, 1, 0)][dosage]
    phred = ",".join(str(factor * quality) for factor in likelihoods)
    return f":{depth - alt},{alt}:{depth}:{quality}:{phred}".encode()


def _cells_with_fields(
    calls: NDArray[np.int8], texts: list[list[bytes]], rng: np.random.Generator
) -> bytes:
    pick = rng.integers(0, _N_FIELD_TEXT, len(calls)).tolist()
    return b"\t".join(
        b"%c/%c" % (_ALLELES[first], _ALLELES[second])
        + texts[min(max(first + second, 0), 2)][index]
        for (first, second), index in zip(calls.tolist(), pick, strict=True)
    )


class _Bgzf:
    """Writes BGZF (SAM specification, section 4.1)."""

    def __init__(self, stream) -> None:  # type: ignore[no-untyped-def]
        self._stream, self._buffer = stream, bytearray()

    def write(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= _BLOCK_BYTE:
            self._block(bytes(self._buffer[:_BLOCK_BYTE]))
            del self._buffer[:_BLOCK_BYTE]

    def close(self) -> None:
        if self._buffer:
            self._block(bytes(self._buffer))
        self._stream.write(_END)

    def _block(self, data: bytes) -> None:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        body = packer.compress(data) + packer.flush()
        size = (len(body) + 25).to_bytes(2, "little")
        tail = struct.pack("<II", zlib.crc32(data), len(data))
        self._stream.write(bytes.fromhex("1f8b08040000000000ff060042430200") + size + body + tail)
