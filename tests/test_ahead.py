"""Work done ahead: in order, and nothing of it left behind."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from alsrev_dagster.ahead import ahead


def test_results_come_in_order_and_no_more_are_begun_than_asked() -> None:
    begun: list[int] = []

    def items() -> object:
        for number in range(20):
            begun.append(number)
            yield number

    with ThreadPoolExecutor(3) as pool:
        results = ahead(pool, lambda n: n * n, items(), n_ahead=4)
        for number in range(20):
            assert next(results) == number * number
            assert len(begun) == min(number + 5, 20)
        assert next(results, None) is None


def test_an_error_comes_in_its_place() -> None:
    with ThreadPoolExecutor(2) as pool:
        results = ahead(pool, lambda n: 6 // (3 - n), range(9), n_ahead=8)
        assert [next(results) for _ in range(3)] == [2, 3, 6]
        with pytest.raises(ZeroDivisionError):
            next(results)


def test_nothing_runs_on_when_it_is_closed() -> None:
    """Each waits for the one before it: cancelled first to last, the second would wait for ever."""
    go, n_done = threading.Event(), 0
    done: list[Future[None]] = [Future() for _ in range(9)]

    def work(number: int) -> int:
        nonlocal n_done
        if number == 1:
            go.wait(5)
        elif number > 1:
            done[number - 1].result(5)
        done[number].set_result(None)
        n_done += 1
        return number

    with ThreadPoolExecutor(1) as pool:
        results = ahead(pool, work, range(9), n_ahead=6)
        assert next(results) == 0
        threading.Timer(0.05, go.set).start()
        results.close()
        assert n_done == 2
    assert n_done == 2
