"""Results as GWAS-SSF: a table and its metadata, aggregate only."""

import gzip
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import file_digest, md5
from io import StringIO
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import pandas as pd
import yaml

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.files import replacing
from alsrev_dagster.vocabulary import CHROMOSOMES

FILE_TYPE = "GWAS-SSF v1.0"
"""What the files are; fields as in the specification 1.0.2 (Hayhurst et al. 2022, bioRxiv)."""

_NUMBER = {name: str(place) for place, name in enumerate(CHROMOSOMES, start=1)}
"""1 to 22, X 23, Y 24, mitochondrial 25."""
_NEG_LOG10_P_MAX = 300.0
"""Beyond it a P value nears the smallest double, and the file gets logarithms."""
_NEEDED = (
    "chrom", "pos", "ref", "alt", "beta", "standard_error", "effect_allele_freq", "p_value",
)  # fmt: skip
_INDIVIDUAL = ("sample_id", "participant_id", "dosage", "genotype", "is_case", "carrier")

INCOMPLETE = "no estimate, standard error, frequency or P value: all are mandatory"
NOT_BASES = "alleles other than A, C, G and T"
NO_CHROMOSOME = "not on chromosome 1 to 22, X, Y or M"


def few_copies(n_copy_min: int) -> str:
    """Why a row is left out that is of a few persons."""
    return f"fewer than {n_copy_min} copies of the minor allele, which point to who carries them"


@dataclass(frozen=True)
class AboutResults:
    """What the metadata say of the results."""

    genome_assembly: str
    """GRCh37 or GRCh38."""
    trait_description: tuple[str, ...]
    n_case: int
    n_control: int
    genotyping_technology: tuple[str, ...]
    """Such as "Whole-genome sequencing"."""
    sample_ancestry_category: tuple[str, ...]
    analysis_software: str
    last_modified: date
    adjusted_covariates: tuple[str, ...] = ()
    ontology_mapping: tuple[str, ...] = ()
    sex: str = "combined"
    """M, F, combined or NR."""
    minor_allele_freq_lower_limit: float | None = None
    """Minor allele frequencies below are told as this: a single copy points to a person."""
    n_copy_min: int = 0
    """Rows with a smaller n_copy are left out: their numbers point to the few who carry them."""
    author_notes: str = ""


