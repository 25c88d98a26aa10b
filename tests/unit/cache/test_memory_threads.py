"""The memory layer under threads: readers that are overtaken by writers, at every place where they can be."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from everwarm.cache.entry import Entry, State
from everwarm.cache.memory import Memory

NOW = 1_700_000_000.0


def entry(key: str, generation: int) -> Entry[int]:
    return Entry(key, generation, generation, NOW, NOW + 60, None, State.FRESH, 0.0)


def followed(size: int = 100) -> Memory[Entry[int]]:
    memory: Memory[Entry[int]] = Memory(size, 1.0)
    memory.drop_all(followed=True)
    return memory


def together(*threads: Callable[[], Any]) -> None:
    """Run them at the same time; what one raises is raised."""
    barrier = threading.Barrier(len(threads))

    def run(thread: Callable[[], Any]) -> None:
        barrier.wait()
        thread()

    with ThreadPoolExecutor(len(threads)) as pool:
        for future in [pool.submit(run, thread) for thread in threads]:
            future.result()


# The reader stands still between its read and its put, while the writer writes and tells.
def test_a_reader_that_is_overtaken_leaves_nothing_old_behind() -> None:
    memory = followed()
    has_read, has_written = threading.Barrier(2), threading.Barrier(2)
    table = {"a": 5}
    kept: list[bool] = []

    def reader() -> None:
        token = memory.token("a")
        found = entry("a", table["a"])
        has_read.wait()
        has_written.wait()
        kept.append(memory.put("a", found, token, NOW))

    def writer() -> None:
        has_read.wait()
        table["a"] = 6
        memory.drop("a")
        has_written.wait()

    together(reader, writer)
    assert kept == [False]
    assert memory.get("a", NOW) is None


# Random turns, many times over: at the end, what is in memory is what is in the table.
def test_at_the_end_memory_has_what_the_table_has() -> None:
    memory = followed()
    keys = [f"key {number}" for number in range(5)]
    table = dict.fromkeys(keys, 0)
    done = threading.Event()

    def writer() -> None:
        for generation in range(1, 2000):
            key = keys[generation % len(keys)]
            table[key] = generation
            memory.drop(key)
        done.set()

    def reader() -> None:
        while not done.is_set():
            for key in keys:
                found = memory.get(key, NOW)
                if found is None:
                    token = memory.token(key)
                    memory.put(key, entry(key, table[key]), token, NOW)

    together(writer, reader, reader, reader)
    for key in keys:
        found = memory.get(key, NOW)
        assert found is None or found.generation == table[key]


# A generation that a thread has seen is never followed by an older one.
def test_time_never_goes_back_for_a_reader() -> None:
    memory = followed()
    table = {"a": 0}
    done = threading.Event()

    def writer() -> None:
        for generation in range(1, 3000):
            table["a"] = generation
            memory.drop("a")
        done.set()

    def reader() -> None:
        seen = 0
        while not done.is_set():
            found = memory.get("a", NOW)
            if found is None:
                token = memory.token("a")
                found = entry("a", table["a"])
                memory.put("a", found, token, NOW)
            assert found.generation >= seen
            seen = found.generation

    together(writer, reader, reader)


# No lock is taken on a hit, so what a hit does to the order must stand beside eviction and dropping.
def test_hits_beside_evictions_and_drops() -> None:
    memory = followed(size=10)
    keys = [f"key {number}" for number in range(20)]
    done = threading.Event()

    def writer() -> None:
        for turn in range(5000):
            key = keys[turn % len(keys)]
            memory.put(key, entry(key, turn), memory.token(key), NOW)
            if turn % 7 == 0:
                memory.drop(keys[(turn * 3) % len(keys)])
        done.set()

    def reader() -> None:
        while not done.is_set():
            for key in keys:
                found = memory.get(key, NOW)
                assert found is None or found.key == key

    together(writer, reader, reader)
    assert len(memory) <= 10
    assert sum(memory.get(key, NOW) is not None for key in keys) == len(memory)
