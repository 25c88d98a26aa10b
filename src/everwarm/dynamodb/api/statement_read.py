"""SELECT: a page of items by way of the keys that its WHERE clause names, or of all items."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.api.read_request import read_from
from everwarm.dynamodb.api.request_expressions import Reading
from everwarm.dynamodb.api.selection import Selection, selection
from everwarm.dynamodb.api.statements import Prepared, selected
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.expressions.condition import holds
from everwarm.dynamodb.partiql import messages
from everwarm.dynamodb.partiql.binding import bind_where
from everwarm.dynamodb.partiql.keys import names_key_alone, one_key
from everwarm.dynamodb.partiql.next_token import last_key, next_token
from everwarm.dynamodb.partiql.ranges import Ranges, Stretch, check_order, ranges
from everwarm.dynamodb.partiql.tree import Select
from everwarm.dynamodb.storage.changes import Pair
from everwarm.dynamodb.storage.transaction import Reader
from everwarm.dynamodb.tables.access import access_path
from everwarm.dynamodb.tables.capacity import Capacity, read_units, wanted
from everwarm.dynamodb.tables.keys import Key
from everwarm.dynamodb.tables.page import Page, read_page
from everwarm.dynamodb.tables.read import decode
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.tables.start_key import scan_start
from everwarm.dynamodb.values.sizes import item_size
from everwarm.errors import ValidationException


def read(engine: Engine, prepared: Prepared, select: Select, request: Request) -> Response:
    """Answer an ExecuteStatement that reads.

    Raises:
        ResourceNotFoundException: there is no such table.
        ValidationException: the statement does not fit its table.
    """
    where = None if select.where is None else bind_where(select.where, prepared.parameters)
    table = engine.tables.find(select.table)
    if select.index is not None and table.index(select.index) is None:
        raise ValidationException(messages.NO_INDEX)  # Query names the index
    path = access_path(table, select.index, bool(request.get("ConsistentRead")))
    wanted_ranges = ranges(path, select, where)
    reading = Reading((), None if where is None else where.condition, "FilterExpression", select.paths)
    chosen = selection({}, reading, path, keys_filtered=True, filter_held=wanted_ranges.keyed)
    if (token := request.get("NextToken")) is not None:
        last = last_key(token, prepared.text, prepared.parameters)
        wanted_ranges = _behind(wanted_ranges, scan_start(path, last))
    reader = read_from(engine, chosen)

    def show(entry_json: bytes) -> Any:
        item_json = chosen.whole(reader, entry_json)
        item = decode(item_json)
        if where is not None and not holds(where.condition, item):
            return None
        return selected(select.paths, item_json, item)

    counts: list[int] = []
    page = read_page(_pairs(reader, wanted_ranges, counts), request.get("Limit"), show)
    return _response(request, prepared, select, chosen, counts, page)


def _behind(found: Ranges, place: bytes) -> Ranges:
    """What is left behind a place."""
    for at, (start, end) in enumerate(found.stretches):
        if start <= place < end:
            # A key's bytes with one more behind them are the first that come after it.
            rest: Stretch = (start, place) if found.backwards else (place + b"\x00", end)
            return replace(found, stretches=(rest, *found.stretches[at + 1 :]))
    return replace(found, stretches=())


def _pairs(reader: Reader, found: Ranges, counts: list[int]) -> Iterator[Pair]:
    """What lies in the ranges; how much is taken of each that is come to goes into `counts`."""
    for start, end in found.stretches:
        counts.append(0)
        for pair in reader.scan(start, end, reverse=found.backwards):
            counts[-1] += 1
            yield pair


def _response(
    request: Request, prepared: Prepared, select: Select, chosen: Selection, counts: list[int], page: Page
) -> Response:
    response: Response = {"Items": page.shown}
    if page.last is not None:
        item = decode(page.last)
        last = {name: item[name] for name in chosen.path.key_names}
        response["LastEvaluatedKey"] = last
        response["NextToken"] = next_token(prepared.text, prepared.parameters, last)
    if wanted(request):
        capacity = _capacity(request, chosen, counts, page).named(select.table)
        response["ConsumedCapacity"] = capacity.to_wire(request["ReturnConsumedCapacity"])
    return response


def _capacity(request: Request, chosen: Selection, counts: list[int], page: Page) -> Capacity:
    """Each stretch is a read of its own, and is rounded up."""
    consistent = bool(request.get("ConsistentRead"))
    sizes_bytes = iter([item_size(decode(item_json)) for item_json in page.looked_at])
    units = sum(read_units(sum(islice(sizes_bytes, count)), consistent) for count in counts or [0])
    table, index = chosen.path.table, chosen.path.index
    if index is None:
        return Capacity(table.name, units)
    fetched = sum(read_units(size_bytes, consistent) for size_bytes in chosen.fetched_bytes)
    return Capacity(table.name, fetched, {(index.kind, index.name): units})


@dataclass(frozen=True, slots=True)
class SingleRead:
    """A SELECT of the one item of a key, as batches and transactions have them."""

    select: Select
    table: Table
    key: Key

    def show(self, item_json: bytes | None) -> Response:
        """The response's members for what was found."""
        if item_json is None:
            return {}
        return {"Item": selected(self.select.paths, item_json, decode(item_json))}

    def capacity(self, item_json: bytes | None, *, consistent: bool) -> Capacity:
        """What it consumes to find that."""
        size_bytes = 0 if item_json is None else item_size(decode(item_json))
        return Capacity(self.select.table, read_units(size_bytes, consistent))


def single_read(engine: Engine, prepared: Prepared, select: Select) -> Callable[[], SingleRead] | None:
    """The read of one item; None for a SELECT that does not name one whole key of a table, and nothing else.

    Raises:
        ResourceNotFoundException: there is no such table.
        ValidationException: the statement means nothing; or, when what is returned is called, its key is no key of the
            table.
    """
    where = None if select.where is None else bind_where(select.where, prepared.parameters)
    table = engine.tables.find(select.table)
    check_order(access_path(table, None), select, where)
    if where is None or select.index is not None or not names_key_alone(table.key_schema, where):
        return None
    return lambda: SingleRead(select, table, one_key(table, where))
