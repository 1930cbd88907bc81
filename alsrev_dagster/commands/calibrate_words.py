"""What ``alsrev calibrate`` says in words of its rates."""

import pandas as pd

from alsrev_dagster.stats.calibration import TESTS

_NAME = {
    "firth_lrt": "Firth's likelihood ratio (of record)",
    "exact": "exact test (beside it)",
    "exact_mid_p": "exact test, mid-P",
    "score": "score test, normal",
    "saddlepoint": "score test, saddlepoint",
}


def told(frame: pd.DataFrame) -> str:
    """Say in words which tests reject too often, and what that means for a lead."""
    lines = [_verdict(frame[frame["test"] == test], test) for test in TESTS]
    enumerated = [_ENUMERATED] if _is_like_the_enumerated(frame).any() else []
    return "\n".join([*lines, _READING, *enumerated])


def _is_like_the_enumerated(frame: pd.DataFrame) -> "pd.Series[bool]":
    """Rows without covariates and strata, of about the sizes whose tables were gone through."""
    found: pd.Series[bool] = (
        frame["n_case"].between(*_ENUMERATED_CASES)
        & frame["n_control"].between(*_ENUMERATED_CONTROLS)
        & (frame["n_stratum"] == 1)
        & (frame["covariates"] == "")
    )
    return found


def _verdict(rows: pd.DataFrame, test: str) -> str:
    """One sentence on a test, and where it rejects too often."""
    wrong = rows[rows["is_anti_conservative"]]
    n_judged = int((rows["n_variant"] > 0).sum())
    if wrong.empty:
        return f"{_NAME[test]}: not anti-conservative in any of {n_judged} rates."
    places = [
        f"{row['contrast']} {row['genetic_model']}, MAC {row['mac_stratum']}, P <= "
        f"{row['threshold']:g}: {row['type_1_error']:.2g} ± {row['monte_carlo_error']:.1g}"
        for row in wrong.to_dict("records")
    ]
    more = f"; and {len(places) - _N_TOLD} more" if len(places) > _N_TOLD else ""
    return (
        f"{_NAME[test]}: ANTI-CONSERVATIVE beyond 2 Monte Carlo errors in {len(places)} of "
        f"{n_judged} rates: {'; '.join(places[:_N_TOLD])}{more}."
    )


_N_TOLD = 6
_READING = (
    "A rate is the mean over labellings of the share of variants with P at most the threshold; ± "
    "is its standard error over labellings; ! marks more than 2 of them above. About 1 in 40 rates "
    "of a test that is just right is marked by chance."
)
_ENUMERATED_CASES = 20, 25
_ENUMERATED_CONTROLS = 100, 260
_ENUMERATED = (
    "Of a contrast of this size without covariates and strata (docs/methods.md, Calibration), by "
    "enumeration: Firth's test of carriers exceeds its level in one place, P <= 0.05 where one "
    "sample, or nearly one, carries. Over all draws that is at most 1.12 of alpha at 22 v 140 and "
    "1.003 at 22 v 103; given that there is exactly one carrier it is the share of cases, 22 of "
    "162, as the P of one carrier among the cases is just below 0.05 there. At 0.01 and below it "
    "is at most 0.98 of alpha. The exact test never exceeds its level (0.89 at most): believe a "
    "lead where both hold."
)
