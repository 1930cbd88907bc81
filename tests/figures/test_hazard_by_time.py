"""Hazard ratios in bands of time: one point a band and event, with what is said beside them."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.text import Text

from alsrev_dagster.figures.hazard_by_time import hazard_by_time

BANDS = [
    ("recovery", 24.0, 36.0, 20, 5.0, 1.2, 21.0),
    ("recovery", 36.0, 48.0, 12, 2.0, 0.9, 4.4),
    ("death", 24.0, 36.0, 9, 0.001, 0.0, float("inf")),
]


def frame() -> pd.DataFrame:
    names = ["event", "from_months", "until_months", "n_event", "ratio", "ci_lower", "ci_upper"]
    return pd.DataFrame(BANDS, columns=names).assign(
        locus="IGFBP7",
        variant_id="chr4-57110321-G-A",
        method="cox_firth_lrt",
        time_origin="onset",
        caveat="circular: found in these people",
        is_confounded=False,
        confounded_by=None,
    )


def words(figure: Figure) -> str:
    found = figure.findobj(lambda artist: isinstance(artist, Text))
    return " ".join(" ".join(str(artist.get_text()).split()) for artist in found)


def test_each_event_has_a_point_in_the_middle_of_its_band_and_inside_the_axis() -> None:
    (axes,) = hazard_by_time(frame(), simulated=False).axes
    points = {container.get_label(): container.lines[0] for container in axes.containers}
    assert points["recovery"].get_ydata().tolist() == [5.0, 2.0]
    middle = points["recovery"].get_xdata()
    assert [24 < x < 36 for x in middle] == [True, False]
    assert 36 < middle[1] < 48
    low, high = axes.get_ylim()
    assert low <= points["death"].get_ydata()[0] <= high


def test_counts_caveat_and_method_stand_beside_them() -> None:
    told = words(hazard_by_time(frame(), simulated=True))
    assert "recovery: 32 events; death: 9 events" in told
    assert "Circular: found in these people." in told
    assert "cox_firth_lrt" in told
    assert "simulated" in told.lower()


def test_bands_without_an_estimate_are_told() -> None:
    nothing = frame().assign(ratio=float("nan"))
    assert "no band of time with an estimate" in words(hazard_by_time(nothing, simulated=False))
