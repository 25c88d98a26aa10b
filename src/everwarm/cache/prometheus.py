"""A cache's figures for Prometheus. docs/cache/seeing.md lists them; a test compares the two.

    from prometheus_client import REGISTRY
    REGISTRY.register(CacheCollector(rates, quotes))

Everything is read from the counters when Prometheus asks, so nothing that is counted waits for it.
"""

import math
from collections.abc import Iterator
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from everwarm.cache.stats import Distribution, Snapshot


class Watched(Protocol):
    """What is asked of a cache."""

    @property
    def name(self) -> str: ...

    @property
    def stats(self) -> Snapshot: ...


_READS = {"hit": "hits", "stale": "stale_hits", "negative": "negative_hits", "miss": "misses"}

_COUNTERS = (
    ("memory_hits", "memory_hits", "Reads that the memory layer answered, without a call"),
    ("memory_evictions", "evictions", "Entries of the memory layer that went for want of room"),
    ("memory_drops", "drops", "Entries of the memory layer that went because they had changed"),
    ("load_errors", "load_errors", "Loads that failed"),
    ("refreshes", "refreshes", "Loads that put a newer value in an older one's place"),
    ("skipped", "skipped", "Timers that had nothing to refresh: delivered twice, or late"),
    ("discarded", "discarded", "Results of loads that were not stored: invalidated meanwhile, or somebody was quicker"),
    ("let_go", "let_go", "Entries that nobody had read for so long that they are refreshed no more"),
    ("invalidated", "invalidated", "Entries that were invalidated"),
    ("read_bytes", "bytes_read", "Sizes of items that were read from the table"),
    ("written_bytes", "bytes_written", "Sizes of items that were written to the table"),
)

_TIMES = (
    ("load_seconds", "load_time", "How long loads took, however they ended"),
    ("refresh_lateness_seconds", "lateness", "How long after their time refreshes began"),
)


class CacheCollector(Collector):
    """The figures of some caches of this process."""

    def __init__(self, *caches: Watched) -> None:
        """
        Args:
            caches: of different names, for the name tells their figures apart.

        Raises:
            ValueError: two have the same name.
        """
        names = [cache.name for cache in caches]
        if len(set(names)) < len(names):
            raise ValueError(f"caches of one collector have different names; these are {', '.join(sorted(names))}")
        self._caches = caches

    def collect(self) -> Iterator[Metric]:
        """The figures as they are now."""
        snapshots = [(cache.name, cache.stats) for cache in self._caches]
        reads = CounterMetricFamily(
            "everwarm_cache_reads",
            "Reads, by what they were given: a fresh value, a stale one, that there is no such thing, or nothing yet",
            labels=["cache", "outcome"],
        )
        for name, snapshot in snapshots:
            for outcome, member in _READS.items():
                reads.add_metric([name, outcome], getattr(snapshot, member))
        yield reads
        entries = GaugeMetricFamily("everwarm_cache_memory_entries", "Entries in the memory layer", labels=["cache"])
        for name, snapshot in snapshots:
            entries.add_metric([name], snapshot.memory_entries)
        yield entries
        for metric, member, text in _COUNTERS:
            counter = CounterMetricFamily(f"everwarm_cache_{metric}", text, labels=["cache"])
            for name, snapshot in snapshots:
                counter.add_metric([name], getattr(snapshot, member))
            yield counter
        for metric, member, text in _TIMES:
            times = HistogramMetricFamily(f"everwarm_cache_{metric}", text, labels=["cache"])
            for name, snapshot in snapshots:
                distribution: Distribution = getattr(snapshot, member)
                times.add_metric([name], buckets=_buckets(distribution), sum_value=distribution.sum_s)
            yield times

    def describe(self) -> Iterator[Metric]:
        """The same: so that every registry notices when it is registered twice."""
        return self.collect()


def _buckets(distribution: Distribution) -> list[tuple[str, float]]:
    """Cumulative, as Prometheus wants them."""
    cumulative: list[tuple[str, float]] = []
    total = 0
    for bound, count in zip((*distribution.bounds_s, math.inf), distribution.buckets, strict=True):
        total += count
        cumulative.append(("+Inf" if bound == math.inf else str(float(bound)), total))
    return cumulative
