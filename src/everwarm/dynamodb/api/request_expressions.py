"""What a request says in expressions, or in the legacy parameters from before them; never in both.

`Expressions` reads them in AWS's order: which parameters stand together; then, as it is asked, the legacy parameters,
or the names and values, and the texts. What comes out is the same for both ways of saying it: conditions, updates,
paths.

Not here: their meaning (`everwarm.dynamodb.expressions`); returned values and capacity (item_request.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from everwarm.dynamodb.api.operation import Request
from everwarm.dynamodb.expressions import messages
from everwarm.dynamodb.expressions.bind import Binder
from everwarm.dynamodb.expressions.condition import Condition
from everwarm.dynamodb.expressions.key_condition import KeyCondition
from everwarm.dynamodb.expressions.legacy_conditions import (
    attribute_filter,
    attributes_to_get,
    expected,
    legacy_key_conditions,
)
from everwarm.dynamodb.expressions.legacy_update import attribute_updates
from everwarm.dynamodb.expressions.paths import Path
from everwarm.dynamodb.expressions.update import Update
from everwarm.dynamodb.tables.key_paths import refuse_paths_into_keys
from everwarm.dynamodb.tables.schema import Table
from everwarm.errors import ValidationException


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one operation, in the order in which AWS's messages list them.

    Attributes:
        expressions: those that hold an expression.
        legacy: those from before expressions.
        values_bare: whether a complaint about a value says nothing of the parameter that it is in.
    """

    expressions: tuple[str, ...]
    legacy: tuple[str, ...] = ()
    values_bare: bool = False


MAX_TABLE_KEYS = 2
"""Attributes of a table's key; an index may have more."""

GET = Parameters(("ProjectionExpression",), ("AttributesToGet",))
PUT = Parameters(("ConditionExpression",), ("Expected", "ConditionalOperator"), values_bare=True)
DELETE = PUT
UPDATE = Parameters(
    ("UpdateExpression", "ConditionExpression"),
    ("AttributeUpdates", "Expected", "ConditionalOperator"),
    values_bare=True,
)
QUERY = Parameters(
    ("ProjectionExpression", "FilterExpression", "KeyConditionExpression"),
    ("AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"),
)
SCAN = Parameters(
    ("ProjectionExpression", "FilterExpression"),
    ("AttributesToGet", "ScanFilter", "ConditionalOperator"),
)

_ALL = frozenset(name for one in (GET, PUT, UPDATE, QUERY, SCAN) for name in (*one.expressions, *one.legacy)) | {
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
}


