"""Result tables by carrier status, from a handful of people."""

import numpy as np
import pandas as pd
import pytest

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.survival import curves, recovery_models, survival_models
from alsrev_dagster.survival.model_rows import ModelRule
from alsrev_dagster.survival.recovery_models import Definition
from alsrev_dagster.survival.trajectory import trajectory
from alsrev_dagster.vocabulary import MARK, table

VARIANT = "chr4-57031372-G-A"
CAVEAT = "descriptive, not incidence"
DOMINANT, EVERY = ("dominant",), ("additive", "dominant", "recessive")
# participant: (carrier, cohort, entry, duration, exit_reason, survival, died)
PEOPLE: dict[str, tuple[bool | None, str, float, float, str, float, bool]] = {
    "a": (True, "x", 0, 6, "recovery", 40, False),
    "b": (True, "x", 0, 9, "death", 9, True),
    "c": (False, "x", 2, 8, "recovery", 30, True),
    "d": (False, "x", 0, 12, "last_visit", 12, False),
    "e": (False, "y", 1, 7, "tracheostomy", 20, True),
    "f": (False, "y", 0, 10, "last_visit", 15, False),
    "g": (None, "y", 0, 10, "recovery", 15, True),
}


def recovery_curve(carrier: pd.DataFrame, outcome: pd.DataFrame, caveat: str) -> pd.DataFrame:
    return curves.recovery_curve(carrier, outcome, genetic_models=DOMINANT, caveat=caveat)


def survival_curve(carrier: pd.DataFrame, outcome: pd.DataFrame, caveat: str) -> pd.DataFrame:
    return curves.survival_curve(carrier, outcome, genetic_models=DOMINANT, caveat=caveat)


def recovery_model(
    carrier: pd.DataFrame,
    outcome: pd.DataFrame,
    participant: pd.DataFrame,
    strata: tuple[str, ...],
    caveat: str,
) -> pd.DataFrame:
    """Cox's model of carriers alone: of another definition no other is made."""
    return recovery_models.recovery_model(
        carrier,
        [Definition(outcome, False)],
        participant,
        rule=ModelRule(DOMINANT, strata, events_per_term_min=0),
        caveat=caveat,
    )


def survival_model(
    carrier: pd.DataFrame,
    outcome: pd.DataFrame,
    participant: pd.DataFrame,
    strata: tuple[str, ...],
    caveat: str,
) -> pd.DataFrame:
    rule = ModelRule(DOMINANT, strata, events_per_term_min=0)
    return survival_models.survival_model(
        carrier, outcome, participant, rule=rule, distributions=(), caveat=caveat
    )


@pytest.fixture
def carrier() -> pd.DataFrame:
    rows = [
        ("locus1", VARIANT, f"s_{name}", name, cohort, answer)
        for name, (answer, cohort, *_) in PEOPLE.items()
    ]
    columns = ["locus", "variant_id", "sample_id", "participant_id", "cohort", "carrier"]
    frame = pd.DataFrame(rows, columns=columns).astype({"carrier": "boolean"})
    frame["dosage"] = frame["carrier"].astype("Int64")
    return frame[list(table("core.carrier").column_names)]


@pytest.fixture
def outcome() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "participant_id": list(PEOPLE),
            "definition": "rule",
            "definition_hash": "abc",
            "time_origin": "onset",
            "entry_months": [float(row[2]) for row in PEOPLE.values()],
            "duration_months": [float(row[3]) for row in PEOPLE.values()],
            "exit_reason": [row[4] for row in PEOPLE.values()],
            "event_recovery": [row[4] == "recovery" for row in PEOPLE.values()],
            "survival_months": [float(row[5]) for row in PEOPLE.values()],
            "event_death": [row[6] for row in PEOPLE.values()],
        }
    )
    return frame.reindex(columns=list(table("core.outcome").column_names))


@pytest.fixture
def participant() -> pd.DataFrame:
    frame = pd.DataFrame({"participant_id": list(PEOPLE), "sex": ["female", "male"] * 3 + [None]})
    return frame.reindex(columns=list(table("raw.participant").column_names))


def without_mark(name: str) -> tuple[str, ...]:
    """Columns that survival fills: the mark of confounding is added by who knows the contrasts."""
    return tuple(column for column in table(name).column_names if column not in MARK)


def assert_is_table(frame: pd.DataFrame, name: str) -> None:
    target = table(name)
    assert tuple(frame.columns) == without_mark(name)
    assert not frame.duplicated(list(target.key)).any()
    required = [column for column in without_mark(name) if column not in target.nullable]
    assert frame[required].notna().all(axis=None)
    assert frame.equals(frame.sort_values(list(target.key), ignore_index=True))


