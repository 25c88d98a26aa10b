"""What the pages of docs/cache promise of each policy, seen by a reader of a cache on a moved clock."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from everwarm import Cache, NotFound
from everwarm.cache.backends.embedded import Embedded
from everwarm.cache.entry import State
from everwarm.cache.events import Event, EventKind
from everwarm.clock import ManualClock
from everwarm.errors import SettingError
from tests.stack.support import eventually

START = datetime(2026, 3, 2, 4, 0, tzinfo=UTC).timestamp()


class Source:
    """What is cached. It counts how often it is asked, and does what it is told to."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.asked: list[float] = []
        self.fails: Exception | None = None
        self.takes_s = 0.0

    def __call__(self, key: str) -> dict[str, Any]:
        self.asked.append(self.clock.now() - START)
        self.clock.advance(self.takes_s)
        if self.fails is not None:
            raise self.fails
        return {"load": len(self.asked)}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def source(clock: ManualClock) -> Source:
    return Source(clock)


Make = Callable[..., Cache]


@pytest.fixture
def make(clock: ManualClock) -> Iterator[Make]:
    made: list[Cache] = []

    def cache(**settings: Any) -> Cache:
        made.append(Cache("rates", backend=Embedded(None, clock), clock=clock, **settings))
        made[-1].start()
        return made[-1]

    yield cache
    for one in made:
        one.close()


def refreshed(cache: Cache, key: str, number: int) -> bool:
    """Wait until a load of this number is what readers get."""
    return eventually(lambda: load_of(cache, key) == number)


def load_of(cache: Cache, key: str) -> int | None:
    entry = cache.peek(key)
    return None if entry is None else entry.value["load"]


def test_a_value_is_refreshed_when_its_time_is_over_and_readable_all_the_while(
    make: Make, clock: ManualClock, source: Source
) -> None:
    cache = make(refresh="10m", keep="1d", jitter=0)
    cache.loader(source)
    assert cache.get("a") == {"load": 1}
    for number in range(2, 5):
        clock.advance(600)
        assert cache.peek("a") is not None
        assert refreshed(cache, "a", number)
    assert source.asked == [0, 600, 1200, 1800]


def test_a_schedule_refreshes_at_its_times(make: Make, clock: ManualClock, source: Source) -> None:
    cache = make(schedule="0 */6 * * *")
    cache.loader(source)
    cache.get("a")
    clock.advance(2 * 3600)
    assert refreshed(cache, "a", 2)
    clock.advance(6 * 3600)
    assert refreshed(cache, "a", 3)
    assert source.asked == [0, 2 * 3600, 8 * 3600]


def load_over_six(cache: Cache, clock: ManualClock, source: Source) -> None:
    """Load "a" from a second before six to a second after it."""
    cache.loader(source)
    clock.advance(2 * 3600 - 1)
    source.takes_s = 2.0
    cache.get("a")
    source.takes_s = 0.0


# A load that was begun before six has what there was before six.
def test_a_load_that_goes_on_past_a_scheduled_time_is_done_again(
    make: Make, clock: ManualClock, source: Source
) -> None:
    cache = make(schedule="0 6 * * *")
    load_over_six(cache, clock, source)
    assert refreshed(cache, "a", 2)
    entry = cache.peek("a")
    assert entry is not None
    assert entry.fresh_until == START + 26 * 3600


# Its timer is due as soon as it is stored, while the load that stored it is not quite over.
@pytest.mark.parametrize("settings", [{}, {"gap": True}])
def test_a_time_that_comes_while_a_load_ends_is_not_missed(
    make: Make, clock: ManualClock, source: Source, settings: dict[str, Any]
) -> None:
    stored = threading.Event()

    def on_event(event: Event) -> None:
        if event.kind is EventKind.LOADED and not stored.is_set():
            stored.set()
            time.sleep(0.2)  # the deletion reaches the handler meanwhile; if it does not, that is no harm

    cache = make(schedule="0 6 * * *", on_event=on_event, **settings)
    load_over_six(cache, clock, source)
    assert refreshed(cache, "a", 2)


