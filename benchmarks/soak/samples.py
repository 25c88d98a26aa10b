"""What is looked at every few seconds: memory, files, lag, and how many refreshes there were."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psutil
from prometheus_client.parser import text_string_to_metric_families

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Sample:
    """One look.

    Attributes:
        at_s: seconds since the beginning.
        server_mib, workers_mib: resident memory of the stack, and of the functions' processes.
        files_mib: the data directory, logs included.
        expired, done: deletions, and records that the function has dealt with, since the beginning.
        lag_s: the age of the oldest record that is not done.
        items: how many there are in the table just now.
        late: deletions by how many seconds late, at the most.
    """

    at_s: float
    server_mib: float
    workers_mib: float
    files_mib: float
    expired: int
    done: int
    lag_s: float
    items: int
    late: dict[str, int]


def take(at_s: float, endpoint: str, server: psutil.Process, data: Path) -> Sample:
    """Look."""
    with urlopen(f"{endpoint}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    told = {}
    late = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            told[sample.name] = sample.value
            if sample.name == "everwarm_ttl_lateness_seconds_bucket":
                late[sample.labels["le"]] = int(sample.value)
    return Sample(
        at_s=round(at_s, 1),
        server_mib=_memory(server),
        workers_mib=sum(map(_memory, server.children(recursive=True))),
        files_mib=round(sum(_sizes(data)) / MIB, 1),
        expired=int(told["everwarm_ttl_lateness_seconds_count"]),
        done=int(told["everwarm_mapping_records_total"]),
        lag_s=told["everwarm_stream_lag_seconds"],
        items=int(told["everwarm_table_items"]),
        late=late,
    )


def _memory(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        resident_bytes: int = process.memory_info().rss
        return round(resident_bytes / MIB, 1)
    return 0.0


def _sizes(data: Path) -> Iterator[int]:
    for path in data.rglob("*"):
        with suppress(FileNotFoundError):  # just deleted
            yield path.stat().st_size
