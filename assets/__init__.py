"""What exists and what it is made from: one module a group, checks beside their asset.

No mathematics, no SQL, no file formats: an asset joins the rooms that know those.
"""

from assets import (
    ancestry,
    association,
    audit,
    comparison,
    control_scan,
    external,
    external_summary,
    genotype,
    lead,
    lead_artefact,
    loss,
    masking,
    matching,
    outcome,
    pathway,
    publish,
    quality,
    relatedness,
    sets,
    sources,
    survival,
    trait,
)

__all__ = [
    "ancestry",
    "association",
    "audit",
    "comparison",
    "control_scan",
    "external",
    "external_summary",
    "genotype",
    "lead",
    "lead_artefact",
    "loss",
    "masking",
    "matching",
    "outcome",
    "pathway",
    "publish",
    "quality",
    "relatedness",
    "sets",
    "sources",
    "survival",
    "trait",
]
