"""VCFs made at random: sound ones, in every shape that the specification allows."""

import gzip
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from tests.ingest.made_vcf import bgzf

META = "".join(
    [
        "##fileformat=VCFv4.4\n",
        '##FILTER=<ID=q10,Description="Quality below 10">\n',
        '##FILTER=<ID=s50,Description="Fewer than half">\n',
        '##INFO=<ID=NOTE,Number=1,Type=String,Description="Caf\u00e9, \u4e2d">\n',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">\n',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">\n',
        *(f"##contig=<ID={name},length=5000>\n" for name in ("chr1", "chr2", "chr7", "chrX")),
    ]
)
_SYMBOLIC = ("*", "<DEL>", "<INS:ME>", "<*:DEL>", "G]chr2:5]", "[chr1:9[A", "A.", ".T")
_FORMATS = ("GT", "GT:AD:DP", "GT:DP", "AD:DP")


@dataclass(frozen=True)
class Call:
    """One call: allele numbers or ``.``, and what is written around them."""

    alleles: tuple[str, ...]
    phase: str = "/"
    lead: str = ""
    """Phase of the first allele, as VCF 4.4 may write it."""
    fields: tuple[str, ...] = ()

    def text(self, *, with_lead: bool = True) -> str:
        """Write the call."""
        genotype = (self.lead if with_lead else "") + self.phase.join(self.alleles)
        return ":".join([genotype, *self.fields] if self.alleles else self.fields)


@dataclass(frozen=True)
class Record:
    """One row."""

    chrom: str
    pos: int
    ref: str
    alts: tuple[str, ...]
    fixed: tuple[str, str, str, str]
    """ID, QUAL, FILTER, INFO."""
    keys: str
    calls: tuple[Call, ...]

    def text(self, *, with_lead: bool = True) -> str:
        """Write the row, without its line end."""
        rsid, qual, filters, info = self.fixed
        alt = ",".join(self.alts) or "."
        columns = [self.chrom, str(self.pos), rsid, self.ref, alt, qual, filters, info, self.keys]
        return "\t".join([*columns, *(call.text(with_lead=with_lead) for call in self.calls)])

    def with_call(self, index: int, call: Call) -> "Record":
        """Put another call in a sample's place."""
        return replace(self, calls=(*self.calls[:index], call, *self.calls[index + 1 :]))


@dataclass(frozen=True)
class RandomVcf:
    """A VCF, and how it is written."""

    n_sample: int
    records: tuple[Record, ...]
    line_end: str = "\n"
    last_line_end: bool = True
    packing: str = "plain"
    n_block_byte: int = 200
    n_group_byte: int = 1 << 22

    def data(self, *, with_lead: bool = True) -> bytes:
        """Write the bytes of the file."""
        fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]
        columns = "\t".join([*fixed, *(f"s{number}" for number in range(self.n_sample))])
        rows = [record.text(with_lead=with_lead) for record in self.records]
        lines = (META + "\n".join([columns, *rows])).split("\n")
        text = self.line_end.join(lines) + (self.line_end if self.last_line_end else "")
        if self.packing == "bgzf":
            return bgzf(text.encode(), self.n_block_byte)
        return gzip.compress(text.encode(), mtime=0) if self.packing == "gzip" else text.encode()


_BASES = ("A", "c", "G", "t", "N", "AC", "AG", "CA", "GA", "ACG", "Acc", "TTG", "GACA", "CCCA")


@st.composite
def _alleles(draw: st.DrawFn) -> tuple[str, tuple[str, ...]]:
    """REF, and ALTs that are neither REF nor one another; more than ten now and then."""
    ref = draw(st.sampled_from(_BASES))
    others = [alt for alt in (*_BASES, *_SYMBOLIC) if alt.upper() != ref.upper()]
    n_alt = draw(st.sampled_from([0, 1, 1, 1, 2, 3, 10, 12]))
    start = draw(st.integers(0, len(others) - 1))
    return ref, tuple((others + others)[start : start + n_alt])


@st.composite
def _call(draw: st.DrawFn, keys: str, n_alt: int) -> Call:
    others = [key for key in keys.split(":") if key != "GT"]
    fields = [",".join(["3"] * (n_alt + 1)) if key == "AD" else "17" for key in others]
    if not keys.startswith("GT"):
        return Call((), fields=tuple(fields[: draw(st.integers(1, len(fields)))]))
    numbers = draw(st.lists(st.integers(-1, n_alt), min_size=1, max_size=2))
    alleles = tuple("." if number < 0 else str(number) for number in numbers)
    lead = draw(st.sampled_from(["", "", "", "/", "|"]))
    n_kept = draw(st.integers(0, len(fields)))
    return Call(alleles, draw(st.sampled_from("/|")), lead, tuple(fields[:n_kept]))


_fixed = st.tuples(
    st.sampled_from([".", "rs1", "rs1;rs2", "esv_1"]),
    st.sampled_from([".", "30", "0", "12.25", "3.", ".5", "1e-05", "123456.789", "-1"]),
    st.sampled_from([".", "PASS", "q10", "q10;s50"]),
    st.sampled_from([".", "NOTE=a", "NOTE=caf\u00e9\u4e2d", "NOTE=" + "x" * 3000]),
)


@st.composite
def _record(draw: st.DrawFn, chrom: str, pos: int, n_sample: int, keys: str) -> Record:
    ref, alts = draw(_alleles())
    fixed = draw(_fixed)
    pool = [draw(_call(keys, len(alts))) for _ in range(draw(st.integers(1, 3)))]
    if keys == "GT" and alts and draw(st.booleans()):
        pool = [Call(("0", "0")), Call(("0", "1")), Call(("1", "1"), "|"), *pool[:1]]
    picked = draw(st.binary(min_size=n_sample, max_size=n_sample))
    calls = [pool[byte % len(pool)] for byte in picked]
    return Record(chrom, pos, ref, alts, fixed, keys, tuple(calls))


def _is_surely_whole(record: Record) -> bool:
    """Whether the reader takes a last row without line end: no sign that its call is cut."""
    *before, last = record.calls
    whole = before[-1] if before else Call(("0", "0"), fields=("",) * record.keys.count(":"))
    shapes = {(len(call.alleles), len(call.fields), call.lead != "") for call in (whole, last)}
    return len(shapes) == 1 and len(record.alts) < 10


@st.composite
def vcfs(draw: st.DrawFn) -> RandomVcf:
    """Draw a sound VCF; positions are far enough apart that no variant comes twice."""
    n_sample = draw(st.sampled_from([1, 2, 3, 4, 5, 8, 9, 13]))
    records: list[Record] = []
    for chrom in draw(st.lists(st.sampled_from(["chr1", "chr2", "chrX"]), min_size=1, unique=True)):
        pos = 0
        for _ in range(draw(st.integers(1, 5))):
            pos += draw(st.sampled_from([4, 5, 100]))
            keys = draw(st.sampled_from(_FORMATS)) if records else "GT"
            records.append(draw(_record(chrom, pos, n_sample, keys)))
    return RandomVcf(
        n_sample,
        tuple(records),
        line_end=draw(st.sampled_from(["\n", "\n", "\r\n"])),
        last_line_end=draw(st.booleans()) or not _is_surely_whole(records[-1]),
        packing=draw(st.sampled_from(["plain", "gzip", "bgzf"])),
        n_block_byte=draw(st.sampled_from([23, 200, 60_000])),
        n_group_byte=draw(st.sampled_from([13, 100, 1000, 1 << 22])),
    )
