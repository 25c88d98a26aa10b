"""Values that refresh themselves, on each backend: timers, the handler's rules, failures, leases."""

import asyncio
from typing import Any

import pytest

from everwarm import Cache, NotFound
from everwarm.cache.entry import State
from everwarm.cache.items import number
from everwarm.cache.names import Names
from everwarm.cache.table import CacheTable
from tests.cache.backends import Bench
from tests.cache.caches import Make, Source, until


def record(name: str, place: str, image: dict[str, Any] | None = None, number: str = "1") -> dict[str, Any]:
    """A stream record."""
    body: dict[str, Any] = {"Keys": {"key": {"S": place}}, "SequenceNumber": number}
    if image is not None:
        body["OldImage"] = {"key": {"S": place}, **image}
    return {"eventName": name, "dynamodb": body}


def generation(cache: Cache, key: str) -> int:
    entry = cache.peek(key)
    assert entry is not None
    return entry.generation


def timer(cache: Cache, key: str) -> dict[str, Any] | None:
    item: dict[str, Any] | None = cache.opened().table.item(f"timer#{key}", consistent=True)
    return item


def test_an_entry_refreshes_itself(make: Make, backend: Bench) -> None:
    cache, source = make(), Source()
    cache.loader(source)
    cache.get("a")
    for expected in (2, 3, 4):
        backend.advance(601, cache.table)
        entry = cache.entry("a")
        assert entry is not None
        assert (entry.value["number"], entry.state) == (expected, "fresh")
    assert source.asked == ["a"] * 4


def test_decorated_functions_are_called_again_with_their_arguments(make: Make, backend: Bench) -> None:
    cache = make()
    calls: list[tuple[Any, ...]] = []

    @cache.cached
    def history(pair: str, days: int = 30, *, kind: str = "close") -> int:
        calls.append((pair, days, kind))
        return len(calls)

    @cache.cached(tags=lambda pair: [pair.lower()])
    async def closing(pair: str) -> int:
        calls.append((pair,))
        return len(calls)

    history("EUR", kind="open")
    until(lambda: cache.peek(history.key("EUR", kind="open")) is not None)
    asyncio.run(closing("USD"))
    backend.advance(601, cache.table)
    assert calls[:2] == [("EUR", 30, "open"), ("USD",)]
    assert sorted(calls[2:], key=len) == [("USD",), ("EUR", 30, "open")]
    [tagged] = cache.entries(tag="usd")
    assert tagged.tags == {"usd"}


def test_while_the_source_is_down_values_are_served_and_tries_get_rarer(make: Make, backend: Bench) -> None:
    cache, source = make(backoff="10s..100s"), Source()
    cache.loader(source)
    cache.get("a")
    source.error = OSError("down")
    backend.advance(601, cache.table)
    entry = cache.entry("a")
    assert entry is not None
    assert (entry.value["number"], entry.state, entry.failures, entry.error) == (1, "stale", 1, "OSError: down")
    for _ in range(20):
        assert cache.get("a")["number"] == 1  # no reader asks again before its time
    assert len(source.asked) == 2
    for _ in range(30):
        backend.advance(20, cache.table)
        assert cache.get("a")["number"] == 1
    # From 10 s on the pauses double to 100 s, of which half is certain.
    assert 8 <= len(source.asked) <= 18
    assert backend.failed == []
    source.error = None
    backend.advance(101, cache.table)
    entry = cache.entry("a")
    assert entry is not None
    assert (entry.state, entry.failures, entry.error) == ("fresh", 0, None)
    asked = len(source.asked)
    backend.advance(599, cache.table)
    assert len(source.asked) == asked


def test_the_last_failure_before_the_hard_limit_is_reported(make: Make, backend: Bench) -> None:
    cache, source = make(keep="15m", backoff="200s..200s"), Source()
    cache.loader(source)
    cache.get("a")
    source.error = OSError("down")
    backend.advance(601, cache.table)
    assert backend.failed == []
    backend.clock.advance(200)
    if backend.kind in ("memory", "directory"):
        return  # it tries again by itself, until it gives up: `test_embedded_*`

    def reported() -> bool:
        backend.expire(cache.table)  # an endpoint's own sweeper may not have deleted it yet
        return len(backend.failed) == 1

    until(reported)
    assert timer(cache, "a") is None


def test_what_cannot_be_stored_is_reported_and_blocks_no_other(make: Make, backend: Bench) -> None:
    cache = make()
    poisoned: set[str] = set()
    calls: list[str] = []

    @cache.loader
    def load(key: str) -> Any:
        calls.append(key)
        return object() if key in poisoned else len(calls)

    for key in ("a", "b", "c"):
        cache.get(key)
    poisoned.add("b")
    if backend.kind in ("memory", "directory"):
        event = {"Records": [self_made(cache, key) for key in ("a", "b", "c")]}
        assert cache.handler(event) == {"batchItemFailures": [{"itemIdentifier": "b"}]}
    else:
        backend.advance(601, cache.table)
        assert len(backend.failed) == 1
    entries = {key: cache.peek(key) for key in ("a", "b", "c")}
    assert [key for key, entry in entries.items() if entry is not None and entry.failures] == ["b"]
    b = entries["b"]
    assert b is not None
    assert "UnstorableValue" in (b.error or "")


