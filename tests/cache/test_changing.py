"""Setting, refreshing, invalidating, opening and closing, on each backend."""

import asyncio
import contextlib
import threading
from collections import Counter
from typing import Any

import pytest

from everwarm import Cache
from everwarm.cache.backends.embedded import Embedded
from everwarm.clock import ManualClock
from everwarm.errors import CacheError, UnstorableValue, ValueTooLarge
from tests.cache.backends import Bench
from tests.cache.caches import WAIT_S, Make, Source, until


def keys(cache: Cache) -> list[str]:
    return sorted(entry.key for entry in cache.entries())


def places(cache: Cache) -> list[str]:
    """Everything in the table."""
    page = cache.opened().table.backend.call("Scan", {"TableName": cache.table, "ConsistentRead": True})
    return sorted(item["key"]["S"] for item in page["Items"])


def test_a_value_by_hand(make: Make, backend: Bench) -> None:
    cache = make()
    entry = cache.set("a", {"by": "hand"}, refresh="1m", keep="5m", tags=["x"])
    assert cache.get("a") == {"by": "hand"}
    assert entry.tags == {"x"}
    assert entry.fresh_until == pytest.approx(entry.loaded_at + 60, abs=0.01)
    assert places(cache) == ["a"]  # nothing could refresh it, so there is no timer
    later = cache.set("a", 2)
    assert later.generation > entry.generation
    backend.clock.advance(601)
    assert cache.get("a") == 2
    backend.clock.advance(86400)
    assert cache.get("a") is None


def test_a_value_by_hand_that_a_loader_keeps_fresh(make: Make, backend: Bench) -> None:
    cache, source = make(), Source()
    cache.loader(source)
    cache.set("a", "by hand")
    assert places(cache) == ["a", "timer#a"]
    backend.advance(601, cache.table)
    assert cache.get("a") == {"key": "a", "number": 1}


def test_what_is_set_while_a_load_is_under_way_stays(make: Make) -> None:
    cache = make()

    @cache.loader
    def load(key: str) -> str:
        cache.set(key, "by hand")
        return "loaded"

    assert cache.get("a") == "loaded"
    assert cache.get("a") == "by hand"
    assert cache.refresh("a").value == "loaded"
    assert cache.get("a") == "by hand"
    assert places(cache) == ["a", "timer#a"]


def test_what_is_invalidated_while_a_load_is_under_way_is_not_stored(make: Make) -> None:
    cache, source = make(), Source()

    @cache.loader
    def load(key: str) -> Any:
        value = source(key)
        if value["number"] < 3:
            cache.invalidate(key) if value["number"] == 1 else cache.invalidate(everything=True)
        return value

    assert cache.get("a")["number"] == 1
    assert places(cache) == []
    assert cache.get("a")["number"] == 2
    assert places(cache) == []
    assert cache.get("a")["number"] == 3
    assert cache.get("a")["number"] == 3


def test_what_cannot_be_stored_is_said(make: Make, backend: Bench) -> None:
    cache = make(max_bytes="1KB")
    with pytest.raises(UnstorableValue):
        cache.set("a", object())
    with pytest.raises(ValueTooLarge, match="1,024"):
        cache.set("a", "x" * 2000)
    cache.loader(lambda key: "x" * 2000)
    with pytest.raises(ValueTooLarge):
        cache.get("a")
    assert places(cache) == []
    with pytest.raises(ValueTooLarge, match="409,600"):
        make(max_bytes=None).set("a", "x" * 500_000)
    compressed = make(compress_above="10KB")
    compressed.set("b", "x" * 500_000)
    assert compressed.get("b") == "x" * 500_000


def test_invalidating(make: Make) -> None:
    cache, source = make(), Source()
    cache.loader(source)
    for key in ("fx:a", "fx:b", "other"):
        cache.get(key)
    cache.set("tagged", 1, tags=["t", "u"])
    cache.set("fx:tagged", 1, tags=["t"])
    assert cache.invalidate("nobody") == 0
    assert cache.invalidate("fx:a") == 1
    assert keys(cache) == ["fx:b", "fx:tagged", "other", "tagged"]
    assert cache.invalidate(tag="u") == 1
    assert cache.invalidate(prefix="fx:") == 2
    assert keys(cache) == ["other"]
    for n in range(30):
        cache.set(f"k{n}", n)
    assert cache.invalidate(everything=True) == 31
    assert places(cache) == []
    with pytest.raises(CacheError, match="say what"):
        cache.invalidate()


def test_invalidated_keys_are_loaded_anew(make: Make, backend: Bench) -> None:
    cache, source = make(memory=100), Source()
    cache.loader(source)
    first = cache.entry("a")
    assert first is not None
    cache.invalidate("a")
    backend.clock.advance(0.01)
    again = cache.entry("a")
    assert again is not None
    assert (again.value["number"], again.generation > first.generation) == (2, True)


def test_a_refresh_that_fails_leaves_the_value(make: Make, backend: Bench) -> None:
    cache, source = make(), Source()
    cache.loader(source)
    cache.get("a")
    source.error = OSError("down")
    with pytest.raises(OSError, match="down"):
        cache.refresh("a")
    entry = cache.entry("a")
    assert entry is not None
    assert (entry.value["number"], entry.failures, entry.state) == (1, 1, "fresh")
    source.error = None
    backend.advance(11, cache.table)  # it is tried again by itself
    until(lambda: cache.get("a")["number"] == 3)