def test_recovery_curve_has_both_events_of_both_groups(
    carrier: pd.DataFrame, outcome: pd.DataFrame
) -> None:
    frame = recovery_curve(carrier, outcome, caveat=CAVEAT)
    assert_is_table(frame, "result.recovery_curve")
    key = [
        "carrier_group",
        "event",
        "duration_months",
        "cumulative_incidence",
        "n_at_risk",
        "n_event",
    ]
    assert frame[key].to_numpy().tolist() == [
        ["carrier", "death", 0.0, 0.0, 0, 0],
        ["carrier", "death", 9.0, 0.5, 1, 1],
        ["carrier", "recovery", 0.0, 0.0, 0, 0],
        ["carrier", "recovery", 6.0, 0.5, 2, 1],
        ["non_carrier", "death", 0.0, 0.0, 0, 0],  # nobody has entered at 0
        ["non_carrier", "death", 12.0, 0.0, 1, 0],  # nobody died: one row at the last time
        ["non_carrier", "recovery", 0.0, 0.0, 0, 0],
        ["non_carrier", "recovery", 8.0, pytest.approx(0.75 / 3), 3, 1],  # tracheostomy competes
        ["non_carrier", "recovery", 12.0, pytest.approx(0.75 / 3), 1, 0],  # a whole year
    ]
    assert set(frame["caveat"]) == {CAVEAT}
    assert set(frame["method"]) == {"aalen_johansen"}
    assert set(frame["definition"]) == {"rule"}
    assert frame["ci_lower"].isna().tolist() == [
        True,
        False,
        True,
        False,
        *[True] * 3,
        False,
        False,
    ]


def test_survival_curve_keeps_a_group_without_deaths(
    carrier: pd.DataFrame, outcome: pd.DataFrame
) -> None:
    alive = outcome.assign(event_death=outcome["event_death"] & (outcome["participant_id"] != "b"))
    frame = survival_curve(carrier, alive, caveat=CAVEAT)
    assert_is_table(frame, "result.survival_curve")
    key = ["carrier_group", "duration_months", "event_free", "n_at_risk", "n_event"]
    assert frame[key].to_numpy().tolist() == [
        ["carrier", 0.0, 1.0, 0, 0],
        ["carrier", 12.0, 1.0, 1, 0],
        ["carrier", 24.0, 1.0, 1, 0],
        ["carrier", 36.0, 1.0, 1, 0],
        ["carrier", 40.0, 1.0, 1, 0],
        ["non_carrier", 0.0, 1.0, 0, 0],
        ["non_carrier", 12.0, 1.0, 4, 0],
        ["non_carrier", 20.0, 0.5, 2, 1],
        ["non_carrier", 24.0, 0.5, 1, 0],
        ["non_carrier", 30.0, 0.0, 1, 1],
    ]


CONDITION = (
    "conditional on no event by 1.5 months, when the few then under observation had all had one"
)


def emptied_early(outcome: pd.DataFrame) -> pd.DataFrame:
    """Of the carriers, a alone dies at 1.5 before b enters at 2; non-carriers as they were."""
    is_a, is_b = (outcome["participant_id"] == name for name in "ab")
    return outcome.assign(
        entry_months=outcome["entry_months"].mask(is_b, 2.0),
        duration_months=outcome["duration_months"].mask(is_a, 1.5).mask(is_b, 14.0),
        exit_reason=outcome["exit_reason"].mask(is_a, "death").mask(is_b, "recovery"),
        survival_months=outcome["survival_months"].mask(is_a, 1.5).mask(is_b, 14.0),
        event_death=outcome["event_death"].mask(is_a, True).mask(is_b, False),
    )


def test_conditional_curve_starts_after_its_landmark_and_says_so(
    carrier: pd.DataFrame, outcome: pd.DataFrame
) -> None:
    key = ["carrier_group", "event", "duration_months", "cumulative_incidence", "n_at_risk"]
    frame = recovery_curve(carrier, emptied_early(outcome), caveat=CAVEAT)
    assert_is_table(frame, "result.recovery_curve")
    is_carrier = frame["carrier_group"] == "carrier"
    assert frame.loc[is_carrier, key].to_numpy().tolist() == [
        ["carrier", "death", 12.0, 0.0, 1],
        ["carrier", "death", 14.0, 0.0, 1],
        ["carrier", "recovery", 12.0, 0.0, 1],
        ["carrier", "recovery", 14.0, 1.0, 1],
    ]
    assert set(frame.loc[is_carrier, "caveat"]) == {f"{CAVEAT}; {CONDITION}"}
    pd.testing.assert_frame_equal(
        frame[~is_carrier].reset_index(drop=True),
        recovery_curve(carrier, outcome, caveat=CAVEAT)
        .query("carrier_group == 'non_carrier'")
        .reset_index(drop=True),
    )


