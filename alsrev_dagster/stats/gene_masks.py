"""One gene under several masks and weightings, and one P value for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.stats.cauchy import cauchy_combination
from alsrev_dagster.stats.labelings import Labelings, LabelSource
from alsrev_dagster.stats.set_genotypes import SetGenotypes
from alsrev_dagster.stats.set_null import SetNull
from alsrev_dagster.stats.set_statistics import SetStatistics, cauchy_of, set_statistics
from alsrev_dagster.stats.set_tests import SetTest, every_test, labels_of

Floats = NDArray[np.float64]

_N_EXTREME = 10.5
"""Labelings as extreme as the seen, itself among them, that are enough; between whole numbers."""


@dataclass(frozen=True)
class GeneTest:
    """All masks of one gene, on the same labelings."""

    masks: Mapping[str, SetTest]
    omnibus_p: float
    """Of record: the masks' omnibus statistics combined, referred to the same labelings."""
    cauchy_p: float
    """The masks' omnibus P values by Cauchy's distribution."""


@dataclass(frozen=True)
class _Round:
    """Statistics of each mask on some labelings, and what they say of the gene."""

    masks: Mapping[str, tuple[SetGenotypes, Floats, SetStatistics]]
    """Genotypes, weights and statistics."""
    labels: Labelings
    omnibus_p: float


def _round(
    genotypes: SetGenotypes, masks: Mapping[str, Floats], null: SetNull, labels: Labelings
) -> _Round:
    held = {}
    for name, weight in masks.items():
        is_in = ~np.isnan(weight)
        part, own = genotypes.take(is_in), weight[is_in]
        held[name] = part, own, set_statistics(part, own, null, labels)
    omnibus = [statistic.omnibus for _, _, statistic in held.values()]
    over_masks = cauchy_of(labels, np.column_stack(omnibus), np.ones(len(omnibus)))
    return _Round(held, labels, float(labels.tail(over_masks)[0]))


def _every_test(found: _Round, null: SetNull) -> GeneTest:
    tests = {
        name: every_test(part, own, null, (statistic, found.labels))
        for name, (part, own, statistic) in found.masks.items()
    }
    each = np.array([test.resampled.omnibus_p for test in tests.values()])
    return GeneTest(tests, found.omnibus_p, cauchy_combination(each))


def escalated_gene_test(
    genotypes: SetGenotypes,
    masks: Mapping[str, Floats],
    null: SetNull,
    *,
    n_draws: Sequence[int],
    rng: LabelSource,
) -> GeneTest:
    """Test a gene with ever more labelings, as long as too few of them are as extreme.

    Parameters
    ----------
    genotypes
        Of the gene's variants, in the samples of ``null``.
    masks
        By name of each mask the weight of each variant, shape (n_variant,); NaN for one that
        is not in the mask. At least one mask, each with at least one variant.
    null, rng
        As in ``set_test``.
    n_draws
        Labelings of each round, the fewest first: (999, 9_999, 99_999) spends a millisecond
        a gene where nothing is seen, and gives P values down to 1e-5.

    Returns
    -------
    GeneTest
        Of the last round made; ``n_labeling`` tells which. Several weightings of one mask count
        as several masks.

    Raises
    ------
    InputDataError
        As ``set_test``, and if there is no mask or no round is asked for.

    Notes
    -----
    Masks overlap, so their P values depend on each other; the labelings that they share carry
    that dependence into the P value of the gene. Genes stay to be corrected for.

    A round is followed by another when the gene's omnibus P value is at most 10 of its
    labelings. Each round draws anew. The omnibus P value that is given is valid: below that
    limit only the later round's can be, and it is a valid one; above, only the earlier's. Of
    ``shared_labels`` genes share the draws of a round, which saves most of the time. A
    hundred thousand labelings of 265 samples are 26 megabytes, their scores eight times the
    variants' number of them.

    Examples
    --------
    >>> from alsrev_dagster.stats.set_genotypes import set_genotypes
    >>> from alsrev_dagster.stats.set_null import set_null
    >>> genotypes, null = set_genotypes(np.eye(265)[:, :3]), set_null(np.arange(265) < 22)
    >>> rounds, rng = (9, 99), np.random.default_rng(1)
    >>> found = escalated_gene_test(genotypes, {"all": np.ones(3)}, null, n_draws=rounds, rng=rng)
    >>> found.masks["all"].resampled.is_exact
    True
    """
    found: _Round | None = None
    _require_masks(masks)
    for n_draw in n_draws:
        labels = labels_of(genotypes, null, n_draw=n_draw, rng=rng)
        found = _round(genotypes, masks, null, labels)
        if labels.is_complete or found.omnibus_p * (n_draw + 1) > _N_EXTREME:
            break
    if found is None:
        raise InputDataError(
            "n_draws is empty: expected the labelings of at least one round, such as (999, 9_999)"
        )
    return _every_test(found, null)


def _require_masks(masks: Mapping[str, Floats]) -> None:
    if not masks:
        raise InputDataError(
            "no mask of the gene was given: expected at least one; leave the gene out"
        )
