"""A cache's spans and figures by OpenTelemetry's own SDK; and nothing at all where it is not installed."""

import sys
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from everwarm.cache.entry import NotFound
from everwarm.cache.events import Events, find_telemetry
from everwarm.cache.otel import Telemetry
from everwarm.cache.stats import Stats
from everwarm.clock import ManualClock


class Seen:
    """What a program with OpenTelemetry gets to see."""

    def __init__(self) -> None:
        self.spans = InMemorySpanExporter()
        tracers = TracerProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        self.reader = InMemoryMetricReader()
        self.telemetry = Telemetry(tracers, MeterProvider([self.reader]))

    def events(self, cache: str = "rates") -> Events:
        return Events(cache, ManualClock(), Stats(), telemetry=self.telemetry)

    def figures(self) -> dict[str, dict[tuple[str, ...], Any]]:
        """By the metric's name and the values of its attributes."""
        data = self.reader.get_metrics_data()
        found: dict[str, dict[tuple[str, ...], Any]] = {}
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    points = found.setdefault(metric.name, {})
                    for point in metric.data.data_points:
                        points[tuple(str(value) for value in (point.attributes or {}).values())] = point
        return found


@pytest.fixture
def seen() -> Seen:
    return Seen()


def test_a_span_around_each_load(seen: Seen) -> None:
    with seen.events().span("history:EUR/KRW"):
        pass
    [span] = seen.spans.get_finished_spans()
    assert span.name == "everwarm.load"
    assert dict(span.attributes or {}) == {"everwarm.cache": "rates", "everwarm.key": "history:EUR/KRW"}
    assert span.status.status_code is StatusCode.UNSET


# What the loader itself calls, an HTTP client say, is shown below its load.
def test_spans_of_the_loader_are_within_it(seen: Seen) -> None:
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(seen.spans))
    with seen.events().span("a"), tracers.get_tracer("http").start_as_current_span("GET"):
        pass
    inner, outer = seen.spans.get_finished_spans()
    assert inner.parent is not None
    assert outer.context is not None
    assert inner.parent.span_id == outer.context.span_id


def test_a_load_that_fails_is_an_error(seen: Seen) -> None:
    with pytest.raises(ConnectionError), seen.events().span("a"):
        raise ConnectionError("the source is down")
    [span] = seen.spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "ConnectionError: the source is down"
    assert [event.name for event in span.events] == ["exception"]


# "There is no such thing" is an answer.
def test_not_found_is_no_error(seen: Seen) -> None:
    with pytest.raises(NotFound), seen.events().span("a"):
        raise NotFound
    [span] = seen.spans.get_finished_spans()
    assert span.status.status_code is StatusCode.UNSET
    assert (span.attributes or {})["everwarm.absent"] is True


def test_figures(seen: Seen) -> None:
    events = seen.events()
    events.hit("a")
    events.memory_hit("a")
    events.stale_hit("a")
    events.negative_hit("a")
    events.miss("a")
    events.loaded("a", generation=1, duration_s=0.5, replaced=True, lateness_s=0.25)
    events.load_failed("a", ConnectionError(), duration_s=1.5)
    events.discarded("a", duration_s=1, reason="invalidated")
    events.skipped("a", reason="late")
    events.let_go("a")
    events.invalidated(None, 3)
    events.stats.read.add({"k": {"S": 99 * "x"}})
    events.stats.wrote(50)
    figures = seen.figures()
    reads = {outcome: point.value for (_, outcome), point in figures["everwarm.cache.reads"].items()}
    assert reads == {"hit": 2, "stale": 1, "negative": 1, "miss": 1}
    for name, value in (
        ("memory.hits", 1),
        ("memory.evictions", 0),
        ("load.errors", 1),
        ("refreshes", 1),
        ("skipped", 1),
        ("discarded", 1),
        ("let_go", 1),
        ("invalidated", 3),
    ):
        assert figures[f"everwarm.cache.{name}"]["rates",].value == value, name
    assert {d: point.value for (_, d), point in figures["everwarm.cache.io"].items()} == {"read": 100, "write": 50}
    duration = figures["everwarm.cache.load.duration"]["rates",]
    assert (duration.count, duration.sum) == (3, 3.0)
    lateness = figures["everwarm.cache.refresh.lateness"]["rates",]
    assert (lateness.count, lateness.sum) == (1, 0.25)


def test_caches_are_told_apart_and_those_of_one_name_summed(seen: Seen) -> None:
    rates, again, quotes = seen.events(), seen.events(), seen.events("quotes")
    for events in (rates, again, quotes):
        events.miss("a")
    reads = {names: point.value for names, point in seen.figures()["everwarm.cache.reads"].items()}
    assert (reads["rates", "miss"], reads["quotes", "miss"]) == (2, 1)


# OpenTelemetry never gives an instrument back; a cache that is gone must not stay for it.
def test_a_cache_that_is_gone_is_not_held(seen: Seen) -> None:
    events = seen.events()
    events.miss("a")
    del events
    assert "everwarm.cache.reads" not in seen.figures()


def test_it_is_found_where_it_is_installed() -> None:
    assert isinstance(find_telemetry(), Telemetry)
    assert find_telemetry() is find_telemetry()


def test_without_it_a_load_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "everwarm.cache.otel")
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    assert find_telemetry() is None
    events = Events("rates", ManualClock(), Stats())
    with events.span("a"):
        events.loaded("a", generation=1, duration_s=1, replaced=False)
    assert events.stats.snapshot().loads == 1
