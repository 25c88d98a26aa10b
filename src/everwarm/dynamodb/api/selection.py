"""What a Query or a Scan returns of the items that it finds: `Select`, projection and filter."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from everwarm.dynamodb.api.operation import Request, Response
from everwarm.dynamodb.api.request_expressions import Reading
from everwarm.dynamodb.expressions import messages
from everwarm.dynamodb.expressions.condition import Condition, holds, paths
from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.expressions.projection import project
from everwarm.dynamodb.storage.transaction import Reader
from everwarm.dynamodb.tables.access import AccessPath
from everwarm.dynamodb.tables.capacity import Capacity, consumed, read_units, wanted
from everwarm.dynamodb.tables.key_paths import refuse_paths_into_keys
from everwarm.dynamodb.tables.keys import known_key
from everwarm.dynamodb.tables.page import Page
from everwarm.dynamodb.tables.read import decode, read_json
from everwarm.dynamodb.values.sizes import item_size
from everwarm.errors import ValidationException, invalid_parameters


def check_select(request: Request) -> None:
    """
    Raises:
        ValidationException: `Select` contradicts the other parameters.
    """
    select = request.get("Select")
    projection = next((name for name in ("ProjectionExpression", "AttributesToGet") if request.get(name)), None)
    if select == "SPECIFIC_ATTRIBUTES":
        if projection is None:
            raise ValidationException(
                "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
            )
    elif select is not None and projection is not None:
        shown = "only the Count" if select == "COUNT" else select
        raise ValidationException(f"Cannot specify the {projection} when choosing to get {shown}")
    if select == "ALL_PROJECTED_ATTRIBUTES" and request.get("IndexName") is None:
        raise ValidationException("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")


@dataclass(frozen=True, slots=True)
class Selection:
    """What is shown of each item.

    Attributes:
        path: where the items are read.
        filter, projection: as in `Reading`.
        count_only: whether only their number is wanted.
        fetches: whether more is shown than the local index holds, so that each item is got from the table.
        fetched_bytes: the sizes of the items that were got.
    """

    path: AccessPath
    filter: Condition | None
    projection: tuple[Path, ...] | None
    count_only: bool
    fetches: bool
    fetched_bytes: list[int] = field(default_factory=list)

    def show(self, reader: Reader, entry_json: bytes) -> Any:
        """What the response shows of an item; None for one that the filter leaves out."""
        item_json = self.whole(reader, entry_json)
        if self.filter is not None or self.projection is not None:
            item = decode(item_json)
            if self.filter is not None and not holds(self.filter, item):
                return None
            if self.projection is not None:
                return project(self.projection, item)
        return orjson.Fragment(item_json)

    def whole(self, reader: Reader, entry_json: bytes) -> bytes:
        """All that is wanted of an item: what was read, or was got from the table if the index holds too little."""
        if not self.fetches:
            return entry_json
        found = read_json(reader, self.path.table, known_key(self.path.table, decode(entry_json)))
        assert found is not None, "the reader has items and entries of one moment"
        self.fetched_bytes.append(item_size(decode(found)))
        return found

    def respond(self, request: Request, page: Page) -> Response:
        """The response that shows a page."""
        response: Response = {"Count": page.count, "ScannedCount": page.scanned}
        if not self.count_only:
            response["Items"] = page.shown
        if page.last is not None:
            last = decode(page.last)
            response["LastEvaluatedKey"] = {name: last[name] for name in self.path.key_names}
        if wanted(request):
            response |= consumed(self._capacity(request, page), request)
        return response

    def _capacity(self, request: Request, page: Page) -> Capacity:
        consistent = bool(request.get("ConsistentRead"))
        units = read_units(page.size_bytes, consistent)
        index, name = self.path.index, self.path.table.name
        if index is None:
            return Capacity(name, units)
        fetched = sum(read_units(size_bytes, consistent) for size_bytes in self.fetched_bytes)
        return Capacity(name, fetched, {(index.kind, index.name): units})


def selection(
    request: Request, reading: Reading, path: AccessPath, *, keys_filtered: bool, filter_held: bool = False
) -> Selection:
    """What a request selects.

    Args:
        keys_filtered: whether the filter may ask about key attributes, and about what the index does not hold: a Scan's
            may, a Query's may not. Such attributes are missing then, unless the item is got from the table anyway.
        filter_held: whether what the filter asks about has to be in the index even so: a SELECT that names partitions
            filters by keys as it likes, and is a Query in the rest.

    Raises:
        ValidationException: the request wants what this index does not hold, or filters by what it may not.
    """
    refuse_paths_into_keys(path.table, reading.projection or ())
    filter_paths = [] if reading.filter is None else paths(reading.filter)
    filter_names = {str(one[0]) for one in filter_paths}
    if not keys_filtered:
        for name in path.key_schema.names:
            if name in filter_names:
                raise ValidationException(messages.filter_on_key(reading.filter_parameter, name))
    check_all_attributes(request, path)
    wants_all = request.get("Select") == "ALL_ATTRIBUTES"
    lacking = _lacking(path, {str(one[0]) for one in reading.projection or ()})
    lacking_filter = _lacking(path, filter_names)
    if path.index is not None and path.is_global and lacking:
        raise invalid_parameters(
            f"Global secondary index {path.index.name} does not project [{', '.join(sorted(lacking))}]"
        )
    if path.index is not None and lacking_filter and (filter_held or not keys_filtered):
        raise invalid_parameters(
            f"Secondary index {path.index.name} does not project one or more filter attributes: "
            f"[{', '.join(sorted(lacking_filter))}]"
        )
    refuse_paths_into_keys(path.table, filter_paths)
    partial = path.index is not None and path.index.projection.kind != "ALL"
    fetches = partial and not path.is_global and bool(wants_all or lacking)
    return Selection(path, reading.filter, reading.projection, request.get("Select") == "COUNT", fetches)


def check_all_attributes(request: Request, path: AccessPath) -> None:
    """
    Raises:
        ValidationException: all attributes are wanted of a global index that does not have them.
    """
    if path.index is None or not path.is_global or path.index.projection.kind == "ALL":
        return
    if request.get("Select") == "ALL_ATTRIBUTES":
        raise invalid_parameters(
            f"Select type ALL_ATTRIBUTES is not supported for global secondary index {path.index.name} "
            "because its projection type is not ALL"
        )


def _lacking(path: AccessPath, names: set[str]) -> set[str]:
    return {name for name in names if not path.holds(name)}
