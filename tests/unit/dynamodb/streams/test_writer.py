"""Readers that wait are told of new records, and of no others."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.streams.settings import StreamSettings
from everwarm.dynamodb.tables.keys import key_in_item

Call = Callable[..., dict[str, Any]]


def shard_of(create: Call, engine: Engine, name: str) -> str:
    """The shard of a new table's stream."""
    arn = create(name, stream="KEYS_ONLY")["LatestStreamArn"]
    return engine.streams.find(arn).shards[0].shard_id


async def test_a_write_wakes_who_waits_for_its_shard(call: Call, create: Call, engine: Engine) -> None:
    rates, other = (shard_of(create, engine, name) for name in ("rates", "other"))
    for_rates = asyncio.create_task(engine.arrivals.beyond(rates, engine.arrivals.mark(rates)))
    for_other = asyncio.create_task(engine.arrivals.beyond(other, engine.arrivals.mark(other)))
    await asyncio.sleep(0)
    call("PutItem", TableName="rates", Item={"pk": {"S": "a"}})
    async with asyncio.timeout(10):
        await for_rates
    assert not for_other.done()
    for_other.cancel()
    with pytest.raises(asyncio.CancelledError):
        await for_other


# What arrived between the look and the wait is not slept through.
async def test_a_mark_from_before_the_write_does_not_wait(call: Call, create: Call, engine: Engine) -> None:
    shard_id = shard_of(create, engine, "rates")
    mark = engine.arrivals.mark(shard_id)
    call("PutItem", TableName="rates", Item={"pk": {"S": "a"}})
    async with asyncio.timeout(10):
        await engine.arrivals.beyond(shard_id, mark)


# Who waits at the end of a shard has to hear that nothing more will come.
@pytest.mark.parametrize("how", ["rotated", "switched off"])
async def test_an_end_wakes_too(call: Call, create: Call, engine: Engine, how: str) -> None:
    shard_id = shard_of(create, engine, "rates")
    waiting = asyncio.create_task(engine.arrivals.beyond(shard_id, engine.arrivals.mark(shard_id)))
    await asyncio.sleep(0)
    if how == "rotated":
        engine.store.update(lambda tx: engine.streams.rotate(tx, engine.streams.all()[0].arn), alone=True)
    else:
        call("UpdateTable", TableName="rates", StreamSpecification={"StreamEnabled": False})
    async with asyncio.timeout(10):
        await waiting


# With many shards, a write to one of them is no news to the readers of the others.
def test_other_shards_hear_nothing(call_on: Callable[[Engine], Call]) -> None:
    engine = Engine.open(None, stream_settings=StreamSettings(shards=8))
    call = call_on(engine)
    call(
        "CreateTable",
        TableName="rates",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    shards = [shard.shard_id for shard in engine.streams.all()[0].shards]
    before = [engine.arrivals.mark(shard_id) for shard_id in shards]
    call("PutItem", TableName="rates", Item={"pk": {"S": "a"}})
    after = [engine.arrivals.mark(shard_id) for shard_id in shards]
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1
    assert (engine.stream_writer.records, engine.stream_writer.record_bytes > 100) == (1, True)
    engine.close()


# Whoever is woken finds the record: the news comes after the commit, not before.
def test_the_news_waits_for_the_commit(call: Call, create: Call, engine: Engine) -> None:
    shard_id = shard_of(create, engine, "rates")
    table, item = engine.tables.find("rates"), {"pk": {"S": "a"}}

    def write_and_look(tx: Tx) -> int:
        engine.write(tx, table, key_in_item(table, item), lambda old: item)
        return engine.arrivals.mark(shard_id)

    before = engine.arrivals.mark(shard_id)
    assert engine.store.update(write_and_look) == before
    assert engine.arrivals.mark(shard_id) > before
