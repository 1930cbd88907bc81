"""What a reference genome changes in a study that was run, and what the checks say without one."""

from pathlib import Path

import pandas as pd
import pytest

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.packing import pack
from alsrev_dagster.storage.packed_genotypes import packed_rows, write_genotypes
from alsrev_dagster.study import StudyFolder
from assets import genotype
from tests.builders import VCF, write_study
from tests.graph.at_work import run_here
from tests.graph.test_staleness import FROM_CHR4, edit, settings, stale
from tests.ingest.made_reference import write_sparse_fasta

BASES = {57_110_321: "G", 57_120_000: "C", 57_130_000: "A", 57_139_997: "CAAT", 90_000_000: "G"}


def _name_a_reference(folder: StudyFolder) -> None:
    write_sparse_fasta(folder.root / "ref.fa", "chr4", 190_214_555, BASES)
    settings(folder, reference="ref.fa")


def test_indels_that_are_only_trimmed_are_told(tiny: StudyFolder) -> None:
    found = genotype.indels_are_left_aligned.judge(OpenStudy(tiny))
    assert not found.passed
    assert found.description == (
        "1 of 1 indels are trimmed only, not left-aligned: study.yaml names no reference "
        "(expected 0)"
    )
    assert found.metadata["n_indel"] == 1


def test_a_reference_makes_the_genotypes_again_and_left_aligns_them(tiny: StudyFolder) -> None:
    edit(tiny.root / VCF, "57140000\t.\tT\tTA", "57140000\t.\tT\tAT")
    run_here(tiny, "raw.genotype")
    assert "chr4-57140000-T-AT" in _variants(tiny)
    _name_a_reference(tiny)
    assert stale(tiny) == FROM_CHR4 - {"raw.callset"}
    run_here(tiny, "raw.genotype")
    assert "chr4-57139997-C-CA" in _variants(tiny)
    assert "raw.genotype" not in stale(tiny)
    found = genotype.indels_are_left_aligned.judge(OpenStudy(tiny))
    assert found.passed
    assert found.description == "0 of 1 indels are not left-aligned (expected 0)"
    assert found.metadata["n_left_aligned"] == 1
    assert "ref.fa" in _inputs(tiny)


def test_another_reference_makes_the_genotypes_stale_and_the_same_one_does_not(
    tiny: StudyFolder,
) -> None:
    _name_a_reference(tiny)
    assert stale(tiny) == FROM_CHR4 - {"raw.callset"}
    run_here(tiny)
    assert stale(tiny) == set()
    (tiny.root / "ref.fa").rename(tiny.root / "genome.fa")
    settings(tiny, reference="genome.fa")
    assert stale(tiny) <= {"warehouse", "report"}
    write_sparse_fasta(tiny.root / "genome.fa", "chr4", 190_214_555, {**BASES, 5: "A"})
    assert "raw.genotype" in stale(tiny)


def _variants(folder: StudyFolder) -> list[str]:
    return list(OpenStudy(folder).lake.frame("raw.genotype", ["variant_id"])["variant_id"])


def _inputs(folder: StudyFolder) -> list[str]:
    from alsrev_dagster.provenance import meta_tables

    return list(meta_tables(OpenStudy(folder), "run")["meta.input"]["path"])


ONE = ("10-A-G", "20-A-C", "30-A-T", "40-C-CA", "50-AC-TT", "60-A-<DEL>")
OTHER = {
    "the same": ("10-A-G", "n_shared"),
    "another ALT": ("10-A-C", ""),
    "swapped": ("20-C-A", "n_swapped"),
    "other strand": ("20-T-G", "n_flipped"),
    "both": ("20-G-T", "n_flipped_and_swapped"),
    "other alleles": ("20-G-A", "n_other"),
    "A/T": ("30-T-A", "n_ambiguous"),
    "A/T, the same": ("30-A-T", "n_shared"),
    "a deletion, an insertion": ("40-CA-C", ""),
    "other strand of two bases": ("50-GT-AA", "n_flipped"),
    "two bases swapped": ("50-TT-AC", "n_swapped"),
    "symbolic": ("60-T-<DEL>", ""),
    "nowhere near": ("70-A-C", ""),
}


@pytest.mark.parametrize("kind", OTHER)
def test_alleles_that_two_callsets_spell_differently_are_counted(tmp_path: Path, kind: str) -> None:
    work, (name, expected) = OpenStudy(write_study(tmp_path)), OTHER[kind]
    _write(work, "one", ONE)
    _write(work, "other", (name,))
    _write(work, "other", ONE, "chr13")  # a chromosome of one callset alone
    found = genotype.callsets_agree_on_alleles.judge(work)
    numbers = {key: n for key, n in found.metadata.items() if n and key not in ("n_all", "n_wrong")}
    assert numbers == ({expected: 1} if expected else {})
    is_wrong = expected not in ("", "n_shared")
    assert found.passed != is_wrong
    assert found.metadata["n_wrong"] == int(is_wrong)
    assert found.metadata["n_all"] == int(expected != "")


def test_the_finding_says_what_differs_and_what_to_do(tmp_path: Path) -> None:
    work = OpenStudy(write_study(tmp_path))
    _write(work, "one", ONE)
    _write(work, "other", ("10-A-G", "20-C-A", "30-T-A"))
    _write(work, "third", ("20-T-G",))
    found = genotype.callsets_agree_on_alleles.judge(work)
    assert found.description == (
        "4 of 5 pairs of variants of two callsets differ in REF (expected 0): 1 with REF and ALT "
        "swapped, 1 on the other strand, 1 on the other strand and swapped, 1 at A/T or C/G, where swapped and "
        "other strand cannot be told apart. Nothing is changed: name a reference in study.yaml or "
        "see bcftools norm --check-ref w, and mend the callset with bcftools +fixref"
    )


def test_the_checks_of_a_study_of_one_callset_find_nothing_to_compare(tiny: StudyFolder) -> None:
    found = genotype.callsets_agree_on_alleles.judge(OpenStudy(tiny))
    assert found.passed
    assert found.metadata["n_all"] == 0


def _write(work: OpenStudy, callset: str, names: tuple[str, ...], chrom: str = "chr4") -> None:
    cells = [name.split("-") for name in names]
    site = {
        "variant_id": [f"{chrom}-{name}" for name in names],
        "pos": [int(cell[0]) for cell in cells],
        "ref": [cell[1] for cell in cells],
        "alt": [cell[2] for cell in cells],
        "rsid": [None] * len(cells),
        "filter": [None] * len(cells),
        "qual": [float("nan")] * len(cells),
        "info_allele_freq": [float("nan")] * len(cells),
        "consequence": [None] * len(cells),
        "consequence_by_gene": [None] * len(cells),
    }
    packed = pack(pd.DataFrame([[0, 1]] * len(cells)).to_numpy(dtype="uint8"))
    write_genotypes(work.lake, [packed_rows(callset, chrom, packed, site)], f"{chrom}/{callset}")
