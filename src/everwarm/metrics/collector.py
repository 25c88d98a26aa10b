"""Which figures there are. docs/metrics.md lists them; a test compares the two.

Everything is read when it is asked for, from plain counters, so nothing that is counted waits for us. Read from a
thread of its own beside those that count: a figure may be a moment older than the next one.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.tables.counts import Counts
from everwarm.lambdas.failures.store import FailureStore
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.stats import Stats
from everwarm.lambdas.runtime.counters import DURATION_BOUNDS_S, Counters
from everwarm.version import __version__


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the figures are.

    Attributes:
        functions: the functions that there are now, by name, and what their calls have come to.
        mappings: the mappings that there are now, and what their workers tell.
        failures: the failure store.
    """

    engine: Engine
    functions: Callable[[], Iterable[tuple[str, Counters]]] = tuple
    mappings: Callable[[], Iterable[tuple[Mapping, Stats]]] = tuple
    failures: FailureStore | None = None


class EverwarmCollector(Collector):
    """All figures of a stack."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterator[Metric]:
        """The figures as they are now."""
        yield _build_info()
        yield from self._requests()
        yield from self._store()
        yield from self._tables()
        yield from self._time_to_live()
        yield from self._streams()
        yield from self._mappings()
        yield from self._functions()
        yield from self._failures()

    def _requests(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "everwarm_requests",
            "Requests of the DynamoDB API that were answered, by operation and outcome: OK, or the name of the error",
            labels=["operation", "outcome"],
        )
        for (operation, outcome), count in list(self._sources.engine.requests.items()):
            family.add_metric([operation, outcome], count)
        yield family

    def _store(self) -> Iterator[Metric]:
        store = self._sources.engine.store
        yield _counter("everwarm_store_commits", "Commits, each with one sync of the disk", store.commits)
        yield _counter("everwarm_store_transactions", "Transactions in these commits", store.transactions)
        yield _gauge("everwarm_store_size_bytes", "Files of the data directory's database", store.size_bytes())
        yield _gauge(
            "everwarm_store_refusing_writes", "1 while writes are refused: a full or failing disk", store.refuses_writes
        )
        free_bytes = store.free_bytes()
        if free_bytes is not None:
            yield _gauge("everwarm_disk_free_bytes", "Free on the data directory's file system", free_bytes)

    def _tables(self) -> Iterator[Metric]:
        engine = self._sources.engine
        items = GaugeMetricFamily("everwarm_table_items", "Items of a table", labels=["table"])
        size = GaugeMetricFamily("everwarm_table_size_bytes", "Items' sizes, as AWS counts them", labels=["table"])
        for table in engine.tables:
            counts = Counts.read(engine.store, table.number)
            items.add_metric([table.name], counts.items)
            size.add_metric([table.name], counts.size_bytes)
        yield items
        yield size

    def _time_to_live(self) -> Iterator[Metric]:
        stats = self._sources.engine.sweeper.stats
        yield HistogramMetricFamily(
            "everwarm_ttl_lateness_seconds",
            "How long after their TTL items were deleted",
            buckets=_buckets(list(stats.lateness_s), list(stats.lateness_s.values())),
            sum_value=stats.lateness_sum_s,
        )

    def _streams(self) -> Iterator[Metric]:
        writer = self._sources.engine.stream_writer
        yield _counter("everwarm_stream_records", "Stream records that were written", writer.records)
        yield _counter("everwarm_stream_record_bytes", "Their bytes, as they are stored", writer.record_bytes)

    def _mappings(self) -> Iterator[Metric]:
        labels = ["mapping", "function", "table"]
        lag = GaugeMetricFamily(
            "everwarm_stream_lag_seconds",
            "Age of the oldest record that a mapping has read and not done; 0 where there is none",
            labels=labels,
        )
        counters = {
            name: CounterMetricFamily(f"everwarm_mapping_{metric}", text, labels=labels)
            for name, metric, text in (
                ("records", "records", "Stream records that are done"),
                ("batches", "batches", "Batches that are done"),
                ("failures", "failed_calls", "Calls with a batch that failed"),
                ("retries", "retries", "Batches that were put back to be sent again"),
                ("given_up", "records_given_up", "Stream records that were let go, into the on-failure destination"),
                ("filtered_out", "records_filtered_out", "Stream records that filters passed over"),
            )
        }
        for mapping, stats in self._sources.mappings():
            label_values = [mapping.id, mapping.function_name, _table_of(mapping.stream_arn)]
            lag.add_metric(label_values, stats.lag_s)
            for name, family in counters.items():
                family.add_metric(label_values, getattr(stats, name))
        yield lag
        yield from counters.values()

    def _functions(self) -> Iterator[Metric]:
        labels = ["function"]
        counters = {
            name: CounterMetricFamily(f"everwarm_function_{name}", text, labels=labels)
            for name, text in (
                ("invocations", "Calls of a function"),
                ("errors", "Calls that failed, timeouts included"),
                ("timeouts", "Calls whose time was up"),
                ("throttles", "Calls that were not taken"),
                ("cold_starts", "Calls that were the first one of a process"),
            )
        }
        duration = HistogramMetricFamily(
            "everwarm_function_duration_seconds", "How long calls took, without the start of a process", labels=labels
        )
        workers = GaugeMetricFamily("everwarm_function_workers", "Processes that there are now", labels=labels)
        for name, counted in self._sources.functions():
            workers.add_metric([name], counted.workers)
            for member, family in counters.items():
                family.add_metric([name], getattr(counted, member))
            buckets = _buckets([*DURATION_BOUNDS_S, math.inf], counted.durations)
            duration.add_metric([name], buckets=buckets, sum_value=counted.duration_s)
        yield from counters.values()
        yield duration
        yield workers

    def _failures(self) -> Iterator[Metric]:
        if self._sources.failures is None:
            return
        counts = self._sources.failures.counts
        yield _gauge("everwarm_failures_kept", "Batches in the failure store", counts.failures)
        yield _gauge("everwarm_failure_records_kept", "Stream records in these batches", counts.records)
        yield _gauge("everwarm_failures_size_bytes", "What the failure store takes", counts.size_bytes)
        yield _counter(
            "everwarm_failures_dropped", "Batches that were dropped, being too old or too much to keep", counts.dropped
        )


def _counter(name: str, text: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, text, value)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value)


def _build_info() -> GaugeMetricFamily:
    family = GaugeMetricFamily("everwarm_build_info", "Which version runs", labels=["version"])
    family.add_metric([__version__], 1)
    return family


def _buckets(bounds: Sequence[float], counts: Sequence[int]) -> list[tuple[str, float]]:
    """Cumulative, as Prometheus wants them, from counts by bucket."""
    cumulative: list[tuple[str, float]] = []
    total = 0
    for bound, count in zip(bounds, counts, strict=True):
        total += count
        cumulative.append(("+Inf" if bound == math.inf else str(float(bound)), total))
    return cumulative


def _table_of(stream_arn: str) -> str:
    return stream_arn.split("/")[1]
