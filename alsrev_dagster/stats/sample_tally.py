"""Quality of each sample, from packed genotypes that arrive in blocks."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from alsrev_dagster.errors import InputDataError
from alsrev_dagster.packing import n_byte
from alsrev_dagster.stats.kernel import counts as kernel
from alsrev_dagster.stats.planes import require_packed

N_X_VARIANT_MIN = 50
"""Called, polymorphic X variants below which an X heterozygosity means nothing."""
N_Y_VARIANT_MIN = 20
"""Y variants below which the share called means nothing."""

_AUTOSOME, _X, _Y, _N_PLACE = 1, 2, 3, 4
"""Where a variant lies; 0 is elsewhere."""
_TRANSITION, _TRANSVERSION, _N_KIND = 4, 8, 12
"""What it changes, added to the place; 0 is another change."""

_Number = TypeVar("_Number", np.int64, np.float64)


@dataclass(frozen=True)
class VariantKind:
    """What the variants of a block are; arrays of shape (n_variant,)."""

    is_autosome: bool
    is_transition: NDArray[np.bool_]
    is_transversion: NDArray[np.bool_]
    is_x_outside_par: NDArray[np.bool_]
    is_y_outside_par: NDArray[np.bool_]


@dataclass(frozen=True)
class SampleMetrics:
    """Quality of each sample; every array has shape (n_sample,)."""

    n_called: NDArray[np.int64]
    """Variants with a call."""
    n_missing: NDArray[np.int64]
    """Variants without one."""
    n_het: NDArray[np.int64]
    """Heterozygous calls, all chromosomes."""
    n_hom_alt: NDArray[np.int64]
    """Homozygous ALT calls, all chromosomes."""
    n_singleton: NDArray[np.int64]
    """Variants whose minor allele, ALT or REF, is carried once, by this sample."""
    het_rate: NDArray[np.float64]
    """Heterozygous of called autosomal variants, in [0, 1]; NaN where none is called."""
    inbreeding_f: NDArray[np.float64]
    """1 - observed / expected autosomal heterozygotes; at most 1; NaN where none expected."""
    het_hom_ratio: NDArray[np.float64]
    """n_het / n_hom_alt; NaN without a homozygous ALT call."""
    ti_tv: NDArray[np.float64]
    """Transitions per transversion carried (het or hom-alt); NaN without transversions."""
    x_het_rate: NDArray[np.float64]
    """Heterozygous of called polymorphic X variants outside PAR; NaN below 50 of them."""
    y_call_rate: NDArray[np.float64]
    """Called of Y variants outside PAR that somebody has a call of; NaN below 20 of them."""

    def take(self, sample: NDArray[np.int64]) -> "SampleMetrics":
        """Metrics of some samples, in that order."""
        return SampleMetrics(**{name: values[sample] for name, values in vars(self).items()})

    @classmethod
    def side_by_side(cls, parts: "list[SampleMetrics]") -> "SampleMetrics":
        """Metrics of the samples of several tallies, one after the other."""
        return cls(
            **{
                name: np.concatenate([vars(part)[name] for part in parts])
                for name in vars(parts[0])
            }
        )


class SampleTally:
    """Running counts of each sample's calls.

    Parameters
    ----------
    n_sample
        Samples in every block, in the same order.

    Raises
    ------
    InputDataError
        If a block has another number of samples, or its counts another number of variants.

    Notes
    -----
    Expected heterozygotes of a variant are 2pq * 2n / (2n - 1), n being its called
    samples, as PLINK 1.9 ``--het`` [1]_. Frequencies are those of the samples counted,
    so samples of a minority ancestry, or relatives, shift everybody's inbreeding_f.

    References
    ----------
    .. [1] Chang et al. (2015), GigaScience 4:7; Nei (1978), Genetics 89:583-590.

    Examples
    --------
    >>> from alsrev_dagster.packing import pack
    >>> no = np.array([False, False])
    >>> tally = SampleTally(n_sample=2)
    >>> tally.add(
    ...     pack(np.array([[0, 1], [2, 3]], dtype=np.uint8)),
    ...     counts=np.array([[1, 1, 0, 0], [0, 0, 1, 1]]),
    ...     kind=VariantKind(True, ~no, no, no, no),
    ... )
    >>> metrics = tally.metrics()
    >>> metrics.n_called.tolist(), metrics.n_singleton.tolist(), metrics.het_rate.tolist()
    ([2, 1], [0, 1], [0.0, 1.0])
    """

    def __init__(self, n_sample: int) -> None:
        self._n_sample = n_sample
        shape = (4, n_byte(n_sample))
        self._count = np.zeros((_N_KIND, kernel.N_CODE, *shape), dtype=np.int64)
        self._singleton = np.zeros(shape, dtype=np.int64)
        self._expected_missing = np.zeros(shape)
        self._n_variant = np.zeros(_N_KIND, dtype=np.int64)
        self._expected = 0.0

    def add(
        self, packed: NDArray[np.uint8], *, counts: NDArray[np.int64], kind: VariantKind
    ) -> None:
        """Count a block of packed genotypes, shape (n_variant, n_byte).

        ``counts`` are n_hom_ref, n_het, n_hom_alt, n_missing of each variant over all samples
        that are judged together, also those of other tallies.
        """
        packed = require_packed(packed, self._n_sample)
        self._require_one_each(packed, counts, kind)
        allele_count = counts[:, 1] + 2 * counts[:, 2]
        other_count = counts[:, 1] + 2 * counts[:, 0]
        number = np.full(len(packed), _AUTOSOME if kind.is_autosome else 0)
        number[kind.is_x_outside_par & (allele_count > 0) & (other_count > 0)] = _X
        number[kind.is_y_outside_par & (allele_count + other_count > 0)] = _Y
        number += _TRANSITION * kind.is_transition + _TRANSVERSION * kind.is_transversion
        kernel.count_samples(packed, number, self._count)
        self._n_variant += np.bincount(number, minlength=_N_KIND)
        is_singleton = (allele_count == 1) | (other_count == 1)
        kernel.add_singletons(packed, np.flatnonzero(is_singleton), self._singleton)
        if kind.is_autosome:
            expected = _expected_het(allele_count, other_count)
            has_missing = np.flatnonzero(counts[:, 3])
            kernel.add_where_missing(packed, has_missing, expected, self._expected_missing)
            self._expected += float(expected.sum())

    def metrics(self) -> SampleMetrics:
        """Quality of each sample over all blocks added so far."""
        n_het, n_hom_alt, n_missing = self._sums(slice(None))
        het_autosome, _, missing_autosome = self._sums(_AUTOSOME, _N_PLACE)
        het_x, _, missing_x = self._sums(_X, _N_PLACE)
        _, _, missing_y = self._sums(_Y, _N_PLACE)
        n_transition, n_transversion = (
            self._sums(slice(kind, kind + _N_PLACE))[:2].sum(axis=0)
            for kind in (_TRANSITION, _TRANSVERSION)
        )
        n_x_called = self._n_variant[_X::_N_PLACE].sum() - missing_x
        x_het_rate = _ratio(het_x, n_x_called)
        x_het_rate[n_x_called < N_X_VARIANT_MIN] = np.nan
        n_y = int(self._n_variant[_Y::_N_PLACE].sum())
        n_y_counted = np.full(self._n_sample, n_y if n_y >= N_Y_VARIANT_MIN else 0)
        n_autosome_called = self._n_variant[_AUTOSOME::_N_PLACE].sum() - missing_autosome
        expected = self._expected - self._by_sample(self._expected_missing)
        return SampleMetrics(
            n_called=self._n_variant.sum() - n_missing,
            n_missing=n_missing,
            n_het=n_het,
            n_hom_alt=n_hom_alt,
            n_singleton=self._by_sample(self._singleton),
            het_rate=_ratio(het_autosome, n_autosome_called),
            inbreeding_f=1 - _ratio(het_autosome, expected),
            het_hom_ratio=_ratio(n_het, n_hom_alt),
            ti_tv=_ratio(n_transition, n_transversion),
            x_het_rate=x_het_rate,
            y_call_rate=_ratio(n_y_counted - missing_y, n_y_counted),
        )

    def _sums(self, kind: int | slice, step: int | None = None) -> NDArray[np.int64]:
        """Heterozygous, hom-alt and missing calls of each sample at kinds of variants."""
        kinds = kind if isinstance(kind, slice) else slice(kind, None, step)
        sums = self._count[kinds].sum(axis=0)
        return np.stack([self._by_sample(of_code) for of_code in sums])

    def _by_sample(self, total: NDArray[_Number]) -> NDArray[_Number]:
        """Totals of shape (4, n_byte) in the order of the samples."""
        return total.T.reshape(-1)[: self._n_sample].copy()

    def _require_one_each(
        self, packed: NDArray[np.uint8], counts: NDArray[np.int64], kind: VariantKind
    ) -> None:
        masks = (kind.is_transition, kind.is_transversion, kind.is_x_outside_par)
        shapes = {mask.shape for mask in (*masks, kind.is_y_outside_par)}
        if counts.shape != (len(packed), 4) or shapes != {(len(packed),)}:
            raise InputDataError(
                f"a block of {len(packed)} variants has counts of shape {counts.shape} and masks "
                f"of shapes {sorted(shapes)}: expected ({len(packed)}, 4) and ({len(packed)},); "
                "give one row of counts and one mask entry per variant"
            )


def _expected_het(
    allele_count: NDArray[np.int64], other_count: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the unbiased expected share of heterozygotes; 0 where none is called.

    2pq * 2n / (2n - 1), with p = allele_count / 2n and q = other_count / 2n.
    """
    pairs = (allele_count + other_count) * (allele_count + other_count - 1)
    return _ratio(2 * allele_count * other_count, np.maximum(pairs, 1))


def _ratio(
    part: NDArray[np.int64] | NDArray[np.float64], whole: NDArray[np.int64] | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Quotient, NaN where the whole is 0."""
    quotient = np.full(whole.shape, np.nan)
    np.divide(part, whole, out=quotient, where=whole > 0)
    return quotient
