"""Several steps that are taken all or none, and why they were not: the reasons of a cancelled transaction.

That nothing stays behind is the store's doing: the steps run in one of its transactions, which ends with the error.
Not here: what is idempotent about a transaction (tokens.py); its request (`api/actions/transact_write_items.py`).
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from everwarm.errors import (
    ApiError,
    ConditionalCheckFailedException,
    DuplicateItemException,
    ItemCollectionSizeLimitExceededException,
    PlainValidationException,
    TransactionCanceledException,
    ValidationException,
)

MAX_BYTES = 4 * 1024 * 1024
RESPONSE_TOO_LARGE = "Payload in response is too large."
SAME_ITEM = "Transaction request cannot include multiple operations on one item"

_CODES: dict[type[ApiError], str] = {
    ConditionalCheckFailedException: "ConditionalCheckFailed",
    DuplicateItemException: "DuplicateItem",
    ItemCollectionSizeLimitExceededException: "ItemCollectionSizeLimitExceeded",
    PlainValidationException: "ValidationError",
    ValidationException: "ValidationError",
}
"""What cancels a transaction and is told as a reason. Other errors refuse the whole request."""

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
        except ApiError as err:
            if type(err) not in _CODES:
                raise
            reasons.append({"Code": _CODES[type(err)], "Message": err.message, **err.members})
    if len(results) < len(reasons):
        raise _cancelled(reasons)
    return results


def _cancelled(reasons: list[dict[str, Any]]) -> TransactionCanceledException:
    codes = ", ".join(reason["Code"] for reason in reasons)
    return TransactionCanceledException(
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )
