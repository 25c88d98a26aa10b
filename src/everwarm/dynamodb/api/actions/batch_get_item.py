"""BatchGetItem: up to 100 items of one table or several, up to 16 MB of them; what is more is left unprocessed."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from everwarm.dynamodb.api.item_read import shown, size_of
from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.api.request_expressions import GET, Expressions
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.tables.capacity import Capacity, read_units, summed, wanted
from everwarm.dynamodb.tables.key_paths import refuse_paths_into_keys
from everwarm.dynamodb.tables.keys import Key, key_of_request
from everwarm.dynamodb.tables.read import read_json
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.values.check import normal_item
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ValidationException

MAX_KEYS = 100
MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is wanted of one table."""

    keys: list[Item]
    projection: tuple[Path, ...] | None
    consistent: bool


def run(engine: Engine, request: Request) -> Response:
    asked = request["RequestItems"]
    wishes = {name: _wish(of_table) for name, of_table in asked.items()}
    if sum(len(wish.keys) for wish in wishes.values()) > MAX_KEYS:
        raise ValidationException("Too many items requested for the BatchGetItem call")
    tables = {name: engine.tables.find(name) for name in wishes}
    keys = {name: _keys(tables[name], wish) for name, wish in wishes.items()}
    reading = _Reading(engine)
    response: Response = {"Responses": {}, "UnprocessedKeys": {}}
    for name, wish in wishes.items():
        shown_items, unread = reading.read(name, tables[name], keys[name], wish)
        response["Responses"][name] = shown_items
        if unread:
            response["UnprocessedKeys"][name] = asked[name] | {"Keys": wish.keys[-unread:]}
    if wanted(request):
        capacities = summed(reading.capacities)
        response["ConsumedCapacity"] = [one.to_wire(request["ReturnConsumedCapacity"]) for one in capacities]
    return response


def _wish(of_table: Request) -> _Wish:
    expressions = Expressions(of_table, GET)
    projection = expressions.projection()
    expressions.finish()
    keys = [normal_item(key) for key in of_table["Keys"]]
    if len({orjson.dumps(key, option=orjson.OPT_SORT_KEYS) for key in keys}) != len(keys):
        raise ValidationException("Provided list of item keys contains duplicates")
    return _Wish(keys, projection, bool(of_table.get("ConsistentRead")))


def _keys(table: Table, wish: _Wish) -> list[Key]:
    refuse_paths_into_keys(table, wish.projection or ())
    return [key_of_request(table, given) for given in wish.keys]


@dataclass(slots=True)
class _Reading:
    """The reading of a batch, up to the limit of its bytes."""

    engine: Engine
    left_bytes: int = MAX_BYTES
    capacities: list[Capacity] = field(default_factory=list)

    def read(self, name: str, table: Table, keys: list[Key], wish: _Wish) -> tuple[list[Any], int]:
        """What there is of one table's items, and how many of the last keys were not looked at.

        Args:
            name: the table's, as the request has it.
        """
        items: list[Any] = []
        for at, key in enumerate(keys):
            found = read_json(self.engine.store, table, key)
            size_bytes = size_of(found)
            if size_bytes > self.left_bytes:
                self.left_bytes = 0
                return items, len(keys) - at
            self.left_bytes -= size_bytes
            self.capacities.append(Capacity(name, read_units(size_bytes, wish.consistent)))
            if found is not None:
                items.append(shown(found, wish.projection))
        return items, 0
