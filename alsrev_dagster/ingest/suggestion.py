"""What somebody may have meant by a name that is not one of the valid ones."""

from collections.abc import Iterable
from difflib import get_close_matches


def closest(name: str, valid: Iterable[str]) -> str | None:
    """Return the valid name that is spelled most like this one, in any case; None for none.

    Examples
    --------
    >>> closest("Star", ["StAR", "PGB"])
    'StAR'
    """
    by_lower = {item.lower(): item for item in valid}
    near = get_close_matches(name.lower(), by_lower, n=1)
    return by_lower[near[0]] if near else None
