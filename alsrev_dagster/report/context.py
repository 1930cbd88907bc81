"""What the page is made from, and that each of its tables has its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.report.course_section import CourseSection
from alsrev_dagster.report.descent import Descent
from alsrev_dagster.report.gene_section import GeneSection
from alsrev_dagster.report.recovery_section import RecoverySection
from alsrev_dagster.report.survival_scan_section import SurvivalScanSection
from alsrev_dagster.vocabulary import table

QC_LOSS_COLUMNS = ("what", "filter_reason", "n")
CHECK_COLUMNS = ("table_name", "check_name", "passed", "is_blocking", "description")


@dataclass(frozen=True)
class ReportContext:
    """Everything the page is made from; nothing in it is of a single person.

    ``figures`` holds SVG by name: ``qq:<contrast>`` (or ``qq:<contrast>:<genetic model>``),
    ``manhattan:<contrast>``, ``recovery_curve:<variant_id>``, ``survival_curve:<variant_id>``,
    ``trajectory:<variant_id>``, ``forest:<variant_id>``, ``control_qq:<cohort>:<cohort>``,
    ``who_is_compared``, ``balance``, ``call_rate:<what>``, ``maf``, ``recovery_grid``,
    ``recovery_effect``, ``survival_qq:<event>``, ``course:<variant_id>``,
    ``stage_flow:<variant_id>``, ``state_occupation:<variant_id>``.
    """

    study: str
    genome_build: str
    simulated: bool
    genome_wide_alpha: float
    """P of record below this is genome-wide significant."""
    published_from: Mapping[str, str | Mapping[str, str]]
    """Provenance by name; a mapping (package versions) becomes a table of its own."""
    contrasts: Sequence[str]
    """Every contrast of the study, in its order, whether or not a variant leads in it."""
    leads: pd.DataFrame
    """result.lead_variant."""
    detectable: pd.DataFrame
    """result.detectable_effect."""
    recovery_model: pd.DataFrame
    survival_model: pd.DataFrame
    qc_losses: pd.DataFrame
    """What (variant, sample), filter_reason, n."""
    checks: pd.DataFrame
    """meta.check, or its columns from table_name to description."""
    confounding: pd.DataFrame
    """result.confounding."""
    negative_control: pd.DataFrame
    """result.negative_control."""
    masked: pd.DataFrame
    """result.masked_lead."""
    arms: pd.DataFrame
    """result.lead_arm."""
    influence: pd.DataFrame
    """result.lead_influence."""
    correction: pd.DataFrame
    """result.lead_correction."""
    replication: pd.DataFrame
    """result.replication."""
    descent: Descent
    genes: GeneSection = field(default_factory=GeneSection)
    curve_test: pd.DataFrame = field(default_factory=pd.DataFrame)
    """result.curve_test."""
    restricted_mean: pd.DataFrame = field(default_factory=pd.DataFrame)
    """result.restricted_mean."""
    reversal: pd.DataFrame = field(default_factory=pd.DataFrame)
    """result.reversal_state."""
    definition: str = ""
    """Name of the study's definition of recovery."""
    recovery: RecoverySection = field(default_factory=RecoverySection)
    course: CourseSection = field(default_factory=CourseSection)
    survival_scan: SurvivalScanSection = field(default_factory=SurvivalScanSection)
    permutation: pd.DataFrame = field(default_factory=pd.DataFrame)
    """result.permutation: no row where no labels were shuffled."""
    lead_permutation: pd.DataFrame = field(default_factory=pd.DataFrame)
    control_permutation: pd.DataFrame = field(default_factory=pd.DataFrame)
    acknowledged: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Why a factor goes with being a case, by contrast and factor: the study's own words."""
    cases_chosen_for_recovery: bool = True
    inflation: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Of each contrast's first genetic model: lambda_gc, lambda_1000, n_case, n_control."""
    figures: Mapping[str, str] = field(default_factory=dict)


def require_columns(context: ReportContext) -> None:
    """Refuse a frame without the columns of its table, before anything is half rendered."""
    needed = {
        "leads": table("result.lead_variant").column_names,
        "detectable": table("result.detectable_effect").column_names,
        "recovery_model": table("result.recovery_model").column_names,
        "survival_model": table("result.survival_model").column_names,
        "qc_losses": QC_LOSS_COLUMNS,
        "checks": CHECK_COLUMNS,
        "confounding": table("result.confounding").column_names,
        "negative_control": table("result.negative_control").column_names,
        "masked": table("result.masked_lead").column_names,
        "arms": table("result.lead_arm").column_names,
        "influence": table("result.lead_influence").column_names,
        "correction": table("result.lead_correction").column_names,
        "replication": table("result.replication").column_names,
    }
    for name, columns in needed.items():
        missing = sorted(set(columns) - set(getattr(context, name).columns))
        if missing:
            raise InputDataError(
                f"the report's {name} lacks the columns {missing}: expected {list(columns)}; "
                "an empty table still has its columns"
            )
