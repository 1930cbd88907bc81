"""Every figure has its words: axis titles with units, n, its table, and what is simulated."""

import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import made_up_frames as made_up
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from scipy.stats import beta, binom

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.figures import curve, scan, style, uniform
from alsrev_dagster.figures.balance import balance
from alsrev_dagster.figures.components import components
from alsrev_dagster.figures.control_qq import control_qq
from alsrev_dagster.figures.forest import forest
from alsrev_dagster.figures.manhattan import manhattan
from alsrev_dagster.figures.power import power
from alsrev_dagster.figures.qq import qq
from alsrev_dagster.figures.qq_exact import qq_exact
from alsrev_dagster.figures.quality import call_rate, maf
from alsrev_dagster.figures.recovery_curve import recovery_curve
from alsrev_dagster.figures.recovery_effect import recovery_effect
from alsrev_dagster.figures.recovery_grid import recovery_grid
from alsrev_dagster.figures.render import markdown, png, svg
from alsrev_dagster.figures.survival_curve import survival_curve
from alsrev_dagster.figures.survival_scan import survival_manhattan, survival_qq
from alsrev_dagster.figures.trajectory import trajectory
from alsrev_dagster.figures.waterfall import waterfall, who_is_compared

LEADS = pd.DataFrame({"locus": [made_up.LOCUS] * 2, "variant_id": [made_up.VARIANT] * 2})


def recovery() -> pd.DataFrame:
    rows: pd.DataFrame = made_up.curve("cumulative_incidence", event="recovery")
    return rows


def survival() -> pd.DataFrame:
    rows: pd.DataFrame = made_up.curve("event_free", event="death")
    return rows


def both_models() -> pd.DataFrame:
    return pd.concat([made_up.model("recovery"), made_up.model("death")])


