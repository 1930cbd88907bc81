"""What a study declares of recovery: the phenotype, its presets, and what is counted of it."""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from alsrev_dagster.study_values import Name, Section, each_once

Over = Literal["nadir", "index", "rolling"]
Scale = Literal["alsfrsr", "alsfrs"]
Gastrostomy = Literal["separate_series", "without_item_5", "as_scored"]

SCORE_MAX: dict[Scale, int] = {"alsfrsr": 48, "alsfrs": 40}
"""Highest total of each scale."""


class RecoveryDefinition(Section):
    """The recovery phenotype."""

    name: Name = Field(description="name of the definition, beside every result")
    kind: Literal["gain", "plateau"] = Field(
        "gain",
        description="gain: points won back; plateau: no visit below the one that it starts from",
    )
    min_gain_points: int = Field(
        ge=0, le=48, description="points over what `over` names; 0 for a plateau, and only for it"
    )
    over: Over = Field(
        "nadir",
        description="what is gained over: nadir (the lowest total so far), index (that of the first visit under observation) or rolling (the lowest within window_days)",
    )
    window_days: int | None = Field(
        None, ge=1, description="days before a visit whose lowest total `rolling` takes; no other"
    )
    min_duration_days: int = Field(
        ge=0, description="days the gain must last, at every visit; 0: see n_confirming_visit"
    )
    n_confirming_visit: int = Field(
        1,
        ge=0,
        description="visits after the first with the gain that must show it, however long it lasts; with 0 and no duration a single visit is enough, which noise alone makes common",
    )
    max_gap_days: int = Field(
        200,
        ge=1,
        description="longest gap between visits over which the gain lasts; below their spacing nobody recovers",
    )
    scale: Scale = Field(
        "alsfrsr",
        description="alsfrsr (12 items) or alsfrs (10 items); never both, and neither is made from the other",
    )
    gastrostomy: Gastrostomy = Field(
        "separate_series",
        description="item 5 is another scale with a gastrostomy: separate_series (totals are compared within, never across), without_item_5 (it is left out of every total) or as_scored (compared across: a change of scale can look like a gain)",
    )
    baseline_min_points: int = Field(
        0,
        ge=0,
        le=48,
        description="a first total below this is not at risk: near 0 the scale has a floor",
    )
    baseline_max_points: int = Field(
        48,
        ge=0,
        le=48,
        description="a first total above this is not at risk: over index nobody gains 4 points from 45",
    )

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if (self.kind == "plateau") != (self.min_gain_points == 0):
            raise ValueError(
                f"kind {self.kind} with min_gain_points {self.min_gain_points}: a gain is of 1 point or more, a plateau of 0"
            )
        if (self.over == "rolling") != (self.window_days is not None):
            raise ValueError(
                f"over {self.over} with window_days {self.window_days}: rolling has a window, and nothing else"
            )
        if self.kind == "plateau" and (self.over != "nadir" or not self.min_duration_days):
            raise ValueError(
                "a plateau that has no duration, or is over something: it lasts min_duration_days from the visit it starts at"
            )
        if self.baseline_min_points > self.baseline_max_points:
            raise ValueError("baseline_min_points above baseline_max_points: nobody is at risk")
        return self

    @property
    def score_max(self) -> int:
        """Highest total there is, of the items that count."""
        return SCORE_MAX[self.scale] - (4 if self.gastrostomy == "without_item_5" else 0)


def _plateau(months: int, days: int) -> RecoveryDefinition:
    """No decline at any visit for so long (see RECOVERY_PRESETS)."""
    return RecoveryDefinition(
        name=f"plateau_{months}", kind="plateau", min_gain_points=0, min_duration_days=days
    )


