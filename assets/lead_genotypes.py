"""Lead genotypes: each lead's calls in the samples that a contrast compares, by control cohort."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.packing import MISSING
from alsrev_dagster.stats.genetic_model import SCORE
from assets.reading import compared, member_genotypes, members_of

LEAD_TABLES = ("result.lead_variant", "core.carrier", "core.analysis_set")
"""What they are read from."""


@dataclass(frozen=True)
class ContrastLeads:
    """The leads of one contrast, and whom it compares."""

    contrast: str
    rows: pd.DataFrame
    """Of result.lead_variant, without the genotypic model: it has no one odds ratio."""
    member: pd.DataFrame
    arms: tuple[str, ...]
    """Control cohorts with samples, in the study's order."""
    groups: NDArray[np.bool_]
    """Cases, then each arm, by stratum, shape (1 + n_arm, n_stratum, n_member)."""
    variant_id: "pd.Index[str]"
    code: NDArray[np.uint8]
    """Codes 0-3, shape (n_variant, n_member)."""

    @property
    def n_group(self) -> NDArray[np.int64]:
        """Samples by genotype, shape (n_variant, 1 + n_arm, n_stratum, 3)."""
        return _counts(self.code, self.groups)

    def by_model(self) -> Iterator[tuple[str, pd.DataFrame, NDArray[np.int64]]]:
        """Each genetic model, its rows, and their places among the variants."""
        for model in dict.fromkeys(self.rows["genetic_model"]):
            rows = self.rows[self.rows["genetic_model"] == model]
            yield str(model), rows, self.variant_id.get_indexer(pd.Index(rows["variant_id"]))


def contrast_leads(work: OpenStudy) -> Iterator[ContrastLeads]:
    """The leads of every contrast that has some, in the study's order."""
    leads = work.lake.frame("result.lead_variant")
    leads = leads[leads["genetic_model"].isin(list(SCORE))]
    carrier = work.lake.frame("core.carrier", ["variant_id", "sample_id", "dosage"])
    by_sample = carrier.drop_duplicates(["variant_id", "sample_id"])
    dosage = by_sample.set_index(["variant_id", "sample_id"])["dosage"].unstack()  # noqa: PD010
    everybody = compared(work)
    for name, contrast in work.study.contrasts.items():
        rows, member = leads[leads["contrast"] == name], everybody[everybody["contrast"] == name]
        if rows.empty or member.empty:
            continue
        used = set(member["cohort"])
        arms = tuple(cohort for cohort in contrast.controls if cohort in used)
        variant_id = pd.Index(rows["variant_id"].unique())
        known = dosage.reindex(index=variant_id, columns=pd.Index(member["sample_id"]))
        code = known.astype("Float64").fillna(MISSING).to_numpy(dtype=np.uint8)
        groups = _groups(member, arms)
        yield ContrastLeads(name, rows, member, arms, groups, variant_id, code)


def _counts(code: NDArray[np.uint8], groups: NDArray[np.bool_]) -> NDArray[np.int64]:
    of_genotype = np.stack([code == genotype for genotype in range(3)], axis=1)
    counts: NDArray[np.int64] = np.einsum(
        "vgn,asn->vasg", of_genotype.astype(np.int64), groups.astype(np.int64)
    )
    return counts


def _groups(member: pd.DataFrame, arms: tuple[str, ...]) -> NDArray[np.bool_]:
    is_case = member["is_case"].to_numpy(dtype=np.bool_)
    cohort, stratum = member["cohort"].astype(str).to_numpy(), member["stratum"].astype(str)
    of_group = np.array([is_case, *(~is_case & (cohort == arm) for arm in arms)])
    of_stratum = stratum.to_numpy() == np.array(sorted(set(stratum)))[:, None]
    groups: NDArray[np.bool_] = of_group[:, None, :] & of_stratum[None, :, :]
    return groups


def counts_of(
    work: OpenStudy, contrast: str, variant_id: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Cases and controls of one variant by stratum and genotype, shape (1, n_stratum, 3) each."""
    member = members_of(work, contrast)
    code = member_genotypes(work, contrast, [variant_id])
    groups = _groups(member, tuple(sorted(set(member.loc[~member["is_case"], "cohort"]))))
    counts = _counts(code, groups)
    return counts[:, 0], counts[:, 1:].sum(axis=1)
