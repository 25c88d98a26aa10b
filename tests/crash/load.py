"""Writers under which a stack is killed, and what they know of their writes afterwards.

A write that was not answered may have been made or not; one that was answered has been made. Each write of a key has a
number, so that it can be told in the stream.
"""

import random
import time
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError

from tests.crash.project import POISON
from tests.stack.support import client

EXPIRING = "expiring"
"""How keys begin whose items expire within seconds."""

DELETED = 0
"""The number of a write that deletes: it is the last one of its key."""


@dataclass
class Write:
    """One write of one key.

    Attributes:
        number: of a put, in the item's attribute `n`; counted for each key.
        acknowledged: whether it was answered.
    """

    number: int
    acknowledged: bool = False


@dataclass
class Writer:
    """One client that writes, over the lives of many stacks. Every key is one writer's.

    Attributes:
        history: all writes of each key, in order.
        pairs: keys that were written in one transaction.
    """

    name: str
    chance: random.Random
    history: dict[str, list[Write]] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    acknowledged: int = 0
    _count: int = 0

    def work(self, endpoint: str) -> None:
        """Write until nobody answers any more."""
        dynamodb = client("dynamodb", endpoint)
        try:
            while True:
                self._one(dynamodb)
        except BotoCoreError:
            pass  # it has been killed, or is ending
        finally:
            dynamodb.close()

    def _one(self, dynamodb: Any) -> None:
        kind = self.chance.choices(
            ["expiring", "lasting", "again", "pair", "delete", "poison"], [45, 15, 25, 8, 6, 0.6]
        )[0]
        if kind == "expiring":
            self._put(dynamodb, self._fresh(EXPIRING), ttl=int(time.time()) + self.chance.randint(0, 2))
        elif kind == "lasting":
            self._put(dynamodb, self._fresh("lasting"))
        elif kind == "again":
            self._put(dynamodb, f"again-{self.name}-{self.chance.randrange(5)}")
        elif kind == "pair":
            self._put_pair(dynamodb)
        elif kind == "delete":
            self._delete(dynamodb)
        else:
            self._put(dynamodb, self._fresh(f"{POISON}-{self.chance.choice(['raise', 'report'])}"))

    def _fresh(self, kind: str) -> str:
        self._count += 1
        return f"{kind}-{self.name}-{self._count}"

    def _attempt(self, key: str) -> Write:
        history = self.history.setdefault(key, [])
        write = Write(len(history) + 1)
        history.append(write)
        return write

    def _acknowledge(self, *writes: Write) -> None:
        for write in writes:
            write.acknowledged = True
            self.acknowledged += 1

    def _put(self, dynamodb: Any, key: str, ttl: int | None = None) -> None:
        write = self._attempt(key)
        dynamodb.put_item(TableName="cache", Item=_item(key, write, ttl))
        self._acknowledge(write)

    def _put_pair(self, dynamodb: Any) -> None:
        keys = (self._fresh("pair"), self._fresh("pair"))
        self.pairs.append(keys)
        writes = [self._attempt(key) for key in keys]
        puts = [{"TableName": "cache", "Item": _item(key, write)} for key, write in zip(keys, writes, strict=True)]
        dynamodb.transact_write_items(TransactItems=[{"Put": put} for put in puts])
        self._acknowledge(*writes)

    def _delete(self, dynamodb: Any) -> None:
        key = f"lasting-{self.name}-{self.chance.randint(1, max(1, self._count))}"
        history = self.history.get(key, [])
        if len(history) != 1 or not history[0].acknowledged:
            return
        write = Write(DELETED)
        history.append(write)
        dynamodb.delete_item(TableName="cache", Key={"pk": {"S": key}})
        self._acknowledge(write)


def _item(key: str, write: Write, ttl: int | None = None) -> dict[str, Any]:
    item: dict[str, Any] = {"pk": {"S": key}, "n": {"N": str(write.number)}}
    return item if ttl is None else {**item, "ttl": {"N": str(ttl)}}
