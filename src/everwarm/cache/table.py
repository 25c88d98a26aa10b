"""The table: the few reads and conditional writes that a cache is made of, on any backend. They block.

What is true at any moment: a value is replaced only by one of a higher generation; value and next timer are written
together or not at all; a load that began before its key was invalidated, or set, is not stored.

For the last, a lease has a ticket. It goes on to whoever takes over a lease that has run out, so that of several loads
the first one that is done is stored, however slow they all are; and it is torn up with the lease: by the load that is
stored, and by whoever invalidates or sets the key.

Not here: what the items look like (`items.py`), when any of this is done (`refresh.py`, `cache.py`).
"""

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from everwarm.cache.backends.backend import AtHand, Backend
from everwarm.cache.items import Stored, Timer, number, stored_of, timer_item, value_item
from everwarm.cache.names import Names
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ApiError, ConditionalCheckFailedException, TransactionCanceledException

Action = dict[str, Any]
"""One action of TransactWriteItems."""

KEYS_A_BATCH = 100
"""BatchGetItem takes no more."""

DELETIONS_AT_ONCE = 8
"""Keys that are deleted in a transaction, three items each. It could take more, and would collide more often."""

GONE_S = 86_400.0
"""So long after its end Time to Live deletes a lease that nobody has given back. Until then, a load that takes longer
than its lease can be told from one that was cancelled."""

BUSY_S = 0.05
TRIES = 20
"""A pause before the table is asked again that was busy, and how often at the most."""