RECOVERY_PRESETS: dict[str, RecoveryDefinition] = {
    "bedlack2016_large": RecoveryDefinition(
        name="bedlack2016_large", min_gain_points=4, min_duration_days=365
    ),
    "roar_6mo": RecoveryDefinition(name="roar_6mo", min_gain_points=4, min_duration_days=183),
    "harrison2018": RecoveryDefinition(name="harrison2018", min_gain_points=4, min_duration_days=1),
    "plateau_6": _plateau(6, 183),
    "plateau_12": _plateau(12, 365),
    "plateau_18": _plateau(18, 548),
}
"""The published definitions, as far as they are public.

- ``bedlack2016_large``: 4 ALSFRS-R points or more for 12 months or more (Bedlack 2016 Neurology
  86:808, "large reversal"; PRO-ACT). That the gain holds at every visit, over the lowest total so
  far and across gaps of at most 200 days is ours.
- ``roar_6mo``: 4 points or more over 6 months (Theracurmin ROAR trial NCT04499963, secondary
  outcome). Ours as above.
- ``harrison2018``: a robust and sustained improvement, 4 points or more (Harrison 2018, "ALS
  Reversals"). Its least duration is not public: here one later visit confirms, whenever it is. Its
  other ways in (denervation that resolves on EMG, manual muscle testing) and its review of the
  diagnosis are not in visit tables.
- ``plateau_6``, ``plateau_12``, ``plateau_18``: no decline for 6, 12, 18 months (Bedlack 2016;
  Vasta 2020, "stable score"). The sources' windows of visits and what they do with small dips are
  not public: here no visit lies below the one that the plateau starts from.
"""

PresetName = Literal[
    "bedlack2016_large", "roar_6mo", "harrison2018", "plateau_6", "plateau_12", "plateau_18"
]


class Recovery(Section):
    """A preset, or a definition of the study's own."""

    preset: PresetName | None = Field(None, description="a published definition")
    custom: RecoveryDefinition | None = Field(None, description="or one of your own")

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.preset is None) == (self.custom is None):
            raise ValueError("give either preset or custom, not both and not neither")
        return self

    @property
    def definition(self) -> RecoveryDefinition:
        """The definition in force."""
        return self.custom if self.custom is not None else RECOVERY_PRESETS[str(self.preset)]


class RecoveryRate(Section):
    """How many recover, and how many would by noise alone."""

    horizon_months: tuple[float, ...] = Field(
        (6, 12, 18, 24, 36),
        min_length=1,
        description="months from the first visit by which recoveries are counted, among those followed so long; ours, after the epochs of Bedlack 2016",
    )
    n_simulation: int = Field(
        200,
        ge=20,
        description="times the whole cohort is simulated without a recovery; the Monte Carlo error stands beside the rate; ours",
    )
    seed: int = Field(20240716, ge=0, description="seed of the simulation")
    residual_sd: float | None = Field(
        None,
        gt=0,
        description="points; scatter of a score about the person's own course. Without one it is estimated from the cohort; published raters' error is 1.2 to 1.8 (ICC .95, SD 5.5 to 8)",
    )
    slope_mean_per_month: float | None = Field(
        None,
        description="points a month, negative is decline; mean of the courses simulated. Without one the cohort's",
    )
    slope_sd_per_month: float | None = Field(
        None,
        ge=0,
        description="points a month; spread of the courses simulated between people. Without one the cohort's",
    )
    _no_repeats = field_validator("horizon_months")(each_once)

    @field_validator("horizon_months")
    @classmethod
    def _ahead(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if min(value) < 1:
            raise ValueError(f"{min(value):g}, which is less than a month ahead")
        return value


class RecoveryGrid(Section):
    """Definitions beside the study's own: each combination is counted."""

    min_gain_points: tuple[int, ...] = Field((3, 4, 5, 6), min_length=1, description="points")
    min_duration_days: tuple[int, ...] = Field(
        (183, 274, 365, 548), min_length=1, description="days: 6, 9, 12 and 18 months"
    )
    over: tuple[Literal["nadir", "index"], ...] = Field(
        ("nadir", "index"), min_length=1, description="what is gained over"
    )
    n_confirming_visit: tuple[int, ...] = Field(
        (1, 3), min_length=1, description="visits that must confirm"
    )
    n_simulation: int = Field(
        100,
        ge=20,
        description="times the cohort is simulated for each combination; seed and scatter are recovery_rate's",
    )
    _no_repeats = field_validator(
        "min_gain_points", "min_duration_days", "over", "n_confirming_visit"
    )(each_once)

    @model_validator(mode="after")
    def _in_range(self) -> Self:
        if min(self.min_gain_points) < 1 or max(self.min_gain_points) > 48:
            raise ValueError("min_gain_points outside 1 to 48")
        if min(self.min_duration_days) < 1 or min(self.n_confirming_visit) < 1:
            raise ValueError("min_duration_days or n_confirming_visit below 1")
        return self