def self_made(cache: Cache, key: str) -> dict[str, Any]:
    """The record of a timer that has run out."""
    return record("REMOVE", f"timer#{key}", {"generation": {"N": str(generation(cache, key))}}, number=key)


def test_what_the_handler_passes_over(make: Make, backend: Bench) -> None:
    cache, source = make(), Source()
    cache.loader(source)
    cache.get("a")
    g = {"generation": {"N": str(generation(cache, "a"))}}
    old = {"generation": {"N": str(generation(cache, "a") - 1)}}
    event = {
        "Records": [
            record("INSERT", "timer#a", g),
            record("MODIFY", "timer#a", g),
            record("REMOVE", "a", g),
            record("REMOVE", "lease#a", g),
            record("REMOVE", "timer#a", old),
            record("REMOVE", "timer#nobody", g),
            record("REMOVE", "timer#", g),
        ]
    }
    assert cache.handler(event) == {"batchItemFailures": []}
    assert cache.handler({"Records": []}) == {"batchItemFailures": []}
    assert source.asked == ["a"]


def test_a_record_that_is_none_is_reported_and_blocks_no_other(make: Make, backend: Bench) -> None:
    cache, source = make(), Source()
    cache.loader(source)
    cache.get("a")
    broken = record("REMOVE", "timer#a", {"generation": {"N": "no number"}}, number="7")
    answer = cache.handler({"Records": [broken, self_made(cache, "a")]})
    assert answer == {"batchItemFailures": [{"itemIdentifier": "7"}]}
    assert source.asked == ["a", "a"]


def test_a_record_that_comes_twice_or_late_refreshes_once(make: Make, backend: Bench) -> None:
    cache, source = make(refresh="3d", keep="30d"), Source()
    cache.loader(source)
    cache.get("a")
    due = self_made(cache, "a")
    assert cache.handler({"Records": [due, due]}) == {"batchItemFailures": []}
    cache.handler({"Records": [due]})
    backend.clock.advance(48 * 3600)
    cache.handler({"Records": [due]})
    assert source.asked == ["a", "a"]


def test_a_record_that_comes_again_does_not_ask_a_source_that_has_just_failed(make: Make, backend: Bench) -> None:
    cache, source = make(backoff="10s..10s"), Source()
    cache.loader(source)
    cache.get("a")
    backend.clock.advance(599)
    due = self_made(cache, "a")
    source.error = OSError("down")
    for _ in range(5):
        assert cache.handler({"Records": [due]}) == {"batchItemFailures": []}
    assert source.asked == ["a", "a"]


def test_a_stream_that_shows_keys_only_will_do(make: Make, backend: Bench) -> None:
    cache, source = make(), Source()
    backend.old_images = False
    cache.loader(source)
    cache.get("a")
    assert cache.handler({"Records": [record("REMOVE", "timer#a")]}) == {"batchItemFailures": []}
    assert source.asked == ["a"]  # it is fresh
    backend.call("DeleteItem", {"TableName": cache.table, "Key": {"key": {"S": "timer#a"}}})
    backend.advance(0, cache.table)
    until(lambda: timer(cache, "a") is not None)  # else nobody would refresh it when its time comes
    backend.advance(601, cache.table)
    assert source.asked == ["a", "a"]
    backend.advance(601, cache.table)
    assert source.asked == ["a", "a", "a"]


def test_an_entry_without_its_function_is_reported(make: Make, backend: Bench) -> None:
    cache, other = make(), make()

    @cache.cached
    def history(pair: str) -> int:
        return 1

    key = history.key("EUR")
    history("EUR")
    assert other.handler({"Records": [self_made(other, key)]}) == {"batchItemFailures": [{"itemIdentifier": key}]}


def test_what_there_is_no_more_is_no_failure(make: Make, backend: Bench) -> None:
    cache, source = make(negative="1m"), Source()
    cache.loader(source)
    cache.get("a")
    source.error = NotFound("a")
    backend.advance(601, cache.table)
    assert source.asked == ["a", "a"]
    assert backend.failed == []
    assert cache.get("a", 7) == 7
    assert source.asked == ["a", "a"]
    assert timer(cache, "a") is None


def test_a_timer_whose_key_somebody_else_loads_comes_again(make: Make, backend: Bench) -> None:
    """Should he die of it, the entry would never be refreshed."""
    cache, source = make(lease="30s"), Source()
    cache.loader(source)
    cache.get("a")
    table = cache.opened().table
    dead = CacheTable(backend, table.name, Names(), "another process")
    backend.clock.advance(599)
    due, now = self_made(cache, "a"), backend.clock.now()
    if backend.exclusive:
        dead = table  # of another process's it is known that it is dead
    lease = dead.take_lease("a", now, round(now + 30, 3))
    assert lease is not None
    assert cache.handler({"Records": [due]}) == {"batchItemFailures": []}
    assert source.asked == ["a"]
    set_again = timer(cache, "a")
    assert set_again is not None
    assert float(set_again["ttl"]["N"]) == pytest.approx(now + 30, abs=0.01)
    backend.advance(31, cache.table)
    until(lambda: source.asked == ["a", "a"])


