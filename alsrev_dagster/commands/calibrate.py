"""``alsrev calibrate``: the tests of the scan under shuffled labels of the study's own samples."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.table import Table

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.files import make_private_folder, replacing
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.packing import pack
from alsrev_dagster.stats.adjusted_association import Refinement, adjusted_evidence
from alsrev_dagster.stats.association import Evidence
from alsrev_dagster.stats.calibration import (
    MAC_STRATA,
    OF_RECORD,
    TESTS,
    THRESHOLDS,
    NullTables,
    TypeOneError,
    TypeOneTally,
)
from alsrev_dagster.stats.genetic_model import SCORE
from alsrev_dagster.stats.permutation import permuted_labels
from alsrev_dagster.stats.permuted_orders import permuted_orders
from alsrev_dagster.stats.tally import group_counts, sides_by_stratum
from alsrev_dagster.study import StudyFolder

FILE_NAME = "calibration.csv"
Tell = Callable[[str, int], None]
"""Told what is being looked at, and how many variants more are done."""


def calibrate(
    folder: StudyFolder, *, n_permutation: int, contrast: str = "", tell: Tell
) -> tuple[pd.DataFrame, Path]:
    """Type-I error of every test by MAC stratum and threshold, and the file it was written to."""
    work = OpenStudy(folder)
    names = _contrasts(work, contrast)
    _require_a_run(work)
    _require_a_score(work)
    frame = pd.concat(
        [_calibrated(work, name, n_permutation, tell) for name in names], ignore_index=True
    )
    make_private_folder(folder.results)
    with replacing(folder.results / FILE_NAME) as path:
        frame.to_csv(path, index=False, lineterminator="\n")
    return frame, folder.results / FILE_NAME


def n_variant_to_do(folder: StudyFolder, contrast: str = "") -> int:
    """Variants by contrasts that :func:`calibrate` looks at, those that fail quality among them."""
    work = OpenStudy(folder)
    _require_a_run(work)
    _require_a_score(work)
    n_variant = len(work.lake.frame("core.variant_qc", ["variant_id"]))
    return n_variant * len(_contrasts(work, contrast))


def _contrasts(work: OpenStudy, contrast: str) -> list[str]:
    known = list(work.study.contrasts)
    if contrast and contrast not in known:
        raise AlsrevError(
            f"contrast {contrast!r}: found no such one in study.yaml; expected one of "
            f"{', '.join(known)}; leave --contrast out for all"
        )
    return [contrast] if contrast else known


def _require_a_run(work: OpenStudy) -> None:
    if not work.lake.files("core.analysis_set") or not work.lake.files("core.variant_qc"):
        raise AlsrevError(
            "calibration: found no genotypes that were read, nor who is compared; expected the "
            "study to have been run; start with 'alsrev run STUDY'"
        )


def _require_a_score(work: OpenStudy) -> None:
    models = work.study.association.genetic_models
    if not any(model in SCORE for model in models):
        raise AlsrevError(
            f"calibration: found only {', '.join(models)} in association.genetic_models; expected "
            f"one or more of {', '.join(SCORE)}, whose tests are what is calibrated; add one to "
            "study.yaml and start with 'alsrev run STUDY'"
        )


def not_calibrated(folder: StudyFolder) -> str:
    """Say which genetic models of the study are in no rate; empty where all are."""
    models = OpenStudy(folder).study.association.genetic_models
    return "\n".join(f"{model}: not calibrated." for model in models if model not in SCORE)


def _calibrated(work: OpenStudy, name: str, n_permutation: int, tell: Tell) -> pd.DataFrame:
    """Rows of one contrast."""
    from assets.reading import members_of

    member, rule = members_of(work, name), work.study.permutation
    tallies = {
        str(model): TypeOneTally(n_permutation)
        for model in work.study.association.genetic_models
        if model in SCORE
    }
    covariates = work.study.contrasts[name].covariates
    generator = np.random.default_rng([rule.seed, *name.encode()])
    fill = _fill_adjusted if covariates else _fill_counted
    for n_block in fill(work, name, member, tallies, n_permutation, generator):
        tell(name, n_block)
    n_case = int(member["is_case"].sum())
    parts = [_rows(model, tally.type_one_error()) for model, tally in tallies.items()]
    return pd.concat(parts).assign(
        contrast=name,
        covariates=", ".join(covariates),
        n_case=n_case,
        n_control=len(member) - n_case,
        n_stratum=member["stratum"].nunique(),
        seed=rule.seed,
    )[_COLUMNS]


_COLUMNS = [
    "contrast", "genetic_model", "test", "is_of_record", "mac_stratum", "threshold",
    "type_1_error", "monte_carlo_error", "is_anti_conservative", "n_variant", "n_permutation",
    "n_case", "n_control", "n_stratum", "covariates", "seed",
]  # fmt: skip


def _fill_counted(
    work: OpenStudy,
    name: str,
    member: pd.DataFrame,
    tallies: dict[str, TypeOneTally],
    n_permutation: int,
    generator: np.random.Generator,
) -> Iterator[int]:
    """Tests that see counts alone: each distinct table is solved once."""
    stratum = member["stratum"].to_numpy(dtype=str)
    is_case = member["is_case"].to_numpy(dtype=np.bool_)
    labels = permuted_labels(is_case, stratum, n_permutation=n_permutation, generator=generator)
    null = NullTables(labels, stratum)
    for genotype, n_block in _genotypes(work, member):
        packed = pack(genotype)
        mac = null.mac(packed)
        for model, tally in tallies.items():
            tally.add(mac, null.p_values(packed, SCORE[model]))
        yield n_block


def _fill_adjusted(
    work: OpenStudy,
    name: str,
    member: pd.DataFrame,
    tallies: dict[str, TypeOneTally],
    n_permutation: int,
    generator: np.random.Generator,
) -> Iterator[int]:
    """Tests with covariates: genotypes move between samples of a stratum, covariates stay."""
    from assets.covariates import covariate_model

    stratum = member["stratum"].to_numpy(dtype=object)
    is_case = member["is_case"].to_numpy(dtype=np.bool_)
    orders = permuted_orders(stratum.astype(str), n_permutation=n_permutation, generator=generator)
    groups = sides_by_stratum(np.ones(len(member), dtype=np.bool_), is_case, stratum)
    model, p_max = covariate_model(work, name, member), work.study.association.refine_p_max
    null = NullTables(is_case[None], stratum.astype(str))
    for genotype, n_block in _genotypes(work, member):
        for genetic_model, tally in tallies.items():
            p_value = np.empty((len(genotype), n_permutation, len(TESTS)))
            for place, order in enumerate(orders):
                moved = genotype[:, order]
                counts = group_counts(moved, groups)[:, :, :, :3]
                found, _ = adjusted_evidence(
                    model,
                    moved,
                    (counts[:, 0], counts[:, 1]),
                    genetic_model,
                    Refinement(p_max, 0.0),
                )
                p_value[:, place] = _by_test(found)
            tally.add(null.mac(pack(genotype)), p_value)
        yield n_block


def _by_test(found: Evidence) -> NDArray[np.float64]:
    """P values in the order of the tests, shape (n_variant, n_test)."""
    return np.stack(
        [
            found.p_value,
            found.exact_p_value,
            found.exact_mid_p_value,
            found.score_p_value,
            found.saddlepoint_p_value,
        ],
        axis=1,
    )


def _genotypes(work: OpenStudy, member: pd.DataFrame) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Codes of what passes quality in the samples compared, and the variants of each block."""
    from assets.reading import passing_blocks, sample_axis

    names = pd.Index(sample_axis(work).sample_id)
    place = names.get_indexer(pd.Index(member["sample_id"]))
    for block, passes in passing_blocks(work):
        yield block.genotype[passes][:, place], len(passes)


