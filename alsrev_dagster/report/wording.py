"""What the page says in words: tests, statuses, and the answer of each contrast."""

from collections.abc import Iterable, Mapping
from typing import Any

from alsrev_dagster.report import numerals
from alsrev_dagster.report.names import coding, method, plain, status

__all__ = ["coding", "method", "plain", "status"]
"""Of the names, what the page asks of this module."""

Row = Mapping[str, Any]

PASSES = "passes"
"""filter_reason of the losses' row that counts what is kept."""

_LARGE_N = 1000
"""Samples a side at which lambda_1000 is lambda as observed."""
_NOT_DETECTABLE = {
    "unreachable": "none: an odds ratio of a million is not enough",
    "no_control_carrier": "no baseline: no control carries it",
    "every_control_carries": "no baseline: every control carries it",
    "no_calls": "a side has no call",
}


def says_something(row: Mapping[Any, Any]) -> bool:
    """Whether a test of the row could tell the two sides apart: its P is below 1."""
    return not numerals.is_null(row["p_value"]) and float(row["p_value"]) < 1


def no_lead(losses: Iterable[Row]) -> str:
    """Say why no variant leads a contrast: none was tested (and why), or each gave P = 1."""
    lost = {str(row["filter_reason"]): row["n"] for row in losses if row["what"] == "variant"}
    n_tested = lost.pop(PASSES, 0)
    if n_tested:
        told = f"{numerals.count(n_tested)} variants passed quality"
        return f"No variant leads: {told}, and no test told the two sides apart (every P is 1)."
    reasons = "; ".join(f"{numerals.count(n)}: {plain(reason)}" for reason, n in lost.items())
    return f"No variant was tested ({reasons or 'there is none'})."


def apart(is_aligned: bool | None) -> str:
    """Say whether something else than being a case parts the sides; None: nobody asked."""
    if is_aligned is None:
        return "No finding of the batch audit was given to this page."
    if not is_aligned:
        return (
            "The audit of callset, caller, tissue, batch, sequencing site, call rate, depth, "
            "ancestry and sex was made: no factor separates cases from controls. What no table "
            "names can still do so."
        )
    return (
        "Cases and controls may have been sequenced apart, or be of other descent or sex: a "
        "difference between them can be one of tissue, batch, laboratory or population."
    )


def confounded(contrasts: Iterable[Any]) -> str:
    """Say which contrasts are confounded, and by what: contrasts with ``confounded_by``."""
    by_factors: dict[str, list[str]] = {}
    for contrast in contrasts:
        if contrast.confounded_by:
            factors = ", ".join(map(plain, contrast.confounded_by))
            by_factors.setdefault(factors, []).append(contrast.name)
    told = [
        f"in {', '.join(names)}, being a case goes with {by}" for by, names in by_factors.items()
    ]
    return f"{'; '.join(told)}. No result of these can tell the one from the other."


def confounded_contrast(factors: Iterable[str]) -> str:
    """Say what the numbers of one contrast cannot be told apart from."""
    return (
        f"Confounded: cases and controls also differ in {', '.join(map(plain, factors))}. A "
        "difference between them may be one of these, and no P value below can say."
    )


def size_of(row: Row) -> str:
    """Write how strongly a factor goes with being a case."""
    if not numerals.is_null(row["cramers_v"]):
        return f"V {float(row['cramers_v']):.2f}"
    if numerals.is_null(row["standardised_difference"]):
        return numerals.NONE
    return f"d {numerals.signed(row['standardised_difference'])}"


def alike(rows: Iterable[Row]) -> str:
    """Count the audited factors that do not go with being a case, and those nobody could judge."""
    judged = [row["is_aligned"] is not None for row in rows]
    told = f"{numerals.count(sum(judged))} that do not go with being a case"
    n_unjudged = len(judged) - sum(judged)
    return f"{told}, {numerals.count(n_unjudged)} not judged" if n_unjudged else told


def how_p(row: Row) -> str:
    """Say how the P value of an audited factor was made: counted out, or estimated."""
    if numerals.is_null(row["method"]):
        return "a side is unknown"
    if numerals.is_null(row["n_draw"]):
        return "exact" if "exact" in str(row["method"]) else "asymptotic"
    return f"Monte Carlo, {numerals.count(row['n_draw'])} draws, seed {int(row['seed'])}"


_MASKED = {
    "holds": "holds within",
    "vanishes": "vanishes within",
    "too_few": "too few are left within",
    "cannot_be_told_apart": "cannot be told apart from",
}


def masked(rows: Iterable[Row]) -> str:
    """Say what masking each technical factor does to a lead; nothing where there is none."""
    by_status: dict[str, list[str]] = {}
    for row in rows:
        by_status.setdefault(str(row["masking_status"]), []).append(plain(row["factor"]))
    told = [
        f"{words} {', '.join(by_status[status])}"
        for status, words in _MASKED.items()
        if status in by_status
    ]
    if told:
        return "; ".join(told)
    return "no association to lose" if "no_signal" in by_status else numerals.NONE


def structure() -> str:
    """Say what is done about population structure, and what is not."""
    return (
        "Ancestry enters where a contrast asks for it, by strata, by matching, or by principal "
        "components as covariates; the exact tests are not adjusted: where cases and controls "
        "differ in descent, also within one stratum, variants differ for that alone."
    )


