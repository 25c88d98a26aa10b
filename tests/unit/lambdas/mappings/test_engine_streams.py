"""A mapping on the engine's own streams: shards that are split and replaced under load, records that are trimmed."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from everwarm.client import InProcessClient
from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.streams.settings import StreamSettings
from everwarm.lambdas.mappings.checkpoint import MemoryCheckpoints
from everwarm.lambdas.mappings.mapping import Mapping
from everwarm.lambdas.mappings.settings import MappingSettings, StartingPosition
from everwarm.lambdas.mappings.worker import MappingWorker
from everwarm.lambdas.runtime.replies import UNHANDLED, Reply

HOUR_S = 3600

Chance = Callable[[], bool]


class Bench:
    """An engine with a table `rates`, and a function that notes what it is called with."""

    def __init__(self, shards: int, fails: Chance = lambda: False) -> None:
        self.clock = ManualClock()
        self.engine = Engine.open(None, self.clock, stream_settings=StreamSettings(shards=shards))
        self.client = InProcessClient(self.engine)
        self.checkpoints = MemoryCheckpoints()
        self.written: dict[str, list[int]] = {}
        self.done: dict[str, list[int]] = {}
        self.arn = ""
        self._fails = fails

    async def make_table(self) -> None:
        created = await self.client.call(
            "CreateTable",
            {
                "TableName": "rates",
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
                "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            },
        )
        self.arn = created["TableDescription"]["LatestStreamArn"]

    async def put(self, key: str) -> None:
        values = self.written.setdefault(key, [])
        values.append(len(values))
        item = {"pk": {"S": key}, "n": {"N": str(values[-1])}}
        await self.client.call("PutItem", {"TableName": "rates", "Item": item})

    async def reshard(self, children: int, choose: Callable[[list[str]], str]) -> None:
        shard_id = choose([shard.shard_id for shard in self.engine.streams.find(self.arn).shards if shard.open])
        how = self.engine.streams.split if children == 2 else self.engine.streams.rotate
        await self.engine.store.submit_from_loop(lambda tx: how(tx, self.arn, shard_id), alone=True)

    def worker(self, **more: Any) -> MappingWorker:
        mapping = Mapping("f", self.arn, MappingSettings(**more))
        return MappingWorker(
            mapping, self.client, self.checkpoints, self._invoke, self.clock, jitter=lambda: 0.0, stop_grace_s=1.0
        )

    async def _invoke(self, event: bytes) -> Reply:
        await asyncio.sleep(0)
        if self._fails():
            return Reply(b'{"errorType":"ValueError","errorMessage":"no"}', UNHANDLED, "request")
        for record in orjson.loads(event)["Records"]:
            body = record["dynamodb"]
            self.done.setdefault(body["Keys"]["pk"]["S"], []).append(int(body["NewImage"]["n"]["N"]))
        return Reply(b"null", None, "request")

    async def all_done(self) -> None:
        """Wait until each key's last value has come by."""
        async with asyncio.timeout(20):
            while any(self.done.get(key, [-1])[-1] != values[-1] for key, values in self.written.items()):
                self.clock.advance(1.0)  # pauses between retries
                await asyncio.sleep(0.001)


def run(test: Callable[[Bench], Awaitable[None]], bench: Bench) -> None:
    async def whole() -> None:
        await bench.make_table()
        await test(bench)

    try:
        asyncio.run(whole())
    finally:
        bench.engine.close()


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    shards=st.integers(1, 3),
    lanes=st.integers(1, 3),
    batch_size=st.integers(1, 20),
    failing=st.booleans(),
)
def test_no_key_loses_a_record_or_its_order(seed: int, shards: int, lanes: int, batch_size: int, failing: bool) -> None:
    chance = random.Random(seed)
    bench = Bench(shards, (lambda: chance.random() < 0.1) if failing else lambda: False)

    async def load(bench: Bench) -> None:
        worker = bench.worker(batch_size=batch_size, parallelization_factor=lanes)
        worker.start()
        await worker.begun.wait()
        for _ in range(12):
            what = chance.random()
            if what < 0.3:
                await bench.reshard(2, chance.choice)
            elif what < 0.5:
                await bench.reshard(1, chance.choice)
            elif what < 0.6:
                await asyncio.sleep(0.002)
            writers = [bench.put(f"key-{chance.randrange(9)}") for _ in range(chance.randrange(12))]
            await asyncio.gather(*writers)
        await bench.all_done()
        await worker.stop()

    run(load, bench)
    assert bench.done == bench.written


