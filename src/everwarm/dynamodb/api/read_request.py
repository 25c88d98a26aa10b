"""What Query and Scan have in common: where they read, and from which key on."""

from everwarm.dynamodb.api.operation import Request
from everwarm.dynamodb.api.selection import Selection
from everwarm.dynamodb.engine import Engine
from everwarm.dynamodb.storage.transaction import Reader
from everwarm.dynamodb.tables.access import AccessPath, access_path
from everwarm.dynamodb.tables.start_key import INVALID
from everwarm.dynamodb.values.check import normal_item
from everwarm.dynamodb.values.types import Item
from everwarm.errors import ValidationException

# AWS puts its usual beginning before some faults of a starting key's values, and not before these.
_UNPREFIXED = ("contains duplicates", "number set", "numeric value", "significant digits", "with magnitude")


def starting_key(request: Request) -> Item | None:
    """The request's `ExclusiveStartKey`, its values checked.

    Raises:
        ValidationException: one of its values is none.
    """
    given = request.get("ExclusiveStartKey")
    if given is None:
        return None
    try:
        return normal_item(given)
    except ValidationException as err:
        if any(words in err.message for words in _UNPREFIXED):
            raise
        raise ValidationException(f"{INVALID}: {err.message}") from None


def find_path(engine: Engine, request: Request) -> AccessPath:
    """The table or index that a request reads.

    Raises:
        ResourceNotFoundException: there is no such table.
        ValidationException: there is no such index, or it cannot be read consistently.
    """
    consistent = bool(request.get("ConsistentRead"))
    return access_path(engine.tables.find(request["TableName"]), request.get("IndexName"), consistent)


def read_from(engine: Engine, selected: Selection) -> Reader:
    """What to read from: items that are got by way of an index have to be as they were when the index was read."""
    return engine.store.snapshot() if selected.fetches else engine.store
