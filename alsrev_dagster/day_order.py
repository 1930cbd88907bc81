"""The order in which the days of one life can stand; a day that is not known is in any order."""

ORDER_OF_DAYS = (
    ("onset_earliest_day", "onset_latest_day"),
    ("onset_day", "diagnosis_day"),
    ("onset_day", "enrolment_day"),
    ("onset_day", "tracheostomy_day"),
    ("onset_day", "last_contact_day"),
    ("onset_day", "death_day"),
    ("diagnosis_day", "last_contact_day"),
    ("diagnosis_day", "death_day"),
    ("enrolment_day", "last_contact_day"),
    ("enrolment_day", "death_day"),
    ("tracheostomy_day", "last_contact_day"),
    ("tracheostomy_day", "death_day"),
    ("last_contact_day", "death_day"),
)
"""Pairs of columns of raw.participant of which the first is never after the second."""

VISIT_NOT_BEFORE = ("onset_day",)
"""No visit is before these: the scale scores symptoms, and there were none."""

VISIT_NOT_AFTER = ("death_day", "last_contact_day")
"""No visit is after these: who was seen was alive."""