@dataclass(frozen=True, slots=True)
class LegacySelection:
    """What a Query or a Scan says in `QueryFilter` or `ScanFilter`, and in `AttributesToGet`."""

    filter: Condition | None
    projection: tuple[Path, ...] | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a Query or a Scan wants.

    Attributes:
        keys: the conditions on keys; empty for a Scan, and for a Query that has none at all.
        filter: what an item that was found must satisfy to be returned; None for everything.
        filter_parameter: where the filter comes from, `FilterExpression` or `QueryFilter`, for messages.
        projection: the paths to return; None for whole items.
    """

    keys: tuple[KeyCondition, ...]
    filter: Condition | None
    filter_parameter: str
    projection: tuple[Path, ...] | None


class Expressions:
    """The expressions of one request.

    Args:
        request: of the right shape.
        parameters: those of its operation.

    The constructor and every method raise `ValidationException` with AWS's text for what is wrong in the request.
    """

    __slots__ = ("_made", "_parameters", "_request")

    def __init__(self, request: Request, parameters: Parameters) -> None:
        self._request = request
        self._parameters = parameters
        self._made: Binder | None = None
        if _ALL.isdisjoint(request):
            return  # most reads and many writes, which should not pay for what they do not say
        texts = [name for name in parameters.expressions if request.get(name) is not None]
        if texts and not request.keys().isdisjoint(parameters.legacy):
            _refuse_mixture(request, texts, parameters)
        if request.get("ExpressionAttributeNames") is not None and not texts:
            raise ValidationException("ExpressionAttributeNames can only be specified when using expressions")
        # A projection has no values.
        values = self._given_values() is not None
        if values and texts in ([], ["ProjectionExpression"]):
            raise _values_without_expressions(parameters)

    @property
    def _binder(self) -> Binder:
        """AWS looks at names and values right before the texts; keys and items come first."""
        if self._made is None:
            request = self._request
            names, bare = request.get("ExpressionAttributeNames"), self._parameters.values_bare
            self._made = Binder(names, self._given_values(), values_bare=bare)
        return self._made

    def _given_values(self) -> dict[str, Any] | None:
        # The shapes of reads by key do not know them, and what a shape does not know is passed over.
        return None if self._parameters is GET else self._request.get("ExpressionAttributeValues")

    def update(self) -> Update | None:
        """`UpdateExpression` or `AttributeUpdates`; None where there is neither."""
        text, legacy = self._request.get("UpdateExpression"), self._request.get("AttributeUpdates")
        if legacy is not None:
            return attribute_updates(legacy)
        return None if text is None else self._binder.update(text)

    def condition(self) -> Condition | None:
        """`ConditionExpression` or `Expected`."""
        text = self._request.get("ConditionExpression")
        if text is not None:
            return self._binder.condition(text)
        legacy, operator = self._request.get("Expected"), self._request.get("ConditionalOperator")
        return None if legacy is None and operator is None else expected(legacy or {}, operator)

    def projection(self) -> tuple[Path, ...] | None:
        """`ProjectionExpression` or `AttributesToGet`."""
        text = self._request.get("ProjectionExpression")
        return self._attributes_to_get() if text is None else self._binder.projection(text)

    def finish(self) -> None:
        """Close the request: names and values that were not used are refused."""
        # Without expressions there are neither.
        if self._made is not None:
            self._made.finish()

    def check_paths(self, table: Table) -> None:
        """Refuse paths that lead into a key of the table."""
        if self._made is not None and self._made.inner_paths:
            refuse_paths_into_keys(table, self._made.inner_paths)

    def query_selection(self) -> LegacySelection:
        """What a Query says in legacy parameters, its key conditions aside."""
        condition = self._legacy_filter("QueryFilter")
        return LegacySelection(condition, self._attributes_to_get())

    def scan_selection(self) -> LegacySelection:
        """What a Scan says in legacy parameters."""
        projection = self._attributes_to_get()
        return LegacySelection(self._legacy_filter("ScanFilter"), projection)

    def query(self, legacy: LegacySelection) -> Reading:
        """All that a Query says, closed as by `finish`; conditions on keys are required.

        Args:
            legacy: what `query_selection` gave. AWS looks at the starting key between the two.
        """
        request = self._request
        text, legacy_keys = request.get("KeyConditionExpression"), request.get("KeyConditions")
        if text is None and legacy_keys is None:
            raise ValidationException(messages.KEY_CONDITIONS_MISSING)
        bound_keys = None if text is None else self._binder.key_condition(text)
        condition, projection = self._selection_texts()
        self.finish()
        keys = bound_keys() if bound_keys is not None else legacy_key_conditions(legacy_keys or {})
        if not keys or (len(keys) > MAX_TABLE_KEYS and request.get("IndexName") is None):
            raise ValidationException(messages.KEY_CONDITION_COUNT)
        parameter = "QueryFilter" if condition is None else "FilterExpression"
        return Reading(keys, condition or legacy.filter, parameter, projection or legacy.projection)

    def scan(self, legacy: LegacySelection) -> Reading:
        """All that a Scan says, closed as by `finish`.

        Args:
            legacy: what `scan_selection` gave. AWS looks at starting key and segment between the two.
        """
        condition, projection = self._selection_texts()
        self.finish()
        parameter = "ScanFilter" if condition is None else "FilterExpression"
        return Reading((), condition or legacy.filter, parameter, projection or legacy.projection)

    def _selection_texts(self) -> tuple[Condition | None, tuple[Path, ...] | None]:
        text = self._request.get("FilterExpression")
        condition = None if text is None else self._binder.condition(text, "FilterExpression")
        text = self._request.get("ProjectionExpression")
        return condition, None if text is None else self._binder.projection(text)

    def _legacy_filter(self, parameter: str) -> Condition | None:
        return attribute_filter(self._request.get(parameter) or {}, self._request.get("ConditionalOperator"))

    def _attributes_to_get(self) -> tuple[Path, ...] | None:
        names = self._request.get("AttributesToGet")
        return None if names is None else attributes_to_get(names)


def _refuse_mixture(request: Request, texts: list[str], parameters: Parameters) -> None:
    legacy = [name for name in parameters.legacy if request.get(name) is not None]
    # KeyConditions goes with every expression but its own successor.
    if "KeyConditions" in legacy and "KeyConditionExpression" not in texts:
        legacy.remove("KeyConditions")
    if legacy:
        raise ValidationException(messages.mixed(legacy, texts))


def refuse_mixture_of_tables(asked: Iterable[Request]) -> None:
    """Refuse parameters from before expressions for one table of a batch, expressions for another one.

    Raises:
        ValidationException: both are there.
    """
    given = frozenset().union(*asked)
    texts, legacy = ([name for name in names if name in given] for names in (GET.expressions, GET.legacy))
    if texts and legacy:
        raise ValidationException(messages.mixed(legacy, texts))


def _values_without_expressions(parameters: Parameters) -> ValidationException:
    missed = [name for name in parameters.expressions if name != "ProjectionExpression"]
    verb = "is" if len(missed) == 1 else "are"
    return ValidationException(
        f"ExpressionAttributeValues can only be specified when using expressions: {' and '.join(missed)} {verb} null"
    )
