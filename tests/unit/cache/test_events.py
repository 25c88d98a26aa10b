"""What happens is counted, logged, and told to a hook."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from everwarm.cache.events import Event, EventKind, Events
from everwarm.cache.stats import Snapshot, Stats
from everwarm.clock import ManualClock
from tests.docs.pages import Page

NAME = "everwarm.cache"

NOW = 1_700_000_000.0
ERROR = ConnectionError("the source is down")


class Told(list[Event]):
    """A hook that remembers."""

    __call__ = list.append


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def events(told: Told) -> Events:
    return Events("rates", ManualClock(NOW), Stats(), told.__call__)


@pytest.fixture
def structured() -> Iterator[None]:
    """A program that has set structlog up."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    yield
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET))


@pytest.fixture
def not_structured() -> Iterator[None]:
    """A program that has not."""
    structlog.reset_defaults()
    yield
    structlog.configure()


def load(events: Events) -> None:
    events.loaded("a", generation=1, duration_s=0.5, replaced=False)


def refresh(events: Events) -> None:
    events.loaded("a", generation=2, duration_s=0.5, replaced=True, lateness_s=0.25)


def fail(events: Events) -> None:
    events.load_failed("a", ERROR, duration_s=0.5, failures=3, retry_at=NOW + 4, lateness_s=0.25)


def event(kind: EventKind, **members: object) -> Event:
    return Event(kind=kind, cache="rates", key=members.pop("key", "a"), at=NOW, **members)  # type: ignore[arg-type]


HAPPENINGS: dict[str, tuple[Callable[[Events], None], Event, dict[str, int]]] = {
    "hit": (lambda on: on.hit("a"), event(EventKind.HIT), {"hits": 1}),
    "memory hit": (
        lambda on: on.memory_hit("a"),
        event(EventKind.HIT, memory=True),
        {"hits": 1, "memory_hits": 1},
    ),
    "stale hit": (lambda on: on.stale_hit("a"), event(EventKind.STALE_HIT), {"stale_hits": 1}),
    "negative hit": (lambda on: on.negative_hit("a"), event(EventKind.NEGATIVE_HIT), {"negative_hits": 1}),
    "miss": (lambda on: on.miss("a"), event(EventKind.MISS), {"misses": 1}),
    "load": (load, event(EventKind.LOADED, generation=1, duration_s=0.5), {"loads": 1}),
    "refresh": (
        refresh,
        event(EventKind.REFRESHED, generation=2, duration_s=0.5, lateness_s=0.25),
        {"loads": 1, "refreshes": 1},
    ),
    "failure": (
        fail,
        event(EventKind.LOAD_FAILED, error=ERROR, duration_s=0.5, failures=3, retry_at=NOW + 4, lateness_s=0.25),
        {"loads": 1, "load_errors": 1},
    ),
    "discard": (
        lambda on: on.discarded("a", duration_s=0.5, reason="invalidated meanwhile"),
        event(EventKind.DISCARDED, duration_s=0.5, reason="invalidated meanwhile"),
        {"loads": 1, "discarded": 1},
    ),
    "skip": (
        lambda on: on.skipped("a", reason="delivered twice"),
        event(EventKind.SKIPPED, reason="delivered twice"),
        {"skipped": 1},
    ),
    "let go": (lambda on: on.let_go("a"), event(EventKind.LET_GO), {"let_go": 1}),
    "store": (lambda on: on.stored("a", generation=7), event(EventKind.STORED, generation=7), {}),
    "invalidate": (lambda on: on.invalidated("a"), event(EventKind.INVALIDATED, entries=1), {"invalidated": 1}),
    "invalidate many": (
        lambda on: on.invalidated(None, 12),
        event(EventKind.INVALIDATED, key=None, entries=12),
        {"invalidated": 12},
    ),
    "drop": (lambda on: on.dropped("a"), event(EventKind.DROPPED, entries=1), {}),
}

COUNTS = [
    name
    for name in Snapshot.__dataclass_fields__
    if name not in ("load_time", "lateness", "memory_entries", "evictions", "drops", "bytes_read", "bytes_written")
]


@pytest.mark.parametrize("name", HAPPENINGS)
def test_it_is_told_and_counted(name: str, events: Events, told: Told) -> None:
    happen, expected, counts = HAPPENINGS[name]
    happen(events)
    assert told == [expected]
    snapshot = events.stats.snapshot()
    assert {count: getattr(snapshot, count) for count in COUNTS} == {**dict.fromkeys(COUNTS, 0), **counts}