# name -> how it is drawn, its table, axis titles, the n it must show
FIGURES: dict[str, tuple[Callable[[bool], Figure], str, tuple[str, str], str]] = {
    "qq": (
        lambda simulated: qq(made_up.association(400), 1.04, 2.1, simulated=simulated),
        "result.association", ("expected", "observed"), "n = 22 cases, 103 controls; 400 variants",
    ),
    "qq_exact": (
        lambda simulated: qq_exact(
            made_up.association(400),
            {"2-4": (np.array([0.2, 1.0]), np.array([0.1, 1.0])), "20+": (np.array([0.5]), np.array([0.01]))},
            simulated=simulated,
        ),
        "result.association", ("(exact null)", "observed"), "n = 22 cases, 103 controls; 400 variants",
    ),
    "control_qq": (
        lambda simulated: control_qq(
            made_up.association(400)["p_value"].to_numpy(), (1.04, np.nan), cohorts=("PGB", "TargetALS"),
            n_sample=(103, 140), genetic_model="additive", method="logistic_firth_lrt", simulated=simulated,
        ),
        "result.control_scan", ("expected", "observed"), "n = 103 and 140 controls; 400 variants",
    ),
    "manhattan": (
        lambda simulated: manhattan(made_up.association(400), LEADS, threshold=5e-8, simulated=simulated),
        "result.association", ("chromosome", "log₁₀ P"), "400 variants, additive model",
    ),
    "survival_manhattan": (
        lambda simulated: survival_manhattan(made_up.survival_scan(400), threshold=5e-8, simulated=simulated),
        "result.survival_scan", ("chromosome", "log₁₀ P"), "n = 125 participants, 22 recoveries; 400 variants, additive model",
    ),
    "survival_qq": (
        lambda simulated: survival_qq(made_up.survival_scan(400), made_up.survival_inflation(), simulated=simulated),
        "result.survival_scan", ("expected", "observed"), "λGC = 1.07 of 1,000 variants, shuffled 0.91 to 1.14",
    ),
    "recovery_curve": (
        lambda simulated: recovery_curve(recovery(), simulated=simulated),
        "result.recovery_curve", ("(months)", "(fraction)"), "carrier: 7 recoveries, at most n",
    ),
    "recovery_grid": (
        lambda simulated: recovery_grid(made_up.recovery_grid(), simulated=simulated),
        "result.recovery_grid", ("last (months)", "participants (count)"),
        "n = 100 to 120 followed for longer than the duration; over the nadir, 1 confirming visit or more",
    ),
    "recovery_effect": (
        lambda simulated: recovery_effect(made_up.recovery_effect(), simulated=simulated),
        "result.recovery_effect", ("last (months)", "odds ratio (carriers, log scale)"),
        "n = 120 to 100; 8 of 30 carriers and 5 of 90 others recovered (3 points for 183 days)",
    ),
    "survival_curve": (
        lambda simulated: survival_curve(survival(), simulated=simulated),
        "result.survival_curve", ("(months)", "(fraction)"), "non-carrier: 17 deaths",
    ),
    "trajectory": (
        lambda simulated: trajectory(made_up.trajectory(), simulated=simulated),
        "result.trajectory", ("(months)", "(0-48)"), "carrier 12, non-carrier 113",
    ),
    "forest": (
        lambda simulated: forest(both_models(), simulated=simulated),
        "result.recovery_model", ("ratio (log scale)", ""), "n = 125 participants",
    ),
    "call_rate of variants": (
        lambda simulated: call_rate(made_up.variant_qc(), "core.variant_qc", simulated=simulated),
        "core.variant_qc", ("(fraction)", "variants (count"), "n = 3,000 variants",
    ),
    "call_rate of samples": (
        lambda simulated: call_rate(made_up.sample_qc(), "core.sample_qc", simulated=simulated),
        "core.sample_qc", ("(fraction)", "samples (count"), "n = 125 samples",
    ),
    "waterfall": (
        lambda simulated: waterfall(made_up.quality_loss(), simulated=simulated),
        "core.quality_loss", ("share of the input (%)", ""), "26,000 variants in",
    ),
    "components": (
        lambda simulated: components(made_up.sample_pc(), simulated=simulated),
        "core.sample_pc", ("PC1 (score)", "PC2 (score)"), "n = 130 samples, 13 of them projected; 2 outliers",
    ),
    "who_is_compared": (
        lambda simulated: who_is_compared(made_up.analysis_loss(), simulated=simulated),
        "core.analysis_loss", ("share of the input (%)", ""), "primary cases 22 in",
    ),
    "balance": (
        lambda simulated: balance(made_up.balance(), simulated=simulated),
        "result.balance", ("cases less controls (SD)", ""), "1 contrast: primary 22 v 88",
    ),
    "power": (
        lambda simulated: power(
            made_up.powers(), cohort=(22, 243), control_carrier_freq=0.27, wanted=0.8,
            where="primary, chr4-57110321-G-A", simulated=simulated,
        ),
        "none; exact power", ("cases (count)", "power (fraction)"), "n = 243 controls, 27.0% of them carriers; now 22 cases",
    ),
    "maf": (
        lambda simulated: maf(made_up.variant_qc(), simulated=simulated),
        "core.variant_qc", ("minor allele frequency (fraction)", "variants"), "n = 3,000 variants",
    ),
}  # fmt: skip


def words(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(Text))  # type: ignore[attr-defined]


def _shown(figure: Figure, tick: Any) -> bool:
    """Whether a tick is within its axis: matplotlib makes a few beyond the ends."""
    is_x = tick in figure.axes[0].xaxis.majorTicks
    low, high = sorted(figure.axes[0].get_xlim() if is_x else figure.axes[0].get_ylim())
    return bool(low <= tick.get_loc() <= high)


class Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [str(value) for name, value in attrs if name == "id"]


@pytest.mark.parametrize("name", FIGURES)
def test_figure_names_its_axes_its_n_and_its_table(name: str) -> None:
    draw, table, (xlabel, ylabel), n = FIGURES[name]
    figure = draw(False)
    (axes,) = figure.axes
    assert xlabel in axes.get_xlabel()
    assert ylabel in axes.get_ylabel()
    assert n in words(figure)
    assert f"Table: {table}" in words(figure)


