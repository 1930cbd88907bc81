"""What a study declares of its checks: where one that only warns begins to."""

from pydantic import Field

from alsrev_dagster.study_values import Probability, Section, Share


class Checks(Section):
    """Where a check that only warns begins to; no number of the analysis follows from these."""

    low_call_rate_share_max: Share = Field(
        0.1, description="fraction of variants below quality.variant_call_rate_min; ours"
    )
    hwe_departure_share_max: Share = Field(
        0.01, description="fraction of variants below quality.hwe_p_min in controls; ours"
    )
    odd_sample_share_max: Share = Field(
        0.05, description="fraction of samples that are odd beside their cohort; ours"
    )
    imbalance_max: float = Field(
        0.1,
        gt=0,
        description="standardised difference of a component that controls were matched on; Austin 2009 Stat Med 28:3083",
    )
    events_per_covariate_min: float = Field(
        5.0,
        gt=0,
        description="samples of the smaller side a covariate of a contrast; Vittinghoff 2007 Am J Epidemiol 165:710",
    )
    not_at_risk_share_max: Share = Field(
        0.1, description="fraction of participants left out of the models of recovery; ours"
    )
    noise_p_max: Probability = Field(
        0.05,
        description="share of cohorts simulated without a recovery that show as many; convention",
    )
    events_per_term_min: int = Field(
        10, ge=1, description="recoveries a model term; Peduzzi 1995 J Clin Epidemiol 48:1503"
    )
    proportional_hazards_alpha: Probability = Field(
        0.05,
        description="P of the Schoenfeld test below this / models is not proportional; convention",
    )
    visit_spacing_alpha: Probability = Field(
        0.05,
        description="P of a difference between carriers and others in the gap between visits below this / variants is a difference; convention",
    )
