"""Readers that wait are told of new records, and of no others."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Tx
from everwarm.dynamodb.tables.keys import key_in_item

Call = Callable[..., dict[str, Any]]


async def test_a_write_wakes_who_waits_for_its_stream(call: Call, create: Call, engine: Engine) -> None:
    rates = create("rates", stream="KEYS_ONLY")["LatestStreamArn"]
    other = create("other", stream="KEYS_ONLY")["LatestStreamArn"]
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
    arn = create("rates", stream="KEYS_ONLY")["LatestStreamArn"]
    mark = engine.arrivals.mark(arn)
    call("PutItem", TableName="rates", Item={"pk": {"S": "a"}})
    async with asyncio.timeout(10):
        await engine.arrivals.beyond(arn, mark)


# Whoever is woken finds the record: the news comes after the commit, not before.
def test_the_news_waits_for_the_commit(call: Call, create: Call, engine: Engine) -> None:
    arn = create("rates", stream="KEYS_ONLY")["LatestStreamArn"]
    table, item = engine.tables.find("rates"), {"pk": {"S": "a"}}

    def write_and_look(tx: Tx) -> int:
        engine.write(tx, table, key_in_item(table, item), lambda old: item)
        return engine.arrivals.mark(arn)

    before = engine.arrivals.mark(arn)
    assert engine.store.update(write_and_look) == before
    assert engine.arrivals.mark(arn) > before
