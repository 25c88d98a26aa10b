"""Loaders that ask for other keys: none of them waits for ever, neither for another nor for its turn."""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from everwarm import Cache
from everwarm.cache.policies.limits import Limits
from everwarm.clock import ManualClock
from everwarm.errors import CacheError
from tests.stack.support import eventually

WAIT_S = 20


@pytest.fixture
def make() -> Iterator[Callable[..., Cache]]:
    made: list[Cache] = []

    def make(name: str = "rates", **settings: Any) -> Cache:
        made.append(Cache(name, directory=None, **settings))
        return made[-1]

    yield make
    for cache in made:
        cache.close()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def refused(waiting: "Future[Any]") -> str:
    with pytest.raises(CacheError) as raised:
        waiting.result(WAIT_S)
    return str(raised.value)


@pytest.mark.parametrize("keys", ["ab", "abc"])
def test_loaders_that_ask_for_each_other_in_a_ring_are_told(
    make: Callable[..., Cache], pool: ThreadPoolExecutor, keys: str
) -> None:
    cache, all_there = make(), threading.Barrier(len(keys))
    following = dict(zip(keys, keys[1:] + keys[:1], strict=True))

    @cache.loader
    def load(key: str) -> str:
        all_there.wait(WAIT_S)
        return str(cache.get(following[key]))

    for reader in [pool.submit(cache.get, key) for key in keys]:
        text = refused(reader)
        assert "they would wait for each other for ever" in text


def test_so_they_are_through_two_caches(make: Callable[..., Cache], pool: ThreadPoolExecutor) -> None:
    one, other, all_there = make(), make("others"), threading.Barrier(2)

    @one.cached
    def rate(pair: str) -> str:
        all_there.wait(WAIT_S)
        return inverse(pair)

    @other.cached
    def inverse(pair: str) -> str:
        all_there.wait(WAIT_S)
        return rate(pair)

    for reader in [pool.submit(rate, "EUR"), pool.submit(inverse, "EUR")]:
        assert "they would wait for each other for ever" in refused(reader)


async def test_so_they_are_on_an_event_loop(make: Callable[..., Cache]) -> None:
    cache = make()
    both_there = asyncio.Barrier(2)

    @cache.cached
    async def rate(pair: str) -> str:
        await both_there.wait()
        return await rate({"a": "b", "b": "a"}[pair])

    async with asyncio.timeout(WAIT_S):
        outcomes = await asyncio.gather(rate("a"), rate("b"), return_exceptions=True)
    for outcome in outcomes:
        assert isinstance(outcome, CacheError)
        assert "they would wait for each other for ever" in str(outcome)


async def test_who_has_given_up_waiting_is_in_no_ring(make: Callable[..., Cache]) -> None:
    """A loader that waits for another one for a while only."""
    cache = make()
    given_up, go = asyncio.Event(), asyncio.Event()

    @cache.cached
    async def slow(number: int) -> int:
        await given_up.wait()
        return await quick(number)

    @cache.cached
    async def quick(number: int) -> int:
        try:
            async with asyncio.timeout(0.05):
                return await slow(number)
        except TimeoutError:
            given_up.set()
            await go.wait()
            return -1

    async with asyncio.timeout(WAIT_S):
        waiting = asyncio.create_task(slow(1))
        reader = asyncio.create_task(quick(1))
        await given_up.wait()
        await asyncio.sleep(0.05)  # for the slow one to have asked the quick one
        go.set()
        assert await reader == -1
        assert await waiting == -1


def test_what_several_loaders_ask_for_is_no_ring(make: Callable[..., Cache], pool: ThreadPoolExecutor) -> None:
    cache = make()

    @cache.cached
    def fibonacci(n: int) -> int:
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    readers = [pool.submit(fibonacci, n) for n in (16, 15, 14, 16, 13, 15)]
    assert [reader.result(WAIT_S) for reader in readers] == [987, 610, 377, 987, 233, 610]


async def test_nor_is_it_on_an_event_loop(make: Callable[..., Cache]) -> None:
    """All at once, so that each load waits for two that wait for two, and so on."""
    cache = make()

    @cache.cached
    async def fibonacci(n: int) -> int:
        return n if n < 2 else sum(await asyncio.gather(fibonacci(n - 1), fibonacci(n - 2)))

    async with asyncio.timeout(WAIT_S):
        assert await fibonacci(60) == 1548008755920


