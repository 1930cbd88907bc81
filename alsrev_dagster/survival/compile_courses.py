"""Compile the loops of mixed, joint and censored models ahead of their first use.

python -m alsrev_dagster.survival.compile_courses
"""

import numpy as np

from alsrev_dagster.survival.censored_course import censored_course
from alsrev_dagster.survival.course_design import Visits
from alsrev_dagster.survival.joint_data import carrier_design, joint_data
from alsrev_dagster.survival.joint_model import joint_model


def main() -> None:
    """Fit each to three dozen people; what that compiles is kept."""
    statuses()


def statuses() -> tuple[str, str]:
    """How the censored and the joint fit end: one that stops early compiles nothing."""
    random, n = np.random.default_rng(1), 36
    person, months = np.repeat(np.arange(n), 4), np.tile(np.arange(0.0, 12, 3), n)
    level, slope = random.normal(40, 3, n), random.normal(-1, 0.5, n)
    score = np.clip(level[person] + slope[person] * months + random.normal(0, 1, 4 * n), 0, 48)
    visits, code = Visits(score, months, person), np.tile([0.0, 1.0], n // 2)
    design = carrier_design(code)
    censored = censored_course(visits, design(months, person))
    until, entry = 12 + random.exponential(6, n), np.tile([0.0, 1.0, 2.0], n // 3)
    died = np.arange(n) % 3 > 0
    data = joint_data(visits, design, code[:, None], until, died, entry_months=entry)
    return censored.fit_status, joint_model(data).fit_status


if __name__ == "__main__":
    main()
