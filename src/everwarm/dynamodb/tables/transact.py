"""Several steps that are taken all or none, and why they were not: the reasons of a cancelled transaction.

That nothing stays behind is the store's doing: the steps run in one of its transactions, which ends with the error.
Not here: what is idempotent about a transaction (tokens.py); its request (`api/actions/transact_write_items.py`).
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from everwarm.dynamodb.tables.index_keys import check_index_value
from everwarm.dynamodb.tables.keys import HASH_LIMIT, check_key_value
from everwarm.dynamodb.tables.schema import Table
from everwarm.dynamodb.values.types import Item
from everwarm.errors import (
    ApiError,
    ConditionalCheckFailedException,
    ItemCollectionSizeLimitExceededException,
    TransactionCanceledException,
    ValidationException,
)

MAX_ACTIONS = 100
MAX_BYTES = 4 * 1024 * 1024
SAME_ITEM = "Transaction request cannot include multiple operations on one item"

_CODES: dict[type[ApiError], str] = {
    ConditionalCheckFailedException: "ConditionalCheckFailed",
    ItemCollectionSizeLimitExceededException: "ItemCollectionSizeLimitExceeded",
    ValidationException: "ValidationError",
}
"""What cancels a transaction and is told as a reason. Other errors are the whole request's."""

T = TypeVar("T")


def all_or_none(steps: Iterable[Callable[[], T]]) -> list[T]:
    """Take every step, also behind one that fails: each has a reason of its own. What they returned, in order.

    Raises:
        TransactionCanceledException: at least one failed.
    """
    results: list[T] = []
    reasons: list[dict[str, Any]] = []
    for step in steps:
        try:
            results.append(step())
            reasons.append({"Code": "None"})
        except tuple(_CODES) as err:
            reasons.append({"Code": _CODES[type(err)], "Message": err.message, **err.members})
    if len(results) < len(reasons):
        raise cancelled(reasons)
    return results


def cancelled(reasons: list[dict[str, Any]]) -> TransactionCanceledException:
    """The error with the reasons of each action, in the request's order."""
    codes = ", ".join(reason["Code"] for reason in reasons)
    return TransactionCanceledException(
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )


def refuse_empty_keys(table: Table, attributes: Item) -> None:
    """Refuse a request for the empty keys of an action; keys that are wrong otherwise cancel the transaction.

    Raises:
        ValidationException: a key of the table or of an index is an empty string or binary.
    """
    for part in table.key_schema.parts:
        value = attributes.get(part.name, {})
        if value.get(part.tag) == "":
            check_key_value(part, value, HASH_LIMIT)
    for index in table.indexes:
        for part in index.key_schema.parts:
            value = attributes.get(part.name, {})
            if value.get(part.tag) == "":
                check_index_value(index, part, value, HASH_LIMIT)
