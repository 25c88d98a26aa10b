"""TransactGetItems: up to 100 items as they are at one moment."""

from functools import partial

from everwarm.dynamodb.api.item_read import shown, size_of
from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.api.request_expressions import GET, Expressions
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.tables.capacity import Capacity, Kind, consumed_in_transaction, read_units, wanted
from everwarm.dynamodb.tables.key_paths import refuse_paths_into_keys
from everwarm.dynamodb.tables.keys import Key, key_of_request
from everwarm.dynamodb.tables.read import read_json
from everwarm.dynamodb.tables.transact import MAX_BYTES, RESPONSE_TOO_LARGE, SAME_ITEM, all_or_none
from everwarm.dynamodb.values.check import normal_item
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ValidationException


def run(engine: Engine, request: Request) -> Response:
    gets = [element["Get"] for element in request["TransactItems"]]
    wishes = [_wish(get) for get in gets]
    tables = [engine.tables.find(get["TableName"]) for get in gets]
    for table, (_, projection) in zip(tables, wishes, strict=True):
        refuse_paths_into_keys(table, projection or ())
    keys: list[Key] = all_or_none(
        partial(key_of_request, table, given) for table, (given, _) in zip(tables, wishes, strict=True)
    )
    if len({(table.number, key.encoded) for table, key in zip(tables, keys, strict=True)}) != len(keys):
        raise ValidationException(SAME_ITEM)
    snapshot = engine.store.snapshot()
    found = [read_json(snapshot, table, key) for table, key in zip(tables, keys, strict=True)]
    _check_size(found)
    response: Response = {
        "Responses": [
            _response(item_json, projection) for item_json, (_, projection) in zip(found, wishes, strict=True)
        ]
    }
    if wanted(request):
        capacities = [
            Capacity(get["TableName"], read_units(size_of(item_json), consistent=True))
            for get, item_json in zip(gets, found, strict=True)
        ]
        response |= consumed_in_transaction(request, capacities, Kind.READ)
    return response


def _wish(get: Request) -> tuple[Item, tuple[Path, ...] | None]:
    """Key and projection of one element."""
    # The single operation has a parameter more.
    expressions = Expressions({name: value for name, value in get.items() if name != "AttributesToGet"}, GET)
    given = normal_item(get["Key"])
    projection = expressions.projection()
    expressions.finish()
    return given, projection


def _response(item_json: bytes | None, projection: tuple[Path, ...] | None) -> Response:
    """One element of the response; an item of which nothing is left to show is as if it were not there."""
    item = None if item_json is None else shown(item_json, projection)
    return {"Item": item} if item else {}


def _check_size(found: list[bytes | None]) -> None:
    # As JSON an item has more bytes than it counts, so there is seldom anything to be counted.
    if sum(len(item_json or b"") for item_json in found) > MAX_BYTES and sum(map(size_of, found)) > MAX_BYTES:
        raise ValidationException(RESPONSE_TOO_LARGE)