def test_leases(make: Make, backend: Bench) -> None:
    cache = make()
    table, now = cache.opened().table, round(backend.clock.now(), 3)
    first = table.take_lease("a", now, now + 60)
    assert first is not None
    assert table.lease_ends("a") == now + 60
    assert table.take_lease("a", now + 59, now + 119) is None
    second = table.take_lease("a", now + 60, now + 120)
    assert second is not None
    assert second.ticket == first.ticket  # whoever is done first is stored
    table.give_back(first)
    assert table.lease_ends("a") == now + 120
    table.give_back(second)
    assert table.lease_ends("a") is None
    third = table.take_lease("a", now, now + 60)
    assert third is not None
    assert third.ticket != first.ticket
    # A clock that was put back: whoever has waited for as long as a lease lasts takes it.
    assert table.take_lease("a", now - 3600, now - 3540) is None
    assert table.take_lease("a", now - 3600, now - 3540, over=now + 60) is not None
    table.delete(["a"])
    assert table.lease_ends("a") is None


def test_entries_that_nobody_reads_are_let_go(make: Make, backend: Bench) -> None:
    cache, source = make(keep_warm="while-read", idle_periods=2), Source()
    cache.loader(source)
    cache.get("a")
    cache.get("b")
    for _ in range(8):
        backend.clock.advance(300)
        cache.get("a")
        until(lambda: (timer(cache, "a") or {}).get("read_at") == number(backend.clock.now()))
        backend.advance(301, cache.table)
        until(lambda: (entry := cache.peek("a")) is not None and entry.state is State.FRESH)
    assert source.asked.count("a") == 9
    assert 3 <= source.asked.count("b") <= 5
    assert timer(cache, "b") is None
    assert cache.get("b") is not None  # it stays until its hard limit, and who reads it has it refreshed
    until(lambda: timer(cache, "b") is not None)


def test_nothing_is_kept_warm_where_that_was_said(make: Make, backend: Bench) -> None:
    cache, source = make(keep_warm="never"), Source()
    cache.loader(source)
    cache.get("a")
    assert timer(cache, "a") is None
    backend.advance(601, cache.table)
    assert source.asked == ["a"]


def test_with_a_gap_there_is_one_item_that_is_put_back(make: Make, backend: Bench) -> None:
    cache, source = make(gap=True), Source()
    cache.loader(source)
    assert cache.get("a")["number"] == 1
    assert timer(cache, "a") is None
    backend.advance(601, cache.table)
    until(lambda: cache.peek("a") is not None)
    assert cache.get("a")["number"] == 2
    # What a user has deleted does not come back, however late that is told; nor does what is there already.
    image = cache.opened().table.item("a", consistent=True)
    assert image is not None
    gone = record("REMOVE", "a", image)
    gone["dynamodb"]["ApproximateCreationDateTime"] = int(backend.clock.now())
    assert cache.handler({"Records": [gone]}) == {"batchItemFailures": []}
    assert cache.invalidate("a") == 1
    backend.clock.advance(48 * 3600)
    assert cache.handler({"Records": [gone]}) == {"batchItemFailures": []}
    assert source.asked == ["a", "a"]
    by_the_service = {**gone, "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"}}
    assert cache.handler({"Records": [by_the_service]}) == {"batchItemFailures": []}
    assert source.asked == ["a", "a", "a"]


def test_an_existing_table_with_names_of_its_own(make: Make, backend: Bench) -> None:
    names = Names(key="pk", value="history", ttl="expires", fresh_until="until", timer_prefix="t:", lease_prefix="l:")
    table = backend.new_table_name()
    schema = {
        "TableName": table,
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    backend.call("CreateTable", schema)
    backend.call("PutItem", {"TableName": table, "Item": {"pk": {"S": "old"}, "history": {"L": [{"N": "1"}]}}})
    cache, source = make(table=table, names=names), Source()
    cache.loader(source)
    assert cache.get("old") == [1]  # somebody else's: fresh for as long as it is there
    assert cache.get("a")["number"] == 1
    backend.advance(601, table, names)
    assert cache.get("a")["number"] == 2
    item = backend.call("GetItem", {"TableName": table, "Key": {"pk": {"S": "a"}}, "ConsistentRead": True})["Item"]
    assert {"history", "until", "expires", "generation"} <= item.keys()
    assert cache.refresh("old").value["key"] == "old"
    cache.get("timer#a")  # which is a key like any other here


@pytest.mark.parametrize("images", [True, False])
def test_an_invalidated_entry_does_not_come_back(make: Make, backend: Bench, images: bool) -> None:
    cache, source = make(), Source()
    backend.old_images = images
    cache.loader(source)
    cache.get("a")
    backend.clock.advance(599)
    cache.invalidate("a")
    backend.advance(601, cache.table)
    assert cache.peek("a") is None
    assert source.asked == ["a"]
