"""Streams against a model: whatever is written, split, trimmed and restarted, readers see the last day, in order."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from everwarm.clock import ManualClock
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.streams.settings import StreamSettings
from everwarm.errors import ResourceNotFoundException

Call = Callable[..., dict[str, Any]]

DAY_S = 24 * 3600

HOUR_S = 3600

WEIGHTS = {
    "write": 30,
    "advance": 25,
    "upkeep": 15,
    "rotate": 6,
    "split": 4,
    "restart": 5,
    "back": 5,
    "reclaim": 3,
    "switch": 2,
}


@dataclass
class Written:
    """A record that was written."""

    arn: str
    key: str
    n: int


class Bench:
    def __init__(self, directory: Path, call_on: Callable[[Engine], Call], kept: StreamSettings) -> None:
        self.clock = ManualClock()
        self.written: list[Written] = []
        self._directory = directory
        self._call_on = call_on
        self._kept = kept
        self._open()
        self.call(
            "CreateTable",
            TableName="rates",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.arn = ""
        self.switch()

    def _open(self) -> None:
        self.engine = Engine.open(self._directory, self.clock, stream_settings=self._kept)
        self.call = self._call_on(self.engine)

    def restart(self, _: int = 0) -> None:
        self.engine.close()
        self._open()

    def switch(self, _: int = 0) -> None:
        """Off if it is on, and on again."""
        if self.arn:
            self.call("UpdateTable", TableName="rates", StreamSpecification={"StreamEnabled": False})
        on = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
        described = self.call("UpdateTable", TableName="rates", StreamSpecification=on)["TableDescription"]
        self.arn = described["LatestStreamArn"]

    def write(self, count: int) -> None:
        for _ in range(count):
            n = len(self.written)
            key = f"key-{n % 5}"
            self.call("PutItem", TableName="rates", Item={"pk": {"S": key}, "n": {"N": str(n)}})
            self.written.append(Written(self.arn, key, n))

    def advance(self, seconds: int) -> None:
        self.clock.advance(seconds)

    def back(self, seconds: int) -> None:
        self.clock.jump(-seconds)

    def upkeep(self, _: int) -> None:
        self.engine.upkeep.look()

    def reclaim(self, _: int) -> None:
        self.engine.store.reclaim(b"\x00", b"\xff")

    def split(self, which: int) -> None:
        self._reshard(self.engine.streams.split, which)

    def rotate(self, which: int) -> None:
        self._reshard(self.engine.streams.rotate, which)

    def _reshard(self, how: Any, which: int) -> None:
        shards = [shard.shard_id for shard in self.engine.streams.find(self.arn).shards if shard.open]
        self.engine.store.update(lambda tx: how(tx, self.arn, shards[which % len(shards)]), alone=True)

    def read(self, arn: str) -> list[tuple[str, int]]:
        """All that can be read of a stream, parents before their children."""
        try:
            shards = self.call("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]
        except ResourceNotFoundException:
            return []
        found = []
        for shard in shards:
            place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
            iterator: str | None = self.call("GetShardIterator", **place)["ShardIterator"]
            while iterator:
                page = self.call("GetRecords", ShardIterator=iterator, Limit=4)
                for record in page["Records"]:
                    image = record["dynamodb"]["NewImage"]
                    found.append((image["pk"]["S"], int(image["n"]["N"])))
                iterator = page.get("NextShardIterator") if page["Records"] else None
        return found


def amount(chance: random.Random, what: str) -> int:
    if what == "advance":
        return chance.choice([1, HOUR_S, 9 * HOUR_S, 20 * HOUR_S])
    return chance.randint(1, HOUR_S if what == "back" else 6)


@pytest.mark.parametrize("shard_age_s", [None, 4 * HOUR_S])
@pytest.mark.parametrize("seed", range(4))
def test_readers_see_the_last_day(
    tmp_path: Path, call_on: Callable[[Engine], Call], seed: int, shard_age_s: float | None
) -> None:
    chance = random.Random(seed)
    bench = Bench(tmp_path, call_on, StreamSettings(chance.randint(1, 3), shard_age_s))
    # Numbers never go back, though the clock may: a record counts as written when the latest number was given.
    latest = horizon = 0.0
    moments: list[float] = []
    for what in chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=80):
        getattr(bench, what)(amount(chance, what))
        if what in ("write", "split", "rotate", "switch"):
            latest = max(latest, bench.clock.now())
        moments += [latest] * (len(bench.written) - len(moments))
        if what == "upkeep":
            horizon = max(horizon, bench.clock.now() - DAY_S)
        gone_before = max(horizon, bench.clock.now() - DAY_S)
        for arn in {written.arn for written in bench.written}:
            expected: dict[str, list[int]] = {}
            for written, moment in zip(bench.written, moments, strict=True):
                if written.arn == arn and moment >= gone_before:
                    expected.setdefault(written.key, []).append(written.n)
            found: dict[str, list[int]] = {}
            for key, n in bench.read(arn):
                found.setdefault(key, []).append(n)
            assert found == expected
    bench.engine.close()
