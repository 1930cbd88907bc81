"""Which program's summary statistics a file holds, and what its columns mean."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from alsrev_dagster.errors import InputDataError

GWAS_SSF, PLINK2, REGENIE = "gwas_ssf", "plink2", "regenie"

_COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    GWAS_SSF: {
        "chrom": ("chromosome",),
        "pos": ("base_pair_location",),
        "effect": ("effect_allele",),
        "other": ("other_allele",),
        "beta": ("beta",),
        "odds_ratio": ("odds_ratio",),
        "hazard_ratio": ("hazard_ratio",),
        "standard_error": ("standard_error",),
        "freq": ("effect_allele_frequency",),
        "p_value": ("p_value",),
        "neg_log10_p": ("neg_log_10_p_value",),
        "ci_lower": ("ci_lower",),
        "ci_upper": ("ci_upper",),
        "ref_allele": ("ref_allele",),
        "n": ("n",),
        "method": ("method",),
    },
    PLINK2: {
        "chrom": ("#CHROM", "CHROM"),
        "pos": ("POS",),
        "ref": ("REF",),
        "alt": ("ALT",),
        "effect": ("A1",),
        "other": ("OMITTED", "AX"),
        "freq": ("A1_FREQ",),
        "firth": ("FIRTH?",),
        "term": ("TEST",),
        "n": ("OBS_CT",),
        "beta": ("BETA",),
        "odds_ratio": ("OR",),
        "standard_error": ("LOG(OR)_SE", "SE"),
        "ci_lower": ("L95",),
        "ci_upper": ("U95",),
        "p_value": ("P",),
        "neg_log10_p": ("NEG_LOG10_P", "LOG10_P"),
        "error": ("ERRCODE",),
    },
    REGENIE: {
        "chrom": ("CHROM",),
        "pos": ("GENPOS",),
        "other": ("ALLELE0",),
        "effect": ("ALLELE1",),
        "freq": ("A1FREQ",),
        "n": ("N",),
        "term": ("TEST",),
        "beta": ("BETA",),
        "standard_error": ("SE",),
        "neg_log10_p": ("LOG10P",),
        "error": ("EXTRA",),
    },
}
"""Our name of each column, and theirs. PLINK 2's LOG10_P is -log10 P, as REGENIE's LOG10P is."""

_NEEDED = ("chrom", "pos", "effect", "standard_error")
_EXPECTED = (
    "GWAS-SSF (chromosome, base_pair_location, effect_allele …), PLINK 2's --glm (#CHROM, POS, "
    "REF, ALT, A1, TEST …) or REGENIE's step 2 (CHROM, GENPOS, ALLELE0, ALLELE1, LOG10P …)"
)


@dataclass(frozen=True)
class Layout:
    """Format of a file, where its rows begin, and what its columns are called."""

    path: Path
    format: str
    separator: str
    header_line: int
    names: tuple[str, ...]
    columns: Mapping[str, str]
    """Our name of a column, and the file's."""


def layout_of(path: Path) -> Layout:
    """Find the format in the header; InputDataError for a file that is of none."""
    number, header = _header(path)
    separator = "\t" if "\t" in header else " "
    names = tuple(header.split(separator))
    for format_name, known in _COLUMNS.items():
        columns = {
            ours: theirs
            for ours, spellings in known.items()
            for theirs in reversed(spellings)
            if theirs in names
        }
        if all(column in columns for column in _NEEDED):
            layout = Layout(path, format_name, separator, number, names, columns)
            _require_whole(layout)
            return layout
    raise InputDataError(
        f"{path.name}, line {number or 1}: found a header that starts {header[:60]!r}; expected "
        f"{_EXPECTED}; give the file as the program wrote it, plain or gzip"
    )


def _require_whole(layout: Layout) -> None:
    """Raise where an effect or a P value is not there, or the effect is another's."""
    where, have = f"{layout.path.name}, line {layout.header_line}", layout.columns
    if len(set(layout.names)) < len(layout.names):
        again = next(name for name in layout.names if layout.names.count(name) > 1)
        raise InputDataError(
            f"{where}: found the column {again!r} twice; expected each once; leave one out"
        )
    if "hazard_ratio" in have:
        raise InputDataError(
            f"{where}: found hazard ratios; expected log odds ratios (beta) or odds ratios; "
            "results of survival models are of another table"
        )
    groups = (("beta", "odds_ratio"), ("p_value", "neg_log10_p"), ("other", "ref"))
    for group in groups:
        if not any(column in have for column in group):
            spelled = [" or ".join(_COLUMNS[layout.format].get(c, ())) for c in group]
            raise InputDataError(
                f"{where}: found no column {' or '.join(s for s in spelled if s)}; expected one of "
                "them; write the file again with that column"
            )


def metadata_of(path: Path) -> Mapping[str, Any]:
    """What stands in ``FILE-meta.yaml`` beside a GWAS-SSF file; empty without that file."""
    beside = path.with_name(f"{path.name}-meta.yaml")
    if not beside.is_file():
        return {}
    try:
        found = yaml.safe_load(beside.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark is not None else ""
        raise InputDataError(
            f"{beside.name}{line}: found no YAML; expected the metadata of {path.name}; mend it, "
            "or move it away"
        ) from None
    if not isinstance(found, dict):
        raise InputDataError(
            f"{beside.name}: found no keys; expected the metadata of {path.name} such as "
            "genome_assembly: GRCh38; mend it, or move it away"
        )
    return found


def _header(path: Path) -> tuple[int, str]:
    """Line number and text of the first line that is no comment of two signs."""
    opener: Any = gzip.open if is_gzip(path) else open
    try:
        with opener(path, "rt", encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, start=1):
                if not line.startswith("##"):
                    return number, line.rstrip("\r\n")
    except (OSError, EOFError, UnicodeDecodeError):
        raise InputDataError(
            f"{path.name}: found no text that can be read; expected {_EXPECTED}; check the path, "
            "and that the file is whole"
        ) from None
    return 0, ""


def is_gzip(path: Path) -> bool:
    """Whether a file is packed, whatever its name ends in."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"