def waiting(limits: Limits) -> Callable[[], bool]:
    return lambda: bool(limits._waiting)


def test_a_loader_gets_what_waits_for_the_place_that_it_has(
    make: Callable[..., Cache], pool: ThreadPoolExecutor
) -> None:
    """`concurrency=1`, and somebody else has asked for what it asks for just before."""
    cache = make(concurrency=1)
    began, go = threading.Event(), threading.Event()

    @cache.cached
    def node(number: int) -> int:
        if number == 1:
            return 1
        began.set()
        assert go.wait(WAIT_S)
        return node(number - 1) + 1

    upper = pool.submit(node, 2)
    assert began.wait(WAIT_S)
    lower = pool.submit(node, 1)
    eventually(waiting(node.loader.limits))
    go.set()
    assert (upper.result(WAIT_S), lower.result(WAIT_S)) == (2, 1)


def test_loaders_that_have_all_places_get_what_waits_for_one(
    make: Callable[..., Cache], pool: ThreadPoolExecutor
) -> None:
    """As before, with two places: each of those who have them asks for something else."""
    cache = make(concurrency=2)
    began, go = threading.Barrier(3), threading.Event()

    @cache.cached
    def node(number: int) -> int:
        if number > 10:
            return 1
        began.wait(WAIT_S)
        assert go.wait(WAIT_S)
        return node(number + 10) + 1

    upper = [pool.submit(node, number) for number in (1, 2)]
    began.wait(WAIT_S)
    lower = [pool.submit(node, number) for number in (11, 12)]
    eventually(lambda: len(node.loader.limits._waiting) == 2)
    go.set()
    assert [one.result(WAIT_S) for one in upper + lower] == [2, 2, 1, 1]


def test_two_functions_of_one_place_each_that_ask_for_each_other(
    make: Callable[..., Cache], pool: ThreadPoolExecutor
) -> None:
    """No ring of keys: each only waits for the place that the other has."""
    cache, both_there = make(concurrency=1), threading.Barrier(2)

    @cache.cached
    def even(number: int) -> bool:
        if number == 8:
            both_there.wait(WAIT_S)
        return number == 0 or odd(number - 1)

    @cache.cached
    def odd(number: int) -> bool:
        if number == 5:
            both_there.wait(WAIT_S)
        return number != 0 and even(number - 1)

    readers = [pool.submit(even, 8), pool.submit(odd, 5)]
    assert [reader.result(WAIT_S) for reader in readers] == [True, True]


def test_a_place_that_becomes_free_is_waited_for(make: Callable[..., Cache], pool: ThreadPoolExecutor) -> None:
    """Of two places one is held by a load that waits for nobody: there are never more than two."""
    cache = make(concurrency=2)
    began, go, end = threading.Event(), threading.Event(), threading.Event()
    at_it: list[int] = []
    most: list[int] = []

    @cache.cached
    def node(number: int) -> int:
        at_it.append(number)
        most.append(len(at_it))
        try:
            if number == 9:
                assert end.wait(WAIT_S)
            if number == 2:
                began.set()
                assert go.wait(WAIT_S)
            return number
        finally:
            at_it.remove(number)

    @make("others").cached
    def asks(number: int) -> int:
        return node(number)

    blocker, upper = pool.submit(node, 9), pool.submit(node, 2)
    assert began.wait(WAIT_S)
    lower = pool.submit(node, 1)
    eventually(waiting(node.loader.limits))
    through = pool.submit(asks, 1)
    go.set()
    assert (upper.result(WAIT_S), lower.result(WAIT_S), through.result(WAIT_S)) == (2, 1, 1)
    end.set()
    assert blocker.result(WAIT_S) == 9
    assert max(most) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_has_all_places() -> None:
    """Who held them is not there to give them back."""
    clock = ManualClock()
    limits = Limits.of(concurrency=1, now=clock.elapsed, pause=clock.advance)
    with limits.admit():
        child = os.fork()
        if child == 0:
            held = threading.Thread(target=lambda: limits.admit().__enter__(), daemon=True)
            held.start()
            held.join(5)
            os._exit(int(held.is_alive()))
        assert os.waitpid(child, 0)[1] == 0
