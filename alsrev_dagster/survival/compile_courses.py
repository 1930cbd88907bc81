"""Compile the loops of mixed, joint and censored models ahead of their first use.

python -m alsrev_dagster.survival.compile_courses
"""

import numpy as np

from alsrev_dagster.survival.censored_course import censored_course
from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.joint_data import carrier_design, joint_data
from alsrev_dagster.survival.joint_model import joint_model


def main() -> None:
    """Fit each to a dozen people; what that compiles is kept."""
    random = np.random.default_rng(1)
    person, months = np.repeat(np.arange(12), 4), np.tile(np.arange(0.0, 12, 3), 12)
    level, slope = random.normal(40, 3, 12), random.normal(-1, 0.5, 12)
    score = np.clip(level[person] + slope[person] * months + random.normal(0, 1, 48), 0, 48)
    visits, code = Visits(score, months, person), np.tile([0.0, 1.0], 6)
    design = carrier_design(code)
    censored_course(visits, design(months, person))
    until, entry = np.full(12, 14.0) - slope, np.tile([0.0, 1.0, 2.0], 4)
    joint_model(joint_data(visits, design, code[:, None], until, code < 1, entry_months=entry))


if __name__ == "__main__":
    main()
