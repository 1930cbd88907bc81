"""What exists and what it is made from: one module a group, checks beside their asset.

No mathematics, no SQL, no file formats: an asset joins the rooms that know those.
"""

from assets import (
    association,
    comparison,
    genotype,
    loss,
    outcome,
    publish,
    quality,
    sources,
    survival,
)

__all__ = [
    "association",
    "comparison",
    "genotype",
    "loss",
    "outcome",
    "publish",
    "quality",
    "sources",
    "survival",
]