@pytest.mark.parametrize("name", FIGURES)
def test_figure_says_simulated_only_when_it_is(name: str) -> None:
    draw = FIGURES[name][0]
    assert "simulated data" in words(draw(True))
    assert "simulated" not in words(draw(False))


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_the_same_bytes_each_time(name: str) -> None:
    draw = FIGURES[name][0]
    first, second = draw(True), draw(True)
    assert svg(first) == svg(second) == svg(first)
    assert png(first) == png(second)


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_is_cut_by_the_edge_of_the_figure(name: str) -> None:
    figure = FIGURES[name][0](True)
    png(figure, dpi=100)  # lays the ticks out
    width, height = figure.get_size_inches() * figure.dpi
    ticks = [
        tick for axis in (figure.axes[0].xaxis, figure.axes[0].yaxis) for tick in axis.majorTicks
    ]
    beyond = [t.label1 for t in ticks if not _shown(figure, t)]
    for text in figure.findobj(Text):  # type: ignore[attr-defined]
        if not text.get_visible() or not text.get_text() or text in beyond:
            continue
        box = text.get_window_extent()
        assert box.x0 >= -1, text.get_text()
        assert box.x1 <= width + 1, text.get_text()
        assert box.y0 >= -1, text.get_text()
        assert box.y1 <= height + 1, text.get_text()


@pytest.mark.parametrize("name", FIGURES)
def test_png_is_small(name: str) -> None:
    image = png(FIGURES[name][0](True))
    assert image.startswith(b"\x89PNG")
    assert len(image) < 50_000


@pytest.mark.parametrize("name", FIGURES)
def test_svg_stands_inside_a_page(name: str) -> None:
    text = svg(FIGURES[name][0](True))
    assert text.startswith('<svg role="img" aria-label="')
    assert text.endswith("</svg>")
    assert "simulated data</text>" in text
    assert "sans-serif" in text
    assert "DejaVu" not in text
    outside = text.replace('xmlns="http', "").replace('xmlns:xlink="http', "")
    assert "http" not in outside


def test_ids_of_two_figures_never_meet() -> None:
    seen: list[str] = []
    for draw, *_ in FIGURES.values():
        parser = Ids()
        parser.feed(svg(draw(True)))
        seen += parser.ids
    assert seen
    assert len(seen) == len(set(seen))


def test_markdown_holds_the_picture_itself() -> None:
    figure = FIGURES["maf"][0](True)
    text = markdown(figure, "allele [frequencies]")
    assert text.startswith("![allele  frequencies ](data:image/png;base64,iVBOR")
    assert text.endswith(")")


def test_names_of_samples_never_reach_a_figure() -> None:
    for name in ("call_rate of samples", "components"):
        assert "SECRET" not in svg(FIGURES[name][0](True))


def test_settings_of_matplotlib_are_left_as_they_were() -> None:
    before = dict(mpl.rcParams)
    svg(FIGURES["qq"][0](True))
    assert dict(mpl.rcParams) == before


