"""Tiny references, and one sparse enough to be as long as a chromosome."""

from pathlib import Path

from alsrev_dagster.ingest.reference_sequence import Reference, open_reference


def write_fasta(
    folder: Path, sequences: dict[str, str], width: int = 60, end: str = "\n", name: str = "ref.fa"
) -> Path:
    """Write sequences by name, in lines of ``width`` bases."""
    text = ""
    for contig, sequence in sequences.items():
        lines = [sequence[at : at + width] for at in range(0, len(sequence), width)]
        text += f">{contig} made{end}" + "".join(f"{line}{end}" for line in lines)
    path = folder / name
    path.write_bytes(text.encode())
    return path


def reference(folder: Path, sequences: dict[str, str], **form: object) -> Reference:
    """Write and open a reference, which must have no problem."""
    found, problems = open_reference(write_fasta(folder, sequences, **form))  # type: ignore[arg-type]
    assert not problems, "\n".join(map(str, problems))
    assert found is not None
    return found


def write_sparse_fasta(path: Path, contig: str, length: int, bases: dict[int, str]) -> Path:
    """Write a contig of one line that is nothing but for some bases, by position from 1.

    What is not written reads as N, and takes no room on disk.
    """
    header = f">{contig}\n".encode()
    with path.open("wb") as stream:
        stream.write(header)
        for pos, text in bases.items():
            stream.seek(len(header) + pos - 1)
            stream.write(text.encode())
        stream.seek(len(header) + length)
        stream.write(b"\n")
    return path
