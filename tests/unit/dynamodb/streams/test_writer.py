"""Readers that wait are told of new records, and of no others."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from everwarm.dynamodb.engine import Engine

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


# Whoever is woken finds the record: the news comes after the commit.
async def test_the_record_is_there_when_the_news_comes(
    call: Call, create: Call, engine: Engine, records: Callable[[str], list[dict[str, Any]]]
) -> None:
    arn = create("rates", stream="KEYS_ONLY")["LatestStreamArn"]
    seen: list[int] = []
    for number in range(20):
        waiting = asyncio.create_task(engine.arrivals.beyond(arn, engine.arrivals.mark(arn)))
        await asyncio.sleep(0)
        writing = asyncio.create_task(
            asyncio.to_thread(call, "PutItem", TableName="rates", Item={"pk": {"S": str(number)}})
        )
        async with asyncio.timeout(10):
            await waiting
            seen.append(len(records("rates")))
            await writing
    assert seen == list(range(1, 21))
