"""Rows that are kept and left out, counted by reason, for receipts and Dagster's metadata."""

from collections import Counter
from collections.abc import Iterable, Iterator

import pandas as pd

from alsrev_dagster.storage.receipt import Receipt
from alsrev_dagster.vocabulary import TABLES

_REASONS = ("filter_reason", "exclusion_reason")
_MARK = "left out: "


def left_out(frame: pd.DataFrame) -> Counter[str]:
    """Rows by the reason for which they are left out.

    What the study itself says behind a colon is not repeated: it may name a person.
    """
    counts = Counter[str]()
    for column in (name for name in _REASONS if name in frame.columns):
        word = frame[column].dropna().astype(str).str.split(":", n=1).str[0]
        counts.update({f"{_MARK}{reason}": int(n) for reason, n in word.value_counts().items()})
    return counts


def counted(frames: Iterable[pd.DataFrame], counts: Counter[str]) -> Iterator[pd.DataFrame]:
    """Pass frames on, and count what is left out of them."""
    for frame in frames:
        counts.update(left_out(frame))
        yield frame


def columns_counted(
    parts: Iterable[dict[str, object]], counts: Counter[str]
) -> Iterator[dict[str, object]]:
    """Pass columns by name on, and count what is left out of them."""
    for part in parts:
        counts.update(left_out(pd.DataFrame({n: part[n] for n in _REASONS if n in part})))
        yield part


def has_reasons(name: str) -> bool:
    """Whether a table says why a row of it is left out."""
    return name in TABLES and any(column in TABLES[name].column_names for column in _REASONS)


def total(receipts: Iterable[Receipt]) -> dict[str, int]:
    """Rows left out of a whole table by reason, the most frequent first."""
    counts = sum((Counter(receipt.counts) for receipt in receipts), Counter[str]())
    return {
        name.removeprefix(_MARK): n for name, n in counts.most_common() if name.startswith(_MARK)
    }


def told(receipts: Iterable[Receipt]) -> dict[str, int]:
    """Return what else a whole table's receipts count, beside its rows; none is a number too."""
    counts = Counter[str]()
    for receipt in receipts:
        counts.update(receipt.counts)
    return {name: n for name, n in counts.items() if name != "n_row" and not name.startswith(_MARK)}
