"""The table: the few reads and conditional writes that a cache is made of, on any backend. They block.

What is true at any moment: a value is replaced only by one of a higher generation, and by nobody but the holder of its
lease; a timer is replaced by none of an older generation; value and next timer are written together or not at all.

Not here: what the items look like (`items.py`), when any of this is done (`refresh.py`, `cache.py`).
"""

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from everwarm.cache.backend import AtHand, Backend
from everwarm.cache.items import Stored, Timer, number, stored_of, timer_item, value_item
from everwarm.cache.names import Names
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ApiError, ConditionalCheckFailedException, TransactionCanceledException

Action = dict[str, Any]
"""One action of TransactWriteItems."""

KEYS_A_BATCH = 100
"""BatchGetItem takes no more."""

WRITES_A_BATCH = 24
"""BatchWriteItem takes 25; a key has three items."""

BUSY_S = 0.05
TRIES = 20
"""A pause before the table is asked again that was busy, and how often at the most."""


def new_owner() -> str:
    """The name by which a process holds leases."""
    return f"{os.getpid()}-{secrets.token_hex(6)}"


class CacheTable:
    """A table with the entries of a cache.

    Attributes:
        backend: where it is.
        name: its name there.
        names: those of its attributes.
        owner: the name by which this process holds leases.
    """

    def __init__(
        self,
        backend: Backend,
        name: str,
        names: Names,
        owner: str,
        measure: Callable[[Item | bytes], object] = lambda item: None,
    ) -> None:
        """
        Args:
            measure: told of each item that is read by its key; of the JSON, where that is what was read.
        """
        self.backend = backend
        self.name = name
        self.names = names
        self.owner = owner
        self._measure = measure
        self._at_hand = backend if isinstance(backend, AtHand) else None
        self._names = {"#key": names.key, "#generation": names.generation}

    def item(self, key: str, *, consistent: bool = False) -> Item | None:
        """The item of a key, as it lies there. What a hit costs is mostly this."""
        request: dict[str, Any] = {"TableName": self.name, "Key": {self.names.key: {"S": key}}}
        if consistent:
            request["ConsistentRead"] = True
        item: Item | None = self.backend.call("GetItem", request).get("Item")
        if item is not None:
            self._measure(item)
        return item

    @property
    def at_hand(self) -> bool:
        """Whether `item_json` has what `item` would be made of."""
        return self._at_hand is not None

    def item_json(self, key: str) -> bytes | None:
        """The item of a key in the bytes that it lies there in, where they are at hand."""
        assert self._at_hand is not None
        item_json = self._at_hand.item_json(self.name, {self.names.key: {"S": key}})
        if item_json is not None:
            self._measure(item_json)
        return item_json

    def read(self, key: str) -> Stored | None:
        """The value of a key as it is now, for somebody who is going to write."""
        item = self.item(key, consistent=True)
        return None if item is None else stored_of(self.names, item)

    def read_many(self, keys: Iterable[str]) -> dict[str, Stored]:
        """The values of those keys that have one."""
        found: dict[str, Stored] = {}
        rest = iter(dict.fromkeys(keys))
        while some := list(islice(rest, KEYS_A_BATCH)):
            wanted: dict[str, Any] = {self.name: {"Keys": [{self.names.key: {"S": key}} for key in some]}}
            for last in _tries():
                answer = self.backend.call("BatchGetItem", {"RequestItems": wanted})
                for item in answer["Responses"].get(self.name, ()):
                    self._measure(item)
                    stored = stored_of(self.names, item)
                    found[stored.key] = stored
                wanted = answer.get("UnprocessedKeys") or {}
                if not wanted:
                    break
                self._rest_unless(last, "BatchGetItem leaves keys unprocessed again and again")
        return found

    def entries(self, *, prefix: str = "", tag: str | None = None) -> Iterator[Stored]:
        """All values whose keys begin like this and that have this tag, by a scan of the table."""
        names, values, conditions = {"#key": self.names.key}, {}, []
        for n, other in enumerate((self.names.timer_prefix, self.names.lease_prefix)):
            conditions.append(f"NOT begins_with(#key, :other{n})")
            values[f":other{n}"] = {"S": other}
        if prefix:
            conditions.append("begins_with(#key, :prefix)")
            values[":prefix"] = {"S": prefix}
        if tag is not None:
            conditions.append("contains(#tags, :tag)")
            names["#tags"] = self.names.tags
            values[":tag"] = {"S": tag}
        request: dict[str, Any] = {
            "TableName": self.name,
            "FilterExpression": " AND ".join(conditions),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }
        while True:
            page = self.backend.call("Scan", request)
            for item in page["Items"]:
                yield stored_of(self.names, item)
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def take_lease(self, key: str, now: float, until: float) -> bool:
        """Be the one who loads a key, until then at the latest; False if somebody else is."""
        names = self.names
        free = "attribute_not_exists(#key) OR #ttl <= :now"
        values = {":now": number(now)}
        placeholders = {"#key": names.key, "#ttl": names.ttl}
        if self.backend.exclusive:
            free += " OR #owner <> :me"  # that process is no more
            values[":me"] = {"S": self.owner}
            placeholders["#owner"] = names.owner
        item = {names.key: {"S": names.lease(key)}, names.owner: {"S": self.owner}, names.ttl: number(until)}
        return self._if_holds("PutItem", {"Item": item, **_condition(free, placeholders, values)})

    def lease_ends(self, key: str) -> float | None:
        """When the lease of a key ends by itself; None if nobody has it."""
        item = self.item(self.names.lease(key), consistent=True)
        return None if item is None else float(item.get(self.names.ttl, {"N": "0"})["N"])

    def give_back(self, key: str) -> None:
        """End the lease that this process has."""
        condition = _condition("#owner = :me", {"#owner": self.names.owner}, {":me": {"S": self.owner}})
        self._if_holds("DeleteItem", {"Key": self._key(self.names.lease(key)), **condition})

    def store(self, stored: Stored, timer: Timer | None, *, before: Stored | None) -> bool:
        """Put a value that was just loaded, with its next timer, and end the lease.

        Args:
            timer: None leaves no timer behind.
            before: the value as it was when the lease was taken.

        Returns:
            False if nothing was written: the lease is somebody else's by now, or gone; or so is the value.

        Raises:
            ValueTooLarge: DynamoDB takes no item of this size.
        """
        return self._transact([self._put_value(stored, before), self._set_timer(stored.key, timer), self._end(stored)])

    def overwrite(self, stored: Stored, timer: Timer | None, *, before: Stored | None) -> bool:
        """As `store`, for a value that nobody loaded: whoever is just loading it is not stored any more."""
        end_any = {"Delete": {"TableName": self.name, "Key": self._key(self.names.lease(stored.key))}}
        return self._transact([self._put_value(stored, before), self._set_timer(stored.key, timer), end_any])

    def put_off(self, stored: Stored, timer: Timer | None) -> bool:
        """Note that a refresh has failed, with the timer of the next try, and end the lease.

        Args:
            stored: the value as it was read, with `failures`, `error` and `retry_at` as they are to be.
        """
        names = self.names
        noted = {
            "#failures": (names.failures, number(stored.failures)),
            "#error": (names.error, {"S": stored.error or ""}),
            "#retry_at": (names.retry_at, number(stored.retry_at or 0)),
        }
        condition, placeholders, values = self._unchanged(stored)
        update = {
            "Key": self._key(stored.key),
            "UpdateExpression": "SET " + ", ".join(f"{one} = :{one[1:]}" for one in noted),
            "ConditionExpression": condition,
            "ExpressionAttributeNames": placeholders | {one: name for one, (name, _) in noted.items()},
            "ExpressionAttributeValues": values | {f":{one[1:]}": value for one, (_, value) in noted.items()},
        }
        actions = [{"Update": {"TableName": self.name, **update}}, self._end(stored)]
        if timer is not None:
            actions.append({"Put": {"TableName": self.name, **self._put_timer(timer, or_equal=True)}})
        return self._transact(actions)

    def set_timer(self, timer: Timer) -> bool:
        """Put a timer, unless there is one of a later generation."""
        return self._if_holds("PutItem", self._put_timer(timer, or_equal=True))

    def note_read(self, key: str, at: float) -> None:
        """Note on its timer that a value is read."""
        request = {
            "Key": self._key(self.names.timer(key)),
            "UpdateExpression": "SET #read_at = :at",
            **_condition("attribute_exists(#key)", {"#key": self.names.key}, {":at": number(at)}),
        }
        request["ExpressionAttributeNames"]["#read_at"] = self.names.read_at
        self._if_holds("UpdateItem", request)

    def put(self, stored: Stored, *, before: Stored | None) -> bool:
        """Put a value without a timer or a lease beside it: the form with a gap."""
        return self._if_holds("PutItem", self._put_value(stored, before)["Put"])

    def delete(self, keys: Sequence[str]) -> None:
        """Delete values with their timers and leases. Whoever is just loading one of them is not stored."""
        names = self.names
        for start in range(0, len(keys), WRITES_A_BATCH // 3):
            some = keys[start : start + WRITES_A_BATCH // 3]
            # The lease first: on a server that takes them one by one, nothing is stored behind the deletion.
            doomed = [one for key in some for one in (names.lease(key), key, names.timer(key))]
            writes: dict[str, Any] = {self.name: [{"DeleteRequest": {"Key": self._key(one)}} for one in doomed]}
            for last in _tries():
                writes = self.backend.call("BatchWriteItem", {"RequestItems": writes}).get("UnprocessedItems") or {}
                if not writes:
                    break
                self._rest_unless(last, "BatchWriteItem leaves deletions unprocessed again and again")

    def _key(self, key: str) -> Item:
        return {self.names.key: {"S": key}}

    def _unchanged(self, before: Stored | None) -> tuple[str, dict[str, str], Item]:
        """The condition that a value is still as it was read, and the placeholders in it."""
        if before is None:
            return "attribute_not_exists(#key)", {"#key": self.names.key}, {}
        if before.generation is None:
            return "attribute_exists(#key) AND attribute_not_exists(#generation)", dict(self._names), {}
        names, values = {"#generation": self.names.generation}, {":before": number(before.generation)}
        return "#generation = :before", names, values

    def _put_value(self, stored: Stored, before: Stored | None) -> Action:
        condition = _condition(*self._unchanged(before))
        return {"Put": {"TableName": self.name, "Item": value_item(self.names, stored), **condition}}

    def _put_timer(self, timer: Timer, *, or_equal: bool = False) -> dict[str, Any]:
        older = f"attribute_not_exists(#key) OR #generation {'<=' if or_equal else '<'} :timer"
        values = {":timer": number(timer.generation)}
        return {"Item": timer_item(self.names, timer), **_condition(older, dict(self._names), values)}

    def _set_timer(self, key: str, timer: Timer | None) -> Action:
        if timer is None:
            return {"Delete": {"TableName": self.name, "Key": self._key(self.names.timer(key))}}
        return {"Put": {"TableName": self.name, **self._put_timer(timer)}}

    def _end(self, stored: Stored) -> Action:
        condition = _condition("#owner = :me", {"#owner": self.names.owner}, {":me": {"S": self.owner}})
        return {"Delete": {"TableName": self.name, "Key": self._key(self.names.lease(stored.key)), **condition}}

    def _if_holds(self, action: str, request: dict[str, Any]) -> bool:
        try:
            self.backend.call(action, {"TableName": self.name, **request})
        except ConditionalCheckFailedException:
            return False
        return True

    def _transact(self, actions: list[Action]) -> bool:
        for last in _tries():
            try:
                self.backend.call("TransactWriteItems", {"TransactItems": actions})
                return True
            except TransactionCanceledException as error:
                codes = {reason.get("Code") for reason in error.members.get("CancellationReasons", ())}
                if "ConditionalCheckFailed" in codes:
                    return False
                if last or not codes & {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}:
                    raise
            self.backend.pause(BUSY_S)
        raise AssertionError("the last try returns or raises")

    def _rest_unless(self, last: bool, problem: str) -> None:
        if last:
            raise ApiError(problem)
        self.backend.pause(BUSY_S)


def _condition(text: str, names: dict[str, str], values: Item) -> dict[str, Any]:
    condition: dict[str, Any] = {"ConditionExpression": text, "ExpressionAttributeNames": names}
    if values:
        condition["ExpressionAttributeValues"] = values
    return condition


def _tries() -> Iterator[bool]:
    """Whether this try is the last one."""
    return (n == TRIES - 1 for n in range(TRIES))
