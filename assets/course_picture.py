"""Course of function for the page: its section and its figures, of groups and of nobody alone."""

import pandas as pd

from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.report.course_section import CourseSection
from alsrev_dagster.vocabulary.states import RECOVERY
from assets.followed import declared_variants

_NOBODY = ["carrier_group", "course", "month", "alsfrsr_total"]


def course_section(work: OpenStudy) -> CourseSection:
    """Models of courses, ranks by survival and function, and months in states."""
    return CourseSection(
        models=work.lake.frame("result.trajectory_model"),
        cafs=work.lake.frame("result.cafs"),
        state_time=work.lake.frame("result.state_time"),
        declared=tuple(declared_variants(work)),
        time_origin=work.study.survival.time_origin,
    )


def course_figures(work: OpenStudy) -> dict[str, str]:
    """SVG of fitted means, of the flow of stages and of who is recovered, of each declared locus,
    by the page's names.

    A course is the person whom it is of: none is drawn, neither here nor in Dagster.
    """
    from alsrev_dagster.figures import render
    from alsrev_dagster.figures.spaghetti import spaghetti
    from alsrev_dagster.figures.stage_flow import stage_flow
    from alsrev_dagster.figures.state_occupation import state_occupation

    simulated, drawn = work.study.simulated, dict[str, str]()
    courses, flows, states = (
        work.lake.frame(f"result.{n}") for n in ("fitted_course", "stage_flow", "state_occupation")
    )
    states = states[states["states"] == RECOVERY]
    nobody = pd.DataFrame({name: [] for name in _NOBODY})
    for variant in declared_variants(work):
        mean, flow, state = (f[f["variant_id"] == variant] for f in (courses, flows, states))
        if len(mean):
            figure = spaghetti(nobody, mean, simulated=simulated, shows_people=False)
            drawn[f"course:{variant}"] = render.svg(figure)
        if len(flow):
            drawn[f"stage_flow:{variant}"] = render.svg(stage_flow(flow, simulated=simulated))
        if len(state):
            figure = state_occupation(state, simulated=simulated)
            drawn[f"state_occupation:{variant}"] = render.svg(figure)
    return drawn