def test_pyplot_is_never_loaded() -> None:
    code = (
        "import sys, alsrev_dagster.figures.manhattan; sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_qq_says_that_the_uniform_is_only_a_guide() -> None:
    text = words(FIGURES["qq"][0](False)).replace("\n", " ")
    assert "only a guide" in text
    assert "λGC = 1.04, λ₁₀₀₀ = 2.10" in text


def test_qq_without_lambda_shows_a_dash() -> None:
    figure = qq(made_up.association(400), float("nan"), float("nan"), simulated=False)
    assert f"λGC = {style.NONE}, λ₁₀₀₀ = {style.NONE}" in words(figure).replace("\n", " ")


def test_qq_of_two_models_is_refused() -> None:
    both = pd.concat(
        [made_up.association(400), made_up.association(400).assign(genetic_model="recessive")]
    )
    with pytest.raises(InputDataError, match="shows one genetic_model, and the frame has 2"):
        qq(both, 1.0, 1.0, simulated=False)


def test_figure_says_which_column_is_missing() -> None:
    with pytest.raises(InputDataError, match=r"result\.trajectory needs the columns \['n'\]"):
        trajectory(made_up.trajectory().drop(columns="n"), simulated=False)


@pytest.mark.parametrize("n", [1, 7, 30, 1000, 200_000])
def test_envelope_is_that_of_the_beta_distribution(n: int) -> None:
    """Of n values so many are below each end with probability 0.975 and 0.025: binomial."""
    rank = np.array(sorted({1, min(n, 20), min(n, 25), (n + 1) // 2, max(1, n - 3), n}))
    found = uniform.interval(rank, n)
    np.testing.assert_allclose(
        found, beta.ppf([0.025, 0.975], rank[:, None], n + 1 - rank[:, None])
    )
    reached = binom.sf(rank[:, None] - 1, n, found)
    np.testing.assert_allclose(reached, np.tile([0.025, 0.975], (len(rank), 1)), rtol=1e-9)


def test_every_small_p_value_is_drawn_and_the_rest_is_thinned() -> None:
    p = np.concatenate([np.full(50, 0.001), np.full(100_000, 0.5)])
    shown = scan.thinned(p, at_most=1000)
    assert set(range(50)) <= set(shown.tolist())
    assert len(shown) == 1050


def test_p_value_of_zero_is_drawn_at_the_end_of_the_scale() -> None:
    assert scan.minus_log10(pd.Series([0.0, 0.01])).tolist() == pytest.approx([320, 2])


def test_manhattan_names_the_lead_once_and_the_threshold() -> None:
    text = words(FIGURES["manhattan"][0](False))
    assert text.count(made_up.LOCUS) == 1
    assert f"5 {style.TIMES} 10⁻⁸" in text


def test_manhattan_of_many_leads_names_ten_and_says_so() -> None:
    frame = made_up.association(400)
    leads = frame[["variant_id"]].assign(locus=frame["variant_id"]).head(30)
    text = words(manhattan(frame, leads, threshold=5e-8, simulated=False)).replace("\n", " ")
    assert "The 10 best of 30 leads are named." in text


def test_manhattan_of_one_chromosome_counts_in_megabases() -> None:
    figure = manhattan(made_up.association(60, chromosomes=1), threshold=5e-8, simulated=False)
    assert figure.axes[0].get_xlabel() == "position on chr1 (Mb)"


def test_manhattan_of_a_million_variants_is_small() -> None:
    text = svg(manhattan(made_up.association(300_000), LEADS, threshold=5e-8, simulated=True))
    assert len(text) < 250_000


def test_numbers_at_risk_are_those_of_the_row_at_the_tick() -> None:
    rows = pd.DataFrame(
        {"carrier_group": "carrier", "duration_months": [6.0, 12.0, 20.0], "n_at_risk": [9, 7, 4]}
    )
    found = curve.at_risk(rows, [0, 12, 13, 24]).by_group["carrier"]
    assert found == {0: "", 12: "7", 13: "", 24: ""}


def test_numbers_at_risk_stand_beneath_the_curve() -> None:
    text = words(FIGURES["recovery_curve"][0](False))
    for number in ("number at risk", "102", "80", "60"):
        assert number in text


def test_recovery_curve_draws_recovery_and_not_death() -> None:
    both = pd.concat([recovery(), recovery().assign(event="death", n_event=900)])
    assert "carrier: 7 recoveries" in words(recovery_curve(both, simulated=False))


def test_curve_is_a_step_from_its_start() -> None:
    figure = FIGURES["survival_curve"][0](False)
    line = figure.axes[0].lines[0]
    assert line.get_drawstyle() == "steps-post"
    assert (line.get_xdata()[0], line.get_ydata()[0]) == (0, 1)  # type: ignore[index]


def test_curve_of_two_variants_is_refused() -> None:
    both = pd.concat([survival(), survival().assign(variant_id="chr1-1-A-G")])
    with pytest.raises(InputDataError, match="shows one variant_id, and the frame has 2"):
        survival_curve(both, simulated=False)


def test_forest_says_why_a_model_has_no_estimate() -> None:
    nothing = made_up.model(
        "recovery", ratio=None, ci_lower=None, ci_upper=None, fit_status="not_converged"
    )
    figure = forest(nothing, simulated=False)
    assert "not estimated: not converged" in words(figure)
    assert "faster recovery, or earlier death" in words(figure)
    assert "n = 125, 22 events" in words(figure)


def test_forest_prints_the_ratio_with_its_interval() -> None:
    assert "3.3 (1.31 to 8.4)" in words(FIGURES["forest"][0](False))


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda: qq(made_up.association(400).head(0), 1.0, 1.0, simulated=True), "no variant"),
        (
            lambda: manhattan(made_up.association(400).head(0), threshold=5e-8, simulated=True),
            "no variant",
        ),
        (lambda: recovery_curve(recovery().head(0), simulated=True), "no recovery curve"),
        (lambda: recovery_grid(made_up.recovery_grid().head(0), simulated=True), "no definition"),
        (
            lambda: recovery_effect(made_up.recovery_effect().head(0), simulated=True),
            "nobody recov",
        ),
        (lambda: survival_curve(survival().head(0), simulated=True), "no survival curve"),
        (lambda: trajectory(made_up.trajectory().head(0), simulated=True), "no scores"),
        (
            lambda: forest(made_up.model("x").head(0), simulated=True),
            "no model",
        ),
        (lambda: maf(made_up.variant_qc().head(0), simulated=True), "no variant has"),
        (lambda: components(made_up.sample_pc().head(0), simulated=True), "no principal"),
        (lambda: balance(made_up.balance().head(0), simulated=True), "no contrast has both"),
    ],
)
def test_empty_table_gives_words_instead_of_a_picture(
    draw: Callable[[], Figure], said: str
) -> None:
    figure = draw()
    assert said in words(figure)
    assert "simulated data" in words(figure)
    assert svg(figure)


def test_components_name_every_cohort_with_its_n() -> None:
    text = words(FIGURES["components"][0](False))
    assert all(name in text for name in ("PGB (n = 70)", "TargetALS (n = 40)", "StAR (n = 20)"))


def test_balance_shows_both_stages_and_the_limit() -> None:
    figure = FIGURES["balance"][0](False)
    assert {"eligible", "compared"} <= set(words(figure).split())
    dashed = [line.get_xdata()[0] for line in figure.axes[0].lines]  # type: ignore[index]
    assert sorted(dashed) == [-0.1, 0.0, 0.1]


def test_long_indel_is_shortened_and_keeps_both_ends() -> None:
    name = "chr4-57110321-" + "ACGT" * 12 + "-A"
    assert style.shortened(name) == "chr4-57110321-ACGTACGT…CGTCGT-A"[:22] + "…" + name[-7:]


def test_a_conditional_curve_starts_late_and_says_why() -> None:
    told = "; conditional on no event by 12.0 months, when the few under observation had had one"
    rows = recovery()
    rows["caveat"] = rows["caveat"].where(rows["carrier_group"] != "carrier", rows["caveat"] + told)
    figure = recovery_curve(rows, simulated=False)
    assert "carrier: conditional on no event by 12.0 months" in words(figure)
    starts = sorted(float(line.get_xdata()[0]) for line in figure.axes[0].get_lines()[:2])
    assert starts == [0.0, float(rows["duration_months"].min())]


def test_a_waterfall_shows_each_loss_and_names_steps_that_lose_nothing() -> None:
    figure = waterfall(made_up.quality_loss(), simulated=False)
    (axes,) = figure.axes
    widths = [round(bar.get_width() * 26_000) for bar in axes.patches[:4]]
    assert widths == [26_000, 1_000, 500, 24_500]
    assert [round(bar.get_x() * 26_000) for bar in axes.patches[:4]] == [0, 25_000, 24_500, 0]
    told = words(figure)
    assert "\N{MINUS SIGN}1,000" in told
    assert "Nothing was lost for: sample: call_rate below 0.95." in " ".join(told.split())


def test_who_is_compared_is_a_waterfall_of_each_side() -> None:
    figure = who_is_compared(made_up.analysis_loss(), simulated=False)
    (axes,) = figure.axes
    widths = [round(bar.get_width() * 103) for bar in axes.patches[1:]]
    assert widths == [103, 3, 12, 88]
    told = " ".join(words(figure).split())
    assert "primary controls: left" in told
    assert "first degree relative of a sample that is used" in told


@pytest.mark.parametrize(
    "draw",
    [
        lambda mark: qq(made_up.association(40).assign(**mark), 1.0, 1.0, simulated=False),
        lambda mark: manhattan(
            made_up.association(40).assign(**mark), threshold=5e-8, simulated=False
        ),
        lambda mark: recovery_curve(recovery().assign(**mark), simulated=False),
        lambda mark: recovery_effect(made_up.recovery_effect().assign(**mark), simulated=False),
        lambda mark: survival_curve(survival().assign(**mark), simulated=False),
        lambda mark: trajectory(made_up.trajectory().assign(**mark), simulated=False),
        lambda mark: forest(both_models().assign(**mark), simulated=False),
        lambda mark: balance(
            made_up.balance(), simulated=False, mark=style.confounded(pd.DataFrame([mark]))
        ),
        lambda mark: who_is_compared(
            made_up.analysis_loss(), simulated=False, mark=style.confounded(pd.DataFrame([mark]))
        ),
    ],
    ids=[
        "qq",
        "manhattan",
        "recovery_curve",
        "recovery_effect",
        "survival_curve",
        "trajectory",
        "forest",
        "balance",
        "who_is_compared",
    ],
)
def test_confounding_stands_under_the_subtitle_of_every_figure_of_a_result(
    draw: Callable[[dict[str, object]], Figure],
) -> None:
    assert "CONFOUNDED: being a case goes with tissue, batch" in words(draw(made_up.CONFOUNDED))
    assert "CONFOUNDED" not in words(draw(made_up.NOT_CONFOUNDED))


def test_a_negative_control_without_a_test_says_so() -> None:
    figure = control_qq(
        np.full(3, np.nan), (np.nan, np.nan), cohorts=("A", "B"), n_sample=(3, 4),
        genetic_model="additive", method="logistic_firth_lrt", simulated=False,
    )  # fmt: skip
    assert "no variant was tested" in words(figure)
    assert f"λGC = {style.NONE}" in words(figure)


def test_recovery_by_definition_draws_what_was_found_beside_noise() -> None:
    (axes,) = FIGURES["recovery_grid"][0](False).axes
    drawn = [line.get_ydata().tolist() for line in axes.lines]  # type: ignore[union-attr]
    assert drawn == [[13, 12], pytest.approx([2.0, 5 / 3]), [11, 10], pytest.approx([1.5, 1.25])]
    assert axes.get_xticks().tolist() == [6, 12]


def test_a_grid_without_the_nadir_is_drawn_over_what_it_has() -> None:
    rows = made_up.recovery_grid().query("over == 'index' and n_confirming_visit == 3")
    assert "over the index, 3 confirming visits or more" in words(
        recovery_grid(rows, simulated=False)
    )


def test_effects_without_an_interval_are_not_drawn() -> None:
    rows = made_up.recovery_effect().assign(ci_upper=np.nan)
    assert "nobody recovered by any of the definitions" in words(
        recovery_effect(rows, simulated=False)
    )


@pytest.mark.parametrize("draw", [survival_manhattan, survival_qq])
def test_survival_scan_says_its_caveat_and_that_it_is_empty(draw: Callable[..., Figure]) -> None:
    more: dict[str, Any] = (
        {"threshold": 5e-8} if draw is survival_manhattan else {"inflation": pd.DataFrame()}
    )
    frame = made_up.survival_scan(40)
    assert "cases were chosen because they recovered" in words(draw(frame, **more, simulated=False))
    assert "no variant was tested" in words(draw(frame.head(0), **more, simulated=False))