def inflation(found: Mapping[str, float]) -> str:
    """Say the genomic inflation factor, and at a small n that one near 1 says little."""
    n_case, n_control = int(found["n_case"]), int(found["n_control"])
    n = f"{numerals.count(n_case)} cases and {numerals.count(n_control)} controls"
    scaled = numerals.ratio(found["lambda_1000"])
    if numerals.is_null(found["lambda_1000"]):
        scaled += " (no excess to scale)"
    told = (
        f"Genomic control in {n}: λGC = {numerals.ratio(found['lambda_gc'])}, and scaled to 1,000 "
        f"of each λ₁₀₀₀ = {scaled}."
    )
    if min(n_case, n_control) >= _LARGE_N:
        return told
    return (
        f"{told} At this n a raw λGC near 1 says little: what would inflate a larger study hardly "
        "moves it, and discrete tests of rare alleles pull it down."
    )


def envelope(row: Row) -> str:
    """Write an inflation factor, what shuffled labels give, and whether it is within."""
    if numerals.is_null(row["exact_lambda_gc"]) or numerals.is_null(row["exact_lambda_lower"]):
        return numerals.NONE
    seen, lower, upper = (float(row[f"exact_lambda_{name}"]) for name in ("gc", "lower", "upper"))
    where = "above" if seen > upper else "below" if seen < lower else "within"
    n = numerals.count(row["n_inflation_variant"])
    return f"{seen:.2f}, {where} {lower:.2f} to {upper:.2f} ({n} variants)"


def family_threshold(row: Row) -> str:
    """Write the P value that a variant must be below, and how sure that is."""
    interval = (
        f"{numerals.p_value(row['family_wise_p_max_lower'] or None)} to "
        f"{numerals.p_value(row['family_wise_p_max_upper'])}"
    )
    if numerals.is_null(row["family_wise_p_max"]):
        return f"{numerals.NONE} (too few labellings; {interval})"
    return f"{numerals.p_value(row['family_wise_p_max'])} ({interval})"


def yes_no(value: object) -> str:
    """Write a boolean."""
    return numerals.NONE if numerals.is_null(value) else "yes" if value else "no"


def genotypes(row: Row, side: str) -> str:
    """Write how many samples have 0, 1 and 2 ALT alleles."""
    return " / ".join(map(numerals.count, _counts(row, side)[:3]))


def carried_by(row: Row, side: str) -> str:
    """Say how many of one side carry the ALT allele, once and twice."""
    hom_ref, het, hom_alt, missing = _counts(row, side)
    called = hom_ref + het + hom_alt
    text = (
        f"{numerals.count(het + hom_alt)} of {numerals.count(called)} {side}s with a call carry "
        f"the ALT allele ({numerals.count(het)} once, {numerals.count(hom_alt)} twice)"
    )
    return f"{text}; {numerals.count(missing)} have no call" if missing else text


def place(row: Row) -> str:
    """Say where a variant is: in or near which gene."""
    if numerals.is_null(row["gene"]):
        return "near no gene of the annotation"
    return f"{numerals.distance(row['gene_distance_bp'])} {row['gene']}"


def effect(row: Row) -> str:
    """Say the odds ratio with its interval, or why there is none."""
    if numerals.is_null(row["odds_ratio"]):
        return f"No odds ratio ({numerals.NONE}): {status(row['fit_status'])}."
    text = numerals.ratio_with_interval(row["odds_ratio"], row["ci_lower"], row["ci_upper"])
    words = f"Odds ratio {coding(row['genetic_model'])} ({row['genetic_model']}): {text}, 95% CI."
    return words if row["fit_status"] == "ok" else f"{words} Fit: {status(row['fit_status'])}."


def detectable(row: Row) -> str:
    """Write the smallest detectable odds ratio, or why there is none."""
    if row["detectable_status"] == "ok":
        return numerals.ratio(row["minimum_detectable_odds_ratio"])
    reason = _NOT_DETECTABLE.get(str(row["detectable_status"]), plain(row["detectable_status"]))
    if row["genetic_model"] == "recessive":
        reason = reason.replace("carries it", "is homozygous")
    return f"{numerals.NONE} ({reason})"


def exposed(genetic_model: object) -> str:
    """Name those whom a genetic model sets against the rest where one exposure is asked for."""
    return "homozygotes" if genetic_model == "recessive" else "carriers"


def below_genome_wide(row: Row, alpha: float) -> str:
    """Say on which side of the genome-wide threshold the P value of record is."""
    answer = "yes" if row["is_genome_wide_significant"] else "no"
    where = "below" if row["is_genome_wide_significant"] else "not below"
    limit = numerals.threshold(alpha)
    return f"Below {limit}: {answer}. P is {where} the genome-wide threshold."


def below_bonferroni(row: Row) -> str:
    """Say whether the P value of record stands after correction for the tests made."""
    n = numerals.count(row["n_variant_tested"])
    if row["is_bonferroni_significant"]:
        return f"Bonferroni: yes. It stands after correction for {n} variants and every model."
    return f"Bonferroni: no. It does not stand after correction for {n} variants and every model."


def direction(row: Row) -> str:
    """Say what a ratio above 1 means."""
    if row["ratio_of"] == "time":
        return (
            "above 1 means later recovery" if row["event"] == "recovery" else "above 1: later death"
        )
    if row["event"] == "recovery":
        return "above 1 means more or faster recovery"
    return "above 1 means earlier death" if row["event"] == "death" else "above 1: sooner"


def _counts(row: Row, side: str) -> tuple[int, int, int, int]:
    hom_ref, het, hom_alt, missing = (
        int(row[f"n_{side}_{genotype}"]) for genotype in ("hom_ref", "het", "hom_alt", "missing")
    )
    return hom_ref, het, hom_alt, missing
