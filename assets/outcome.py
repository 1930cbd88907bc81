"""Outcome: ALSFRS-R totals by visit, recovery as the study defines it, carriers."""

import pandas as pd

from alsrev_dagster.clinical import alsfrsr as scores
from alsrev_dagster.clinical import recovery
from alsrev_dagster.clinical.observation import usable_visit
from alsrev_dagster.clinical.visit_series import score_column
from alsrev_dagster.graph.assets import table_asset
from alsrev_dagster.graph.checks import Finding, key_check, none_of, table_check
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.storage.queries import run_query
from assets.reading import compared, sample_axis, share, with_sampling_day

_SUBSCORES = ["bulbar_score", "fine_motor_score", "gross_motor_score", "respiratory_score"]


@table_asset("core.alsfrsr", owner="clinical", reads=["raw.visit", "raw.participant"])
def alsfrsr(work: OpenStudy) -> pd.DataFrame:
    """Totals of each visit on both scales, subscores, progression rate since onset, King's (three
    conventions) and MiToS stage; no item is imputed and no scale made from another.
    """
    return scores.alsfrsr(work.lake.frame("raw.visit"), work.lake.frame("raw.participant"))


@table_asset(
    "core.outcome", owner="clinical", reads=["core.alsfrsr", "raw.participant", "raw.sample"]
)
def outcome(work: OpenStudy) -> pd.DataFrame:
    """Recovery, its interval and confirmation, and time at risk of each participant."""
    return recovery.outcome(
        work.lake.frame("core.alsfrsr"),
        with_sampling_day(work),
        work.study.recovery.definition,
        work.study.survival.time_origin,
    )


@table_asset(
    "core.carrier",
    owner="statistical-genetics",
    reads=["result.lead_variant", "raw.genotype", "raw.callset_sample", "raw.sample"],
    kinds=("duckdb", "sql", "parquet"),
)
def carrier(work: OpenStudy) -> pd.DataFrame:
    """Dosage and carrier status of every sample in use at the declared and lead variants."""
    rule = [
        (name, 0 if callset.absent_sites == "reference" else None)
        for name, callset in work.study.callsets.items()
    ]
    frame = pd.DataFrame(rule, columns=["callset", "absent_dosage"])
    excluded = pd.DataFrame({"sample_id": list(work.study.excluded_samples)}, dtype="string")
    return run_query(
        work.lake,
        "core.carrier",
        reads=["result.lead_variant", "raw.genotype", "raw.callset_sample", "raw.sample"],
        parameters={
            "callset_rule": frame.astype({"callset": "string", "absent_dosage": "Int64"}),
            "excluded_sample": excluded,
        },
    )


alsfrsr_has_unique_key = key_check("core.alsfrsr")
outcome_has_unique_key = key_check("core.outcome")
carrier_has_unique_key = key_check("core.carrier")


@table_check("core.alsfrsr")
def every_visit_is_scored(work: OpenStudy) -> Finding:
    """Each visit of the input has one row; a total stands exactly where all items do."""
    frame, n_visit = work.lake.frame("core.alsfrsr"), len(work.lake.frame("raw.visit"))
    mismatch = int((frame["alsfrsr_total"].isna() == (frame["n_item_missing"] == 0)).sum())
    wrong = abs(len(frame) - n_visit) + mismatch
    n_total = int(frame["alsfrsr_total"].notna().sum())
    return none_of(wrong, n_visit, "visits are lost or wrongly scored", n_total=n_total)


@table_check("core.alsfrsr")
def subscores_add_up_to_the_total(work: OpenStudy) -> Finding:
    """Bulbar, fine motor, gross motor and respiratory scores add up to the total."""
    frame = work.lake.frame("core.alsfrsr").dropna(subset=["alsfrsr_total"])
    wrong = int((frame[_SUBSCORES].sum(axis=1) != frame["alsfrsr_total"]).sum())
    return none_of(wrong, len(frame), "complete visits do not add up")


@table_check("core.alsfrsr")
def reported_totals_are_the_item_sums(work: OpenStudy) -> Finding:
    """Where the input reports a total, of either scale, and all its items, the two are one."""
    key, totals = ["participant_id", "day"], ["alsfrsr_total", "alsfrs_total"]
    scored = work.lake.frame("core.alsfrsr", [*key, *totals]).set_index(key)
    told = work.lake.frame("raw.visit", [*key, *totals]).set_index(key).reindex(scored.index)
    known = scored.notna() & told.notna()
    wrong = int(((scored != told) & known).fillna(False).to_numpy().sum())
    return none_of(wrong, int(known.to_numpy().sum()), "totals are not the sum of their items")


@table_check("core.outcome")
def every_participant_has_an_outcome(work: OpenStudy) -> Finding:
    """Each participant has one row: at risk, or out for a stated reason."""
    frame, n = work.lake.frame("core.outcome"), len(work.lake.frame("raw.participant"))
    unsaid = int((frame["duration_months"].isna() & frame["exclusion_reason"].isna()).sum())
    n_event = int(frame["event_recovery"].sum())
    told = "participants are lost, or neither at risk nor excluded"
    return none_of(abs(len(frame) - n) + unsaid, n, told, n_recovery=n_event)


