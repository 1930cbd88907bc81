"""GMT files: what is read, counted and named, and each line that is refused."""

import gzip
from hashlib import sha256
from pathlib import Path

import pytest

from alsrev_dagster.errors import InputDataError, StudyError
from alsrev_dagster.ingest.gene_set import GeneSetFile, read_gene_sets
from alsrev_dagster.ingest.genome_build import genes

EXAMPLE = Path(__file__).parents[2] / "examples" / "igf1_axis.gmt"
KNOWN = {"IGF1", "IGFBP7", "GRIP1"}


def read(tmp_path: Path, text: str, name: str = "sets.gmt") -> GeneSetFile:
    path = tmp_path / name
    packed = text.encode()
    path.write_bytes(gzip.compress(packed) if name.endswith(".gz") else packed)
    return read_gene_sets(path, KNOWN)


def told(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(StudyError) as error:
        read(tmp_path, text)
    return [str(problem) for problem in error.value.problems]


@pytest.mark.parametrize("name", ["sets.gmt", "sets.gmt.gz"])
def test_sets_are_read_with_unknown_and_repeated_genes_named(tmp_path: Path, name: str) -> None:
    text = "\ufeffAXIS\thttp://x\tIGF1\tOLD1\tIGFBP7\tIGF1\t\t\r\n\r\nOTHER\t\tGRIP1\r\n"
    found = read(tmp_path, text, name)
    axis, other = found.sets
    assert (axis.name, axis.description, axis.line) == ("AXIS", "http://x", 1)
    assert axis.genes == ("IGF1", "IGFBP7")
    assert (axis.unknown, axis.repeated, axis.n_in_file) == (("OLD1",), ("IGF1",), 3)
    assert (other.name, other.description, other.line) == ("OTHER", "", 3)
    assert found.named("OTHER") is other
    assert found.sha256 == sha256((tmp_path / name).read_bytes()).hexdigest()


def test_every_line_that_is_no_set_is_told(tmp_path: Path) -> None:
    text = "A B C\nB\tx\n\tx\tIGF1\nD\tx\t\nE\tx\t3479\t3490\nF\tx\tIGF1, GRIP1\nG\tx\tIGF1\nG\tx\tGRIP1\n"
    expected = [
        "sets.gmt, line 1: found 1 column; expected a name, a description and at least one gene",
        "sets.gmt, line 2: found 2 columns; expected a name",
        "sets.gmt, line 3: found no name; expected",
        "sets.gmt, line 4: found no gene in the set 'D'; expected",
        "sets.gmt, line 5: found numbers for genes in the set 'E', such as 3479; expected gene s",
        "sets.gmt, line 6: found several genes in one cell of the set 'F'; expected one symbol a",
        "sets.gmt, line 8: found the name 'G', which stands in line 7 too; expected a name for",
    ]
    found = told(tmp_path, text)
    assert len(found) == len(expected)
    for said, start in zip(found, expected, strict=True):
        assert said.startswith(start)


def test_files_without_a_set_or_without_text_are_told(tmp_path: Path) -> None:
    assert told(tmp_path, "\n")[0].startswith("sets.gmt: found no set; expected a name")
    (tmp_path / "binary.gmt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StudyError, match=r"binary\.gmt: found no text that can be read"):
        read_gene_sets(tmp_path / "binary.gmt", KNOWN)
    many = told(tmp_path, "A\n" * 25)
    assert len(many) == 21
    assert many[-1].startswith("sets.gmt: found 5 more such lines; expected none")


def test_a_name_that_is_none_has_the_nearest_told(tmp_path: Path) -> None:
    found = read(tmp_path, "IGF_AXIS\tx\tIGF1\n")
    with pytest.raises(InputDataError, match=r"'igf_axes' is not in sets\.gmt \(1 sets\).*'IGF_AX"):
        found.named("igf_axes")


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_the_example_is_known_to_the_gene_list_and_says_where_it_is_from(build: str) -> None:
    (axis,) = read_gene_sets(EXAMPLE, set(genes(build)["gene"])).sets
    assert len(axis.genes) == 20
    assert (axis.unknown, axis.repeated) == ((), ())
    assert "from no release of any database" in axis.description
    assert "IGFBP7" in axis.genes
