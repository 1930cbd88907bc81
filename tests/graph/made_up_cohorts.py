"""A made-up study of 160 people in three cohorts, with or without a batch artefact in it.

One variant truly goes with being a case. Where an artefact is planted, a site's caller makes
heterozygotes of some homozygotes at ten variants, and most cases went to that site.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.study import StudyFolder
from tests.builders import ITEMS, item_cells, vcf_text, write_study

COHORTS = ("StAR",) * 40 + ("PGB",) * 60 + ("TargetALS",) * 60
CAUSAL = "chr4-57110321-G-A"
N_VARIANT, N_SHIFTED = 120, 10
SHIFTED = frozenset(f"chr4-{60_000_000 + 600_000 * i}-A-G" for i in range(N_SHIFTED))
_N = len(COHORTS)
_IDS = [f"{n:03d}" for n in range(_N)]


def write_cohorts(
    folder: Path, *, is_planted: bool, seed: int = 20261126, **settings: object
) -> StudyFolder:
    """Write the study; its sites are those of the artefact, or drawn for each person."""
    random = np.random.default_rng(seed)
    site = _planted_sites() if is_planted else random.choice(["site_A", "site_B"], _N)
    genotype = _genotypes(random)
    if is_planted:
        makes_het = (random.random((N_SHIFTED, _N)) < 0.7) & (site == "site_A")
        genotype[1 : N_SHIFTED + 1][makes_het & (genotype[1 : N_SHIFTED + 1] == 0)] = 1
    return write_study(
        folder,
        files={
            "samples.csv": _samples(site),
            "participants.csv": _participants(),
            "visits.csv": _visits(),
            "biomarkers.csv": None,
            "genotypes/joint.chr4.vcf": _vcf(genotype),
        },
        **{
            "biomarkers": ...,
            "contrasts": {
                "primary": {"cases": ["StAR"], "controls": ["PGB"]},
                "combined": {"cases": ["StAR"], "controls": ["PGB", "TargetALS"]},
            },
            "association": {"genetic_models": ["additive"]},
            **settings,
        },
    )


def _planted_sites() -> NDArray[np.str_]:
    """Most cases at site A, none of PGB, most of TargetALS."""
    return np.array(
        ["site_A"] * 28 + ["site_B"] * 12 + ["site_B"] * 60 + ["site_A"] * 50 + ["site_B"] * 10
    )


def _genotypes(random: np.random.Generator) -> NDArray[np.int64]:
    """Dosages, variant by sample: the causal one first, the rest alike in all cohorts."""
    freq = random.uniform(0.15, 0.5, N_VARIANT)
    freq[1 : N_SHIFTED + 1] = 0.1
    genotype = random.binomial(2, freq[:, None], (N_VARIANT, _N))
    is_case = np.array(COHORTS) == "StAR"
    genotype[0] = random.binomial(2, np.where(is_case, 0.75, 0.2))
    return genotype


def _vcf(genotype: NDArray[np.int64]) -> str:
    names = [
        "chr4 57110321 . G A",
        *(" ".join([*v.split("-")[:2], ".", "A G"]) for v in sorted(SHIFTED)),
    ]
    names += [f"chr4 {80_000_000 + 700_000 * i} . A G" for i in range(N_VARIANT - len(names))]
    calls = np.array(["0/0", "0/1", "1/1"])[genotype]
    records = [f"{name} {' '.join(row)}" for name, row in zip(names, calls, strict=True)]
    return vcf_text(records, [f"vial{i}" for i in _IDS])


def _samples(site: NDArray[np.str_]) -> str:
    rows = [
        f"vial{i},person{i},joint,{cohort},{'female' if n % 2 else 'male'},blood,,{where}"
        for n, (i, cohort, where) in enumerate(zip(_IDS, COHORTS, site, strict=True))
    ]
    header = "sample_id,participant_id,callset,cohort,sex,tissue,batch,sequencing_site"
    return "\n".join([header, *rows]) + "\n"


def _participants() -> str:
    rows = [f"person{i},EUR,-300,0,720" for i in _IDS]
    header = "participant_id,ancestry,onset_day,enrolment_day,last_contact_day"
    return "\n".join([header, *rows]) + "\n"


def _visits() -> str:
    rows = [f"person{i},{day},{item_cells(36)},36" for i in _IDS for day in (0, 360)]
    return "\n".join([f"participant_id,day,{','.join(ITEMS)},alsfrsr_total", *rows]) + "\n"
