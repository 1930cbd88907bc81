"""What is left of an association within the levels of a technical factor."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

MaskingStatus = Literal[
    "unknown",
    "one_level",
    "cannot_be_told_apart",
    "no_signal",
    "too_few",
    "holds",
    "vanishes",
]


def level_counts(
    dosage: NDArray[np.float64],
    is_case: NDArray[np.bool_],
    level: NDArray[np.object_],
) -> NDArray[np.int64]:
    """Genotype counts of each side in each level that both sides share.

    Parameters
    ----------
    dosage
        Copies of ALT, NaN for a missing call, shape (n_variant, n_sample).
    is_case
        Shape (n_sample,).
    level
        Stratum and level of the factor of each sample as one text, shape (n_sample,).

    Returns
    -------
    NDArray[np.int64]
        Shape (n_variant, 2, n_shared_level, 3), cases first: samples with dosage 0, 1 and 2.

    Examples
    --------
    >>> dosage = np.array([[0.0, 2.0, 1.0, np.nan]])
    >>> side = np.array([True, True, False, False])
    >>> level_counts(dosage, side, np.array(["a", "b", "b", "b"], dtype=object)).tolist()
    [[[[0, 0, 1]], [[0, 1, 0]]]]
    """
    shared = sorted(set(level[is_case].tolist()) & set(level[~is_case].tolist()))
    groups = np.array(
        [[(is_case == side) & (level == name) for name in shared] for side in (True, False)],
        dtype=np.int64,
    ).reshape(2, len(shared), len(level))
    of_dosage = np.stack([dosage == n for n in range(3)], axis=1).astype(np.int64)
    counts: NDArray[np.int64] = np.einsum("vdn,sln->vsld", of_dosage, groups)
    return counts


def masking_status(
    *,
    n_level: int,
    n_shared_level: int,
    p_value: float,
    masked_p_value: float,
    least_p_value: float,
    is_same_direction: bool,
    p_max: float,
) -> MaskingStatus:
    """What masking a factor does to an association, in a word.

    Parameters
    ----------
    n_level, n_shared_level
        Levels among the samples compared, and those of both sides.
    p_value, masked_p_value
        P of record in all, and within the shared levels.
    least_p_value
        Smallest exact P that the margins within the shared levels can give [1]_.
    is_same_direction
        Both estimates are on one side of 0.
    p_max
        A P value at most this counts as an association.

    Returns
    -------
    str
        ``unknown`` (of nobody is the level known), ``one_level`` (the factor does not vary),
        ``no_signal`` (there was no association to lose), ``cannot_be_told_apart`` (no level
        has both sides), ``too_few`` (those left could not have shown one), ``holds``,
        ``vanishes``.

    Notes
    -----
    Fewer samples give larger P values: ``vanishes`` says that nothing is seen where something
    could have been, not that the factor made the association. ``holds`` clears the
    association of this factor alone.

    References
    ----------
    .. [1] Tarone (1990), Biometrics 46:515-522.

    Examples
    --------
    >>> masking_status(
    ...     n_level=2, n_shared_level=0, p_value=1e-6, masked_p_value=float("nan"),
    ...     least_p_value=1.0, is_same_direction=False, p_max=0.05,
    ... )
    'cannot_be_told_apart'
    """
    if n_level == 0:
        return "unknown"
    if n_level == 1:
        return "one_level"
    if not p_value <= p_max:
        return "no_signal"
    if n_shared_level == 0:
        return "cannot_be_told_apart"
    if least_p_value > p_max:
        return "too_few"
    return "holds" if masked_p_value <= p_max and is_same_direction else "vanishes"
