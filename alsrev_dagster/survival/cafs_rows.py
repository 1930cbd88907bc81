"""Function and survival together (CAFS), carriers against others: one table."""

from collections.abc import Iterator, Sequence

import numpy as np

from alsrev_dagster.survival.cafs import cafs_score, cafs_test
from alsrev_dagster.survival.course_design import GeneticModel, genotype_code
from alsrev_dagster.survival.course_people import CoursePeople
from alsrev_dagster.survival.risk import FloatArray

_MODELS: tuple[GeneticModel, ...] = ("dominant", "recessive")
_DAY = 0.5 / 30.4375


def cafs_rows(
    people: CoursePeople, horizons_months: Sequence[float], *, n_permutation: int, seed: int
) -> Iterator[dict[str, object]]:
    """Rows of result.cafs of one variant: genetic model x horizon, compared within strata.

    Time is since entry; who was not under observation after it is left out.
    """
    mine = people.of(people.until_months > people.entry_months)
    if not len(mine.dosage):
        return
    lived = mine.until_months - mine.entry_months
    for horizon in horizons_months:
        score = cafs_score(
            lived,
            mine.died,
            _change(mine, horizon),
            horizon_months=horizon,
            stratum=mine.stratum,
        )
        rank = (score.rank - 0.5) / np.bincount(mine.stratum)[mine.stratum]
        for genetic_model in _MODELS:
            carrier = genotype_code(mine.dosage, genetic_model) > 0
            name = f"{people.variant_id} {genetic_model} {horizon:g}"
            found = cafs_test(
                score,
                carrier,
                stratum=mine.stratum,
                random=np.random.default_rng([seed, *name.encode()]),
                n_permutation=n_permutation,
            )
            yield {
                "locus": people.locus,
                "variant_id": people.variant_id,
                "genetic_model": genetic_model,
                "horizon_months": horizon,
                "n": len(carrier),
                "n_carrier": found.n_carrier,
                "n_event": int((mine.died & (lived <= horizon)).sum()),
                "mean_rank_carrier": _mean(rank[carrier]),
                "mean_rank_non_carrier": _mean(rank[~carrier]),
                "p_value": found.p_value,
                "permutation_p_value": found.permutation_p,
                "n_permutation": found.n_permutation,
                "n_pair": _n_pair(mine),
                "n_undecided_pair": found.n_undecided,
            }


def _change(people: CoursePeople, horizon: float) -> FloatArray:
    """Last total by the horizon less the first one after entry; NaN without two."""
    visits = people.visits
    since = visits.months - people.entry_months[visits.person]
    usable = (since >= -_DAY) & (since <= horizon)
    order = np.lexsort((since[usable], visits.person[usable]))
    person, score = visits.person[usable][order], visits.score[usable][order]
    change = np.full(len(people.dosage), np.nan)
    who, first, n_seen = np.unique(person, return_index=True, return_counts=True)
    again = n_seen > 1
    change[who[again]] = score[(first + n_seen - 1)[again]] - score[first[again]]
    return change


def _n_pair(people: CoursePeople) -> int:
    """Pairs of people of one stratum."""
    n = np.bincount(people.stratum)
    return int((n * (n - 1) // 2).sum())


def _mean(rank: FloatArray) -> float:
    return float(rank.mean()) if len(rank) else float("nan")
