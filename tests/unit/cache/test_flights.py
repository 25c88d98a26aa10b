"""One load for each key in a process."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from everwarm.cache.flights import Flights
from everwarm.cache.waits import Wait
from everwarm.errors import CacheError

WAIT_S = 20


def fly(flights: Flights[Any], key: str, work: Any) -> Any:
    flight, _ = flights.join(key, work)
    wait = Wait(flight)
    flight.run()
    try:
        return flight.result()
    finally:
        wait.end()


def test_who_comes_while_it_is_under_way_gets_what_it_brings() -> None:
    flights: Flights[int] = Flights()
    began, go = threading.Event(), threading.Event()
    calls: list[int] = []

    def work() -> int:
        calls.append(1)
        began.set()
        assert go.wait(WAIT_S)
        return 7

    with ThreadPoolExecutor(8) as pool:
        results = [pool.submit(fly, flights, "a", work) for _ in range(8)]
        assert began.wait(WAIT_S)
        go.set()
        assert [result.result(WAIT_S) for result in results] == [7] * 8
    assert len(calls) == 1


def test_who_comes_afterwards_begins_anew() -> None:
    flights: Flights[int] = Flights()
    results = iter([1, 2])
    assert fly(flights, "a", lambda: next(results)) == 1
    assert fly(flights, "a", lambda: next(results)) == 2
    assert "a" not in flights


def test_it_is_over_before_anybody_is_told() -> None:
    """Else who was told, and asks again, would be told the same."""
    flights: Flights[int] = Flights()
    flight, _ = flights.join("a", lambda: 1)
    there: list[bool] = []
    flight.future.add_done_callback(lambda _: there.append("a" in flights))
    flight.run()
    assert there == [False]


def test_all_are_told_of_an_error_each_with_the_traceback_of_where_it_arose() -> None:
    flights: Flights[int] = Flights()

    def work() -> int:
        raise ValueError("no source")

    flight, _ = flights.join("a", work)
    flight.run()
    depths = []
    for _ in range(3):
        with pytest.raises(ValueError, match="no source") as caught:
            flight.result()
        depths.append(len(caught.traceback))
        assert caught.traceback[-1].name == "work"
    assert depths[0] == depths[1] == depths[2]


def test_a_flight_that_waits_for_a_thread_is_taken_over() -> None:
    flights: Flights[int] = Flights()
    with ThreadPoolExecutor(1) as pool:
        busy = threading.Event()
        pool.submit(busy.wait, WAIT_S)
        flight, is_new = flights.join("a", lambda: 1)
        assert is_new
        flight.run_by(pool, here=True)
        assert fly(flights, "a", lambda: 2) == 1
        busy.set()


def test_left_flights_are_joined_no_more() -> None:
    flights: Flights[int] = Flights()
    old, _ = flights.join("a", lambda: 1)
    flights.leave("a")
    new, is_new = flights.join("a", lambda: 2)
    assert is_new
    assert new.number > old.number
    old.run()
    assert "a" in flights
    new.run()
    assert (old.result(), new.result()) == (1, 2)


def test_a_load_that_asks_for_itself_is_told_so() -> None:
    flights: Flights[int] = Flights()

    def work() -> int:
        return int(fly(flights, "b", lambda: int(fly(flights, "a", lambda: 0))))

    with pytest.raises(CacheError, match="'a' asks for 'a' itself"):
        fly(flights, "a", work)
    assert "a" not in flights


def test_a_closed_pool_leaves_nothing_behind() -> None:
    flights: Flights[int] = Flights()
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    flight, _ = flights.join("a", lambda: 1)
    with pytest.raises(RuntimeError):
        flight.run_by(pool, here=False)
    assert "a" not in flights
