"""What the page says of whether a lead holds: by arm, without single cases, corrected; and of
declared replications.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alsrev_dagster.report import numerals, wording

Row = Mapping[str, Any]

_KEY = ("contrast", "variant_id", "genetic_model")
_SHOWN = {
    "joint": "all controls together",
    "exact_conditional": "the same, exact",
    "arm": "against {} alone, in the model of all arms",
    "common": "all arms, taken to agree",
}
"""Terms that the page shows, in its order; the others are in the table."""
_STATUS = {
    "confirmed": "Confirmed",
    "refuted": "Refuted",
    "underpowered": "Not decided (underpowered)",
    "not_tested": "Not tested",
}


@dataclass(frozen=True)
class Holding:
    """Whether a lead holds in one contrast, under the genetic model of its smallest P."""

    contrast: str
    genetic_model: str
    terms: list[Row]
    sentences: list[str]


def holdings(
    leads: Sequence[Row],
    *,
    arms: Sequence[Row],
    influence: Sequence[Row],
    correction: Sequence[Row],
) -> list[Holding]:
    """Whether one variant holds, a contrast each; of rows that other tables say nothing of, none.

    ``leads`` are the rows of that variant, the smallest P of each contrast first.
    """
    found: dict[str, Holding] = {}
    for row in leads:
        contrast, key = str(row["contrast"]), tuple(row[name] for name in _KEY)
        named: list[Row] = [{**arm, "words": _term(arm)} for arm in arms if _is_of(arm, key)]
        terms = sorted((term for term in named if term["words"]), key=_place)
        if contrast in found or not terms:
            continue
        sentences = [
            *_arms(terms),
            *(text for item in influence if _is_of(item, key) for text in _without(item)),
            *(_corrected(item) for item in correction if _is_of(item, key)),
            *_given(row),
        ]
        found[contrast] = Holding(contrast, str(row["genetic_model"]), terms, sentences)
    return list(found.values())


def _is_of(row: Row, key: tuple[object, ...]) -> bool:
    return tuple(row[name] for name in _KEY) == key


def _term(row: Row) -> str:
    """What the cases are held against, in words; empty for what the page does not show."""
    kind, _, arm = str(row["term"]).partition(":")
    return _SHOWN.get(kind, "").format(arm)


def _place(row: Row) -> int:
    return list(_SHOWN).index(str(row["term"]).partition(":")[0])


def _arms(terms: Sequence[Row]) -> Iterator[str]:
    """Say whether the arms agree, where there are several."""
    for row in terms:
        if row["term"] == "common" and row["agreement_p_value"] is not None:
            told = (
                "P that the control arms have one odds ratio: "
                f"{numerals.p_value(row['agreement_p_value'])}"
            )
            if row["arm_correlation"] is not None:
                told += (
                    "; their estimates correlate by "
                    f"{numerals.signed(row['arm_correlation'])}, as they share the cases"
                )
            yield f"{told}."


def _without(row: Row) -> Iterator[str]:
    """Say what leaving out single cases does."""
    if row["p_value_max"] is None:
        return
    n, limit = numerals.count(row["n_case"]), numerals.threshold(row["alpha"])
    ends = [numerals.p_value(row[f"p_value_{end}"]) for end in ("min", "max")]
    ratio = numerals.interval(row["odds_ratio_min"], row["odds_ratio_max"])
    yield (
        f"Each of the {n} cases left out in turn: P {ends[0]} to {ends[1]}, odds ratio {ratio} "
        f"({wording.method(row['method'])})."
    )
    fewest = row["fragility"]
    if fewest is None:
        return
    if int(fewest) == 0:
        yield f"P is above {limit} with all cases."
    elif int(fewest) == 1:
        yield f"It rests on one case: without it P is above {limit}."
    else:
        least = "" if row["is_fragility_minimum"] else " (or fewer)"
        yield f"It takes {numerals.count(fewest)} cases left out{least} for P above {limit}."


def _corrected(row: Row) -> str:
    """Say the odds ratio corrected for selection, or why there is none."""
    if row["is_declared"]:
        return _declared(row)
    limit = numerals.threshold(row["selection_p_max"])
    if row["corrected_odds_ratio"] is None:
        return f"P is above {limit}, or there is no estimate: no odds ratio is corrected."
    ends = row["corrected_ci_lower"], row["corrected_ci_upper"]
    told = numerals.ratio_with_interval(row["corrected_odds_ratio"], *ends)
    return (
        f"Odds ratio corrected for having been picked at P {limit}: {told}, 95% CI, in place of "
        f"{numerals.ratio(row['odds_ratio'])} (Ghosh 2008; {numerals.count(row['n_case'])} cases, "
        f"{numerals.count(row['n_control'])} controls).{_outside(row)}"
    )


def _declared(row: Row) -> str:
    """Say why the odds ratio of a declared locus is not corrected."""
    if row["shares_cases"]:
        return (
            "Found in these cases elsewhere: its odds ratio is overstated by an amount that this "
            "study cannot know."
        )
    return "Declared in study.yaml: not picked by its P here."


def _outside(row: Row) -> str:
    """Say why a corrected odds ratio may lie outside its own interval."""
    if row["corrected_ci_lower"] <= row["corrected_odds_ratio"] <= row["corrected_ci_upper"]:
        return ""
    return (
        " It is outside its own interval: the P is so near the threshold that the data fit hardly "
        "any effect."
    )


def _given(row: Row) -> Iterator[str]:
    """Say what is left of the lead given the best other one near it."""
    if row["conditioned_on"] is not None:
        p_value = numerals.p_value(row["conditional_p_value"])
        yield f"Given {row['conditioned_on']}, another lead near it: P = {p_value}."


def below_false_discovery(row: Row) -> str:
    """Say whether a row is significant by Benjamini and Hochberg's false discovery rate."""
    answer = "yes" if row["is_bh_significant"] else "no"
    return (
        f"Benjamini-Hochberg: {answer}. q = {numerals.p_value(row['q_value'])}: the smallest false "
        "discovery rate at which it would be among the findings of this contrast."
    )


def replicated(row: Row) -> str:
    """Say in words what became of a declared replication."""
    told = f"{_STATUS[str(row['replication_status'])]}."
    if row["replication_status"] == "not_tested":
        return (
            f"{told} The variant was not called, failed quality, does not vary, or its fit failed."
        )
    if row["replication_status"] == "confirmed" and row["shares_cases"]:
        return f"{told} But it shares cases with the discovery: these are no second finding."
    if row["shares_cases"]:
        return f"{told} It shares cases with the discovery."
    return told