def test_conditional_survival_curve_says_so(carrier: pd.DataFrame, outcome: pd.DataFrame) -> None:
    frame = survival_curve(carrier, emptied_early(outcome), caveat="")
    assert_is_table(frame, "result.survival_curve")
    is_carrier = frame["carrier_group"] == "carrier"
    key = ["duration_months", "event_free", "n_at_risk", "n_event"]
    assert frame.loc[is_carrier, key].to_numpy().tolist() == [
        [12.0, 1.0, 1, 0],
        [14.0, 1.0, 1, 0],
    ]
    assert set(frame.loc[is_carrier, "caveat"]) == {CONDITION}
    assert set(frame.loc[~is_carrier, "caveat"]) == {""}


def test_conditional_curve_shorter_than_a_year_has_no_yearly_row(
    carrier: pd.DataFrame, outcome: pd.DataFrame
) -> None:
    early = emptied_early(outcome)
    is_b = early["participant_id"] == "b"
    short = early.assign(duration_months=early["duration_months"].mask(is_b, 6.0))
    frame = recovery_curve(carrier, short, caveat=CAVEAT)
    found = frame.loc[frame["carrier_group"] == "carrier", "duration_months"]
    assert found.tolist() == [6.0, 6.0]


def test_no_yearly_row_stands_at_the_landmark_itself(
    carrier: pd.DataFrame, outcome: pd.DataFrame
) -> None:
    early = emptied_early(outcome)
    is_a, is_b = (early["participant_id"] == name for name in "ab")
    late = early.assign(
        survival_months=early["survival_months"].mask(is_a, 12.0).mask(is_b, 30.0),
        entry_months=early["entry_months"].mask(is_b, 12.0),
    )
    frame = survival_curve(carrier, late, caveat=CAVEAT)
    found = frame.loc[frame["carrier_group"] == "carrier", "duration_months"]
    assert found.tolist() == [24.0, 30.0]


def test_models_name_what_they_are(
    carrier: pd.DataFrame, outcome: pd.DataFrame, participant: pd.DataFrame
) -> None:
    recovery = recovery_model(carrier, outcome, participant, strata=("cohort",), caveat=CAVEAT)
    death = survival_model(carrier, outcome, participant, strata=("sex", "cohort"), caveat=CAVEAT)
    assert_is_table(recovery, "result.recovery_model")
    assert_is_table(death, "result.survival_model")
    row, other = recovery.iloc[0], death.iloc[0]
    assert row[["event", "definition", "method", "term", "strata"]].tolist() == [
        "recovery",
        "rule",
        "cox_cause_specific_wald",
        "genotype",
        "cohort",
    ]
    assert other[["event", "definition", "method", "strata"]].tolist() == [
        "death",
        "",
        "cox_wald",
        "sex, cohort",
    ]
    assert row[["n", "n_carrier", "n_event", "n_event_carrier"]].tolist() == [6, 2, 2, 1]
    assert other[["n", "n_carrier", "n_event", "n_event_carrier"]].tolist() == [6, 2, 3, 1]


def test_numbers_of_a_separated_model_are_null(
    carrier: pd.DataFrame, outcome: pd.DataFrame, participant: pd.DataFrame
) -> None:
    nobody = outcome.assign(exit_reason=outcome["exit_reason"].replace("recovery", "last_visit"))
    row = recovery_model(carrier, nobody, participant, strata=(), caveat=CAVEAT).iloc[0]
    assert row["fit_status"] == "no_events"
    assert row["strata"] == ""
    assert row[["ratio", "ci_lower", "ci_upper", "p_value"]].isna().all()


def test_excluded_from_recovery_still_counts_for_survival(
    carrier: pd.DataFrame, outcome: pd.DataFrame
) -> None:
    is_d = outcome["participant_id"] == "d"
    single = outcome.assign(
        exclusion_reason=np.where(is_d, "exit not after entry", None),
        duration_months=outcome["duration_months"].mask(is_d),
    )
    curve = recovery_curve(carrier, single, caveat=CAVEAT)
    assert curve.loc[curve["carrier_group"] == "non_carrier", "n_at_risk"].max() == 2
    pd.testing.assert_frame_equal(
        survival_curve(carrier, single, caveat=CAVEAT),
        survival_curve(carrier, outcome, caveat=CAVEAT),
    )


