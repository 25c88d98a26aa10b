"""BatchGetItem: up to 100 items of one table or several, up to 16 MB of them; what is more is left unprocessed."""

from dataclasses import dataclass
from itertools import accumulate

import orjson

from everwarm.dynamodb.api.item_read import shown, size_of
from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.api.request_expressions import GET, Expressions, refuse_mixture_of_tables
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.tables.capacity import Capacity, read_units, summed, wanted
from everwarm.dynamodb.tables.key_paths import refuse_paths_into_keys
from everwarm.dynamodb.tables.keys import TWICE_IN_BATCH, Key, key_of_request
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
    refuse_mixture_of_tables(asked.values())
    wishes = {name: _wish(of_table) for name, of_table in asked.items()}
    if sum(len(wish.keys) for wish in wishes.values()) > MAX_KEYS:
        raise ValidationException("Too many items requested for the BatchGetItem call")
    tables = {name: engine.tables.find(name) for name in wishes}
    keys = {name: _keys(tables[name], wish) for name, wish in wishes.items()}
    found = [(name, read_json(engine.store, tables[name], key)) for name in wishes for key in keys[name]]
    # As JSON an item has more bytes than it counts, so most batches need no counting.
    counted = wanted(request) or sum(len(item_json or b"") for _, item_json in found) > MAX_BYTES
    sizes_bytes = [size_of(item_json) for _, item_json in found] if counted else []
    fitting = _how_many_fit(sizes_bytes) if counted else len(found)
    response: Response = {
        "Responses": {name: [] for name in wishes},
        "UnprocessedKeys": _unprocessed(asked, wishes, fitting),
    }
    for name, item_json in found[:fitting]:
        if item_json is not None:
            response["Responses"][name].append(shown(item_json, wishes[name].projection))
    if wanted(request):
        capacities = summed(
            Capacity(name, read_units(size_bytes, wishes[name].consistent))
            for (name, _), size_bytes in zip(found[:fitting], sizes_bytes[:fitting], strict=True)
        )
        response["ConsumedCapacity"] = [one.to_wire(request["ReturnConsumedCapacity"]) for one in capacities]
    return response


def _how_many_fit(sizes_bytes: list[int]) -> int:
    """How many of the first items a response has room for."""
    return sum(total_bytes <= MAX_BYTES for total_bytes in accumulate(sizes_bytes))


def _unprocessed(asked: Request, wishes: dict[str, _Wish], fitting: int) -> Request:
    """What to ask again: the request without its first keys."""
    again: Request = {}
    for name, wish in wishes.items():
        keys = wish.keys[fitting:]
        fitting = max(0, fitting - len(wish.keys))
        if keys:
            again[name] = asked[name] | {"Keys": keys}
    return again


def _wish(of_table: Request) -> _Wish:
    expressions = Expressions(of_table, GET)
    projection = expressions.projection()
    expressions.finish()
    keys = [normal_item(key) for key in of_table["Keys"]]
    if len({orjson.dumps(key, option=orjson.OPT_SORT_KEYS) for key in keys}) != len(keys):
        raise ValidationException(TWICE_IN_BATCH)
    return _Wish(keys, projection, bool(of_table.get("ConsistentRead")))


def _keys(table: Table, wish: _Wish) -> list[Key]:
    refuse_paths_into_keys(table, wish.projection or ())
    return [key_of_request(table, given) for given in wish.keys]
