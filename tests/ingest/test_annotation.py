"""Consequence, gene and INFO/AF, from VCF text and through BCF."""

import math
from pathlib import Path

import pytest
from cyvcf2 import VCF, Writer
from hypothesis import given
from hypothesis import strategies as st

from alsrev_dagster.ingest.annotation import annotation_keys, by_gene, consequence_of
from alsrev_dagster.ingest.genotype_file import Reading
from alsrev_dagster.ingest.genotype_rows import variant_ids
from tests.ingest.made_vcf import DATA, row, write_vcf

AF = '##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">\n'
VEP = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequences. Format: Allele|Consequence|IMPACT|SYMBOL">\n'
SNPEFF = (
    "##INFO=<ID=ANN,Number=.,Type=String,Description=\"Annotations: 'Allele | Annotation | "
    "Annotation_Impact | Gene_Name | Gene_ID' \">\n"
)


def said(path: Path) -> dict[str, tuple[float, str | None, str | None]]:
    reading = Reading(path)
    out = {}
    for block in reading.blocks():
        rows = block.rows
        columns = (rows.info_allele_freq.tolist(), rows.consequence.to_pylist())
        values = zip(*columns, rows.consequence_by_gene.to_pylist(), strict=True)
        out |= dict(zip(variant_ids(block).to_pylist(), values, strict=True))
    assert reading.file is not None, reading.problems.all()
    return out


ROWS = [
    row(info="DP=3;AF=0.25;CSQ=C|intron_variant|MODIFIER|IGFBP7,C|stop_gained|HIGH|IGFBP7"),
    row(pos=20, alt="C,G", info="AF=5e-04,.;CSQ=G|missense_variant&splice|MODERATE|TP53"),
    row(
        pos=30,
        ref="AT",
        alt="A,ATT,*",
        info="CSQ=-|frameshift|HIGH|X,TT|inframe|LOW|",
        call="0/1 2/3",
    ),
    row(pos=40, info="XAF=0.5;AFX=0.5;AF=1"),
    row(pos=50, info="."),
]


@pytest.mark.parametrize("through", ["vcf", "bcf"])
def test_each_alt_has_its_own(tmp_path: Path, through: str) -> None:
    extra = "".join(
        f'##INFO=<ID={n},Number=1,Type=Float,Description="x">\n' for n in ("DP", "XAF", "AFX")
    )
    path = write_vcf(
        tmp_path, ROWS, meta=AF + VEP + extra + "##contig=<ID=chr1,length=248956422>\n"
    )
    if through == "bcf":
        source = VCF(str(path))
        path = tmp_path / "t.bcf"
        writer = Writer(str(path), source, mode="wb")
        for record in source:
            writer.write_record(record)
        writer.close()
    found = said(path)
    freqs = {name: freq for name, (freq, _, _) in found.items() if not math.isnan(freq)}
    assert freqs == {"chr1-10-A-C": 0.25, "chr1-20-A-C": 0.0005, "chr1-40-A-C": 1.0}
    assert {name: (what, gene) for name, (_, what, gene) in found.items() if what} == {
        "chr1-10-A-C": ("stop_gained", "IGFBP7:stop_gained"),
        "chr1-20-A-G": ("missense_variant&splice", "TP53:missense_variant&splice"),
        "chr1-30-AT-A": ("frameshift", "X:frameshift"),
        "chr1-30-A-AT": ("inframe", ":inframe"),
    }


def test_snpeff_spells_alleles_as_the_file_does(tmp_path: Path) -> None:
    rows = [
        row(ref="AT", alt="A", info="ANN=A|frameshift_variant|HIGH|IGF1|ENSG1,A|x|LOW|IGF1|ENSG1")
    ]
    found = said(write_vcf(tmp_path, rows, meta=SNPEFF))
    assert found["chr1-10-AT-A"][1:] == ("frameshift_variant", "IGF1:frameshift_variant")


def test_allele_number_goes_before_spelling() -> None:
    keys = annotation_keys({"CSQ": "Format: Allele|Consequence|IMPACT|SYMBOL|ALLELE_NUM"})
    value = "C|first|LOW|A|2,C|second|LOW|B|1"
    assert consequence_of(value, keys, "A", ["C", "G"], 1) == ("second", "B:second")
    assert consequence_of(value, keys, "A", ["C", "G"], 2) == ("first", "A:first")


def test_a_file_without_such_keys_says_nothing() -> None:
    for freq, what, gene in said(DATA / "hapmap2_ceu_igfbp7.vcf.gz").values():
        assert math.isnan(freq)
        assert what is gene is None


def test_real_annotations_are_those_of_the_text() -> None:
    """cyvcf2's test file has a CSQ that names no allele, and SnpEff's ANN, which does."""
    found = said(DATA / "cy_test.vcf.gz")
    assert sum(what is not None for _, what, _ in found.values()) > 50
    for record in VCF(str(DATA / "cy_test.vcf.gz")):
        if len(record.ALT) == 1 and len(record.REF) == len(record.ALT[0]) == 1:
            entries = [e.split("|") for e in record.INFO["ANN"].split(",")]
            _, what, _ = found[f"chr1-{record.POS}-{record.REF}-{record.ALT[0]}"]
            assert what in {field for entry in entries for field in entry}


@given(st.floats(0, 1), st.sampled_from(["repr", "e", "f"]))
def test_any_frequency_is_read_as_python_does(
    tmp_path_factory: pytest.TempPathFactory, value: float, form: str
) -> None:
    text = {"repr": repr(value), "e": f"{value:.4e}", "f": f"{value:.6f}"}[form]
    path = write_vcf(tmp_path_factory.mktemp("f"), [row(info=f"AF={text}")], meta=AF)
    ((freq, _, _),) = said(path).values()
    assert freq == pytest.approx(float(text), rel=1e-14, abs=1e-300)


def test_entries_without_an_allele_are_of_the_only_alt() -> None:
    keys = annotation_keys({"CSQ": "Format: Consequence|Codons|SYMBOL"})
    said = "intron_variant||IGF1"
    assert consequence_of(said, keys, "A", ["C"], 1) == ("intron_variant", "IGF1:intron_variant")
    assert consequence_of(said, keys, "A", ["C", "G"], 1) == (None, None)


def test_each_gene_has_its_own_gravest_consequence() -> None:
    keys = annotation_keys({"CSQ": "Format: Allele|Consequence|IMPACT|SYMBOL"})
    value = ",".join(
        [
            "C|upstream_gene_variant|MODIFIER|REST",
            "C|missense_variant|MODERATE|IGFBP7",
            "C|stop_gained|HIGH|",
            "C|synonymous_variant|LOW|REST",
            "C|missense_variant&splice|MODERATE|IGFBP7",
        ]
    )
    terms, genes = consequence_of(value, keys, "A", ["C"], 1)
    assert terms == "stop_gained"
    assert genes == ":stop_gained;IGFBP7:missense_variant;REST:synonymous_variant"
    expected = {"": "stop_gained", "IGFBP7": "missense_variant", "REST": "synonymous_variant"}
    assert by_gene(genes) == expected
    as_grave = "C|x|MODIFIER|REST,C|missense_variant|MODERATE|IGFBP7,C|splice_x|MODERATE|REST"
    terms, genes = consequence_of(as_grave, keys, "A", ["C"], 1)
    assert terms == "missense_variant"
    assert genes == "IGFBP7:missense_variant;REST:splice_x"
