"""Genes and pathways on the page: which rows are shown, and in which words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace

import pandas as pd

from alsrev_dagster.report import numerals
from alsrev_dagster.vocabulary import table

_N_SHOWN = 12
"""Genes of a contrast that are shown, declared ones first, then by P."""
_EVERY_MASK = "every_mask"
_WHY = {
    "declared_locus": "declared",
    "lead": "a lead lies in or near it: circular",
    "gene_set": "of a gene set",
    "all": "all genes",
}
_TEST = {"burden": "burden", "skat": "SKAT", "skat_o": "SKAT-O", "acat_v": "ACAT-V"}
Row = dict[str, object]


def _empty(name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(table(name).column_names))


@dataclass(frozen=True)
class GeneSection:
    """Tests of genes and of sets of genes, and of the leads by others; groups only."""

    set_test: pd.DataFrame = field(default_factory=lambda: _empty("result.set_test"))
    pathway_test: pd.DataFrame = field(default_factory=lambda: _empty("result.pathway_test"))
    lead_external: pd.DataFrame = field(default_factory=lambda: _empty("result.lead_external"))
    masks: Mapping[str, str] = field(default_factory=dict)
    """What each mask holds, in words."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Whose summary statistics stand beside the leads, in the study's words."""

    def told(self) -> SimpleNamespace:
        """Rows and sentences for the template."""
        return SimpleNamespace(
            genes=self._genes(),
            n_gene=int(self.set_test["gene"].nunique()),
            pathways=_rows(self.pathway_test),
            external=_rows(self.lead_external),
            masks=self.masks,
            sources=self.sources,
        )

    def _genes(self) -> list[Row]:
        """The gene's own P in each contrast, and the burden of the mask that says most."""
        whole = self.set_test[self.set_test["mask"] == _EVERY_MASK]
        by_mask = self.set_test[self.set_test["mask"] != _EVERY_MASK]
        shown = []
        for contrast in dict.fromkeys(whole["contrast"]):
            mine = whole[whole["contrast"] == contrast]
            is_other = ~mine["chosen_by"].str.contains("declared_locus")
            ordered = mine.assign(is_other=is_other).sort_values(
                ["is_other", "p_value", "gene"], kind="stable"
            )
            own = by_mask[by_mask["contrast"] == contrast]
            shown += [_gene(row, own) for row in _rows(ordered.head(_N_SHOWN))]
        return shown


def _gene(row: Row, by_mask: pd.DataFrame) -> Row:
    """One gene with the mask of its smallest omnibus P, and that mask's burden."""
    mine = by_mask[(by_mask["gene"] == row["gene"]) & (by_mask["chrom"] == row["chrom"])]
    best = mine[mine["test"] == "omnibus"].sort_values(["p_value", "mask"], kind="stable").iloc[0]
    (burden,) = _rows(mine[(mine["test"] == "burden") & (mine["mask"] == best["mask"])])
    each = mine[mine["mask"] == best["mask"]].set_index("test")["p_value"]
    return {
        **row,
        "mask": best["mask"],
        "n_variant": burden["n_variant"],
        "n_carrier_case": burden["n_carrier_case"],
        "n_carrier_control": burden["n_carrier_control"],
        "by_test": [(words, each[name]) for name, words in _TEST.items() if name in each],
        "carrier_exact_p_value": burden["carrier_exact_p_value"],
        "odds_ratio": numerals.ratio_with_interval(
            *(_number(burden[name]) for name in ("odds_ratio", "ci_lower", "ci_upper"))
        ),
        "why": ", ".join(_WHY[name] for name in str(row["chosen_by"]).split(",")),
    }


def _number(value: object) -> float | None:
    return None if numerals.is_null(value) else float(str(value))


def _rows(frame: pd.DataFrame) -> list[Row]:
    """Rows as dictionaries, NULL as None."""
    return [
        {str(k): None if numerals.is_null(v) else v for k, v in row.items()}
        for row in frame.to_dict("records")
    ]