def new_owner() -> str:
    """The name by which a process holds leases."""
    return f"{os.getpid()}-{secrets.token_hex(6)}"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to load a key.

    Attributes:
        key: the value's.
        ticket: the same for all who load the key, one after the other's time, until one of them is done.
        until: when it ends by itself, in epoch seconds.
    """

    key: str
    ticket: str
    until: float


class CacheTable:
    """A table with the entries of a cache.

    Attributes:
        backend: where it is.
        name: its name there.
        names: those of its attributes.
        owner: the name by which this process holds leases.
        closing: no load is to wait for others any more.
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
        self.closing = False
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
        for some in batched(keys, KEYS_A_BATCH):
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
        for item in self._scan(request):
            yield stored_of(self.names, item)

    def leased(self, prefix: str) -> Iterator[str]:
        """The keys with a lease that begin like this, by a scan: loads under way, or ended by a crash."""
        lease_prefix = self.names.lease_prefix
        request: dict[str, Any] = {
            "TableName": self.name,
            "FilterExpression": "begins_with(#key, :prefix)",
            "ProjectionExpression": "#key",
            "ExpressionAttributeNames": {"#key": self.names.key},
            "ExpressionAttributeValues": {":prefix": {"S": lease_prefix + prefix}},
        }
        for item in self._scan(request):
            yield item[self.names.key]["S"].removeprefix(lease_prefix)

    def take_lease(self, key: str, now: float, until: float, *, over: float | None = None) -> Lease | None:
        """Be the one who loads a key, until then at the latest; None if somebody else is.

        Args:
            over: take also the one that ends then: whoever waits has waited for long enough.
        """
        names = self.names
        free = "attribute_not_exists(#until) OR #until <= :now"
        placeholders = {"#owner": names.owner, "#until": names.fresh_until, "#ttl": names.ttl, "#ticket": names.ticket}
        values = {
            ":now": number(now),
            ":until": number(until),
            ":gone": number(until + GONE_S),
            ":me": {"S": self.owner},
            ":ticket": {"S": secrets.token_hex(8)},
        }
        if self.backend.exclusive:
            free += " OR #owner <> :me"  # that process is no more
        if over is not None:
            free += " OR #until = :over"
            values[":over"] = number(over)
        request = {
            "TableName": self.name,
            "Key": self._key(names.lease(key)),
            "UpdateExpression": (
                "SET #owner = :me, #until = :until, #ttl = :gone, #ticket = if_not_exists(#ticket, :ticket)"
            ),
            "ConditionExpression": free,
            "ExpressionAttributeNames": placeholders,
            "ExpressionAttributeValues": values,
            "ReturnValues": "ALL_NEW",
        }
        try:
            item = self.backend.call("UpdateItem", request)["Attributes"]
        except ConditionalCheckFailedException:
            return None
        return Lease(key, item[names.ticket]["S"], until)

    def lease_ends(self, key: str) -> float | None:
        """When the lease of a key ends by itself; None if nobody has it."""
        item = self.item(self.names.lease(key), consistent=True)
        until = None if item is None else item.get(self.names.fresh_until)
        return None if until is None else float(until["N"])

    def give_back(self, lease: Lease) -> None:
        """End a lease, unless it has run out and somebody has taken it over."""
        self._if_holds("DeleteItem", self._end(lease, held=True)["Delete"])

    def store(self, stored: Stored, timer: Timer | None, lease: Lease, *, before: Stored | None) -> bool:
        """Put a value that was just loaded, with its next timer, and end the lease.

        Args:
            timer: None leaves no timer behind.
            before: the value as it was when the lease was taken.

        Returns:
            False if nothing was written: another load is done already, or the key was invalidated or set.

        Raises:
            ValueTooLarge: DynamoDB takes no item of this size.
        """
        return self._transact([self._put_value(stored, before), self._set_timer(stored.key, timer), self._end(lease)])

    def overwrite(self, stored: Stored, timer: Timer | None, *, before: Stored | None) -> bool:
        """As `store`, for a value that nobody loaded: whoever is just loading it is not stored any more."""
        return self._transact(
            [
                self._put_value(stored, before),
                self._set_timer(stored.key, timer),
                self._delete(self.names.lease(stored.key)),
            ]
        )

    def put_off(self, stored: Stored, timer: Timer | None, lease: Lease) -> bool:
        """Note that a refresh has failed, with the timer of the next try, and end the lease.

        Args:
            stored: the value as it was read, with `failures`, `error` and `retry_at` as they are to be.

        Returns:
            False if nothing was written: the value is another one, or somebody else has the lease by now.
        """
        names = self.names
        noted = {
            "#failures": (names.failures, number(stored.failures)),
            "#error": (names.error, {"S": stored.error or ""}),
            "#retry_at": (names.retry_at, number(stored.retry_at or 0)),
        }
        placeholders, values = dict(self._names), {}
        if stored.generation is None:
            condition = "attribute_exists(#key) AND attribute_not_exists(#generation)"
        else:
            condition = "attribute_exists(#key) AND #generation = :before"
            values[":before"] = number(stored.generation)
        update = {
            "Key": self._key(stored.key),
            "UpdateExpression": "SET " + ", ".join(f"{one} = :{one[1:]}" for one in noted),
            "ConditionExpression": condition,
            "ExpressionAttributeNames": placeholders | {one: name for one, (name, _) in noted.items()},
            "ExpressionAttributeValues": values | {f":{one[1:]}": value for one, (_, value) in noted.items()},
        }
        actions = [{"Update": {"TableName": self.name, **update}}, self._end(lease, held=True)]
        if timer is not None:
            actions.append(self._set_timer(stored.key, timer))
        return self._transact(actions)

    def forget(self, before: Stored, lease: Lease) -> bool:
        """Delete a value with its timer, and end the lease: the source says that there is no such thing.

        Returns:
            False if nothing was deleted, as `store`.
        """
        gone = {"Delete": {"TableName": self.name, "Key": self._key(before.key), **self._unchanged(before)}}
        return self._transact([gone, self._set_timer(before.key, None), self._end(lease)])

    def has_timer(self, key: str, generation: int) -> bool:
        """Whether a timer of this generation, or a later one, is set."""
        item = self.item(self.names.timer(key), consistent=True)
        return item is not None and float(item.get(self.names.generation, {"N": "0"})["N"]) >= generation

    def set_timer(self, timer: Timer) -> bool:
        """Put a timer, unless there is one of a later generation."""
        older = "attribute_not_exists(#key) OR #generation <= :timer"
        condition = _condition(older, dict(self._names), {":timer": number(timer.generation)})
        return self._if_holds("PutItem", {"Item": timer_item(self.names, timer), **condition})

    def note_read(self, key: str, at: float) -> bool:
        """Note on its timer that a value is read; False if there is none, as while it is refreshed."""
        request = {
            "Key": self._key(self.names.timer(key)),
            "UpdateExpression": "SET #read_at = :at",
            **_condition("attribute_exists(#key)", {"#key": self.names.key}, {":at": number(at)}),
        }
        request["ExpressionAttributeNames"]["#read_at"] = self.names.read_at
        return self._if_holds("UpdateItem", request)

    def put(self, stored: Stored, *, before: Stored | None) -> bool:
        """Put a value without a timer or a lease beside it: the form with a gap."""
        return self._if_holds("PutItem", self._put_value(stored, before)["Put"])

    def delete(self, keys: Sequence[str]) -> None:
        """Delete values with their timers and leases. Whoever is just loading one of them is not stored."""
        names = self.names
        for some in batched(keys, DELETIONS_AT_ONCE):
            self._transact([self._delete(one) for key in some for one in (names.lease(key), key, names.timer(key))])

    def _key(self, key: str) -> Item:
        return {self.names.key: {"S": key}}

    def _unchanged(self, before: Stored | None) -> dict[str, Any]:
        """The condition that a value is still as it was read, or has expired since."""
        if before is None:
            return _condition("attribute_not_exists(#key)", {"#key": self.names.key}, {})
        if before.generation is None:
            return _condition("attribute_not_exists(#generation)", {"#generation": self.names.generation}, {})
        values = {":before": number(before.generation)}
        return _condition("attribute_not_exists(#key) OR #generation = :before", dict(self._names), values)

    def _put_value(self, stored: Stored, before: Stored | None) -> Action:
        item = value_item(self.names, stored)
        return {"Put": {"TableName": self.name, "Item": item, **self._unchanged(before)}}

    def _set_timer(self, key: str, timer: Timer | None) -> Action:
        """Beside a value that is as it was: so a timer that is there belongs to it, or to nothing."""
        if timer is None:
            return self._delete(self.names.timer(key))
        return {"Put": {"TableName": self.name, "Item": timer_item(self.names, timer)}}

    def _delete(self, key: str) -> Action:
        return {"Delete": {"TableName": self.name, "Key": self._key(key)}}

    def _end(self, lease: Lease, *, held: bool = False) -> Action:
        """
        Args:
            held: only if nobody has taken it over.
        """
        condition, names = "#ticket = :ticket", {"#ticket": self.names.ticket}
        values: Item = {":ticket": {"S": lease.ticket}}
        if held:
            condition += " AND #until = :until"
            names["#until"] = self.names.fresh_until
            values[":until"] = number(lease.until)
        key = self._key(self.names.lease(lease.key))
        return {"Delete": {"TableName": self.name, "Key": key, **_condition(condition, names, values)}}

    def _scan(self, request: dict[str, Any]) -> Iterator[Item]:
        while True:
            page = self.backend.call("Scan", request)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}

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


def batched(keys: Iterable[str], size: int) -> Iterator[list[str]]:
    """Keys in portions, each once."""
    rest = iter(dict.fromkeys(keys))
    while some := list(islice(rest, size)):
        yield some


def _tries() -> Iterator[bool]:
    """Whether this try is the last one."""
    return (n == TRIES - 1 for n in range(TRIES))
