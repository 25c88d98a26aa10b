"""What lies in the table: the item of a value, of its timer, of a lease; to and from plain dataclasses. Pure.

Attribute names are a setting (`names.py`). An item that something else has written may lack any of them but its key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from everwarm.cache.names import Names
from everwarm.cache.values.compress import ZSTD
from everwarm.dynamodb.values.sizes import MAX_ITEM_BYTES, item_size
from everwarm.dynamodb.values.types import AttributeValue, Item
from everwarm.errors import ValueTooLarge


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A value item. Moments are epoch seconds.

    Attributes:
        key: its partition key.
        value: as DynamoDB has it; None where the loader said that there is nothing (`NotFound`).
        encoding: how `value` is packed; None for native types.
        generation: rises with every load; None where somebody else wrote the item and gave it none.
        loaded_at: when its loading began.
        fresh_until: when it is to be refreshed.
        ttl: what Time to Live looks at: from then on it is not served. In the form with a gap, the refresh.
        call: which loader made it, with which arguments.
        load_s: how long that took.
        tags: what it can be invalidated by.
        failures: tries to refresh it that have failed since.
        error: the last one's text.
        retry_at: no reader starts another try before this.
    """

    key: str
    value: AttributeValue | None
    encoding: str | None = None
    generation: int | None
    loaded_at: float
    fresh_until: float
    ttl: float | None
    call: AttributeValue | None = None
    load_s: float = 0.0
    tags: frozenset[str] = frozenset()
    failures: int = 0
    error: str | None = None
    retry_at: float | None = None

    @property
    def absent(self) -> bool:
        """Whether it says that there is nothing."""
        return self.value is None

    def usable(self, now: float) -> bool:
        """Whether it may be served: Time to Live deletes late on AWS, so its moment is looked at here, too."""
        return self.ttl is None or now < self.ttl


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """The item whose expiry refreshes a value.

    Attributes:
        key: that of the value.
        generation: that of the value it was made for; the timer of another one is too late.
        due: when it expires.
        read_at: when somebody last read the value, as far as that was noted.
    """

    key: str
    generation: int
    due: float
    read_at: float | None = None


def value_item(names: Names, stored: Stored) -> Item:
    """A value as it is put.

    Raises:
        ValueTooLarge: DynamoDB takes no item of this size.
    """
    item: Item = {
        names.key: {"S": stored.key},
        names.generation: number(stored.generation or 0),
        names.loaded_at: number(stored.loaded_at),
        names.fresh_until: number(stored.fresh_until),
        names.load_s: number(stored.load_s),
    }
    if stored.value is None:
        item[names.absent] = {"BOOL": True}
    else:
        item[names.value] = stored.value
    if stored.ttl is not None:
        item[names.ttl] = number(stored.ttl)
    if stored.encoding is not None:
        item[names.encoding] = {"S": stored.encoding}
    if stored.call is not None:
        item[names.call] = stored.call
    if stored.tags:
        item[names.tags] = {"SS": sorted(stored.tags)}
    size_bytes = item_size(item)
    if size_bytes > MAX_ITEM_BYTES:
        remedy = (
            "it is compressed already, so return less, or split it over several keys"
            if stored.encoding is not None and ZSTD in stored.encoding
            else "return less, or have it compressed with Cache(..., compress_above='10KB')"
        )
        raise ValueTooLarge(
            f"the value of {stored.key!r} makes an item of {size_bytes:,} bytes, and DynamoDB takes "
            f"{MAX_ITEM_BYTES:,}: {remedy}"
        )
    return item


def stored_of(names: Names, item: Mapping[str, AttributeValue]) -> Stored:
    """The value that an item has."""
    ttl = number_of(item, names.ttl)
    fresh_until = number_of(item, names.fresh_until)
    if fresh_until is None:  # not ours: fresh for as long as its own Time to Live says
        fresh_until = float("inf") if ttl is None else ttl
    generation = number_of(item, names.generation)
    return Stored(
        key=item[names.key]["S"],
        value=None if names.absent in item else item.get(names.value, {"NULL": True}),
        encoding=_text(item, names.encoding),
        generation=None if generation is None else int(generation),
        loaded_at=number_of(item, names.loaded_at) or 0.0,
        fresh_until=fresh_until,
        ttl=ttl,
        call=item.get(names.call),
        load_s=number_of(item, names.load_s) or 0.0,
        tags=frozenset(item.get(names.tags, {}).get("SS", ())),
        failures=int(number_of(item, names.failures) or 0),
        error=_text(item, names.error),
        retry_at=number_of(item, names.retry_at),
    )


def timer_item(names: Names, timer: Timer) -> Item:
    """A timer as it is put."""
    item = {
        names.key: {"S": names.timer(timer.key)},
        names.ttl: number(timer.due),
        names.generation: number(timer.generation),
    }
    if timer.read_at is not None:
        item[names.read_at] = number(timer.read_at)
    return item


def number(value: float) -> AttributeValue:
    """A number as DynamoDB has it; of a moment, whole milliseconds."""
    if isinstance(value, int) or value.is_integer():
        return {"N": str(int(value))}
    return {"N": f"{value:.3f}".rstrip("0").rstrip(".")}


def number_of(item: Mapping[str, Any], name: str) -> float | None:
    """A number of an item; None if it has none of that name."""
    value = item.get(name)
    return None if value is None or "N" not in value else float(value["N"])


def _text(item: Mapping[str, Any], name: str) -> str | None:
    value = item.get(name)
    return None if value is None else value.get("S")