@dataclass(frozen=True)
class Exported:
    """What was written, and what was not."""

    data_file: Path
    metadata_file: Path
    n_row: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Rows without what GWAS-SSF demands of each, by reason."""


def write_gwas_ssf(frame: pd.DataFrame, path: Path, about: AboutResults) -> Exported:
    """Write results as ``path`` (.tsv or .tsv.gz) and ``path-meta.yaml``; no row is of a person.

    ``frame`` has one row a variant: chrom, pos, ref, alt, beta (log odds ratio of ALT),
    standard_error, effect_allele_freq, p_value; and if there are, neg_log10_p, ci_lower and
    ci_upper (of the odds ratio; written on the scale of beta), n, rsid and method; and n_copy
    where ``about.n_copy_min`` is above 0. Columns of samples are refused, others are not written.
    Rows are sorted by place.
    """
    return write_gwas_ssf_parts([frame], path, about, as_logarithm=_is_tiny(frame))


def write_gwas_ssf_parts(
    parts: Iterable[pd.DataFrame], path: Path, about: AboutResults, *, as_logarithm: bool = False
) -> Exported:
    """Write results that come in parts, each after the last in the order of the genome.

    As :func:`write_gwas_ssf`, with one part held at a time, such as a chromosome. Whether the P
    values are written as logarithms cannot be seen from the first part: ``as_logarithm`` says so.
    """
    _require_name(path, about)
    beside, left_out, n_row, last = (
        path.with_name(f"{path.name}-meta.yaml"), Counter[str](), 0, (0, 0),
    )  # fmt: skip
    with replacing(path) as temporary:
        with _packed(temporary, is_gzip=path.suffix == ".gz") as stream:
            for part in parts:
                _require_columns(part, about)
                rows, lost = _complete(part, about.n_copy_min)
                left_out.update(lost)
                if rows.empty:
                    continue
                last = _after(rows, last)
                table = _table(rows, about, as_logarithm=as_logarithm)
                text = StringIO()
                table.to_csv(
                    text, sep="\t", index=False, na_rep="#NA", lineterminator="\n", header=not n_row
                )
                stream.write(text.getvalue().encode())
                n_row += len(table)
        if not n_row:
            raise InputDataError(
                f"{path.name}: found no variant with all that GWAS-SSF demands of each "
                f"({dict(left_out) or 'none at all'}); expected at least one; look at the table of "
                "associations: nothing was written"
            )
        checksum = _md5(temporary)
    with replacing(beside) as temporary:
        told = _metadata(_noted(about, left_out), path.name, checksum)
        temporary.write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    return Exported(path, beside, n_row, dict(left_out))


@contextmanager
def _packed(path: Path, *, is_gzip: bool) -> Iterator[BinaryIO]:
    """Open a file for bytes, packed or not; equal bytes give an equal file."""
    with path.open("wb") as plain:
        if not is_gzip:
            yield plain
            return
        with gzip.GzipFile("", "wb", compresslevel=6, fileobj=plain, mtime=0) as packed:
            yield cast(BinaryIO, packed)


def _md5(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, lambda: md5(usedforsecurity=False)).hexdigest()


def _after(rows: pd.DataFrame, last: tuple[int, int]) -> tuple[int, int]:
    """Last place of a part that starts where the one before ended, or after it."""
    first, end = ((int(row["place"]), int(row["pos"])) for row in (rows.iloc[0], rows.iloc[-1]))
    if first < last:
        raise InputDataError(
            f"a part of the results starts at chromosome {first[0]}, position {first[1]}, before "
            f"chromosome {last[0]}, position {last[1]}, where the part before it ended: expected "
            "parts in the order of the genome; give the chromosomes one after the other"
        )
    return end


def _noted(about: AboutResults, left_out: Mapping[str, int]) -> AboutResults:
    """Metadata whose notes say how many rows were left out, and why."""
    said = [about.author_notes, *(f"Left out {n}: {why}." for why, n in left_out.items())]
    return replace(about, author_notes=" ".join(part for part in said if part))


def _complete(frame: pd.DataFrame, n_copy_min: int) -> tuple[pd.DataFrame, dict[str, int]]:
    """Rows that have all that is mandatory, sorted by place, and how many have not."""
    bases = frame[["ref", "alt"]].apply(lambda a: a.str.fullmatch("[ACGT]+").eq(True)).all(axis=1)
    numbers = frame[["beta", "standard_error", "effect_allele_freq", "p_value"]].astype(np.float64)
    mark = {
        NO_CHROMOSOME: ~frame["chrom"].isin(list(_NUMBER)),
        NOT_BASES: ~bases,
        INCOMPLETE: ~numbers.abs().lt(np.inf).all(axis=1),
    }
    if n_copy_min:
        mark[few_copies(n_copy_min)] = frame["n_copy"].lt(n_copy_min)
    left, counted = pd.Series(False, index=frame.index), {}
    for reason, is_so in mark.items():
        here = is_so & ~left
        if here.any():
            counted[reason] = int(here.sum())
        left |= here
    kept = frame[~left]
    kept = kept.assign(number=kept["chrom"].map(_NUMBER))
    order = kept.assign(place=kept["number"].astype(int)).sort_values(
        ["place", "pos", "ref", "alt"], kind="stable"
    )
    return order, counted


def _table(rows: pd.DataFrame, about: AboutResults, *, as_logarithm: bool) -> pd.DataFrame:
    """Eight mandatory columns in their order, then the encouraged ones that there are."""
    limit = about.minor_allele_freq_lower_limit or 0.0
    table = {
        "chromosome": rows["number"],
        "base_pair_location": rows["pos"],
        "effect_allele": rows["alt"],
        "other_allele": rows["ref"],
        "beta": rows["beta"],
        "standard_error": rows["standard_error"],
        "effect_allele_frequency": rows["effect_allele_freq"].clip(limit, 1 - limit),
        **_p_column(rows, as_logarithm=as_logarithm),
    }
    for end in ("ci_upper", "ci_lower"):
        if end in rows:
            ratio = rows[end].astype(np.float64)
            is_sound = ratio.gt(0) & ratio.lt(np.inf)
            table[end] = pd.Series(np.log(ratio.where(is_sound, 1.0)), rows.index).where(is_sound)
    if "rsid" in rows:
        table["rsid"] = rows["rsid"].where(rows["rsid"].str.fullmatch(r"rs[0-9]+").eq(True))
    place = rows["number"] + "_" + rows["pos"].astype(str)
    table["variant_id"] = place + "_" + rows["ref"] + "_" + rows["alt"]
    if "n" in rows:
        table["n"] = rows["n"].astype("Int64")
    table["ref_allele"] = pd.Series("OA", index=rows.index)
    if "method" in rows:
        table["method"] = rows["method"]
    return pd.DataFrame(table)


def _is_tiny(frame: pd.DataFrame) -> bool:
    """Whether some P value is too small to be written."""
    return "neg_log10_p" in frame and bool(frame["neg_log10_p"].gt(_NEG_LOG10_P_MAX).any())


def _p_column(rows: pd.DataFrame, *, as_logarithm: bool) -> dict[str, "pd.Series[float]"]:
    """P values, or the logarithms of all of them."""
    if not as_logarithm:
        return {"p_value": rows["p_value"]}
    by_value = pd.Series(-np.log10(rows["p_value"].astype(np.float64)) + 0.0, rows.index)
    logarithm = rows.get("neg_log10_p", by_value)
    return {"neg_log_10_p_value": logarithm.where(logarithm.notna(), by_value)}


def _metadata(about: AboutResults, name: str, checksum: str) -> dict[str, Any]:
    """Metadata in the order of the standard's example; what is empty is left out."""
    found: dict[str, Any] = {
        "author_notes": about.author_notes,
        "date_metadata_last_modified": about.last_modified,
        "trait_description": list(about.trait_description),
        "ontology_mapping": list(about.ontology_mapping),
        "genome_assembly": about.genome_assembly,
        "coordinate_system": "1-based",
        "genotyping_technology": list(about.genotyping_technology),
        "samples": [
            {
                "sample_ancestry_category": list(about.sample_ancestry_category),
                "sample_size": about.n_case + about.n_control,
                "case_control_study": True,
                "case_count": about.n_case,
                "control_count": about.n_control,
            }
        ],
        "sex": about.sex,
        "data_file_name": name,
        "file_type": FILE_TYPE,
        "data_file_md5sum": checksum,
        "analysis_software": about.analysis_software,
        "adjusted_covariates": list(about.adjusted_covariates),
        "minor_allele_freq_lower_limit": about.minor_allele_freq_lower_limit,
        "is_harmonised": False,
        "is_sorted": True,
    }
    return {key: value for key, value in found.items() if value not in ("", [], None)}


def _require_name(path: Path, about: AboutResults) -> None:
    if not path.name.endswith((".tsv", ".tsv.gz")):
        raise InputDataError(
            f"the file to write is {path.name!r}: expected a name ending in .tsv or .tsv.gz; "
            "GWAS-SSF knows no other"
        )
    limit = about.minor_allele_freq_lower_limit
    if about.sex not in ("M", "F", "combined", "NR") or not (limit is None or 0 < limit < 0.5):
        raise InputDataError(
            f"sex is {about.sex!r} and minor_allele_freq_lower_limit {limit}: expected M, F, "
            "combined or NR, and none or a fraction in (0, 0.5)"
        )


def _require_columns(frame: pd.DataFrame, about: AboutResults) -> None:
    own = [name for name in _INDIVIDUAL if name in frame]
    if own:
        raise InputDataError(
            f"the results have the column {own[0]!r}: expected rows of variants and none of "
            "persons; GWAS-SSF is made to be given away"
        )
    needed = (*_NEEDED, "n_copy") if about.n_copy_min else _NEEDED
    missing = [name for name in needed if name not in frame]
    if missing:
        raise InputDataError(
            f"the results have no column {', '.join(missing)}: expected {', '.join(needed)}; take "
            "them from the table of associations"
        )
