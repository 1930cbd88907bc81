"""Courses of people and flows between stages: their words, and what must not be shown."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.figures.render import png, svg
from alsrev_dagster.figures.spaghetti import spaghetti
from alsrev_dagster.figures.stage_flow import stage_flow
from alsrev_dagster.figures.state_occupation import state_occupation

LEAD = {
    "locus": "IGFBP7", "variant_id": "chr4-57110321-G-A", "time_origin": "onset",
    "caveat": "circular: found in these people", "is_confounded": False, "confounded_by": None,
}  # fmt: skip
NAMES = ("0", "1", "2", "3", "4", "dead", "unseen")
GROUPS = {"carrier": 4, "non_carrier": 30}


def courses() -> pd.DataFrame:
    random = np.random.default_rng(1)
    rows = [
        {"carrier_group": group, "course": 100 + k, "month": float(month),
         "alsfrsr_total": int(np.clip(42 - 0.8 * month + random.normal(0, 2), 0, 48))}
        for group, n in GROUPS.items() for k in range(n) for month in range(0, 25, 6)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def means() -> pd.DataFrame:
    rows = [
        {**LEAD, "carrier_group": group, "month": float(month), "mean_total": 42 - 0.8 * month,
         "ci_lower": 40 - 0.8 * month, "ci_upper": 44 - 0.8 * month, "n": n,
         "method": "linear_mixed_model"}
        for group, n in GROUPS.items() for month in range(0, 25, 3)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def flows() -> pd.DataFrame:
    pairs = [(1, 1, 2), (1, 2, 1), (2, 1, 1), (2, 5, 1), (5, 5, 1), (3, 6, 1)]
    rows = [
        {**LEAD, "carrier_group": group, "staging": "kings", "month": month,
         "next_month": month + 6, "from_stage": NAMES[a], "to_stage": NAMES[b],
         "n": n * (1 if group == "carrier" else 6)}
        for group in GROUPS for month in (0.0, 6.0, 12.0) for a, b, n in pairs
    ]  # fmt: skip
    return pd.DataFrame(rows)


def states() -> pd.DataFrame:
    rows = [
        {**LEAD, "time_origin": "entry", "carrier_group": group, "states": "recovery",
         "month": month, "state": state, "n": n, "n_at_risk": n - int(month // 6),
         "probability": chance, "ci_lower": np.nan if chance == 0 else chance / 2,
         "ci_upper": np.nan if chance == 0 else min(2 * chance, 1.0), "definition": "roar_6mo",
         "method": "aalen_johansen"}
        for group, n in GROUPS.items() for month in np.arange(0.0, 37, 3)
        for state, chance in (("recovered", min(month, 12) / 60), ("dead", month / 100))
    ]  # fmt: skip
    return pd.DataFrame(rows)


def private(simulated: bool) -> Figure:
    return spaghetti(courses(), means(), simulated=simulated, shows_people=True)


def released(simulated: bool) -> Figure:
    return spaghetti(courses(), means(), simulated=simulated, shows_people=False)


def flow(simulated: bool) -> Figure:
    return stage_flow(flows(), simulated=simulated)


def occupation(simulated: bool) -> Figure:
    return state_occupation(states(), simulated=simulated)


FIGURES = {"private": private, "released": released, "flow": flow, "occupation": occupation}


def words(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(Text))  # type: ignore[attr-defined]


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_figure_says_its_caveat(draw: Callable[[bool], Figure]) -> None:
    assert "Circular: found in these people." in words(draw(False))


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_figure_has_its_words_and_nothing_is_cut(draw: Callable[[bool], Figure]) -> None:
    figure = draw(True)
    text = words(figure).replace("\n", " ")
    assert "simulated data" in text
    assert "simulated" not in words(draw(False))
    assert "time since " in text
    assert "n of people:" in text
    assert "Table: " in text
    png(figure, dpi=100)
    width, height = figure.get_size_inches() * figure.dpi
    for one in figure.findobj(Text):  # type: ignore[attr-defined]
        if one.get_text() and one.get_visible():
            box = one.get_window_extent()
            assert -1 <= box.x0 < box.x1 <= width + 1 or one.get_text().isdigit(), one.get_text()
            assert -1 <= box.y0 < box.y1 <= height + 1 or one.get_text().isdigit(), one.get_text()
    assert svg(draw(True)) == svg(draw(True))
    assert len(png(figure)) < 60_000


def test_private_figure_has_a_line_a_person_and_says_that_it_is_private() -> None:
    figure = private(False)
    assert len(figure.axes[0].lines) == 34 + 2
    assert "private, not for release" in words(figure).replace("\n", " ")


def test_released_figure_has_neither_people_nor_small_groups() -> None:
    figure = released(False)
    assert len(figure.axes[0].lines) == 1
    text = words(figure).replace("\n", " ")
    assert "Individual courses are not shown. 1 group of fewer than 10 left out." in text
    assert "core.alsfrsr" not in text
    drawn = figure.axes[0].lines[0].get_xydata()
    assert len(np.asarray(drawn)) == 9  # the means of 30 people


def test_numbers_of_courses_never_reach_a_figure() -> None:
    named = courses().assign(course=lambda frame: "SECRET-" + frame["course"].astype(str))
    for shows_people in (True, False):
        assert "SECRET" not in svg(
            spaghetti(named, means(), simulated=False, shows_people=shows_people)
        )


def test_nothing_is_left_to_draw_when_all_groups_are_small() -> None:
    figure = spaghetti(courses(), means(), simulated=False, shows_people=False, n_person_min=31)
    assert "no course can be shown for this variant" in words(figure)


def test_flow_shows_the_steps_back_and_the_people() -> None:
    figure = flow(False)
    text = words(figure).replace("\n", " ")
    assert "carrier 7, non-carrier 42" in text
    assert "King's stage flow by carrier status" in text
    orange = [c for c in figure.axes[0].collections if c.get_facecolor()[0][0] > 0.8]  # type: ignore[index]
    assert len(orange) == 2 * 3  # stage 2 to 1, in each group and interval


def test_flow_without_rows_says_so() -> None:
    assert "no stages for this variant" in words(stage_flow(flows().iloc[:0], simulated=False))


def test_a_frame_without_a_column_is_refused() -> None:
    with pytest.raises(InputDataError, match="needs the columns \\['n'\\]"):
        stage_flow(flows().drop(columns="n"), simulated=False)
    with pytest.raises(InputDataError, match="needs the columns \\['course'\\]"):
        spaghetti(courses().drop(columns="course"), means(), simulated=False, shows_people=True)


def test_confounding_is_marked() -> None:
    marked = means().assign(is_confounded=True, confounded_by="tissue")
    figure = spaghetti(courses(), marked, simulated=False, shows_people=True)
    assert "CONFOUNDED: being a case goes with tissue" in words(figure)


def test_who_is_recovered_is_drawn_and_the_dead_are_not() -> None:
    figure = occupation(False)
    text = words(figure).replace("\n", " ")
    assert "Alive and recovered by carrier status" in text
    assert "Recovery by roar_6mo, lost when the gain is gone" in text
    assert "under observation" in text
    heights = np.concatenate([np.asarray(line.get_ydata()) for line in figure.axes[0].lines])
    assert heights.max() == 0.2  # the dead are at 0.36 by then
    for month in (0, 12, 24, 36):
        assert str(30 - month // 6) in text


def test_where_nobody_recovered_the_figure_says_so() -> None:
    nobody = states().query("state == 'dead'")
    assert "nobody recovered" in words(state_occupation(nobody, simulated=False))