def test_a_next_try_that_comes_while_a_load_ends_is_not_missed(
    make: Make, clock: ManualClock, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that sleeps just then, say: the next try is due before the load that planned it is quite over."""
    cache = make(refresh="10m", keep="1h", backoff="1s")
    cache.loader(source)
    cache.get("a")
    table = cache.opened().table
    put_off = table.put_off

    def slowly(*args: Any) -> bool:
        done = put_off(*args)
        source.fails = None
        clock.advance(5)
        time.sleep(0.2)  # the deletion reaches the handler meanwhile; if it does not, that is no harm
        return done

    monkeypatch.setattr(table, "put_off", slowly)
    source.fails = OSError("down")
    with pytest.raises(OSError, match="down"):
        cache.refresh("a")
    assert refreshed(cache, "a", 3)


def test_who_joins_a_refresh_that_has_waited_for_long_is_given_nothing_old(
    clock: ManualClock, source: Source, tmp_path: Path
) -> None:
    """Another has loaded the key meanwhile, and that value is stale by now: who wants no stale one does not get it."""
    settings: dict[str, Any] = {"refresh": "10m", "keep": "1h", "jitter": 0, "keep_warm": "never"}
    began, go = threading.Event(), threading.Event()

    def load(key: str) -> dict[str, Any]:
        if key == "slow" and clock.now() > START:
            began.set()
            assert go.wait(20)
        return source(key)

    with (
        Cache("rates", directory=tmp_path, clock=clock, threads=1, **settings) as cache,
        Cache("others", table="rates", directory=tmp_path, clock=clock, **settings) as other,
    ):
        cache.loader(load)
        other.loader(source)
        cache.get("a"), cache.get("slow")
        clock.advance(601)
        cache.get("slow")  # its refresh has the only thread,
        assert began.wait(20)
        cache.get("a")  # and this one waits for it
        assert other.refresh("a").value == {"load": 3}
        clock.advance(1_000)
        assert cache.get("a", stale_ok=False) == {"load": 4}
        go.set()


def test_a_source_that_fails_takes_nothing_away(make: Make, clock: ManualClock, source: Source) -> None:
    cache = make(refresh="10m", keep="1h", jitter=0, backoff="1m..4m")
    cache.loader(source)
    cache.get("a")
    source.fails = OSError("the source is down")
    clock.advance(600)

    def failures() -> int:
        entry = cache.peek("a")
        return -1 if entry is None else entry.failures

    assert eventually(lambda: failures() == 1)
    asked = len(source.asked)
    for _ in range(3):
        entry = cache.entry("a")
        assert entry is not None
        assert (entry.value, entry.state, entry.error) == ({"load": 1}, State.STALE, "OSError: the source is down")
    assert len(source.asked) == asked, "readers do not try while a try is planned"

    def is_tried_again() -> bool:
        with pytest.raises(OSError, match="the source is down"):
            cache.get("a", stale_ok=False)
        return failures() == 2

    # The first one may still come in time to wait for the load that has just failed.
    assert eventually(is_tried_again)
    source.fails = None
    clock.advance(240)
    assert eventually(lambda: failures() == 0)
    assert cache.get("a")["load"] == len(source.asked)


def test_when_keep_is_over_readers_get_the_error(make: Make, clock: ManualClock, source: Source) -> None:
    cache = make(refresh="10m", keep="1h", jitter=0)
    cache.loader(source)
    cache.get("a")
    source.fails = OSError("the source is down")
    clock.advance(3600)
    assert cache.peek("a") is None
    with pytest.raises(OSError, match="the source is down"):
        cache.get("a")
    source.fails = None
    assert cache.get("a")["load"] == len(source.asked)


def test_not_found_is_remembered_for_its_time(make: Make, clock: ManualClock, source: Source) -> None:
    cache = make(refresh="10m", negative="1m", jitter=0)
    source.fails = NotFound("no such thing")
    function = cache.cached(source_function(source))
    for _ in range(3):
        with pytest.raises(NotFound):
            function("a")
    assert source.asked == [0]
    clock.advance(60)
    source.fails = None
    assert source.asked == [0], "nothing refreshes what is not there"
    assert function("a") == {"load": 2}


@pytest.mark.parametrize(("negative", "asked_again"), [("1m", False), (None, True)])
def test_not_found_takes_the_place_of_what_was_there(
    make: Make, clock: ManualClock, source: Source, negative: str | None, asked_again: bool
) -> None:
    cache = make(refresh="10m", negative=negative, jitter=0)
    function = cache.cached(source_function(source))
    function("a")
    source.fails = NotFound("it was deleted")
    clock.advance(600)
    assert eventually(lambda: function.peek("a") is None)
    asked = len(source.asked)

    def is_asked() -> bool:
        with pytest.raises(NotFound):
            function("a")
        return len(source.asked) > asked

    # The first one may still come in time to wait for the load that has just found nothing.
    assert eventually(is_asked) if asked_again else not is_asked()


def test_a_value_tells_its_own_time_and_a_bad_one_fails_the_load(
    make: Make, clock: ManualClock, source: Source
) -> None:
    told: list[Any] = [60, "never mind"]
    cache = make(refresh=lambda value: told[min(value["load"], 2) - 1], jitter=0, backoff="1m")
    cache.loader(source)
    entry = cache.entry("a") if cache.get("a") else None
    assert entry is not None
    assert entry.fresh_until == START + 60
    clock.advance(60)
    assert eventually(lambda: (found := cache.peek("a")) is not None and found.failures == 1)
    entry = cache.peek("a")
    assert entry is not None
    assert entry.value == {"load": 1}
    assert "is not a length of time" in (entry.error or "")


def test_an_entry_that_nobody_reads_is_let_go_and_comes_back(make: Make, clock: ManualClock, source: Source) -> None:
    cache = make(refresh="10m", keep="1d", jitter=0, keep_warm="while-read", idle_periods=2)
    cache.loader(source)
    cache.get("a")
    for number in (2, 3):  # unread for one period, and for two
        clock.advance(600)
        assert refreshed(cache, "a", number)
    clock.advance(600)
    assert eventually(lambda: cache.stats.let_go == 1)
    clock.advance(6000)
    entry = cache.entry("a")
    assert entry is not None
    assert (entry.value, entry.state) == ({"load": 3}, State.STALE)
    assert refreshed(cache, "a", 4)
    clock.advance(600)
    assert refreshed(cache, "a", 5)


def test_never_means_that_a_reader_does_it(make: Make, clock: ManualClock, source: Source) -> None:
    cache = make(refresh="10m", keep="1d", jitter=0, keep_warm="never")
    cache.loader(source)
    cache.get("a")
    clock.advance(6000)
    assert source.asked == [0]
    assert cache.get("a") == {"load": 1}
    assert refreshed(cache, "a", 2)


def test_with_gap_the_item_is_put_back(make: Make, clock: ManualClock, source: Source) -> None:
    cache = make(refresh="10m", jitter=0, gap=True)
    cache.loader(source)
    cache.get("a")
    clock.advance(600)
    assert refreshed(cache, "a", 2)
    assert source.asked == [0, 600]


def test_gap_is_the_whole_cache_s(make: Make) -> None:
    with pytest.raises(SettingError, match="gap is the whole cache's"):
        make(refresh="10m").cached(gap=True)(source_function(Source(ManualClock())))


def source_function(source: Source) -> Callable[[str], dict[str, Any]]:
    def load(key: str) -> dict[str, Any]:
        return source(key)

    return load
