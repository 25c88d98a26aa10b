"""A cache's figures as Prometheus reads them."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from everwarm.cache.prometheus import CacheCollector
from everwarm.cache.stats import LATENESS_BOUNDS_S, MemoryFigures, Snapshot, Stats
from tests.docs.pages import Page


@dataclass
class Watched:
    name: str
    counted: Stats

    @property
    def stats(self) -> Snapshot:
        return self.counted.snapshot()


@pytest.fixture
def rates() -> Watched:
    return Watched("rates", Stats(memory=lambda: MemoryFigures(entries=7, evictions=8, drops=9)))


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, {"cache": "rates", **labels})


def test_figures_are_those_of_the_snapshot(rates: Watched) -> None:
    registry = CollectorRegistry()
    registry.register(CacheCollector(rates))
    stats = rates.counted
    for counter, times in ((stats.hits, 2), (stats.memory_hits, 1), (stats.stale_hits, 4), (stats.misses, 5)):
        for _ in range(times):
            counter.add()
    stats.negative_hits.add()
    stats.load(0.2)
    stats.load(3, failed=True)
    stats.refresh()
    stats.late(0.02)
    stats.late(1e6)
    stats.skip()
    stats.discard()
    stats.leave()
    stats.invalidate(6)
    stats.read.add({"k": {"S": 99 * "x"}})
    stats.wrote(50)
    expected = {"hit": 3, "stale": 4, "negative": 1, "miss": 5}
    assert {out: value(registry, "everwarm_cache_reads_total", outcome=out) for out in expected} == expected
    assert value(registry, "everwarm_cache_memory_hits_total") == 1
    assert value(registry, "everwarm_cache_memory_entries") == 7
    assert value(registry, "everwarm_cache_memory_evictions_total") == 8
    assert value(registry, "everwarm_cache_memory_drops_total") == 9
    assert value(registry, "everwarm_cache_load_errors_total") == 1
    for name in ("refreshes", "skipped", "discarded", "let_go"):
        assert value(registry, f"everwarm_cache_{name}_total") == 1, name
    assert value(registry, "everwarm_cache_invalidated_total") == 6
    assert value(registry, "everwarm_cache_read_bytes_total") == 100
    assert value(registry, "everwarm_cache_written_bytes_total") == 50
    assert value(registry, "everwarm_cache_load_seconds_count") == 2
    assert value(registry, "everwarm_cache_load_seconds_sum") == 3.2
    assert value(registry, "everwarm_cache_load_seconds_bucket", le="0.25") == 1
    assert value(registry, "everwarm_cache_load_seconds_bucket", le="5.0") == 2
    assert value(registry, "everwarm_cache_refresh_lateness_seconds_count") == 2
    assert value(registry, "everwarm_cache_refresh_lateness_seconds_bucket", le=f"{LATENESS_BOUNDS_S[-1]:.1f}") == 1
    assert value(registry, "everwarm_cache_refresh_lateness_seconds_bucket", le="+Inf") == 2


# Figures are read when they are asked for, not when the collector was made.
def test_they_are_as_new_as_the_question(rates: Watched) -> None:
    registry = CollectorRegistry()
    registry.register(CacheCollector(rates))
    for expected in (1, 2):
        rates.counted.hits.add()
        assert value(registry, "everwarm_cache_reads_total", outcome="hit") == expected


def test_the_text_can_be_read_and_every_figure_has_its_help(rates: Watched) -> None:
    registry = CollectorRegistry()
    registry.register(CacheCollector(rates, Watched("quotes", Stats())))
    families = list(text_string_to_metric_families(generate_latest(registry).decode()))
    assert families
    for family in families:
        assert family.documentation, family.name
        assert family.name.startswith("everwarm_cache_")
        assert {sample.labels["cache"] for sample in family.samples} == {"rates", "quotes"}


def test_the_page_has_all_figures(rates: Watched) -> None:
    page = Page(Path("docs/cache/seeing.md")).inline()
    told = {name for name in page if name.startswith("everwarm_cache_")}
    families = CacheCollector(rates).collect()
    assert told == {family.name + ("_total" if family.type == "counter" else "") for family in families}


# They would overwrite each other.
def test_two_caches_of_one_name_are_refused(rates: Watched) -> None:
    with pytest.raises(ValueError, match="different names"):
        CacheCollector(rates, Watched("rates", Stats()))


def test_one_cache_cannot_be_registered_twice(rates: Watched) -> None:
    registry = CollectorRegistry()
    registry.register(CacheCollector(rates))
    with pytest.raises(ValueError, match="Duplicated"):
        registry.register(CacheCollector(rates))
