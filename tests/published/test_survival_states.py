"""Probabilities of states that are left and entered again, held to R's survival."""

import numpy as np

from alsrev_dagster.survival.state_occupation import Spells, StateOccupation, state_occupation

# person, entry, until, state, next state (-1: censored); states 0 and 1 can be left, 2 cannot
ROWS = """
0 0 3 0 1    0 3 9 1 2
1 0 6 0 1    1 6 9 1 2
2 0 3 0 1    2 3 12 1 0   2 12 17 0 -1
3 0 6 0 1    3 6 10 1 -1
4 0 9 0 1    4 9 12 1 -1
5 0 9 0 1    5 9 12 1 -1
6 0 9 0 1    6 9 15 1 0   6 15 18 0 1   6 18 21 1 -1
7 0 6 0 1    7 6 15 1 0   7 15 18 0 1   7 18 24 1 -1
8 0 9 0 1    8 9 10 1 -1
9 2 3 0 1    9 3 6 1 2
10 2 9 0 1   10 9 15 1 -1
11 2 9 0 1   11 9 15 1 0  11 15 17 0 -1
"""


def spells() -> Spells:
    person, entry, until, state, after = np.array(ROWS.split(), dtype=np.int64).reshape(-1, 5).T
    return Spells(person, entry.astype(float), until.astype(float), state, after)


def found() -> StateOccupation:
    return state_occupation(spells(), 3, horizon_months=[20.0])


# R 4.2.2, survival 3.5-3, rows above as d, states a, b and c:
#   f <- survfit(Surv(entry, until, event) ~ 1, d, id = person, istate = state)
#   summary(f, times = c(3, 6, 12, 20), extend = TRUE)
MONTHS = np.array([3.0, 6, 12, 20])
PSTATE = [
    [0.75, 0.25, 0],
    [0.5, 0.4166666667, 0.08333333333],
    [0.1071428571, 0.6428571429, 0.25],
    [0, 0.75, 0.25],
]
STD_ERR = [
    [0.125, 0.125, 0],
    [0.1443375673, 0.1423187606, 0.07978559231],
    [0.1007895218, 0.1460111023, 0.125],
    [0, 0.125, 0.125],
]


def test_probabilities_of_states_are_those_of_survfit() -> None:
    probability, _ = found().at(MONTHS)
    np.testing.assert_allclose(probability, PSTATE, atol=1e-10)


def test_errors_are_its_infinitesimal_jackknife() -> None:
    _, error = found().at(MONTHS)
    np.testing.assert_allclose(error, STD_ERR, atol=1e-10)


def test_months_in_each_state_are_its_restricted_means() -> None:
    # print(f, rmean = 20)
    np.testing.assert_allclose(found().months[0], [8.8392857, 8.1607143, 3], atol=1e-7)


def test_pseudo_values_are_those_of_pseudo() -> None:
    # head(pseudo(f, times = 20, type = "sojourn"))
    expected = [
        [3, 6, 11],
        [6, 3, 11],
        [9.9183673, 10.0816327, 0],
        [8.7857143, 11.2142857, 0],
        [11.0969388, 8.9030612, 0],
        [11.0969388, 8.9030612, 0],
    ]
    occupation = found()
    pseudo = occupation.months[0] + 12 * occupation.months_influence[0]
    np.testing.assert_allclose(pseudo[:6], expected, atol=1e-7)