def _rows(genetic_model: str, found: TypeOneError) -> pd.DataFrame:
    """One row a test, MAC stratum and threshold."""
    rows = [
        {
            "genetic_model": genetic_model,
            "test": test,
            "is_of_record": test in OF_RECORD[:1],
            "mac_stratum": stratum,
            "threshold": threshold,
            "type_1_error": found.rate[s, t, i],
            "monte_carlo_error": found.monte_carlo_error[s, t, i],
            "is_anti_conservative": found.is_anti_conservative[s, t, i],
            "n_variant": found.n_variant[s],
            "n_permutation": found.n_permutation,
        }
        for t, test in enumerate(TESTS)
        for s, stratum in enumerate(MAC_STRATA)
        for i, threshold in enumerate(THRESHOLDS)
    ]
    return pd.DataFrame(rows)


def tables_of(frame: pd.DataFrame) -> Iterator[Table]:
    """Firth's and the exact test by MAC stratum, a table a contrast and genetic model."""
    shown = frame[frame["test"].isin(OF_RECORD)]
    for (contrast, model), mine in shown.groupby(["contrast", "genetic_model"], sort=False):
        first = mine.iloc[0]
        made = Table(
            title=f"{contrast}, {model}: {first['n_case']} v {first['n_control']} samples, "
            f"{first['n_permutation']} shuffled labellings",
            title_justify="left",
        )
        for column in ("test", "MAC", "variants", *(f"P <= {t:g}" for t in THRESHOLDS)):
            made.add_column(column, no_wrap=True)
        for (test, stratum), rows in mine.groupby(["test", "mac_stratum"], sort=False):
            n_variant = int(rows["n_variant"].iloc[0])
            cells = [_cell(row) for row in rows.to_dict("records")]
            made.add_row(str(test), str(stratum), f"{n_variant:,}", *cells)
        yield made


def _cell(row: dict[object, object]) -> str:
    if not row["n_variant"]:
        return ""
    mark = " !" if row["is_anti_conservative"] else ""
    return f"{row['type_1_error']:.2g} ± {row['monte_carlo_error']:.1g}{mark}"
