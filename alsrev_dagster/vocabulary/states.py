"""What a participant's states are called: of a recovery, of any staging, and of their ends."""

RECOVERY = "recovery"
"""The states that are of a definition of recovery; any others are of a staging, by its name."""

NOT_RECOVERED, RECOVERED, LOST = "not_recovered", "recovered", "lost"
STANDING = (NOT_RECOVERED, RECOVERED, LOST)
"""Of a recovery: none is confirmed; one is, and the gain is there; the gain is there no more."""

UNSEEN = "unseen"
"""Known to be alive, and last seen too long ago for a state to be told."""

TRACHEOSTOMY, DEAD = "tracheostomy", "dead"
ENDS = (TRACHEOSTOMY, DEAD)
"""States that nobody leaves."""
