"""Shuffled places: each once, in their stratum, every order as likely."""

from collections import Counter

import numpy as np

from alsrev_dagster.stats.permuted_orders import permuted_orders


def test_samples_stay_in_their_stratum_and_each_is_there_once() -> None:
    stratum = np.array(["a", "b", "a", "c", "b", "a", "b"])
    orders = permuted_orders(stratum, n_permutation=50, generator=np.random.default_rng(1))
    assert (np.sort(orders, axis=1) == np.arange(7)).all()
    assert (stratum[orders] == stratum).all()


def test_every_order_of_a_stratum_is_as_likely() -> None:
    orders = permuted_orders(np.zeros(3), n_permutation=6_000, generator=np.random.default_rng(2))
    counts = Counter(map(tuple, orders.tolist()))
    # of 6 orders each is expected 1,000 times, with a standard deviation of 29
    assert len(counts) == 6
    assert all(abs(n - 1_000) < 5 * 29 for n in counts.values())
