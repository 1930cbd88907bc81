# ruff: noqa: RUF001 - the signs of the page
"""The page says every number, in words a reader knows, and reaches for nothing outside."""

import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from made_up_report import (
    OTHER,
    VARIANT,
    arms,
    checks,
    confounding,
    context,
    correction,
    detectable,
    empty,
    influence,
    leads,
    model,
    recovery_rate,
    replication,
)

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.report import numerals, render_report, strength, wording
from alsrev_dagster.report.descent import Descent
from alsrev_dagster.report.recovery_section import RecoverySection, in_words

VOID = {"meta", "br", "link", "img", "hr", "input", "path", "use", "image", "rect"}


class Balance(HTMLParser):
    """Every tag that opens also closes, in order; ids are met once; text is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [str(v) for k, v in attrs if k == "id"]
        self.links += [str(v) for k, v in attrs if k in ("href", "src")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [str(v) for k, v in attrs if k == "id"]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"]):
            self.text.append(data)


def parsed(html: str) -> Balance:
    page = Balance()
    page.feed(html)
    page.close()
    assert page.open == []
    return page


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", " ".join(parsed(html).text))


@pytest.fixture(scope="module")
def html() -> str:
    return render_report(context())


@pytest.fixture(scope="module")
def text(html: str) -> str:
    return text_of(html)


def test_page_is_balanced_and_its_links_lead_somewhere(html: str) -> None:
    page = parsed(html)
    assert html.startswith("<!DOCTYPE html>")
    assert len(page.ids) == len(set(page.ids))
    assert page.links
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)


def test_page_reaches_for_nothing_outside(html: str) -> None:
    assert not re.search(r"https?://", html)
    assert "<script" not in html
    assert "default-src 'none'" in html


def test_sections_stand_in_order(html: str) -> None:
    order = [
        "answer",
        "locus-1",
        "locus-2",
        "recovery",
        "limits",
        "quality",
        "methods",
        "provenance",
    ]
    places = [html.index(f'<section id="{name}">') for name in order]
    assert places == sorted(places)


def test_every_number_of_the_leads_is_on_the_page(text: str) -> None:
    for row in leads().to_dict("records"):
        assert numerals.p_value(row["p_value"]) in text
        assert numerals.p_value(row["exact_p_value"]) in text
        assert numerals.count(row["n_variant_tested"]) in text
        assert wording.genotypes(row, "case") in text
        assert wording.genotypes(row, "control") in text
        assert f"{row['n_control_missing']} missing" in text
        for name in ("odds_ratio", "ci_lower", "ci_upper"):
            assert numerals.ratio(row[name]) in text
        if pd.notna(row["beta"]):
            beta, error = numerals.signed(row["beta"]), numerals.signed(row["standard_error"])
            assert f"log OR {beta}, SE {error}" in text


def test_every_number_of_the_detectable_effects_is_on_the_page(text: str) -> None:
    for row in detectable().to_dict("records"):
        assert numerals.threshold(row["alpha"]) in text
        assert numerals.fraction(row["power"]) in text
        assert numerals.fraction(row["control_carrier_freq"]) in text
        assert numerals.count(row["n_control_carrier"]) in text
        assert numerals.ratio(row["minimum_detectable_odds_ratio"]) in text
        assert numerals.p_value(row["minimum_attainable_p_value"]) in text


def test_an_odds_ratio_without_a_baseline_is_told_from_one_out_of_reach(text: str) -> None:
    assert f"0.80 {numerals.NONE} (no baseline: no control carries it) 6 7.3" in text
    assert (
        f"0.80 {numerals.NONE} (none: an odds ratio of a million is not enough) "
        f"{numerals.NONE} (all are not enough) 7.3"
    ) in text
    assert (
        "Fisher's exact test, of those exposed against the rest: carriers, under the recessive"
        in text
    )


def test_every_number_of_the_models_is_on_the_page(text: str) -> None:
    assert (
        "recovery , hazard for one or two ALT alleles against none above 1 means more or faster "
        "recovery 3.3 (1.31 to 8.4)"
    ) in text
    assert "125 20 22 12 0.012 0.41" in text
    assert "since onset; strata: cohort; bedlack2016_large" in text


def test_model_without_an_estimate_has_a_dash_and_the_reason(text: str) -> None:
    dash = numerals.NONE
    assert f"above 1 means earlier death {dash} 125 20 3 0 {dash} {dash}" in text
    assert "too few events" in text


def test_answer_is_in_plain_words(text: str) -> None:
    assert f"The variant with the smallest P is {VARIANT}, in IGFBP7." in text
    assert "12 of 22 cases with a call carry the ALT allele (9 once, 3 twice)" in text
    assert "8 of 103 controls with a call carry the ALT allele (8 once, 0 twice)" in text
    assert "Odds ratio for each ALT allele (additive): 11.0 (4.1 to 33.6), 95% CI." in text
    assert "P = 3.5 × 10⁻⁷ (Firth-penalised logistic regression" in text
    assert "Exact P = 5.2 × 10⁻⁷ (exact conditional trend test)" in text
    assert "Below 5 × 10⁻⁸: no. P is not below the genome-wide threshold." in text
    assert "Bonferroni: yes." in text


def test_a_lead_below_the_threshold_says_so() -> None:
    found = leads().assign(is_genome_wide_significant=True, is_bonferroni_significant=False)
    text = text_of(render_report(context(leads=found)))
    assert "Below 5 × 10⁻⁸: yes. P is below" in text
    assert "Bonferroni: no. It does not stand" in text


def test_a_lead_that_was_not_declared_is_said_to_be_overstated() -> None:
    text = text_of(render_report(context(leads=leads().assign(is_declared=False))))
    assert "its effect is likely overstated" in text


def test_lead_without_an_estimate_says_why() -> None:
    alone = leads()[leads()["variant_id"] == OTHER]
    text = text_of(render_report(context(leads=alone)))
    assert f"No odds ratio ({numerals.NONE}): the fit did not converge." in text
    assert "4 have no call" in text


@pytest.mark.parametrize(
    "said",
    [
        "Cases and controls may have been sequenced apart",
        "Ancestry enters where a contrast asks for it, by strata, by matching, or by principal",
        "The same participants found the variant and show the recovery",
        "they are not the chance of recovery of a person with ALS",
        "below the smallest detectable difference of a single pair of scores",
        "is not an independent replication",
        "Smallest odds ratio of those exposed that this cohort would have found",
    ],
)
def test_page_says_what_the_cohort_cannot_tell(text: str, said: str) -> None:
    assert said in text


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (confounding().head(0), "Batch. No finding of the batch audit was given to this page."),
        (
            confounding().assign(is_aligned=False),
            "Batch. The audit of callset, caller, tissue, batch, sequencing site, call rate, depth,",
        ),
    ],
)
def test_sequenced_apart_is_said_only_where_it_was_found(found: pd.DataFrame, said: str) -> None:
    text = text_of(render_report(context(confounding=found)))
    assert said in text.replace("Batch .", "Batch.")
    assert "sequenced apart" not in text.lower()
    assert "confounded" not in text.lower()


@pytest.mark.parametrize(
    "said",
    [
        "CONFOUNDED – in primary, being a case goes with tissue. No result of these can tell",
        "Confounded: cases and controls also differ in tissue. A difference between them may be",
        "primary tissue saliva n = 22 blood n = 103 0 V 1.00 5.9 × 10⁻²⁵ exact yes acknowledged: "
        "cases sent saliva by design",
        "primary batch 20 values n = 22 40 values n = 103 0.61 V 0.40 0.031 Monte Carlo, 9,999 "
        "draws, seed 7 no",
        "median 0.99 n = 103, 3 unknown 0.80 d −0.50 0.20 exact no",
        "primary sequencing site none known n = 0, 22 unknown",
        "– – – a side is unknown –",
        "PGB v TargetALS additive 103 v 140 25,017 1.04 1.34 2 4.2 × 10⁻⁹",
        "primary chr4-57110321-G-A additive 3.5 × 10⁻⁷ 2.3 × 10⁻⁴ 0.040 1.62 0.041 −6.25 holds within "
        "sequencing site; vanishes within batch; cannot be told apart from tissue",
        "Sequenced apart. Cases and controls may have been sequenced apart",
    ],
)
def test_page_says_what_else_differs_between_cases_and_controls(text: str, said: str) -> None:
    assert said in text


def test_confounding_stands_above_each_contrast_that_it_concerns(html: str) -> None:
    primary, replication = (html.index(f"Contrast: {n}") for n in ("primary", "replication"))
    place = html.index("Confounded: cases and controls also differ")
    assert primary < place < replication
    assert html.count("Confounded: cases") == 1


def test_recoveries_of_a_cohort_stand_under_those_of_everybody() -> None:
    rate = recovery_rate()
    own = rate[rate["is_study_definition"]]
    cohort = own.assign(cohort="PGB", n_followed=90, n_recovered=4, recovered_rate=4 / 90)
    earlier = cohort.assign(horizon_months=18.0, n_recovered=3)
    recovery = RecoverySection(pd.concat([earlier, rate, cohort]), "4 points or more")
    text = text_of(render_report(context(recovery=recovery)))
    everybody, alone = (text.index(f"of this study{told}") for told in (" 24", ", PGB alone 24"))
    assert everybody < alone
    assert "of this study, PGB alone 18" not in text


def test_intervals_of_a_genotypic_row_stand_beside_both_ratios() -> None:
    row = {
        "genetic_model": "genotypic", "odds_ratio": 63.7, "ci_lower": 5.63, "ci_upper": 8790.7,
        "odds_ratio_het": 10.2, "ci_lower_het": 3.34, "ci_upper_het": 32.3,
    }  # fmt: skip
    text = text_of(render_report(context(leads=leads().head(1).assign(**row))))
    assert "of 2 ALT; of 1: 10.2 (3.3 to 32.3)" in text


def test_cases_that_were_not_chosen_for_recovery_are_not_said_to_be() -> None:
    text = text_of(render_report(context(cases_chosen_for_recovery=False)))
    assert "The cohorts are of those who were enrolled. Curves describe" in text
    assert "some of them by recovery" not in text


def test_quality_names_losses_and_failed_checks_first(text: str) -> None:
    assert "variant call rate 912" in text
    assert "2 passed, 1 failed" in text
    assert text.index("0 of 4 batches hold both") < text.index("of 26,000 variants all")


def test_provenance_is_printed(text: str) -> None:
    for value in ("0.1.0", "6f1c0f1e-7a55-4e0e-9d53-0d4c8b1d7c11", "lifelines 0.30.3"):
        assert value in text


def test_simulated_data_stand_in_title_banner_and_every_printed_page(html: str) -> None:
    title = html[html.index("<title>") : html.index("</title>")]
    assert "SIMULATED DATA" in title
    assert '<p class="banner" role="note">SIMULATED DATA' in html
    assert '@top-right { content: "SIMULATED DATA"' in html
    assert "SIMULATED" not in render_report(context(simulated=False))


def test_names_are_escaped() -> None:
    evil = leads().assign(locus="<b>", gene="<i>&")
    bad = checks().assign(description="<script>alert(1)</script>")
    html = render_report(
        context(
            leads=evil, checks=bad, confounding=confounding().assign(case_values="<u>"), study="<s>"
        )
    )
    assert "<b>" not in html
    assert "<i>" not in html
    assert "<u>" not in html
    assert "<script" not in html
    assert "&lt;b&gt;" in html
    assert "&lt;i&gt;&amp;" in html


def test_figures_stand_in_their_section(html: str) -> None:
    place = html.index("<svg><title>curve</title></svg>")
    assert html.index('id="locus-1"') < place < html.index('id="locus-2"')
    html = render_report(context(figures={"balance": "<svg><title>alike</title></svg>"}))
    place = html.index("<svg><title>alike</title></svg>")
    assert html.index('id="audit"') < place < html.index('id="limits"')


def test_relatives_and_outliers_are_counted_in_sentences(html: str) -> None:
    text = text_of(html)
    assert (
        "Relatives, by KING-robust kinship: 1 pair of one genome, 2 pairs of the second degree, "
        "4 pairs with the kinship of relatives that chance may have made; 3 samples left out "
        "because another of the person, genome or family is used."
    ) in text
    assert "2 of 125 samples lie apart from all others, and are left out." in text
    alone = Descent({}, 0, 0, 0, outliers_are_left_out=False)
    text = text_of(render_report(context(descent=alone)))
    assert "kinship: no pair; 0 samples left out" in text
    assert "Ancestry was not judged from genotypes: too few places, or none asked for." in text


def test_what_does_not_go_with_being_a_case_is_folded_away() -> None:
    rows = pd.concat([confounding().head(1)] * 3, ignore_index=True).astype({"is_aligned": object})
    rows["factor"], rows["is_aligned"] = ["tissue", "batch", "caller"], [True, False, None]
    html = render_report(context(confounding=rows))
    folded = html[html.index("<details>") : html.index("</details>")]
    assert "1 that do not go with being a case, 1 not judged" in folded
    assert [name in folded for name in rows["factor"]] == [False, True, True]
    html = render_report(context(confounding=rows[1:2]))
    assert "No factor that was asked about goes with being a case." in text_of(html)


@pytest.mark.parametrize("bad", ["<img src=x>", "<svg><script>1</script></svg>", "<svg onload=x>"])
def test_figure_that_does_more_than_draw_is_refused(bad: str) -> None:
    with pytest.raises(InputDataError, match="expected an <svg> element without script"):
        render_report(context(figures={"qq:primary": bad}))


def test_frame_without_its_columns_is_refused() -> None:
    with pytest.raises(InputDataError, match=r"leads lacks the columns \['p_value'\]"):
        render_report(context(leads=leads().drop(columns="p_value")))


def test_page_of_a_study_without_results_renders_and_says_so() -> None:
    html = render_report(
        context(
            leads=empty("result.lead_variant"),
            detectable=empty("result.detectable_effect"),
            recovery_model=empty("result.recovery_model"),
            survival_model=empty("result.survival_model"),
            checks=checks().head(0),
            qc_losses=pd.DataFrame(columns=["what", "filter_reason", "n"]),
            confounding=empty("result.confounding"),
            negative_control=empty("result.negative_control"),
            masked=empty("result.masked_lead"),
            recovery=RecoverySection(),
            figures={},
            published_from={},
        )
    )
    text = text_of(html)
    for said in (
        "No variant was tested (there is none).",
        "No detectable effect was computed",
        "No check is recorded",
        "No definition can be met at any horizon",
        "No loss is recorded",
        "Nothing was asked: the table",
        "The study has one control cohort, so there is no negative control.",
    ):
        assert said in text


def test_every_contrast_is_named_and_says_why_nothing_leads() -> None:
    losses = pd.DataFrame(
        [("variant", "on chrX", 1060), ("variant", "call_rate", 3), ("sample", "passes", 8)],
        columns=["what", "filter_reason", "n"],
    )
    alone = leads()[leads()["contrast"] == "primary"]
    text = text_of(render_report(context(leads=alone, qc_losses=losses)))
    assert "and no P value below can say. The variant with the smallest P" in text
    said = "Contrast: replication No variant was tested (1,060: on chrX; 3: call rate)."
    assert said in text


def test_a_row_that_tells_nothing_is_not_the_answer() -> None:
    one = leads()[leads()["contrast"] == "primary"].assign(p_value=1.0, fit_status="monomorphic")
    losses = pd.DataFrame([("variant", "passes", 5)], columns=["what", "filter_reason", "n"])
    text = text_of(render_report(context(leads=one, qc_losses=losses)))
    assert "The variant with the smallest P" not in text
    assert "No variant leads: 5 variants passed quality, and no test told the two sides" in text
    assert "Every declared or lead variant" in text


def test_locus_without_a_model_says_so() -> None:
    nothing = empty("result.recovery_model")
    page = context(recovery_model=nothing, survival_model=nothing, figures={})
    text = text_of(render_report(page))
    assert "No model of recovery or survival was fitted for this variant." in text
    assert "No recovery curve for this variant." in text


def test_model_with_every_kind_of_null_renders() -> None:
    nulls = model("recovery", ratio=float("nan"), ci_lower=pd.NA, ci_upper=None)
    assert "nan" not in text_of(render_report(context(recovery_model=nulls))).lower().split()
    assert "NA" not in text_of(render_report(context(recovery_model=nulls))).split()


@pytest.mark.parametrize(
    ("p", "written"),
    [
        (3.5e-7, "3.5 × 10⁻⁷"), (5e-19, "5.0 × 10⁻¹⁹"), (0.0, "< 1 × 10⁻³⁰⁰"),
        (0.00099, "9.9 × 10⁻⁴"),
        (0.001, "0.0010"), (0.0499, "0.050"), (0.0996, "0.10"), (0.97, "0.97"), (0.996, "1.0"),
        (1.0, "1.0"), (None, numerals.NONE), (float("nan"), numerals.NONE),
    ],
)  # fmt: skip
def test_p_value_is_never_written_as_zero(p: float | None, written: str) -> None:
    assert numerals.p_value(p) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (12.0, "12.0"), (0.05, "0.050"), (0.0, "0"), (1.2e7, "1.2 × 10⁷"), (1e-9, "1.0 × 10⁻⁹"),
        (float("inf"), "infinite"), (1753.8, "1,754"), (None, numerals.NONE),
    ],
)  # fmt: skip
def test_ratio_keeps_what_can_be_read(value: float | None, written: str) -> None:
    assert numerals.ratio(value) == written


def test_interval_without_ends_is_a_dash() -> None:
    assert numerals.interval(None, float("nan")) == numerals.NONE
    assert numerals.ratio_with_interval(None, None, None) == numerals.NONE


def test_unknown_method_and_status_are_still_words() -> None:
    assert wording.method("some_new_test") == "some new test"
    assert wording.status("odd_status") == "odd status"
    assert wording.direction({"ratio_of": "odds", "event": "plateau"}) == "above 1: sooner"


INFLATION = {"lambda_gc": 1.05, "lambda_1000": 2.239, "n_case": 22, "n_control": 243}
SAYS_LITTLE = "At this n a raw λGC near 1 says little"


def test_a_contrast_says_its_inflation_scaled_and_what_little_one_near_1_says() -> None:
    text = text_of(render_report(context(inflation={"primary": INFLATION})))
    assert (
        "Genomic control in 22 cases and 243 controls: λGC = 1.05, and scaled to 1,000 of each "
        f"λ₁₀₀₀ = 2.2. {SAYS_LITTLE}: what would inflate"
    ) in text
    assert text.count("Genomic control in") == 1


def test_a_large_study_is_not_told_that_its_inflation_says_little() -> None:
    large = INFLATION | {"n_case": 1000, "n_control": 1000, "lambda_1000": 1.05}
    assert SAYS_LITTLE not in text_of(render_report(context(inflation={"primary": large})))


def test_inflation_below_1_is_not_scaled() -> None:
    low = INFLATION | {"lambda_gc": 0.8, "lambda_1000": float("nan")}
    text = text_of(render_report(context(inflation={"primary": low})))
    assert "λGC = 0.80, and scaled to 1,000 of each λ₁₀₀₀ = – (no excess to scale)." in text


def test_a_locus_says_whether_it_holds_and_what_it_rests_on(text: str) -> None:
    for said in (
        "Does it hold? primary, additive: cases against",
        "all controls together 22 243 11.0 (4.1 to 33.6)",
        "against PGB alone, in the model of all arms 22 103 9.9 (4.1 to 33.6)",
        "P that the control arms have one odds ratio: 0.43; their estimates correlate by 0.84",
        "Each of the 22 cases left out in turn: P 1.2 × 10⁻⁷ to 4.6 × 10⁻⁶, odds ratio 9.5 to 12.5",
        "It takes 7 cases left out for P above 0.05.",
        "Declared in study.yaml: not picked by its P here.",
        "Benjamini-Hochberg: yes. q = 0.012",
    ):
        assert said in text
    assert "77.7" not in text  # the term alone:PGB is in the table only


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"fragility": 1}, "It rests on one case: without it P is above 0.05."),
        ({"fragility": 0}, "P is above 0.05 with all cases."),
        ({"fragility": 4, "is_fragility_minimum": False}, "It takes 4 cases left out (or fewer)"),
    ],
)
def test_how_few_cases_a_lead_rests_on_is_told(changed: dict[str, object], said: str) -> None:
    assert said in text_of(render_report(context(influence=influence(**changed))))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"corrected_odds_ratio": 5.5, "corrected_ci_lower": 0.9, "corrected_ci_upper": 21.0},
            "picked at P 1 × 10⁻⁴: 5.5 (0.90 to 21.0), 95% CI, in place of 11.0 (Ghosh 2008; 22 "
            "cases, 103 controls)",
        ),
        ({}, "no odds ratio is corrected"),
    ],
)
def test_an_odds_ratio_that_was_picked_is_corrected(changed: dict[str, object], said: str) -> None:
    found = correction(is_declared=False, **changed)
    assert said in text_of(render_report(context(correction=found)))


def test_a_corrected_odds_ratio_outside_its_own_interval_says_why() -> None:
    ends = {"corrected_ci_lower": 0.2, "corrected_ci_upper": 1.4}
    why = "It is outside its own interval: the P is so near the threshold that the data fit"
    outside = correction(is_declared=False, corrected_odds_ratio=1.8, **ends)
    assert f"controls). {why} hardly any effect." in text_of(
        render_report(context(correction=outside))
    )
    inside = correction(is_declared=False, corrected_odds_ratio=1.3, **ends)
    assert why not in text_of(render_report(context(correction=inside)))


def test_a_declared_locus_that_was_found_in_these_cases_is_said_to_be_overstated() -> None:
    text = text_of(render_report(context(correction=correction(shares_cases=True))))
    assert (
        "Found in these cases elsewhere: its odds ratio is overstated by an amount that this study "
        "cannot know."
    ) in text
    assert "not picked by its P here" not in text


def test_a_lead_given_another_says_its_p_value() -> None:
    row = {**leads().to_dict("records")[0], "conditioned_on": "chr4-9-A-G"}
    told = strength.holdings(
        [{**row, "conditional_p_value": 0.0213}],
        arms=arms().to_dict("records"), influence=[], correction=[],
    )  # fmt: skip
    assert told[0].sentences[-1] == "Given chr4-9-A-G, another lead near it: P = 0.021."


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "Confirmed. But it shares cases with the discovery: these are no second finding."),
        ({"shares_cases": False}, "Confirmed."),
        ({"replication_status": "refuted", "shares_cases": False}, "Refuted."),
        ({"replication_status": "underpowered"}, "Not decided (underpowered). It shares cases"),
        (
            {"replication_status": "not_tested", "p_value": None, "method": None, "n_case": None,
             "replication_power": None, "odds_ratio": None},
            "Not tested. The variant was not called",
        ),
    ],
)  # fmt: skip
def test_a_declared_replication_says_what_became_of_it(
    changed: dict[str, object], said: str
) -> None:
    html = render_report(context(replication=replication(**changed)))
    assert said in text_of(html)
    assert '<a href="#replications">' in html


def test_a_study_without_replications_has_no_section_of_them(html: str) -> None:
    assert "Declared replications" not in html


def test_recoveries_stand_beside_what_noise_gives_the_studys_own_first(text: str) -> None:
    section = text[text.index("How many recovered, by which definition") :]
    own = section[section.index("bedlack2016") : section.index("plateau")]
    for said in (
        "of this study", "24", "167", "of 265; 66 had died or had a tracheostomy, 31 not seen so long",
        "23", "0.14 (0.089 to 0.20)", "0.032", "1 to 11", "0.0050",
    ):  # fmt: skip
        assert said in own
    assert "This study calls it a recovery when: 4 points or more for a year." in text
    assert "200 cohorts with the same people's visits" in section
    assert "SD 0.38" in section
    assert "scattered by 1.43 points" in section


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"over": "index"},
            "4 points or more of ALSFRS-R over the total of the first visit, at every",
        ),
        ({"over": "rolling", "window_days": 90}, "over the lowest total of the 90 days before"),
        (
            {"kind": "plateau", "scale": "alsfrs"},
            "no visit below the one it starts at, of ALSFRS, for",
        ),
        ({"n_confirming_visit": 2}, "for 365 days and at 2 later visits or more"),
    ],
)
def test_a_definition_is_told_in_words(changed: dict[str, object], said: str) -> None:
    plain: dict[str, object] = {
        "kind": "gain", "min_gain_points": 4, "over": "nadir", "min_duration_days": 365,
        "n_confirming_visit": 1, "max_gap_days": 200, "scale": "alsfrsr",
    }  # fmt: skip
    assert said in in_words({**plain, **changed})