def test_every_kind_is_told() -> None:
    assert {expected.kind for _, expected, _ in HAPPENINGS.values()} == set(EventKind)


def test_the_page_has_every_kind_and_member() -> None:
    told = set(Page(Path("docs/cache/seeing.md")).inline())
    assert {kind.value for kind in EventKind} <= told
    assert set(Event.__dataclass_fields__) <= told


def test_how_late_and_how_long(events: Events) -> None:
    load(events)
    refresh(events)
    fail(events)
    snapshot = events.stats.snapshot()
    assert (snapshot.load_time.count, snapshot.load_time.sum_s) == (3, 1.5)
    assert (snapshot.lateness.count, snapshot.lateness.max_s) == (2, 0.25)


@pytest.mark.parametrize("name", HAPPENINGS)
def test_without_a_hook_it_is_counted_all_the_same(name: str) -> None:
    events = Events("rates", ManualClock(NOW), Stats())
    happen, _, counts = HAPPENINGS[name]
    happen(events)
    snapshot = events.stats.snapshot()
    assert {count: getattr(snapshot, count) for count in counts} == counts


# A reader must not suffer from who watches it, nor the log from a hook that fails a million times.
@pytest.mark.usefixtures("structured")
def test_a_hook_that_fails_is_said_once_and_called_again() -> None:
    calls: list[Event] = []

    def hook(happened: Event) -> None:
        calls.append(happened)
        raise ZeroDivisionError("a bug of the user's")

    events = Events("rates", ManualClock(NOW), Stats(), hook)
    with capture_logs() as lines:
        for _ in range(3):
            events.hit("a")
    assert len(calls) == 3
    assert [(line["log_level"], line["cache"]) for line in lines] == [("error", "rates")]
    assert events.stats.snapshot().hits == 3


@pytest.mark.usefixtures("structured")
@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("load", {"event": "loaded", "log_level": "debug", "key": "a", "generation": 1, "duration_s": 0.5}),
        ("refresh", {"event": "refreshed", "log_level": "debug", "key": "a", "generation": 2, "duration_s": 0.5}),
        (
            "failure",
            {
                "event": "load failed",
                "log_level": "warning",
                "key": "a",
                "error": "ConnectionError: the source is down",
                "failures": 3,
                "retry_in_s": 4.0,
            },
        ),
        ("discard", {"event": "discarded", "log_level": "debug", "key": "a", "reason": "invalidated meanwhile"}),
        ("skip", {"event": "skipped", "log_level": "debug", "key": "a", "reason": "delivered twice"}),
        ("let go", {"event": "let go", "log_level": "info", "key": "a"}),
        ("store", {"event": "stored", "log_level": "debug", "key": "a", "generation": 7}),
        ("invalidate", {"event": "invalidated", "log_level": "info", "key": "a", "entries": 1}),
        ("invalidate many", {"event": "invalidated", "log_level": "info", "entries": 12}),
    ],
)
def test_it_is_logged(name: str, line: dict[str, object], events: Events) -> None:
    with capture_logs() as lines:
        HAPPENINGS[name][0](events)
    assert lines == [{"cache": "rates", **line}]


# There are too many of them.
@pytest.mark.usefixtures("structured")
@pytest.mark.parametrize("name", [name for name in HAPPENINGS if "hit" in name or name in ("miss", "drop")])
def test_reads_are_not_logged(name: str, events: Events) -> None:
    with capture_logs() as lines:
        HAPPENINGS[name][0](events)
    assert lines == []


# A library that is imported prints nothing: structlog would, unless the program has set it up.
def test_where_structlog_is_not_set_up_logging_has_it(
    events: Events, not_structured: None, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not structlog.is_configured()
    refresh(events)
    assert caplog.messages == []
    with caplog.at_level(logging.DEBUG, NAME):
        refresh(events)
        events.load_failed("history:EUR/KRW 30", ERROR, duration_s=0.5)
    assert caplog.messages == [
        "refreshed cache=rates key=a generation=2 duration_s=0.5",
        'load failed cache=rates key="history:EUR/KRW 30" error="ConnectionError: the source is down" failures=1',
    ]
    assert [record.levelname for record in caplog.records] == ["DEBUG", "WARNING"]
    assert capsys.readouterr().out == ""
