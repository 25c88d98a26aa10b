"""Loads with real threads and event loops: none is done twice, none waits for itself, none is left hanging."""

import asyncio
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from everwarm import Cache
from everwarm.errors import BackendError, CacheError

WAIT_S = 20


@pytest.fixture
def cache() -> Iterator[Cache]:
    with Cache("rates", directory=None) as cache:
        yield cache


def in_time(work: Callable[[], Any]) -> Any:
    """What something returns; fails if that takes too long, for then it hangs."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(WAIT_S)
    assert outcome, "it hangs"
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]


def test_a_hundred_threads_on_a_miss_load_once(cache: Cache) -> None:
    calls: list[str] = []
    all_there = threading.Barrier(100)

    @cache.cached
    def rate(pair: str) -> int:
        calls.append(pair)
        time.sleep(0.05)
        return len(calls)

    def read() -> int:
        all_there.wait(WAIT_S)
        return rate("EUR")

    with ThreadPoolExecutor(100) as pool:
        results = [future.result(WAIT_S) for future in [pool.submit(read) for _ in range(100)]]
    assert results == [1] * 100
    assert calls == ["EUR"]


def test_a_hundred_tasks_on_a_miss_load_once(cache: Cache) -> None:
    calls: list[str] = []

    @cache.cached
    async def rate(pair: str) -> int:
        calls.append(pair)
        await asyncio.sleep(0.05)
        return len(calls)

    async def main() -> list[int]:
        return await asyncio.gather(*(rate("EUR") for _ in range(100)))

    assert in_time(lambda: asyncio.run(main())) == [1] * 100
    assert calls == ["EUR"]


def test_loads_within_loads_in_threads_never_wait_for_each_other() -> None:
    with Cache("rates", directory=None, threads=1) as cache:

        @cache.cached
        def inner(n: int) -> int:
            return n

        @cache.cached
        def outer(n: int) -> int:
            return sum(inner.get_many([10 * n, 10 * n + 1, 10 * n + 2]))

        assert in_time(lambda: outer.get_many(range(8))) == [30 * n + 3 for n in range(8)]


def test_loads_within_loads_in_tasks_never_wait_for_each_other() -> None:
    with Cache("rates", directory=None, threads=1) as cache:

        @cache.cached
        async def inner(n: int) -> int:
            await asyncio.sleep(0.01)
            return n

        @cache.cached
        async def middle(n: int) -> int:
            return await inner(n)

        @cache.cached
        async def outer(n: int) -> int:
            return await middle(n)

        async def main() -> list[int]:
            return [*await asyncio.gather(*(outer(n) for n in range(40))), *await outer.get_many([40, 41])]

        assert in_time(lambda: asyncio.run(main())) == list(range(42))


def test_a_function_of_one_at_a_time_may_ask_for_another_of_its_keys() -> None:
    with Cache("rates", directory=None, concurrency=1) as cache:

        @cache.cached
        def sum_to(n: int) -> int:
            return n + sum_to(n - 1) if n else 0

        @cache.cached
        async def asum_to(n: int) -> int:
            return n + await asum_to(n - 1) if n else 0

        assert in_time(lambda: sum_to(5)) == 15
        assert in_time(lambda: asyncio.run(asum_to(5))) == 15


def test_a_loader_that_asks_for_its_own_key_is_told_so(cache: Cache) -> None:
    @cache.cached
    def rate(pair: str) -> int:
        return rate(pair)

    @cache.cached
    async def arate(pair: str) -> int:
        return await arate(pair)

    with pytest.raises(CacheError, match=r"asks for .* itself"):
        in_time(lambda: rate("EUR"))
    with pytest.raises(CacheError, match=r"asks for .* itself"):
        in_time(lambda: asyncio.run(arate("EUR")))


def test_a_blocking_read_of_what_is_loaded_on_the_same_loop_is_refused(cache: Cache) -> None:
    loading = threading.Event()

    @cache.loader
    async def load(key: str) -> int:
        loading.set()
        await asyncio.sleep(0.05)
        return 1

    async def main() -> Any:
        task = asyncio.create_task(cache.aget("a"))
        while not loading.is_set():
            await asyncio.sleep(0.001)
        with pytest.raises(CacheError, match="use await"):
            cache.get("a")
        return await task

    assert in_time(lambda: asyncio.run(main())) == 1


# Whether a thread has begun with it or not: nobody may run it here, where it would wait for itself.
def test_a_blocking_read_of_what_is_about_to_be_loaded_on_the_same_loop_is_refused(cache: Cache) -> None:
    @cache.loader
    async def load(key: str) -> int:
        return 1

    async def main() -> list[Any]:
        await cache.aget("opened")
        refused = []
        for n in range(20):
            task = asyncio.create_task(cache.aget(f"a{n}"))
            await asyncio.sleep(0)  # it has begun to load
            with pytest.raises(CacheError, match="use await"):
                cache.get(f"a{n}")
            refused.append(await task)
        return refused

    assert in_time(lambda: asyncio.run(main())) == [1] * 20


def test_a_task_that_is_cancelled_leaves_its_load_to_others(cache: Cache) -> None:
    calls: list[str] = []

    @cache.cached
    async def rate(pair: str) -> int:
        calls.append(pair)
        await asyncio.sleep(0.1)
        return len(calls)

    async def main() -> int:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(rate("EUR"), 0.02)
        return await rate("EUR")

    assert in_time(lambda: asyncio.run(main())) == 1
    assert calls == ["EUR"]


def test_who_waits_for_a_load_on_a_loop_that_ends_loads_anew(cache: Cache) -> None:
    began = threading.Event()
    calls: list[int] = []

    @cache.cached
    async def rate(pair: str) -> str:
        calls.append(1)
        if len(calls) == 1:
            began.set()
            await asyncio.sleep(WAIT_S)
        return "second"

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(rate("EUR"), 0.2)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(asyncio.run, give_up())
        assert began.wait(WAIT_S)
        second = pool.submit(lambda: asyncio.run(rate("EUR")))
        assert second.result(WAIT_S) == "second"
        first.result(WAIT_S)


def test_an_interrupted_thread_does_not_interrupt_the_others(cache: Cache) -> None:
    began, waiting = threading.Event(), threading.Event()
    calls: list[int] = []

    @cache.cached
    def rate(pair: str) -> str:
        calls.append(1)
        if len(calls) == 1:
            began.set()
            assert waiting.wait(WAIT_S)
            time.sleep(0.05)
            raise KeyboardInterrupt
        return "second"

    def second() -> str:
        waiting.set()
        return rate("EUR")

    with ThreadPoolExecutor(2) as pool:
        interrupted = pool.submit(rate, "EUR")
        assert began.wait(WAIT_S)
        assert pool.submit(second).result(WAIT_S) == "second"
        with pytest.raises(KeyboardInterrupt):
            interrupted.result(WAIT_S)


def test_a_refresh_that_is_wanted_now_does_not_take_an_earlier_load_for_it(cache: Cache) -> None:
    began, go = threading.Event(), threading.Event()
    calls: list[int] = []

    @cache.cached
    def rate(pair: str) -> int:
        calls.append(1)
        number = len(calls)
        if number == 1:
            began.set()
            assert go.wait(WAIT_S)
        return number

    with ThreadPoolExecutor(9) as pool:
        miss = pool.submit(rate, "EUR")
        assert began.wait(WAIT_S)
        forced = [pool.submit(rate.refresh, "EUR") for _ in range(8)]
        time.sleep(0.05)
        go.set()
        assert miss.result(WAIT_S) == 1
        results = {one.result(WAIT_S) for one in forced}
    assert min(results) >= 2
    assert len(calls) < 9  # those that wait are served together
    assert rate("EUR") == len(calls)


def test_who_asks_after_an_invalidation_does_not_get_what_was_loaded_before(cache: Cache) -> None:
    began, go = threading.Event(), threading.Event()
    calls: list[int] = []

    @cache.cached
    def rate(pair: str) -> int:
        calls.append(1)
        number = len(calls)
        if number == 1:
            began.set()
            assert go.wait(WAIT_S)
        return number

    with ThreadPoolExecutor(2) as pool:
        old = pool.submit(rate, "EUR")
        assert began.wait(WAIT_S)
        cache.invalidate(prefix="rate")  # there is no value yet, only a lease
        assert in_time(lambda: rate("EUR")) == 2
        go.set()
        assert old.result(WAIT_S) == 1
    assert rate("EUR") == 2


def test_closing_waits_for_loads_and_stores_them(tmp_path: Any) -> None:
    began = threading.Event()
    cache = Cache("rates", directory=tmp_path)

    @cache.cached
    async def rate(pair: str) -> int:
        began.set()
        await asyncio.sleep(0.1)
        return 1

    async def main() -> int:
        task = asyncio.create_task(rate("EUR"))
        while not began.is_set():
            await asyncio.sleep(0.001)
        await asyncio.to_thread(cache.close)
        return await task

    assert in_time(lambda: asyncio.run(main())) == 1
    found = in_time(lambda: asyncio.run(rate.peek("EUR")))
    assert found is not None
    cache.close()


def test_closing_on_the_loop_that_loads_does_not_hang(cache: Cache) -> None:
    began = threading.Event()

    @cache.cached
    async def rate(pair: str) -> int:
        began.set()
        await asyncio.sleep(WAIT_S)
        return 1

    async def main() -> None:
        task = asyncio.create_task(rate("EUR"))
        while not began.is_set():
            await asyncio.sleep(0.001)
        cache.close()
        with pytest.raises(BackendError, match="closed"):
            await task

    in_time(lambda: asyncio.run(main()))


def test_closing_does_not_wait_for_loads_that_wait_for_their_turn(tmp_path: Any) -> None:
    cache = Cache("rates", directory=tmp_path, rate="1/h")

    @cache.cached
    def rate(pair: str) -> int:
        return 1

    assert rate("EUR") == 1
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(rate, "USD")
        time.sleep(0.05)
        in_time(cache.close)
        with pytest.raises(BackendError, match="closed"):
            waiting.result(WAIT_S)
    # Nothing has opened it again: the directory is free for another process.
    free = f"from everwarm import Cache; Cache('rates', directory={str(tmp_path)!r}).start(); print('free')"
    assert run(free) == ("free", "")


def test_a_process_ends_when_its_background_loads_are_done(tmp_path: Any) -> None:
    program = f"""
        import asyncio, time
        from everwarm import Cache
        rates = Cache("rates", directory={str(tmp_path)!r}, refresh=0.2, jitter=0, keep_warm="never")

        @rates.cached
        def rate(pair: str) -> float:
            time.sleep(0.2)
            return time.time()

        @rates.cached
        async def arate(pair: str) -> float:
            await asyncio.sleep(0.2)
            return time.time()

        async def main():
            return await arate("EUR")

        if rate.peek("EUR") is None:
            rate("EUR"), asyncio.run(main())
            time.sleep(0.25)
            rate("EUR"), asyncio.run(main())  # stale: both are loaded in the background when the program ends
        else:
            print(rate.peek("EUR").age_s < 60 and asyncio.run(arate.peek("EUR")).generation > 0)
    """
    assert run(program) == ("", "")
    assert run(program) == ("True", "")


def test_a_process_ends_though_a_load_hangs_on_a_loop_that_is_not_run_any_more(tmp_path: Any) -> None:
    program = f"""
        import asyncio
        from everwarm import Cache
        rates = Cache("rates", directory={str(tmp_path)!r})

        @rates.cached
        async def hangs(pair: str) -> int:
            await asyncio.sleep(3600)
            return 1

        async def give_up():
            try:
                await asyncio.wait_for(hangs("EUR"), 0.1)
            except TimeoutError:
                print("over")

        asyncio.new_event_loop().run_until_complete(give_up())
    """
    assert run(program)[0] == "over"  # asyncio itself complains of the pending task


def test_a_forked_process_has_threads_of_its_own(tmp_path: Any) -> None:
    """A web server's workers, say, whose parent has used the cache; with an endpoint, for a directory has one user."""
    program = """
        import asyncio, os, tempfile
        from pathlib import Path
        from everwarm import Cache
        from everwarm.clock import SystemClock
        from everwarm.stack import Stack

        with Stack(Path(tempfile.mkdtemp()), memory=True) as stack:
            rates = Cache("rates", endpoint=stack.endpoint)

            @rates.cached
            async def rate(n: int) -> int:
                return n

            @rates.cached
            def square(n: int) -> int:
                return n * n

            assert asyncio.run(rate.get_many(range(4))) == [0, 1, 2, 3]
            assert square.get_many(range(4)) == [0, 1, 4, 9]
            child = os.fork()
            if child == 0:
                assert asyncio.run(rate.get_many(range(10, 14))) == [10, 11, 12, 13]
                assert square.get_many(range(10, 14)) == [100, 121, 144, 169]
                os._exit(7)
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            rates.close()
        """
    assert run(program)[0] == "7"


def test_what_a_function_makes_of_its_entries_is_its_own() -> None:
    """The memory layer keeps what was decoded, and who reads a function's entry by its key decodes it otherwise."""
    with Cache("rates", directory=None, memory=10) as cache:

        @cache.cached
        def closing(pair: str) -> date:
            return date(2024, 1, 2)

        assert closing("EUR") == date(2024, 1, 2)
        cache.opened().memory.drop(closing.key("EUR"))  # type: ignore[union-attr]  # it has one
        assert cache.get(closing.key("EUR")) == "2024-01-02"
        assert closing("EUR") == date(2024, 1, 2)


def run(program: str) -> tuple[str, str]:
    """What a program prints, and what it says on its standard error; it ends well."""
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip(), ran.stderr
