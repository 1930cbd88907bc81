"""Scores of Gray's test and their covariance, in one stratum, for many labellings at once."""

import numpy as np

from alsrev_dagster.survival.risk import BoolArray, FloatArray


class GroupCurves:
    """Curves of each group in one stratum; arrays of shape (m, b, K), in Gray's words.

    ``h`` is n / S(t-), whose sum over groups stands for those at risk if F is the same in all.
    """

    def __init__(self, n: FloatArray, d: FloatArray, d_other: FloatArray) -> None:
        self.n, self.d, self.d_other = n, d, d_other
        is_here = n > 0
        any_hazard = np.divide(d + d_other, n, out=np.zeros_like(n), where=is_here)
        self.after = np.cumprod(1 - any_hazard, axis=0)
        self.before = _shifted(self.after, 1.0)
        hazard = np.divide(d, n, out=np.zeros_like(n), where=is_here)
        self.incidence_before = _shifted(np.cumsum(self.before * hazard, axis=0), 0.0)
        self.h = np.divide(n, self.before, out=np.zeros_like(n), where=is_here)
        self.h_all = self.h.sum(axis=2, keepdims=True)
        self.d_all = d.sum(axis=2, keepdims=True)
        self.common = np.cumsum(self.d_all / self.h_all, axis=0)
        self.common_before = _shifted(self.common, 0.0)

    def expected(self) -> FloatArray:
        """Events of the cause that each group would have, shape (b, K)."""
        counted = self.h * (1 - self.incidence_before)
        share = counted / np.maximum(counted.sum(axis=2, keepdims=True), np.finfo(float).tiny)
        total: FloatArray = (self.d_all * share).sum(axis=0)
        return total

    def covariance(self) -> FloatArray:
        """Of the scores, shape (b, K, K): what the events of each group add to each score.

        ``direct`` and ``later`` have shape (m, b, score, group).
        """
        share = self.h / self.h_all
        n_group = self.h.shape[2]
        direct = self.h[..., :, None] * (np.eye(n_group) - share[..., None, :])
        free = self.h_all * (1 - self.common_before)
        step = np.divide(self.d_all, free, out=np.zeros_like(free), where=free != 0)[..., None]
        so_far = np.cumsum(direct * step, axis=0)
        later = so_far[-1] - so_far
        is_left = self.after > 0
        ratio = np.divide(1 - self.common, self.after, out=np.zeros_like(self.n), where=is_left)
        own = direct + later * (1 - ratio)[..., None, :]
        other = later * ratio[..., None, :]
        return _outer(own, self._variance()) + _outer(other, self._variance_other(is_left))

    def _variance(self) -> FloatArray:
        """Of an event of the cause under the common incidence, with cmprsk's factor for ties."""
        shown = self.h_all * self.before - 1
        tied = np.divide(
            self.d_all - 1, shown, out=np.zeros_like(shown), where=(self.d_all > 1) & (shown > 0)
        )
        variance = self.before * self.d_all / self.h_all
        each: FloatArray = (1 - tied) * variance
        return np.divide(each, self.n, out=np.zeros_like(self.n), where=self.n > 0)

    def _variance_other(self, is_left: BoolArray) -> FloatArray:
        """Of a competing event; none counts where it leaves nobody."""
        tied = np.divide(
            self.d_other - 1, self.n - 1, out=np.zeros_like(self.n), where=self.d_other > 1
        )
        return np.divide(
            (1 - tied) * self.before**2 * self.d_other,
            self.n**2,
            out=np.zeros_like(self.n),
            where=is_left & (self.n > 0),
        )


def _shifted(curve: FloatArray, first: float) -> FloatArray:
    """Value just before each time."""
    return np.concatenate([np.full_like(curve[:1], first), curve[:-1]])


def _outer(part: FloatArray, variance: FloatArray) -> FloatArray:
    """Sum over times and groups of part part' times its variance."""
    total: FloatArray = np.einsum("mbik,mbjk,mbk->bij", part, part, variance)
    return total