@pytest.mark.parametrize("key", ["", "timer#a", "lease#a", "x" * 2048])
def test_keys_that_may_not_be(make: Make, key: str) -> None:
    cache = make()
    for use in (
        cache.get,
        cache.peek,
        cache.refresh,
        cache.invalidate,
        lambda key: cache.set(key, 1),
        lambda key: cache.get_many([key]),
    ):
        with pytest.raises(CacheError, match="key"):
            use(key)


def test_hot_keys_are_refreshed_before_their_time(make: Make, backend: Bench) -> None:
    cache = make(early=1.0)
    calls: list[str] = []

    @cache.loader
    def load(key: str) -> int:
        calls.append(key)
        if backend.kind not in ("memory", "directory"):
            backend.clock.advance(30)
        return len(calls)

    cache.get("a")
    entry = cache.entry("a")
    assert entry is not None
    backend.clock.advance(entry.fresh_until - backend.clock.now() - 0.001)
    if not entry.load_s:
        return  # loading it takes no time on this clock
    until(lambda: cache.get("a") == 2)


def test_opening_again(make: Make, backend: Bench) -> None:
    """The backend of a test is closed with the cache; so this is for those who make theirs themselves."""
    if backend.kind != "directory":
        pytest.skip("reopening is for a directory")
    cache, source = make(), Source()
    cache.loader(source)
    cache.get("a")
    cache.close()
    cache.close()
    with pytest.raises(CacheError, match="closed"):
        cache.get("a")


def test_what_became_due_while_nobody_was_there_is_refreshed_at_the_next_start(tmp_path: Any) -> None:
    clock, source = ManualClock(), Source()
    cache = Cache("rates", directory=tmp_path, clock=clock, jitter=0)
    cache.loader(source)
    with cache:
        assert cache.get("a")["number"] == 1
    clock.advance(3 * 3600)
    with cache:
        until(lambda: source.asked == ["a", "a"])
        until(lambda: cache.get("a")["number"] == 2)
    assert source.asked == ["a", "a"]


def test_closing_amid_refreshes_leaves_the_rest_for_the_next_start(
    tmp_path: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    clock, keys, go = ManualClock(), [f"k{number}" for number in range(60)], threading.Event()
    cache = Cache("rates", directory=tmp_path, clock=clock, jitter=0)
    asked: Counter[str] = Counter()

    @cache.loader
    def load(key: str) -> int:
        asked[key] += 1
        if asked[key] > 1:
            assert go.wait(WAIT_S)
        return asked[key]

    cache.get_many(keys)
    core = cache.opened()
    clock.advance(601)
    until(lambda: asked.total() > len(keys))
    closing = threading.Thread(target=cache.close)
    closing.start()
    until(core.is_closing)
    go.set()
    closing.join(WAIT_S)
    assert asked.total() < 2 * len(keys)
    told = "".join(capfd.readouterr())
    assert "Traceback" not in told
    assert "cannot be refreshed" not in told
    with cache:
        until(lambda: asked.total() >= 2 * len(keys))
        until(lambda: all(value == 2 for value in cache.get_many(keys).values()))
    assert set(asked.values()) == {2}


def test_poison_ends_in_the_failure_store(tmp_path: Any) -> None:
    clock = ManualClock()
    calls: list[str] = []
    with contextlib.closing(Embedded(tmp_path, clock)) as backend:
        cache = Cache("rates", backend=backend, clock=clock, jitter=0)

        @cache.loader
        def load(key: str) -> Any:
            calls.append(key)
            return 1 if len(calls) == 1 else object()

        cache.get("a")
        clock.advance(601)

        def given_up() -> bool:
            clock.advance(1)
            return backend.failures.counts.failures == 1

        until(given_up)
        entry = cache.peek("a")
        assert entry is not None
        assert entry.value == 1
        assert 2 <= len(calls) <= 6
        cache.close()


def test_two_caches_on_one_table_in_one_process(make: Make, backend: Bench) -> None:
    one, other = make(), make()
    sources = Source(), Source()
    began, go = threading.Event(), threading.Event()

    def slowly(key: str) -> Any:
        began.set()
        assert go.wait(WAIT_S)
        return sources[0](key)

    one.loader(slowly)
    other.loader(sources[1])
    results: list[Any] = []
    threads = [threading.Thread(target=lambda: results.append(one.get("a")))]
    threads[0].start()
    assert began.wait(WAIT_S)
    threads.append(threading.Thread(target=lambda: results.append(other.get("a"))))
    threads[1].start()
    go.set()
    for _ in range(2000):
        if not threads[1].is_alive() and not threads[0].is_alive():
            break
        backend.clock.advance(0.01)  # the second one looks again now and then
        threads[1].join(0.005)
    for thread in threads:
        thread.join(WAIT_S)
    assert results == [{"key": "a", "number": 1}] * 2
    assert sources[1].asked == []


def test_closing_while_many_read(make: Make, backend: Bench) -> None:
    cache, source = make(refresh="1s", keep="1h", keep_warm="never"), Source()
    cache.loader(source)
    stop = threading.Event()
    failed: list[BaseException] = []

    def read(n: int) -> None:
        while not stop.is_set():
            try:
                cache.get(f"k{n}")
                cache.get("shared")
            except CacheError as error:
                if "closed" not in str(error):
                    failed.append(error)
                return
            except BaseException as error:
                failed.append(error)
                return

    threads = [threading.Thread(target=read, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    until(lambda: len(source.asked) >= 9)
    backend.clock.advance(2)
    asyncio.run(asyncio.to_thread(cache.close))
    stop.set()
    for thread in threads:
        thread.join(WAIT_S)
        assert not thread.is_alive()
    assert failed == []
