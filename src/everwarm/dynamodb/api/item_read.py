"""What the reads of items by their keys have in common: what is shown of an item, and what it counts."""

from typing import Any

import orjson

from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.expressions.projection import project
from everwarm.dynamodb.tables.read import decode
from everwarm.dynamodb.values.sizes import item_size


def shown(item_json: bytes, projection: tuple[Path, ...] | None) -> Any:
    """An item in a response. Read whole, it goes from disk to socket as it is."""
    return orjson.Fragment(item_json) if projection is None else project(projection, decode(item_json))


def size_of(item_json: bytes | None) -> int:
    """The bytes of an item as AWS counts them; 0 where there is none."""
    return 0 if item_json is None else item_size(decode(item_json))
