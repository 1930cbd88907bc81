"""``alsrev courses``: each person's scores over time, by carrier group, for private eyes."""

from pathlib import Path

import pandas as pd

from alsrev_dagster.errors import AlsrevError
from alsrev_dagster.figures.render import svg
from alsrev_dagster.figures.spaghetti import spaghetti
from alsrev_dagster.files import replacing
from alsrev_dagster.open_study import OpenStudy
from alsrev_dagster.study_folder import StudyFolder
from alsrev_dagster.survival.course_people import CoursePeople
from alsrev_dagster.survival.groups import CARRIER_GROUP
from assets.course import people_of_courses

PRIVATE = "each line is a person, known by their scores without any name: do not pass it on"


def write_courses(folder: StudyFolder, variant: str, path: Path) -> str:
    """Draw the courses of one variant's people under their fitted means; say what is drawn.

    ``variant`` is a variant_id or the name of a locus; empty for the first declared one. The file
    is readable by its owner alone.
    """
    if path.suffix != ".svg":
        raise AlsrevError(f"--out {path.name}: found the ending {path.suffix!r}; expected .svg")
    work = OpenStudy(folder)
    means = work.lake.frame("result.fitted_course")
    asked = variant or next((locus.lead for locus in work.study.loci.values()), "")
    chosen = means[(means["variant_id"] == asked) | (means["locus"] == asked)]
    if chosen.empty:
        known = ", ".join(dict.fromkeys(means["variant_id"])) or "none"
        raise AlsrevError(
            f"--variant {asked or '(none)'}: found no course fitted to it; expected one of "
            f"{known}; declare its locus in study.yaml and run the study"
        )
    variant_id = chosen["variant_id"].iloc[0]
    mean = chosen[chosen["variant_id"] == variant_id]
    (people,) = (one for one in people_of_courses(work, ()) if one.variant_id == variant_id)
    figure = spaghetti(lines_of(people), mean, simulated=work.study.simulated, shows_people=True)
    with replacing(path) as temporary:
        temporary.write_text(svg(figure), encoding="utf-8")
    return (
        f"{variant_id}: {len(people.dosage)} people, {len(people.visits.score)} visits; {PRIVATE}"
    )


def lines_of(people: CoursePeople) -> pd.DataFrame:
    """A row a visit, as the figure takes them: people are numbers."""
    carries = people.dosage[people.visits.person] >= 1
    return pd.DataFrame(
        {
            "carrier_group": [CARRIER_GROUP[bool(one)] for one in carries],
            "course": people.visits.person,
            "month": people.visits.months,
            "alsfrsr_total": people.visits.score,
        }
    )
