"""The memory layer on every kind of backend: what one cache changes, another's memory forgets; and `everwarm cache`'s
part of it, entries that are made due by somebody who has no loader."""

from everwarm import Cache
from everwarm.cache.names import Names
from everwarm.cache.survey import forget, look, make_due, survey
from everwarm.cache.table import CacheTable, new_owner
from tests.cache.backends import Bench
from tests.stack.support import eventually


def cache(backend: Bench, table: str, memory: int = 0) -> Cache:
    """One of several on a table, as in processes of their own."""
    return Cache(
        "rates", table=table, backend=backend, clock=backend.clock, refresh="10m", memory=memory, memory_for="10m"
    )


# Long before it would not be believed any more: the time of the memory layer, and the clock, stand still here.
def test_what_another_changes_is_forgotten(backend: Bench) -> None:
    table = backend.new_table_name()
    writer, reader = cache(backend, table), cache(backend, table, memory=100)
    writer.set("a", 1)
    writer.set("b", 1)
    for _ in range(2):
        assert (reader.get("a"), reader.get("b")) == (1, 1)
    assert reader.stats.memory_hits == 2
    writer.set("a", 2)
    assert eventually(lambda: reader.get("a") == 2)
    writer.invalidate("a")
    assert eventually(lambda: reader.get("a") is None)
    assert reader.get("b") == 1


# A reader of what it has written itself does not wait until it is told.
def test_what_one_writes_oneself_is_read_at_once(backend: Bench) -> None:
    rates = cache(backend, backend.new_table_name(), memory=100)
    for number in range(5):
        rates.set("a", number)
        assert (rates.get("a"), rates.get("a")) == (number, number)


def test_entries_are_made_due_and_forgotten_without_their_loader(backend: Bench) -> None:
    table_name = backend.new_table_name()
    rates = cache(backend, table_name)
    loads: list[str] = []

    @rates.cached
    def rate(pair: str) -> int:
        loads.append(pair)
        return len(loads)

    for pair in ("EUR", "USD"):
        rate(pair)
    backend.deliver(table_name)
    table = CacheTable(backend, table_name, Names(), new_owner())
    assert [row.stored.key for row in survey(table, prefix="rate:")] == ["rate:EUR", "rate:USD"]
    assert [key for key, before in make_due(table, ["rate:EUR", "rate:GBP"], backend.clock.now()) if before] == [
        "rate:EUR"
    ]
    backend.deliver(table_name)
    assert loads == ["EUR", "USD", "EUR"]
    assert rate("EUR") == 3
    row = look(table, "rate:EUR")
    assert row is not None
    assert row.timer is not None
    assert list(forget(table, ["rate:EUR", "rate:GBP"])) == [("rate:EUR", True), ("rate:GBP", False)]
    assert [row.stored.key for row in survey(table)] == ["rate:USD"]
    backend.deliver(table_name)
    assert loads == ["EUR", "USD", "EUR"]