def test_second_sample_of_a_participant_counts_once(
    carrier: pd.DataFrame, outcome: pd.DataFrame
) -> None:
    again = carrier[carrier["participant_id"] == "a"].assign(sample_id="s_a2")
    no_call = again.assign(sample_id="s_a3", carrier=pd.NA, dosage=pd.NA)
    several = pd.concat([carrier, again, no_call.astype(carrier.dtypes)])
    pd.testing.assert_frame_equal(
        recovery_curve(several, outcome, caveat=CAVEAT),
        recovery_curve(carrier, outcome, caveat=CAVEAT),
    )


def test_samples_of_a_participant_that_disagree_are_refused_without_ids(
    carrier: pd.DataFrame, outcome: pd.DataFrame
) -> None:
    swapped = carrier[carrier["participant_id"] == "a"].assign(sample_id="s_a2", dosage=2)
    both = pd.concat([carrier, swapped.astype(carrier.dtypes)])
    with pytest.raises(InputDataError, match="samples of one participant disagree") as refused:
        survival_curve(both, outcome, caveat=CAVEAT)
    assert VARIANT in str(refused.value)
    assert "s_a" not in str(refused.value)


def test_participant_in_two_cohorts_is_refused_where_cohort_is_a_stratum(
    carrier: pd.DataFrame, outcome: pd.DataFrame, participant: pd.DataFrame
) -> None:
    second = carrier[carrier["participant_id"] == "a"].assign(sample_id="s_a2", cohort="y")
    both = pd.concat([carrier, second])
    with pytest.raises(InputDataError, match=r"1 participant\(s\) have samples in more than one"):
        recovery_model(both, outcome, participant, strata=("cohort",), caveat=CAVEAT)
    assert len(recovery_model(both, outcome, participant, strata=("sex",), caveat=CAVEAT)) == 1


def test_two_definitions_at_once_are_refused(carrier: pd.DataFrame, outcome: pd.DataFrame) -> None:
    both = pd.concat([outcome, outcome.assign(definition="other", definition_hash="def")])
    with pytest.raises(InputDataError, match="2 values of definition_hash: expected one"):
        recovery_curve(carrier, both, caveat=CAVEAT)


def test_variants_are_told_apart(
    carrier: pd.DataFrame, outcome: pd.DataFrame, participant: pd.DataFrame
) -> None:
    other = carrier.assign(
        variant_id="chr1-5-A-C",
        locus="locus2",
        carrier=~carrier["carrier"],
        dosage=1 - carrier["dosage"],
    )
    frame = recovery_model(
        pd.concat([carrier, other]), outcome, participant, strata=(), caveat=CAVEAT
    )
    assert frame["variant_id"].tolist() == ["chr1-5-A-C", VARIANT]
    assert frame["ratio"].prod() == pytest.approx(1.0)


def test_no_variants_give_empty_tables(
    carrier: pd.DataFrame, outcome: pd.DataFrame, participant: pd.DataFrame
) -> None:
    none, strata = carrier.iloc[:0], ("cohort", "sex")
    visit = pd.DataFrame(
        {"participant_id": ["a"], "months_since_origin": [1.0], "alsfrsr_total": [3]}
    )
    for name, frame in (
        ("recovery_curve", recovery_curve(none, outcome, caveat="")),
        ("survival_curve", survival_curve(none, outcome, caveat="")),
        (
            "recovery_model",
            recovery_model(none, outcome, participant, strata=strata, caveat=""),
        ),
        ("survival_model", survival_model(none, outcome, participant, strata=strata, caveat="")),
        ("trajectory", trajectory(none, visit, time_origin="onset", interval_months=6, caveat="")),
    ):
        assert len(frame) == 0
        assert tuple(frame.columns) == without_mark(f"result.{name}")


def test_trajectory_is_the_mean_of_participants_not_of_visits(carrier: pd.DataFrame) -> None:
    visit = pd.DataFrame(
        [("a", -1, 48), ("a", 0, 40), ("a", 5.9, 42), ("b", 3, 31), ("a", 6, 30), ("c", 7, 20)],
        columns=["participant_id", "months_since_origin", "alsfrsr_total"],
    ).astype({"alsfrsr_total": "Int64"})
    frame = trajectory(carrier, visit, time_origin="onset", interval_months=6, caveat=CAVEAT)
    assert_is_table(frame, "result.trajectory")
    assert frame[["carrier_group", "month", "n", "mean_total"]].to_numpy().tolist() == [
        ["carrier", 3.0, 2, 36.0],
        ["carrier", 9.0, 1, 30.0],
        ["non_carrier", 9.0, 1, 20.0],
    ]
    # two values 41 and 31: standard error 5, t(0.975, 1) = 12.7062 (any t table)
    assert frame["ci_upper"].iloc[0] == pytest.approx(36 + 5 * 12.7062, abs=5e-4)
    assert frame["ci_lower"].isna().tolist() == [False, True, True]
    assert set(frame["method"]) == {"mean_of_those_seen"}
