"""Gains that lasted, in series of visits one after the other.

A series is the visits ``start[k]`` to ``start[k + 1]``, days strictly increasing. ``rule`` is
(over, gain, duration, n_confirming, gap, window), as ``clinical.sustained`` makes it.
"""

from alsrev_dagster.clinical.kernel.compiled import compiled

NADIR, INDEX, ROLLING, PLATEAU = 0, 1, 2, 3
"""What a score is held against: the lowest so far, the first, the lowest within a window, or (a
plateau) the visit before."""
NOTHING = -1
"""No visit, no event."""
OUTSTANDING, STANDS, LOST = 0, 1, 2
"""Of a visit: no recovery is confirmed yet; it is, and the gain is there; it is there no more."""
_NO_SCORE = 10_000


@compiled
def confirming_visit(day, begun, end, rule):
    """Visit that could confirm what begins at the visit ``begun``, or NOTHING.

    The first one ``duration`` days or more and ``n_confirming`` visits or more later; none where
    two successive visits up to it lie too far apart.
    """
    _, _, duration, n_confirming, gap, _ = rule
    for visit in range(begun, end):
        if visit > begun and day[visit] - day[visit - 1] > gap:
            return NOTHING
        if day[visit] - day[begun] >= duration and visit - begun >= n_confirming:
            return visit
    return NOTHING


@compiled
def lowest_before(day, total, begin, seen, rule):
    """Score that the visit ``seen`` is held against: _NO_SCORE where there is none."""
    over, window = rule[0], rule[5]
    if over == INDEX:
        return total[begin]
    if over == PLATEAU:
        return total[seen - 1]
    lowest = _NO_SCORE
    for visit in range(begin, seen):
        if over == NADIR or day[seen] - day[visit] <= window:
            lowest = min(lowest, total[visit])
    return lowest


@compiled
def lasting_gains(start, day, total, rule, gain, lowest, left, confirmed):
    """Of each series the largest gain that lasted, and the places of the event confirmed first.

    ``left`` is the visit before the gain was seen, ``lowest`` the least score up to it. Places are
    NOTHING without an event, and ``lowest`` is then of all visits.
    """
    for k in range(start.size - 1):
        begin, end = start[k], start[k + 1]
        best, event, confirming = 0, NOTHING, NOTHING
        for seen in range(begin + 1, end):
            begun = seen - 1 if rule[0] == PLATEAU else seen
            until = confirming_visit(day, begun, end, rule)
            if until == NOTHING:
                continue
            against = lowest_before(day, total, begin, seen, rule)
            if against == _NO_SCORE:
                continue
            least = total[seen]
            for visit in range(seen, until + 1):
                least = min(least, total[visit])
            best = max(best, least - against)
            if event == NOTHING and least - against >= rule[1]:
                event, confirming = seen - 1, until
        gain[k], left[k], confirmed[k] = best, event, confirming
        lowest[k] = _NO_SCORE
        for visit in range(begin, end if event == NOTHING else event + 1):
            lowest[k] = min(lowest[k], total[visit])


@compiled
def confirming_visits(start, day, rule, until):
    """Of each visit the one that could confirm a gain seen at it: the same whatever the scores."""
    for k in range(start.size - 1):
        begin, end = start[k], start[k + 1]
        until[begin] = NOTHING
        for seen in range(begin + 1, end):
            begun = seen - 1 if rule[0] == PLATEAU else seen
            until[seen] = confirming_visit(day, begun, end, rule)


@compiled
def last_free_visits(start, day, rule, last):
    """Of each series the last visit at which a gain could still have been seen to last, or NOTHING.

    The same whatever the scores; a rolling gain needs an earlier visit within its window.
    """
    for k in range(start.size - 1):
        begin, end = start[k], start[k + 1]
        last[k] = NOTHING
        for seen in range(begin + 1, end):
            if rule[0] == ROLLING and day[seen] - day[seen - 1] > rule[5]:
                continue
            begun = seen - 1 if rule[0] == PLATEAU else seen
            if confirming_visit(day, begun, end, rule) != NOTHING:
                last[k] = seen


@compiled
def first_confirmed(start, day, total, rule, until, confirmed_day):
    """Day on which the first event of each series is confirmed, or NOTHING, for each row of scores.

    ``total`` is (n_row, n_visit), ``confirmed_day`` (n_row, n_series); days are not negative.
    """
    for row in range(total.shape[0]):
        scores = total[row]
        for k in range(start.size - 1):
            begin, end = start[k], start[k + 1]
            confirmed_day[row, k] = NOTHING
            lowest_so_far = _NO_SCORE
            for seen in range(begin + 1, end):
                lowest_so_far = min(lowest_so_far, scores[seen - 1])
                if until[seen] == NOTHING:
                    continue
                if rule[0] == NADIR:
                    against = lowest_so_far
                else:
                    against = lowest_before(day, scores, begin, seen, rule)
                asked = against + rule[1]
                visit = seen
                while visit <= until[seen] and scores[visit] >= asked:
                    visit += 1
                if visit > until[seen]:
                    confirmed_day[row, k] = day[until[seen]]
                    break


@compiled
def standing_gains(start, day, total, rule, left, confirmed, stands):
    """Of each visit whether the event of its series stands: OUTSTANDING before its confirmation,
    then STANDS while the score is at least what was asked, else LOST.

    ``left`` and ``confirmed`` are the places that :func:`lasting_gains` found, NOTHING without one.
    """
    for k in range(start.size - 1):
        begin, end = start[k], start[k + 1]
        for visit in range(begin, end):
            stands[visit] = OUTSTANDING
        if confirmed[k] == NOTHING:
            continue
        asked = lowest_before(day, total, begin, left[k] + 1, rule) + rule[1]
        for visit in range(confirmed[k], end):
            stands[visit] = STANDS if total[visit] >= asked else LOST