@table_check("core.outcome", blocking=False)
def most_participants_are_at_risk(work: OpenStudy) -> Finding:
    """No more participants than checks.not_at_risk_share_max are left out of the models of
    recovery.
    """
    reason = work.lake.frame("core.outcome", ["exclusion_reason"])["exclusion_reason"]
    counts = reason.value_counts()
    n_out, n = int(counts.sum()), len(reason)
    most = work.study.checks.not_at_risk_share_max
    told = (
        f"{n_out} of {n} participants are not at risk of recovery (expected at most {share(most)})"
    )
    lines = [f"{count} {text}" for text, count in counts.items()]
    return Finding(n_out <= most * n, f"{told}: {', '.join(lines)}" if lines else told)


@table_check("core.outcome")
def time_runs_forward(work: OpenStudy) -> Finding:
    """Everyone at risk enters before leaving, and recovers in order: left, right, confirmed."""
    frame = work.lake.frame("core.outcome")
    at_risk = frame["exclusion_reason"].isna()
    wrong = at_risk & ~(frame["entry_months"] < frame["duration_months"])
    recovered = frame["event_recovery"].fillna(False)
    wrong |= recovered & ~(frame["recovery_left_day"] < frame["recovery_right_day"]).fillna(False)
    wrong |= recovered & ~(frame["recovery_right_day"] <= frame["confirmation_day"]).fillna(False)
    return none_of(int(wrong.sum()), len(frame), "participants have days in the wrong order")


@table_check("core.outcome", blocking=False)
def entry_is_at_sampling_or_later(work: OpenStudy) -> Finding:
    """Where cases were chosen for their recovery, the sampling_day of everybody with a genotype
    is known, so that nobody is at risk before it.
    """
    sample = work.lake.frame("raw.sample", ["sample_id", "participant_id"])
    used = sample.loc[~sample["sample_id"].isin(list(work.study.excluded_samples))]
    person = with_sampling_day(work)
    day = person.loc[person["participant_id"].isin(used["participant_id"]), "sampling_day"]
    chosen = work.study.survival.cases_chosen_for_recovery
    told = (
        "participants with a genotype have no sampling_day: it is known only of those alive to be "
        "sampled, and their time before it is immortal"
    )
    n_unknown = int(day.isna().sum())
    return none_of(n_unknown if chosen else 0, len(day), told, n_sampling_day_unknown=n_unknown)


@table_check("core.outcome", blocking=False)
def origin_lies_before_the_first_visit(work: OpenStudy) -> Finding:
    """Nobody's time is counted from a day after their first usable visit: what was seen before the
    origin is in no risk set.
    """
    frame, column = work.lake.frame("core.outcome"), score_column(work.study.recovery.definition)
    visit = usable_visit(
        work.lake.frame("core.alsfrsr"), work.lake.frame("raw.participant"), column
    )
    first = frame["participant_id"].map(visit.groupby("participant_id")["day"].min())
    n_late = int((frame["origin_day"] > first).fillna(False).sum())
    told = "participants have a time origin after their first visit: time before it is left out"
    return none_of(n_late, len(frame), told)


@table_check("core.carrier")
def carriers_match_the_counts(work: OpenStudy) -> Finding:
    """Every sample has a row at every variant; dosages add up to the counts that were tested."""
    frame, n_differ = work.lake.frame("core.carrier"), _n_count_that_differs(work)
    called = set(sample_axis(work).sample_id)
    n_sample = len(called & set(work.lake.frame("raw.sample")["sample_id"]))
    n_expected = n_sample * frame["variant_id"].nunique()
    outside = int((~frame["dosage"].isna() & ~frame["dosage"].isin([0, 1, 2])).sum())
    n_wrong = abs(len(frame) - n_expected) + outside + n_differ
    told = "rows are lost or outside 0-2, or counts differ from those tested"
    return none_of(n_wrong, n_expected, told, n_count_that_differs=n_differ)


_GENOTYPE = {0: "hom_ref", 1: "het", 2: "hom_alt", -1: "missing"}


def _n_count_that_differs(work: OpenStudy) -> int:
    """Counts by genotype and side of the leads that the carriers do not add up to."""
    member = compared(work)
    carrier = work.lake.frame("core.carrier", ["variant_id", "sample_id", "dosage"])
    joined = member[["contrast", "sample_id", "is_case"]].merge(carrier, on="sample_id")
    side = joined["is_case"].map({True: "case", False: "control"})
    joined["count"] = "n_" + side + "_" + joined["dosage"].fillna(-1).map(_GENOTYPE)
    key = ["contrast", "variant_id"]
    found = joined.pivot_table(
        index=key, columns="count", values="sample_id", aggfunc="count", fill_value=0
    )
    lead = work.lake.frame("result.lead_variant").drop_duplicates(key).set_index(key)
    columns = [f"n_{s}_{g}" for s in ("case", "control") for g in _GENOTYPE.values()]
    told = found.reindex(index=lead.index, columns=columns, fill_value=0)
    return int((told != lead[columns].astype(int)).to_numpy().sum())