# Restarts deliver again what was under way, and nothing out of order: the first time each value comes, it is its turn.
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), lanes=st.integers(1, 2))
def test_nor_does_it_over_restarts(seed: int, lanes: int) -> None:
    chance = random.Random(seed)

    async def load(bench: Bench) -> None:
        worker = bench.worker(batch_size=3, parallelization_factor=lanes)
        worker.start()
        for _ in range(10):
            await bench.reshard(chance.choice((1, 2)), chance.choice)
            await asyncio.gather(*(bench.put(f"key-{chance.randrange(5)}") for _ in range(6)))
            if chance.random() < 0.5:
                await worker.stop()
                worker = bench.worker(batch_size=3, parallelization_factor=lanes)
                worker.start()
        await bench.all_done()
        await worker.stop()

    bench = Bench(1)
    run(load, bench)
    for key, values in bench.written.items():
        assert list(dict.fromkeys(bench.done[key])) == values


# "The mapping of a trimmed position goes on with the oldest record."
@pytest.mark.parametrize("kept_up", [False, True])
def test_a_position_that_was_trimmed(kept_up: bool) -> None:
    async def away_for_long(bench: Bench) -> None:
        worker = bench.worker()
        worker.start()
        await bench.put("a")
        await bench.all_done()
        await worker.stop()
        await bench.put("lost")
        bench.clock.advance(20 * HOUR_S)
        await bench.put("b")
        bench.clock.advance(5 * HOUR_S)
        if kept_up:
            await asyncio.to_thread(bench.engine.upkeep.look)
        del bench.written["lost"]
        await bench.put("c")
        worker = bench.worker()
        worker.start()
        await bench.all_done()
        await worker.stop()

    bench = Bench(1)
    run(away_for_long, bench)
    assert bench.done == {"a": [0], "b": [0], "c": [0]}


# A shard that vanished while nobody read it does not hold up its children.
def test_a_parent_that_has_vanished() -> None:
    async def away_for_days(bench: Bench) -> None:
        worker = bench.worker()
        worker.start()
        await bench.put("a")
        await bench.all_done()
        await worker.stop()
        await bench.reshard(2, lambda ids: ids[0])
        bench.clock.advance(48 * HOUR_S)
        for key in "abcdefgh":
            await bench.put(key)
        worker = bench.worker()
        worker.start()
        await bench.all_done()
        await worker.stop()

    bench = Bench(1)
    run(away_for_days, bench)
    assert bench.done == bench.written


# What is in a child that comes after the mapping has begun is delivered, LATEST or not.
def test_children_of_a_mapping_that_began_at_the_latest() -> None:
    async def at_latest(bench: Bench) -> None:
        await bench.put("before")
        worker = bench.worker(starting_position=StartingPosition.LATEST)
        worker.start()
        await worker.begun.wait()
        bench.written.clear()
        for _ in range(3):
            await bench.reshard(2, lambda ids: ids[-1])
            for key in "abcdefgh":
                await bench.put(key)
        await bench.all_done()
        await worker.stop()

    bench = Bench(2)
    run(at_latest, bench)
    assert bench.done == bench.written


# However much is in a stream, beginning at its end takes no reading, and the place is kept from then on.
def test_the_latest_is_found_without_reading() -> None:
    async def much_before(bench: Bench) -> None:
        for _ in range(20):
            await bench.put("before")
        bench.written.clear()
        worker = bench.worker(starting_position=StartingPosition.LATEST)
        calls: list[str] = []
        call = bench.client.call

        async def counted(action: str, request: dict[str, Any]) -> dict[str, Any]:
            calls.append(action)
            return await call(action, request)

        bench.client.call = counted  # type: ignore[method-assign]
        worker.start()
        await worker.begun.wait()
        assert set(calls) == {"DescribeStream"}
        await worker.stop()
        await bench.put("while it was down")
        worker = bench.worker(starting_position=StartingPosition.LATEST)
        worker.start()
        await bench.all_done()
        await worker.stop()

    bench = Bench(3)
    run(much_before, bench)
    assert bench.done == {"while it was down": [0]}


# A stream that is switched off, or whose table goes, ends its mapping once it has been read.
def test_a_stream_that_is_switched_off() -> None:
    async def switched_off(bench: Bench) -> None:
        worker = bench.worker()
        worker.start()
        await bench.put("a")
        off = {"TableName": "rates", "StreamSpecification": {"StreamEnabled": False}}
        await bench.client.call("UpdateTable", off)
        async with asyncio.timeout(20):
            while worker.running:
                await asyncio.sleep(0.001)

    bench = Bench(2)
    run(switched_off, bench)
    assert bench.done == bench.written
